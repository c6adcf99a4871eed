#include "io/pack.h"

#include "base/deflate.h"
#include "base/thread.h"
#include "base/vec.h"
#include "base/xalloc.h"
#include "io/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEADER_SIZE 12
#define ENTRY_HEAD_MAX 16
#define INDEX_SIZE (8 + 256 * 4 + 2 * SHA1_SIZE)
#define INDEX_ENTRY_SIZE (SHA1_SIZE + 8)
#define READ_CHUNK ((size_t)128 * 1024)

static void put_be32(unsigned char *out, uint32_t value)
{
	out[0] = (unsigned char)(value >> 24);
	out[1] = (unsigned char)(value >> 16);
	out[2] = (unsigned char)(value >> 8);
	out[3] = (unsigned char)value;
}

static void add_be32(struct buf *out, uint32_t value)
{
	unsigned char byte[4];
	put_be32(byte, value);
	buf_add(out, byte, sizeof byte);
}

static uint32_t crc_table[256];

static void make_crc_table(void)
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t value = i;
		for (int bit = 0; bit < 8; bit++)
			value = value & 1 ? value >> 1 ^ 0xedb88320U : value >> 1;
		crc_table[i] = value;
	}
}

uint32_t pack_crc(const void *data, size_t n)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	const unsigned char *p = data;
	uint32_t crc = 0xffffffffU;
	pthread_once(&once, make_crc_table);
	for (size_t i = 0; i < n; i++)
		crc = crc >> 8 ^ crc_table[(crc ^ p[i]) & 255];
	return crc ^ 0xffffffffU;
}

static int failed(struct err *err, const struct pack *pack, const char *what)
{
	return err_errno(err, errno, "cannot %s '%s.pack'", what, pack->path);
}

