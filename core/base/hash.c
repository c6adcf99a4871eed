#include "base/hash.h"

#include "base/xalloc.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

struct hasher {
	EVP_MD_CTX *ctx;
};

static struct hasher *start(const EVP_MD *digest)
{
	struct hasher *hasher = xcalloc(1, sizeof *hasher);
	hasher->ctx = EVP_MD_CTX_new();
	if (!hasher->ctx || EVP_DigestInit_ex(hasher->ctx, digest, NULL) != 1)
		abort(); /* libcrypto without the digest or memory: nothing that follows could be trusted */
	return hasher;
}

static void finish(struct hasher *hasher, unsigned char *out)
{
	if (EVP_DigestFinal_ex(hasher->ctx, out, NULL) != 1)
		abort();
	EVP_MD_CTX_free(hasher->ctx);
	free(hasher);
}

struct hasher *hasher_new(void)
{
	return start(EVP_sha256());
}

struct hasher *hasher_new_sha1(void)
{
	return start(EVP_sha1());
}

void hasher_add(struct hasher *hasher, const void *data, size_t n)
{
	if (EVP_DigestUpdate(hasher->ctx, data, n) != 1)
		abort();
}

void hasher_finish(struct hasher *hasher, struct hash *out)
{
	finish(hasher, out->byte);
}

void hasher_finish_sha1(struct hasher *hasher, struct sha1 *out)
{
	finish(hasher, out->byte);
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
