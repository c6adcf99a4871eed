/*
 * The executor's inside. Everything here belongs to the executor's thread, but for the inbox (engine_post) and the
 * budget.
 *
 *   executor.c  thread, inbox, the loop          record.c    numbering, journal, model, feed; texts as they stream
 *   opening.c   graph, declaration, resume       flow.c      a step from start to done
 *   guard.c     around commands                  approve.c   risk, and who is asked
 *   each.c      steps made at run time           rollback.c  taking back inside a run
 *   control.c   what a person asks for           finish.c    the result
 *   coverage.c  what undo covers
 *   job.c       to the workers and back          decide.c    how much of a change is accepted
 *   grow.c      steps that a person adds
 *   preview.c   a dry run                        flow_answer.c  answers, and stops
 */
#ifndef BELAY_RUN_ENGINE_H
#define BELAY_RUN_ENGINE_H

#include "base/cost.h"
#include "base/map.h"
#include "base/pool.h"
#include "base/queue.h"
#include "event/output.h"
#include "event/run_model.h"
#include "io/death_watch.h"
#include "io/journal.h"
#include "io/manifest.h"
#include "io/shadow.h"
#include "io/tree_state.h"
#include "plan/policy.h"
#include "run/budget.h"
#include "run/executor.h"
#include "run/land.h"
#include "run/live_feed.h"
#include "run/schedule.h"
#include "run/step.h"

/* Where a node is on its way; the model has the state that others see. */
enum stage {
	STAGE_IDLE,
	STAGE_QUEUED,       /* started; its command waits until no other runs in the tree */
	STAGE_ASKED_BEFORE, /* waits for an approval before it does anything */
	STAGE_PROPOSING,    /* a worker has it */
	STAGE_ASKED,        /* proposed; waits for an approval before it lands */
	STAGE_TO_TRY,       /* accepted; its checks wait until a copy of the tree can be made for them */
	STAGE_TRYING,       /* a worker runs its checks in the copy */
	STAGE_TO_LAND,      /* may land once no command runs */
	STAGE_TO_CHECK,     /* landed; its checks wait until no command runs */
	STAGE_CHECKING,     /* a worker runs its checks */
	STAGE_OVER
};

struct engine_node {
	enum stage stage;
	int attempt;
	struct step_job *job;      /* while a worker has it, or until it has landed; owned */
	struct err stop;           /* why what a worker does is to be dropped; ERR_NONE: it is not */
	bool approved;             /* its command was approved */
	bool breakpoint;           /* the run pauses before it starts; gone once it has */
	struct strings messages;   /* of a person, for the model */
	bool blind;                /* a dry run cannot see what it would do */
	bool is_tried;             /* its checks have accepted the change, in a copy of the tree as it was at */
	size_t tried_at;           /* this turn */
	struct manifest *manifest; /* around a command; owned */
	struct strings uncovered;  /* by the manifest */
	struct strings not_covered; /* what its commands did, or could do, that undo does not bring back */
	struct attempt_note *note; /* of earlier attempts; owned */
	size_t n_notes, cap_notes;
	struct strings failures;   /* what was wrong with each, to notice a repetition */
	struct dialogue *dialogue; /* lent to the job, and so in a place of its own; owned */
	int64_t started_ms;
	struct cost cost;          /* of the step so far */
	struct cost since;         /* the executor's own when it last took the step up */
	char request[48];          /* id of the approval asked last; "" when none waits */
	struct event *question;    /* the approval that is waited for; owned; NULL: none */
	bool told;                 /* the question was recorded; otherwise nobody can answer, and it is the run's last word */
	struct event_output output; /* text on its way into events */
	const char *stream;        /* of that text; static; NULL: none */
	bool holds_output;         /* some of it waits for the next 50 ms */
	int64_t sent_ms;           /* when the last such event was recorded */
};

enum message_kind {
	MESSAGE_COMMAND,
	MESSAGE_EVENTS,
	MESSAGE_OUTPUT,
	MESSAGE_SECRET,
	MESSAGE_PROPOSED,
	MESSAGE_COPIED, /* the tree is not read any more */
	MESSAGE_TRIED,
	MESSAGE_CHECKED,
	MESSAGE_CLOSE
};

struct message {
	enum message_kind kind;
	size_t node;
	struct command *command;   /* owned */
	struct event_batch events; /* owned */
	const char *stream;        /* static */
	struct buf text;           /* owned */
	int rc;
	struct err err;
	struct cost cost;          /* of the work that came to its end */
	bool stop;
};

