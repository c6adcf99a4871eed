#include "io/feed_now.h"

#include "io/file.h"

#include <errno.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOW_MAX (10 * 1024 * 1024)

static int read_link(const struct root *root, const char *path, struct buf *out, struct err *err)
{
	char target[PATH_MAX];
	const char *base;
	int fd = file_open_parent(root, path, &base, err);
	if (fd < 0)
		return -1;
	ssize_t n = readlinkat(fd, base, target, sizeof target);
	if (n < 0)
		err_errno(err, errno, "cannot read link '%s'", path);
	close(fd);
	return n < 0 ? -1 : buf_add(out, target, (size_t)n);
}

static int read_now(const struct root *root, const char *path, struct feed_file *out, struct err *err)
{
	struct stat st;
	if (file_stat(root, path, &st, err) != 0)
		return err->code == ERR_NOT_FOUND ? 0 : -1;
	out->present = true;
	out->mode = st.st_mode & 07777;
	out->is_link = S_ISLNK(st.st_mode);
	if (out->is_link)
		return read_link(root, path, &out->text, err);
	return file_read(root, path, NOW_MAX, &out->text, err);
}

int feed_now(const char *root_path, const char *path, struct feed_file *out, struct err *err)
{
	struct root root;
	*out = (struct feed_file){ 0 };
	if (root_open(&root, root_path, err) != 0)
		return -1;
	int rc = read_now(&root, path, out, err);
	root_close(&root);
	return rc;
}
