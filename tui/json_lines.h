/*
 * What verbs other than run print under --json: objects with the common keys (v, seq, ts, run, type), one a line on
 * stdout; the last one is the result.
 */
#ifndef BELAY_TUI_JSON_LINES_H
#define BELAY_TUI_JSON_LINES_H

#include "base/diag.h"
#include "base/err.h"
#include "base/json.h"
#include "event/event.h"

#include <stdint.h>

struct json_lines {
	struct json_writer w; /* for the keys between begin and end */
	struct buf line;
	uint64_t seq;
	const char *run; /* borrowed; NULL: none */
};

void json_lines_begin(struct json_lines *lines, const char *type);
void json_lines_end(struct json_lines *lines);

/* An event as it is, with its own number and time. */
void json_lines_event(struct json_lines *lines, const struct event *event, const char *type);

void json_lines_diag(struct json_lines *lines, const struct diag *diag); /* type "diagnostic" */
void json_lines_error(struct json_lines *lines, const struct err *err); /* a notice */
void json_lines_result(struct json_lines *lines, int exit_code);         /* without steps and files; releases */

#endif
