#include "base/hash.h"

#include "base/xalloc.h"

#include <nettle/sha1.h>
#include <nettle/sha2.h>
#include <stdlib.h>
#include <string.h>

struct hasher {
	bool is_sha1;
	union {
		struct sha256_ctx sha256;
		struct sha1_ctx sha1;
	} state;
};

struct hasher *hasher_new(void)
{
	struct hasher *hasher = xcalloc(1, sizeof *hasher);
	sha256_init(&hasher->state.sha256);
	return hasher;
}

struct hasher *hasher_new_sha1(void)
{
	struct hasher *hasher = xcalloc(1, sizeof *hasher);
	hasher->is_sha1 = true;
	sha1_init(&hasher->state.sha1);
	return hasher;
}

void hasher_add(struct hasher *hasher, const void *data, size_t n)
{
	if (hasher->is_sha1)
		sha1_update(&hasher->state.sha1, n, data);
	else
		sha256_update(&hasher->state.sha256, n, data);
}

void hasher_finish(struct hasher *hasher, struct hash *out)
{
	sha256_digest(&hasher->state.sha256, sizeof out->byte, out->byte);
	free(hasher);
}

void hasher_finish_sha1(struct hasher *hasher, struct sha1 *out)
{
	sha1_digest(&hasher->state.sha1, sizeof out->byte, out->byte);
	free(hasher);
}

void hash_data(struct hash *out, const void *data, size_t n)
{
	struct sha256_ctx state;
	sha256_init(&state);
	sha256_update(&state, n, data);
	sha256_digest(&state, sizeof out->byte, out->byte);
}

bool hash_equal(const struct hash *a, const struct hash *b)
{
	return memcmp(a->byte, b->byte, HASH_SIZE) == 0;
}

void hash_format(const struct hash *hash, char out[HASH_HEX_SIZE])
{
	static const char digit[] = "0123456789abcdef";
	for (size_t i = 0; i < HASH_SIZE; i++) {
		out[2 * i] = digit[hash->byte[i] >> 4];
		out[2 * i + 1] = digit[hash->byte[i] & 15];
	}
	out[2 * HASH_SIZE] = '\0';
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int hash_parse(const char *hex, struct hash *out)
{
	for (size_t i = 0; i < HASH_SIZE; i++) {
		int high = hex_value(hex[2 * i]);
		int low = high < 0 ? -1 : hex_value(hex[2 * i + 1]);
		if (low < 0)
			return -1;
		out->byte[i] = (unsigned char)(high << 4 | low);
	}
	return hex[2 * HASH_SIZE] ? -1 : 0;
}
