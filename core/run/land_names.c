#include "run/land_names.h"

#include "base/path.h"
#include "base/xalloc.h"
#include "io/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Two names, each with the folder that holds it. */
struct pair {
	int from_dir, to_dir;
	const char *from, *to;
};

static int open_pair(struct pair *pair, const struct root *root, const char *from, const char *to, struct err *err)
{
	pair->from_dir = file_open_parent(root, from, &pair->from, err);
	pair->to_dir = pair->from_dir < 0 ? -1 : file_open_parent(root, to, &pair->to, err);
	if (pair->to_dir >= 0)
		return 0;
	fd_close(&pair->from_dir);
	return -1;
}

static void close_pair(struct pair *pair)
{
	fd_close(&pair->from_dir);
	fd_close(&pair->to_dir);
}

static int rename_flags(const struct root *root, const struct pair *pair, unsigned flags)
{
	int rc;
	if (root->plain_rename && flags) {
		errno = EINVAL;
		return -1;
	}
	do
		rc = renameat2(pair->from_dir, pair->from, pair->to_dir, pair->to, flags);
	while (rc != 0 && errno == EINTR);
	return rc;
}

static bool has_no_flags(int why)
{
	return why == EINVAL || why == ENOSYS;
}

static int failed(struct err *err, const char *what, const char *path)
{
	return err_errno(err, errno, "cannot %s '%s'", what, path);
}

static bool is_there(int dir, const char *name)
{
	struct stat st;
	return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Gives what has one name another one that nothing has. A file system without hard links leaves a moment between look
 * and rename: there is no better way on it. */
static int put_by_link(const struct root *root, const struct pair *pair)
{
	if (linkat(pair->from_dir, pair->from, pair->to_dir, pair->to, 0) == 0)
		return unlinkat(pair->from_dir, pair->from, 0);
	if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS && errno != EMLINK)
		return -1;
	if (is_there(pair->to_dir, pair->to)) {
		errno = EEXIST;
		return -1;
	}
	return rename_flags(root, pair, 0);
}

int names_put(const struct root *root, const char *temp, const char *path, struct err *err)
{
	struct pair pair;
	if (open_pair(&pair, root, temp, path, err) != 0)
		return -1;
	int rc = rename_flags(root, &pair, RENAME_NOREPLACE);
	if (rc != 0 && has_no_flags(errno))
		rc = put_by_link(root, &pair);
	if (rc != 0 && errno == EEXIST)
		rc = 1;
	else if (rc != 0)
		failed(err, "make", path);
	close_pair(&pair);
	return rc;
}

int names_take_aside(const struct root *root, const char *path, const char *temp, struct err *err)
{
	struct pair pair;
	if (open_pair(&pair, root, path, temp, err) != 0)
		return -1;
	int rc = rename_flags(root, &pair, RENAME_NOREPLACE);
	if (rc != 0 && has_no_flags(errno)) {
		errno = EEXIST;
		rc = is_there(pair.to_dir, pair.to) ? -1 : rename_flags(root, &pair, 0);
	}
	if (rc != 0 && errno == ENOENT)
		rc = 1;
	else if (rc != 0)
		failed(err, "remove", path);
	close_pair(&pair);
	return rc;
}

static char *old_name(const char *temp)
{
	return xasprintf("%s.old", temp);
}

/* path -> old, temp -> path, old -> temp. */
static int exchange_by_link(const struct root *root, const char *temp, const char *path, struct err *err)
{
	char *old = old_name(temp);
	int rc = names_take_aside(root, path, old, err);
	if (rc == 0) {
		rc = names_put(root, temp, path, err);
		int back = rc == 0 ? names_put(root, old, temp, err) : names_put(root, old, path, rc < 0 ? NULL : err);
		if (back < 0) /* 1: somebody made the name anew, and all three stay */
			rc = -1;
	}
	free(old);
	return rc;
}

int names_exchange(const struct root *root, const char *temp, const char *path, struct err *err)
{
	struct pair pair;
	if (open_pair(&pair, root, temp, path, err) != 0)
		return -1;
	int rc = rename_flags(root, &pair, RENAME_EXCHANGE);
	int why = rc != 0 ? errno : 0;
	close_pair(&pair);
	if (has_no_flags(why))
		return exchange_by_link(root, temp, path, err);
	if (why == ENOENT)
		return 1;
	errno = why;
	return rc == 0 ? 0 : failed(err, "replace", path);
}

