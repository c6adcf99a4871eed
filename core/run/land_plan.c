/* Undo and redo: what taking steps back would do to each path, and doing it. */
#include "run/land_move.h"

#include "base/map.h"
#include "base/path.h"
#include "base/vec.h"
#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* One path's way through the steps, from what they found to what they left. `broken` when somebody else changed it
 * between two of them: then only what came after that can be taken back. */
struct course {
	const char *path;
	const struct event_file **file; /* oldest first; owned */
	size_t n_files, cap_files;
};

struct courses {
	const struct landing *landing; /* to look at the tree with; borrowed */
	const struct land_query *query;
	struct course *course; /* owned */
	size_t n_courses, cap_courses;
	struct map by_path; /* 1-based index */
};

static int by_seq(const void *a, const void *b)
{
	const struct event *left = *(const struct event *const *)a;
	const struct event *right = *(const struct event *const *)b;
	return left->seq < right->seq ? -1 : left->seq > right->seq;
}

static struct course *course_of(struct courses *courses, const char *path)
{
	uintptr_t at = (uintptr_t)map_get(&courses->by_path, path);
	if (at)
		return &courses->course[at - 1];
	courses->course =
		vec_room(courses->course, courses->n_courses, &courses->cap_courses, sizeof *courses->course);
	courses->course[courses->n_courses++] = (struct course){ .path = path };
	map_put(&courses->by_path, path, (void *)(uintptr_t)courses->n_courses);
	return &courses->course[courses->n_courses - 1];
}

static void courses_make(struct courses *out)
{
	const struct land_query *query = out->query;
	const struct event **sorted = xcalloc(query->n_landed ? query->n_landed : 1, sizeof *sorted);
	for (size_t i = 0; i < query->n_landed; i++)
		sorted[i] = query->landed[i];
	qsort(sorted, query->n_landed, sizeof *sorted, by_seq);
	for (size_t i = 0; i < query->n_landed; i++)
		for (size_t j = 0; j < sorted[i]->files.n_files; j++) {
			const struct event_file *file = &sorted[i]->files.file[j];
			if (query->only && strcmp(file->path, query->only) != 0)
				continue;
			struct course *course = course_of(out, file->path);
			course->file = vec_room(course->file, course->n_files, &course->cap_files, sizeof *course->file);
			course->file[course->n_files++] = file;
		}
	free(sorted);
}

static void courses_release(struct courses *courses)
{
	for (size_t i = 0; i < courses->n_courses; i++)
		free(courses->course[i].file);
	free(courses->course);
	map_release(&courses->by_path);
}

static void image_of_event(struct image *out, const struct event_image *from)
{
	*out = (struct image){ 0 };
	if (!from->present)
		return;
	if (from->link) {
		image_set_link(out, from->link);
		return;
	}
	*out = (struct image){ .kind = IMAGE_FILE, .mode = from->mode, .hash = from->hash, .size = from->bytes };
}

static bool event_image_equal(const struct event_image *a, const struct event_image *b)
{
	struct image left;
	struct image right;
	image_of_event(&left, a);
	image_of_event(&right, b);
	bool equal = image_equal(&left, &right);
	image_release(&left);
	image_release(&right);
	return equal;
}

static struct land_item *add_item(struct land_plan *out, const char *path, enum land_fate fate, const struct image *now,
                                  const struct event_image *target)
{
	out->item = vec_room(out->item, out->n_items, &out->cap_items, sizeof *out->item);
	struct land_item *item = &out->item[out->n_items++];
	*item = (struct land_item){ .path = xstrdup(path), .fate = fate };
	image_copy(&item->now, now);
	image_of_event(&item->target, target);
	return item;
}

/* The last step first: how far the steps follow on one another without a stranger's change between them. */
static size_t unbroken(const struct course *course, bool redo)
{
	size_t n = 1;
	size_t last = course->n_files - 1;
	while (n < course->n_files) {
		const struct event_image *left = redo ? &course->file[n - 1]->after : &course->file[last - n]->after;
		const struct event_image *right = redo ? &course->file[n]->before : &course->file[last - n + 1]->before;
		if (!event_image_equal(left, right))
			break;
		n++;
	}
	return n;
}

/* A folder is where a file was, or is to be: it counts as absent if the steps' own files are what is in it. */
static bool is_folder_of(const struct courses *courses, const char *path)
{
	struct stat st;
	if (file_stat(courses->landing->lander->root, path, &st, NULL) != 0 || !S_ISDIR(st.st_mode))
		return false;
	for (size_t i = 0; i < courses->n_courses; i++)
		if (courses->course[i].path != path && path_is_below(courses->course[i].path, path))
			return true;
	return false;
}

