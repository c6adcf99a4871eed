/*
 * Files beneath a root. Every path is in the form of base/path.h and is opened with openat2(2)
 * RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS, or, where the kernel has none, component by
 * component with O_NOFOLLOW: no link and no race leads out of the root. Any thread; a root may be shared.
 */
#ifndef BELAY_IO_FILE_H
#define BELAY_IO_FILE_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "edit/changeset.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

struct root {
	int fd;            /* O_PATH | O_DIRECTORY; owned */
	char *path;        /* real path; owned */
	bool stepwise;     /* no openat2 here: component by component (tests set it too) */
	bool plain_rename; /* no exchange of names here: with links and renames (tests set it too) */
};

/* Is it in the form of base/path.h, and not the root itself? All that follows refuses others. */
bool file_is_path(const char *path);

int root_open(struct root *root, const char *path, struct err *err) MUST_CHECK;
void root_close(struct root *root);

/* A descriptor for the path ("" is the root); flags as open(2), with O_CLOEXEC, O_NOCTTY and, so that a fifo cannot hold
 * us, O_NONBLOCK added. -1 with *err: a link anywhere in the path is ERR_ACCESS. */
int file_open(const struct root *root, const char *path, int flags, mode_t mode, struct err *err) MUST_CHECK;
int file_stat(const struct root *root, const char *path, struct stat *st, struct err *err) MUST_CHECK; /* no follow */
/* The folder that holds the path, for the *at() calls; *base gets the last component (borrowed from path). */
int file_open_parent(const struct root *root, const char *path, const char **base, struct err *err) MUST_CHECK;

/* All bytes of a regular file; a short read is an error; more than max bytes (0: none) is ERR_LIMIT; a file that does
 * not hold still while it is read is ERR_CONFLICT. */
int file_read(const struct root *root, const char *path, size_t max, struct buf *out, struct err *err) MUST_CHECK;

/* What is there now: absent, a file or a link, hashed; over FILE_HOLD_MAX bytes a file is spooled into
 * spool_dir. Folders, devices, sockets and fifos are ERR_UNSUPPORTED. */
#define FILE_HOLD_MAX (10 * 1024 * 1024)
int file_image(const struct root *root, const char *path, const char *spool_dir, struct image *out,
               struct err *err) MUST_CHECK;
/* The same without the bytes, but for a link's target; in a fixed amount of memory. */
int file_look(const struct root *root, const char *path, struct image *out, struct err *err) MUST_CHECK;

/* Writes a whole file outside any root (state, cache, configuration): temporary file, fsync, rename, fsync of
 * the folder; mode 0600. */
int file_write_atomic(const char *path, const void *data, size_t n, struct err *err) MUST_CHECK;
/* All of a file outside any root, at most max bytes (0: none). A pipe is read to its end; one without a writer is empty. */
int file_slurp(const char *path, size_t max, struct buf *out, struct err *err) MUST_CHECK;
/* Makes a folder and its parents, 0700, durably. */
int file_make_dirs(const char *path, struct err *err) MUST_CHECK;
/* Removes a folder of ours that nobody needs any more, with all in it, as far as that goes. Links are not followed. */
void file_remove_all(const char *path);

#endif
