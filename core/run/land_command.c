/*
 * After a crash while a command ran in the tree. Its manifest (guard.c) is still in the run's folder, and what differs from
 * it was done by the command, or by somebody after the crash. The one who ran the command touched the manifest all the
 * while: what changed after the last touch is not taken for the command's, and is left alone.
 */
#include "run/land_move.h"

#include "base/path.h"
#include "base/vec.h"
#include "base/xalloc.h"
#include "io/manifest.h"
#include "run/land_names.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAMED_MAX 8
/* Two seconds: a watch takes a moment at the most. */
#define WATCH_TURNS 400
#define WATCH_TURN_MS 5


static int64_t ns_of(const struct statx_timestamp *at)
{
	return (int64_t)at->tv_sec * 1000000000 + at->tv_nsec;
}

/* Was the path last changed while the command ran? A file that is gone counts: to bring it back costs nobody a byte. */
static bool changed_until(const struct root *root, const char *path, int64_t until_ns)
{
	struct stat st;
	struct err err = { 0 };
	if (file_stat(root, path, &st, &err) == 0)
		return (int64_t)st.st_ctim.tv_sec * 1000000000 + st.st_ctim.tv_nsec <= until_ns;
	return err.code == ERR_NOT_FOUND;
}

/* Was the file itself made after the command? Not every file system tells: then it is not known. */
static bool made_after(const struct root *root, const char *path, int64_t until_ns)
{
	struct statx st;
	int fd = file_open(root, path, O_PATH, 0, NULL);
	bool after = fd >= 0 && statx(fd, "", AT_EMPTY_PATH, STATX_BTIME, &st) == 0 && st.stx_mask & STATX_BTIME &&
	             ns_of(&st.stx_btime) > until_ns;
	if (fd >= 0)
		close(fd);
	return after;
}

static bool event_image_is(const struct event_image *a, const struct image *b)
{
	if (!a->present || b->kind == IMAGE_ABSENT)
		return !a->present && b->kind == IMAGE_ABSENT;
	return (a->link != NULL) == (b->kind == IMAGE_LINK) && hash_equal(&a->hash, &b->hash) &&
	       (a->link || a->mode == b->mode);
}

/* A crash between the adoption and the removal of the manifest: the change is a landed one already. */
static bool is_adopted(const struct commands_story *story, const struct change *change)
{
	for (size_t i = 0; i < story->n_landed; i++)
		for (size_t j = 0; j < story->landed[i]->files.n_files; j++) {
			const struct event_file *file = &story->landed[i]->files.file[j];
			if (strcmp(file->path, change->path) == 0 && event_image_is(&file->before, &change->before) &&
			    event_image_is(&file->after, &change->after))
				return true;
		}
	return false;
}

static void change_move(struct changeset *to, struct change *from)
{
	struct change *change = changeset_add(to, from->path);
	change->before = from->before;
	change->after = from->after;
	from->before = from->after = (struct image){ 0 };
}

struct sorting {
	struct lander *lander;
	const struct commands_story *story;
	int64_t until_ns;
	size_t *n_conflicts;
};

/* Which changes are the command's; the others are told. */
static int sort_changes(const struct sorting *s, struct changeset *all, struct changeset *out, struct err *err)
{
	const struct landing landing = { .lander = s->lander };
	for (size_t i = 0; i < all->n_changes; i++) {
		struct change *change = &all->change[i];
		char expected[HASH_HEX_SIZE];
		char found[HASH_HEX_SIZE];
		if (is_adopted(s->story, change))
			continue;
		if (changed_until(s->lander->root, change->path, s->until_ns)) {
			change_move(out, change);
			continue;
		}
		if (change->before.kind == IMAGE_ABSENT && made_after(s->lander->root, change->path, s->until_ns))
			continue; /* somebody's new file: no business of the run */
		image_describe(&change->before, expected);
		image_describe(&change->after, found);
		++*s->n_conflicts;
		if (landing_tell_conflict(&landing, change->path, expected, found, err) != 0)
			return -1;
	}
	return 0;
}

/* The outermost folder above the path that was made since; or NULL. Not every file system tells. */
char *land_folder_since(const struct root *root, const char *path, int64_t since_ns)
{
	char *part = xstrdup(path);
	char *found = NULL;
	for (char *slash = strchr(part, '/'); slash && !found; slash = strchr(slash + 1, '/')) {
		struct statx st;
		*slash = '\0';
		int fd = file_open(root, part, O_PATH | O_DIRECTORY, 0, NULL);
		if (fd >= 0 && statx(fd, "", AT_EMPTY_PATH, STATX_BTIME, &st) == 0 && st.stx_mask & STATX_BTIME &&
		    ns_of(&st.stx_btime) >= since_ns)
			found = xstrdup(part);
		if (fd >= 0)
			close(fd);
		*slash = '/';
	}
	free(part);
	return found;
}

