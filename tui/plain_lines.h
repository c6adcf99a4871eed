/*
 * Whole lines out of the pieces that commands print, apart for each step, so that steps that run together do not mix
 * within a line. One thread.
 */
#ifndef BELAY_TUI_PLAIN_LINES_H
#define BELAY_TUI_PLAIN_LINES_H

#include "base/map.h"

#include <stddef.h>

typedef void plain_line_fn(void *arg, const char *step, const char *line); /* without its line end */

struct plain_lines {
	struct map open; /* step -> struct buf * with the line that has not ended; owned */
	plain_line_fn *line;
	void *arg;
};

void plain_lines_add(struct plain_lines *lines, const char *step, const char *text, size_t n);
void plain_lines_end(struct plain_lines *lines, const char *step); /* the last line, if it has no end */
void plain_lines_release(struct plain_lines *lines);

#endif
