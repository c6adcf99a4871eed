/*
 * A rewrite's pattern as the matcher reads it: a row of parts, made for each language, since what is a string or a
 * comment differs. Internal to rewrite. Pure.
 */
#ifndef BELAY_EDIT_REWRITE_PATTERN_H
#define BELAY_EDIT_REWRITE_PATTERN_H

#include "base/buf.h"
#include "base/err.h"
#include "edit/lex.h"

#include <stdbool.h>
#include <stddef.h>

#define MAX_HOLES 32
#define MAX_PATTERN (64 * 1024)

enum part_kind {
	PART_TEXT,        /* these bytes */
	PART_SPACE,       /* white space, where it means nothing possibly none */
	PART_WORD,        /* :[x:w] */
	PART_LINE,        /* :[x:l] */
	PART_SAME,        /* a hole's second time: the same text */
	PART_ENTER,       /* a string or comment begins here */
	PART_LEAVE,       /* and ends here */
	PART_GROUP_OPEN,  /* a string with code in it begins ... */
	PART_GROUP_CLOSE, /* ... and ends */
	PART_ANY,         /* :[x] */
	PART_EXPRESSION   /* :[x:e] */
};

struct part {
	enum part_kind kind;
	const char *text;    /* PART_TEXT: borrowed from the form */
	size_t n;
	int hole;            /* index of its name */
	bool on_line;        /* PART_SPACE: on one line, before the rest of that line */
	enum mark_kind mark; /* PART_ENTER */
};

/* The pattern in one language. */
struct form {
	bool fits;           /* false: as this language reads it, the pattern is not whole, so it matches nothing */
	struct part *part;   /* owned */
	size_t n_parts, cap_parts;
	char *plain;         /* owned; the pattern with one byte for each hole */
	size_t longest;      /* the part with the longest text; n_parts when there is none */
	bool repeats;        /* has a PART_SAME */
	bool begins_word, ends_word; /* must stand at word bounds */
};

/* A hole as it stands in a pattern or a replacement. */
struct hole {
	size_t at;     /* in the plain text: where its byte stands */
	size_t source; /* in the text as it was given */
	char type;     /* 'w', 'e', 'l', or 0 */
	int name;      /* index */
	bool again;    /* not the first of its name */
};

struct holes {
	char *name[MAX_HOLES]; /* owned */
	char type[MAX_HOLES];  /* of the first of each name */
	int n_names;
};

/* A text with holes, taken apart: plain text with the byte HOLE_BYTE for each hole. */
struct holed {
	const char *source;
	struct buf plain;
	struct hole *hole; /* owned */
	size_t n_holes, cap_holes;
};

#define HOLE_BYTE '\1'

/* `names` collects the names; with `known` set, a name that is not there yet is an error (replacements). */
int holed_parse(struct holed *out, const char *source, struct holes *names, bool known, struct err *err) MUST_CHECK;
void holed_release(struct holed *holed);

/* "column 7", or "line 2, column 7". */
void holed_place(const char *source, size_t at, char out[64]);

bool part_is_elastic(const struct part *part);

/* Makes the form for a language. When the pattern does not fit, *err (may be NULL) says why. */
void form_make(struct form *out, const struct holed *pattern, const struct language *language, struct err *err);
void form_release(struct form *form);

#endif
