/*
 * The user's git repository, read through libgit2, and the one private ref that belay writes. Index, HEAD,
 * branches, stash, configuration and hooks are never written. One struct vcs per thread. A repository that
 * libgit2 cannot open is not an error: `vcs_open` gives a struct that says why, and everything here answers
 * "not known".
 */
#ifndef BELAY_IO_VCS_H
#define BELAY_IO_VCS_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/vec.h"
#include "io/vcs_index.h"

#include <stdbool.h>
#include <stddef.h>

struct vcs; /* libgit2 is loaded and initialised at the first vcs_open */

enum vcs_state {
	VCS_OK,
	VCS_NONE,      /* no repository here: works, without the safety commit */
	VCS_BARE,      /* no work tree: refused by run */
	VCS_UNREADABLE /* a shape that libgit2 cannot open: works, without the safety commit */
};

int vcs_open(struct vcs **out, const char *dir, struct err *err) MUST_CHECK;
void vcs_free(struct vcs *vcs);
enum vcs_state vcs_state(const struct vcs *vcs);
const char *vcs_why(const struct vcs *vcs); /* for VCS_UNREADABLE and VCS_BARE: the reason */

/* The work tree's root (real path, no trailing slash): the repository's, or dir itself without one. */
const char *vcs_root(const struct vcs *vcs);
/* "5be1c07..." in full, "" when unborn or unknown; and the branch's short name, or "". */
const char *vcs_head(const struct vcs *vcs);
const char *vcs_branch(const struct vcs *vcs);

/* Is the path ignored? False when not known. */
bool vcs_is_ignored(struct vcs *vcs, const char *path, bool is_dir);

/* The files with ignore patterns that are in no folder of the tree: the repository's own and the user's. Absolute, to
 * be freed; whether they exist is not looked at. */
void vcs_exclude_files(struct vcs *vcs, char **repository, char **user);

/* Is the path tracked (in the index)? */
bool vcs_is_tracked(struct vcs *vcs, const char *path);

/* The bytes of a path in HEAD; -1 with ERR_NOT_FOUND when it is not there. */
int vcs_head_blob(struct vcs *vcs, const char *path, struct buf *out, unsigned *mode, struct err *err) MUST_CHECK;

/* The index, borrowed; NULL with *err where there is none to compare with. Read once, at the first call. */
const struct vcs_index *vcs_index(struct vcs *vcs, struct err *err);
enum vcs_match vcs_compare(const struct vcs *vcs, const struct vcs_entry *entry, const struct stat *st);

/* The bytes of a blob, as they are stored: no filter is applied. More than max bytes is ERR_LIMIT. */
int vcs_blob(struct vcs *vcs, const unsigned char id[VCS_ID_SIZE], size_t max, struct buf *out,
             struct err *err) MUST_CHECK;
/* The id that a blob of these bytes has. */
int vcs_blob_id(struct vcs *vcs, const void *data, size_t n, unsigned char id[VCS_ID_SIZE], struct err *err) MUST_CHECK;

/* Are the bytes of a clean file perhaps not those of its blob (line ends, LFS, encodings)? True when not known. */
bool vcs_is_filtered(struct vcs *vcs, const struct vcs_entry *entry);

/*
 * Makes refs/belay/<run>: HEAD's tree with the dirty tracked files, through an in-memory index; keeps the last
 * 20 such refs. Returns 0, or 1 with *err saying why there is none (no repository, unborn is fine).
 */
int vcs_safety_commit(struct vcs *vcs, const char *run, struct err *err) MUST_CHECK;

/* Called once at exit. */
void vcs_shutdown(void);

#endif
