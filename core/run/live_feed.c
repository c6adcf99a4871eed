#include "run/live_feed.h"

#include "base/map.h"
#include "base/xalloc.h"
#include "io/feed_now.h"
#include "io/store.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct live_feed {
	struct feed feed; /* first: the public face */
	struct queue *events;
	struct event *current; /* the event given last; owned */
	struct map kept;       /* hash -> owned struct buf: texts that came with events, for blob() */
	char *run_dir, *root;
	void (*send)(void *arg, const struct command *command);
	void *arg;
	struct feed_status status;
	atomic_ullong resumed_seq; /* set by the executor, before it publishes anything */
};

static struct live_feed *self_of(struct feed *feed)
{
	return (struct live_feed *)(void *)feed;
}

/* File texts travel with file_read once, so that the screen needs no store. */
static void keep_text(struct live_feed *self, const struct event *event)
{
	if (event->kind != EVENT_FILE_READ || !event->text.data || !event->hash || map_has(&self->kept, event->hash))
		return;
	struct buf *copy = xcalloc(1, sizeof *copy);
	buf_add(copy, event->text.data, event->text.len);
	map_put(&self->kept, event->hash, copy);
}

static enum feed_got live_next(struct feed *feed, const struct event **event)
{
	struct live_feed *self = self_of(feed);
	free(self->current);
	self->current = queue_try_pop(self->events);
	if (!self->current) {
		if (!queue_is_closed(self->events))
			return FEED_NONE;
		self->current = queue_try_pop(self->events);
		if (!self->current)
			return FEED_END;
	}
	keep_text(self, self->current);
	if (!self->status.start_ms)
		self->status.start_ms = self->current->at_ms;
	self->status.seq = self->current->seq;
	self->status.now_ms = self->current->at_ms;
	self->status.end_ms = self->current->at_ms;
	*event = self->current;
	return FEED_EVENT;
}

static int64_t live_due_ms(struct feed *feed)
{
	(void)feed;
	return -1;
}

static int live_wake_fd(struct feed *feed)
{
	return queue_fd(self_of(feed)->events);
}

static void live_send(struct feed *feed, const struct command *command)
{
	struct live_feed *self = self_of(feed);
	self->send(self->arg, command);
}

static int live_blob(struct feed *feed, const char *sha256, struct buf *out, struct err *err)
{
	struct live_feed *self = self_of(feed);
	const struct buf *kept = map_get(&self->kept, sha256);
	struct store *store = NULL;
	struct hash hash;
	if (kept) {
		buf_add(out, kept->data, kept->len);
		return 0;
	}
	if (hash_parse(sha256, &hash) != 0)
		return err_set(err, ERR_NOT_FOUND, "'%.70s' is no SHA-256", sha256);
	if (store_open_read_only(&store, self->run_dir, err) != 0)
		return -1;
	int rc = store_get(store, &hash, out, err);
	store_close(store);
	return rc;
}

static void live_status(struct feed *feed, struct feed_status *out)
{
	*out = self_of(feed)->status;
	out->last_seq = atomic_load(&self_of(feed)->resumed_seq);
}

static int live_now(struct feed *feed, const char *path, struct feed_file *out, struct err *err)
{
	struct live_feed *self = self_of(feed);
	*out = (struct feed_file){ 0 };
	if (!self->root)
		return err_set(err, ERR_NOT_FOUND, "the work tree is not known");
	return feed_now(self->root, path, out, err);
}

/* It ends with its executor. */
static void live_done(struct feed *feed)
{
	(void)feed;
}

void live_feed_free(struct feed *feed)
{
	if (!feed)
		return;
	struct live_feed *self = self_of(feed);
	const struct map_entry *entry;
	for (size_t i = 0; (entry = map_next(&self->kept, &i));) {
		buf_release(entry->value);
		free(entry->value);
	}
	map_release(&self->kept);
	queue_free(self->events, free);
	free(self->current);
	free(self->run_dir);
	free(self->root);
	free(self);
}

static const struct feed_ops live_ops = {
	.next = live_next,
	.due_ms = live_due_ms,
	.wake_fd = live_wake_fd,
	.send = live_send,
	.blob = live_blob,
	.status = live_status,
	.free = live_done,
	.now = live_now,
};

int live_feed_new(struct feed **out, const char *run_dir, void (*send)(void *arg, const struct command *command),
                  void *arg, struct err *err)
{
	struct live_feed *self = xcalloc(1, sizeof *self);
	if (queue_new(&self->events, err) != 0) {
		free(self);
		return -1;
	}
	self->feed.ops = &live_ops;
	self->run_dir = xstrdup(run_dir);
	self->send = send;
	self->arg = arg;
	self->status.speed = 1000;
	*out = &self->feed;
	return 0;
}

void live_feed_set_root(struct feed *feed, const char *root)
{
	self_of(feed)->root = xstrdup(root);
}

void live_feed_set_resumed(struct feed *feed, uint64_t last_seq)
{
	atomic_store(&self_of(feed)->resumed_seq, last_seq);
}

void live_feed_give(struct feed *feed, struct event *event)
{
	if (!queue_push(self_of(feed)->events, event))
		free(event);
}

void live_feed_publish(struct feed *feed, const struct event *event)
{
	live_feed_give(feed, event_clone(event));
}

void live_feed_close(struct feed *feed)
{
	queue_close(self_of(feed)->events);
}