int names_remove(const struct root *root, const char *name, struct err *err)
{
	const char *base;
	struct err why = { 0 };
	int dir = file_open_parent(root, name, &base, &why);
	if (dir < 0 && why.code == ERR_NOT_FOUND)
		return 0;
	if (dir < 0) {
		if (err)
			*err = why;
		return -1;
	}
	int rc = unlinkat(dir, base, 0) != 0 && errno != ENOENT ? failed(err, "remove", name) : 0;
	fd_close(&dir);
	return rc;
}

static int exists(const struct root *root, const char *name, struct err *err)
{
	struct stat st;
	struct err why = { 0 };
	if (file_stat(root, name, &st, &why) == 0)
		return 1;
	if (why.code == ERR_NOT_FOUND)
		return 0;
	if (err)
		*err = why;
	return -1;
}

static int same_file(const struct root *root, const char *a, const char *b)
{
	struct stat first;
	struct stat second;
	return file_stat(root, a, &first, NULL) == 0 && file_stat(root, b, &second, NULL) == 0 &&
	       first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

int names_settle(const struct root *root, const char *temp, const char *path, struct err *err)
{
	char *old = old_name(temp);
	int rc = exists(root, old, err);
	if (rc == 1) { /* renames give 0 or 1 from here on */
		int path_there = exists(root, path, err);
		rc = path_there < 0 ? -1 : 0;
		if (path_there == 0)
			rc = names_put(root, old, path, err);
		else if (path_there == 1 && same_file(root, temp, path))
			rc = names_remove(root, temp, err);
		if (rc == 0 && path_there == 1)
			rc = names_put(root, old, temp, err);
	}
	free(old);
	return rc;
}

int names_sync_folder(const struct root *root, const char *folder, struct err *err)
{
	int fd = file_open(root, folder, O_RDONLY | O_DIRECTORY, 0, err);
	if (fd < 0)
		return -1;
	int rc = fd_sync_dir(fd) != 0 ? err_errno(err, errno, "cannot sync folder '%s'", folder) : 0;
	fd_close(&fd);
	return rc;
}

static int make_folder(const struct root *root, const char *folder, bool durably, struct err *err)
{
	const char *base;
	struct buf parent = { 0 };
	int dir = file_open_parent(root, folder, &base, err);
	if (dir < 0)
		return -1;
	int rc = mkdirat(dir, base, 0777);
	if (rc != 0 && errno == EEXIST)
		rc = 0;
	else if (rc != 0)
		failed(err, "make folder", folder);
	else if (durably) {
		path_dir(folder, &parent);
		rc = names_sync_folder(root, buf_str(&parent), err);
	}
	buf_release(&parent);
	fd_close(&dir);
	return rc;
}

int names_make_folders(const struct root *root, const char *path, bool durably, struct err *err)
{
	char *part = xstrdup(path);
	int rc = 0;
	for (char *slash = strchr(part, '/'); rc == 0 && slash; slash = strchr(slash + 1, '/')) {
		struct stat st;
		struct err why = { 0 };
		*slash = '\0';
		if (file_stat(root, part, &st, &why) == 0)
			rc = S_ISDIR(st.st_mode) ? 0 : err_errno(err, ENOTDIR, "cannot make folder '%s'", part);
		else if (why.code == ERR_NOT_FOUND)
			rc = make_folder(root, part, durably, err);
		else
			rc = file_stat(root, part, &st, err);
		*slash = '/';
	}
	free(part);
	return rc;
}

int names_remove_folders(const struct root *root, const char *path, const char *top, struct err *err)
{
	char *folder = xstrdup(path);
	int rc = 0;
	for (char *slash = strrchr(folder, '/'); slash; slash = strrchr(folder, '/')) {
		const char *base;
		*slash = '\0';
		if (!path_is_below(folder, top))
			break;
		struct err why = { 0 };
		int dir = file_open_parent(root, folder, &base, &why);
		if (dir < 0 && why.code == ERR_NOT_FOUND)
			continue;
		if (dir < 0) {
			rc = -1;
			if (err)
				*err = why;
			break;
		}
		int why_not = unlinkat(dir, base, AT_REMOVEDIR) != 0 ? errno : 0;
		fd_close(&dir);
		if (why_not == ENOENT)
			continue;
		if (why_not == ENOTEMPTY || why_not == EEXIST || why_not == ENOTDIR)
			break;
		if (why_not) {
			rc = err_errno(err, why_not, "cannot remove folder '%s'", folder);
			break;
		}
	}
	free(folder);
	return rc;
}
