/*
 * A manifest's entries, and the file they are kept in: a header and one JSON array a line. What the files of the
 * manifest share.
 */
#ifndef BELAY_IO_MANIFEST_FILE_H
#define BELAY_IO_MANIFEST_FILE_H

#include "base/attr.h"
#include "base/err.h"
#include "base/hash.h"
#include "io/file.h"
#include "io/vcs.h"
#include "io/walk.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

/* Where the bytes of before come from. */
enum manifest_cover {
	COVER_NONE,
	COVER_GIT,  /* the blob `id` */
	COVER_STORE /* the image `hash` */
};

struct manifest_entry {
	char *path; /* owned */
	mode_t mode; /* with the type */
	int64_t size;
	int64_t mtime_ns, ctime_ns; /* since 1970 */
	uint64_t ino;
	enum manifest_cover cover;
	unsigned char id[VCS_ID_SIZE];
	struct hash hash;
};

struct manifest {
	int64_t taken_ns; /* by the clock that stamps files */
	struct manifest_entry *entry; /* sorted by the bytes of path */
	size_t n_entries, cap_entries;
	struct strings ignored;       /* what the last walk passed over; of walk_result; not in the file */
};

/* Two changes nearer than this may carry the same time: the clock that stamps files ticks so slowly (CONFIG_HZ). */
#define MANIFEST_TICK_NS (20 * 1000 * 1000)

void manifest_entry_set(struct manifest_entry *entry, const struct stat *st);
/* Is the file what it was, as far as lstat(2) tells? */
bool manifest_entry_is(const struct manifest_entry *entry, const struct stat *st);

/* Was the file last changed clearly before the manifest was taken? */
bool manifest_is_older(const struct manifest *manifest, const struct stat *st);

/* All files of the tree that are not ignored, with what lstat(2) says of them. */
int manifest_walk(const struct root *root, struct vcs *vcs, struct walk_result *out, struct err *err) MUST_CHECK;

/* What a second walk passed over, put to what the first one did. */
void manifest_see_ignored(struct manifest *manifest, const struct strings *ignored);

int manifest_write(const struct manifest *manifest, const char *file, struct err *err) MUST_CHECK;
int manifest_read(struct manifest *manifest, const char *file, struct err *err) MUST_CHECK;

#endif
