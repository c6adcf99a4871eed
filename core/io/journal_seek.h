/*
 * What a seek over many events may leave out and still give the same model where it can be looked at: outputs, phases and
 * reads of files that later ones have replaced. So a seek costs the events that matter, not the log's length.
 */
#ifndef BELAY_IO_JOURNAL_SEEK_H
#define BELAY_IO_JOURNAL_SEEK_H

#include "io/journal_index.h"

#include <stdbool.h>
#include <stddef.h>

/* From which entry on a step's events of a kind matter. */
struct seek_need {
	size_t attempt_from, output_from, phase_from, reads_from;
	size_t output_bytes; /* found so far, from the end */
	size_t n_reads;      /* likewise */
	int64_t left_out;    /* reads before reads_from */
	bool is_over;
	bool is_full;        /* output_from is as early as it may be */
};

struct journal_seek {
	struct seek_need *need; /* owned; one for each step id of the index */
	size_t cap_needs;
	size_t start, end;      /* entries that were weighed; equal: nothing is left out */
};

/* For a seek over the entries from `start` to `end`. */
void journal_seek_weigh(struct journal_seek *seek, const struct journal_index *index, size_t start, size_t end);
void journal_seek_end(struct journal_seek *seek); /* nothing more is left out */
void journal_seek_release(struct journal_seek *seek);

bool journal_seek_leaves_out(const struct journal_seek *seek, const struct feed_entry *entry, size_t at);

/* How many reads of files were left out before this one: for event.left_out. Each is told once. */
int64_t journal_seek_take_left_out(struct journal_seek *seek, const struct feed_entry *entry);

#endif
