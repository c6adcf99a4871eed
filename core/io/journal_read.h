/*
 * Reading a journal, from a mapped file. Apart from journal.h, so that what only reads (replay, the log) cannot
 * even link what writes.
 */
#ifndef BELAY_IO_JOURNAL_READ_H
#define BELAY_IO_JOURNAL_READ_H

#include "base/attr.h"
#include "base/err.h"
#include "event/event_json.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct journal_reader;

int journal_reader_open(struct journal_reader **out, const char *file, struct err *err) MUST_CHECK;
void journal_reader_close(struct journal_reader *reader);

/*
 * The next event: 1 with *line (release it), 0 at the end, -1 with ERR_CORRUPT for a bad line or a broken chain. A
 * last line that a crash tore (it has no end, or holds NUL bytes) counts as the end. Lines of unknown types are
 * skipped.
 */
int journal_reader_next(struct journal_reader *reader, struct event_line *line, struct err *err) MUST_CHECK;

/*
 * The same walk, chain checked, without decoding each event: what an index of a long journal needs. Lines of unknown
 * types are given too, with kind -1. Strings are valid until the next call.
 */
struct journal_skim {
	size_t offset; /* of the line: for journal_reader_at */
	size_t size;   /* bytes of the line, without its end */
	uint64_t seq;
	int64_t at_ms;
	int kind;         /* enum event_kind, or -1 */
	const char *step; /* not NUL-terminated; NULL without one */
	size_t step_len;
	bool from_model;  /* an output event of the stream "model" */
};
int journal_reader_skim(struct journal_reader *reader, struct journal_skim *out, struct err *err) MUST_CHECK;

/* The last whole line, wherever the reader stands, without the chain: 1 with *out, 0 when there is none. */
int journal_reader_last(struct journal_reader *reader, struct event_line *out, struct err *err) MUST_CHECK;

/* Looks for lines appended since (a run that is being followed). */
int journal_reader_refresh(struct journal_reader *reader, struct err *err) MUST_CHECK;

/* Calls `each` for every event of the journal in a run's folder; ends early, and returns the same, where it returns
 * non-zero. */
int journal_each(const char *run_dir, int (*each)(void *arg, const struct event *event, struct err *err), void *arg,
                 struct err *err) MUST_CHECK;

/* Where the reader stands: bytes of whole lines read, number of the last event, hash of the last line. */
size_t journal_reader_offset(const struct journal_reader *reader);
uint64_t journal_reader_seq(const struct journal_reader *reader);
const char *journal_reader_prev(const struct journal_reader *reader);

/* Reads the event at an offset that journal_reader_offset gave before, without following the chain. */
int journal_reader_at(struct journal_reader *reader, size_t offset, struct event_line *line, struct err *err) MUST_CHECK;

#endif
