/*
 * The frames of a streamed answer: server-sent events (WHATWG HTML, "Server-sent events") or one JSON text a line.
 * Incremental over bytes: the same events come out however the bytes are split. Lines end in LF, CRLF or a lone CR.
 * Two servers' habits are understood beyond the standard: an error in a field named `error` comes as an event of that
 * type, and what a closed stream leaves undispatched comes as a last event marked `tail`. Pure.
 */
#ifndef BELAY_IO_SSE_H
#define BELAY_IO_SSE_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

#define SSE_LINE_MAX ((size_t)8 << 20)  /* bytes */
#define SSE_EVENT_MAX ((size_t)16 << 20)

enum sse_framing { SSE_EVENTS, SSE_LINES };

/* Borrowed during the callback. */
struct sse_event {
	bool is_ping;     /* a comment: nothing but a sign of life */
	bool is_tail;     /* its blank line never came: believe it only if it is whole */
	const char *type; /* "message" unless the stream says otherwise */
	const char *data; /* the data lines, joined with LF; NUL-terminated, may hold NULs */
	size_t n;
};

/* -1 ends the parse: sse_feed returns -1 with the error that the callback set. */
typedef int sse_callback(void *arg, const struct sse_event *event, struct err *err);

struct sse {
	enum sse_framing framing;
	sse_callback *event;
	void *arg;
	struct buf line;  /* of the line that is not complete yet */
	struct buf data;
	struct buf type;
	bool has_data;
	bool after_cr;    /* an LF that comes next belongs to the line before */
	bool begun;       /* the first line, which may hold a byte order mark, is over */
};

void sse_init(struct sse *sse, enum sse_framing framing, sse_callback *event, void *arg);
void sse_release(struct sse *sse);

/* ERR_LIMIT when a line or an event is larger than any that is honest. */
int sse_feed(struct sse *sse, const char *data, size_t n, struct err *err) MUST_CHECK;

/* The stream was closed in good order: gives the tail, if there is one. */
int sse_finish(struct sse *sse, struct err *err) MUST_CHECK;

#endif