int pack_create(struct pack *pack, const char *path, struct err *err)
{
	static const unsigned char header[HEADER_SIZE] = { 'P', 'A', 'C', 'K', 0, 0, 0, 2 };
	char *file = xasprintf("%s.pack", path);
	*pack = (struct pack){ .path = xstrdup(path), .size = HEADER_SIZE };
	pack->fd = open(file, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	free(file);
	if (pack->fd < 0 || fd_write_at(pack->fd, header, sizeof header, 0) != 0) {
		failed(err, pack, "make");
		pack_close(pack);
		return -1;
	}
	return 0;
}

void pack_close(struct pack *pack)
{
	if (pack->path)
		fd_close(&pack->fd);
	free(pack->path);
	free(pack->entry);
	map_release(&pack->known);
	*pack = (struct pack){ .fd = -1 };
}

void pack_object_id(struct sha1 *out, enum pack_kind kind, const struct buf *data)
{
	static const char *const name[] = { [PACK_COMMIT] = "commit", [PACK_TREE] = "tree", [PACK_BLOB] = "blob" };
	char head[32];
	int n = snprintf(head, sizeof head, "%s %zu", name[kind], data->len);
	struct hasher *hasher = hasher_new_sha1();
	hasher_add(hasher, head, (size_t)n + 1);
	hasher_add(hasher, buf_str(data), data->len);
	hasher_finish_sha1(hasher, out);
}

static void format_id(const struct sha1 *id, char out[2 * SHA1_SIZE + 1])
{
	for (size_t i = 0; i < SHA1_SIZE; i++)
		snprintf(out + 2 * i, 3, "%02x", id->byte[i]);
}

static void encode(struct buf *out, enum pack_kind kind, const struct buf *data)
{
	size_t rest = data->len >> 4;
	unsigned char byte = (unsigned char)((unsigned)kind << 4 | (data->len & 15));
	buf_reserve(out, data->len + data->len / DEFLATE_BLOCK_MAX * DEFLATE_BLOCK_HEAD + ENTRY_HEAD_MAX +
	            DEFLATE_BLOCK_HEAD + 6);
	for (; rest; rest >>= 7) {
		buf_add_char(out, (char)(byte | 0x80));
		byte = rest & 0x7f;
	}
	buf_add_char(out, (char)byte);
	deflate_stored(out, buf_str(data), data->len);
}

static const struct pack_entry *find(const struct pack *pack, const struct sha1 *id)
{
	char hex[2 * SHA1_SIZE + 1];
	format_id(id, hex);
	uintptr_t at = (uintptr_t)map_get(&pack->known, hex);
	return at ? &pack->entry[at - 1] : NULL;
}

int pack_add(struct pack *pack, enum pack_kind kind, const struct buf *data, struct pack_entry *out, struct err *err)
{
	char hex[2 * SHA1_SIZE + 1];
	struct buf raw = { 0 };
	struct pack_entry entry = { .offset = (uint32_t)pack->size };
	pack_object_id(&entry.id, kind, data);
	const struct pack_entry *known = find(pack, &entry.id);
	if (known) {
		if (out)
			*out = *known;
		return 0;
	}
	if (pack->size + data->len > PACK_SIZE_MAX)
		return err_set(err, ERR_LIMIT, "'%s.pack' is full", pack->path);
	encode(&raw, kind, data);
	if (fd_write_at(pack->fd, raw.data, raw.len, (off_t)pack->size) != 0) {
		failed(err, pack, "write to"); /* what was written lies behind the end, and is overwritten next */
		buf_release(&raw);
		return -1;
	}
	pack->entry = vec_room(pack->entry, pack->n_entries, &pack->cap_entries, sizeof *pack->entry);
	entry.crc = pack_crc(raw.data, raw.len);
	pack->entry[pack->n_entries++] = entry;
	format_id(&entry.id, hex);
	map_put(&pack->known, hex, (void *)(uintptr_t)pack->n_entries);
	if (out)
		*out = entry;
	pack->size += raw.len;
	buf_release(&raw);
	return 0;
}

static int hash_file(int fd, uint64_t size, struct sha1 *out)
{
	char *chunk = xmalloc(READ_CHUNK);
	struct hasher *hasher = hasher_new_sha1();
	uint64_t at = 0;
	while (at < size) {
		size_t want = size - at < READ_CHUNK ? (size_t)(size - at) : READ_CHUNK;
		ssize_t n = fd_read_at(fd, chunk, want, (off_t)at);
		if (n != (ssize_t)want) {
			errno = n < 0 ? errno : EIO;
			break;
		}
		hasher_add(hasher, chunk, want);
		at += want;
	}
	int why = errno;
	hasher_finish_sha1(hasher, out);
	free(chunk);
	errno = why;
	return at == size ? 0 : -1;
}

/* Writes header and trailer, and syncs. */
static int complete(struct pack *pack, struct sha1 *trailer, struct err *err)
{
	unsigned char count[4];
	put_be32(count, (uint32_t)pack->n_entries);
	if (fd_write_at(pack->fd, count, sizeof count, 8) != 0 || hash_file(pack->fd, pack->size, trailer) != 0 ||
	    fd_write_at(pack->fd, trailer->byte, SHA1_SIZE, (off_t)pack->size) != 0 ||
	    ftruncate(pack->fd, (off_t)(pack->size + SHA1_SIZE)) != 0 || fd_sync_data(pack->fd) != 0)
		return failed(err, pack, "write");
	return 0;
}

/* From the disk, not from the cache, where the system can be asked to. */
static int verify(const struct pack *pack, const struct sha1 *trailer, struct err *err)
{
	struct sha1 again;
	posix_fadvise(pack->fd, 0, 0, POSIX_FADV_DONTNEED);
	if (hash_file(pack->fd, pack->size, &again) != 0)
		return failed(err, pack, "read back");
	if (memcmp(again.byte, trailer->byte, SHA1_SIZE) != 0)
		return err_set(err, ERR_CORRUPT, "'%s.pack' does not hold what was written to it", pack->path);
	return 0;
}

static int by_id(const void *a, const void *b)
{
	return memcmp(((const struct pack_entry *)a)->id.byte, ((const struct pack_entry *)b)->id.byte, SHA1_SIZE);
}

/* gitformat-pack(5), "Version 2 pack-*.idx files". */
static void format_index(struct buf *out, struct pack_entry *entry, size_t n, const struct sha1 *trailer)
{
	struct sha1 sum;
	size_t at = 0;
	qsort(entry, n, sizeof *entry, by_id);
	buf_add(out, "\377tOc\0\0\0\2", 8);
	for (unsigned first = 0; first < 256; first++) {
		while (at < n && entry[at].id.byte[0] <= first)
			at++;
		add_be32(out, (uint32_t)at);
	}
	for (size_t i = 0; i < n; i++)
		buf_add(out, entry[i].id.byte, SHA1_SIZE);
	for (size_t i = 0; i < n; i++)
		add_be32(out, entry[i].crc);
	for (size_t i = 0; i < n; i++)
		add_be32(out, entry[i].offset);
	buf_add(out, trailer->byte, SHA1_SIZE);
	struct hasher *hasher = hasher_new_sha1();
	hasher_add(hasher, out->data, out->len);
	hasher_finish_sha1(hasher, &sum);
	buf_add(out, sum.byte, SHA1_SIZE);
}

static int write_index(struct pack *pack, const struct sha1 *trailer, struct err *err)
{
	struct buf index = { 0 };
	char *temp = xasprintf("%s.new", pack->path);
	char *file = xasprintf("%s.idx", pack->path);
	format_index(&index, pack->entry, pack->n_entries, trailer);
	int fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	int rc = 0;
	if (fd < 0 || fd_write(fd, index.data, index.len) != 0 || rename(temp, file) != 0)
		rc = err_errno(err, errno, "cannot write '%s'", file);
	fd_close(&fd);
	free(temp);
	free(file);
	buf_release(&index);
	return rc;
}

int pack_seal(struct pack *pack, struct err *err)
{
	struct sha1 trailer;
	if (complete(pack, &trailer, err) != 0 || verify(pack, &trailer, err) != 0)
		return -1;
	return write_index(pack, &trailer, err);
}

/* The size of the object, and how long its head is; -1 when it is none of ours. */
static int decode_head(const unsigned char *head, size_t n, size_t *size)
{
	size_t at = 0;
	unsigned shift = 4;
	if (n < 3)
		return -1;
	*size = head[0] & 15;
	while (head[at++] & 0x80) {
		if (at >= n || shift > 60)
			return -1;
		*size |= (size_t)(head[at] & 0x7f) << shift;
		shift += 7;
	}
	return at + 2 <= n && head[at] == 0x78 && head[at + 1] == 0x01 ? (int)at + 2 : -1;
}

struct object {
	enum pack_kind kind;
	uint64_t end; /* where the next one begins */
};

/* 1 when there is no whole object. */
static int read_object(int fd, uint64_t offset, struct object *object, struct buf *out, struct err *err)
{
	unsigned char head[ENTRY_HEAD_MAX];
	size_t size = 0;
	size_t start = out->len;
	ssize_t n = fd_read_at(fd, head, sizeof head, (off_t)offset);
	if (n < 0)
		return err_errno(err, errno, "cannot read the store");
	int head_size = decode_head(head, (size_t)n, &size);
	object->kind = (enum pack_kind)(head[0] >> 4 & 7);
	if (head_size < 0 || size > PACK_SIZE_MAX)
		return 1;
	if (buf_reserve(out, size) != 0)
		return err_set(err, ERR_LIMIT, "an object of %zu bytes is more than fits", size);
	off_t at = (off_t)offset + head_size;
	bool is_last = false;
	while (!is_last) {
		if (fd_read_at(fd, head, DEFLATE_BLOCK_HEAD, at) != DEFLATE_BLOCK_HEAD)
			break;
		size_t part = head[1] | (size_t)head[2] << 8;
		is_last = head[0] & 1;
		if (head[0] > 1 || out->len - start + part > size ||
		    fd_read_at(fd, out->data + out->len, part, at + DEFLATE_BLOCK_HEAD) != (ssize_t)part)
			break;
		out->len += part;
		at += (off_t)part + DEFLATE_BLOCK_HEAD;
	}
	if (out->data)
		out->data[out->len] = '\0';
	object->end = (uint64_t)at + 4; /* behind the check sum */
	if (out->len - start == size && is_last)
		return 0;
	buf_truncate(out, start);
	return 1;
}

int pack_read(int fd, uint32_t offset, struct buf *out, struct err *err)
{
	struct object object;
	int rc = read_object(fd, offset, &object, out, err);
	return rc == 1 ? err_set(err, ERR_CORRUPT, "an object in the store is cut off, or is not where the index says") : rc;
}

int pack_each(int fd, pack_visit *visit, void *arg, uint64_t *end, struct err *err)
{
	struct object object;
	int rc = 0;
	*end = HEADER_SIZE;
	while (rc == 0) {
		struct buf data = { 0 };
		rc = read_object(fd, *end, &object, &data, err);
		if (rc == 0)
			rc = visit(arg, object.kind, (uint32_t)*end, &data, err);
		if (rc == 0)
			*end = object.end;
		buf_release(&data);
	}
	return rc < 0 ? -1 : 0;
}

/* The pack as it was when it was written. */
static int note_object(void *arg, enum pack_kind kind, uint32_t offset, const struct buf *data, struct err *err)
{
	struct pack *pack = arg;
	struct buf raw = { 0 };
	struct pack_entry entry = { .offset = offset };
	if (kind < PACK_COMMIT || kind > PACK_BLOB)
		return err_set(err, ERR_CORRUPT, "'%s.pack' holds an object of another kind", pack->path);
	encode(&raw, kind, data);
	pack_object_id(&entry.id, kind, data);
	entry.crc = pack_crc(raw.data, raw.len);
	buf_release(&raw);
	pack->entry = vec_room(pack->entry, pack->n_entries, &pack->cap_entries, sizeof *pack->entry);
	pack->entry[pack->n_entries++] = entry;
	return 0;
}

static bool is_complete(const struct pack *pack, const struct sha1 *trailer)
{
	unsigned char count[4];
	unsigned char wanted[4];
	struct sha1 there;
	put_be32(wanted, (uint32_t)pack->n_entries);
	return fd_read_at(pack->fd, count, 4, 8) == 4 && memcmp(count, wanted, 4) == 0 &&
	       fd_read_at(pack->fd, there.byte, SHA1_SIZE, (off_t)pack->size) == SHA1_SIZE &&
	       memcmp(there.byte, trailer->byte, SHA1_SIZE) == 0;
}

static bool has_index(const struct pack *pack)
{
	struct stat st;
	unsigned char count[4];
	char *file = xasprintf("%s.idx", pack->path);
	bool has = stat(file, &st) == 0 && fd_read_at(pack->fd, count, 4, 8) == 4;
	free(file);
	uint32_t n = has ? (uint32_t)count[0] << 24 | (uint32_t)count[1] << 16 | (uint32_t)count[2] << 8 | count[3] : 0;
	return has && st.st_size == INDEX_SIZE + (off_t)n * INDEX_ENTRY_SIZE;
}

int pack_mend(const char *path, struct err *err)
{
	struct sha1 trailer;
	struct pack pack = { .path = xstrdup(path) };
	char *file = xasprintf("%s.pack", path);
	pack.fd = open(file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	int rc = pack.fd < 0 ? failed(err, &pack, "open") : 0;
	if (rc == 0 && !has_index(&pack)) {
		rc = pack_each(pack.fd, note_object, &pack, &pack.size, err);
		if (rc == 0)
			rc = hash_file(pack.fd, pack.size, &trailer) == 0 && is_complete(&pack, &trailer) ? 0 : 1;
		if (rc == 0)
			rc = write_index(&pack, &trailer, err);
	}
	free(file);
	pack_close(&pack);
	return rc;
}
