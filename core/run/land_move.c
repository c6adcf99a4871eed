#include "run/land_move.h"

#include "base/path.h"
#include "base/xalloc.h"
#include "io/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEMP_PREFIX ".belay-"
#define NEW_FILE_MODE 0666

/* umask(2) can only be read by setting it, which other threads would notice. proc(5) tells it. */
static mode_t umask_now(void)
{
	char line[256];
	unsigned mask = 022;
	FILE *file = fopen("/proc/self/status", "re");
	while (file && fgets(line, sizeof line, file))
		if (sscanf(line, "Umask: %o", &mask) == 1)
			break;
	if (file)
		fclose(file);
	return (mode_t)mask & 0777;
}

static mode_t mode_after(const struct change *change)
{
	if (change->after.kind != IMAGE_FILE || change->after.mode)
		return change->after.mode;
	return change->before.kind == IMAGE_FILE ? change->before.mode : NEW_FILE_MODE & ~umask_now();
}

/* The outermost path of the set above this one that is to be a file or a link: what lies below it must go aside
 * elsewhere. 0 when there is none, else the length of its name. */
static size_t rising_above(const struct changeset *set, const char *path, bool after)
{
	char *part = xstrdup(path);
	size_t found = 0;
	for (char *slash = strchr(part, '/'); slash && !found; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		const struct change *above = changeset_find(set, part);
		if (above && (after ? above->after.kind : above->before.kind) != IMAGE_ABSENT)
			found = (size_t)(slash - part);
		*slash = '/';
	}
	free(part);
	return found;
}

static char *temp_name(const struct changeset *set, const char *path, uint64_t number, size_t i)
{
	struct buf dir = { 0 };
	struct buf name = { 0 };
	size_t above = rising_above(set, path, true);
	char *base = xasprintf(TEMP_PREFIX "%012llx-%zu", (unsigned long long)(number & 0xffffffffffffULL), i);
	if (above) {
		char *outer = xstrndup(path, above);
		path_dir(outer, &dir);
		free(outer);
	} else {
		path_dir(path, &dir);
	}
	path_join(&name, buf_str(&dir), base);
	buf_release(&dir);
	free(base);
	return buf_take(&name, NULL);
}

/* The outermost folder on the way to the path that is not there. A file in its place goes away with the same set. */
static int missing_folder(const struct root *root, const char *path, char **out, struct err *err)
{
	char *part = xstrdup(path);
	int rc = 0;
	for (char *slash = strchr(part, '/'); slash && !*out && rc == 0; slash = strchr(slash + 1, '/')) {
		struct stat st;
		struct err why = { 0 };
		*slash = '\0';
		if (file_stat(root, part, &st, &why) == 0) {
			if (!S_ISDIR(st.st_mode))
				*out = xstrdup(part);
		} else if (why.code == ERR_NOT_FOUND) {
			*out = xstrdup(part);
		} else {
			rc = -1;
			if (err)
				*err = why;
		}
		*slash = '/';
	}
	free(part);
	return rc;
}

/* Which deletions make room: for a folder in the place of a file, or for a file in the place of a folder. */
static void mark_early(struct landing *landing, const struct changeset *set)
{
	for (size_t i = 0; i < landing->n_moves; i++) {
		struct move *move = &landing->move[i];
		bool goes = move->after.kind == IMAGE_ABSENT;
		size_t above = rising_above(set, move->path, goes);
		if (!above)
			continue;
		char *outer = xstrndup(move->path, above);
		struct move *other = &landing->move[changeset_find(set, outer) - set->change];
		if (goes && other->before->kind == IMAGE_ABSENT) {
			move->early = true;
			other->was_folder = true;
		} else if (!goes && other->after.kind == IMAGE_ABSENT) {
			other->early = true;
		}
		free(outer);
	}
}

int landing_init(struct landing *landing, const struct changeset *set, struct err *err)
{
	uint64_t number;
	if (getrandom(&number, sizeof number, 0) != (ssize_t)sizeof number)
		return err_errno(err, errno, "cannot get random bytes");
	landing->move = xcalloc(set->n_changes ? set->n_changes : 1, sizeof *landing->move);
	landing->n_moves = set->n_changes;
	for (size_t i = 0; i < set->n_changes; i++) {
		const struct change *change = &set->change[i];
		struct move *move = &landing->move[i];
		*move = (struct move){
			.path = change->path, .before = &change->before, .after = change->after, .untouched = true,
		};
		move->after.mode = mode_after(change);
		move->temp = temp_name(set, change->path, number, i);
		move->back = xasprintf("%s.back", move->temp);
		if (move->after.kind != IMAGE_ABSENT &&
		    missing_folder(landing->lander->root, change->path, &move->folder, err) != 0)
			return -1;
	}
	mark_early(landing, set);
	return 0;
}

