#include "io/reserve.h"

#include "base/buf.h"
#include "io/fd.h"
#include "io/runs.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define RESERVE_BYTES (2 * 1024 * 1024)

static int reserve_path(const char *root, bool make, struct buf *out, struct err *err)
{
	int rc = runs_repo_dir(root, make, out, err);
	buf_add_str(out, "/reserve");
	return rc;
}

/* Blocks, not a hole. Where fallocate(2) is not to be had, zeros are written; a copy-on-write disk may find them too few. */
static int fill(int fd)
{
	static const char zeros[64 * 1024];
	int why = posix_fallocate(fd, 0, RESERVE_BYTES);
	if (why != EOPNOTSUPP && why != EINVAL) {
		errno = why;
		return why ? -1 : 0;
	}
	for (size_t n = 0; n < RESERVE_BYTES; n += sizeof zeros)
		if (fd_write(fd, zeros, sizeof zeros) != 0)
			return -1;
	return 0;
}

int reserve_keep(const char *root, struct err *err)
{
	struct stat st;
	struct buf path = { 0 };
	int rc = reserve_path(root, true, &path, err);
	if (rc == 0 && (stat(buf_str(&path), &st) != 0 || (int64_t)st.st_blocks * 512 < RESERVE_BYTES)) {
		int fd = open(buf_str(&path), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (fd < 0 || fill(fd) != 0) {
			rc = err_errno(err, errno, "cannot reserve space for undo in '%s'", buf_str(&path));
			unlink(buf_str(&path)); /* half of it helps nobody */
		}
		fd_close(&fd);
	}
	buf_release(&path);
	return rc;
}

bool reserve_yield(const char *root, bool now)
{
	struct statvfs fs;
	struct buf path = { 0 };
	struct err err;
	bool yielded = false;
	if (reserve_path(root, false, &path, &err) == 0) {
		bool low = statvfs(buf_str(&path), &fs) == 0 && (uint64_t)fs.f_bavail * fs.f_frsize < RESERVE_BYTES;
		yielded = (now || low) && unlink(buf_str(&path)) == 0;
	}
	buf_release(&path);
	return yielded;
}
