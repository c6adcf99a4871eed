#include "base/deflate.h"

#include <stdbool.h>
#include <stdint.h>

/* RFC 1950; sums stay below 2^32 for 5,552 bytes. */
static uint32_t adler32(const unsigned char *p, size_t n)
{
	uint32_t a = 1;
	uint32_t b = 0;
	while (n) {
		size_t part = n < 5552 ? n : 5552;
		n -= part;
		for (; part; part--) {
			a += *p++;
			b += a;
		}
		a %= 65521;
		b %= 65521;
	}
	return b << 16 | a;
}

void deflate_stored(struct buf *out, const void *data, size_t n)
{
	const unsigned char *p = data;
	size_t at = 0;
	buf_reserve(out, n + n / DEFLATE_BLOCK_MAX * DEFLATE_BLOCK_HEAD + DEFLATE_BLOCK_HEAD + 6);
	buf_add(out, "\x78\x01", 2);
	do {
		size_t part = n - at < DEFLATE_BLOCK_MAX ? n - at : DEFLATE_BLOCK_MAX;
		bool is_last = at + part == n;
		const unsigned char head[DEFLATE_BLOCK_HEAD] = { is_last, part & 255, part >> 8, ~part & 255, ~part >> 8 & 255 };
		buf_add(out, head, sizeof head);
		if (part)
			buf_add(out, p + at, part);
		at += part;
	} while (at < n);
	uint32_t sum = adler32(p, n);
	const unsigned char tail[4] = { sum >> 24 & 255, sum >> 16 & 255, sum >> 8 & 255, sum & 255 };
	buf_add(out, tail, sizeof tail);
}