/* What was asked for of a file that changed since. A folder or a device in its place is nothing to put anything over. */
static void answer_conflict(const struct courses *courses, const struct sight *now, struct land_item *item)
{
	if (courses->query->answer == LAND_PUT_BACK && !now->foreign) {
		item->fate = LAND_OVERRIDE;
	} else if (courses->query->answer == LAND_PUT_BESIDE && item->target.kind != IMAGE_ABSENT) {
		struct stat st;
		char *beside = xasprintf("%s.before", item->path);
		struct err why = { 0 };
		if (file_stat(courses->landing->lander->root, beside, &st, &why) != 0 && why.code == ERR_NOT_FOUND) {
			item->fate = LAND_BESIDE;
			item->beside = beside;
			beside = NULL;
		}
		free(beside);
	}
}

/* The way of a path that holds neither image: merged, or what was asked for. */
static int plan_changed(const struct courses *courses, const struct merge_ends *ends, const struct sight *now,
                        struct land_item *item, struct err *err)
{
	int merged = courses->query->merge && !now->foreign ? landing_merge(courses->landing, ends, item, err) : 0;
	if (merged < 0)
		return -1;
	if (merged)
		item->fate = image_equal(&item->target, &item->now) ? LAND_NOTHING : LAND_MERGE;
	else
		answer_conflict(courses, now, item);
	return 0;
}

static int plan_course(const struct courses *courses, const struct course *course, struct land_plan *out, struct err *err)
{
	bool redo = courses->query->redo;
	struct sight now;
	struct image expected;
	struct image target;
	size_t last = course->n_files - 1;
	size_t n = unbroken(course, redo);
	const struct event_image *from = redo ? &course->file[0]->before : &course->file[last]->after;
	const struct event_image *to = redo ? &course->file[n - 1]->after : &course->file[last - n + 1]->before;
	const struct event_image *rest = redo ? &course->file[last]->after : &course->file[0]->before;
	if (sight_of(courses->landing, course->path, &now, err) != 0)
		return -1;
	if (now.foreign && is_folder_of(courses, course->path))
		now.foreign = false;
	image_of_event(&expected, from);
	image_of_event(&target, to);
	enum land_fate fate = sight_is(&now, &target)     ? LAND_NOTHING
	                      : sight_is(&now, &expected) ? LAND_RESTORE
	                                                  : LAND_CONFLICT;
	struct land_item *item = add_item(out, course->path, fate, &now.image, to);
	const struct merge_ends ends = { &expected, &target };
	int rc = fate == LAND_CONFLICT ? plan_changed(courses, &ends, &now, item, err) : 0;
	if (n < course->n_files && item->fate != LAND_CONFLICT)
		add_item(out, course->path, LAND_CONFLICT, &target, rest);
	image_release(&expected);
	image_release(&target);
	sight_release(&now);
	return rc;
}

