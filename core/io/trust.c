#include "io/trust.h"

#include "base/hash.h"
#include "base/xalloc.h"
#include "io/file.h"
#include "io/runs.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#define FILE_MAX ((size_t)1024 * 1024)

/* As the freedesktop.org "common extended attributes" name it. */
static bool was_fetched(const char *path, struct buf *why)
{
	char url[256];
	ssize_t n = getxattr(path, "user.xdg.origin.url", url, sizeof url - 1);
	if (n < 0)
		return false;
	url[n] = '\0';
	buf_printf(why, "it was fetched from '%s'", url);
	return true;
}

int trust_is_foreign(const char *path, struct buf *why, struct err *err)
{
	struct stat st;
	if (stat(path, &st) != 0)
		return err_errno(err, errno, "cannot look at '%s'", path);
	if (was_fetched(path, why))
		return 1;
	if (st.st_uid != geteuid() && st.st_uid != 0)
		buf_printf(why, "it belongs to another user (%u)", (unsigned)st.st_uid);
	else if (S_ISREG(st.st_mode) && st.st_mode & S_IWOTH)
		buf_add_str(why, "everybody may write to it");
	else
		return 0;
	return 1;
}

/* The file that stands for it. */
static int mark_of(const char *path, const char *hash, bool make, struct buf *out, struct err *err)
{
	char real[PATH_MAX];
	char hex[HASH_HEX_SIZE];
	struct hash key;
	struct buf text = { 0 };
	if (!realpath(path, real))
		return err_errno(err, errno, "cannot find '%s'", path);
	if (runs_state_dir(out, err) != 0)
		return -1;
	buf_add_str(out, "/trust");
	if (make && file_make_dirs(buf_str(out), err) != 0)
		return -1;
	buf_printf(&text, "%s%c%s", real, 0, hash);
	hash_data(&key, text.data, text.len);
	hash_format(&key, hex);
	buf_release(&text);
	buf_printf(out, "/%s", hex);
	return 0;
}

bool trust_has(const char *path, const char *hash)
{
	struct err err;
	struct stat st;
	struct buf mark = { 0 };
	bool has = mark_of(path, hash, false, &mark, &err) == 0 && stat(buf_str(&mark), &st) == 0 && st.st_uid == geteuid();
	buf_release(&mark);
	return has;
}

int trust_add(const char *path, const char *hash, struct err *err)
{
	struct buf mark = { 0 };
	int rc = mark_of(path, hash, true, &mark, err);
	if (rc == 0)
		rc = file_write_atomic(buf_str(&mark), "", 0, err);
	buf_release(&mark);
	return rc;
}

static int hash_file(const char *path, char out[HASH_HEX_SIZE], struct err *err)
{
	struct hash hash;
	struct buf text = { 0 };
	int rc = file_slurp(path, FILE_MAX, &text, err);
	hash_data(&hash, buf_str(&text), text.len);
	hash_format(&hash, out);
	buf_release(&text);
	return rc;
}

bool trust_has_file(const char *path)
{
	char hex[HASH_HEX_SIZE];
	struct err err;
	return hash_file(path, hex, &err) == 0 && trust_has(path, hex);
}

int trust_add_file(const char *path, struct err *err)
{
	char hex[HASH_HEX_SIZE];
	return hash_file(path, hex, err) != 0 ? -1 : trust_add(path, hex, err);
}
