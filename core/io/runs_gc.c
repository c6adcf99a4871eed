#include "io/runs_gc.h"

#include "base/clock.h"
#include "base/xalloc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define GONE_PREFIX ".gone-"
#define MAX_DEPTH 16 /* of a run's folder: the store has four levels */

/* A run of a plan, and what came of it. */
struct family {
	size_t first; /* its oldest run's place in the list; the others say so in family_of */
	int64_t newest_ms;
	int64_t bytes;
	size_t n_runs;
	bool stays, goes;
};

struct sweep {
	const struct run_list *runs;
	size_t *family_of; /* by run: index of its family; owned */
	struct family *family; /* the newest first; owned */
	size_t n_families, cap_families;
};

/* ---- folders ---- */

struct tree_size {
	int64_t bytes;
};

static int remove_or_measure(int parent, const char *name, int depth, struct tree_size *size);

static int each_entry(int fd, int depth, struct tree_size *size)
{
	struct dirent *entry;
	DIR *dir = fdopendir(fd);
	int rc = 0;
	if (!dir) {
		close(fd);
		return -1;
	}
	while (rc == 0 && (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			rc = remove_or_measure(dirfd(dir), entry->d_name, depth, size);
	closedir(dir);
	return rc;
}

/* With `size` it is only added up. Links are not followed. */
static int remove_or_measure(int parent, const char *name, int depth, struct tree_size *size)
{
	struct stat st;
	int rc = 0;
	if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT ? 0 : -1;
	bool is_folder = S_ISDIR(st.st_mode);
	if (size)
		size->bytes += (int64_t)st.st_blocks * 512;
	if (is_folder) {
		int fd = depth < MAX_DEPTH ? openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
		rc = fd < 0 ? -1 : each_entry(fd, depth + 1, size);
	}
	if (rc != 0 || size)
		return rc;
	return unlinkat(parent, name, is_folder ? AT_REMOVEDIR : 0) != 0 && errno != ENOENT ? -1 : 0;
}

/* By another name first: what a crash leaves half removed is no run any more. */
static int remove_run(const struct run_info *run, struct err *err)
{
	char *parent = xstrndup(run->dir, strlen(run->dir) - strlen(run->id) - 1);
	char *gone = xasprintf("%s/" GONE_PREFIX "%s", parent, run->id);
	int rc = rename(run->dir, gone) != 0 || remove_or_measure(AT_FDCWD, gone, 0, NULL) != 0
		? err_errno(err, errno, "cannot remove '%s'", run->dir)
		: 0;
	free(gone);
	free(parent);
	return rc;
}

/* What an interrupted removal left. */
static void remove_gone(const struct run_info *run)
{
	struct dirent *entry;
	char *parent = xstrndup(run->dir, strlen(run->dir) - strlen(run->id) - 1);
	DIR *dir = opendir(parent);
	free(parent);
	if (!dir)
		return;
	while ((entry = readdir(dir)))
		if (strncmp(entry->d_name, GONE_PREFIX, strlen(GONE_PREFIX)) == 0 &&
		    remove_or_measure(dirfd(dir), entry->d_name, 0, NULL) != 0)
			break; /* the next sweep tries again */
	closedir(dir);
}

/* ---- families ---- */

static size_t find_run(const struct run_list *runs, const char *id)
{
	size_t i = 0;
	while (i < runs->n_runs && strcmp(runs->run[i].id, id) != 0)
		i++;
	return i;
}

/* Where a run came from, at most as many steps away as there are runs. */
static size_t origin_of(const struct run_list *runs, size_t at)
{
	for (size_t n = 0; n < runs->n_runs && *runs->run[at].from; n++) {
		size_t from = find_run(runs, runs->run[at].from);
		if (from == runs->n_runs)
			break;
		at = from;
	}
	return at;
}

static struct family *family_for(struct sweep *sweep, size_t origin, size_t *index)
{
	for (size_t i = 0; i < sweep->n_families; i++)
		if (sweep->family[i].first == origin) {
			*index = i;
			return &sweep->family[i];
		}
	sweep->family = vec_room(sweep->family, sweep->n_families, &sweep->cap_families, sizeof *sweep->family);
	*index = sweep->n_families;
	sweep->family[sweep->n_families] = (struct family){ .first = origin };
	return &sweep->family[sweep->n_families++];
}

/* The list has the newest run first, and so the families come by their newest. */
static int find_families(struct sweep *sweep, const char *except, struct err *err)
{
	const struct run_list *runs = sweep->runs;
	sweep->family_of = xcalloc(runs->n_runs, sizeof *sweep->family_of);
	for (size_t i = 0; i < runs->n_runs; i++) {
		struct tree_size size = { 0 };
		struct family *family = family_for(sweep, origin_of(runs, i), &sweep->family_of[i]);
		if (remove_or_measure(AT_FDCWD, runs->run[i].dir, 0, &size) != 0)
			return err_errno(err, errno, "cannot look at '%s'", runs->run[i].dir);
		family->n_runs++;
		family->bytes += size.bytes;
		if (runs->run[i].started_ms > family->newest_ms)
			family->newest_ms = runs->run[i].started_ms;
		family->stays = family->stays || (except ? strcmp(runs->run[i].id, except) == 0 : i == 0);
	}
	return 0;
}

static void choose(struct sweep *sweep, const struct gc_caps *caps)
{
	int64_t bytes = 0;
	int64_t now_ms = clock_wall_ms();
	for (size_t i = 0; i < sweep->n_families; i++) {
		struct family *family = &sweep->family[i];
		bool fits = bytes + family->bytes <= caps->bytes;
		family->goes = !family->stays && (!fits || now_ms - family->newest_ms > caps->age_ms);
		bytes += family->goes ? 0 : family->bytes;
	}
}

static int remove_family(const struct sweep *sweep, size_t at, struct gc_report *out, struct err *err)
{
	/* what came of a run goes before the run itself: the list has it first */
	for (size_t i = 0; i < sweep->runs->n_runs; i++) {
		if (sweep->family_of[i] != at)
			continue;
		if (remove_run(&sweep->runs->run[i], err) != 0)
			return -1;
		strings_add(&out->removed, sweep->runs->run[i].id);
	}
	return 0;
}

int runs_gc(const struct run_list *runs, const struct gc_caps *caps, const char *except, struct gc_report *out,
            struct err *err)
{
	struct sweep sweep = { .runs = runs };
	*out = (struct gc_report){ 0 };
	if (!runs->n_runs)
		return 0;
	remove_gone(&runs->run[0]);
	int rc = find_families(&sweep, except, err);
	if (rc == 0)
		choose(&sweep, caps);
	for (size_t i = sweep.n_families; rc == 0 && i > 0; i--) { /* the oldest first */
		const struct family *family = &sweep.family[i - 1];
		bool room = !caps->max_runs || out->removed.n_items + family->n_runs <= caps->max_runs;
		if (family->goes && room) {
			out->bytes_removed += family->bytes;
			rc = remove_family(&sweep, i - 1, out, err);
		} else {
			out->bytes_kept += family->bytes;
			out->n_kept += family->n_runs;
		}
	}
	free(sweep.family_of);
	free(sweep.family);
	return rc;
}

void gc_report_release(struct gc_report *report)
{
	strings_release(&report->removed);
	*report = (struct gc_report){ 0 };
}
