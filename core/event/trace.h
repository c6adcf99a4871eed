/*
 * A run as a trace that chrome://tracing and Perfetto show: the JSON array of the "Trace Event Format", made from the
 * run's events alone. Each step that runs has a lane, with its attempts and, in them, what their time was spent on;
 * retries, conflicts and notices are marks, tokens a counter. Times are microseconds from the run's start, as exact as
 * the journal's: to the millisecond.
 */
#ifndef BELAY_EVENT_TRACE_H
#define BELAY_EVENT_TRACE_H

#include "base/buf.h"
#include "base/json.h"
#include "event/event.h"
#include "event/span.h"

struct trace_lane {
	char *step; /* owned; NULL: free */
	int attempt;
	int64_t from_ms;
};

struct trace {
	struct json_writer w;
	struct spans spans;
	struct trace_lane *lane; /* owned */
	size_t n_lanes, cap_lanes;
	struct map verbs;        /* step -> owned verb */
	int64_t start_ms, last_ms;
	int64_t tokens;
};

void trace_init(struct trace *trace, struct buf *out); /* out: borrowed, gets the text */
void trace_take(struct trace *trace, const struct event *event); /* in order of seq */
void trace_finish(struct trace *trace); /* what is still open ends with the last event; the text is whole; releases */

#endif
