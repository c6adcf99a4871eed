#include "io/file.h"

#include "base/path.h"
#include "base/xalloc.h"
#include "io/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* openat2(2): EAGAIN when a rename or a mount elsewhere made the walk uncertain. */
#define UNCERTAIN_TRIES 64

static int open_in_kernel(int dir, const char *path, int flags, mode_t mode)
{
	struct open_how how = {
		.flags = (unsigned long long)(unsigned)flags,
		.mode = flags & O_CREAT ? mode & 07777 : 0,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	for (int i = 0;; i++) {
		int fd = (int)syscall(SYS_openat2, dir, path, &how, sizeof how);
		if (fd >= 0 || (errno != EINTR && (errno != EAGAIN || i == UNCERTAIN_TRIES)))
			return fd;
	}
}

static int open_one(int dir, const char *name, int flags, mode_t mode)
{
	int fd;
	do
		fd = openat(dir, name, flags | O_NOFOLLOW, mode);
	while (fd < 0 && errno == EINTR);
	if (fd < 0 && errno == ENOTDIR) {
		struct stat st;
		bool is_link = fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode);
		errno = is_link ? ELOOP : ENOTDIR;
	}
	return fd;
}

/* The same without openat2: each folder is opened in the one before, and none may be a link. */
static int open_stepwise(int root, const char *path, int flags, mode_t mode)
{
	char name[NAME_MAX + 1];
	int dir = root;
	int fd = -1;
	for (const char *s = path;;) {
		size_t n = strcspn(s, "/");
		bool is_last = s[n] == '\0';
		if (n > NAME_MAX) {
			errno = ENAMETOOLONG;
			fd = -1;
		} else {
			memcpy(name, s, n);
			name[n] = '\0';
			fd = is_last ? open_one(dir, name, flags, mode)
			             : open_one(dir, name, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
		}
		if (dir != root)
			fd_close(&dir);
		if (is_last || fd < 0)
			return fd;
		dir = fd;
		s += n + 1;
	}
}

bool file_is_path(const char *path)
{
	for (const char *s = path;;) {
		size_t n = strcspn(s, "/");
		if (n == 0 || (n == 1 && s[0] == '.') || (n == 2 && s[0] == '.' && s[1] == '.'))
			return false;
		if (!s[n])
			return true;
		s += n + 1;
	}
}

static int open_beneath(const struct root *root, const char *path, int flags, mode_t mode)
{
	flags |= O_CLOEXEC | O_NOFOLLOW;
	if (!(flags & O_PATH))
		flags |= O_NONBLOCK | O_NOCTTY;
	if (!*path)
		path = ".";
	else if (!file_is_path(path)) {
		errno = EXDEV;
		return -1;
	}
	return root->stepwise ? open_stepwise(root->fd, path, flags, mode)
	                      : open_in_kernel(root->fd, path, flags, mode);
}

/* errno of open_beneath, in words. */
static int refused(struct err *err, int why, const char *path)
{
	switch (why) {
	case ELOOP:
		err_set(err, ERR_ACCESS, "'%s' leads through a symbolic link, which belay does not follow", path);
		return err_hint(err, "name the file that the link leads to");
	case EXDEV:
		return err_set(err, ERR_ACCESS, "'%s' leads out of the repository", path);
	case ENXIO:
		return err_set(err, ERR_UNSUPPORTED, "'%s' is not a regular file", path);
	default:
		return err_errno(err, why, "cannot open '%s'", path);
	}
}

int root_open(struct root *root, const char *path, struct err *err)
{
	char real[PATH_MAX];
	*root = (struct root){ .fd = -1 };
	if (!realpath(path, real))
		return err_errno(err, errno, "cannot open folder '%s'", path);
	do
		root->fd = open(real, O_PATH | O_DIRECTORY | O_CLOEXEC);
	while (root->fd < 0 && errno == EINTR);
	if (root->fd < 0)
		return err_errno(err, errno, "cannot open folder '%s'", path);
	root->path = xstrdup(real);
	/* ENOSYS from an old kernel, EPERM from a container's filter: whatever it says, then without. */
	int probe = open_in_kernel(root->fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	root->stepwise = probe < 0;
	fd_close(&probe);
	return 0;
}

void root_close(struct root *root)
{
	if (root->path)
		fd_close(&root->fd);
	free(root->path);
	*root = (struct root){ .fd = -1 };
}

int file_open(const struct root *root, const char *path, int flags, mode_t mode, struct err *err)
{
	int fd = open_beneath(root, path, flags, mode);
	return fd < 0 ? refused(err, errno, path) : fd;
}

int file_stat(const struct root *root, const char *path, struct stat *st, struct err *err)
{
	int fd = open_beneath(root, path, O_PATH, 0);
	if (fd < 0)
		return refused(err, errno, path);
	int rc = fstat(fd, st) != 0 ? err_errno(err, errno, "cannot look at '%s'", path) : 0;
	fd_close(&fd);
	return rc;
}

int file_open_parent(const struct root *root, const char *path, const char **base, struct err *err)
{
	struct buf dir = { 0 };
	path_dir(path, &dir);
	*base = path_base(path);
	int fd = **base ? file_open(root, buf_str(&dir), O_PATH | O_DIRECTORY, 0, err)
	                : err_set(err, ERR_ACCESS, "'%s' names no file", path);
	buf_release(&dir);
	return fd;
}
