/*
 * An edit block that leaves lines out on both sides: a line of nothing but "..." in its search text stands for lines of
 * the file that stay as they are, and one in its replacement for the same lines again. What is between them is edited
 * piece by piece. Pure.
 */
#ifndef BELAY_EDIT_ELIDE_H
#define BELAY_EDIT_ELIDE_H

#include "edit/answer.h"

#include <stdbool.h>
#include <stddef.h>

struct elide {
	struct edit_block *piece; /* owned; search and replace are borrowed parts of the block's */
	size_t n_pieces;          /* those with a search text, in the order of the file */
};

/* False, and nothing to release, when nothing is left out, or not the same number of times on both sides. */
bool elide_read(struct elide *out, const struct edit_block *block);
void elide_release(struct elide *elide);

#endif
