/*
 * What the structural tools have to know of a language: how its strings, comments and words look. One row a language;
 * the path's ending chooses it, and what no row names is plain text, which has brackets but no strings. Pure.
 */
#ifndef BELAY_EDIT_LANGUAGE_H
#define BELAY_EDIT_LANGUAGE_H

#include <stdbool.h>
#include <stddef.h>

enum language_flags {
	LANG_SLASHES = 1 << 0,        /* // and slash-star comments */
	LANG_BLOCK_ONLY = 1 << 1,     /* slash-star comments only */
	LANG_NESTED = 1 << 2,         /* slash-star comments nest */
	LANG_HASH = 1 << 3,           /* # begins a comment anywhere */
	LANG_HASH_WORD = 1 << 4,      /* # begins a comment where a word could begin */
	LANG_DASHES = 1 << 5,         /* -- begins a comment */
	LANG_DIRECTIVES = 1 << 6,     /* lines that begin with # are the preprocessor's */
	LANG_DOUBLE = 1 << 7,         /* "..." on one line */
	LANG_DOUBLE_LINES = 1 << 8,   /* "..." over lines */
	LANG_SINGLE = 1 << 9,         /* '...' on one line; characters too */
	LANG_SINGLE_RAW = 1 << 10,    /* '...' over lines, without escapes */
	LANG_LIFETIMES = 1 << 11,     /* 'a' is a character, 'a a lifetime */
	LANG_TRIPLE_DOUBLE = 1 << 12, /* """...""" */
	LANG_TRIPLE_SINGLE = 1 << 13, /* three single quotes */
	LANG_RAW_CPP = 1 << 14,       /* R"x(...)x" */
	LANG_RAW_RUST = 1 << 15,      /* r#"..."# */
	LANG_BACKTICK_RAW = 1 << 16,  /* `...` without escapes */
	LANG_TEMPLATE = 1 << 17,      /* `...${code}...` */
	LANG_REGEX = 1 << 18,         /* /.../ where a value may stand */
	LANG_FSTRINGS = 1 << 19,      /* f"...{code}..." */
	LANG_VERBATIM = 1 << 20,      /* @"..." with doubled quotes */
	LANG_DOLLAR_BRACES = 1 << 21, /* "...${code}..." */
	LANG_SUBSTITUTES = 1 << 22,   /* "...$(code)...${code}..." */
	LANG_HERE = 1 << 23,          /* <<WORD ... WORD */
	LANG_SCALARS = 1 << 24,       /* quotes only where a value begins; '' inside is a quote */
	LANG_FREE_SPACE = 1 << 25,    /* white space next to a separator means nothing */
	LANG_LINES = 1 << 26,         /* a line's end may end a statement */
	LANG_DOLLAR_WORD = 1 << 27    /* $ is a letter */
};

struct language {
	const char *name;
	unsigned flags;
	const char *endings; /* " c h " and whole names */
};

#define N_LANGUAGES 20

extern const struct language languages[N_LANGUAGES];

/* Index into languages[]. */
size_t language_of_path(const char *path);

bool language_is_word(const struct language *language, char c);
bool language_is_space(char c);

#endif
