/*
 * A copy of the tree that commands may work in, so that nothing they do, and no change that is only tried, is seen in the
 * user's own: files with their modes and times, ignored ones too (what was built need not be built again), links as they
 * are; no folder of git, nothing but files and links. By reflinks where the file system has them, else by copies; never by
 * hard links, through which a tool would write into the user's files.
 */
#ifndef BELAY_IO_SHADOW_H
#define BELAY_IO_SHADOW_H

#include "base/attr.h"
#include "base/err.h"
#include "base/thread.h"
#include "edit/changeset.h"
#include "io/file.h"

#include <stdbool.h>
#include <stddef.h>

#define SHADOW_MAX_BYTES (4LL << 30)

struct shadow {
	struct root root; /* of the copy */
};

/* Makes a new folder in `dir` (absolute). */
int shadow_make(struct shadow *out, const struct root *from, const char *dir, size_t n_threads,
                const struct cancel *cancel, struct err *err) MUST_CHECK;
void shadow_remove(struct shadow *shadow); /* accepts a zeroed one */

/* Puts a file's text in the place of what is there. Folders are made. */
int shadow_write(struct shadow *shadow, const char *path, const struct image *image, struct err *err) MUST_CHECK;
/* All of a set: its after images, or its before images. */
int shadow_put(struct shadow *shadow, const struct changeset *set, bool after, struct err *err) MUST_CHECK;
/* Lets git find, from the copy, the repository of the tree at `root` that it is a copy of. */
int shadow_link_git(struct shadow *shadow, const char *root, struct err *err) MUST_CHECK;
int shadow_delete(struct shadow *shadow, const char *path, struct err *err) MUST_CHECK; /* nothing there is fine */

#endif