struct landed_record {
	size_t node;
	struct event *event; /* the landed event; owned */
	bool taken_back;
};

/* A step that was added while the plan ran. */
struct grown {
	struct plan *plan; /* of that step alone; owned */
	char *text;        /* owned; YAML on one line */
};

struct executor {
	struct run_options options;
	struct graph graph;
	struct map node_by_id;     /* id -> index + 1 */
	struct engine_node *state; /* one for each graph node; owned */
	struct plan_step **made;   /* steps made by `each`; owned */
	size_t n_made, cap_made;
	struct grown *grown;       /* owned */
	size_t n_grown, cap_grown;
	struct run_model model;
	struct journal *journal;
	struct store *store;
	struct workspace ws;
	struct lander lander;
	struct budget budget;
	struct llm *llm;
	struct pool *pool;
	struct queue *inbox;
	struct feed *feed;
	struct thread thread;
	struct schedule_limits limits;
	enum proc_sandbox sandbox;
	char *spool_dir;         /* owned */
	int64_t deadline_ms;     /* monotonic; of limits.seconds; 0: none */
	int64_t output_due_ms;   /* monotonic; when held text must go out; 0: none is held */
	bool safety_done;        /* the safety commit was tried */
	enum event_kind last_kind; /* of the event recorded last */
	bool ended;              /* run_finished was recorded, and nothing came after it */
	bool dirty;              /* something happened that the scheduler has not seen */
	bool closing;
	bool nobody_answers;     /* an approval is needed and nobody can give it */
	bool limit_reached;      /* tokens, money or time were spent */
	bool kept_answers;       /* the cache has grown */
	bool rolled_back, rollback_incomplete;
	bool journal_failed;     /* nothing more can be written to it */
	bool busy_in_tree;       /* a command runs now in the work tree */
	struct landed_record *landed; /* in order; owned */
	size_t n_landed, cap_landed;
	size_t turn;             /* counts each change of the tree by a step */
	struct tree_memo *memo;  /* what the tree's files hold */
	struct shadow preview;   /* of a dry run: the copy that stands for the tree */
	struct err fatal;        /* the journal or the store failed: nothing more is done */
	char *guard_file;        /* the manifest of the command that runs, or is about to; owned; or NULL */
	struct death_watch guard_watch; /* touches it when we die */
	int exit_code;
};

/* executor.c */
void engine_post(struct executor *ex, struct message *message);  /* takes it; any thread */
bool engine_works(const struct executor *ex);                    /* does a worker have a step? */

/* record.c: journal first, then the model, then the feed */
int engine_record(struct executor *ex, struct event *event, bool durable, struct err *err) MUST_CHECK;
int engine_record_all(struct executor *ex, struct event_batch *batch, struct err *err) MUST_CHECK; /* one write */
void engine_tell(struct executor *ex, struct event *event); /* records; a failure becomes ex->fatal */
void engine_tell_all(struct executor *ex, struct event_batch *batch);
void engine_notice(struct executor *ex, const char *step, const char *category, const char *message, const char *hint);
void engine_fail(struct executor *ex, const struct err *why); /* nothing more is done */
int engine_node_of(const struct executor *ex, const char *step); /* index, or -1 */
void output_take(struct executor *ex, struct message *message);
void output_flush(struct executor *ex, size_t node);
void output_flush_due(struct executor *ex, int64_t now_ms);

/* opening.c */
void opening_make_graph(struct executor *ex);
void opening_run(struct executor *ex); /* what executor_start leaves to the thread; a failure becomes ex->fatal */
void opening_declare(struct executor *ex, const struct plan_step *step, const char *parent, const char *value,
                     struct event_batch *batch);

/* each.c */
void engine_add_node(struct executor *ex, const struct graph_node *node); /* takes what it owns */

/* flow.c: a step's way */
void flow_start(struct executor *ex, size_t node);
void flow_proposed(struct executor *ex, size_t node, int rc, const struct err *why);
void flow_copied(struct executor *ex);
void flow_tried(struct executor *ex, size_t node, int rc, const struct err *why);
void flow_checked(struct executor *ex, size_t node, int rc, const struct err *why);
void flow_answer(struct executor *ex, const struct command *command, bool yes);
void flow_fail(struct executor *ex, size_t node, const struct err *why);
void flow_stop(struct executor *ex, size_t node, const struct err *why); /* ERR_CANCELLED, or ERR_LIMIT */
void flow_resume_checks(struct executor *ex, size_t node);
void flow_pump(struct executor *ex); /* lands, and starts commands, as far as the tree is free */
void flow_release(struct engine_node *state);
/* What flow_answer.c needs of it. */
void flow_take_up(struct executor *ex, size_t node); /* the executor's own work for the step begins: for its costs */
void flow_begin_attempt(struct executor *ex, size_t node);
bool flow_try_again(struct executor *ex, size_t node, const struct err *why);
enum stage flow_stage_when_accepted(struct executor *ex, size_t node);
void flow_drop_job(struct engine_node *state);
void flow_forget_question(struct engine_node *state);

