/* Events on their way together: owned copies, in order. A zeroed struct is empty. */
#ifndef BELAY_RUN_EVENT_BATCH_H
#define BELAY_RUN_EVENT_BATCH_H

#include "event/event.h"

#include <stddef.h>

struct event_batch {
	struct event **event; /* owned; a slot may be NULL once it was given away */
	size_t n_events, cap_events;
};

struct event *event_batch_add(struct event_batch *batch, const struct event *event); /* its copy; borrowed */
void event_batch_release(struct event_batch *batch);

#endif
