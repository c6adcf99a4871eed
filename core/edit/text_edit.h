/*
 * Edits of a text by places as language servers give them: lines and UTF-16 units from 0 (Language Server Protocol 3.17,
 * "Position", "TextEdit"). A column behind the line's end is its end. Pure.
 */
#ifndef BELAY_EDIT_TEXT_EDIT_H
#define BELAY_EDIT_TEXT_EDIT_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

struct text_place {
	int64_t line, unit;
};

struct text_edit {
	struct text_place from, to;
	char *text; /* that stands there afterwards */
	size_t n;
	size_t start, end; /* bytes; filled by text_edits_apply */
};

/* Byte of a place; -1 when the text has no such line. */
int64_t text_place_find(const char *text, size_t n, struct text_place place);
struct text_place text_place_of(const char *text, size_t n, size_t byte);

/* Sorts the edits. -1 when they overlap, or are no places of the text; out is then left as it was. */
int text_edits_apply(const char *text, size_t n, struct text_edit *edit, size_t n_edits, struct buf *out,
                     struct err *err) MUST_CHECK;

#endif
