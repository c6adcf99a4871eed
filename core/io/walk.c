#include "io/walk.h"

#include "base/path.h"
#include "base/pool.h"
#include "base/xalloc.h"
#include "io/fd.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define IGNORE_FILE ".gitignore"
#define IGNORE_MAX (16 * 1024 * 1024)

/* A folder to be listed, with the ignore rules that hold above it. */
struct task {
	char *path;
	const struct ignore *ignore;
};

/* What one thread found. */
struct share {
	struct walk_file *file;
	size_t n_files, cap_files;
	struct ignore **level; /* kept to the end: folders below name them */
	size_t n_levels, cap_levels;
	struct strings unreadable;
	struct strings nested;
	struct strings ignored;
	bool saw_ignored;
};

struct crew {
	const struct walk *walk;
	bool with_ignored;
	pthread_mutex_t lock; /* protects task, n_tasks, cap_tasks and n_open */
	pthread_cond_t change;
	struct task *task;    /* a stack */
	size_t n_tasks, cap_tasks;
	size_t n_open;        /* tasks in the stack and in work */
	struct share *share;  /* one for each thread */
};

/* The entries of one folder, and what stands out among them. */
struct listing {
	struct entry {
		char *name;
		unsigned char type;
	} *entry;
	size_t n_entries, cap_entries;
	bool has_git, has_ignore;
};

static void push(struct crew *crew, const char *path, const struct ignore *ignore)
{
	pthread_mutex_lock(&crew->lock);
	crew->task = vec_room(crew->task, crew->n_tasks, &crew->cap_tasks, sizeof *crew->task);
	crew->task[crew->n_tasks++] = (struct task){ xstrdup(path), ignore };
	crew->n_open++;
	pthread_cond_signal(&crew->change);
	pthread_mutex_unlock(&crew->lock);
}

/* False when all is done. `finished`: the task taken before is. */
static bool pop(struct crew *crew, struct task *out, bool finished)
{
	pthread_mutex_lock(&crew->lock);
	crew->n_open -= finished;
	if (crew->n_open == 0)
		pthread_cond_broadcast(&crew->change);
	while (crew->n_tasks == 0 && crew->n_open > 0)
		pthread_cond_wait(&crew->change, &crew->lock);
	bool got = crew->n_tasks > 0;
	if (got)
		*out = crew->task[--crew->n_tasks];
	pthread_mutex_unlock(&crew->lock);
	return got;
}

static unsigned char type_of(mode_t mode)
{
	return S_ISREG(mode) ? DT_REG : S_ISLNK(mode) ? DT_LNK : S_ISDIR(mode) ? DT_DIR : DT_UNKNOWN;
}

static void list(DIR *dir, struct listing *listing)
{
	const struct dirent *entry;
	while ((entry = readdir(dir))) {
		struct stat st;
		unsigned char type = entry->d_type;
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (type == DT_UNKNOWN && fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0)
			type = type_of(st.st_mode);
		if (strcasecmp(entry->d_name, ".git") == 0) {
			listing->has_git = listing->has_git || strcmp(entry->d_name, ".git") == 0;
			continue;
		}
		listing->has_ignore = listing->has_ignore || (type == DT_REG && strcmp(entry->d_name, IGNORE_FILE) == 0);
		listing->entry = vec_room(listing->entry, listing->n_entries, &listing->cap_entries, sizeof *listing->entry);
		listing->entry[listing->n_entries++] = (struct entry){ xstrdup(entry->d_name), type };
	}
}

static void listing_release(struct listing *listing)
{
	for (size_t i = 0; i < listing->n_entries; i++)
		free(listing->entry[i].name);
	free(listing->entry);
}

/* The rules of a folder's own ignore file on top of those above it. One that cannot be read counts as empty, as it
 * does for git. */
static const struct ignore *read_ignore(struct crew *crew, struct share *share, const char *dir,
                                        const struct ignore *up)
{
	struct buf path = { 0 };
	struct buf text = { 0 };
	path_join(&path, dir, IGNORE_FILE);
	if (file_read(crew->walk->root, buf_str(&path), IGNORE_MAX, &text, NULL) == 0) {
		struct ignore *level = ignore_new(up, dir, buf_str(&text), text.len);
		share->level = vec_room(share->level, share->n_levels, &share->cap_levels, sizeof *share->level);
		share->level[share->n_levels++] = level;
		up = level;
	}
	buf_release(&path);
	buf_release(&text);
	return up;
}