/* As if the command had been adopted, and at once taken back. It is nobody's landing: the step will run again. */
static int take_back(const struct sorting *s, const struct changeset *set, int64_t since_ns, struct err *err)
{
	struct lander *lander = s->lander;
	struct landing landing = { .lander = lander, .n_conflicts = s->n_conflicts };
	int rc = landing_init(&landing, set, err);
	for (size_t i = 0; rc == 0 && i < landing.n_moves; i++) {
		struct move *move = &landing.move[i];
		move->untouched = false; /* by the command */
		if (move->before->kind == IMAGE_ABSENT && !move->folder)
			move->folder = land_folder_since(lander->root, move->path, since_ns);
	}
	if (rc == 0)
		rc = store_sync(lander->store, lander->next_seq(lander->arg), "an interrupted command", set, err);
	if (rc == 0)
		rc = landing_record(&landing, EVENT_INTENT, err);
	if (rc == 0)
		rc = landing_give_up(&landing, err);
	landing_release(&landing);
	return rc;
}

static int tell(struct lander *lander, const char *path, const char *hint, struct err *err)
{
	struct event event = { .kind = EVENT_NOTICE, .category = "access", .message = path, .hint = hint };
	return lander->record(lander->arg, &event, false, err);
}

/* A person's edit made while it ran may be among them: they are named, and their bytes are not lost. */
static int tell_taken_back(struct lander *lander, const struct changeset *set, struct err *err)
{
	struct buf message = { 0 };
	struct buf hint = { 0 };
	buf_add_str(&message, "what an interrupted command had changed is taken back: ");
	for (size_t i = 0; i < set->n_changes && i < NAMED_MAX; i++)
		buf_printf(&message, "%s'%s'", i ? ", " : "", set->change[i].path);
	if (set->n_changes > NAMED_MAX)
		buf_printf(&message, " and %zu more", set->n_changes - NAMED_MAX);
	buf_printf(&hint, "what they held is in the last commit of '%s/store.git'", store_dir(lander->store));
	struct event event = {
		.kind = EVENT_NOTICE, .category = "access", .message = buf_str(&message), .hint = buf_str(&hint),
	};
	int rc = lander->record(lander->arg, &event, false, err);
	buf_release(&message);
	buf_release(&hint);
	return rc;
}

static int recover_command(const struct sorting *s, struct manifest *manifest, int64_t since_ns, struct err *err)
{
	struct lander *lander = s->lander;
	struct changeset all = { 0 };
	struct changeset set = { 0 };
	struct strings lost = { 0 };
	int rc = manifest_changes(manifest, lander->root, lander->store, &all, &lost, err);
	for (size_t i = 0; rc == 0 && i < lost.n_items; i++) {
		++*s->n_conflicts;
		rc = tell(lander, lost.item[i], "an interrupted command may have changed this file; belay cannot bring it back",
		          err);
	}
	if (rc == 0)
		rc = sort_changes(s, &all, &set, err);
	if (rc == 0 && set.n_changes)
		rc = take_back(s, &set, since_ns, err);
	if (rc == 0 && set.n_changes)
		rc = tell_taken_back(lander, &set, err);
	changeset_release(&all);
	changeset_release(&set);
	strings_release(&lost);
	return rc;
}

/* Who watched over the command (death_watch.h) holds the file until nothing of the command is left. */
static void await_watch(const char *file)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return;
	for (int turn = 0; turn < WATCH_TURNS && flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK; turn++)
		poll(NULL, 0, WATCH_TURN_MS);
	close(fd);
}

static int recover_manifest(struct sorting *s, const char *file, struct err *err)
{
	struct manifest *manifest;
	struct statx st;
	struct err why = { 0 };
	await_watch(file);
	if (statx(AT_FDCWD, file, AT_SYMLINK_NOFOLLOW, STATX_MTIME | STATX_BTIME, &st) != 0)
		return err_errno(err, errno, "cannot look at '%s'", file);
	int64_t touched_ns = ns_of(&st.stx_mtime);
	int64_t last_ns = (s->story->last_ms + 1) * 1000000;
	if (manifest_load(&manifest, file, &why) != 0) {
		++*s->n_conflicts;
		if (tell(s->lander, why.msg, "what an interrupted command changed cannot be told", err) != 0)
			return -1;
	} else {
		s->until_ns = touched_ns > last_ns ? touched_ns : last_ns;
		int rc = recover_command(s, manifest, st.stx_mask & STATX_BTIME ? ns_of(&st.stx_btime) : INT64_MAX, err);
		manifest_free(manifest);
		if (rc != 0)
			return -1;
	}
	return unlink(file) != 0 && errno != ENOENT ? err_errno(err, errno, "cannot remove '%s'", file) : 0;
}

static int list_manifests(const char *run_dir, struct strings *out, struct err *err)
{
	struct dirent *entry;
	DIR *dir = opendir(run_dir);
	if (!dir)
		return err_errno(err, errno, "cannot open folder '%s'", run_dir);
	while ((entry = readdir(dir)))
		if (strncmp(entry->d_name, LAND_MANIFEST_PREFIX, strlen(LAND_MANIFEST_PREFIX)) == 0)
			strings_take(out, xasprintf("%s/%s", run_dir, entry->d_name));
	closedir(dir);
	strings_sort(out);
	return 0;
}

int landing_recover_commands(struct lander *lander, const char *run_dir, const struct commands_story *story,
                             size_t *n_conflicts, struct err *err)
{
	struct strings files = { 0 };
	struct sorting s = { .lander = lander, .story = story, .n_conflicts = n_conflicts };
	int rc = list_manifests(run_dir, &files, err);
	for (size_t i = 0; rc == 0 && i < files.n_items; i++)
		rc = recover_manifest(&s, files.item[i], err);
	strings_release(&files);
	return rc;
}
