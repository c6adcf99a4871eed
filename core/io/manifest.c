#include "io/manifest.h"

#include "base/path.h"
#include "base/xalloc.h"
#include "io/manifest_file.h"
#include "io/vcs.h"
#include "io/walk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TOTAL_MAX (64 * 1024 * 1024)
#define N_THREADS 4

/* Manifest and tree are compared by names, sizes and times; contents are read only where these leave a doubt. */
struct taking {
	const struct root *root;
	struct store *store;
	struct vcs *vcs;
	const struct vcs_index *index; /* NULL: nothing is known to be tracked */
	struct manifest *manifest;
	struct strings *uncovered;
	int64_t total_bytes;
};

static int64_t file_clock_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME_COARSE, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static struct manifest_entry *add_entry(struct manifest *manifest, const char *path, const struct stat *st)
{
	manifest->entry = vec_room(manifest->entry, manifest->n_entries, &manifest->cap_entries, sizeof *manifest->entry);
	struct manifest_entry *entry = &manifest->entry[manifest->n_entries++];
	*entry = (struct manifest_entry){ .path = xstrdup(path) };
	manifest_entry_set(entry, st);
	return entry;
}

/* The image of what an entry names, unless it has changed since the entry was made. */
static int image_of(const struct taking *t, const struct manifest_entry *entry, struct image *image, struct err *err)
{
	if (file_image(t->root, entry->path, store_dir(t->store), image, err) != 0)
		return -1;
	if (image->kind != IMAGE_ABSENT)
		return 0;
	return err_set(err, ERR_CONFLICT, "'%s' went away", entry->path);
}

/* Is the doubtful file what git has of it, byte for byte? Then there is nothing to store. */
static bool is_in_git(const struct taking *t, const struct vcs_entry *tracked, const struct image *image)
{
	unsigned char id[VCS_ID_SIZE];
	return tracked && tracked->is_merged && image->data &&
		vcs_blob_id(t->vcs, image->data, (size_t)image->size, id, NULL) == 0 &&
		memcmp(id, tracked->id, VCS_ID_SIZE) == 0;
}

/* Reads a file that git does not cover for certain. One that cannot be read or does not fit is told, not fatal; a store
 * that cannot take it is. */
static int keep(struct taking *t, struct manifest_entry *entry, const struct vcs_entry *tracked, struct err *err)
{
	struct image image = { 0 };
	struct err why;
	int rc = 0;
	if (t->total_bytes + entry->size > TOTAL_MAX || image_of(t, entry, &image, &why) != 0) {
		strings_add(t->uncovered, entry->path);
	} else if (is_in_git(t, tracked, &image)) {
		entry->cover = COVER_GIT;
		memcpy(entry->id, tracked->id, VCS_ID_SIZE);
	} else if ((rc = store_put_image(t->store, &image, err)) == 0) {
		entry->cover = COVER_STORE;
		entry->hash = image.hash;
		t->total_bytes += image.size;
	}
	image_release(&image);
	return rc;
}

static bool is_clean(const struct taking *t, const struct vcs_entry *tracked, const struct stat *st)
{
	return tracked && vcs_compare(t->vcs, tracked, st) == VCS_SAME && !vcs_is_filtered(t->vcs, tracked);
}

/* Entries that only the store can cover are left for a second pass, so that tracked files get its room first. */
static int take_file(struct taking *t, const char *path, const struct stat *st, struct err *err)
{
	const struct vcs_entry *tracked = t->index ? vcs_index_find(t->index, path) : NULL;
	struct manifest_entry *entry = add_entry(t->manifest, path, st);
	if (is_clean(t, tracked, st)) {
		entry->cover = COVER_GIT;
		memcpy(entry->id, tracked->id, VCS_ID_SIZE);
		return 0;
	}
	return tracked ? keep(t, entry, tracked, err) : 0;
}

static int by_path(const void *a, const void *b)
{
	const struct manifest_entry *x = a;
	const struct manifest_entry *y = b;
	return strcmp(x->path, y->path);
}

static void sort(struct manifest *manifest)
{
	if (manifest->n_entries)
		qsort(manifest->entry, manifest->n_entries, sizeof *manifest->entry, by_path);
}

