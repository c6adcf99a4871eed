/*
 * The events of a journal as lines of a list: a stretch of outputs or of reads of one step is one line until it is
 * opened, and a filter leaves out what is not asked for. Made of what a feed knows of each event without decoding it, so
 * a million events are no more than their index. Pure.
 */
#ifndef BELAY_TUI_JOURNAL_ROWS_H
#define BELAY_TUI_JOURNAL_ROWS_H

#include "event/feed.h"

#include <stdbool.h>
#include <stddef.h>

struct journal_row {
	size_t first, last; /* entries of the feed */
	size_t n;           /* of those between them that belong to the line */
};

struct journal_rows {
	struct journal_row *row; /* owned */
	size_t n_rows, cap_rows;
	size_t n_taken;          /* entries that were looked at */
	size_t stretch;          /* where that of the last of them begins */
	struct strings word;     /* of the filter */
	size_t *open;            /* first entries of the stretches that are opened; owned */
	size_t n_open, cap_open;
};

void journal_rows_release(struct journal_rows *rows);

/* Takes what the feed has come to know. */
void journal_rows_update(struct journal_rows *rows, const struct feed_status *status);

/* Words that an event's kind or step must all have; "errors" stands for what went wrong. "" shows all. */
void journal_rows_filter(struct journal_rows *rows, const char *filter);

/* Opens a stretch, or closes the one that the line is part of. False when it is neither. */
bool journal_rows_toggle(struct journal_rows *rows, const struct feed_status *status, size_t row);

/* The line that has the entry, or the last one before it. 0 when there is none. */
size_t journal_rows_at(const struct journal_rows *rows, size_t entry);

#endif
