#include "run/event_batch.h"

#include "base/vec.h"

#include <stdlib.h>

struct event *event_batch_add(struct event_batch *batch, const struct event *event)
{
	struct event *copy = event_clone(event);
	batch->event = vec_room(batch->event, batch->n_events, &batch->cap_events, sizeof *batch->event);
	batch->event[batch->n_events++] = copy;
	return copy;
}

void event_batch_release(struct event_batch *batch)
{
	for (size_t i = 0; i < batch->n_events; i++)
		free(batch->event[i]);
	free(batch->event);
	*batch = (struct event_batch){ 0 };
}
