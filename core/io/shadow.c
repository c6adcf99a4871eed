#include "io/shadow.h"

#include "base/buf.h"
#include "base/path.h"
#include "base/pool.h"
#include "base/xalloc.h"
#include "io/fd.h"
#include "io/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define SMALL (32 * 1024) /* bytes of a file that is copied in one go */

struct copying {
	const struct root *from, *to;
	const struct walk_file *file;
	const struct cancel *cancel;
	pthread_mutex_t lock; /* guards err */
	struct err err;
	atomic_bool failed;
	atomic_bool no_clones; /* the file system has none */
};

/* ---- folders ---- */

static int make_folders(const struct root *root, const char *path, struct err *err)
{
	struct buf folder = { 0 };
	int rc = 0;
	for (const char *slash = strchr(path, '/'); slash && rc == 0; slash = strchr(slash + 1, '/')) {
		buf_clear(&folder);
		buf_add(&folder, path, (size_t)(slash - path));
		if (mkdirat(root->fd, buf_str(&folder), 0700) != 0 && errno != EEXIST)
			rc = err_errno(err, errno, "cannot make the folder '%s' in a copy of the tree", buf_str(&folder));
	}
	buf_release(&folder);
	return rc;
}

static void fail(struct copying *c, const struct err *err)
{
	pthread_mutex_lock(&c->lock);
	c->err = *err;
	pthread_mutex_unlock(&c->lock);
	atomic_store(&c->failed, true);
}

/* While the tree is walked, a folder before those in it; an empty one, too, since a build may write into it. */
static bool make_folder(void *arg, const char *dir)
{
	struct copying *c = arg;
	struct err err = { 0 };
	if (atomic_load(&c->failed))
		return false;
	if (mkdirat(c->to->fd, dir, 0700) == 0 || errno == EEXIST)
		return true;
	err_errno(&err, errno, "cannot make the folder '%s' in a copy of the tree", dir);
	fail(c, &err);
	return false;
}

/* ---- one file ---- */

static int copy_link(const struct copying *c, const char *path, struct err *err)
{
	char target[4096];
	ssize_t n = readlinkat(c->from->fd, path, target, sizeof target - 1);
	if (n < 0)
		return errno == ENOENT ? 0 : err_errno(err, errno, "cannot read the link '%s'", path);
	target[n] = '\0';
	if (symlinkat(target, c->to->fd, path) != 0)
		return err_errno(err, errno, "cannot copy the link '%s'", path);
	return 0;
}

static int copy_bytes(struct copying *c, int from, int to, off_t size)
{
	char data[SMALL];
	int64_t n;
	if (!atomic_load(&c->no_clones)) {
		if (ioctl(to, FICLONE, from) == 0)
			return 0;
		atomic_store(&c->no_clones, true);
	}
	if (size >= SMALL)
		return fd_copy(from, to, NULL, &n);
	ssize_t got = fd_read(from, data, SMALL);
	if (got == SMALL) /* it has grown meanwhile */
		return fd_write(to, data, SMALL) == 0 ? fd_copy(from, to, NULL, &n) : -1;
	return got >= 0 ? fd_write(to, data, (size_t)got) : -1;
}

