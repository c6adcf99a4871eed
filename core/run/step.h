/*
 * A step at work. A worker calls the verb's `propose`, which reads the tree, asks a model or runs a command, and
 * returns a change set; it never writes to the work tree itself (a command that it runs may). One file per verb, one
 * row per verb in step.c.
 */
#ifndef BELAY_RUN_STEP_H
#define BELAY_RUN_STEP_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/thread.h"
#include "base/vec.h"
#include "edit/changeset.h"
#include "event/event.h"
#include "io/config.h"
#include "io/llm.h"
#include "io/proc.h"
#include "io/workspace.h"
#include "plan/plan.h"
#include "run/budget.h"
#include "run/dialogue.h"
#include "run/event_batch.h"

#include <stdbool.h>
#include <stdint.h>

/* One exchange of an earlier attempt: what the model answered and why it could not be used. */
struct attempt_note {
	char *answer;
	char *feedback;
};

/* A file that a needed `read` step loaded, and the part of it that was asked for. */
struct read_ref {
	char *path;                      /* owned */
	int64_t first_line, last_line;   /* 0: not given */
	int64_t max_bytes;               /* 0: none */
};

/* All that a worker needs. Made by the executor, owned by the worker while it runs, handed back with the result. */
struct step_job {
	const struct plan *plan;         /* shared, immutable */
	const struct plan_step *step;    /* shared, immutable */
	const struct workspace *ws;      /* shared */
	const struct config *config;     /* shared, immutable */
	struct llm *llm;                 /* shared, thread-safe */
	struct budget *budget;           /* shared, thread-safe */
	const char *model;               /* --model, or NULL */
	enum cache_mode cache;           /* of answers; not CACHE_DEFAULT */
	bool reuses_any;                 /* answers that another try would give otherwise are used again, too */
	const char *habits;              /* file of io/habits.h, or NULL */
	const char *spool_dir;           /* for files too large to hold */
	const char *run_dir, *run_id;    /* the run's journal and store, to be read only */
	enum proc_sandbox sandbox;
	const char *shown_root;          /* the user's tree; ws->root is that, or (a preview) a copy of it */
	const struct root *copy;         /* a copy of ws->root that commands work in now; NULL: in ws->root itself */
	struct tree_memo *memo;          /* of ws->root: what its files hold; shared, thread-safe; NULL: none */
	bool previews;                   /* nothing may be done in ws->root, and the inputs are to be known */
	const struct review_step *reviewed; /* what a dry run proposed for the step; borrowed; or NULL */
	int attempt;                     /* from 1 */
	struct read_ref *read;           /* owned */
	size_t n_reads, cap_reads;
	struct strings beside;           /* patterns of what other steps may write meanwhile; owned */
	struct attempt_note *note;       /* owned */
	size_t n_notes, cap_notes;
	struct dialogue *dialogue;       /* the executor's, lent for as long as the worker has the job */
	struct cancel cancel;
	bool may_guess;                  /* a person will look at what an answer does not quote exactly */
	struct questions *questions;     /* nothing is sent: it gets the question; borrowed; NULL in a run */
	bool may_make;                   /* an answer may make files that the step does not name, */
	struct strings messages;         /* what a person said to the model since; owned */
	char *instruction;               /* what the model is told, in the place of the step's `prompt`; owned; or NULL */
	const char *may_make_below;      /* in this folder alone; borrowed */

	/* Worker's way to the executor; copies what it is given. */
	void (*emit)(struct step_job *job, const struct event *event); /* step and attempt are filled in */
	void (*emit_all)(struct step_job *job, struct event_batch *batch); /* takes the events */
	void (*output)(struct step_job *job, const char *stream, const char *text, size_t n); /* stream is static */
	void (*secret)(struct step_job *job, const char *secret); /* what no later event may hold */
	void (*copied)(struct step_job *job); /* the tree is no longer read: others may change it */
	void *arg;
	size_t node;

	/* The result. */
	struct changeset set;
	char inputs[HASH_HEX_SIZE];      /* what it was made from; "" when nobody asked */
	int exit_code;                   /* of the command; 0 without one */
	bool replaces_from_model;        /* a whole existing file from a model's answer */
	bool guesses_place;              /* an edit of the answer is where its search text was most alike */
	bool limit_reached;              /* the run's tokens or money are spent */
	struct buf answer;               /* what the model said, for the next attempt */
	struct buf feedback;             /* what is wrong with it, for the next attempt; empty: no further attempt helps */
};

