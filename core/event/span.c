#include "event/span.h"

#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

#define NO_SPAN (-1) /* the step waits for nothing, or is over */
#define SAME (-2)    /* the event says nothing of the time */

static const char *const name[] = {
#define X(id, text) [SPAN_##id] = text,
	SPAN_KINDS(X)
#undef X
};

const char *span_name(enum span_kind kind)
{
	return name[kind];
}

static int kind_of_phase(const char *phase)
{
	for (int i = SPAN_CONNECTING; phase && i <= SPAN_CHECKING; i++)
		if (strcmp(name[i], phase) == 0)
			return i;
	return SPAN_WORKING;
}

/* What a step is in after an event of its own. */
static int kind_after(const struct event *event)
{
	switch (event->kind) {
	case EVENT_STEP_READY:
		return SPAN_QUEUED;
	case EVENT_STEP_STARTED:
	case EVENT_LANDED:
	case EVENT_CHECK_FINISHED:
		return SPAN_WORKING;
	case EVENT_PHASE_CHANGED:
		return kind_of_phase(event->phase);
	case EVENT_RETRY_SCHEDULED:
		return SPAN_RETRYING;
	case EVENT_APPROVAL_ASKED:
		return SPAN_ASKING;
	case EVENT_CHANGE_PROPOSED: /* its turn is waited for, too */
	case EVENT_APPROVAL_GIVEN:
	case EVENT_INTENT:
		return SPAN_LANDING;
	case EVENT_CHECK_STARTED:
		return SPAN_CHECKING;
	case EVENT_APPROVAL_REFUSED:
	case EVENT_STEP_SKIPPED:
	case EVENT_STEP_FAILED:
	case EVENT_STEP_DONE:
		return NO_SPAN;
	default:
		return SAME;
	}
}

static void forget(struct spans *spans)
{
	const struct map_entry *entry;
	for (size_t i = 0; (entry = map_next(&spans->open, &i));)
		free(entry->value);
	map_release(&spans->open);
	spans->open = (struct map){ 0 };
}

bool spans_take(struct spans *spans, const struct event *event, struct span *out)
{
	int kind = event->step ? kind_after(event) : SAME;
	if (event->kind == EVENT_RUN_RESUMED)
		forget(spans);
	if (kind == SAME)
		return false;
	struct span *open = map_get(&spans->open, event->step);
	bool ends = open != NULL;
	if (ends) {
		*out = *open;
		out->step = event->step;
		out->to_ms = event->at_ms;
	}
	if (kind == NO_SPAN) {
		free(map_remove(&spans->open, event->step));
		return ends;
	}
	if (!open) {
		open = xcalloc(1, sizeof *open);
		map_put(&spans->open, event->step, open);
	}
	*open = (struct span){ .attempt = event->attempt, .kind = (enum span_kind)kind, .from_ms = event->at_ms };
	return ends;
}

void spans_release(struct spans *spans)
{
	forget(spans);
}
