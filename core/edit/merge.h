/*
 * Three-way merge of texts by lines: what two sides made of one base, as one. Line ends are bytes of their lines. Pure;
 * any thread.
 */
#ifndef BELAY_EDIT_MERGE_H
#define BELAY_EDIT_MERGE_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>

struct merge_text {
	const char *data;
	size_t n; /* bytes */
};

struct merge_sides {
	struct merge_text base, ours, theirs;
};

/* Appends the merged text. False, with nothing appended, when both sides changed the same lines, or lines that touch, in
 * different ways, or when one of them is no text (it holds a NUL). */
bool merge_lines(const struct merge_sides *sides, struct buf *out);

#endif
