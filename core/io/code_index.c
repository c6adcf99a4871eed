#include "io/code_index.h"

#include "base/map.h"
#include "base/pool.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "edit/language.h"
#include "io/code_index_file.h"
#include "io/fd.h"
#include "io/walk.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>

#define PORTION 512       /* files whose text is held at once */
#define WAIT_FOR 32       /* so many files to scan are worth waiting for another who scans them */
#define RACY_NS 20000000  /* a file may change again in the same tick of its clock */

enum how { HOW_KEPT, HOW_SCANNED, HOW_LEFT_OUT };

struct entry {
	const struct walk_file *file;
	struct code_stamp stamp;
	enum how how;
	size_t kept;           /* under HOW_KEPT: its number there */
	char *text;            /* owned, under HOW_SCANNED */
	struct outline outline;
};

struct refresh {
	const struct workspace *ws;
	const struct cancel *cancel;
	struct code_kept kept;
	struct map by_hash;    /* of what was kept: hex -> its number + 1 */
	struct entry *entry;
	size_t n_entries;
	int64_t began_ns;
};

static int64_t ns(const struct timespec *t)
{
	return (int64_t)t->tv_sec * 1000000000 + t->tv_nsec;
}

/* ---- which files ---- */

static bool take(void *arg, const char *path)
{
	(void)arg;
	return outline_knows(path);
}

static int list_files(struct refresh *r, struct walk_result *result, struct err *err)
{
	struct walk_rules rules;
	struct vcs *vcs;
	if (vcs_open(&vcs, r->ws->git_dir_hint, err) != 0)
		return -1;
	walk_rules_load(&rules, vcs);
	struct walk walk = {
		.root = &r->ws->root, .rules = &rules, .start = "", .n_threads = r->ws->n_threads, .with_stat = true,
		.take = take, .arg = r, .cancel = r->cancel,
	};
	int rc = walk_run(&walk, result, err);
	walk_rules_release(&rules);
	vcs_free(vcs);
	return rc;
}

static void stamp_entries(struct refresh *r, const struct walk_result *result)
{
	r->entry = xcalloc(result->n_files + 1, sizeof *r->entry);
	for (size_t i = 0; i < result->n_files && r->n_entries < CODE_INDEX_FILES_MAX; i++) {
		const struct stat *st = &result->file[i].st;
		if (!S_ISREG(st->st_mode) || st->st_size > CODE_INDEX_BYTES_MAX)
			continue;
		r->entry[r->n_entries++] = (struct entry){
			.file = &result->file[i],
			.stamp = { st->st_size, ns(&st->st_mtim), ns(&st->st_ctim), st->st_ino, { { 0 } } },
		};
	}
}

/* ---- what is known of them ---- */

static bool is_same_stat(const struct code_stamp *a, const struct code_stamp *b)
{
	return a->mtime_ns && a->mtime_ns == b->mtime_ns && a->ctime_ns == b->ctime_ns && a->size == b->size &&
	       a->inode == b->inode;
}

/* By their stats. The number of files that have to be read. */
static size_t recognise(struct refresh *r)
{
	size_t n_unknown = 0;
	for (size_t i = 0; i < r->n_entries; i++) {
		struct entry *entry = &r->entry[i];
		int64_t at = code_tree_find(&r->kept.tree, entry->file->path);
		bool known = at >= 0 && is_same_stat(&r->kept.stamp[at], &entry->stamp);
		entry->how = known ? HOW_KEPT : HOW_SCANNED;
		entry->kept = known ? (size_t)at : 0;
		if (known)
			entry->stamp.hash = r->kept.stamp[at].hash;
		n_unknown += !known;
	}
	return n_unknown;
}

static void index_hashes(struct refresh *r)
{
	char hex[HASH_HEX_SIZE];
	for (size_t i = 0; i < r->kept.tree.n_files; i++) {
		hash_format(&r->kept.stamp[i].hash, hex);
		map_put(&r->by_hash, hex, (void *)(uintptr_t)(i + 1));
	}
}

/* The outline of the same content, which the path's language must have made. */
static bool is_known_content(const struct refresh *r, struct entry *entry)
{
	char hex[HASH_HEX_SIZE];
	hash_format(&entry->stamp.hash, hex);
	size_t at = (size_t)(uintptr_t)map_get(&r->by_hash, hex);
	if (!at || language_of_path(code_tree_path(&r->kept.tree, at - 1)) != language_of_path(entry->file->path))
		return false;
	entry->how = HOW_KEPT;
	entry->kept = at - 1;
	return true;
}

struct portion {
	const struct refresh *refresh;
	struct entry *entry;
};

