/*
 * What the store holds, by SHA-256: an append-only file of records of one size, each with a check sum, so that what a
 * crash left of a record is known for what it is. A later record for a hash replaces an earlier one. It only says faster
 * what the packs say, and is not synced: a pack that has no record of its completion is to be read itself.
 */
#ifndef BELAY_IO_STORE_KEYS_H
#define BELAY_IO_STORE_KEYS_H

#include "base/attr.h"
#include "base/err.h"
#include "base/hash.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store_key {
	struct hash hash;
	struct sha1 id;  /* git's name for the bytes, or for the note that stands for a raw file */
	int64_t size;    /* bytes */
	uint32_t pack;   /* number of the pack file; STORE_RAW: a file in raw/ */
	uint32_t offset; /* in the pack */
};

#define STORE_RAW UINT32_MAX

struct store_keys {
	int fd;      /* owned */
	char *path;  /* owned */
	int64_t end; /* bytes of whole records read */
	bool has_gap; /* since the last completion a record was lost: a power cut may keep a later page and not this one */
	struct store_key *key; /* in order of the file; owned */
	size_t n_keys, cap_keys;
	uint32_t *complete; /* packs whose objects are all recorded; owned */
	size_t n_complete, cap_complete;
	uint32_t *slot; /* open addressing: 1-based index into key; owned */
	size_t n_slots;
};

/* Opens the file and reads it; `own` makes it when it is not there, and cuts a torn last record. */
int store_keys_open(struct store_keys *keys, const char *path, bool own, struct err *err) MUST_CHECK;
void store_keys_close(struct store_keys *keys);
bool store_keys_is_open(const struct store_keys *keys);

/* Reads what the owner has added since. */
int store_keys_refresh(struct store_keys *keys, struct err *err) MUST_CHECK;
const struct store_key *store_keys_find(const struct store_keys *keys, const struct hash *hash); /* or NULL; borrowed */
int store_keys_add(struct store_keys *keys, const struct store_key *key, struct err *err) MUST_CHECK;
void store_keys_note(struct store_keys *keys, const struct store_key *key); /* in memory only */
int store_keys_complete(struct store_keys *keys, uint32_t pack, struct err *err) MUST_CHECK;
bool store_keys_has_pack(const struct store_keys *keys, uint32_t pack);

#endif
