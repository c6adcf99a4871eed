/*
 * Where runs live: $XDG_STATE_HOME/belay/repos/<id>/runs/<run>. <id> is a hash of the root's real path, device and
 * inode. Folders 0700. A run's id is 8 hex digits, unique in its repository; names sort by age through the journal's
 * first event.
 */
#ifndef BELAY_IO_RUNS_H
#define BELAY_IO_RUNS_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/vec.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct run_info {
	char *id;
	char *dir;      /* absolute */
	char *plan, *mode, *from, *root;
	int64_t started_ms;
	bool damaged;   /* its journal does not even begin as one: nothing else is known, but it was a run */
};

struct run_list {
	struct run_info *run; /* newest first */
	size_t n_runs, cap_runs;
};

/* "<state>/belay". */
int runs_state_dir(struct buf *out, struct err *err) MUST_CHECK;

/* The folder for a root's state ("<state>/belay/repos/<id>"), made when `make`. */
int runs_repo_dir(const char *root, bool make, struct buf *out, struct err *err) MUST_CHECK;

/* A new run: its id and folder. */
int runs_create(const char *root, char **id, char **dir, struct err *err) MUST_CHECK;

int runs_list(const char *root, struct run_list *out, struct err *err) MUST_CHECK;
void run_list_release(struct run_list *list);

/* RUN as on the command line: an id, a unique prefix, "@" the newest, "@~N". ERR_NOT_FOUND or ERR_USAGE
 * (ambiguous) with what there is in the hint. */
int runs_find(const char *root, const char *name, struct run_info *out, struct err *err) MUST_CHECK;
void run_info_release(struct run_info *info);

/*
 * The lock of a tree: one living run writes in it. Held until released or the process ends. -1 with ERR_CONFLICT
 * when a living owner (pid, start time and boot id match) holds it: the message names the run and the pid. A dead
 * owner's lock is taken over, and *stale (may be NULL) gets the id of its run.
 */
struct tree_lock;
int tree_lock_take(struct tree_lock **out, const char *root, const char *run, char **stale, struct err *err) MUST_CHECK;
void tree_lock_release(struct tree_lock *lock);
/* The process that works on the run in this folder now; 0: none does. Only looks. */
pid_t tree_lock_owner(const char *run_dir);

#endif