static void scan_one(void *arg, size_t i)
{
	const struct portion *portion = arg;
	const struct refresh *r = portion->refresh;
	struct entry *entry = &portion->entry[i];
	struct buf text = { 0 };
	if (entry->how != HOW_SCANNED || cancel_is_set(r->cancel))
		return;
	/* One that cannot be read has nothing to say. */
	if (file_read(&r->ws->root, entry->file->path, CODE_INDEX_BYTES_MAX, &text, NULL) != 0 ||
	    text_is_binary(buf_str(&text), text.len)) {
		entry->how = HOW_LEFT_OUT;
		buf_release(&text);
		return;
	}
	hash_data(&entry->stamp.hash, buf_str(&text), text.len);
	if ((int64_t)text.len != entry->stamp.size || entry->stamp.mtime_ns + RACY_NS > r->began_ns)
		entry->stamp.mtime_ns = 0;
	if (!is_known_content(r, entry)) {
		outline_scan(&entry->outline, entry->file->path, buf_str(&text), text.len);
		entry->text = buf_take(&text, NULL);
	}
	buf_release(&text);
}

/* ---- the new tree ---- */

static struct code_stamp *build(struct refresh *r, struct code_index *out)
{
	struct code_builder *builder = code_builder_new();
	struct code_stamp *stamp = xcalloc(r->n_entries + 1, sizeof *stamp);
	size_t n = 0;
	for (size_t at = 0; at < r->n_entries && !cancel_is_set(r->cancel); at += PORTION) {
		size_t n_portion = r->n_entries - at < PORTION ? r->n_entries - at : PORTION;
		struct portion portion = { r, &r->entry[at] };
		pool_for_each(n_portion, r->ws->n_threads, scan_one, &portion);
		for (size_t i = at; i < at + n_portion; i++) {
			struct entry *entry = &r->entry[i];
			if (entry->how == HOW_LEFT_OUT)
				continue;
			stamp[n++] = entry->stamp;
			if (entry->how == HOW_KEPT) {
				code_builder_copy(builder, &r->kept.tree, entry->kept, entry->file->path);
				continue;
			}
			out->n_scanned++;
			code_builder_add(builder, entry->file->path, entry->text ? entry->text : "", &entry->outline);
			outline_release(&entry->outline);
			free(entry->text);
		}
	}
	code_builder_finish(builder, &out->tree);
	return stamp;
}

/* Whoever has the lock scans; the others find what it kept. Without a lock all scan, which costs time alone. */
static int lock_path(const char *path)
{
	char *name = xasprintf("%s.lock", path);
	int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd >= 0 && flock(fd, LOCK_EX) != 0)
		fd_close(&fd);
	free(name);
	return fd;
}

static int refresh(struct refresh *r, const char *path, struct code_index *out, struct err *err)
{
	int lock = -1;
	code_kept_read(&r->kept, path);
	size_t n_unknown = recognise(r);
	if (n_unknown > WAIT_FOR && *path) {
		lock = lock_path(path);
		code_tree_release(&r->kept.tree);
		code_kept_read(&r->kept, path);
		n_unknown = recognise(r);
	}
	if (!n_unknown && r->n_entries == r->kept.tree.n_files) {
		out->tree = r->kept.tree;
		out->is_kept = true;
		r->kept = (struct code_kept){ 0 };
		fd_close(&lock);
		return 0;
	}
	index_hashes(r);
	struct code_stamp *stamp = build(r, out);
	if (cancel_is_set(r->cancel)) {
		code_index_release(out);
		err_set(err, ERR_CANCELLED, "cancelled while the sources were read");
	} else if (*path) {
		/* One that cannot be kept is made again the next time. */
		out->is_kept = code_kept_write(path, &out->tree, stamp, NULL) == 0;
	}
	fd_close(&lock);
	free(stamp);
	return cancel_is_set(r->cancel) ? -1 : 0;
}

int code_index_open(struct code_index *out, const struct workspace *ws, const struct cancel *cancel, struct err *err)
{
	struct refresh r = { .ws = ws, .cancel = cancel };
	struct walk_result files = { 0 };
	struct buf path = { 0 };
	struct timespec now;
	*out = (struct code_index){ 0 };
	clock_gettime(CLOCK_REALTIME, &now);
	r.began_ns = ns(&now);
	if (list_files(&r, &files, err) != 0)
		return -1;
	if (code_index_path(ws->root.path, &path, NULL) != 0)
		buf_clear(&path);
	stamp_entries(&r, &files);
	out->is_cut = r.n_entries == CODE_INDEX_FILES_MAX;
	int rc = refresh(&r, buf_str(&path), out, err);
	map_release(&r.by_hash);
	code_tree_release(&r.kept.tree);
	free(r.entry);
	walk_result_release(&files);
	buf_release(&path);
	return rc;
}

void code_index_release(struct code_index *index)
{
	code_tree_release(&index->tree);
	*index = (struct code_index){ 0 };
}
