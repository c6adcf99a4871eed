/*
 * Events as JSON objects, one a line, as journal.md and belay-journal(5) list them. The same objects go to
 * the journal (which adds `prev`) and to `belay run --json`.
 */
#ifndef BELAY_EVENT_EVENT_JSON_H
#define BELAY_EVENT_EVENT_JSON_H

#include "base/buf.h"
#include "base/err.h"
#include "event/event.h"

/*
 * Appends one object, without a line end. prev (64 hex digits, or NULL) is written as the last key. A text
 * whose `blob` is set is written as {"blob","bytes"}; the caller has stored it.
 */
void event_write(struct buf *out, const struct event *event, const char *prev);

/* The same under another type: run_finished is "result" on the last line of --json. */
void event_write_as(struct buf *out, const struct event *event, const char *type, const char *prev);

/* A decoded event with the memory behind it. */
struct event_line {
	struct event event; /* borrows from `memory` */
	void *memory;       /* owned */
	char prev[HASH_HEX_SIZE]; /* "" when absent */
};

/*
 * Reads one line. Returns 0; 1 for a valid object of an unknown type (to be skipped; seq and at_ms are
 * filled); -1 when it is not an event. Unknown keys are skipped. Release in every case.
 */
int event_read(struct event_line *out, const char *line, size_t n, struct err *err) MUST_CHECK;
void event_line_release(struct event_line *line);

#endif
