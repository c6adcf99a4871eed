/* Writing one file beside its place: bytes, owner, attributes, mode, and on the disk before it is given its name. */
#include "run/land_move.h"

#include "base/xalloc.h"
#include "io/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#define CHUNK ((size_t)64 * 1024)

static int failed(struct err *err, const char *what, const char *name)
{
	return err_errno(err, errno, "cannot %s '%s'", what, name);
}

/* The image with its bytes: its own, or from the store; *loaded then owns them. */
static int with_bytes(const struct landing *landing, const struct image *image, struct image *loaded,
                      const struct image **out, struct err *err)
{
	*out = image;
	if (image->data || image->spool)
		return 0;
	*loaded = (struct image){ .kind = image->kind, .mode = image->mode, .hash = image->hash, .size = image->size };
	*out = loaded;
	return store_get_image(landing->lander->store, loaded, err);
}

static int write_bytes(int fd, const struct image *image, const char *name, struct err *err)
{
	struct hash hash;
	int64_t n;
	if (!image->spool)
		return fd_write(fd, image->data, (size_t)image->size) != 0 ? failed(err, "write", name) : 0;
	int from = open(image->spool, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (from < 0)
		return failed(err, "open", image->spool);
	int rc = fd_copy(from, fd, &hash, &n) != 0 ? failed(err, "write", name) : 0;
	fd_close(&from);
	if (rc == 0 && (n != image->size || !hash_equal(&hash, &image->hash)))
		rc = err_set(err, ERR_CORRUPT, "the spooled bytes for '%s' are not what they were", name);
	return rc;
}

/* What says who may use a file goes along; what says what the old bytes were (capabilities, signatures) must not. */
static bool goes_along(const char *attribute)
{
	return strncmp(attribute, "user.", 5) == 0 || strcmp(attribute, "system.posix_acl_access") == 0;
}

static int copy_attribute(int from, int to, const char *attribute, const char *name, struct err *err)
{
	ssize_t n = fgetxattr(from, attribute, NULL, 0);
	if (n < 0)
		return errno == ENODATA ? 0 : failed(err, "read the attributes of", name);
	char *value = xmalloc((size_t)n + 1);
	n = fgetxattr(from, attribute, value, (size_t)n);
	int rc = n < 0 || fsetxattr(to, attribute, value, (size_t)n, 0) != 0
		? failed(err, "copy the attributes of", name)
		: 0;
	free(value);
	return rc;
}

static int copy_attributes(int from, int to, const char *name, struct err *err)
{
	ssize_t n = flistxattr(from, NULL, 0);
	if (n == 0 || (n < 0 && (errno == ENOTSUP || errno == ENOSYS)))
		return 0;
	char *list = n > 0 ? xmalloc((size_t)n) : NULL;
	if (list)
		n = flistxattr(from, list, (size_t)n);
	int rc = n < 0 ? failed(err, "read the attributes of", name) : 0;
	for (ssize_t at = 0; rc == 0 && at < n; at += (ssize_t)strlen(list + at) + 1)
		if (goes_along(list + at))
			rc = copy_attribute(from, to, list + at, name, err);
	free(list);
	return rc;
}

static int copy_owner(const struct stat *from, int to, const char *name, struct err *err)
{
	struct stat st;
	if (fstat(to, &st) != 0)
		return failed(err, "look at", name);
	if (st.st_uid == from->st_uid && st.st_gid == from->st_gid)
		return 0;
	if (fchown(to, from->st_uid, from->st_gid) == 0)
		return 0;
	failed(err, "keep the owner of", name);
	return err_hint(err, "run belay as the file's owner, or change its owner first");
}

/* From what stands at the path now, if a file does. */
static int inherit(const struct landing *landing, const struct move *move, int to, struct err *err)
{
	struct stat st;
	struct err why = { 0 };
	int from = file_open(landing->lander->root, move->path, O_RDONLY, 0, &why);
	if (from < 0)
		return 0; /* absent, or a link: nothing to inherit; what may not be read was not read before either */
	int rc = 0;
	if (fstat(from, &st) != 0)
		rc = failed(err, "look at", move->path);
	else if (S_ISREG(st.st_mode) && (copy_owner(&st, to, move->path, err) != 0 ||
	                                 copy_attributes(from, to, move->path, err) != 0))
		rc = -1;
	fd_close(&from);
	return rc;
}

static int write_file(const struct landing *landing, const struct move *move, int dir, const char *base,
                      const struct image *image, struct err *err)
{
	int fd;
	do
		fd = openat(dir, base, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	while (fd < 0 && errno == EINTR);
	if (fd < 0)
		return failed(err, "write beside", move->path);
	int rc = write_bytes(fd, image, move->path, err);
	if (rc == 0)
		rc = inherit(landing, move, fd, err);
	if (rc == 0 && fchmod(fd, image->mode & 07777) != 0)
		rc = failed(err, "set the mode of", move->path);
	/* What cannot be opened again has to be synced now. */
	if (rc == 0 && !(image->mode & S_IRUSR) && fd_sync(fd) != 0)
		rc = failed(err, "sync", move->path);
	else if (rc == 0)
		(void)sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE); /* only begins; move_sync tells what went wrong */
	fd_close(&fd);
	return rc;
}

int move_sync(const struct landing *landing, const char *name, const struct image *image, struct err *err)
{
	if (image->kind != IMAGE_FILE || !(image->mode & S_IRUSR))
		return 0;
	int fd = file_open(landing->lander->root, name, O_RDONLY, 0, err);
	if (fd < 0)
		return -1;
	int rc = fd_sync(fd) != 0 ? failed(err, "sync", name) : 0;
	fd_close(&fd);
	return rc;
}

int move_write(const struct landing *landing, const struct move *move, const char *name, const struct image *image,
               struct err *err)
{
	const char *base;
	struct image loaded = { 0 };
	const struct image *full;
	if (with_bytes(landing, image, &loaded, &full, err) != 0)
		return -1;
	int dir = file_open_parent(landing->lander->root, name, &base, err);
	int rc = dir < 0 ? -1 : 0;
	if (rc == 0 && image->kind == IMAGE_LINK)
		rc = symlinkat(full->data, dir, base) != 0 ? failed(err, "make link", move->path) : 0;
	else if (rc == 0)
		rc = write_file(landing, move, dir, base, full, err);
	fd_close(&dir);
	image_release(&loaded);
	return rc;
}

static bool all_zero(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i])
			return false;
	return true;
}

