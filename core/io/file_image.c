/* Reading a file beneath a root: its bytes, and what it is. */
#include "io/file.h"

#include "base/xalloc.h"
#include "io/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A writer that never pauses is given up on. */
#define STILL_TRIES 5

static int unreadable(struct err *err, const char *path)
{
	return err_errno(err, errno, "cannot read '%s'", path);
}

/* Seen before and after: the same bytes as far as the system can tell. */
static bool held_still(const struct stat *a, const struct stat *b)
{
	return a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static int open_regular(const struct root *root, const char *path, struct stat *st, struct err *err)
{
	int fd = file_open(root, path, O_RDONLY, 0, err);
	if (fd < 0)
		return -1;
	if (fstat(fd, st) != 0)
		unreadable(err, path);
	else if (!S_ISREG(st->st_mode))
		err_set(err, ERR_UNSUPPORTED, "'%s' is not a regular file", path);
	else
		return fd;
	fd_close(&fd);
	return -1;
}

/* One reading into out: 1 when the file did not hold still. */
static int read_once(int fd, const char *path, struct stat *st, struct buf *out, struct err *err)
{
	struct stat later;
	char beyond;
	size_t start = out->len;
	size_t size = (size_t)st->st_size;
	if (buf_reserve(out, size) != 0)
		return err_set(err, ERR_LIMIT, "'%s' has %zu bytes, more than fit", path, size);
	ssize_t n = fd_read_at(fd, out->data + start, size, 0);
	ssize_t more = n < 0 ? -1 : fd_read_at(fd, &beyond, 1, (off_t)size);
	if (more < 0 || fstat(fd, &later) != 0)
		return unreadable(err, path);
	if ((size_t)n != size || more != 0 || !held_still(st, &later)) {
		*st = later;
		return 1;
	}
	*st = later;
	out->len = start + size;
	out->data[out->len] = '\0';
	return 0;
}

static int read_still(int fd, const char *path, size_t max, struct stat *st, struct buf *out, struct err *err)
{
	for (int i = 0; i < STILL_TRIES; i++) {
		if (max && (uint64_t)st->st_size > max)
			return err_set(err, ERR_LIMIT, "'%s' has %lld bytes, more than the %zu that fit", path,
			               (long long)st->st_size, max);
		int rc = read_once(fd, path, st, out, err);
		if (rc <= 0)
			return rc;
	}
	err_set(err, ERR_CONFLICT, "'%s' changed while it was read", path);
	return err_hint(err, "another program is writing it: try again when it is done");
}

int file_read(const struct root *root, const char *path, size_t max, struct buf *out, struct err *err)
{
	struct stat st;
	int fd = open_regular(root, path, &st, err);
	if (fd < 0)
		return -1;
	int rc = read_still(fd, path, max, &st, out, err);
	fd_close(&fd);
	return rc;
}

/* Copies a large file aside. 1 when it did not hold still. */
static int spool_once(int fd, const char *path, const char *spool_dir, struct image *out, struct err *err)
{
	struct stat first;
	struct stat later;
	char *name = xasprintf("%s/spool-XXXXXX", spool_dir);
	int to = mkostemp(name, O_CLOEXEC);
	int rc = 0;
	if (to < 0)
		rc = err_errno(err, errno, "cannot make a file in '%s'", spool_dir);
	else if (fstat(fd, &first) != 0 || lseek(fd, 0, SEEK_SET) != 0 ||
	         fd_copy(fd, to, &out->hash, &out->size) != 0 || fstat(fd, &later) != 0)
		rc = err_errno(err, errno, "cannot copy '%s' to '%s'", path, spool_dir);
	else if (out->size != later.st_size || !held_still(&first, &later))
		rc = 1;
	if (rc == 0) {
		out->spool = name;
		out->mode = later.st_mode & 07777;
	} else {
		if (to >= 0)
			unlink(name);
		free(name);
	}
	fd_close(&to);
	return rc;
}

static int image_of_large(int fd, const char *path, const char *spool_dir, struct image *out, struct err *err)
{
	int rc = 1;
	for (int i = 0; rc == 1 && i < STILL_TRIES; i++)
		rc = spool_once(fd, path, spool_dir, out, err);
	if (rc == 1)
		rc = err_set(err, ERR_CONFLICT, "'%s' changed while it was read", path);
	if (rc == 0)
		out->kind = IMAGE_FILE;
	return rc;
}

static int image_of_file(const struct root *root, const char *path, const char *spool_dir, struct image *out,
                         struct err *err)
{
	struct stat st;
	struct buf data = { 0 };
	int fd = open_regular(root, path, &st, err);
	if (fd < 0)
		return -1;
	int rc = st.st_size > FILE_HOLD_MAX ? image_of_large(fd, path, spool_dir, out, err)
	                                    : read_still(fd, path, 0, &st, &data, err);
	fd_close(&fd);
	if (rc == 0 && out->kind == IMAGE_ABSENT) {
		size_t n;
		char *bytes = buf_take(&data, &n);
		image_take_file(out, bytes, n, st.st_mode & 07777);
	}
	buf_release(&data);
	return rc;
}

static int look_at_file(const struct root *root, const char *path, struct image *out, struct err *err)
{
	struct stat st;
	struct stat later;
	int fd = open_regular(root, path, &st, err);
	if (fd < 0)
		return -1;
	int rc = 1;
	for (int i = 0; rc == 1 && i < STILL_TRIES; i++) {
		if (lseek(fd, 0, SEEK_SET) != 0 || fd_copy(fd, -1, &out->hash, &out->size) != 0 || fstat(fd, &later) != 0)
			rc = unreadable(err, path);
		else
			rc = out->size != later.st_size || !held_still(&st, &later);
		st = later;
	}
	fd_close(&fd);
	if (rc == 1)
		rc = err_set(err, ERR_CONFLICT, "'%s' changed while it was read", path);
	out->kind = IMAGE_FILE;
	out->mode = later.st_mode & 07777;
	return rc;
}

static int image_of_link(int fd, const char *path, struct image *out, struct err *err)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(fd, "", target, sizeof target - 1);
	if (n < 0)
		return unreadable(err, path);
	target[n] = '\0';
	image_set_link(out, target);
	return 0;
}

/* spool_dir is NULL when no bytes are wanted. */
static int see(const struct root *root, const char *path, const char *spool_dir, struct image *out, struct err *err)
{
	struct stat st = { 0 };
	struct err why = { 0 };
	*out = (struct image){ 0 };
	int fd = file_open(root, path, O_PATH, 0, &why);
	if (fd < 0 && why.code == ERR_NOT_FOUND)
		return 0;
	int rc = 0;
	if (fd < 0) {
		if (err)
			*err = why;
		return -1;
	}
	if (fstat(fd, &st) != 0)
		rc = unreadable(err, path);
	else if (S_ISLNK(st.st_mode))
		rc = image_of_link(fd, path, out, err);
	else if (S_ISREG(st.st_mode))
		rc = spool_dir ? image_of_file(root, path, spool_dir, out, err) : look_at_file(root, path, out, err);
	else
		rc = err_set(err, ERR_UNSUPPORTED, "'%s' is %s", path,
		             S_ISDIR(st.st_mode) ? "a folder" : "neither a regular file nor a link");
	fd_close(&fd);
	if (rc != 0)
		image_release(out);
	return rc;
}

int file_image(const struct root *root, const char *path, const char *spool_dir, struct image *out, struct err *err)
{
	return see(root, path, spool_dir, out, err);
}

int file_look(const struct root *root, const char *path, struct image *out, struct err *err)
{
	return see(root, path, NULL, out, err);
}
