/*
 * What a replay knows of each line of a journal without decoding it: where it is, when, what and of which step; and the
 * places worth going to. Grows as the journal is read. One thread.
 */
#ifndef BELAY_IO_JOURNAL_INDEX_H
#define BELAY_IO_JOURNAL_INDEX_H

#include "base/attr.h"
#include "base/map.h"
#include "event/feed.h"
#include "io/journal_read.h"

#include <stdbool.h>
#include <stddef.h>

struct journal_index {
	struct feed_entry *entry; /* owned; event i + 1 */
	size_t n_entries, cap_entries;
	struct feed_mark *mark;   /* owned; in order */
	size_t n_marks, cap_marks;
	struct strings step;      /* ids in the order in which they came; number 0, "", is for events without */
	struct map number;        /* id -> number + 1 */
	bool complete;            /* all lines that there are have been read */
	bool corrupt;
	struct err why;           /* it is corrupt */
	int64_t end_ms;           /* of the last line, also while it is not complete */
	uint64_t last_seq;
};

void journal_index_init(struct journal_index *index);
void journal_index_release(struct journal_index *index);

/* Reads some lines more; or as many as it takes to have n. */
void journal_index_slice(struct journal_index *index, struct journal_reader *reader);
void journal_index_to(struct journal_index *index, struct journal_reader *reader, size_t n);

/* Nothing from entry n on is to be shown: it is damaged. */
void journal_index_cut(struct journal_index *index, size_t n);

/* Sets or removes a bookmark. True when it is there now. */
bool journal_index_bookmark(struct journal_index *index, uint64_t seq);

/* The nearest mark after (or before) event `seq`, of one kind or of any (FEED_MARK_N); 0 when there is none. */
uint64_t journal_index_mark(const struct journal_index *index, uint64_t seq, bool back, enum feed_mark_kind kind);

#endif
