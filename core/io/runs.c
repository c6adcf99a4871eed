#include "io/runs.h"

#include "base/hash.h"
#include "base/xalloc.h"
#include "io/file.h"
#include "io/journal_read.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define RUN_ID_LEN 8

int runs_state_dir(struct buf *out, struct err *err)
{
	const char *state = getenv("XDG_STATE_HOME");
	const char *home = getenv("HOME");
	if (state && *state == '/')
		buf_printf(out, "%s/belay", state);
	else if (home && *home == '/')
		buf_printf(out, "%s/.local/state/belay", home);
	else
		return err_set(err, ERR_USAGE, "cannot tell where runs are kept: set XDG_STATE_HOME or HOME");
	return 0;
}

/* A root is known by its real path, device and inode: a moved or remade folder has a history of its own. */
int runs_repo_dir(const char *root, bool make, struct buf *out, struct err *err)
{
	char real[PATH_MAX];
	char hex[HASH_HEX_SIZE];
	struct stat st;
	struct hash hash;
	struct buf key = { 0 };
	if (!realpath(root, real) || stat(real, &st) != 0)
		return err_errno(err, errno, "cannot open '%s'", root);
	buf_printf(&key, "%s%c%llu%c%llu", real, 0, (unsigned long long)st.st_dev, 0, (unsigned long long)st.st_ino);
	hash_data(&hash, key.data, key.len);
	hash_format(&hash, hex);
	buf_release(&key);
	if (runs_state_dir(out, err) != 0)
		return -1;
	buf_printf(out, "/repos/%.16s", hex);
	return make ? file_make_dirs(buf_str(out), err) : 0;
}

static int runs_dir(const char *root, bool make, struct buf *out, struct err *err)
{
	if (runs_repo_dir(root, make, out, err) != 0)
		return -1;
	buf_add_str(out, "/runs");
	return make ? file_make_dirs(buf_str(out), err) : 0;
}

int runs_create(const char *root, char **id, char **dir, struct err *err)
{
	struct buf path = { 0 };
	int rc = runs_dir(root, true, &path, err);
	size_t base = path.len;
	while (rc == 0) {
		uint32_t number;
		char name[RUN_ID_LEN + 1];
		if (getrandom(&number, sizeof number, 0) != (ssize_t)sizeof number) {
			rc = err_errno(err, errno, "cannot get random bytes");
			break;
		}
		snprintf(name, sizeof name, "%08x", number);
		buf_truncate(&path, base);
		buf_printf(&path, "/%s", name);
		if (mkdir(buf_str(&path), 0700) == 0) {
			*id = xstrdup(name);
			*dir = buf_take(&path, NULL);
			break;
		}
		if (errno != EEXIST)
			rc = err_errno(err, errno, "cannot make folder '%s'", buf_str(&path));
	}
	buf_release(&path);
	return rc;
}

static bool is_run_id(const char *name)
{
	return strlen(name) == RUN_ID_LEN && strspn(name, "0123456789abcdef") == RUN_ID_LEN;
}

void run_info_release(struct run_info *info)
{
	free(info->id);
	free(info->dir);
	free(info->plan);
	free(info->mode);
	free(info->from);
	free(info->root);
	*info = (struct run_info){ 0 };
}

void run_list_release(struct run_list *list)
{
	for (size_t i = 0; i < list->n_runs; i++)
		run_info_release(&list->run[i]);
	free(list->run);
	*list = (struct run_list){ 0 };
}

