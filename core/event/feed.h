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
#include "base/vec.h"
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

/* A place in a journal that is worth going to: a step's end, a question, what a person marked, a failure, the end. */
enum feed_mark_kind { FEED_MARK_STEP, FEED_MARK_APPROVAL, FEED_MARK_BOOKMARK, FEED_MARK_FAILURE, FEED_MARK_END,
	FEED_MARK_N };

struct feed_mark {
	enum feed_mark_kind kind;
	int64_t at_ms; /* wall clock */
	uint64_t seq;
};

/* One event of a journal, as far as it is known without being decoded; its number is its index + 1. */
struct feed_entry {
	size_t offset;   /* where the feed finds it */
	int64_t at_ms;   /* never less than the one before */
	uint32_t size;   /* bytes of its line */
	uint32_t step;   /* number of its step's id in feed_status.step; 0: it has none */
	int16_t kind;    /* enum event_kind; -1: of a kind that is not known here, and passed over */
	bool from_model; /* an output of the model's */
};

struct feed_status {
	bool replay;
	bool playing;
	bool squeeze;
	bool corrupt;       /* the hash chain is broken: shown, never hidden */
	bool live;          /* of a replay: somebody writes the journal at this moment */
	bool at_edge;       /* and each event is shown as it comes */
	const char *trouble; /* why the journal ends where it does, or what went wrong last; NULL: nothing. Borrowed */
	int64_t speed;      /* thousandths */
	uint64_t seq;       /* of the last event given */
	uint64_t last_seq;  /* of the journal; 0 when live */
	int64_t start_ms;   /* wall clock of the first event */
	int64_t now_ms;     /* wall clock at the play head */
	int64_t end_ms;
	const struct feed_mark *mark; /* of a replay, in order, as far as they are known; borrowed until the next call */
	size_t n_marks;
	const struct feed_entry *entry; /* of a replay: what is known of the journal, also behind the play head; borrowed */
	size_t n_entries;
	const struct strings *step; /* their ids */
};

/* A file as it is in the work tree. */
struct feed_file {
	bool present;
	bool is_link;  /* the text is its target */
	unsigned mode; /* permission bits */
	struct buf text;
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
	/* Of a replay, else NULL: any event of the journal, without moving the play head; valid until the next peek. */
	int (*peek)(struct feed *feed, size_t entry, const struct event **event, struct err *err);
	/* What is in the work tree now; absent is no error. May be NULL. */
	int (*now)(struct feed *feed, const char *path, struct feed_file *out, struct err *err);
};

struct feed {
	const struct feed_ops *ops;
};

#endif