static void take_file(const struct walk *walk, struct share *share, int dir, const char *path, unsigned char type)
{
	struct stat st = { .st_mode = type == DT_LNK ? S_IFLNK : S_IFREG };
	if (walk->take && !walk->take(walk->arg, path))
		return;
	if (walk->with_stat && fstatat(dir, path_base(path), &st, AT_SYMLINK_NOFOLLOW) != 0)
		return; /* it has just gone */
	share->file = vec_room(share->file, share->n_files, &share->cap_files, sizeof *share->file);
	share->file[share->n_files++] = (struct walk_file){ xstrdup(path), st };
}

static void pass_over(const struct walk *walk, struct share *share, const char *path, bool is_dir)
{
	share->saw_ignored = true;
	if (walk->with_stat)
		strings_take(&share->ignored, xasprintf("%s%s", path, is_dir ? "/" : ""));
}

static void sort_entries(struct crew *crew, struct share *share, int dir, const struct task *task,
                         const struct listing *listing)
{
	const struct walk *walk = crew->walk;
	struct buf path = { 0 };
	const struct ignore *ignore = task->ignore;
	if (listing->has_ignore && !crew->with_ignored)
		ignore = read_ignore(crew, share, task->path, ignore);
	for (size_t i = 0; i < listing->n_entries; i++) {
		unsigned char type = listing->entry[i].type;
		bool is_dir = type == DT_DIR;
		if (!is_dir && type != DT_REG && type != DT_LNK)
			continue;
		buf_clear(&path);
		path_join(&path, task->path, listing->entry[i].name);
		if (is_dir && walk->enter && !walk->enter(walk->arg, buf_str(&path)))
			continue;
		if (!crew->with_ignored && ignore_has(ignore, buf_str(&path), is_dir))
			pass_over(walk, share, buf_str(&path), is_dir);
		else if (is_dir)
			push(crew, buf_str(&path), ignore);
		else
			take_file(walk, share, dir, buf_str(&path), type);
	}
	buf_release(&path);
}

static void do_task(struct crew *crew, struct share *share, const struct task *task)
{
	struct err err;
	struct listing listing = { 0 };
	const struct walk *walk = crew->walk;
	int fd = file_open(walk->root, task->path, O_RDONLY | O_DIRECTORY, 0, &err);
	if (fd < 0) {
		if (err.code != ERR_NOT_FOUND)
			strings_add(&share->unreadable, task->path);
		return;
	}
	DIR *dir = fdopendir(fd);
	if (!dir) {
		strings_add(&share->unreadable, task->path);
		fd_close(&fd);
		return;
	}
	list(dir, &listing);
	/* Another repository: none of its files are ours, unless it was asked for. */
	if (!listing.has_git || strcmp(task->path, walk->start) == 0)
		sort_entries(crew, share, fd, task, &listing);
	else
		strings_add(&share->nested, task->path);
	listing_release(&listing);
	closedir(dir);
}

static void work(void *arg, size_t i)
{
	struct crew *crew = arg;
	struct task task;
	for (bool finished = false; pop(crew, &task, finished); finished = true) {
		if (!cancel_is_set(crew->walk->cancel))
			do_task(crew, &crew->share[i], &task);
		free(task.path);
	}
}

/* The rules that hold at the start, from the ignore files of the folders above it. */
static const struct ignore *rules_at_start(struct crew *crew)
{
	const struct walk_rules *rules = crew->walk->rules;
	const struct ignore *ignore = rules->repository ? rules->repository : rules->user;
	struct buf dir = { 0 };
	const char *start = crew->walk->start;
	crew->with_ignored = rules->none;
	for (const char *s = start; *s && !crew->with_ignored; s += *s == '/') {
		ignore = read_ignore(crew, &crew->share[0], buf_str(&dir), ignore);
		s += strcspn(s, "/");
		buf_clear(&dir);
		buf_add(&dir, start, (size_t)(s - start));
		crew->with_ignored = ignore_has(ignore, buf_str(&dir), true);
	}
	buf_release(&dir);
	return ignore;
}

