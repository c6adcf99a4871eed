#include "io/fd.h"

#include "base/cost.h"
#include "base/xalloc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define COPY_CHUNK ((size_t)128 * 1024)

int fd_write(int fd, const void *data, size_t n)
{
	const char *p = data;
	while (n) {
		ssize_t done = write(fd, p, n);
		if (done < 0 && errno == EINTR)
			continue;
		if (done == 0)
			errno = ENOSPC;
		if (done <= 0)
			return -1;
		p += done;
		n -= (size_t)done;
	}
	return 0;
}

int fd_write_at(int fd, const void *data, size_t n, off_t at)
{
	const char *p = data;
	while (n) {
		ssize_t done = pwrite(fd, p, n, at);
		if (done < 0 && errno == EINTR)
			continue;
		if (done == 0)
			errno = ENOSPC;
		if (done <= 0)
			return -1;
		p += done;
		at += done;
		n -= (size_t)done;
	}
	return 0;
}

ssize_t fd_read(int fd, void *data, size_t n)
{
	char *p = data;
	size_t have = 0;
	while (have < n) {
		ssize_t done = read(fd, p + have, n - have);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -1;
		if (done == 0)
			break;
		have += (size_t)done;
	}
	return (ssize_t)have;
}

ssize_t fd_read_at(int fd, void *data, size_t n, off_t at)
{
	char *p = data;
	size_t have = 0;
	while (have < n) {
		ssize_t done = pread(fd, p + have, n - have, at + (off_t)have);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -1;
		if (done == 0)
			break;
		have += (size_t)done;
	}
	return (ssize_t)have;
}

int fd_copy(int from, int to, struct hash *hash, int64_t *n)
{
	char *chunk = xmalloc(COPY_CHUNK);
	struct hasher *hasher = hash ? hasher_new() : NULL;
	struct hash ignored;
	ssize_t got;
	*n = 0;
	do {
		got = fd_read(from, chunk, COPY_CHUNK);
		if (got > 0 && to >= 0 && fd_write(to, chunk, (size_t)got) != 0)
			got = -1;
		if (got <= 0)
			break;
		if (hasher)
			hasher_add(hasher, chunk, (size_t)got);
		*n += got;
	} while (got == (ssize_t)COPY_CHUNK);
	int why = errno;
	if (hasher)
		hasher_finish(hasher, got >= 0 ? hash : &ignored);
	free(chunk);
	errno = why;
	return got >= 0 ? 0 : -1;
}

int fd_sync(int fd)
{
	int rc;
	cost_count_sync();
	do
		rc = fsync(fd);
	while (rc != 0 && errno == EINTR);
	return rc;
}

int fd_sync_data(int fd)
{
	int rc;
	cost_count_sync();
	do
		rc = fdatasync(fd);
	while (rc != 0 && errno == EINTR);
	return rc;
}

int fd_sync_dir(int fd)
{
	return fd_sync(fd) == 0 || errno == EINVAL ? 0 : -1;
}

int fd_sync_folder(const char *path)
{
	int fd;
	do
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	while (fd < 0 && errno == EINTR);
	if (fd < 0)
		return -1;
	int rc = fd_sync_dir(fd);
	fd_close(&fd);
	return rc;
}

void fd_close(int *fd)
{
	int why = errno;
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	errno = why;
}
