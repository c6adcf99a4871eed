/* Where a string ends: the part of lex.c that knows quotes. Internal to the lexer. */
#ifndef BELAY_EDIT_LEX_QUOTE_H
#define BELAY_EDIT_LEX_QUOTE_H

#include "edit/language.h"

#include <stdbool.h>
#include <stddef.h>

enum interpolation { CODE_NONE, CODE_DOLLAR_BRACE, CODE_BRACE, CODE_SHELL };

/* How a string that has begun goes on. */
struct quote {
	char c;              /* what closes it ... */
	unsigned char count; /* ... this many times in a row */
	bool lines;          /* may go over lines */
	bool escapes;        /* a backslash takes the next character with it */
	bool doubled;        /* the closing character twice stands for itself */
	enum interpolation code;
};

enum quote_end { QUOTE_CLOSED, QUOTE_CODE, QUOTE_OPEN };

struct text {
	const struct language *language;
	const char *s;
	size_t n;
};

/* Scans a string's text from `at`; *end gets the place behind the quote, of the code's bracket, or where it broke off. */
enum quote_end quote_scan(const struct quote *quote, const struct text *text, size_t at, size_t *end);

/* The quote that begins at `at`, by the language and what stands before it; false when it is none. */
bool quote_begin(struct quote *out, const struct text *text, size_t at);

/* Ends of strings that carry their own delimiter; 0 when none begins at this double quote. *open: it is not closed. */
size_t quote_raw_cpp(const struct text *text, size_t at, bool *open);
size_t quote_raw_rust(const struct text *text, size_t at, bool *open);

/* The end of a regular expression that begins at this slash, or 0. */
size_t quote_regex(const struct text *text, size_t at);

#endif
