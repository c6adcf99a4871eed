/*
 * Telling a person who may look elsewhere that a run waits for an answer, or is finished: the terminal's bell, a
 * notification of the terminal's own (OSC 9, as iTerm2 made it known), and a command of the user's. Decides by the run's
 * state alone, once for each question and once for the end; tells nothing of what had happened before the first look.
 * Used by one thread.
 */
#ifndef BELAY_TUI_NOTIFY_H
#define BELAY_TUI_NOTIFY_H

#include "base/buf.h"
#include "event/run_model.h"

#include <stdbool.h>
#include <stdint.h>

struct notify_options {
	bool bell;
	bool osc;            /* the terminal shows OSC 9 */
	const char *command; /* for sh -c; NULL or "": none */
	int64_t after_ms;    /* the end of a shorter run is told only to who looks elsewhere */
};

/* By the configuration's word and what the environment says of the terminal. */
bool notify_terminal_shows(const char *when);

struct notify;

/* Borrows the options until notify_free. fd: the terminal that bells and OSC 9 go to, or -1. */
struct notify *notify_new(const struct notify_options *options, int fd);

/* Waits a moment for a command that is still running, and then leaves it to itself. */
void notify_free(struct notify *notify);

/* As the terminal reports it; until then the user is taken to look, but not known to. */
void notify_focus(struct notify *notify, bool has_focus);

/* After events: tells what is new in the model. since_ms: for how long this start of the run has been going. */
void notify_look(struct notify *notify, const struct run_model *model, int64_t since_ms);

/* Why the command failed goes to *out, once; false when it did not, or is running. */
bool notify_take_trouble(struct notify *notify, struct buf *out);

#endif
