#include "base/buf.h"

#include "base/xalloc.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buf_init(struct buf *buf, size_t max)
{
	*buf = (struct buf){ .max = max };
}

void buf_release(struct buf *buf)
{
	free(buf->data);
	*buf = (struct buf){ .max = buf->max };
}

void buf_clear(struct buf *buf)
{
	buf_truncate(buf, 0);
	buf->truncated = false;
}

int buf_reserve(struct buf *buf, size_t n)
{
	if (n > SIZE_MAX / 2 - buf->len - 1 || (buf->max && n > buf->max - buf->len)) {
		buf->truncated = true;
		return -1;
	}
	size_t need = buf->len + n + 1;
	if (need <= buf->cap)
		return 0;
	size_t cap = buf->cap ? buf->cap : 64;
	while (cap < need)
		cap += cap / 2 + 32;
	buf->data = xrealloc(buf->data, cap);
	buf->data[buf->len] = '\0';
	buf->cap = cap;
	return 0;
}

int buf_add(struct buf *buf, const void *data, size_t n)
{
	if (buf_reserve(buf, n) != 0)
		return -1;
	if (n)
		memcpy(buf->data + buf->len, data, n);
	buf->len += n;
	buf->data[buf->len] = '\0';
	return 0;
}

int buf_add_str(struct buf *buf, const char *s)
{
	return buf_add(buf, s, strlen(s));
}

int buf_add_char(struct buf *buf, char c)
{
	return buf_add(buf, &c, 1);
}

int buf_vprintf(struct buf *buf, const char *fmt, va_list args)
{
	va_list again;
	va_copy(again, args);
	int n = vsnprintf(NULL, 0, fmt, args);
	int rc = -1;
	if (n >= 0 && buf_reserve(buf, (size_t)n) == 0) {
		vsnprintf(buf->data + buf->len, (size_t)n + 1, fmt, again);
		buf->len += (size_t)n;
		rc = 0;
	}
	va_end(again);
	return rc;
}

int buf_printf(struct buf *buf, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	int rc = buf_vprintf(buf, fmt, args);
	va_end(args);
	return rc;
}

void buf_consume(struct buf *buf, size_t n)
{
	if (n >= buf->len) {
		buf_truncate(buf, 0);
		return;
	}
	memmove(buf->data, buf->data + n, buf->len - n + 1);
	buf->len -= n;
}

void buf_truncate(struct buf *buf, size_t len)
{
	if (len >= buf->len)
		return;
	buf->len = len;
	buf->data[len] = '\0';
}

const char *buf_str(const struct buf *buf)
{
	return buf->data ? buf->data : "";
}

char *buf_take(struct buf *buf, size_t *len)
{
	char *data = buf->data ? buf->data : xcalloc(1, 1);
	if (len)
		*len = buf->len;
	*buf = (struct buf){ .max = buf->max };
	return data;
}
