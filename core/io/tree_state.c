#include "io/tree_state.h"

#include "base/clock.h"
#include "base/map.h"
#include "base/pool.h"
#include "base/thread.h"
#include "base/vec.h"
#include "base/xalloc.h"
#include "io/walk.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* A file that changed so short ago may change once more and keep its times: it is not known again. */
#define SETTLED_MS 100

struct known {
	struct stat st;
	struct hash hash;
};

struct tree_memo {
	pthread_mutex_t lock; /* guards by_path; never held while a file is read */
	struct map by_path;   /* path -> struct known, owned */
};

struct item {
	const char *path;
	struct stat st;
	struct hash hash;
	bool is_known;
};

struct looking {
	const struct tree_query *query;
	struct item *item;
	size_t n_items, cap_items;
	struct walk_result *walk; /* that own the paths; owned */
	size_t n_walks, cap_walks;
	long long bytes;
	atomic_bool failed;
};

struct tree_memo *tree_memo_new(void)
{
	struct tree_memo *memo = xcalloc(1, sizeof *memo);
	pthread_mutex_init(&memo->lock, NULL);
	return memo;
}

void tree_memo_free(struct tree_memo *memo)
{
	const struct map_entry *entry;
	if (!memo)
		return;
	for (size_t i = 0; (entry = map_next(&memo->by_path, &i));)
		free(entry->value);
	map_release(&memo->by_path);
	pthread_mutex_destroy(&memo->lock);
	free(memo);
}

/* ---- which files ---- */

static int list_from(struct looking *l, const char *start, struct err *err)
{
	const struct walk_rules rules = { .none = true };
	const struct walk walk = {
		.root = l->query->root, .rules = &rules, .start = start, .n_threads = l->query->n_threads, .with_stat = true,
		.cancel = l->query->cancel,
	};
	l->walk = vec_room(l->walk, l->n_walks, &l->cap_walks, sizeof *l->walk);
	struct walk_result found = { 0 };
	int rc = walk_run(&walk, &found, err);
	l->walk[l->n_walks++] = found;
	if (rc == 0 && found.unreadable.n_items)
		rc = err_set(err, ERR_ACCESS, "'%s' cannot be read", found.unreadable.item[0]);
	for (size_t i = 0; rc == 0 && i < found.n_files; i++) {
		l->item = vec_room(l->item, l->n_items, &l->cap_items, sizeof *l->item);
		l->item[l->n_items++] = (struct item){ .path = found.file[i].path, .st = found.file[i].st };
		l->bytes += found.file[i].st.st_size;
	}
	if (rc == 0 && (l->n_items > TREE_STATE_MAX_FILES || l->bytes > TREE_STATE_MAX_BYTES))
		rc = err_set(err, ERR_LIMIT, "the tree is too large to be known by its content");
	for (size_t i = 0; rc == 0 && i < found.nested.n_items; i++)
		rc = list_from(l, found.nested.item[i], err);
	return rc;
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct item *)a)->path, ((const struct item *)b)->path);
}

/* ---- what is in them ---- */

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_size == b->st_size && a->st_mode == b->st_mode &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	       a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

static void recall(struct tree_memo *memo, struct looking *l)
{
	pthread_mutex_lock(&memo->lock);
	for (size_t i = 0; i < l->n_items; i++) {
		const struct known *known = map_get(&memo->by_path, l->item[i].path);
		l->item[i].is_known = known && is_same(&known->st, &l->item[i].st);
		if (l->item[i].is_known)
			l->item[i].hash = known->hash;
	}
	pthread_mutex_unlock(&memo->lock);
}

static void remember(struct tree_memo *memo, const struct looking *l, int64_t now_ms)
{
	pthread_mutex_lock(&memo->lock);
	for (size_t i = 0; i < l->n_items; i++) {
		const struct item *item = &l->item[i];
		int64_t changed_ms = (int64_t)item->st.st_ctim.tv_sec * 1000 + item->st.st_ctim.tv_nsec / 1000000;
		if (item->is_known || changed_ms + SETTLED_MS > now_ms)
			continue;
		struct known *known = map_get(&memo->by_path, item->path);
		if (!known) {
			known = xcalloc(1, sizeof *known);
			map_put(&memo->by_path, item->path, known);
		}
		*known = (struct known){ item->st, item->hash };
	}
	pthread_mutex_unlock(&memo->lock);
}

static void look_at(void *arg, size_t i)
{
	struct looking *l = arg;
	struct item *item = &l->item[i];
	struct image image = { 0 };
	struct err err;
	if (item->is_known || cancel_is_set(l->query->cancel))
		return;
	if (file_look(l->query->root, item->path, &image, &err) != 0 || image.kind == IMAGE_ABSENT)
		atomic_store(&l->failed, true);
	item->hash = image.hash;
	image_release(&image);
}

static void add_item(struct hasher *hasher, const char *path, bool is_link, mode_t mode, const struct hash *hash)
{
	unsigned bits = is_link ? 1U << 16 : mode & 0777;
	hasher_add(hasher, path, strlen(path) + 1);
	hasher_add(hasher, &bits, sizeof bits);
	hasher_add(hasher, hash->byte, sizeof hash->byte);
}

/* Both lists are sorted: merged, with the change set's word where both have a path. */
static void digest(const struct looking *l, struct hash *out)
{
	static const struct changeset none = { 0 };
	const struct changeset *over = l->query->over ? l->query->over : &none;
	struct hasher *hasher = hasher_new();
	size_t k = 0;
	for (size_t i = 0; i < l->n_items || k < over->n_changes;) {
		const struct item *item = i < l->n_items ? &l->item[i] : NULL;
		const struct change *change = k < over->n_changes ? &over->change[k] : NULL;
		int order = !item ? 1 : !change ? -1 : strcmp(item->path, change->path);
		if (order < 0)
			add_item(hasher, item->path, S_ISLNK(item->st.st_mode), item->st.st_mode, &item->hash);
		else if (change->after.kind != IMAGE_ABSENT)
			add_item(hasher, change->path, change->after.kind == IMAGE_LINK,
			         change->after.mode ? change->after.mode : 0644, &change->after.hash);
		i += order <= 0;
		k += order >= 0;
	}
	hasher_finish(hasher, out);
}

int tree_state(struct tree_memo *memo, const struct tree_query *query, struct hash *out, struct err *err)
{
	struct looking l = { .query = query };
	int64_t now_ms = clock_wall_ms();
	int rc = list_from(&l, "", err);
	if (rc == 0) {
		if (l.n_items)
			qsort(l.item, l.n_items, sizeof *l.item, by_path);
		recall(memo, &l);
		pool_for_each(l.n_items, query->n_threads, look_at, &l);
		if (cancel_is_set(query->cancel))
			rc = err_set(err, ERR_CANCELLED, "it was stopped");
		else if (atomic_load(&l.failed))
			rc = err_set(err, ERR_ACCESS, "a file of the tree cannot be read");
	}
	if (rc == 0) {
		remember(memo, &l, now_ms);
		digest(&l, out);
	}
	for (size_t i = 0; i < l.n_walks; i++)
		walk_result_release(&l.walk[i]);
	free(l.walk);
	free(l.item);
	return rc;
}
