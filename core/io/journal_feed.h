/*
 * A feed over a journal: replay, read-only. It holds no journal for writing and no network, and a test proves it.
 * A thread of nobody: the front end's own clock decides what is due. It plays from the start.
 *
 * A seek gives what leads to the same model as all events up to there would, after FEED_RESET where it goes back; but
 * of long outputs only what can be looked at: of steps that are over the last of their words, of those that run all of
 * the model's answer and the last of a command's output. So a seek costs the events that matter, not the log's length.
 * What is behind a broken link of the hash chain is not shown; feed_status says `corrupt`.
 */
#ifndef BELAY_IO_JOURNAL_FEED_H
#define BELAY_IO_JOURNAL_FEED_H

#include "base/attr.h"
#include "event/feed.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * `path` is a run's folder, which holds journal.jsonl and the store, or a journal file. `now_ms` is the monotonic
 * clock (NULL: clock_mono_ms), for tests.
 */
int journal_feed_new(struct feed **out, const char *path, int64_t (*now_ms)(void), struct err *err) MUST_CHECK;

/* No clock from here on: all events at once, then FEED_END. For plain lines. */
void journal_feed_rush(struct feed *feed);

/*
 * Goes on as the run does that another process writes: begins at the end, and shows what comes as it comes. With
 * journal_feed_rush (before), FEED_END comes when the run has ended or nobody works on it any more.
 */
int journal_feed_follow(struct feed *feed, struct err *err) MUST_CHECK;

/* Bookmarks are kept by somebody else, in the run's side file: nothing here writes. */
struct bookmark_file {
	const uint64_t *seq; /* that there are */
	size_t n_seqs;
	int (*save)(void *arg, uint64_t seq, bool set, struct err *err);
	void *arg;
};
void journal_feed_bookmarks(struct feed *feed, const struct bookmark_file *bookmarks); /* borrowed */

#endif
