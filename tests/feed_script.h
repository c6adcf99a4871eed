/* A feed that gives a list of events, then waits for a command (if told to), gives the rest and ends. */
#ifndef BELAY_TESTS_FEED_SCRIPT_H
#define BELAY_TESTS_FEED_SCRIPT_H

#include "event/feed.h"

#include <stdbool.h>

#define FEED_SCRIPT_MAX 16

struct feed_script {
	struct feed feed; /* first */
	const struct event *event;
	size_t n_events;
	size_t wait_at; /* index of the event that comes only after a command; n_events: none */
	size_t at;
	struct command *sent[FEED_SCRIPT_MAX]; /* owned */
	size_t n_sent;
	const char *blob; /* what every blob holds, or NULL */
	const char *(*blob_of)(const char *sha256); /* instead, when it is not NULL; "" when there is none */
	const char *now;  /* what every file holds in the work tree; NULL: there is none */
	struct feed_status status;
	bool goes_on;     /* after the last event there may be more: the feed does not end */
	bool restart;     /* the next thing it gives is FEED_RESET, then all from the first event on */
};

void feed_script_init(struct feed_script *script, const struct event *event, size_t n_events, size_t wait_at);
void feed_script_release(struct feed_script *script);

#endif
