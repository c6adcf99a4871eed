/*
 * One edit block applied to a text in memory. The lines that it does not touch keep every byte; those that it puts in
 * get the line ends and the indentation of what they replace. Pure.
 */
#ifndef BELAY_EDIT_BLOCK_H
#define BELAY_EDIT_BLOCK_H

#include "base/buf.h"
#include "edit/answer.h"
#include "edit/match.h"

#include <stdbool.h>
#include <stddef.h>

enum block_result {
	BLOCK_DONE,
	BLOCK_THERE,       /* what it puts in stands there already, and what it looks for does not: nothing to do */
	BLOCK_NOWHERE,     /* its search text matches nothing */
	BLOCK_GUESSED,     /* ... but is much like the lines that *match names, which nobody would look at */
	BLOCK_SEVERAL,     /* ... or several places */
	BLOCK_UNKNOWN,     /* its symbol is not defined in the file, or files of this kind are not understood */
	BLOCK_TWICE,       /* ... is defined several times */
	BLOCK_NOT_EMPTY,   /* it has no search text, but the file has a text */
	BLOCK_SHRINKS,     /* a whole file that would lose 40% of its lines or more */
	BLOCK_MARKER,      /* a marker of an edit is left in the new text */
	BLOCK_PLACEHOLDER, /* a comment in the new text stands for code that was left out */
	BLOCK_FLAWED       /* the answer's block itself is malformed: block->flaw says how */
};

struct block_target {
	const char *path;  /* tells the language; NULL: symbols are not found */
	struct buf text;   /* the file so far; the result is put here */
	const char *given; /* what the model was shown: markers and comments that stand in it may stay */
	size_t given_n;
	bool may_shrink;
	bool may_guess;    /* the last rung of the matching: a person looks at the change before it lands */
};

/* The text changes only with BLOCK_DONE. *match says where the block stands, or the places that are in doubt. */
enum block_result block_apply(struct block_target *target, const struct edit_block *block, struct match *match);

/* A line of the replacement as it goes into the place that was found, appended to `out`. */
void block_add_line(struct buf *out, const char *line, size_t n, const struct match *match);

#endif
