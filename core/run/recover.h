/*
 * After a crash: the runs of a tree whose journals do not end with the end of the run are put right, each from its own
 * journal (land_recover). A second call changes nothing. The caller holds the tree's lock, so that no such run lives.
 */
#ifndef BELAY_RUN_RECOVER_H
#define BELAY_RUN_RECOVER_H

#include "base/attr.h"
#include "base/err.h"
#include "io/file.h"
#include "io/runs.h"
#include "io/store.h"
#include "run/land.h"

struct recover_report {
	size_t n_runs;      /* that did not come to their end */
	size_t n_conflicts; /* paths left alone since they hold neither image */
	struct err err;     /* of a run that could not be put right; the others were tried all the same */
};

/* `except` is a run that goes on by itself, or NULL. */
void recover_tree(const struct run_list *runs, const char *root, const char *except, struct recover_report *out);

/*
 * A run's journal and store, open for writing, with a lander on them: what undo, redo and recovery write through. `tell`
 * (may be NULL) gets each event after it was written.
 */
struct run_writer {
	struct lander lander;
	struct root root;
	struct store *store;
	struct journal *journal;
	char *run; /* owned */
	void (*tell)(void *arg, const struct event *event);
	void *arg;
};

int run_writer_open(struct run_writer *writer, const char *root, const char *run, const char *dir,
                    struct err *err) MUST_CHECK;
int run_writer_record(struct run_writer *writer, struct event *event, bool durable, struct err *err) MUST_CHECK;
void run_writer_close(struct run_writer *writer);

#endif
