/* The feed over a run that is going on: a queue of events to the front end, and of commands back. */
#ifndef BELAY_RUN_LIVE_FEED_H
#define BELAY_RUN_LIVE_FEED_H

#include "base/queue.h"
#include "event/feed.h"

/*
 * `send` gets commands from the front end's thread (it copies them). run_dir is for texts that are in the store only.
 */
int live_feed_new(struct feed **out, const char *run_dir, void (*send)(void *arg, const struct command *command),
                  void *arg, struct err *err) MUST_CHECK;

/* Executor's side. publish clones the event; close ends the feed after what was published. */
void live_feed_publish(struct feed *feed, const struct event *event);
void live_feed_close(struct feed *feed);

#endif
