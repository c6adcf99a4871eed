/*
 * Output of a model or a command on its way into the journal, one for each step and stream: it comes in chunks of any
 * size and leaves in pieces that
 *   - fit into a journal line (EVENT_TEXT_INLINE_MAX), so that a resumed or replayed run has the whole text,
 *   - end between characters, where the text is UTF-8,
 *   - hold no secret, not even one that two chunks hold half each: what may be its beginning waits.
 *
 * The recording side (the executor, where an `output` event of a step arrives) does this for each:
 *
 *     event_output_add(&output, redactor, text, n);
 *     while (event_output_next(&output, &piece)) record(an output event with `piece`);
 *
 * and before any other event of that step, and before another stream of it, event_output_flush and the same loop.
 */
#ifndef BELAY_EVENT_OUTPUT_H
#define BELAY_EVENT_OUTPUT_H

#include "base/buf.h"
#include "event/event.h"
#include "event/redact.h"

struct event_output {
	struct buf raw;   /* may be the beginning of a secret */
	struct buf clean; /* waits to be taken */
	size_t taken;     /* bytes of clean that next has handed out */
	bool flushing;    /* hand out what ends inside a character too */
};

void event_output_add(struct event_output *output, const struct redactor *redactor, const char *text, size_t n);
void event_output_flush(struct event_output *output, const struct redactor *redactor);

/* The next piece, valid until the next call; false when there is none yet. */
bool event_output_next(struct event_output *output, struct event_text *piece);
void event_output_release(struct event_output *output);

#endif