/* job.c: a worker gets it, and it comes back with MESSAGE_PROPOSED or MESSAGE_CHECKED */
struct step_job *job_new(struct executor *ex, size_t node);
int job_submit(struct executor *ex, struct step_job *job, enum stage stage, struct err *err) MUST_CHECK;

/* guard.c: before and after commands */
void guard_safety_commit(struct executor *ex);
int guard_before(struct executor *ex, size_t node, struct err *err) MUST_CHECK;
void guard_drop(struct executor *ex, size_t node); /* the command does not run after all */
void guard_touch(const struct executor *ex);       /* it still runs: for where the watch dies with us */
#define GUARD_TOUCH_MS 100
int guard_after(struct executor *ex, size_t node, struct err *err) MUST_CHECK;
int guard_check_writes(const struct plan_step *step, const struct changeset *set, struct err *err) MUST_CHECK;

/* approve.c: what is risky and who is asked */
enum approval { APPROVAL_GIVEN, APPROVAL_WAITS, APPROVAL_DENIED };
enum approval approve_before(struct executor *ex, size_t node); /* DENIED: the step has failed */
enum approval approve_change(struct executor *ex, size_t node);
bool approve_covers(struct executor *ex, size_t node, enum risk *risk); /* may its commands run without being asked about? */
void approve_nobody(struct executor *ex); /* nobody will answer any more */

/* coverage.c: what undo brings back and what it does not */
void coverage_before(const struct executor *ex, size_t node, size_t n_files, struct strings *covered,
                     struct strings *not_covered);
void coverage_after(struct executor *ex, size_t node, const struct strings *lost); /* its command has ended */
void coverage_of_run(const struct executor *ex, size_t n_files, struct strings *covered, struct strings *not_covered);
bool coverage_lacks_git(const struct executor *ex, size_t node); /* the command of the node can reach .git */

/* decide.c: cuts what the node proposed down to the patch in the command, and records it. -1: nothing has changed */
int decide_change(struct executor *ex, size_t node, const struct command *command, struct err *err) MUST_CHECK;

/* preview.c: all of it for dry runs alone */
int preview_open(struct executor *ex, struct err *err) MUST_CHECK;
void preview_close(struct executor *ex);
bool preview_skips(struct executor *ex, size_t node); /* the step cannot be seen: it is told, and has ended */
bool preview_may_try(struct executor *ex, size_t node); /* false: the checks of its change are not run, which is told */
int preview_keep(struct executor *ex, size_t node, struct err *err) MUST_CHECK; /* in the place of landing */

/* each.c */
int each_expand(struct executor *ex, size_t node, struct err *err) MUST_CHECK;
void each_close(struct executor *ex, size_t node);
/* Makes a member again, from the declaration in the journal; other declarations are none of its business. */
int each_restore(struct executor *ex, const struct event *declared, struct err *err) MUST_CHECK;
void each_release(struct executor *ex);

/* grow.c */
void grow_command(struct executor *ex, const struct command *command);
void grow_save(struct executor *ex, const struct command *command);
int grow_restore(struct executor *ex, const struct event *event, struct err *err) MUST_CHECK; /* of an earlier start */
void grow_release(struct executor *ex);

/* control.c */
void control_command(struct executor *ex, const struct command *command);
void control_note(struct executor *ex, const struct event *event); /* a message, also of an earlier start */
bool control_breaks(struct executor *ex, size_t node); /* before a start: it has a breakpoint, and the run is paused now */
void control_stop_all(struct executor *ex, const struct err *why);

/* rollback.c */
int rollback_steps(struct executor *ex, const size_t *node, size_t n, bool redo, struct err *err) MUST_CHECK;
void rollback_command(struct executor *ex, const struct command *command);
void rollback_all(struct executor *ex);
void rollback_name_files(const struct executor *ex, size_t node, struct buf *out); /* what it has in the tree now */
void rollback_note(struct executor *ex, const struct event *event); /* of every event that was applied */

/* finish.c */
void finish_run(struct executor *ex);
void finish_fatally(struct executor *ex);

#endif