/* It stays in the list: were it left out, "@" would be the run before it. */
static void fill_damaged(struct run_info *out, const char *runs, const char *id)
{
	struct stat st;
	*out = (struct run_info){ .id = xstrdup(id),
		                  .dir = xasprintf("%s/%s", runs, id),
		                  .plan = xstrdup(""),
		                  .mode = xstrdup(""),
		                  .from = xstrdup(""),
		                  .root = xstrdup(""),
		                  .damaged = true };
	if (stat(out->dir, &st) == 0)
		out->started_ms = (int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000;
}

/* Reads the first event only. False for a folder without a journal, or where none was begun. */
static bool read_info(struct run_info *out, const char *runs, const char *id)
{
	struct journal_reader *reader;
	struct event_line line;
	char *file = xasprintf("%s/%s/journal.jsonl", runs, id);
	bool ok = journal_reader_open(&reader, file, NULL) == 0;
	free(file);
	if (!ok)
		return false;
	struct err err = { 0 };
	int got = journal_reader_next(reader, &line, &err);
	ok = got == 1 || (got < 0 && err.code == ERR_CORRUPT);
	if (ok && got < 0) {
		fill_damaged(out, runs, id);
	} else if (ok) {
		const struct event *event = &line.event;
		*out = (struct run_info){ .id = xstrdup(id),
			                  .dir = xasprintf("%s/%s", runs, id),
			                  .plan = xstrdup(event->plan ? event->plan : ""),
			                  .mode = xstrdup(event->mode ? event->mode : ""),
			                  .from = xstrdup(event->from ? event->from : ""),
			                  .root = xstrdup(event->root ? event->root : ""),
			                  .started_ms = event->at_ms };
		event_line_release(&line);
	}
	journal_reader_close(reader);
	return ok;
}

static int newest_first(const void *a, const void *b)
{
	const struct run_info *left = a;
	const struct run_info *right = b;
	if (left->started_ms != right->started_ms)
		return left->started_ms < right->started_ms ? 1 : -1;
	return strcmp(left->id, right->id);
}

int runs_list(const char *root, struct run_list *out, struct err *err)
{
	struct buf path = { 0 };
	struct dirent *entry;
	DIR *dir;
	*out = (struct run_list){ 0 };
	if (runs_dir(root, false, &path, err) != 0) {
		buf_release(&path);
		return -1;
	}
	dir = opendir(buf_str(&path));
	if (!dir) {
		int rc = errno == ENOENT ? 0 : err_errno(err, errno, "cannot open folder '%s'", buf_str(&path));
		buf_release(&path);
		return rc;
	}
	while ((entry = readdir(dir))) {
		struct run_info info;
		if (!is_run_id(entry->d_name) || !read_info(&info, buf_str(&path), entry->d_name))
			continue;
		out->run = vec_room(out->run, out->n_runs, &out->cap_runs, sizeof *out->run);
		out->run[out->n_runs++] = info;
	}
	closedir(dir);
	buf_release(&path);
	if (out->n_runs)
		qsort(out->run, out->n_runs, sizeof *out->run, newest_first);
	return 0;
}

static int find_by_age(const struct run_list *list, const char *name, size_t *at, struct err *err)
{
	unsigned long back = 0;
	if (name[1]) {
		char *end;
		errno = 0;
		back = name[1] == '~' && name[2] >= '0' && name[2] <= '9' ? strtoul(name + 2, &end, 10) : ULONG_MAX;
		if (back == ULONG_MAX || errno || *end)
			return err_set(err, ERR_USAGE, "'%s' names no run: write @, @~1, or a run's id", name);
	}
	if (back >= list->n_runs) {
		err_set(err, ERR_NOT_FOUND, list->n_runs ? "there is no run '%s'" : "there is no run '%s' here yet", name);
		return err_hint(err, "'belay runs' lists them");
	}
	*at = back;
	return 0;
}

static int find_by_prefix(const struct run_list *list, const char *name, size_t *at, struct err *err)
{
	size_t n_hits = 0;
	struct buf ids = { 0 };
	for (size_t i = 0; i < list->n_runs; i++) {
		if (strncmp(list->run[i].id, name, strlen(name)) != 0)
			continue;
		buf_printf(&ids, "%s%s", n_hits ? ", " : "", list->run[i].id);
		*at = i;
		n_hits++;
	}
	int rc = 0;
	if (n_hits == 0) {
		rc = err_set(err, ERR_NOT_FOUND, "there is no run '%s'", name);
		err_hint(err, "'belay runs' lists them");
	} else if (n_hits > 1) {
		rc = err_set(err, ERR_USAGE, "'%s' is the beginning of %zu runs", name, n_hits);
		err_hint(err, "one of %s", buf_str(&ids));
	}
	buf_release(&ids);
	return rc;
}

int runs_find(const char *root, const char *name, struct run_info *out, struct err *err)
{
	struct run_list list;
	size_t at = 0;
	if (!*name)
		return err_set(err, ERR_USAGE, "a run's name is empty");
	int rc = runs_list(root, &list, err);
	if (rc == 0)
		rc = *name == '@' ? find_by_age(&list, name, &at, err) : find_by_prefix(&list, name, &at, err);
	if (rc == 0) {
		*out = list.run[at];
		list.run[at] = (struct run_info){ 0 };
	}
	run_list_release(&list);
	return rc;
}
