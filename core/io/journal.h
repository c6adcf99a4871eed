/*
 * The journal of a run: `journal.jsonl`, one event a line with the SHA-256 of the line before in `prev` (64 zeros
 * for the first). Append-only. Only the owner of the run appends, and cuts a torn last line. Secrets are redacted
 * before a line is hashed: this is the one place that writes.
 */
#ifndef BELAY_IO_JOURNAL_H
#define BELAY_IO_JOURNAL_H

#include "base/attr.h"
#include "base/err.h"
#include "event/event.h"
#include "event/redact.h"
#include "io/journal_read.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct journal;

/* Opens for appending (creates it 0600 when new); a torn last line is cut. Reads the chain's end. */
int journal_open(struct journal **out, const char *file, struct err *err) MUST_CHECK;
void journal_close(struct journal *journal);

/* Readers take no longer line (it is their limit for JSON): an event that would make one is ERR_LIMIT. */
#define JOURNAL_LINE_MAX (16 * 1024 * 1024)

/* Appends one event in one write; event->seq must be journal_next_seq(). */
int journal_append(struct journal *journal, const struct event *event, struct err *err) MUST_CHECK;
/* The same for n events that follow one another, in one write: all of them, or none. */
int journal_append_all(struct journal *journal, struct event *const *event, size_t n, struct err *err) MUST_CHECK;
int journal_sync(struct journal *journal, struct err *err) MUST_CHECK; /* fdatasync */
uint64_t journal_next_seq(const struct journal *journal);

/* Values (keys, tokens) that must never be written: each occurrence becomes "[redacted]". Copied; see event/redact.h. */
void journal_redact(struct journal *journal, const char *secret);

/*
 * The same secrets, for what does not pass through journal_append: texts for the store, and the event that the model
 * and the listeners get (redactor_event once, before all of them, is the simplest), and event/output.h.
 */
const struct redactor *journal_redactor(const struct journal *journal);
void journal_redact_text(const struct journal *journal, const char *s, size_t n, struct buf *out); /* appends */

#endif
