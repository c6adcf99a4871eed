#include "tests/scratch.h"

#include "base/buf.h"
#include "base/hash.h"
#include "base/vec.h"
#include "base/xalloc.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void stop(const char *what, const char *path)
{
	fprintf(stderr, "scratch: cannot %s '%s': %s\n", what, path, strerror(errno));
	abort();
}

char *scratch_make(void)
{
	const char *base = getenv("TMPDIR");
	char *dir = xasprintf("%s/belay-test-XXXXXX", base && *base ? base : "/tmp");
	if (!mkdtemp(dir))
		stop("make", dir);
	return dir;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *walk)
{
	(void)st;
	(void)walk;
	if (kind == FTW_DNR && (chmod(path, 0700) != 0))
		stop("enter", path);
	return remove(path);
}

void scratch_remove(char *dir)
{
	if (dir && nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0)
		stop("remove", dir);
	free(dir);
}

void scratch_mkdir(const char *dir, const char *name)
{
	char *path = xasprintf("%s/%s", dir, name);
	for (char *s = path + strlen(dir) + 1; s; ) {
		s = strchr(s, '/');
		if (s)
			*s = '\0';
		if (mkdir(path, 0755) != 0 && errno != EEXIST)
			stop("make", path);
		if (s)
			*s++ = '/';
	}
	free(path);
}

static void make_parents(const char *dir, const char *name)
{
	const char *slash = strrchr(name, '/');
	if (!slash)
		return;
	char *parent = xstrndup(name, (size_t)(slash - name));
	scratch_mkdir(dir, parent);
	free(parent);
}

void scratch_write_bytes(const char *dir, const char *name, const void *data, size_t n, mode_t mode)
{
	char *path = xasprintf("%s/%s", dir, name);
	make_parents(dir, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || write(fd, data, n) != (ssize_t)n || fchmod(fd, mode) != 0 || close(fd) != 0)
		stop("write", path);
	free(path);
}

void scratch_write(const char *dir, const char *name, const char *text)
{
	scratch_write_bytes(dir, name, text, strlen(text), 0644);
}

void scratch_link(const char *dir, const char *name, const char *target)
{
	char *path = xasprintf("%s/%s", dir, name);
	make_parents(dir, name);
	if (symlink(target, path) != 0)
		stop("link", path);
	free(path);
}

static char *read_path(const char *path, size_t *n)
{
	struct buf text = { 0 };
	char chunk[4096];
	ssize_t got;
	int fd = open(path, O_RDONLY | O_NONBLOCK);
	if (fd < 0)
		return NULL;
	while ((got = read(fd, chunk, sizeof chunk)) > 0)
		buf_add(&text, chunk, (size_t)got);
	close(fd);
	return buf_take(&text, n);
}

char *scratch_read(const char *dir, const char *name)
{
	char *path = xasprintf("%s/%s", dir, name);
	size_t n;
	char *text = read_path(path, &n);
	free(path);
	return text;
}

bool scratch_has(const char *dir, const char *name)
{
	struct stat st;
	char *path = xasprintf("%s/%s", dir, name);
	bool has = lstat(path, &st) == 0;
	free(path);
	return has;
}

mode_t scratch_mode(const char *dir, const char *name)
{
	struct stat st;
	char *path = xasprintf("%s/%s", dir, name);
	if (lstat(path, &st) != 0)
		stop("look at", path);
	free(path);
	return st.st_mode & 07777;
}

/* nftw(3) passes no argument on. */
static struct strings *found;
static size_t found_below;

static int note_one(const char *path, const struct stat *st, int kind, struct FTW *walk)
{
	char hex[HASH_HEX_SIZE];
	struct hash hash;
	const char *name = path + found_below + (walk->level > 0);
	if (walk->level == 0)
		return 0;
	if (kind == FTW_D || kind == FTW_DNR) {
		strings_take(found, xasprintf("d %s", name));
	} else if (S_ISLNK(st->st_mode)) {
		char target[PATH_MAX];
		ssize_t n = readlink(path, target, sizeof target - 1);
		target[n > 0 ? n : 0] = '\0';
		strings_take(found, xasprintf("l %s %s", target, name));
	} else if (S_ISREG(st->st_mode)) {
		size_t n = 0;
		char *text = read_path(path, &n);
		hash_data(&hash, text ? text : "", n);
		hash_format(&hash, hex);
		free(text);
		strings_take(found, xasprintf("f %04o %lld %s %s", (unsigned)st->st_mode & 07777, (long long)st->st_size,
		                              hex, name));
	} else {
		strings_take(found, xasprintf("? %s", name));
	}
	return 0;
}

char *scratch_list(const char *dir)
{
	struct strings list = { 0 };
	struct buf out = { 0 };
	found = &list;
	found_below = strlen(dir);
	if (nftw(dir, note_one, 16, FTW_PHYS) != 0)
		stop("walk", dir);
	strings_sort(&list);
	for (size_t i = 0; i < list.n_items; i++)
		buf_printf(&out, "%s\n", list.item[i]);
	strings_release(&list);
	return buf_take(&out, NULL);
}
