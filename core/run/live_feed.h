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

/*
 * Executor's side. publish clones the event, give takes it; close ends the feed after what was published. The feed is
 * the executor's: ops->free does nothing, and live_feed_free (accepts NULL) ends it when no front end has it any more.
 */
void live_feed_publish(struct feed *feed, const struct event *event);
void live_feed_give(struct feed *feed, struct event *event);
void live_feed_close(struct feed *feed);
void live_feed_free(struct feed *feed);

/* Where the work tree is, for `now`. Before a front end has the feed. */
void live_feed_set_root(struct feed *feed, const char *root);

/* Events up to this one are those of earlier starts of the run. Before the first event is published. */
void live_feed_set_resumed(struct feed *feed, uint64_t last_seq);

#endif
