#include "io/store_git.h"

#include "base/clock.h"
#include "base/vec.h"
#include "base/xalloc.h"
#include "io/fd.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int write_file(const char *dir, const char *name, const char *text, bool durable, struct err *err)
{
	char *path = xasprintf("%s/%s", dir, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	int rc = fd < 0 || fd_write(fd, text, strlen(text)) != 0 || (durable && fd_sync(fd) != 0)
		? err_errno(err, errno, "cannot write '%s'", path)
		: 0;
	fd_close(&fd);
	free(path);
	return rc;
}

int store_git_make(const char *run_dir, struct err *err)
{
	static const char *const folder[] = { "", "/objects", "/objects/pack", "/refs", "/refs/run" };
	static const char *const holder[] = { "/refs", "/objects", "" }; /* an empty folder has nothing to sync */
	static const size_t n = sizeof folder / sizeof *folder;
	char *temp = xasprintf("%s/store.git.new", run_dir);
	char *final = xasprintf("%s/store.git", run_dir);
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < n; i++) {
		char *path = xasprintf("%s%s", temp, folder[i]);
		if (mkdir(path, 0700) != 0 && errno != EEXIST)
			rc = err_errno(err, errno, "cannot make folder '%s'", path);
		free(path);
	}
	if (rc == 0)
		rc = write_file(temp, "HEAD", "ref: refs/heads/none\n", true, err);
	if (rc == 0)
		rc = write_file(temp, "config", "[core]\n\trepositoryformatversion = 0\n\tbare = true\n", true, err);
	if (rc == 0)
		rc = write_file(temp, STORE_KEYS_FILE, "", false, err);
	for (size_t i = 0; rc == 0 && i < sizeof holder / sizeof *holder; i++) {
		char *path = xasprintf("%s%s", temp, holder[i]);
		if (fd_sync_folder(path) != 0)
			rc = err_errno(err, errno, "cannot sync folder '%s'", path);
		free(path);
	}
	if (rc == 0 && (rename(temp, final) != 0 || fd_sync_folder(run_dir) != 0))
		rc = err_errno(err, errno, "cannot make '%s'", final);
	free(temp);
	free(final);
	return rc;
}

/* One file of one side of a set, on its way into trees. */
struct leaf {
	const char *path;
	const char *mode;
	struct sha1 id;
};

struct leaves {
	struct leaf *leaf; /* owned */
	size_t n_leaves, cap_leaves;
};

static int add_leaf(struct leaves *out, const struct store_keys *keys, const char *path, const struct image *image,
                    struct err *err)
{
	if (image->kind == IMAGE_ABSENT)
		return 0;
	const struct store_key *key = store_keys_find(keys, &image->hash);
	if (!key)
		return err_set(err, ERR_INTERNAL, "the store was not given '%s'", path);
	out->leaf = vec_room(out->leaf, out->n_leaves, &out->cap_leaves, sizeof *out->leaf);
	out->leaf[out->n_leaves++] = (struct leaf){
		.path = path,
		.mode = image->kind == IMAGE_LINK ? "120000" : image->mode & 0111 ? "100755" : "100644",
		.id = key->id,
	};
	return 0;
}

static void add_entry(struct buf *tree, const char *mode, const char *name, size_t n, const struct sha1 *id)
{
	buf_printf(tree, "%s ", mode);
	buf_add(tree, name, n);
	buf_add_char(tree, '\0');
	buf_add(tree, id->byte, SHA1_SIZE);
}

/* The tree of leaves that share the first `skip` bytes of their paths. Sorted paths are in git's order already: a
 * folder counts as its name with a slash. */
