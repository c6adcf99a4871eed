/*
 * What a run has made of the work tree up to an event: the fold of its landings, each file with what it was when the run
 * first wrote it. Pure. One thread.
 */
#ifndef BELAY_TUI_TREE_STATE_H
#define BELAY_TUI_TREE_STATE_H

#include "base/map.h"
#include "event/event.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tree_file {
	char *path;                    /* owned */
	struct event_image first, now; /* before the run, and at the event; their links are owned */
	uint64_t seq;                  /* of the event that changed it last; 0: not yet, but later */
};

struct tree_state {
	struct tree_file **file; /* owned; as they came */
	size_t n_files, cap_files;
	struct map by_path;
	bool undoing;  /* the intent that is open takes steps back */
	uint64_t seq;  /* of the last event that changed a file */
};

void tree_state_clear(struct tree_state *state); /* a zeroed struct is empty, too */

/* Events in order; those that say nothing of the tree are passed over. */
void tree_state_take(struct tree_state *state, const struct event *event);

/* An event from behind the place that is looked at: files that nothing had touched by then are known as they were. */
void tree_state_take_later(struct tree_state *state, const struct event *event);

bool tree_image_equal(const struct event_image *a, const struct event_image *b);

#endif