static int by_path(const void *a, const void *b)
{
	const struct walk_file *x = a;
	const struct walk_file *y = b;
	return strcmp(x->path, y->path);
}

static void move_strings(struct strings *to, struct strings *from)
{
	for (size_t i = 0; i < from->n_items; i++)
		strings_take(to, from->item[i]);
	from->n_items = 0;
	strings_release(from);
}

static void gather(struct crew *crew, size_t n_threads, struct walk_result *out)
{
	size_t n = 0;
	for (size_t i = 0; i < n_threads; i++)
		n += crew->share[i].n_files;
	out->file = xcalloc(n + 1, sizeof *out->file);
	for (size_t i = 0; i < n_threads; i++) {
		struct share *share = &crew->share[i];
		if (share->n_files)
			memcpy(out->file + out->n_files, share->file, share->n_files * sizeof *share->file);
		out->n_files += share->n_files;
		out->saw_ignored = out->saw_ignored || share->saw_ignored;
		move_strings(&out->unreadable, &share->unreadable);
		move_strings(&out->nested, &share->nested);
		move_strings(&out->ignored, &share->ignored);
		for (size_t j = 0; j < share->n_levels; j++)
			ignore_free(share->level[j]);
		free(share->level);
		free(share->file);
	}
	qsort(out->file, out->n_files, sizeof *out->file, by_path);
	strings_sort(&out->unreadable);
	strings_sort(&out->nested);
	strings_sort(&out->ignored);
}

int walk_run(const struct walk *walk, struct walk_result *out, struct err *err)
{
	size_t n_threads = walk->n_threads ? walk->n_threads : 1;
	struct crew crew = { .walk = walk, .share = xcalloc(n_threads, sizeof *crew.share) };
	*out = (struct walk_result){ 0 };
	int fd = file_open(walk->root, walk->start, O_RDONLY | O_DIRECTORY, 0, err);
	if (fd < 0) {
		free(crew.share);
		return -1;
	}
	fd_close(&fd);
	pthread_mutex_init(&crew.lock, NULL);
	pthread_cond_init(&crew.change, NULL);
	push(&crew, walk->start, rules_at_start(&crew));
	pool_for_each(n_threads, n_threads, work, &crew);
	gather(&crew, n_threads, out);
	pthread_cond_destroy(&crew.change);
	pthread_mutex_destroy(&crew.lock);
	free(crew.task);
	free(crew.share);
	if (!cancel_is_set(walk->cancel))
		return 0;
	walk_result_release(out);
	return err_set(err, ERR_CANCELLED, "cancelled while looking for files");
}

const struct walk_file *walk_result_find(const struct walk_result *result, const char *path)
{
	struct walk_file key = { .path = (char *)path };
	return bsearch(&key, result->file, result->n_files, sizeof *result->file, by_path);
}

void walk_result_release(struct walk_result *result)
{
	for (size_t i = 0; i < result->n_files; i++)
		free(result->file[i].path);
	free(result->file);
	strings_release(&result->unreadable);
	strings_release(&result->nested);
	strings_release(&result->ignored);
	*result = (struct walk_result){ 0 };
}

static struct ignore *load(const struct ignore *up, const char *path)
{
	struct buf text = { 0 };
	struct ignore *ignore = NULL;
	if (file_slurp(path, IGNORE_MAX, &text, NULL) == 0)
		ignore = ignore_new(up, "", buf_str(&text), text.len);
	buf_release(&text);
	return ignore;
}

void walk_rules_load(struct walk_rules *rules, struct vcs *vcs)
{
	char *repository, *user;
	*rules = (struct walk_rules){ .none = vcs_state(vcs) == VCS_NONE };
	if (rules->none)
		return;
	vcs_exclude_files(vcs, &repository, &user);
	rules->user = load(NULL, user);
	rules->repository = load(rules->user, repository);
	free(repository);
	free(user);
}

void walk_rules_release(struct walk_rules *rules)
{
	ignore_free(rules->repository);
	ignore_free(rules->user);
	*rules = (struct walk_rules){ 0 };
}
