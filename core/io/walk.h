/*
 * A walk over the tree in several threads: ignore files honoured, every nested `.git` a boundary, links listed and
 * never followed, folders opened beneath the root.
 */
#ifndef BELAY_IO_WALK_H
#define BELAY_IO_WALK_H

#include "base/attr.h"
#include "base/err.h"
#include "base/thread.h"
#include "base/vec.h"
#include "io/file.h"
#include "io/ignore.h"
#include "io/vcs.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

struct walk_file {
	char *path;     /* owned */
	struct stat st; /* when asked for, else zero but for the type in st_mode */
};

/* The ignore files that are in no folder of the tree: the repository's and the user's. */
struct walk_rules {
	bool none; /* no repository: nothing is ignored */
	struct ignore *user;
	struct ignore *repository;
};
void walk_rules_load(struct walk_rules *rules, struct vcs *vcs);
void walk_rules_release(struct walk_rules *rules);

struct walk {
	const struct root *root;
	const struct walk_rules *rules;
	const char *start;   /* the folder to begin with; "" is the root. One that is ignored is listed whole */
	size_t n_threads;
	bool with_stat;
	bool (*enter)(void *arg, const char *dir); /* whether to go into this folder; may be NULL; any thread */
	bool (*take)(void *arg, const char *path); /* whether to list this file; may be NULL; any thread */
	void *arg;
	const struct cancel *cancel;
};

struct walk_result {
	struct walk_file *file; /* regular files and links, sorted by the bytes of path */
	size_t n_files;
	struct strings unreadable; /* folders */
	struct strings nested;     /* folders that are repositories of their own */
	bool saw_ignored;
	struct strings ignored;    /* with_stat: what was passed over; a folder ends in '/' and stands for all below */
};

/* -1 when cancelled, or when the start cannot be opened. */
int walk_run(const struct walk *walk, struct walk_result *out, struct err *err) MUST_CHECK;
const struct walk_file *walk_result_find(const struct walk_result *result, const char *path); /* or NULL */
void walk_result_release(struct walk_result *result);

#endif
