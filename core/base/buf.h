/*
 * A growable run of bytes, always followed by a NUL that is not counted. A buffer born with a
 * ceiling (max > 0) never holds more: what would go over is dropped whole, `truncated` is set, and
 * the call returns -1. A zeroed struct is an empty buffer without a ceiling.
 */
#ifndef BELAY_BASE_BUF_H
#define BELAY_BASE_BUF_H

#include "base/attr.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct buf {
	char *data; /* owned; NULL while nothing was added */
	size_t len; /* bytes */
	size_t cap;
	size_t max; /* ceiling in bytes; 0 is none */
	bool truncated;
};

void buf_init(struct buf *buf, size_t max);
void buf_release(struct buf *buf);
void buf_clear(struct buf *buf); /* keeps the memory and the ceiling */

/* Makes room for n more bytes; -1 (and truncated) when that would pass the ceiling. */
int buf_reserve(struct buf *buf, size_t n);
int buf_add(struct buf *buf, const void *data, size_t n);
int buf_add_str(struct buf *buf, const char *s);
int buf_add_char(struct buf *buf, char c);
int buf_printf(struct buf *buf, const char *fmt, ...) PRINTF_LIKE(2, 3);
int buf_vprintf(struct buf *buf, const char *fmt, va_list args);

/* Removes n bytes from the front (all of them when n is larger). */
void buf_consume(struct buf *buf, size_t n);
void buf_truncate(struct buf *buf, size_t len);

/* The text so far, "" when empty. Borrowed until the next call that changes the buffer. */
const char *buf_str(const struct buf *buf);

/* Moves the bytes out (NUL-terminated, to be freed); the buffer is empty afterwards. */
char *buf_take(struct buf *buf, size_t *len);

#endif
