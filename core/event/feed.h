/*
 * Where a front end gets its events: from a run that is going on (run/live_feed.h), or from a journal and a
 * clock (io/journal_feed.h). A front end cannot tell which it has, but for what feed_status says on screen.
 * All calls are made by one thread, the front end's.
 */
#ifndef BELAY_EVENT_FEED_H
#define BELAY_EVENT_FEED_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "event/command.h"
#include "event/event.h"

#include <stdbool.h>
#include <stdint.h>

enum feed_got {
	FEED_EVENT, /* *event is valid until the next call */
	FEED_NONE,  /* nothing due now: wait for the descriptor, or until due_ms */
	FEED_RESET, /* begin again with an empty model: what follows comes from the first event on */
	FEED_END    /* a live run has ended and all its events were given */
};

/* A place in a journal that is worth going to: a step's end, a question, a failure, the end. */
enum feed_mark_kind { FEED_MARK_STEP, FEED_MARK_APPROVAL, FEED_MARK_FAILURE, FEED_MARK_END };

struct feed_mark {
	enum feed_mark_kind kind;
	int64_t at_ms; /* wall clock */
	uint64_t seq;
};

struct feed_status {
	bool replay;
	bool playing;
	bool squeeze;
	bool corrupt;       /* the hash chain is broken: shown, never hidden */
	int64_t speed;      /* thousandths */
	uint64_t seq;       /* of the last event given */
	uint64_t last_seq;  /* of the journal; 0 when live */
	int64_t start_ms;   /* wall clock of the first event */
	int64_t now_ms;     /* wall clock at the play head */
	int64_t end_ms;
	const struct feed_mark *mark; /* of a replay, in order, as far as they are known; borrowed until the next call */
	size_t n_marks;
};

struct feed;

struct feed_ops {
	enum feed_got (*next)(struct feed *feed, const struct event **event);
	int64_t (*due_ms)(struct feed *feed); /* until next may give more: milliseconds, -1: only by wake_fd */
	int (*wake_fd)(struct feed *feed);    /* readable when next may give more; -1 when there is none */
	void (*send)(struct feed *feed, const struct command *command); /* copies it; never blocks */
	/* The bytes behind a text or a file image. -1 with *err when the store does not hold them. */
	int (*blob)(struct feed *feed, const char *sha256, struct buf *out, struct err *err);
	void (*status)(struct feed *feed, struct feed_status *out);
	void (*free)(struct feed *feed);
};

struct feed {
	const struct feed_ops *ops;
};

#endif