/* A crash of the machine may leave zeros where the last bytes were to be. */
static int compare_start(int fd, int other, const char *data, int64_t size)
{
	char *mine = xmalloc(2 * CHUNK);
	char *theirs = mine + CHUNK;
	int64_t at = 0;
	ssize_t n;
	int rc = 1;
	while (rc == 1 && (n = fd_read(fd, mine, CHUNK)) != 0) {
		ssize_t have = n;
		if (n < 0 || at + n > size) {
			rc = n < 0 ? -1 : 0;
			break;
		}
		if (other >= 0)
			have = fd_read(other, theirs, (size_t)n);
		const char *wanted = other >= 0 ? theirs : data + at;
		size_t same = 0;
		while (have == n && same < (size_t)n && mine[same] == wanted[same])
			same++;
		if (same < (size_t)n)
			rc = all_zero(mine + same, (size_t)n - same);
		at += n;
	}
	int why = errno;
	free(mine);
	errno = why;
	return rc;
}

int move_is_begun(const struct landing *landing, const char *name, const struct image *image, struct err *err)
{
	struct image loaded = { 0 };
	const struct image *full;
	struct err why = { 0 };
	if (image->kind != IMAGE_FILE)
		return 0;
	int fd = file_open(landing->lander->root, name, O_RDONLY, 0, &why);
	if (fd < 0)
		return 0;
	int other = -1;
	int rc = 0; /* what cannot be compared is not taken for ours */
	if (with_bytes(landing, image, &loaded, &full, NULL) == 0) {
		if (full->spool)
			other = open(full->spool, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
		rc = full->spool && other < 0 ? -1 : compare_start(fd, other, full->data, image->size);
		if (rc < 0)
			failed(err, "compare", name);
	}
	fd_close(&other);
	fd_close(&fd);
	image_release(&loaded);
	return rc;
}

int move_is_written(const struct landing *landing, const char *name)
{
	int fd = file_open(landing->lander->root, name, O_RDONLY, 0, NULL);
	if (fd < 0)
		return 0;
	/* fcntl(2): a read lease is refused with EAGAIN while anybody has the file open for writing. Where leases cannot
	 * be had (another owner, a network), nothing is known. */
	int written = fcntl(fd, F_SETLEASE, F_RDLCK) != 0 && errno == EAGAIN;
	if (!written)
		fcntl(fd, F_SETLEASE, F_UNLCK);
	fd_close(&fd);
	return written;
}