static int add_tree(struct pack *pack, const struct leaves *leaves, size_t skip, struct pack_entry *out, struct err *err)
{
	struct buf tree = { 0 };
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < leaves->n_leaves;) {
		const struct leaf *leaf = &leaves->leaf[i];
		const char *name = leaf->path + skip;
		size_t len = strcspn(name, "/");
		if (!name[len]) {
			add_entry(&tree, leaf->mode, name, len, &leaf->id);
			i++;
			continue;
		}
		struct pack_entry below;
		struct leaves part = { .leaf = &leaves->leaf[i], .n_leaves = 1 };
		while (i + part.n_leaves < leaves->n_leaves &&
		       strncmp(leaf[part.n_leaves].path, leaf->path, skip + len + 1) == 0)
			part.n_leaves++;
		rc = add_tree(pack, &part, skip + len + 1, &below, err);
		if (rc == 0)
			add_entry(&tree, "40000", name, len, &below.id);
		i += part.n_leaves;
	}
	if (rc == 0)
		rc = pack_add(pack, PACK_TREE, &tree, out, err);
	buf_release(&tree);
	return rc;
}

static int add_side(const struct store_git *git, const struct changeset *set, bool after, struct pack_entry *out,
                    struct err *err)
{
	struct leaves leaves = { 0 };
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < set->n_changes; i++) {
		const struct change *change = &set->change[i];
		rc = add_leaf(&leaves, git->keys, change->path, after ? &change->after : &change->before, err);
	}
	if (rc == 0)
		rc = add_tree(git->pack, &leaves, 0, out, err);
	free(leaves.leaf);
	return rc;
}

static void format_id(struct buf *out, const struct sha1 *id)
{
	for (size_t i = 0; i < SHA1_SIZE; i++)
		buf_printf(out, "%02x", id->byte[i]);
}

int store_git_commit(const struct store_git *git, const char *title, const struct changeset *set, struct sha1 *id,
                     struct err *err)
{
	struct pack_entry before;
	struct pack_entry after;
	struct pack_entry top;
	struct pack_entry commit;
	struct buf text = { 0 };
	if (add_side(git, set, false, &before, err) != 0 || add_side(git, set, true, &after, err) != 0)
		return -1;
	add_entry(&text, "40000", "after", 5, &after.id);
	add_entry(&text, "40000", "before", 6, &before.id);
	int rc = pack_add(git->pack, PACK_TREE, &text, &top, err);
	if (rc == 0) {
		int64_t now = clock_wall_ms() / 1000;
		buf_clear(&text);
		buf_add_str(&text, "tree ");
		format_id(&text, &top.id);
		buf_printf(&text, "\nauthor belay <belay@localhost> %" PRId64 " +0000\n", now);
		buf_printf(&text, "committer belay <belay@localhost> %" PRId64 " +0000\n\n%s\n", now, title);
		rc = pack_add(git->pack, PACK_COMMIT, &text, &commit, err);
	}
	if (rc == 0)
		*id = commit.id;
	buf_release(&text);
	return rc;
}

int store_git_set_ref(const char *git_dir, uint64_t seq, const struct sha1 *id, struct err *err)
{
	struct buf text = { 0 };
	char *temp = xasprintf("%s/refs/new", git_dir);
	char *file = xasprintf("%s/refs/run/%" PRIu64, git_dir, seq);
	format_id(&text, id);
	buf_add_char(&text, '\n');
	int rc = write_file(git_dir, "refs/new", buf_str(&text), false, err);
	if (rc == 0 && rename(temp, file) != 0)
		rc = err_errno(err, errno, "cannot write '%s'", file);
	free(file);
	free(temp);
	buf_release(&text);
	return rc;
}

int store_git_mend_refs(const char *git_dir, struct err *err)
{
	char *folder = xasprintf("%s/refs/run", git_dir);
	struct dirent *entry;
	int rc = 0;
	DIR *dir = opendir(folder);
	if (!dir)
		rc = err_errno(err, errno, "cannot open folder '%s'", folder);
	while (rc == 0 && (entry = readdir(dir))) {
		struct stat st;
		if (fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
		    st.st_size != 2 * SHA1_SIZE + 1 && unlinkat(dirfd(dir), entry->d_name, 0) != 0)
			rc = err_errno(err, errno, "cannot remove '%s/%s'", folder, entry->d_name);
	}
	if (dir)
		closedir(dir);
	free(folder);
	return rc;
}
