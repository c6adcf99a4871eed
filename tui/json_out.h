/*
 * `belay run --json`: a front end that writes each event as one object a line on a descriptor, texts whole; the last
 * line is the result. Answers to approvals come as lines from another descriptor.
 */
#ifndef BELAY_TUI_JSON_OUT_H
#define BELAY_TUI_JSON_OUT_H

#include "event/feed.h"

#include <stdbool.h>

struct json_out_options {
	int out_fd;     /* where the objects go: 1 */
	int approve_fd; /* where answers are read, or -1 */
	int signal_fd;  /* signalfd(2) of INT, TERM and HUP, or -1 */
	bool replay;    /* the result is that of the replay: exit 0, or 8 when the journal is damaged */
};

/* Runs until the feed ends. Returns the exit status of the run; 130 or 143 when a signal ended it. */
int json_out_run(struct feed *feed, const struct json_out_options *options);

#endif
