/*
 * Runs a plan. One thread owns the plan's progress: it numbers events, writes them to the journal, folds them into its
 * own model, publishes them, decides what is next (schedule.h), hands jobs to the workers and lands what they propose
 * (land.h). Front ends get a feed and send commands; they share nothing else with it.
 */
#ifndef BELAY_RUN_EXECUTOR_H
#define BELAY_RUN_EXECUTOR_H

#include "base/attr.h"
#include "base/diag.h"
#include "base/err.h"
#include "event/feed.h"
#include "io/config.h"
#include "plan/dag.h"
#include "plan/plan.h"

#include <stdbool.h>
#include <stddef.h>

struct run_options {
	const struct plan *plan;        /* borrowed until executor_free; so are all pointers here */
	const struct dag *dag;
	const struct dag_edge *cut;     /* edges that were cut, for the journal */
	size_t n_cuts;
	const bool *selected;           /* by node; NULL: all */
	const struct config *config;
	const char *root;               /* the work tree; real path */
	const char *head;               /* HEAD's commit where the caller knows it; NULL: the executor looks */
	const char *run_id;
	const char *run_dir;
	size_t n_workers;               /* 0: the plan's, else the number of cores */
	const char *model;              /* --model, or NULL */
	const char *habits;             /* file of io/habits.h; NULL: nothing is known of models, and nothing remembered */
	struct tape *tape;              /* --record, --replay, or NULL; see io/tape.h */
	enum cache_mode cache;          /* --cache; CACHE_DEFAULT: as the steps say */
	enum risk yes;                  /* --yes: approves up to this risk; RISK_NONE: nothing */
	bool can_ask;                   /* a person or a script can answer; otherwise an approval ends the run with 7 */
	bool stay_open;                 /* after the end, wait for commands (undo, retry) until executor_close */
	const char *mode;               /* of the journal's first line; NULL: "run" */
	const char *from;               /* the run that this one is about; NULL: none */
	bool dry_run;                   /* all happens in a copy of the tree; nothing is asked, and what cannot be seen is told */
	const struct review *review;    /* what a dry run proposed, to be landed; NULL: none */
	bool resume;                    /* go on from the journal in run_dir */
};

struct executor;

/* What the loader cannot judge: patterns of rewrites, and templates that stand in the plan. -1 when any is wrong. */
int run_check_plan(const struct plan *plan, struct diags *diags) MUST_CHECK;

/*
 * Starts the thread and returns at once: journal, store, recovery after a crash, sandbox are the thread's first work.
 * Where one of them fails, the feed gives a notice and a run_finished with exit status 1 or 8.
 */
int executor_start(struct executor **out, const struct run_options *options, struct err *err) MUST_CHECK;

/*
 * The front end's feed: the executor's own, valid until executor_free. A resumed run gives its earlier events first;
 * feed_status.last_seq is then the number of the last of them. One front end at a time.
 */
struct feed *executor_feed(struct executor *executor);

/*
 * No front end any more: approvals that wait are answered by nobody, and the thread ends when the run has. With
 * `stop`, running steps are cancelled and nothing starts.
 */
void executor_close(struct executor *executor, bool stop);

/* Waits for the thread. Returns the exit status of the run. */
int executor_join(struct executor *executor);
void executor_free(struct executor *executor); /* joins */

#endif
