/*
 * The tree as steps see it: which paths are there, and their bytes. Walks are lazy, honour ignore files, treat
 * every nested `.git` as a boundary, never follow links, and run in several threads. Any thread: each call opens
 * what it needs.
 */
#ifndef BELAY_IO_WORKSPACE_H
#define BELAY_IO_WORKSPACE_H

#include "base/attr.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/thread.h"
#include "base/vec.h"
#include "edit/changeset.h"
#include "io/file.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct workspace {
	struct root root;
	char *git_dir_hint; /* what vcs_open is given: root.path, or that of the tree which root is a copy of */
	size_t n_threads;   /* for walking and reading */
};

int workspace_open(struct workspace *ws, const char *root, size_t n_threads, struct err *err) MUST_CHECK;
void workspace_set_origin(struct workspace *ws, const char *root); /* it is a copy of that tree: what is ignored there is here */
void workspace_close(struct workspace *ws);

/*
 * The regular files (and links) that the patterns name, sorted, each once. A pattern is a path, a folder (all
 * below it) or a glob; ignored files only when named exactly. A pattern that names nothing is ERR_NOT_FOUND with
 * the nearest existing name as the hint; a glob that matches nothing too, unless allow_empty.
 */
int workspace_expand(const struct workspace *ws, const struct strings *patterns, bool allow_empty,
                     struct strings *out, struct err *err) MUST_CHECK;

/* One file that was read. */
struct workspace_file {
	const char *path;
	char *data;       /* owned by the batch */
	size_t size;
	struct hash hash;
	mode_t mode;
	bool is_link;     /* data is the target */
	struct err err;   /* code ERR_NONE when it was read */
};

/* Reads many files in parallel, in order of paths; a file that cannot be read has its own err. With max_bytes
 * (0: none) a larger file is cut at a line end. -1 only when cancelled. */
struct workspace_batch {
	struct workspace_file *file;
	size_t n_files;
};
int workspace_read(const struct workspace *ws, const struct strings *paths, int64_t max_bytes,
                   const struct cancel *cancel, struct workspace_batch *out, struct err *err) MUST_CHECK;
void workspace_batch_release(struct workspace_batch *batch);

#endif
