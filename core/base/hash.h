/* SHA-256, and SHA-1 for git's file formats alone (FIPS 180-4), by nettle. */
#ifndef BELAY_BASE_HASH_H
#define BELAY_BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>

#define HASH_SIZE 32
#define HASH_HEX_SIZE 65 /* 64 lower-case digits and a NUL */

struct hash {
	unsigned char byte[HASH_SIZE];
};

struct hasher; /* an unfinished digest */

void hash_data(struct hash *out, const void *data, size_t n);
bool hash_equal(const struct hash *a, const struct hash *b);
void hash_format(const struct hash *hash, char out[HASH_HEX_SIZE]);
int hash_parse(const char *hex, struct hash *out); /* -1 unless 64 hex digits */

struct hasher *hasher_new(void);
void hasher_add(struct hasher *hasher, const void *data, size_t n);
void hasher_finish(struct hasher *hasher, struct hash *out); /* frees the hasher */

#define SHA1_SIZE 20

struct sha1 {
	unsigned char byte[SHA1_SIZE];
};

struct hasher *hasher_new_sha1(void); /* ends with hasher_finish_sha1 */
void hasher_finish_sha1(struct hasher *hasher, struct sha1 *out);

#endif
