/*
 * What a step said, as lines for the stream pane: a model's prose (drawn from its Markdown) and reasoning, a command's
 * output, belay's own notes, and each edit block of an answer as a small diff that grows while it streams. It is made from
 * the step's events and holds the last 1 MiB. The diff of a block is of its own two texts alone and needs no file, so that a
 * replay without a store has it too; the diff pane shows the block in its file (edit/progress.h). Pure; owned by one thread.
 */
#ifndef BELAY_TUI_TRANSCRIPT_H
#define BELAY_TUI_TRANSCRIPT_H

#include "event/event.h"
#include "tui/style.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum line_kind {
	LINE_MODEL,
	LINE_REASONING,
	LINE_STDOUT,
	LINE_STDERR,
	LINE_NOTE,
	LINE_ALERT,  /* a note that must not be missed */
	LINE_FILE,   /* the path of an edit block */
	LINE_CONTEXT,
	LINE_REMOVED,
	LINE_ADDED
};

struct transcript_line {
	enum line_kind kind;
	const char *text;
	size_t n;
	size_t gutter_n; /* the first bytes: a marker of a list, a bar of a quote */
	enum role role;  /* of a model's line */
	const struct text_span *span;
	size_t n_spans;
};

struct transcript;

struct transcript *transcript_new(void);
void transcript_free(struct transcript *transcript);

/* `text`: the bytes of the event's text, fetched from the store by the caller when the event has only the hash. */
void transcript_add(struct transcript *transcript, const struct event *event, const char *text, size_t n);

/*
 * Lines have absolute numbers [first, end); old ones go when the text outgrows its limit. The paragraph and the block that
 * stream are made into lines when they are looked at, not for each piece of them.
 */
size_t transcript_first(struct transcript *transcript);
size_t transcript_end(struct transcript *transcript);
/* What it points to is borrowed until anything is added. */
void transcript_line(struct transcript *transcript, size_t i, struct transcript_line *out);

/* Tokens per second of the model's text in this attempt, about (four bytes a token); 0 when there is none. */
int64_t transcript_rate(const struct transcript *transcript);

#endif
