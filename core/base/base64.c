#include "base/base64.h"

#include "base/xalloc.h"

#include <nettle/base64.h>
#include <stdlib.h>

#define MAX_CODED (1 << 30)
#define CHUNK (3 * 16384) /* a multiple of 3, so that the pieces join */

void base64_encode(struct buf *out, const void *data, size_t n)
{
	const unsigned char *from = data;
	char *coded = xmalloc(BASE64_ENCODE_RAW_LENGTH(CHUNK));
	for (size_t at = 0; at < n; at += CHUNK) {
		size_t len = n - at < CHUNK ? n - at : CHUNK;
		base64_encode_raw(coded, len, from + at);
		buf_add(out, coded, BASE64_ENCODE_RAW_LENGTH(len));
	}
	free(coded);
}

/* nettle skips blanks in the text, which is more than the form allows. */
static bool has_only_code(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		bool letter = (s[i] >= 'A' && s[i] <= 'Z') || (s[i] >= 'a' && s[i] <= 'z');
		bool other = (s[i] >= '0' && s[i] <= '9') || s[i] == '+' || s[i] == '/';
		bool pad = s[i] == '=' && (i + 1 == n || (i + 2 == n && s[i + 1] == '='));
		if (!letter && !other && !pad)
			return false;
	}
	return true;
}

int base64_decode(const char *s, size_t n, char **out, size_t *len)
{
	if (n % 4 || n > MAX_CODED || !has_only_code(s, n))
		return -1;
	struct base64_decode_ctx state;
	size_t got = BASE64_DECODE_LENGTH(n);
	char *data = xmalloc(got + 1);
	base64_decode_init(&state);
	if (!base64_decode_update(&state, &got, (unsigned char *)data, n, s) || !base64_decode_final(&state)) {
		free(data);
		return -1;
	}
	data[got] = '\0';
	*out = data;
	*len = got;
	return 0;
}
