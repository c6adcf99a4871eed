/*
 * git's index, read for comparing the tree with it: gitformat-index(5), versions 2 to 4. Read-only. A split index,
 * whose entries are in another file, is refused; of a sparse one the folders stay folders.
 */
#ifndef BELAY_IO_VCS_INDEX_H
#define BELAY_IO_VCS_INDEX_H

#include "base/attr.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#define VCS_ID_SIZE 20 /* SHA-1; other repositories are VCS_UNREADABLE */

struct vcs_entry {
	const char *path;
	const unsigned char *id; /* of the blob: VCS_ID_SIZE bytes */
	uint32_t ctime_s, ctime_ns, mtime_s, mtime_ns, ino, size; /* as git stores them: the low 32 bits */
	uint32_t mode;           /* 0100644, 0100755, 0120000 (link), 0160000 (submodule), 040000 (sparse folder) */
	bool is_merged;          /* false: in conflict; then one entry stands for all stages, and its id means nothing */
	bool is_sparse;          /* not meant to be in the work tree */
};

struct vcs_index {
	struct vcs_entry *entry; /* sorted by the bytes of path, each once */
	size_t n_entries;
	struct timespec written; /* set by the caller: the file's mtime, for vcs_entry_compare */
	char *data;              /* owned; paths and ids point into it */
	char *arena;             /* owned; paths of version 4 */
};

/* Takes data (n bytes, malloc'ed) whatever comes of it. ERR_CORRUPT, or ERR_UNSUPPORTED for a split index. */
int vcs_index_parse(struct vcs_index *out, char *data, size_t n, struct err *err) MUST_CHECK;
void vcs_index_release(struct vcs_index *index);
const struct vcs_entry *vcs_index_find(const struct vcs_index *index, const char *path); /* or NULL */

enum vcs_match {
	VCS_SAME,    /* as git trusts it */
	VCS_CHANGED, /* another type, size or mode */
	VCS_UNSURE   /* the content must be compared */
};

/* What lstat(2) says against the entry. trust_mode: core.fileMode. */
enum vcs_match vcs_entry_compare(const struct vcs_index *index, const struct vcs_entry *entry, const struct stat *st,
                                 bool trust_mode);

#endif
