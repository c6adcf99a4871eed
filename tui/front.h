/*
 * What the front ends without a screen share: waiting on the feed, on signals and on lines of answers. Only for
 * plain.c and json_out.c.
 */
#ifndef BELAY_TUI_FRONT_H
#define BELAY_TUI_FRONT_H

#include "base/buf.h"
#include "event/feed.h"

#include <stdbool.h>
#include <stdint.h>

struct front {
	struct feed *feed;   /* borrowed */
	int signal_fd;       /* signalfd(2), or -1 */
	int line_fd;         /* where answers are read, or -1 */
	struct buf lines;    /* read and not yet handed out */
	bool line_end;       /* line_fd has ended */
	int signal;          /* the first that asked to end, or 0 */
	int64_t signal_ms;   /* monotonic, of the last one */
	bool gave_up;        /* a second signal within 2 s: do not wait for the run */
};

/* Waits until something may be there; reads signals and sends COMMAND_STOP for them, COMMAND_DETACH when line_fd ends. */
void front_wait(struct front *front);

/* The next whole line from line_fd, without its end; NULL when there is none yet. To be freed. */
char *front_line(struct front *front);
void front_release(struct front *front);

/* The exit status after `exit_code` (of run_finished, -1 when there was none) and what signals say. */
int front_exit(const struct front *front, int64_t exit_code);

#endif
