#include "io/store_raw.h"

#include "base/xalloc.h"
#include "io/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

char *store_raw_path(const char *run_dir, const struct hash *hash)
{
	char hex[HASH_HEX_SIZE];
	hash_format(hash, hex);
	return xasprintf("%s/raw/%s", run_dir, hex);
}

/* ioctl_ficlone(2), else copy_file_range(2), else by hand. */
static int clone_bytes(int from, int to)
{
	int64_t n;
	if (ioctl(to, FICLONE, from) == 0)
		return 0;
	for (;;) {
		ssize_t done = copy_file_range(from, NULL, to, NULL, (size_t)1 << 30, 0);
		if (done < 0 && errno == EINTR)
			continue;
		if (done == 0)
			return 0;
		if (done < 0)
			break;
	}
	if (errno != EXDEV && errno != ENOSYS && errno != EINVAL && errno != EOPNOTSUPP && errno != EPERM)
		return -1;
	return lseek(from, 0, SEEK_SET) != 0 || lseek(to, 0, SEEK_SET) != 0 ? -1 : fd_copy(from, to, NULL, &n);
}

static int fill(int to, const struct image *image, struct err *err)
{
	if (image->data)
		return fd_write(to, image->data, (size_t)image->size) != 0
			? err_errno(err, errno, "cannot copy a large file into the store")
			: 0;
	int from = image->spool ? open(image->spool, O_RDONLY | O_NOFOLLOW | O_CLOEXEC) : -1;
	if (!image->spool)
		errno = ENOENT;
	int rc = from < 0 || clone_bytes(from, to) != 0
		? err_errno(err, errno, "cannot copy a large file into the store")
		: 0;
	fd_close(&from);
	return rc;
}

static int check(int fd, const struct image *image, const char *path, struct err *err)
{
	struct hash hash;
	int64_t n;
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	if (lseek(fd, 0, SEEK_SET) != 0 || fd_copy(fd, -1, &hash, &n) != 0)
		return err_errno(err, errno, "cannot read back '%s'", path);
	if (n != image->size || !hash_equal(&hash, &image->hash))
		return err_set(err, ERR_CORRUPT, "'%s' does not hold what was written to it", path);
	return 0;
}

int store_raw_put(const char *run_dir, const struct image *image, struct err *err)
{
	struct stat st;
	char *path = store_raw_path(run_dir, &image->hash);
	char *folder = xasprintf("%s/raw", run_dir);
	char *temp = xasprintf("%s/new", folder);
	int fd = -1;
	int rc = 0;
	if (stat(path, &st) == 0 && st.st_size == image->size)
		goto out;
	if (mkdir(folder, 0700) == 0)
		rc = fd_sync_folder(run_dir);
	else if (errno != EEXIST)
		rc = -1;
	if (rc == 0)
		fd = open(temp, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0) {
		rc = err_errno(err, errno, "cannot make '%s'", temp);
		goto out;
	}
	rc = fill(fd, image, err);
	if (rc == 0 && fd_sync(fd) != 0)
		rc = err_errno(err, errno, "cannot sync '%s'", temp);
	if (rc == 0)
		rc = check(fd, image, temp, err);
	if (rc == 0 && rename(temp, path) != 0)
		rc = err_errno(err, errno, "cannot make '%s'", path);
	if (rc != 0)
		unlink(temp);
out:
	fd_close(&fd);
	free(temp);
	free(folder);
	free(path);
	return rc;
}

int store_raw_sync(const char *run_dir, struct err *err)
{
	char *folder = xasprintf("%s/raw", run_dir);
	int rc = fd_sync_folder(folder) != 0 ? err_errno(err, errno, "cannot sync folder '%s'", folder) : 0;
	free(folder);
	return rc;
}

/* A second name costs nothing and nobody writes through it; where there are no hard links, a copy. */
static int second_name(const char *path, const char *spool)
{
	if (unlink(spool) == 0 && link(path, spool) == 0)
		return 0;
	int from = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	int to = open(spool, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	int rc = from < 0 || to < 0 ? -1 : clone_bytes(from, to);
	fd_close(&from);
	fd_close(&to);
	return rc;
}

int store_raw_get(const char *run_dir, struct image *image, struct err *err)
{
	char *path = store_raw_path(run_dir, &image->hash);
	char *spool = xasprintf("%s/spool-XXXXXX", run_dir);
	int fd = mkostemp(spool, O_CLOEXEC);
	int rc = 0;
	if (fd < 0)
		rc = err_errno(err, errno, "cannot make a file in '%s'", run_dir);
	fd_close(&fd);
	if (rc == 0 && second_name(path, spool) != 0) {
		rc = err_errno(err, errno, "cannot read '%s'", path);
		unlink(spool);
	}
	if (rc == 0) {
		image->spool = spool;
		spool = NULL;
	}
	free(spool);
	free(path);
	return rc;
}