/* A file that went meanwhile, or that may not be read, is not in the copy. */
static int copy_file(struct copying *c, const struct walk_file *file, struct err *err)
{
	struct err why = { 0 };
	int from = file_open(c->from, file->path, O_RDONLY, 0, &why);
	if (from < 0)
		return why.code == ERR_NOT_FOUND || why.code == ERR_ACCESS ? 0 : (*err = why, -1);
	int to = openat(c->to->fd, file->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int rc = to < 0 ? -1 : 0;
	if (rc == 0)
		rc = copy_bytes(c, from, to, file->st.st_size);
	const struct timespec times[] = { file->st.st_atim, file->st.st_mtim };
	if (rc == 0 && (fchmod(to, file->st.st_mode & 0777) != 0 || futimens(to, times) != 0))
		rc = -1;
	if (rc != 0)
		err_errno(err, errno, "cannot copy '%s'", file->path);
	close(from);
	if (to >= 0)
		close(to);
	return rc;
}

static void copy_one(void *arg, size_t i)
{
	struct copying *c = arg;
	struct err err = { 0 };
	const struct walk_file *file = &c->file[i];
	if (atomic_load(&c->failed) || cancel_is_set(c->cancel))
		return;
	int rc = S_ISLNK(file->st.st_mode) ? copy_link(c, file->path, &err) : copy_file(c, file, &err);
	if (rc != 0)
		fail(c, &err);
}

/* ---- the tree ---- */

static int check_size(const struct walk_result *walk, struct err *err)
{
	long long bytes = 0;
	for (size_t i = 0; i < walk->n_files; i++)
		bytes += walk->file[i].st.st_size;
	if (bytes <= SHADOW_MAX_BYTES)
		return 0;
	err_set(err, ERR_LIMIT, "the tree holds %lld MiB, too much for a copy", bytes >> 20);
	return err_hint(err, "remove what was built and is not needed");
}

static int copy_tree(struct shadow *shadow, const struct walk *walk, struct err *err)
{
	struct walk_result found = { 0 };
	struct copying c = {
		.from = walk->root, .to = &shadow->root, .cancel = walk->cancel, .lock = PTHREAD_MUTEX_INITIALIZER,
	};
	struct walk making = *walk;
	making.enter = make_folder;
	making.arg = &c;
	int rc = walk_run(&making, &found, err);
	if (rc == 0)
		rc = check_size(&found, err);
	c.file = found.file;
	if (rc == 0)
		pool_for_each(found.n_files, walk->n_threads, copy_one, &c);
	if (rc == 0 && atomic_load(&c.failed)) {
		*err = c.err;
		rc = -1;
	}
	if (rc == 0 && cancel_is_set(walk->cancel))
		rc = err_set(err, ERR_CANCELLED, "the copy of the tree was stopped");
	/* Repositories in the tree are part of what is built. */
	for (size_t i = 0; rc == 0 && i < found.nested.n_items; i++) {
		struct walk inner = *walk;
		inner.start = found.nested.item[i];
		rc = copy_tree(shadow, &inner, err);
	}
	walk_result_release(&found);
	return rc;
}

int shadow_make(struct shadow *out, const struct root *from, const char *dir, size_t n_threads,
                const struct cancel *cancel, struct err *err)
{
	const struct walk_rules rules = { .none = true };
	const struct walk walk = {
		.root = from, .rules = &rules, .start = "", .n_threads = n_threads, .with_stat = true, .cancel = cancel,
	};
	char *path = xasprintf("%s/shadow-XXXXXX", dir);
	*out = (struct shadow){ .root.fd = -1 };
	int rc = mkdtemp(path) ? 0 : err_errno(err, errno, "cannot make a folder in '%s'", dir);
	if (rc == 0)
		rc = root_open(&out->root, path, err);
	if (rc == 0)
		rc = copy_tree(out, &walk, err);
	if (rc != 0)
		shadow_remove(out);
	free(path);
	return rc;
}

void shadow_remove(struct shadow *shadow)
{
	if (!shadow->root.path)
		return;
	file_remove_all(shadow->root.path);
	root_close(&shadow->root);
	*shadow = (struct shadow){ .root.fd = -1 };
}

/* ---- changes ---- */

int shadow_delete(struct shadow *shadow, const char *path, struct err *err)
{
	if (!file_is_path(path))
		return err_set(err, ERR_ACCESS, "'%s' is no path of the tree", path);
	if (unlinkat(shadow->root.fd, path, 0) != 0 && errno != ENOENT && errno != ENOTDIR)
		return err_errno(err, errno, "cannot remove '%s' from the copy", path);
	return 0;
}

static int write_bytes(int fd, const struct image *image)
{
	int64_t n;
	if (image->data || !image->spool)
		return fd_write(fd, image->data ? image->data : "", (size_t)image->size);
	int from = open(image->spool, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (from < 0)
		return -1;
	int rc = fd_copy(from, fd, NULL, &n);
	close(from);
	return rc;
}

static int write_file(struct shadow *shadow, const char *path, const struct image *image, struct err *err)
{
	mode_t mode = image->mode ? image->mode & 0777 : 0644;
	int fd = file_open(&shadow->root, path, O_WRONLY | O_CREAT | O_EXCL, mode, err);
	if (fd < 0)
		return -1;
	int rc = write_bytes(fd, image) == 0 && (!image->mode || fchmod(fd, mode) == 0)
		? 0
		: err_errno(err, errno, "cannot write '%s' in a copy of the tree", path);
	close(fd);
	return rc;
}

int shadow_put(struct shadow *shadow, const struct changeset *set, bool after, struct err *err)
{
	for (size_t i = 0; i < set->n_changes; i++)
		if (shadow_write(shadow, set->change[i].path, after ? &set->change[i].after : &set->change[i].before, err) != 0)
			return -1;
	return 0;
}

/* A copy that programs see at its own place: git finds its repository there through a file, as in a linked work tree. */
int shadow_link_git(struct shadow *shadow, const char *root, struct err *err)
{
	struct stat st;
	struct buf text = { 0 };
	char *git = xasprintf("%s/.git", root);
	int rc = 0;
	if (lstat(git, &st) != 0)
		rc = 1; /* no repository, or it is further up */
	else if (S_ISREG(st.st_mode))
		rc = file_slurp(git, 4096, &text, err);
	else
		buf_printf(&text, "gitdir: %s\n", git);
	if (rc == 0) {
		struct image image = { 0 };
		image_set_file(&image, buf_str(&text), text.len, 0644);
		int fd = openat(shadow->root.fd, ".git", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
		if (fd < 0 || write_bytes(fd, &image) != 0)
			rc = err_errno(err, errno, "cannot make '.git' in a copy of the tree");
		if (fd >= 0)
			close(fd);
		image_release(&image);
	}
	buf_release(&text);
	free(git);
	return rc < 0 ? -1 : 0;
}

int shadow_write(struct shadow *shadow, const char *path, const struct image *image, struct err *err)
{
	if (shadow_delete(shadow, path, err) != 0)
		return -1;
	if (image->kind == IMAGE_ABSENT)
		return 0;
	if (make_folders(&shadow->root, path, err) != 0)
		return -1;
	if (image->kind == IMAGE_LINK && symlinkat(image->data, shadow->root.fd, path) != 0)
		return err_errno(err, errno, "cannot make the link '%s'", path);
	return image->kind == IMAGE_FILE ? write_file(shadow, path, image, err) : 0;
}
