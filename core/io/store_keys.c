#include "io/store_keys.h"

#include "base/vec.h"
#include "base/xalloc.h"
#include "io/fd.h"
#include "io/pack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* On disk: hash, id, size, pack, offset, and the check sum of all that; numbers in the machine's order, since a run's
 * folder does not travel. */
#define CHECKED_SIZE (HASH_SIZE + SHA1_SIZE + 8 + 4 + 4)
#define RECORD_SIZE (CHECKED_SIZE + 4)

static void encode(unsigned char out[RECORD_SIZE], const struct store_key *key)
{
	unsigned char *p = out;
	memcpy(p, key->hash.byte, HASH_SIZE);
	p += HASH_SIZE;
	memcpy(p, key->id.byte, SHA1_SIZE);
	p += SHA1_SIZE;
	memcpy(p, &key->size, 8);
	memcpy(p + 8, &key->pack, 4);
	memcpy(p + 12, &key->offset, 4);
	uint32_t crc = pack_crc(out, CHECKED_SIZE);
	memcpy(out + CHECKED_SIZE, &crc, 4);
}

static bool decode(const unsigned char in[RECORD_SIZE], struct store_key *key)
{
	const unsigned char *p = in;
	uint32_t crc;
	memcpy(&crc, in + CHECKED_SIZE, 4);
	if (crc != pack_crc(in, CHECKED_SIZE))
		return false;
	memcpy(key->hash.byte, p, HASH_SIZE);
	p += HASH_SIZE;
	memcpy(key->id.byte, p, SHA1_SIZE);
	p += SHA1_SIZE;
	memcpy(&key->size, p, 8);
	memcpy(&key->pack, p + 8, 4);
	memcpy(&key->offset, p + 12, 4);
	return true;
}

/* The slot that holds the hash, or the free one where it belongs. */
static size_t slot_of(const struct store_keys *keys, const struct hash *hash)
{
	uint64_t number;
	memcpy(&number, hash->byte, sizeof number);
	size_t at = (size_t)number & (keys->n_slots - 1);
	while (keys->slot[at] && !hash_equal(&keys->key[keys->slot[at] - 1].hash, hash))
		at = (at + 1) & (keys->n_slots - 1);
	return at;
}

static void grow(struct store_keys *keys)
{
	free(keys->slot);
	keys->n_slots = keys->n_slots ? 2 * keys->n_slots : 64;
	keys->slot = xcalloc(keys->n_slots, sizeof *keys->slot);
	for (size_t i = 0; i < keys->n_keys; i++)
		keys->slot[slot_of(keys, &keys->key[i].hash)] = (uint32_t)i + 1;
}

static bool is_completion(const struct store_key *key)
{
	return key->pack != STORE_RAW && key->offset == 0; /* where no object can be */
}

void store_keys_note(struct store_keys *keys, const struct store_key *key)
{
	if (is_completion(key)) {
		keys->complete = vec_room(keys->complete, keys->n_complete, &keys->cap_complete, sizeof *keys->complete);
		keys->complete[keys->n_complete++] = key->pack;
		return;
	}
	keys->key = vec_room(keys->key, keys->n_keys, &keys->cap_keys, sizeof *keys->key);
	keys->key[keys->n_keys++] = *key;
	if (2 * keys->n_keys > keys->n_slots)
		grow(keys);
	else
		keys->slot[slot_of(keys, &key->hash)] = (uint32_t)keys->n_keys;
}

int store_keys_refresh(struct store_keys *keys, struct err *err)
{
	unsigned char chunk[64 * RECORD_SIZE];
	for (;;) {
		ssize_t n = fd_read_at(keys->fd, chunk, sizeof chunk, keys->end);
		if (n < 0)
			return err_errno(err, errno, "cannot read '%s'", keys->path);
		for (ssize_t at = 0; at + RECORD_SIZE <= n; at += RECORD_SIZE) {
			struct store_key key;
			if (!decode(chunk + at, &key))
				keys->has_gap = true;
			else if (!is_completion(&key) || !keys->has_gap)
				store_keys_note(keys, &key);
			else
				keys->has_gap = false; /* this pack is not all recorded; later ones may be */
			keys->end += RECORD_SIZE;
		}
		if (n < (ssize_t)sizeof chunk)
			return 0;
	}
}

int store_keys_open(struct store_keys *keys, const char *path, bool own, struct err *err)
{
	struct stat st;
	*keys = (struct store_keys){ .path = xstrdup(path) };
	keys->fd = open(path, (own ? O_RDWR | O_CREAT : O_RDONLY) | O_NOFOLLOW | O_CLOEXEC, 0600);
	int rc = keys->fd < 0 ? err_errno(err, errno, "cannot open '%s'", path) : store_keys_refresh(keys, err);
	if (rc == 0 && own && (fstat(keys->fd, &st) != 0 ||
	                       (st.st_size > keys->end && ftruncate(keys->fd, keys->end) != 0)))
		rc = err_errno(err, errno, "cannot cut the torn end of '%s'", path);
	if (rc != 0)
		store_keys_close(keys);
	return rc;
}

void store_keys_close(struct store_keys *keys)
{
	if (keys->path)
		fd_close(&keys->fd);
	free(keys->path);
	free(keys->key);
	free(keys->slot);
	free(keys->complete);
	*keys = (struct store_keys){ .fd = -1 };
}

bool store_keys_is_open(const struct store_keys *keys)
{
	return keys->path != NULL;
}

const struct store_key *store_keys_find(const struct store_keys *keys, const struct hash *hash)
{
	if (!keys->n_slots)
		return NULL;
	uint32_t at = keys->slot[slot_of(keys, hash)];
	return at ? &keys->key[at - 1] : NULL;
}

int store_keys_add(struct store_keys *keys, const struct store_key *key, struct err *err)
{
	unsigned char record[RECORD_SIZE];
	encode(record, key);
	if (fd_write_at(keys->fd, record, sizeof record, keys->end) != 0)
		return err_errno(err, errno, "cannot write to '%s'", keys->path);
	keys->end += RECORD_SIZE;
	store_keys_note(keys, key);
	return 0;
}

int store_keys_complete(struct store_keys *keys, uint32_t pack, struct err *err)
{
	const struct store_key key = { .pack = pack };
	return store_keys_add(keys, &key, err);
}

bool store_keys_has_pack(const struct store_keys *keys, uint32_t pack)
{
	for (size_t i = keys->n_complete; i > 0; i--)
		if (keys->complete[i - 1] == pack)
			return true;
	return false;
}