struct step_ops {
	int (*propose)(struct step_job *job, struct err *err);
	bool runs_command; /* a command runs in the work tree: asked before, a manifest around it */
	bool runs_aside;   /* a command runs in a copy of the tree: asked before */
};

const struct step_ops *step_ops(enum verb verb); /* NULL: this build cannot run the verb */
bool step_runs_command(const struct plan_step *step); /* in the work tree: a `validate` without checks runs none */

/* Sends text of a stream ("model", "reasoning", "stdout", "stderr"; static); the executor merges it. */
void step_output(struct step_job *job, const char *stream, const char *text, size_t n);
void step_notice(struct step_job *job, const char *category, const char *message, const char *hint);
void step_phase(struct step_job *job, const char *phase, int64_t limit_ms);

/* The before image of a path as the tree holds it now; also tells the executor that the file was read, with its bytes
 * when `keep` (prompt targets, for the live diff). */
int step_load(struct step_job *job, const char *path, bool keep, struct image *out, struct err *err) MUST_CHECK;

/* May the step change the path? Refuses what policy forbids, and what the system would. */
int step_check_writable(const struct step_job *job, const char *path, struct err *err) MUST_CHECK;

/* Is the path one that the patterns (paths, folders, globs) name? */
bool step_names(const struct strings *patterns, const char *path);

/* Runs a command of the plan or of a check: sandboxed where the machine can, output as events. */
struct step_command {
	const struct plan_command *command;
	const char *cwd;              /* relative to the root; "" or NULL: the root */
	const struct name_values *env;
	int64_t timeout_ms;           /* 0: 10 minutes */
	bool network;
	struct buf *keep;             /* gets the output too; may be NULL */
	const char *copy;             /* absolute: a copy of the tree to work in, seen in its place; NULL: the tree itself */
};
int step_run_command(struct step_job *job, const struct step_command *command, struct proc_result *out,
                     struct err *err) MUST_CHECK;

/* Where a command that works in the copy sees it: a sandbox that can shows it in the place of the user's tree. */
bool step_hides_copies(const struct step_job *job);
const char *step_sees_root(const struct step_job *job, const char *copy);

/* The verb's proposal; of a step that was reviewed in a dry run what was reviewed, as long as its inputs are the same. */
int step_propose(struct step_job *job, struct err *err) MUST_CHECK;

/*
 * What the step's proposal is made from, as one hash: the files that it names, reads and was shown, as ws->root has them.
 * A model's answer hangs on more (the map of the repository, the model): that is not told to have moved.
 */
int step_inputs(const struct step_job *job, char out[HASH_HEX_SIZE], struct err *err) MUST_CHECK;

/* step_run_checks in a copy of the tree that holds the job's change set, which has not landed. ERR_LIMIT and ERR_NO_SPACE:
 * there can be no copy. */
int step_check_in_copy(struct step_job *job, const struct strings *names, struct err *err) MUST_CHECK;

/* Runs the named checks in order, stops at the first that refuses: -1 with ERR_CHECK, and job->feedback says why. */
int step_run_checks(struct step_job *job, const struct strings *names, struct err *err) MUST_CHECK;

/* The proposals, one file each. */
int step_read(struct step_job *job, struct err *err);
int step_write(struct step_job *job, struct err *err);
int step_scaffold(struct step_job *job, struct err *err);
int step_refactor(struct step_job *job, struct err *err);
int step_rewrite(struct step_job *job, const struct strings *paths, struct err *err);
struct rewrite;
int step_rewrite_compile(const struct plan_step *step, struct rewrite **out, struct err *err) MUST_CHECK;
int step_rename(struct step_job *job, const struct strings *paths, struct err *err);
int step_run(struct step_job *job, struct err *err);
int step_delete(struct step_job *job, struct err *err);
int step_ask(struct step_job *job, struct err *err);
int step_test(struct step_job *job, struct err *err);
int step_validate(struct step_job *job, struct err *err);

void step_job_add_read(struct step_job *job, const char *path, const struct plan_step *from);
void step_job_release(struct step_job *job);

#endif
