/*
 * A feed over a journal: replay, read-only. It holds no journal for writing and no network, and a test proves it.
 * A thread of nobody: the front end's own clock decides what is due. Seeks through key frames.
 */
#ifndef BELAY_IO_JOURNAL_FEED_H
#define BELAY_IO_JOURNAL_FEED_H

#include "base/attr.h"
#include "event/feed.h"

/* run_dir holds journal.jsonl and the store. `now_ms` is the monotonic clock (NULL: clock_mono_ms), for tests. */
int journal_feed_new(struct feed **out, const char *run_dir, int64_t (*now_ms)(void), struct err *err) MUST_CHECK;

#endif
