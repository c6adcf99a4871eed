/* What a command changed among the ignored files, for which no images are kept: told, not brought back. */
#include "base/path.h"
#include "base/xalloc.h"
#include "io/fd.h"
#include "io/manifest.h"
#include "io/manifest_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A build folder may hold a million files, and what is told here is not worth a minute. */
#define LOOKS_MAX 200000

struct looking {
	const struct manifest *manifest;
	const struct root *root;
	struct strings folders; /* still to be listed */
	size_t n_looks;
	size_t n_files;         /* that changed */
	bool folder_changed;
};

const struct strings *manifest_ignored(const struct manifest *manifest)
{
	return &manifest->ignored;
}

void manifest_see_ignored(struct manifest *manifest, const struct strings *ignored)
{
	struct strings *all = &manifest->ignored;
	size_t n = 0;
	for (size_t i = 0; i < ignored->n_items; i++)
		strings_add(all, ignored->item[i]);
	strings_sort(all);
	for (size_t i = 0; i < all->n_items; i++)
		if (n && strcmp(all->item[n - 1], all->item[i]) == 0)
			free(all->item[i]);
		else
			all->item[n++] = all->item[i];
	all->n_items = n;
}

static int by_path(const void *key, const void *item)
{
	return strcmp(key, ((const struct manifest_entry *)item)->path);
}

/* A tracked file that the rules ignore all the same is kept like any other. */
static bool is_kept(const struct manifest *manifest, const char *path)
{
	return manifest->n_entries &&
	       bsearch(path, manifest->entry, manifest->n_entries, sizeof *manifest->entry, by_path);
}

static bool is_newer(const struct looking *looking, const struct stat *st)
{
	return (int64_t)st->st_ctim.tv_sec * 1000000000 + st->st_ctim.tv_nsec > looking->manifest->taken_ns;
}

static void look_at(struct looking *looking, const char *path, const struct stat *st)
{
	looking->n_looks++;
	if (S_ISDIR(st->st_mode)) {
		looking->folder_changed = looking->folder_changed || is_newer(looking, st);
		strings_add(&looking->folders, path);
	} else if (is_newer(looking, st) && !is_kept(looking->manifest, path)) {
		looking->n_files++;
	}
}

static void list_folder(struct looking *looking, const char *folder)
{
	const struct dirent *entry;
	struct buf path = { 0 };
	int fd = file_open(looking->root, folder, O_RDONLY | O_DIRECTORY, 0, NULL);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	if (!dir && fd >= 0)
		fd_close(&fd);
	while (dir && looking->n_looks < LOOKS_MAX && (entry = readdir(dir))) {
		struct stat st;
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
		    fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
			continue;
		buf_clear(&path);
		path_join(&path, folder, entry->d_name);
		look_at(looking, buf_str(&path), &st);
	}
	if (dir)
		closedir(dir);
	buf_release(&path);
}

static void look_below(struct looking *looking, const char *path)
{
	struct stat st;
	looking->n_files = 0;
	looking->folder_changed = false;
	if (file_stat(looking->root, path, &st, NULL) != 0) {
		looking->folder_changed = true; /* it was there at one of the walks */
		return;
	}
	look_at(looking, path, &st);
	while (looking->folders.n_items) {
		char *folder = looking->folders.item[--looking->folders.n_items];
		list_folder(looking, folder);
		free(folder);
	}
}

void manifest_ignored_changes(const struct manifest *manifest, const struct root *root, struct strings *out)
{
	struct looking looking = { .manifest = manifest, .root = root };
	size_t i = 0;
	for (; i < manifest->ignored.n_items && looking.n_looks < LOOKS_MAX; i++) {
		const char *name = manifest->ignored.item[i];
		size_t n = strlen(name);
		bool is_folder = n && name[n - 1] == '/';
		char *path = xstrndup(name, n - is_folder);
		look_below(&looking, path);
		if (looking.n_files && is_folder)
			strings_take(out, xasprintf("%s: %zu file%s", name, looking.n_files, looking.n_files == 1 ? "" : "s"));
		else if (looking.n_files)
			strings_add(out, name);
		else if (looking.folder_changed)
			strings_take(out, xasprintf("%s: removed%s", name, is_folder ? " files" : ""));
		free(path);
	}
	if (looking.n_looks >= LOOKS_MAX)
		strings_add(out, "ignored files that were not looked at, since there are too many");
	strings_release(&looking.folders);
}
