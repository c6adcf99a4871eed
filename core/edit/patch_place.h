/* Where the hunks of a patch stand in a file. Internal to patch. Pure. */
#ifndef BELAY_EDIT_PATCH_PLACE_H
#define BELAY_EDIT_PATCH_PLACE_H

#include "edit/patch_read.h"
#include "edit/textdiff.h"

struct line_table;

/* A file that hunks are placed in, one after the other from the top. */
struct placing {
	const char *text;
	struct line_index index;  /* owned */
	const struct patch_text *patch;
	size_t from;              /* the first line that is free for the next hunk, from 0 */
	bool moved;               /* a hunk stood elsewhere than its numbers say: the next numbers mean little */
	struct line_table *table; /* owned; made when a hunk has to be looked for */
	size_t steps;
};

enum place_result { PLACE_FOUND, PLACE_NOWHERE, PLACE_SEVERAL, PLACE_OVERLAPS, PLACE_UNCERTAIN, PLACE_LIMIT };

void placing_init(struct placing *p, const char *text, size_t n, const struct patch_text *patch);
void placing_release(struct placing *p);

/*
 * The hunk's first line in *at, and `from` behind it. Where its numbers say when it matches there exactly; else where
 * it matches, if that is one place only.
 */
enum place_result placing_find(struct placing *p, const struct patch_hunk *hunk, size_t *at);

/* The first line of the file, where the hunk's numbers say, that is not what the hunk has; false when that is not
 * within the file. *wanted is the hunk's. */
bool placing_first_difference(const struct placing *p, const struct patch_hunk *hunk, size_t *line,
                              const struct patch_line **wanted);

#endif
