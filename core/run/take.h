/*
 * An answer copied from any chat, as the patch that it comes to in this tree: edit blocks, whole files, diffs, an
 * envelope. Reads the tree, writes nothing; what lands is a plan's step with that patch.
 */
#ifndef BELAY_RUN_TAKE_H
#define BELAY_RUN_TAKE_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/vec.h"

#include <stdbool.h>
#include <stddef.h>

struct take {
	struct buf patch;        /* unified, as git writes it */
	struct strings paths;    /* that it changes, sorted */
	bool replaces;           /* a whole existing file is replaced */
	bool removes;            /* a file is deleted or moved */
	bool shrinks;            /* a whole file loses 40% of its lines or more: parts may be missing */
	struct buf reasons;      /* on -1: every edit that cannot be used, and why; a line each, with the lines that stand there */
};

/* -1 when any edit of the answer fits nowhere or several places: nothing of it is used then. */
int take_answer(struct take *out, const char *root, const char *text, size_t n, struct err *err) MUST_CHECK;
void take_release(struct take *take);

#endif
