#include "io/lsp_frame.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

void lsp_frame_add(struct buf *out, const char *body, size_t n)
{
	buf_printf(out, "Content-Length: %zu\r\n\r\n", n);
	buf_add(out, body, n);
}

static int refuse(const struct buf *in, struct err *err)
{
	size_t n = strcspn(buf_str(in), "\r\n");
	return err_set(err, ERR_PROVIDER, "it does not speak the language server protocol, it says '%.*s'",
	               (int)(n < 80 ? n : 80), buf_str(in));
}

/* The length that a header gives; -1 when it gives none. */
static long body_length(const char *header, size_t n)
{
	static const char name[] = "Content-Length:";
	long length = -1;
	for (size_t at = 0; at < n;) {
		const char *end = memmem(header + at, n - at, "\r\n", 2);
		size_t len = end ? (size_t)(end - header) - at : n - at;
		if (len > sizeof name - 1 && strncasecmp(header + at, name, sizeof name - 1) == 0) {
			char *rest;
			length = strtol(header + at + sizeof name - 1, &rest, 10);
			if (rest != header + at + len || length < 0 || length > LSP_BODY_MAX)
				return -1;
		}
		at += len + 2;
	}
	return length;
}

int lsp_frame_take(struct buf *in, struct buf *out, struct err *err)
{
	static const char first[] = "Content-";
	size_t look = in->len < sizeof first - 1 ? in->len : sizeof first - 1;
	if (strncasecmp(buf_str(in), first, look) != 0)
		return refuse(in, err);
	const char *end = in->len ? memmem(in->data, in->len, "\r\n\r\n", 4) : NULL;
	if (!end)
		return in->len > LSP_HEADER_MAX ? refuse(in, err) : 0;
	size_t header = (size_t)(end - in->data);
	long length = header <= LSP_HEADER_MAX ? body_length(in->data, header) : -1;
	if (length < 0)
		return refuse(in, err);
	if (in->len - header - 4 < (size_t)length)
		return 0;
	buf_clear(out);
	buf_add(out, in->data + header + 4, (size_t)length);
	buf_consume(in, header + 4 + (size_t)length);
	return 1;
}
