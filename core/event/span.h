/*
 * Where the time of steps went: a step's way from `step_ready` to its end, cut into spans. At any moment a step is in one
 * span; an event of the step ends it and begins the next. What was under way when a run stopped, without a word of how
 * it ended, is in no span.
 */
#ifndef BELAY_EVENT_SPAN_H
#define BELAY_EVENT_SPAN_H

#include "base/map.h"
#include "event/event.h"

/* X(KIND, name). The phases of journal.md have their own names; "working" is all that has none. */
#define SPAN_KINDS(X)                \
	X(QUEUED, "queued")          \
	X(WORKING, "working")        \
	X(CONNECTING, "connecting")  \
	X(WAITING, "waiting")        \
	X(PREFILL, "prefill")        \
	X(STREAMING, "streaming")    \
	X(MATCHING, "matching")      \
	X(CHECKING, "checking")      \
	X(RETRYING, "retrying")      \
	X(ASKING, "asking")          \
	X(LANDING, "landing")

enum span_kind {
#define X(id, name) SPAN_##id,
	SPAN_KINDS(X)
#undef X
	SPAN_N_KINDS
};

struct span {
	const char *step; /* borrowed from the event */
	int attempt;
	enum span_kind kind;
	int64_t from_ms, to_ms; /* wall clock */
};

/* The spans that are open. A zeroed struct has none. */
struct spans {
	struct map open; /* step -> owned struct span */
};

const char *span_name(enum span_kind kind);

/* Takes the next event of a run: true when it ends a span, which is in *out. */
bool spans_take(struct spans *spans, const struct event *event, struct span *out);
void spans_release(struct spans *spans);

#endif