static int take_untracked(struct taking *t, struct err *err)
{
	for (size_t i = 0; i < t->manifest->n_entries; i++) {
		struct manifest_entry *entry = &t->manifest->entry[i];
		bool tracked = t->index && vcs_index_find(t->index, entry->path);
		if (entry->cover == COVER_NONE && !tracked && keep(t, entry, NULL, err) != 0)
			return -1;
	}
	return 0;
}

int manifest_walk(const struct root *root, struct vcs *vcs, struct walk_result *out, struct err *err)
{
	struct walk_rules rules;
	walk_rules_load(&rules, vcs);
	struct walk walk = { .root = root, .rules = &rules, .start = "", .n_threads = N_THREADS, .with_stat = true };
	int rc = walk_run(&walk, out, err);
	walk_rules_release(&rules);
	return rc;
}

/* Tracked files that the walk passed over because they are ignored all the same. */
static int take_ignored(struct taking *t, const struct walk_result *found, struct err *err)
{
	int rc = 0;
	for (size_t i = 0; rc == 0 && t->index && found->saw_ignored && i < t->index->n_entries; i++) {
		struct stat st;
		const char *path = t->index->entry[i].path;
		if (!walk_result_find(found, path) && file_stat(t->root, path, &st, NULL) == 0 &&
		    (S_ISREG(st.st_mode) || S_ISLNK(st.st_mode)))
			rc = take_file(t, path, &st, err);
	}
	return rc;
}

static int take_all(struct taking *t, struct err *err)
{
	struct walk_result found = { 0 };
	int rc = manifest_walk(t->root, t->vcs, &found, err);
	for (size_t i = 0; rc == 0 && i < found.n_files; i++)
		rc = take_file(t, found.file[i].path, &found.file[i].st, err);
	if (rc == 0)
		rc = take_ignored(t, &found, err);
	if (rc == 0)
		rc = take_untracked(t, err);
	for (size_t i = 0; rc == 0 && i < found.unreadable.n_items; i++)
		strings_add(t->uncovered, found.unreadable.item[i]);
	for (size_t i = 0; rc == 0 && i < found.nested.n_items; i++)
		strings_add(t->uncovered, found.nested.item[i]);
	strings_release(&t->manifest->ignored);
	t->manifest->ignored = found.ignored;
	found.ignored = (struct strings){ 0 };
	walk_result_release(&found);
	return rc;
}

/* The index of the repository whose work tree the root is; of one further up, paths would not be the same. */
static const struct vcs_index *index_of(struct vcs *vcs, const struct root *root)
{
	return strcmp(vcs_root(vcs), root->path) == 0 ? vcs_index(vcs, NULL) : NULL;
}

int manifest_take(struct manifest **out, const struct root *root, struct store *store, const char *file,
                  struct strings *uncovered, struct err *err)
{
	struct taking t = { .root = root, .store = store, .uncovered = uncovered };
	if (vcs_open(&t.vcs, root->path, err) != 0)
		return -1;
	t.index = index_of(t.vcs, root);
	t.manifest = xcalloc(1, sizeof *t.manifest);
	t.manifest->taken_ns = file_clock_ns();
	int rc = take_all(&t, err);
	sort(t.manifest);
	strings_sort(uncovered);
	if (rc == 0)
		rc = store_sync(store, 0, "", NULL, err);
	if (rc == 0)
		rc = manifest_write(t.manifest, file, err);
	vcs_free(t.vcs);
	if (rc != 0) {
		manifest_free(t.manifest);
		return err_prefix(err, "cannot back up the tree before the command");
	}
	*out = t.manifest;
	return 0;
}

int manifest_load(struct manifest **out, const char *file, struct err *err)
{
	struct manifest *manifest = xcalloc(1, sizeof *manifest);
	if (manifest_read(manifest, file, err) != 0) {
		manifest_free(manifest);
		return -1;
	}
	sort(manifest);
	*out = manifest;
	return 0;
}

void manifest_free(struct manifest *manifest)
{
	if (!manifest)
		return;
	for (size_t i = 0; i < manifest->n_entries; i++)
		free(manifest->entry[i].path);
	free(manifest->entry);
	strings_release(&manifest->ignored);
	free(manifest);
}
