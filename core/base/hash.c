#include "base/hash.h"

#include "base/xalloc.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

struct hasher {
	EVP_MD_CTX *ctx;
};

struct hasher *hasher_new(void)
{
	struct hasher *hasher = xcalloc(1, sizeof *hasher);
	hasher->ctx = EVP_MD_CTX_new();
	if (!hasher->ctx || EVP_DigestInit_ex(hasher->ctx, EVP_sha256(), NULL) != 1)
		abort(); /* libcrypto without SHA-256 or memory: nothing that follows could be trusted */
	return hasher;
}

void hasher_add(struct hasher *hasher, const void *data, size_t n)
{
	if (EVP_DigestUpdate(hasher->ctx, data, n) != 1)
		abort();
}

void hasher_finish(struct hasher *hasher, struct hash *out)
{
	if (EVP_DigestFinal_ex(hasher->ctx, out->byte, NULL) != 1)
		abort();
	EVP_MD_CTX_free(hasher->ctx);
	free(hasher);
}

void hash_data(struct hash *out, const void *data, size_t n)
{
	struct hasher *hasher = hasher_new();
	hasher_add(hasher, data, n);
	hasher_finish(hasher, out);
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
