/*
 * The skeleton of a text: its brackets with their partners, its strings and its comments, in the order of the text.
 * Made in one pass, in time linear in the text, for sound and for broken code alike: what cannot be paired has no
 * partner. Pure.
 */
#ifndef BELAY_EDIT_LEX_H
#define BELAY_EDIT_LEX_H

#include "edit/language.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MARK_NONE UINT32_MAX
#define LEX_MAX (UINT32_MAX - 16) /* bytes of a text */

enum mark_kind {
	MARK_OPEN,
	MARK_CLOSE,
	MARK_STRING,  /* from the first quote to the last one; never overlaps another mark */
	MARK_COMMENT, /* a line comment ends before the line's end */
	MARK_END      /* one, the last, at the text's end */
};

/*
 * Besides the brackets two invisible pairs group text: type '`' around a string that has code in it (its pieces are
 * MARK_STRING, the code stands between brackets), and type '#' around a preprocessor line. They are 0 bytes wide.
 */
struct mark {
	uint32_t at, end; /* bytes */
	uint32_t partner; /* of OPEN and CLOSE: index of the other one, or MARK_NONE */
	uint32_t up;      /* index of the OPEN that this stands in, or MARK_NONE; for CLOSE that of its own OPEN */
	uint8_t kind;
	char type;        /* OPEN and CLOSE: '(' '[' '{' '`' '#' */
};

struct lexed {
	struct mark *mark; /* owned */
	size_t n_marks;    /* with the MARK_END */
	size_t cap_marks;
	bool is_broken;    /* something is not closed, or closed without being open */
	size_t broken_at;  /* the first such place */
};

void lex_text(struct lexed *out, const struct language *language, const char *text, size_t n);
void lexed_release(struct lexed *lexed);

bool mark_is_raw(const struct mark *mark); /* a string or a comment */

#endif
