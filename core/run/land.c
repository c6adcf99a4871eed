#include "run/land.h"

#include "base/path.h"
#include "base/xalloc.h"
#include "edit/textdiff.h"
#include "run/land_move.h"
#include "run/land_names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

/* ---- events ---- */

static void event_image_of(struct event_image *out, const struct image *image)
{
	*out = (struct event_image){ 0 };
	if (image->kind == IMAGE_ABSENT)
		return;
	out->present = true;
	out->hash = image->hash;
	out->mode = image->mode & 07777;
	out->bytes = image->size;
	out->link = image->kind == IMAGE_LINK ? image->data : NULL;
}

void event_file_of_change(struct event_file *out, const struct change *change)
{
	long added;
	long removed;
	change_count_lines(change, &added, &removed);
	*out = (struct event_file){
		.path = change->path,
		.change = change->before.kind == IMAGE_ABSENT  ? EVENT_CREATED
		          : change->after.kind == IMAGE_ABSENT ? EVENT_DELETED
		                                               : EVENT_MODIFIED,
		.added = added,
		.removed = removed,
	};
	event_image_of(&out->before, &change->before);
	event_image_of(&out->after, &change->after);
}

static struct event_file *event_files_of(const struct landing *landing, bool with_temps)
{
	struct event_file *file = xcalloc(landing->n_moves ? landing->n_moves : 1, sizeof *file);
	for (size_t i = 0; i < landing->n_moves; i++) {
		const struct move *move = &landing->move[i];
		const struct change change = {
			.path = (char *)(uintptr_t)move->path, .before = *move->before, .after = move->after,
		};
		event_file_of_change(&file[i], &change);
		file[i].temp = with_temps ? move->temp : NULL;
		file[i].folder = move->folder;
	}
	return file;
}

int landing_record(const struct landing *landing, enum event_kind kind, struct err *err)
{
	struct event_file *file = event_files_of(landing, kind == EVENT_INTENT);
	struct event event = {
		.kind = kind,
		.step = landing->step,
		.attempt = landing->attempt,
		.files = { file, landing->n_moves },
		.reason = landing->reason,
	};
	if (landing->steps)
		event.step_list = (struct event_list){ (const char *const *)landing->steps->item, landing->steps->n_items };
	int rc = landing->lander->record(landing->lander->arg, &event, true, err);
	free(file);
	return rc;
}

int landing_tell_conflict(const struct landing *landing, const char *path, const char *expected, const char *found,
                          struct err *err)
{
	struct event event = {
		.kind = EVENT_CONFLICT,
		.step = landing->step,
		.attempt = landing->attempt,
		.path = path,
		.expected = expected,
		.found = found,
		.answer = "kept",
	};
	return landing->lander->record(landing->lander->arg, &event, false, err);
}

/* ---- before anything is written ---- */

static int check_before(const struct landing *landing, const struct move *move, struct err *err)
{
	char expected[HASH_HEX_SIZE];
	char found[HASH_HEX_SIZE];
	struct sight now;
	if (sight_of_path(landing, move, &now, err) != 0)
		return -1;
	bool as_before = sight_is(&now, move->before);
	sight_describe(&now, found);
	sight_release(&now);
	if (as_before)
		return 0;
	image_describe(move->before, expected);
	if (landing_tell_conflict(landing, move->path, expected, found, err) != 0)
		return -1;
	err_set(err, ERR_CONFLICT, "'%s' is not what it was when the change was made", move->path);
	return err_hint(err, "your edit is kept; run the step again to work on it");
}

/* More than what fits is refused before the intent. A quota is not seen here: it ends the writing, which is taken back. */
static int check_space(const struct landing *landing, struct err *err)
{
	struct statvfs fs;
	uint64_t need = 0;
	if (fstatvfs(landing->lander->root->fd, &fs) != 0 || !fs.f_frsize)
		return 0; /* not told: the writing itself will say */
	for (size_t i = 0; i < landing->n_moves; i++)
		if (landing->move[i].after.kind != IMAGE_ABSENT) /* a deletion works on a full disk, too */
			need += (uint64_t)landing->move[i].after.size / fs.f_frsize + 1;
	if (need <= fs.f_bavail)
		return 0;
	unsigned long long wanted = (unsigned long long)need * fs.f_frsize;
	unsigned long long there = (unsigned long long)fs.f_bavail * fs.f_frsize;
	if (!landing->reason) {
		err_set(err, ERR_NO_SPACE, "the step needs %llu bytes, and the disk has %llu", wanted, there);
		return err_hint(err, "nothing was changed; make room and run the step again");
	}
	/* What was reserved is on the disk of the store; the files of the tree need their own room. */
	err_set(err, ERR_NO_SPACE, "the %s needs %llu bytes on the disk of '%s', which has %llu", landing->reason, wanted,
	        landing->lander->root->path, there);
	return err_hint(err, "nothing was changed; free %llu bytes there and try again, or take files one by one with '--file'",
	                wanted - there);
}

