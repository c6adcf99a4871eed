#include "base/base64.h"

#include "base/xalloc.h"

#include <openssl/evp.h>
#include <stdlib.h>

#define MAX_CODED (1 << 30)
#define CHUNK (3 * 16384) /* a multiple of 3, so that the pieces join */

void base64_encode(struct buf *out, const void *data, size_t n)
{
	const unsigned char *from = data;
	unsigned char *coded = xmalloc(CHUNK / 3 * 4 + 1);
	for (size_t at = 0; at < n; at += CHUNK) {
		size_t len = n - at < CHUNK ? n - at : CHUNK;
		int got = EVP_EncodeBlock(coded, from + at, (int)len);
		buf_add(out, coded, (size_t)got);
	}
	free(coded);
}

/* libcrypto strips blanks around the text, which is more than the form allows. */
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
	char *data = xmalloc(n / 4 * 3 + 1);
	int got = EVP_DecodeBlock((unsigned char *)data, (const unsigned char *)s, (int)n);
	if (got < 0) {
		free(data);
		return -1;
	}
	for (size_t back = 1; back <= 2 && back <= n && s[n - back] == '='; back++)
		got--;
	data[got] = '\0';
	*out = data;
	*len = (size_t)got;
	return 0;
}
