/*
 * The executor's inside, shared by executor.c (thread, inbox, record), flow.c (a step from start to done) and
 * rollback.c (taking back inside a run). Everything here belongs to the executor's thread, but for the inbox.
 */
#ifndef BELAY_RUN_ENGINE_H
#define BELAY_RUN_ENGINE_H

#include "base/pool.h"
#include "base/queue.h"
#include "event/run_model.h"
#include "io/journal.h"
#include "io/manifest.h"
#include "io/vcs.h"
#include "plan/policy.h"
#include "run/executor.h"
#include "run/land.h"
#include "run/live_feed.h"
#include "run/schedule.h"
#include "run/step.h"

/* Where a node is on its way; the model has the state that others see. */
enum stage {
	STAGE_IDLE,
	STAGE_ASKED_BEFORE, /* waits for an approval before the command runs */
	STAGE_PROPOSING,    /* a worker has it */
	STAGE_ASKED,        /* proposed; waits for an approval before it lands */
	STAGE_TO_LAND,      /* approved; waits until no command runs */
	STAGE_CHECKING,     /* landed; a worker runs its checks */
	STAGE_OVER
};

struct engine_node {
	enum stage stage;
	int attempt;
	struct step_job *job;      /* while a worker has it, or until it has landed; owned */
	bool stop_wanted;          /* a person stopped the step */
	bool approved;             /* nothing more is asked for this step */
	struct manifest *manifest; /* around a command; owned */
	struct strings uncovered;  /* by the manifest */
	struct attempt_note *note; /* of earlier attempts; owned */
	size_t n_notes, cap_notes;
	int64_t started_ms;
	char request[32];          /* id of the approval asked last */
};

enum message_kind { MESSAGE_COMMAND, MESSAGE_EVENT, MESSAGE_PROPOSED, MESSAGE_CHECKED, MESSAGE_CLOSE };

struct message {
	enum message_kind kind;
	struct command *command; /* owned */
	struct event *event;     /* owned */
	size_t node;
	int rc;
	struct err err;
	bool stop;
};

struct landed_record {
	size_t node;
	struct event *event; /* the landed event; owned */
};

struct executor {
	struct run_options options;
	struct graph graph;
	struct engine_node *state; /* one for each graph node; owned */
	struct run_model model;
	struct journal *journal;
	struct store *store;
	struct workspace ws;
	struct lander lander;
	struct llm *llm;
	struct pool *pool;
	struct queue *inbox;
	struct feed *feed;
	struct thread thread;
	struct schedule_limits limits;
	enum proc_sandbox sandbox;
	bool safety_done;        /* the safety commit was tried */
	bool ended;              /* run_finished was recorded, and nothing came after it */
	bool closing;
	bool nobody_answers;     /* an approval is needed and nobody can give it */
	bool rolled_back, rollback_incomplete;
	size_t n_commands;       /* commands that run now in the work tree */
	unsigned n_requests;
	struct landed_record *landed; /* in order; owned */
	size_t n_landed, cap_landed;
	struct err fatal;        /* the journal or the store failed: nothing more is done */
	int exit_code;
};

/* executor.c */
int engine_record(struct executor *ex, struct event *event, bool durable, struct err *err) MUST_CHECK;
void engine_tell(struct executor *ex, struct event *event); /* records; a failure becomes ex->fatal */
void engine_notice(struct executor *ex, const char *step, const char *category, const char *message, const char *hint);
int engine_node_of(const struct executor *ex, const char *step); /* index, or -1 */
void engine_post(struct executor *ex, struct message *message);  /* takes it; any thread */

/* flow.c: a step's way */
void flow_start(struct executor *ex, size_t node);
void flow_take_event(struct executor *ex, struct event *event);
void flow_proposed(struct executor *ex, size_t node, int rc, const struct err *why);
void flow_checked(struct executor *ex, size_t node, int rc, const struct err *why);
void flow_answer(struct executor *ex, const struct command *command, bool yes);
void flow_land_waiting(struct executor *ex);
void flow_stop(struct executor *ex, size_t node);
void flow_resume_checks(struct executor *ex, size_t node);
void flow_release(struct engine_node *state);

/* approve.c: what is risky and who is asked */
bool approve_before(struct executor *ex, size_t node);  /* true: it must wait for an answer */
bool approve_change(struct executor *ex, size_t node);

/* control.c */
void control_command(struct executor *ex, const struct command *command);
void control_stop_all(struct executor *ex);

/* rollback.c */
int rollback_steps(struct executor *ex, const size_t *node, size_t n, bool redo, struct err *err);
void rollback_command(struct executor *ex, const struct command *command);
void rollback_all(struct executor *ex);
void landed_add(struct executor *ex, const struct event *event);

#endif
