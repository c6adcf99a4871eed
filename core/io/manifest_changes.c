/* What a command changed: the tree now against the manifest of before. */
#include "base/path.h"
#include "base/xalloc.h"
#include "io/manifest.h"
#include "io/manifest_file.h"
#include "io/vcs.h"
#include "io/walk.h"

#include <stdlib.h>
#include <string.h>

struct comparing {
	const struct manifest *manifest;
	const struct root *root;
	struct store *store;
	struct vcs *vcs;
	struct changeset *out;
	struct strings *lost;
};

/* The bytes of before, from git. They are those of the file only if it had as many. */
static int image_from_git(struct comparing *c, const struct manifest_entry *entry, struct image *out, struct err *err)
{
	struct buf data = { 0 };
	size_t n;
	int rc = vcs_blob(c->vcs, entry->id, 0, &data, err);
	if (rc == 0 && (int64_t)data.len != entry->size)
		rc = err_set(err, ERR_CORRUPT, "git has other bytes for '%s'", entry->path);
	if (rc == 0) {
		char *bytes = buf_take(&data, &n);
		if (S_ISLNK(entry->mode)) {
			image_set_link(out, bytes ? bytes : "");
			free(bytes);
		} else {
			image_take_file(out, bytes ? bytes : xstrdup(""), n, entry->mode & 07777);
		}
	}
	buf_release(&data);
	return rc;
}

/* Without the bytes, which a comparison by hash does not need. */
static void describe(const struct manifest_entry *entry, struct image *out)
{
	*out = (struct image){
		.kind = S_ISLNK(entry->mode) ? IMAGE_LINK : IMAGE_FILE, .hash = entry->hash, .size = entry->size,
		.mode = S_ISLNK(entry->mode) ? 0 : entry->mode & 07777,
	};
}

/* What is there now. A folder or a device in the file's place means that the file is gone. */
static int image_of_now(struct comparing *c, const char *path, struct image *out, struct err *err)
{
	if (file_image(c->root, path, store_dir(c->store), out, err) == 0)
		return 0;
	if (err->code != ERR_UNSUPPORTED)
		return -1;
	*out = (struct image){ .kind = IMAGE_ABSENT };
	return 0;
}

/* The two images of a file that may have changed; false when one cannot be had. */
static bool compare(struct comparing *c, const struct manifest_entry *entry, struct image *before, struct image *after)
{
	struct err err;
	if (image_of_now(c, entry->path, after, &err) != 0)
		return false;
	if (entry->cover == COVER_GIT)
		return image_from_git(c, entry, before, &err) == 0;
	describe(entry, before);
	return image_equal(before, after) || store_get_image(c->store, before, &err) == 0;
}

static void add_change(struct comparing *c, const char *path, struct image *before, struct image *after)
{
	struct change *change = changeset_add(c->out, path);
	change->before = *before;
	change->after = *after;
	*before = *after = (struct image){ 0 };
}

static void look_at_entry(struct comparing *c, const struct manifest_entry *entry, const struct stat *st)
{
	struct image before = { 0 };
	struct image after = { 0 };
	bool same = st && manifest_entry_is(entry, st);
	/* A file written in the tick in which the manifest was taken may have changed with no trace but its bytes. */
	if (same && (entry->cover == COVER_NONE || entry->ctime_ns < c->manifest->taken_ns - MANIFEST_TICK_NS))
		return;
	if (entry->cover == COVER_NONE || !compare(c, entry, &before, &after))
		strings_add(c->lost, entry->path);
	else if (!image_equal(&before, &after))
		add_change(c, entry->path, &before, &after);
	image_release(&before);
	image_release(&after);
}

static void look_at_new(struct comparing *c, const char *path)
{
	struct err err;
	struct image before = { .kind = IMAGE_ABSENT };
	struct image after = { 0 };
	if (image_of_now(c, path, &after, &err) != 0)
		strings_add(c->lost, path);
	else if (after.kind != IMAGE_ABSENT)
		add_change(c, path, &before, &after);
	image_release(&after);
}

static int by_path(const void *key, const void *item)
{
	return strcmp(key, ((const struct manifest_entry *)item)->path);
}

static const struct manifest_entry *find(const struct manifest *manifest, const char *path)
{
	return manifest->n_entries
	               ? bsearch(path, manifest->entry, manifest->n_entries, sizeof *manifest->entry, by_path)
	               : NULL;
}

/* Did the command change what is ignored? Then a file may be seen now that was there all the time. */
static bool rules_changed(const struct comparing *c, const struct walk_result *found)
{
	for (size_t i = 0; i < found->n_files; i++) {
		const struct manifest_entry *entry;
		if (strcmp(path_base(found->file[i].path), ".gitignore") == 0 &&
		    (!(entry = find(c->manifest, found->file[i].path)) || !manifest_entry_is(entry, &found->file[i].st)))
			return true;
	}
	for (size_t i = 0; i < c->manifest->n_entries; i++)
		if (strcmp(path_base(c->manifest->entry[i].path), ".gitignore") == 0 &&
		    !walk_result_find(found, c->manifest->entry[i].path))
			return true;
	return false;
}

static void look_at_all(struct comparing *c, const struct walk_result *found)
{
	bool doubtful = rules_changed(c, found);
	for (size_t i = 0; i < c->manifest->n_entries; i++) {
		struct stat st;
		const struct manifest_entry *entry = &c->manifest->entry[i];
		const struct walk_file *file = walk_result_find(found, entry->path);
		/* What the walk did not list may be gone, or ignored by now. */
		bool there = file || file_stat(c->root, entry->path, &st, NULL) == 0;
		look_at_entry(c, entry, file ? &file->st : there ? &st : NULL);
	}
	for (size_t i = 0; i < found->n_files; i++) {
		const struct walk_file *file = &found->file[i];
		if (!find(c->manifest, file->path) && !(doubtful && manifest_is_older(c->manifest, &file->st)))
			look_at_new(c, file->path);
	}
}

int manifest_changes(struct manifest *manifest, const struct root *root, struct store *store, struct changeset *out,
                     struct strings *lost, struct err *err)
{
	struct walk_result found = { 0 };
	struct comparing c = { .manifest = manifest, .root = root, .store = store, .out = out, .lost = lost };
	if (vcs_open(&c.vcs, root->path, err) != 0)
		return -1;
	int rc = manifest_walk(root, c.vcs, &found, err);
	if (rc == 0)
		look_at_all(&c, &found);
	manifest_see_ignored(manifest, &found.ignored);
	walk_result_release(&found);
	vcs_free(c.vcs);
	return rc != 0 ? err_prefix(err, "cannot find what the command changed") : 0;
}
