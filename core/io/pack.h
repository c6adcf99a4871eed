/*
 * A git pack file, version 2, with its index (gitformat-pack(5)), written append-only. Objects are kept as stored
 * deflate blocks (RFC 1951, 3.2.4): any git reads them, and they can be read back here without a decompressor. Until
 * pack_seal the file has no index, and git does not look at it.
 */
#ifndef BELAY_IO_PACK_H
#define BELAY_IO_PACK_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/map.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A fuller pack takes no more: its index would need another form of offsets. */
#define PACK_SIZE_MAX ((uint64_t)1 << 30)

enum pack_kind { PACK_COMMIT = 1, PACK_TREE = 2, PACK_BLOB = 3 };

struct pack_entry {
	struct sha1 id;
	uint32_t crc;
	uint32_t offset;
};

struct pack {
	int fd;        /* owned; -1 when there is none */
	char *path;    /* without ".pack"; owned */
	uint64_t size; /* bytes */
	struct pack_entry *entry; /* owned */
	size_t n_entries, cap_entries;
	struct map known; /* ids in hex */
};

/* Makes path.pack, which must not be there. */
int pack_create(struct pack *pack, const char *path, struct err *err) MUST_CHECK;
void pack_close(struct pack *pack);

/* Appends an object, unless it is there. *out (may be NULL) says what git calls it, and where pack_read finds it. */
int pack_add(struct pack *pack, enum pack_kind kind, const struct buf *data, struct pack_entry *out,
             struct err *err) MUST_CHECK;

/* Completes and syncs the pack, reads it back, then writes its index, which is not synced: what a power cut takes of it
 * can be made again. The folder is the caller's to sync. */
int pack_seal(struct pack *pack, struct err *err) MUST_CHECK;

/* Reads the object at an offset of an open pack file, sealed or not. */
int pack_read(int fd, uint32_t offset, struct buf *out, struct err *err) MUST_CHECK;

/* Calls visit for each whole object from the start; *end is where they end. 0, or what visit returned, or -1. */
typedef int pack_visit(void *arg, enum pack_kind kind, uint32_t offset, const struct buf *data, struct err *err);
int pack_each(int fd, pack_visit *visit, void *arg, uint64_t *end, struct err *err) MUST_CHECK;

/* Sees to it that path.pack has its index. 1 when the pack was never completed. */
int pack_mend(const char *path, struct err *err) MUST_CHECK;

/* What git calls an object of these bytes. */
void pack_object_id(struct sha1 *out, enum pack_kind kind, const struct buf *data);

uint32_t pack_crc(const void *data, size_t n); /* CRC-32 as in ISO 3309, which the index uses */

#endif
