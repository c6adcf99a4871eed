/*
 * The state of a run: the fold of its events, and nothing else. The scheduler, the screen, `belay log`,
 * resume and replay all read it. Owned by one thread each; equal events give equal models.
 */
#ifndef BELAY_EVENT_RUN_MODEL_H
#define BELAY_EVENT_RUN_MODEL_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/map.h"
#include "base/vec.h"
#include "event/event.h"

enum step_state {
	STEP_PENDING,   /* waits for what it needs */
	STEP_READY,
	STEP_RUNNING,
	STEP_WAITING,   /* for an approval */
	STEP_LANDED,    /* its change is in the tree; its checks are still running */
	STEP_DONE,
	STEP_FAILED,
	STEP_SKIPPED,
	STEP_DECLINED,
	STEP_CANCELLED,
	STEP_TAKEN_BACK, /* was done, and was rolled back */
	STEP_N_STATES
};

struct model_file {
	char *path;
	enum event_change change;
	struct hash before, after;
	bool has_before, has_after;
	int64_t added, removed;
};

struct model_check {
	char *name;
	bool finished;
	bool cached;
	int64_t exit_code;
	int64_t ms;
	struct diags diags;
};

/* An operation that waits for a yes. Lives in its step until it is answered. */
struct model_approval {
	char *request; /* "" when none is pending */
	char *risk, *what, *why, *word;
	char *cwd;                /* of a command, from the root; "" is the root. NULL: it runs none */
	struct strings env, reach; /* what a command gets to see and can touch */
	struct strings covered, not_covered;
	int64_t asked_ms;
};

struct model_step {
	char *id, *verb, *title, *parent, *risk;
	char *value;                  /* of the `each` that made it at run time; "" otherwise */
	struct strings needs;
	enum step_state state;
	int attempt;
	int64_t started_ms, ended_ms; /* wall clock; 0 when not */
	char *phase;                  /* "" when none */
	int64_t phase_ms, phase_limit_ms, phase_try, phase_tries; /* phase_ms: wall clock of its start */
	int64_t retry_at_ms;          /* wall clock of the scheduled retry; 0 when none */
	char *reason;                 /* why skipped, declined, retried; "" */
	char *category, *message, *hint; /* of the failure; "" */
	char *provider, *model, *origin;
	struct strings reads;         /* paths read */
	struct map read_hash;         /* path -> owned hex hash of what was read: blob() has prompt targets */
	int64_t n_reads;
	struct buf output;            /* text of the attempt: model, stdout and stderr; the last 1 MiB */
	size_t output_dropped;        /* bytes of it that are no longer there */
	struct buf answer;            /* model text of the attempt, whole (16 MiB at most): feeds the live diff */
	char *patch_blob;             /* hash of the proposed patch; NULL when none or inline */
	struct buf patch;             /* the proposed patch when it was inline */
	struct model_file *file;      /* proposed, then landed; owned */
	size_t n_files;
	int64_t added, removed;       /* lines, over the files */
	bool landed;                  /* its change is in the tree now */
	bool taken_back;              /* it landed and was rolled back */
	uint64_t undone_seq;          /* of the undo that took it back; 0 when none did, or it landed since */
	uint64_t landed_seq;          /* of the landed event; 0 when it never landed */
	struct model_check *check;
	size_t n_checks, cap_checks;
	struct model_approval approval;
	struct strings not_covered;   /* what its commands did, or may have done, that undo does not bring back */
	uint64_t changed_seq;         /* of the last event that touched the step: for redraw */
};

/* One line of the events pane and of the message line: notices, conflicts, failures, landings. */
struct model_notice {
	uint64_t seq;
	int64_t at_ms;
	char *step;     /* or NULL */
	char *category; /* "ok" for good news */
	char *message, *hint;
};

struct run_model {
	char *run, *plan, *plan_hash, *root, *head, *version, *mode, *from;
	uint64_t seq;       /* of the last event applied */
	int64_t started_ms, now_ms, ended_ms; /* wall clock */
	bool finished;
	int64_t exit_code;
	struct model_step **step; /* in declared order; owned */
	size_t n_steps, cap_steps;
	struct map by_id;
	size_t n_in_state[STEP_N_STATES];
	size_t n_approvals; /* pending */
	int64_t tokens_in, tokens_out, tokens_cached, tokens_reasoning;
	double usd;
	int64_t n_retries;
	struct model_notice *notice; /* the last 1,000 */
	size_t n_notices, cap_notices;
	size_t notices_dropped;      /* older ones that are no longer there */
	struct strings cut_edges; /* "from -> to" */
	struct strings covered, not_covered; /* by undo, as the last end of the run has it */
	struct strings open_intent; /* steps with an intent and neither landed nor taken back */
	struct strings undone;      /* steps of the last undo that was not redone, for redo */
};

void run_model_init(struct run_model *model);
void run_model_release(struct run_model *model);

/* Events come in order of seq. -1 with ERR_CORRUPT when the event cannot follow what was before. */
int run_model_apply(struct run_model *model, const struct event *event, struct err *err) MUST_CHECK;

struct model_step *run_model_step(const struct run_model *model, const char *id); /* or NULL */
const char *step_state_name(enum step_state state); /* "done", "failed" ... */
bool step_state_is_final(enum step_state state);    /* nothing more will happen without a command */

#endif
