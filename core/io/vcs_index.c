#include "io/vcs_index.h"

#include "base/buf.h"
#include "base/xalloc.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define HEADER_SIZE 12
#define PATHS_MAX (256 * 1024 * 1024) /* what version 4 may unfold to */
#define STAT_SIZE 40 /* ten words before the id */
#define FLAG_EXTENDED 0x4000
#define FLAG_STAGE 0x3000
#define FLAG_SPARSE 0x4000 /* skip-worktree, among the extended flags */

struct reader {
	const unsigned char *at, *end; /* end: before the trailing checksum */
	unsigned version;
	struct buf last;  /* version 4: the path before */
	struct buf paths; /* version 4: all paths, NUL after each */
};

static uint32_t word(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static unsigned half(const unsigned char *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static int damaged(struct err *err)
{
	err_set(err, ERR_CORRUPT, "git's index is damaged");
	return err_hint(err, "look at it with 'git fsck' and 'git status'");
}

/* "offset encoding" of gitformat-pack(5). */
static int read_varint(struct reader *r, size_t *out)
{
	size_t value = 0;
	for (int i = 0; r->at < r->end && i < 5; i++) {
		unsigned char c = *r->at++;
		value = value << 7 | (c & 0x7f);
		if (!(c & 0x80)) {
			*out = value;
			return 0;
		}
		value++;
	}
	return -1;
}

/* Version 4: so many bytes off the end of the path before, then these at the end. */
static int read_packed_path(struct reader *r, size_t *offset)
{
	size_t cut;
	if (read_varint(r, &cut) != 0 || cut > r->last.len)
		return -1;
	const unsigned char *nul = memchr(r->at, 0, (size_t)(r->end - r->at));
	if (!nul)
		return -1;
	buf_truncate(&r->last, r->last.len - cut);
	buf_add(&r->last, r->at, (size_t)(nul - r->at));
	*offset = r->paths.len;
	r->at = nul + 1;
	return r->last.len < PATH_MAX ? buf_add(&r->paths, buf_str(&r->last), r->last.len + 1) : -1;
}

/* Before version 4: the path, then as many NULs (at least one) as fill the entry to eight bytes. */
static int read_plain_path(struct reader *r, const unsigned char *start, const char **path)
{
	const unsigned char *nul = memchr(r->at, 0, (size_t)(r->end - r->at));
	if (!nul)
		return -1;
	size_t size = ((size_t)(nul - start) + 8) & ~(size_t)7;
	if (size > (size_t)(r->end - start))
		return -1;
	*path = (const char *)r->at;
	r->at = start + size;
	return 0;
}

/* In version 4, *offset is where the path is among r->paths, which still move. */
static int read_entry(struct reader *r, struct vcs_entry *entry, size_t *offset)
{
	const unsigned char *p = r->at;
	if (r->end - p < STAT_SIZE + VCS_ID_SIZE + 2)
		return -1;
	unsigned flags = half(p + STAT_SIZE + VCS_ID_SIZE);
	*entry = (struct vcs_entry){
		.ctime_s = word(p), .ctime_ns = word(p + 4), .mtime_s = word(p + 8), .mtime_ns = word(p + 12),
		.ino = word(p + 20), .mode = word(p + 24), .size = word(p + 36), .id = p + STAT_SIZE,
		.is_merged = (flags & FLAG_STAGE) == 0,
	};
	r->at += STAT_SIZE + VCS_ID_SIZE + 2;
	if (r->version >= 3 && flags & FLAG_EXTENDED) {
		if (r->end - r->at < 2)
			return -1;
		entry->is_sparse = half(r->at) & FLAG_SPARSE;
		r->at += 2;
	}
	return r->version == 4 ? read_packed_path(r, offset) : read_plain_path(r, p, &entry->path);
}

/* Entries come sorted; the stages of a conflict, one after the other, become one. */
static int add_entry(struct vcs_index *index, const struct vcs_entry *entry)
{
	struct vcs_entry *last = index->n_entries ? &index->entry[index->n_entries - 1] : NULL;
	int order = last ? strcmp(last->path, entry->path) : -1;
	if (order > 0 || !*entry->path || (order == 0 && (last->is_merged || entry->is_merged)))
		return -1;
	if (order < 0)
		index->entry[index->n_entries++] = *entry;
	return 0;
}

static int read_entries(struct reader *r, struct vcs_index *index, size_t count)
{
	/* The smallest entry has 64 bytes: a count that lies costs no memory. */
	if (count > (size_t)(r->end - r->at) / (STAT_SIZE + VCS_ID_SIZE + 3))
		return -1;
	struct vcs_entry *entry = xcalloc(count + 1, sizeof *entry);
	size_t *offset = xcalloc(count + 1, sizeof *offset);
	index->entry = xcalloc(count + 1, sizeof *index->entry);
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = read_entry(r, &entry[i], &offset[i]);
	index->arena = buf_take(&r->paths, NULL);
	for (size_t i = 0; rc == 0 && i < count; i++) {
		if (r->version == 4)
			entry[i].path = index->arena + offset[i];
		rc = add_entry(index, &entry[i]);
	}
	free(entry);
	free(offset);
	return rc;
}

/* An extension whose name does not begin with a capital letter must be understood. */
static int check_extensions(const struct reader *r, struct err *err)
{
	for (const unsigned char *p = r->at; p < r->end;) {
		if (r->end - p < 8 || word(p + 4) > (size_t)(r->end - p - 8))
			return damaged(err);
		if (memcmp(p, "link", 4) == 0)
			return err_set(err, ERR_UNSUPPORTED, "git's index is split, which belay cannot read");
		if ((*p < 'A' || *p > 'Z') && memcmp(p, "sdir", 4) != 0)
			return err_set(err, ERR_UNSUPPORTED, "git's index has an extension that belay does not know");
		p += 8 + word(p + 4);
	}
	return 0;
}

int vcs_index_parse(struct vcs_index *out, char *data, size_t n, struct err *err)
{
	struct reader r = { .at = (const unsigned char *)data + HEADER_SIZE, .paths = { .max = PATHS_MAX } };
	*out = (struct vcs_index){ .data = data };
	int rc = -1;
	if (n < HEADER_SIZE + VCS_ID_SIZE || memcmp(data, "DIRC", 4) != 0) {
		rc = damaged(err);
		goto out;
	}
	r.end = (const unsigned char *)data + n - VCS_ID_SIZE;
	r.version = word((const unsigned char *)data + 4);
	if (r.version < 2 || r.version > 4)
		rc = err_set(err, ERR_UNSUPPORTED, "git's index has version %u, which belay cannot read", r.version);
	else if (read_entries(&r, out, word((const unsigned char *)data + 8)) != 0)
		rc = damaged(err);
	else
		rc = check_extensions(&r, err);
out:
	buf_release(&r.last);
	buf_release(&r.paths);
	if (rc != 0)
		vcs_index_release(out);
	return rc;
}

void vcs_index_release(struct vcs_index *index)
{
	free(index->entry);
	free(index->data);
	free(index->arena);
	*index = (struct vcs_index){ 0 };
}

const struct vcs_entry *vcs_index_find(const struct vcs_index *index, const char *path)
{
	size_t low = 0;
	size_t high = index->n_entries;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = strcmp(index->entry[mid].path, path);
		if (order == 0)
			return &index->entry[mid];
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

static uint32_t git_mode(const struct stat *st)
{
	if (S_ISLNK(st->st_mode))
		return 0120000;
	if (S_ISDIR(st->st_mode))
		return 0160000;
	return S_ISREG(st->st_mode) ? (st->st_mode & 0100 ? 0100755 : 0100644) : 0;
}

/* Programs without a fine clock leave the nanoseconds 0. */
static bool same_time(const struct timespec *now, uint32_t s, uint32_t ns)
{
	return (uint32_t)now->tv_sec == s && (ns == 0 || (uint32_t)now->tv_nsec == ns);
}

/* "racy git": written in the same moment as the index, or later, it may have changed with no trace. */
static bool is_racy(const struct vcs_index *index, const struct vcs_entry *entry)
{
	uint32_t s = (uint32_t)index->written.tv_sec;
	return entry->mtime_s > s || (entry->mtime_s == s && (entry->mtime_ns == 0 ||
	                                                      entry->mtime_ns >= (uint32_t)index->written.tv_nsec));
}

enum vcs_match vcs_entry_compare(const struct vcs_index *index, const struct vcs_entry *entry, const struct stat *st,
                                 bool trust_mode)
{
	uint32_t mode = git_mode(st);
	uint32_t differs = mode ^ entry->mode;
	if (!entry->is_merged || (trust_mode ? differs : differs & S_IFMT) != 0)
		return VCS_CHANGED;
	if (mode == 0160000)
		return VCS_SAME;
	bool same = (uint32_t)st->st_size == entry->size && (uint32_t)st->st_ino == entry->ino &&
	            same_time(&st->st_mtim, entry->mtime_s, entry->mtime_ns) &&
	            same_time(&st->st_ctim, entry->ctime_s, entry->ctime_ns);
	return same && !is_racy(index, entry) ? VCS_SAME : VCS_UNSURE;
}
