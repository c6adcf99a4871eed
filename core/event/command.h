/*
 * What a person (or a script) asks of a running plan or of a replay. A command is a value that crosses
 * threads; its strings are owned (command_clone, command_free).
 */
#ifndef BELAY_EVENT_COMMAND_H
#define BELAY_EVENT_COMMAND_H

#include <stdbool.h>
#include <stdint.h>

enum command_kind {
	COMMAND_APPROVE,    /* request, by, shown_ms */
	COMMAND_REFUSE,     /* request, by, shown_ms, text: the reason */
	COMMAND_DECIDE,     /* as APPROVE, but only this much: text is a patch of what is accepted, number and rejected count hunks */
	COMMAND_PAUSE,      /* nothing new starts */
	COMMAND_UNPAUSE,
	COMMAND_ONE_STEP,   /* while paused: start one step */
	COMMAND_RETRY,      /* step: retry now, or run a failed step again */
	COMMAND_SKIP,       /* step */
	COMMAND_STOP_STEP,  /* step: cancel it; its changes do not land */
	COMMAND_STOP,       /* no new steps; running ones are cancelled; the run ends */
	COMMAND_UNDO,       /* step (NULL: the last landed); text: one path of it alone; number: enum rollback_how */
	COMMAND_REDO,       /* the last undo, or the step; the same */
	COMMAND_MESSAGE,    /* step; text: a person's word for the model, for its next attempts */
	COMMAND_BREAK,      /* step; number: 1 to pause before it starts, 0 not to */
	COMMAND_GROW,       /* text: "/write PATH: what" and the like, one step more */
	COMMAND_SAVE,       /* text: a new file for the plan that was grown */
	COMMAND_WORKERS,    /* number */
	COMMAND_DETACH,     /* the front end is gone; go on only if the run needs nobody */
	/* replay only; a live feed answers them with a notice */
	COMMAND_PLAY,       /* toggles play and pause */
	COMMAND_STEP_EVENT, /* number: +1 or -1 events, pauses */
	COMMAND_STEP_MARK,  /* number: +1 or -1 marks (step boundary, approval, bookmark, failure) */
	COMMAND_STEP_FAILURE, /* number: +1 or -1 failures */
	COMMAND_SEEK_MS,    /* number: relative milliseconds of run time */
	COMMAND_SEEK_TO_MS, /* number: milliseconds since the start */
	COMMAND_SEEK_SEQ,   /* number; pauses */
	COMMAND_SEEK_PERCENT, /* number, 0 to 100 */
	COMMAND_SPEED,      /* number: thousandths; 1000 is real time, 125 to 64000 */
	COMMAND_SQUEEZE,    /* toggles squeezing of idle gaps over 2 s */
	COMMAND_BOOKMARK    /* sets or removes the bookmark at the play head, in the run's side file */
};

/* What to do about files that changed since. */
enum rollback_how {
	ROLLBACK_KEEP,  /* they are left as they are */
	ROLLBACK_ASK,   /* when there are any, or later steps build on it: rollback_asked, and nothing is done */
	ROLLBACK_MERGE, /* merged where that is clean, else left */
	ROLLBACK_FORCE  /* merged, else put back all the same: what was there is kept in the store */
};

struct command {
	enum command_kind kind;
	char *step;     /* owned, or NULL */
	char *request;  /* owned, or NULL */
	char *text;     /* owned, or NULL */
	const char *by; /* static: "person", "flag", "policy" */
	int64_t shown_ms;
	int64_t number;
	int64_t rejected;
};

struct command *command_clone(const struct command *command);
void command_free(struct command *command); /* accepts NULL */

/* The kind's name, for messages and the journal: "approve", "undo" ... Static. */
const char *command_name(enum command_kind kind);

#endif