static void fill_image(struct image *out, const struct event_image *from)
{
	if (!from->present)
		return;
	if (from->link) {
		image_set_link(out, from->link);
		return;
	}
	*out = (struct image){ .kind = IMAGE_FILE, .mode = from->mode, .hash = from->hash, .size = from->bytes };
}

static int check_journaled(const struct event_file *file, struct err *err)
{
	if (!file->temp || strncmp(path_base(file->temp), TEMP_PREFIX, strlen(TEMP_PREFIX)) != 0)
		return err_set(err, ERR_CORRUPT, "the journal names no temporary file for '%s'", file->path);
	if (!file_is_path(file->path) || !file_is_path(file->temp))
		return err_set(err, ERR_CORRUPT, "the journal names '%s', which is no path beneath the root", file->path);
	return path_check_writable(file->path, err) != 0 || path_check_writable(file->temp, err) != 0 ? -1 : 0;
}

int landing_init_journaled(struct landing *landing, const struct event *intent, struct changeset *images,
                           struct err *err)
{
	const struct event_files *files = &intent->files;
	for (size_t i = 0; i < files->n_files; i++) {
		struct change *change = changeset_add(images, files->file[i].path);
		if (check_journaled(&files->file[i], err) != 0)
			return -1;
		fill_image(&change->before, &files->file[i].before);
		fill_image(&change->after, &files->file[i].after);
	}
	landing->move = xcalloc(images->n_changes ? images->n_changes : 1, sizeof *landing->move);
	landing->n_moves = images->n_changes;
	for (size_t i = 0; i < files->n_files; i++) {
		const struct event_file *file = &files->file[i];
		struct change *change = changeset_find(images, file->path);
		struct move *move = &landing->move[change - images->change];
		if (move->temp)
			return err_set(err, ERR_CORRUPT, "the journal names '%s' twice in one step", file->path);
		*move = (struct move){ .path = change->path, .before = &change->before, .after = change->after };
		move->temp = xstrdup(file->temp);
		move->back = xasprintf("%s.back", move->temp);
		move->folder = xstrdup(file->folder);
	}
	mark_early(landing, images);
	return 0;
}

void landing_release(struct landing *landing)
{
	for (size_t i = 0; i < landing->n_moves; i++) {
		free(landing->move[i].temp);
		free(landing->move[i].back);
		free(landing->move[i].folder);
	}
	free(landing->move);
	landing->move = NULL;
	landing->n_moves = 0;
}

int sight_of(const struct landing *landing, const char *name, struct sight *out, struct err *err)
{
	struct err why = { 0 };
	*out = (struct sight){ 0 };
	if (file_look(landing->lander->root, name, &out->image, &why) == 0)
		return 0;
	if (why.code == ERR_ACCESS && file_look(landing->lander->root, name, &out->image, &why) == 0)
		return 0; /* what is refused for good is refused twice */
	out->foreign = why.code == ERR_UNSUPPORTED || why.code == ERR_ACCESS || why.code == ERR_CONFLICT;
	if (!out->foreign && err)
		*err = why;
	return out->foreign ? 0 : -1;
}

int sight_of_path(const struct landing *landing, const struct move *move, struct sight *out, struct err *err)
{
	struct stat st;
	if (sight_of(landing, move->path, out, err) != 0)
		return -1;
	if (move->was_folder && out->foreign && file_stat(landing->lander->root, move->path, &st, NULL) == 0 &&
	    S_ISDIR(st.st_mode))
		out->foreign = false;
	return 0;
}

bool sight_is(const struct sight *sight, const struct image *image)
{
	return !sight->foreign && image_equal(&sight->image, image);
}

bool sight_is_absent(const struct sight *sight)
{
	return !sight->foreign && sight->image.kind == IMAGE_ABSENT;
}

bool sight_has_bytes(const struct sight *sight, const struct image *image)
{
	return !sight->foreign && sight->image.kind != IMAGE_ABSENT && sight->image.kind == image->kind &&
	       sight->image.size == image->size && hash_equal(&sight->image.hash, &image->hash);
}

void sight_release(struct sight *sight)
{
	image_release(&sight->image);
}

void image_describe(const struct image *image, char out[HASH_HEX_SIZE])
{
	if (image->kind == IMAGE_ABSENT)
		strcpy(out, "absent");
	else
		hash_format(&image->hash, out);
}

void sight_describe(const struct sight *sight, char out[HASH_HEX_SIZE])
{
	if (sight->foreign)
		strcpy(out, "another kind of file");
	else
		image_describe(&sight->image, out);
}
