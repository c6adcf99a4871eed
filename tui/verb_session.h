/* A run with its front end, from the lock to the exit status: what `run` and `resume` share. For verb_*.c. */
#ifndef BELAY_TUI_VERB_SESSION_H
#define BELAY_TUI_VERB_SESSION_H

#include "io/config.h"
#include "run/executor.h"
#include "tui/verb_front.h"

struct session {
	const struct cli *cli;
	char *root, *run, *dir;  /* owned */
	struct buf habits;       /* path of io/habits.h */
	struct verb_plan plan;
	struct config *config;
	struct verb_front front;
	struct run_options options;
	bool *selected;          /* owned; NULL: all steps */
	struct tree_lock *lock;
	struct tape *tape;       /* owned; or NULL */
};

/* Which steps, as the command line or the record of an earlier start has it; NULL: not given. */
struct session_selection {
	const char *from, *until, *only;
};

/* The options of `run` and `resume` alike: workers, --yes, --model, the front end, the configuration. */
int session_init(struct session *session, const struct cli *cli, struct err *err) MUST_CHECK;

/* After the plan was loaded: what this version cannot run, and the selection. Findings go to the plan's diags. */
int session_admit(struct session *session, const struct session_selection *selection, struct err *err) MUST_CHECK;

/* Puts right what a crash left in the tree; with the lock held. After it space for an undo is reserved, or -1. */
int session_recover(const struct session *session, const struct run_list *runs, struct err *err) MUST_CHECK;

/* The new run's folder, and the tree for it alone; what a crash left is put right before anything is begun. */
int session_begin(struct session *session, struct err *err) MUST_CHECK;

/* Starts, gives the feed to the front end, and waits for the end. Returns the exit status. */
int session_go(struct session *session);

/* Says what the plan's diags hold and the error, and ends --json with the result. Returns the exit status. */
int session_fail(struct session *session, const struct err *err);
void session_release(struct session *session);

#endif