static int prepare(const struct landing *landing, const char *title, const struct changeset *set, struct err *err)
{
	struct lander *lander = landing->lander;
	for (size_t i = 0; i < landing->n_moves; i++)
		if (check_before(landing, &landing->move[i], err) != 0)
			return -1;
	if (check_space(landing, err) != 0)
		return -1;
	return store_sync(lander->store, lander->next_seq(lander->arg), title, set, err);
}

/* ---- writing ---- */

static void add_parent(struct strings *folders, const char *path)
{
	struct buf dir = { 0 };
	path_dir(path, &dir);
	strings_take(folders, buf_take(&dir, NULL));
}

/* The folder that holds the topmost one that was made for the move, and those down to the path's own. */
static void add_made(struct strings *folders, const struct move *move)
{
	char *part = xstrdup(move->path);
	for (char *slash = strchr(part + strlen(move->folder), '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		add_parent(folders, part);
		*slash = '/';
	}
	free(part);
}

/* One that went with its last file: what held it. */
static int sync_nearest(const struct root *root, const char *folder, struct err *err)
{
	struct err why = { 0 };
	char *path = xstrdup(folder);
	int rc;
	while ((rc = names_sync_folder(root, path, &why)) != 0 && why.code == ERR_NOT_FOUND && *path) {
		char *slash = strrchr(path, '/');
		*(slash ? slash : path) = '\0';
	}
	if (rc != 0 && err)
		*err = why;
	free(path);
	return rc;
}

static int sync_all(const struct root *root, struct strings *folders, struct err *err)
{
	int rc = 0;
	strings_sort(folders);
	for (size_t i = 0; rc == 0 && i < folders->n_items; i++)
		if (!i || strcmp(folders->item[i], folders->item[i - 1]) != 0)
			rc = sync_nearest(root, folders->item[i], err);
	strings_release(folders);
	return rc;
}

static int sync_folders(const struct landing *landing, struct err *err)
{
	struct strings folders = { 0 };
	for (size_t i = 0; i < landing->n_moves; i++) {
		add_parent(&folders, landing->move[i].path);
		add_parent(&folders, landing->move[i].temp);
		if (landing->move[i].folder && landing->move[i].after.kind != IMAGE_ABSENT)
			add_made(&folders, &landing->move[i]);
	}
	return sync_all(landing->lander->root, &folders, err);
}

/* What was made has left nothing beside it: its temporary file became the file. */
static int sync_cleaned(const struct landing *landing, struct err *err)
{
	struct strings folders = { 0 };
	for (size_t i = 0; i < landing->n_moves; i++) {
		const struct move *move = &landing->move[i];
		if (move->before->kind != IMAGE_ABSENT)
			add_parent(&folders, move->temp);
		if (move->folder && move->after.kind == IMAGE_ABSENT)
			add_parent(&folders, move->path);
	}
	return sync_all(landing->lander->root, &folders, err);
}

static int enter_deletions(const struct landing *landing, bool early, struct err *err)
{
	for (size_t i = 0; i < landing->n_moves; i++) {
		struct move *move = &landing->move[i];
		if (move->after.kind == IMAGE_ABSENT && move->early == early && move_enter(landing, move, err) != 0)
			return -1;
	}
	return 0;
}

/* Folders that the set emptied, where a file is to be. */
static int remove_emptied(const struct landing *landing, struct err *err)
{
	for (size_t i = 0; i < landing->n_moves; i++)
		for (size_t j = i + 1; landing->move[i].was_folder && j < landing->n_moves; j++)
			if (path_is_below(landing->move[j].path, landing->move[i].path) &&
			    names_remove_folders(landing->lander->root, landing->move[j].path, landing->move[i].path, err) != 0)
				return -1;
	return 0;
}

static int write_all(const struct landing *landing, struct err *err)
{
	const struct root *root = landing->lander->root;
	if (enter_deletions(landing, true, err) != 0 || remove_emptied(landing, err) != 0)
		return -1;
	for (size_t i = 0; i < landing->n_moves; i++) {
		const struct move *move = &landing->move[i];
		if (move->after.kind == IMAGE_ABSENT)
			continue;
		if ((move->folder && names_make_folders(root, move->path, false, err) != 0) ||
		    move_write(landing, move, move->temp, &move->after, err) != 0)
			return -1;
	}
	for (size_t i = 0; i < landing->n_moves; i++)
		if (landing->move[i].after.kind != IMAGE_ABSENT &&
		    move_sync(landing, landing->move[i].temp, &landing->move[i].after, err) != 0)
			return -1;
	for (size_t i = 0; i < landing->n_moves; i++)
		if (landing->move[i].after.kind != IMAGE_ABSENT && move_enter(landing, &landing->move[i], err) != 0)
			return -1;
	if (enter_deletions(landing, false, err) != 0)
		return -1;
	return sync_folders(landing, err);
}

int landing_put_back(const struct landing *landing, struct err *err)
{
	int rc = 0;
	/* against the order in which they were written: deletions, the rest, and what made room for it */
	for (int turn = 0; turn < 3; turn++)
		for (size_t i = landing->n_moves; rc == 0 && i > 0; i--) {
			const struct move *move = &landing->move[i - 1];
			int when = move->after.kind != IMAGE_ABSENT ? 1 : move->early ? 2 : 0;
			if (when == turn)
				rc = move_put_back(landing, move, err);
		}
	return rc == 0 ? sync_folders(landing, err) : -1;
}

/* As much as can be; what fails is tried once more, since nothing else will. */
int landing_clean(const struct landing *landing, struct err *err)
{
	int rc = -1;
	for (int turn = 0; rc != 0 && turn < 2; turn++) {
		rc = 0;
		for (size_t i = 0; i < landing->n_moves; i++)
			if (move_clean(landing, &landing->move[i], err) != 0)
				rc = -1;
	}
	return rc == 0 ? sync_cleaned(landing, err) : -1;
}

/* What is recorded when a landing is given up: that its steps are not in the tree, or, for an undo, that they still are. */
static enum event_kind given_up(const struct landing *landing)
{
	return landing->reason && strcmp(landing->reason, "undo") == 0 ? EVENT_LANDED : EVENT_TAKEN_BACK;
}

int landing_give_up(const struct landing *landing, struct err *err)
{
	if (landing_put_back(landing, err) != 0)
		return -1;
	return landing_record(landing, given_up(landing), err);
}

/* Takes back what an error left half done. The error that began it is kept. */
static int fail(const struct landing *landing, struct err *err)
{
	struct err why = { 0 };
	if (landing_give_up(landing, &why) == 0)
		return -1;
	err_prefix(err, "not taken back yet (%s)", why.msg);
	return err_hint(err, "the journal knows what is open: 'belay resume' or 'belay undo' puts it right");
}

/* A file that cannot be removed now was landed all the same. */
static void clean_or_tell(const struct landing *landing)
{
	struct err err = { 0 };
	if (landing_clean(landing, &err) == 0)
		return;
	struct event event = {
		.kind = EVENT_NOTICE,
		.step = landing->step,
		.category = err_category(err.code),
		.message = err.msg,
		.hint = "a file whose name begins with .belay- was left behind; it can be removed",
	};
	landing->lander->record(landing->lander->arg, &event, false, NULL);
}

int landing_run(struct landing *landing, enum event_kind end, const char *title, const struct changeset *set,
                struct err *err)
{
	if (prepare(landing, title, set, err) != 0 || landing_record(landing, EVENT_INTENT, err) != 0)
		return -1;
	if (write_all(landing, err) != 0 || landing_record(landing, end, err) != 0)
		return fail(landing, err);
	clean_or_tell(landing);
	return 0;
}

/* ---- what others call ---- */

static int check_names(const struct changeset *set, struct err *err)
{
	for (size_t i = 0; i < set->n_changes; i++) {
		const struct change *change = &set->change[i];
		if (!file_is_path(change->path))
			return err_set(err, ERR_ACCESS, "'%s' is not a path beneath the root", change->path);
		if (path_check_writable(change->path, err) != 0)
			return -1;
		if (change->before.kind == IMAGE_ABSENT && path_check_new_name(change->path, err) != 0)
			return -1;
	}
	return 0;
}

int land_apply(struct lander *lander, const char *step, int attempt, const struct changeset *set, struct err *err)
{
	struct landing landing = { .lander = lander, .step = step, .attempt = attempt };
	int rc = check_names(set, err);
	if (rc == 0)
		rc = landing_init(&landing, set, err);
	if (rc == 0 && set->n_changes)
		rc = landing_run(&landing, EVENT_LANDED, step ? step : "", set, err);
	landing_release(&landing);
	return rc;
}

int land_adopt(struct lander *lander, const char *step, int attempt, const struct changeset *set, struct err *err)
{
	struct landing landing = { .lander = lander, .step = step, .attempt = attempt };
	if (!set->n_changes)
		return 0;
	int rc = landing_init(&landing, set, err);
	for (size_t i = 0; rc == 0 && lander->since_ms && i < landing.n_moves; i++) {
		struct move *move = &landing.move[i];
		if (move->before->kind == IMAGE_ABSENT && !move->folder)
			move->folder = land_folder_since(lander->root, move->path, lander->since_ms * 1000000);
	}
	if (rc == 0)
		rc = store_sync(lander->store, lander->next_seq(lander->arg), step ? step : "", set, err);
	if (rc == 0)
		rc = landing_record(&landing, EVENT_INTENT, err);
	if (rc == 0)
		rc = landing_record(&landing, EVENT_LANDED, err);
	landing_release(&landing);
	return rc;
}
