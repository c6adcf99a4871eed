/* Files outside any root: state, cache, configuration. */
#include "io/file.h"

#include "base/xalloc.h"
#include "io/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#define SLURP_CHUNK ((size_t)64 * 1024)

static int write_new(const char *path, const void *data, size_t n, struct err *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_errno(err, errno, "cannot make '%s'", path);
	int rc = fd_write(fd, data, n) != 0 || fd_sync(fd) != 0 ? err_errno(err, errno, "cannot write '%s'", path) : 0;
	fd_close(&fd);
	if (rc != 0)
		unlink(path);
	return rc;
}

static int sync_folder_of(const char *path, struct err *err)
{
	const char *slash = strrchr(path, '/');
	char *folder = slash ? xstrndup(path, (size_t)(slash - path) + 1) : xstrdup(".");
	int rc = fd_sync_folder(folder) != 0 ? err_errno(err, errno, "cannot sync folder '%s'", folder) : 0;
	free(folder);
	return rc;
}

int file_write_atomic(const char *path, const void *data, size_t n, struct err *err)
{
	uint64_t number;
	if (getrandom(&number, sizeof number, 0) != (ssize_t)sizeof number)
		return err_errno(err, errno, "cannot get random bytes");
	const char *slash = strrchr(path, '/');
	int n_dir = slash ? (int)(slash - path) + 1 : 0;
	char *temp = xasprintf("%.*s.%s.%016llx", n_dir, path, path + n_dir, (unsigned long long)number);
	int rc = write_new(temp, data, n, err);
	if (rc == 0 && rename(temp, path) != 0) {
		rc = err_errno(err, errno, "cannot replace '%s'", path);
		unlink(temp);
	}
	if (rc == 0)
		rc = sync_folder_of(path, err);
	free(temp);
	return rc;
}

static int slurp_fd(int fd, const char *path, size_t max, struct buf *out, struct err *err)
{
	size_t start = out->len;
	for (;;) {
		if (buf_reserve(out, SLURP_CHUNK) != 0)
			return err_set(err, ERR_LIMIT, "'%s' has more bytes than fit", path);
		ssize_t n = fd_read(fd, out->data + out->len, SLURP_CHUNK);
		if (n < 0)
			return err_errno(err, errno, "cannot read '%s'", path);
		out->len += (size_t)n;
		out->data[out->len] = '\0';
		if (max && out->len - start > max)
			return err_set(err, ERR_LIMIT, "'%s' has more than %zu bytes", path, max);
		if ((size_t)n < SLURP_CHUNK)
			return 0;
	}
}

int file_slurp(const char *path, size_t max, struct buf *out, struct err *err)
{
	struct stat st;
	size_t start = out->len;
	int fd;
	do
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	while (fd < 0 && errno == EINTR);
	if (fd < 0)
		return err_errno(err, errno, "cannot open '%s'", path);
	int rc = 0;
	if (fstat(fd, &st) != 0 || (!S_ISREG(st.st_mode) && fcntl(fd, F_SETFL, 0) != 0))
		rc = err_errno(err, errno, "cannot open '%s'", path);
	else
		rc = slurp_fd(fd, path, max, out, err);
	fd_close(&fd);
	if (rc != 0)
		buf_truncate(out, start);
	return rc;
}

static int make_dir(const char *path, struct err *err)
{
	struct stat st;
	if (mkdir(path, 0700) == 0)
		return sync_folder_of(path, err);
	int why = errno;
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return 0;
	return err_errno(err, why == EEXIST ? ENOTDIR : why, "cannot make folder '%s'", path);
}

int file_make_dirs(const char *path, struct err *err)
{
	struct stat st;
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return 0;
	char *part = xstrdup(path);
	int rc = 0;
	for (char *s = part + strspn(part, "/"); rc == 0 && *s; s += strspn(s, "/")) {
		s += strcspn(s, "/");
		char kept = *s;
		*s = '\0';
		rc = make_dir(part, err);
		*s = kept;
	}
	free(part);
	return rc;
}

static int remove_entry(const char *path, const struct stat *st, int kind, struct FTW *place)
{
	(void)st;
	(void)place;
	if (kind == FTW_DNR)
		chmod(path, 0700);
	remove(path);
	return 0;
}

void file_remove_all(const char *path)
{
	nftw(path, remove_entry, 32, FTW_DEPTH | FTW_PHYS);
}
