/*
 * Unified diffs, as diff -u and git write them, applied to images: git's extended headers (new, deleted, mode,
 * rename), "\ No newline at end of file", quoted names, -p1 prefixes "a/" and "b/" (or none). A hunk must match
 * exactly; when its line numbers are off it may move, if the moved place is the only one. Pure; any thread.
 */
#ifndef BELAY_EDIT_PATCH_H
#define BELAY_EDIT_PATCH_H

#include "base/err.h"
#include "edit/changeset.h"

#include <stddef.h>

/*
 * `load` gives the before image of each path the patch names (absent is fine); the set gets one change per path.
 * All hunks or none: on -1 the set is as it was, and *err names the file, the hunk and the patch's line.
 */
int patch_apply(struct changeset *set, const char *patch, size_t n,
                int (*load)(void *arg, const char *path, struct image *out, struct err *err), void *arg,
                struct err *err) MUST_CHECK;

#endif
