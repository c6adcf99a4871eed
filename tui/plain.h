/*
 * `belay run --plain`: a front end of plain lines. Proposed changes go to stdout as unified diffs, everything else to
 * stderr; no cursor moves. An approval is given by typing the step's number or id; anything else declines.
 */
#ifndef BELAY_TUI_PLAIN_H
#define BELAY_TUI_PLAIN_H

#include "event/feed.h"
#include "tui/notify.h"

#include <stdbool.h>

struct plain_options {
	int out_fd;    /* 1 */
	int err_fd;    /* 2 */
	int in_fd;     /* 0: where answers are typed, when `interactive` */
	int signal_fd; /* signalfd(2) of INT, TERM and HUP, or -1 */
	bool interactive;
	bool quiet;    /* no progress lines */
	const struct notify_options *notify; /* NULL: nobody is told of anything */
	bool replay;   /* a recorded run: nothing to answer, to resume or to undo */
};

/* Runs until the feed ends. Returns the exit status of the run; 130 or 143 when a signal ended it. */
int plain_run(struct feed *feed, const struct plain_options *options);

#endif