/* The outermost folder above the path that is among them; NULL when none is. */
static char *folder_above(const struct map *folders, const char *path)
{
	char *folder = xstrdup(path);
	for (char *slash = strchr(folder, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (map_has(folders, folder))
			return folder;
		*slash = '/';
	}
	free(folder);
	return NULL;
}

void land_plan_add_folders(struct land_plan *plan, const struct event *const *landed, size_t n_landed)
{
	struct map folders = { 0 };
	for (size_t i = 0; i < n_landed; i++)
		for (size_t j = 0; j < landed[i]->files.n_files; j++)
			if (landed[i]->files.file[j].folder)
				map_put(&folders, landed[i]->files.file[j].folder, plan);
	for (size_t i = 0; folders.n_live && i < plan->n_items; i++) {
		struct land_item *item = &plan->item[i];
		if ((item->fate != LAND_RESTORE && item->fate != LAND_OVERRIDE) || item->target.kind != IMAGE_ABSENT)
			continue;
		free(item->folder);
		item->folder = folder_above(&folders, item->path);
	}
	map_release(&folders);
}

int land_preview(struct lander *lander, const struct land_query *query, struct land_plan *out, struct err *err)
{
	struct landing landing = { .lander = lander };
	struct courses courses = { .landing = &landing, .query = query };
	int rc = 0;
	*out = (struct land_plan){ 0 };
	courses_make(&courses);
	for (size_t i = 0; rc == 0 && i < courses.n_courses; i++)
		rc = plan_course(&courses, &courses.course[i], out, err);
	courses_release(&courses);
	if (rc == 0 && !query->redo)
		land_plan_add_folders(out, query->landed, query->n_landed);
	for (size_t i = 0; i < out->n_items; i++)
		out->n_conflicts += out->item[i].fate == LAND_CONFLICT || out->item[i].fate == LAND_BESIDE;
	if (rc != 0)
		land_plan_release(out);
	return rc;
}

void land_plan_release(struct land_plan *plan)
{
	for (size_t i = 0; i < plan->n_items; i++) {
		free(plan->item[i].path);
		free(plan->item[i].folder);
		free(plan->item[i].beside);
		image_release(&plan->item[i].now);
		image_release(&plan->item[i].target);
	}
	free(plan->item);
	*plan = (struct land_plan){ 0 };
}

/* What the journal says was put there, and is not, is no file that is missing but a store that is damaged. */
static int load_image(struct store *source, struct image *image, struct err *err)
{
	struct err why = { 0 };
	if (store_get_image(source, image, &why) == 0)
		return 0;
	if (why.code == ERR_NOT_FOUND)
		why.code = ERR_CORRUPT;
	if (err)
		*err = why;
	return -1;
}

static bool is_written(enum land_fate fate)
{
	return fate == LAND_RESTORE || fate == LAND_MERGE || fate == LAND_OVERRIDE;
}

/* Before images from the tree, after images from the store that the steps filled, or as they were merged. */
static int load_set(struct lander *lander, struct store *source, const struct land_plan *plan, struct changeset *set,
                    struct err *err)
{
	for (size_t i = 0; i < plan->n_items; i++) {
		const struct land_item *item = &plan->item[i];
		if (!is_written(item->fate) && item->fate != LAND_BESIDE)
			continue;
		struct change *change = changeset_add(set, item->beside ? item->beside : item->path);
		if (!item->beside && item->now.kind != IMAGE_ABSENT &&
		    file_image(lander->root, item->path, store_dir(lander->store), &change->before, err) != 0)
			return -1;
		if (!item->beside && !image_equal(&change->before, &item->now)) {
			err_set(err, ERR_CONFLICT, "'%s' changed since it was looked at", item->path);
			return -1;
		}
		image_copy(&change->after, &item->target);
		if (!change->after.data && load_image(source, &change->after, err) != 0)
			return -1;
	}
	return 0;
}

static const char *answer_to(enum land_fate fate)
{
	switch (fate) {
	case LAND_MERGE: return "merged";
	case LAND_OVERRIDE: return "restored";
	case LAND_BESIDE: return "beside";
	case LAND_CONFLICT: return "kept";
	case LAND_RESTORE:
	case LAND_NOTHING: break;
	}
	return NULL;
}

/* Of every path that was not as the steps had left it. */
static int tell_conflicts(const struct landing *landing, const struct land_plan *plan, struct err *err)
{
	for (size_t i = 0; i < plan->n_items; i++) {
		char expected[HASH_HEX_SIZE];
		char found[HASH_HEX_SIZE];
		const struct land_item *item = &plan->item[i];
		if (!answer_to(item->fate))
			continue;
		image_describe(&item->target, expected);
		image_describe(&item->now, found);
		struct event event = {
			.kind = EVENT_CONFLICT, .path = item->path, .expected = expected, .found = found,
			.answer = answer_to(item->fate),
		};
		if (landing->lander->record(landing->lander->arg, &event, false, err) != 0)
			return -1;
	}
	return 0;
}

/* Folders that the undone steps had made go with the last file in them. */
static void take_folders(struct landing *landing, const struct land_plan *plan)
{
	struct map folders = { 0 };
	for (size_t i = 0; i < plan->n_items; i++)
		if (plan->item[i].folder)
			map_put(&folders, plan->item[i].path, plan->item[i].folder);
	for (size_t i = 0; folders.n_live && i < landing->n_moves; i++) {
		struct move *move = &landing->move[i];
		const char *folder = map_get(&folders, move->path);
		if (folder && move->after.kind == IMAGE_ABSENT && !move->folder)
			move->folder = xstrdup(folder);
	}
	map_release(&folders);
}

static bool nothing_is_left_to_do(const struct land_plan *plan)
{
	for (size_t i = 0; i < plan->n_items; i++)
		if (plan->item[i].fate == LAND_CONFLICT || plan->item[i].fate == LAND_BESIDE)
			return false;
	return true;
}

int land_take_back(struct lander *lander, struct store *source, const struct strings *steps,
                   const struct land_plan *plan, bool redo, struct err *err)
{
	struct changeset set = { 0 };
	struct landing landing = {
		.lander = lander, .steps = steps->n_items ? steps : NULL, .reason = redo ? "redo" : "undo",
	};
	enum event_kind end = redo ? EVENT_LANDED : EVENT_TAKEN_BACK;
	int rc = load_set(lander, source, plan, &set, err);
	if (rc == 0)
		rc = landing_init(&landing, &set, err);
	if (rc == 0) {
		take_folders(&landing, plan);
		rc = tell_conflicts(&landing, plan, err);
	}
	if (rc == 0 && set.n_changes)
		rc = landing_run(&landing, end, landing.reason, &set, err);
	else if (rc == 0 && nothing_is_left_to_do(plan))
		rc = landing_record(&landing, end, err);
	landing_release(&landing);
	changeset_release(&set);
	return rc;
}
