#include "edit/patch.h"

#include "base/map.h"
#include "base/path.h"
#include "base/vec.h"
#include "base/xalloc.h"
#include "edit/patch_name.h"
#include "edit/patch_place.h"
#include "edit/patch_read.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* A path while the patch is applied. A patch may name it several times, as a series of mails does. */
struct work {
	char *path;
	struct image before;
	struct image now;   /* when touched: what it is after the files of the patch so far */
	bool touched;
	bool is_covered;    /* something was moved onto `before`, which a later file of the patch must take away */
	bool was_taken;     /* `before` was moved away or deleted */
	size_t covered_by;  /* the file of the patch that did it */
};

struct applying {
	struct changeset *set;
	struct patch_text *patch;
	int (*load)(void *arg, const char *path, struct image *out, struct err *err);
	void *arg;
	struct work **work; /* owned, and each of it */
	size_t n_works, cap_works;
	struct map by_path; /* to work */
	int strip;          /* components that names without git's prefixes lose; -1 while it is not known */
	struct err *err;
};

static const char *name_of(const struct patch_file *file)
{
	return file->new_name ? file->new_name : file->old_name;
}

static int refuse_file(struct applying *a, const struct patch_file *file, enum err_code code, const char *why)
{
	return err_set(a->err, code, "patch line %d: '%.150s' %s", file->line, name_of(file), why);
}

/* The path's state, loaded when it is asked for first. */
static struct work *work_of(struct applying *a, const char *path, struct err *err)
{
	struct work *work = map_get(&a->by_path, path);
	const struct change *change = work ? NULL : changeset_find(a->set, path);
	struct image before = { 0 };
	if (work)
		return work;
	if (change)
		image_copy(&before, &change->after);
	else if (a->load(a->arg, path, &before, err) != 0)
		return NULL;
	work = xcalloc(1, sizeof *work);
	work->path = xstrdup(path);
	work->before = before;
	a->work = vec_room(a->work, a->n_works, &a->cap_works, sizeof *a->work);
	a->work[a->n_works++] = work;
	map_put(&a->by_path, path, work);
	return work;
}

static const struct image *image_now(const struct work *work)
{
	return work->touched ? &work->now : &work->before;
}

static void set_now(struct work *work, struct image *image)
{
	image_release(&work->now);
	work->now = *image;
	work->touched = true;
	*image = (struct image){ 0 };
}

static const char *strip_name(const char *name, int strip)
{
	const char *slash = strip && name ? strchr(name, '/') : NULL;
	return !strip ? name : slash && slash[1] ? slash + 1 : NULL;
}

static bool is_there(struct applying *a, const char *name)
{
	struct err ignored = { 0 };
	if (!name || patch_name_check(name, &ignored) != 0)
		return false;
	struct work *work = work_of(a, name, &ignored);
	return work && image_now(work)->kind != IMAGE_ABSENT;
}

/*
 * How many components names without git's prefixes lose: 0, or 1 as `diff -r OLD NEW` wants it; what is there decides,
 * and where nothing is, whether the names differ in their first component only.
 */
static void choose_strip(struct applying *a)
{
	bool differ = false;
	for (size_t i = 0; i < a->patch->n_files; i++) {
		const struct patch_file *file = &a->patch->file[i];
		if (file->is_git || file->prefixed)
			continue;
		for (int strip = 0; strip < 2; strip++) {
			if (is_there(a, strip_name(file->new_name, strip)) || is_there(a, strip_name(file->old_name, strip))) {
				a->strip = strip;
				return;
			}
		}
		const char *old_rest = strip_name(file->old_name, 1);
		const char *new_rest = strip_name(file->new_name, 1);
		differ = differ || (old_rest && new_rest && strcmp(old_rest, new_rest) == 0 &&
		                    strcmp(file->old_name, file->new_name) != 0);
	}
	a->strip = differ;
}

/* The two paths of a file, stripped and checked; NULL for a side that is not there. */
static int file_paths(struct applying *a, const struct patch_file *file, const char **old_path, const char **new_path)
{
	bool moves = file->is_rename || file->is_copy;
	int strip = moves ? 0 : file->prefixed;
	if (!file->is_git && !file->prefixed) {
		if (a->strip < 0)
			choose_strip(a);
		strip = a->strip;
	}
	*old_path = file->is_new ? NULL : strip_name(file->old_name, strip);
	*new_path = file->is_deleted ? NULL : strip_name(file->new_name, strip);
	if (!*old_path && !*new_path)
		return refuse_file(a, file, ERR_PLAN, "has no name when its first component is left out");
	if ((*old_path && patch_name_check(*old_path, a->err) != 0) || (*new_path && patch_name_check(*new_path, a->err) != 0))
		return err_prefix(a->err, "patch line %d", file->line);
	/* "x.c.orig" and "x.c": the one that is there. */
	if (!moves && *old_path && *new_path && strcmp(*old_path, *new_path) != 0) {
		*new_path = !is_there(a, *new_path) && is_there(a, *old_path) ? *old_path : *new_path;
		*old_path = *new_path;
	}
	return 0;
}

static int refuse_hunk(struct applying *a, const struct patch_file *file, size_t i, enum err_code code, const char *why)
{
	return err_set(a->err, code, "patch line %d: hunk %zu of '%.150s' %s", a->patch->hunk[i].line, i - file->first + 1,
	               name_of(file), why);
}

static int tell_mismatch(struct applying *a, const struct patch_file *file, size_t i, const struct placing *placing)
{
	const struct patch_line *wanted;
	size_t line;
	if (!placing_first_difference(placing, &a->patch->hunk[i], &line, &wanted))
		return refuse_hunk(a, file, i, ERR_CONFLICT, "does not match the file, which is shorter");
	refuse_hunk(a, file, i, ERR_CONFLICT, "does not match the file");
	size_t from = placing->index.start[line];
	size_t n = placing->index.start[line + 1] - from;
	while (n && strchr("\r\n", placing->text[from + n - 1]))
		n--;
	return err_hint(a->err, "line %zu of the file is '%.*s'", line + 1, (int)(n < 120 ? n : 120), placing->text + from);
}

static int place_hunk(struct applying *a, const struct patch_file *file, size_t i, struct placing *placing, size_t *at)
{
	switch (placing_find(placing, &a->patch->hunk[i], at)) {
	case PLACE_FOUND:
		return 0;
	case PLACE_NOWHERE:
		return tell_mismatch(a, file, i, placing);
	case PLACE_SEVERAL:
		refuse_hunk(a, file, i, ERR_CONFLICT, "matches several places, none of them where it says");
		return err_hint(a->err, "make the patch again from the file as it is now, or with more lines of context");
	case PLACE_OVERLAPS:
		return refuse_hunk(a, file, i, ERR_PLAN, "overlaps the hunk before it, or stands out of order");
	case PLACE_UNCERTAIN:
		refuse_hunk(a, file, i, ERR_CONFLICT, "only adds lines, and the file is not empty: its place is not certain");
		return err_hint(a->err, "make the patch with lines of context");
	case PLACE_LIMIT:
		break;
	}
	return refuse_hunk(a, file, i, ERR_LIMIT, "cannot be found in reasonable time");
}

static void add_new_lines(struct buf *out, const struct patch_text *patch, const struct patch_hunk *hunk)
{
	for (size_t i = hunk->first; i < hunk->first + hunk->n_lines; i++)
		if (patch->line[i].sign != '-')
			buf_add(out, patch->line[i].s, patch->line[i].n);
}

static int apply_hunks(struct applying *a, const struct patch_file *file, const struct image *from, struct buf *out)
{
	struct placing placing;
	const char *text = from->data ? from->data : "";
	size_t n = from->data ? (size_t)from->size : 0;
	size_t copied = 0;
	int rc = 0;
	placing_init(&placing, text, n, a->patch);
	for (size_t i = file->first; rc == 0 && i < file->first + file->n_hunks; i++) {
		size_t at;
		rc = place_hunk(a, file, i, &placing, &at);
		if (rc != 0)
			break;
		buf_add(out, text + copied, placing.index.start[at] - copied);
		add_new_lines(out, a->patch, &a->patch->hunk[i]);
		copied = placing.index.start[placing.from];
	}
	buf_add(out, text + copied, n - copied);
	placing_release(&placing);
	return rc;
}

static bool ends_in_crlf(const char *s, size_t n)
{
	return n > 1 && s[n - 1] == '\n' && s[n - 2] == '\r';
}

static bool is_crlf_file(const struct image *image)
{
	const char *end = image->data ? memchr(image->data, '\n', (size_t)image->size) : NULL;
	return end && ends_in_crlf(image->data, (size_t)(end - image->data) + 1);
}

/* The lines of a file's hunks in its own line ends, when the patch has none of them (as one written in YAML). */
static char *to_crlf(struct patch_text *patch, const struct patch_file *file)
{
	size_t first = patch->hunk[file->first].first;
	const struct patch_hunk *last = &patch->hunk[file->first + file->n_hunks - 1];
	size_t n = 0;
	for (size_t i = first; i < last->first + last->n_lines; i++) {
		if (ends_in_crlf(patch->line[i].s, patch->line[i].n))
			return NULL;
		n += patch->line[i].n + 1;
	}
	char *out = xmalloc(n + 1);
	for (size_t i = first, at = 0; i < last->first + last->n_lines; i++) {
		struct patch_line *line = &patch->line[i];
		bool ends = line->n && line->s[line->n - 1] == '\n';
		memcpy(out + at, line->s, line->n);
		if (ends)
			memcpy(out + at + line->n - 1, "\r\n", 2);
		line->s = out + at;
		line->n += ends;
		at += line->n;
	}
	return out;
}

/* Permission bits after the patch, which knows only whether a file may be run. 0: as a new file gets them. */
static mode_t new_mode(const struct patch_file *file, const struct image *from)
{
	bool runs = (file->mode & 0111) != 0;
	if (from->kind != IMAGE_FILE)
		return runs ? 0755 : 0;
	if (!file->mode)
		return from->mode;
	return runs ? from->mode | (from->mode & 0444) >> 2 : from->mode & ~(mode_t)0111;
}

static bool leaves_the_tree(const char *path, const char *target)
{
	long depth = 0;
	for (const char *s = path; (s = strchr(s, '/')) != NULL; s++)
		depth++;
	for (const char *s = target; *s;) {
		size_t n = strcspn(s, "/");
		depth += n == 2 && s[0] == '.' && s[1] == '.' ? -1 : n && !(n == 1 && s[0] == '.');
		if (depth < 0)
			return true;
		s += n + (s[n] == '/');
	}
	return target[0] == '/';
}

static int make_link(struct applying *a, const struct patch_file *file, const char *path, const struct buf *text,
                     struct image *out)
{
	if (!text->len || memchr(text->data, '\0', text->len) || memchr(text->data, '\n', text->len))
		return refuse_file(a, file, ERR_PLAN, "would be a link to what is no path");
	if (leaves_the_tree(path, text->data))
		return refuse_file(a, file, ERR_ACCESS, "would be a link that leads out of the tree");
	image_set_link(out, text->data);
	return 0;
}

/* The image that the file has after its hunks. */
static int make_image(struct applying *a, const struct patch_file *file, const struct image *from, const char *path,
                      struct image *out)
{
	struct buf text = { 0 };
	char *lines = file->n_hunks && is_crlf_file(from) ? to_crlf(a->patch, file) : NULL;
	int rc = apply_hunks(a, file, from, &text);
	bool link = file->mode ? S_ISLNK(file->mode) : from->kind == IMAGE_LINK;
	if (rc == 0 && file->is_deleted && text.len)
		rc = refuse_file(a, file, ERR_CONFLICT, "is to be deleted, but has more in it than the patch takes out");
	else if (rc == 0 && !file->is_deleted && from->kind != IMAGE_ABSENT && link != (from->kind == IMAGE_LINK))
		rc = refuse_file(a, file, ERR_CONFLICT, "is a link on one side of the patch only");
	else if (rc == 0 && link && !file->is_deleted)
		rc = make_link(a, file, path, &text, out);
	else if (rc == 0 && !file->is_deleted)
		image_set_file(out, buf_str(&text), text.len, new_mode(file, from));
	buf_release(&text);
	free(lines);
	return rc;
}

/* May something come to this path? What stands there must be gone, or be moved away by a later file of the patch. */
static int check_target(struct applying *a, const struct patch_file *file, struct work *to)
{
	if (image_now(to)->kind == IMAGE_ABSENT) {
		if (to->before.kind != IMAGE_ABSENT || path_check_new_name(to->path, a->err) == 0)
			return 0;
		return err_prefix(a->err, "patch line %d", file->line);
	}
	if (to->touched || file->is_new)
		return refuse_file(a, file, ERR_EXISTS, "exists already");
	to->is_covered = true;
	to->covered_by = (size_t)(file - a->patch->file);
	return 0;
}

/* What a rename, copy or deletion takes: what was there before the patch, when something was moved onto it since. */
static const struct image *source_image(struct work *from)
{
	return from->is_covered && !from->was_taken ? &from->before : image_now(from);
}

static int apply_move(struct applying *a, const struct patch_file *file, struct work *from, struct work *to)
{
	struct image image = { 0 };
	struct image gone = { 0 };
	const struct image *source = source_image(from);
	bool was_covered = source == &from->before && from->touched;
	if (source->kind == IMAGE_ABSENT)
		return refuse_file(a, file, ERR_NOT_FOUND, "is to be made from a file that does not exist");
	if (check_target(a, file, to) != 0 || make_image(a, file, source, to->path, &image) != 0)
		return -1;
	if (file->is_rename) {
		from->was_taken = true;
		if (!was_covered)
			set_now(from, &gone);
	}
	set_now(to, &image);
	return 0;
}

static int apply_in_place(struct applying *a, const struct patch_file *file, struct work *work)
{
	struct image image = { 0 };
	const struct image *source = file->is_deleted ? source_image(work) : image_now(work);
	bool keeps_now = file->is_deleted && source == &work->before && work->touched;
	const struct patch_hunk *first = file->n_hunks ? &a->patch->hunk[file->first] : NULL;
	bool makes = source->kind == IMAGE_ABSENT && !file->is_git && first && !first->old_n && !file->is_deleted;
	if (source->kind == IMAGE_ABSENT && !file->is_new && !makes)
		return refuse_file(a, file, ERR_NOT_FOUND, "does not exist");
	if (source->spool)
		return refuse_file(a, file, ERR_LIMIT, "is too large to be patched");
	if ((file->is_new || makes) && check_target(a, file, work) != 0)
		return -1;
	if (make_image(a, file, source, work->path, &image) != 0)
		return -1;
	work->was_taken = work->was_taken || file->is_deleted;
	if (keeps_now)
		image_release(&image);
	else
		set_now(work, &image);
	return 0;
}

static int apply_file(struct applying *a, const struct patch_file *file)
{
	const char *old_path;
	const char *new_path;
	if (file_paths(a, file, &old_path, &new_path) != 0)
		return -1;
	struct work *to = work_of(a, new_path ? new_path : old_path, a->err);
	struct work *from = to && (file->is_rename || file->is_copy) ? work_of(a, old_path, a->err) : NULL;
	if (!to || ((file->is_rename || file->is_copy) && !from))
		return err_prefix(a->err, "patch line %d", file->line);
	if (from && from != to)
		return apply_move(a, file, from, to);
	if (from)
		return refuse_file(a, file, ERR_PLAN, "is to be moved to itself");
	return apply_in_place(a, file, to);
}

static int check_covered(struct applying *a)
{
	for (size_t i = 0; i < a->n_works; i++)
		if (a->work[i]->is_covered && !a->work[i]->was_taken)
			return refuse_file(a, &a->patch->file[a->work[i]->covered_by], ERR_EXISTS, "exists already");
	return 0;
}

static void commit(struct applying *a)
{
	for (size_t i = 0; i < a->n_works; i++) {
		struct work *work = a->work[i];
		if (!work->touched)
			continue;
		bool known = changeset_find(a->set, work->path) != NULL;
		struct change *change = changeset_add(a->set, work->path);
		if (!known) {
			change->before = work->before;
			work->before = (struct image){ 0 };
		}
		image_release(&change->after);
		change->after = work->now;
		work->now = (struct image){ 0 };
	}
}

int patch_apply(struct changeset *set, const char *patch, size_t n,
                int (*load)(void *arg, const char *path, struct image *out, struct err *err), void *arg, struct err *err)
{
	struct patch_text text;
	struct err own = { 0 };
	struct applying a = { .set = set, .patch = &text, .load = load, .arg = arg, .strip = -1, .err = &own };
	int rc = patch_read(&text, patch, n, true, &own);
	if (rc == 0) {
		for (size_t i = 0; rc == 0 && i < text.n_files; i++)
			rc = apply_file(&a, &text.file[i]);
		if (rc == 0)
			rc = check_covered(&a);
		if (rc == 0)
			commit(&a);
		patch_text_release(&text);
	}
	for (size_t i = 0; i < a.n_works; i++) {
		free(a.work[i]->path);
		image_release(&a.work[i]->before);
		image_release(&a.work[i]->now);
		free(a.work[i]);
	}
	free(a.work);
	map_release(&a.by_path);
	if (rc != 0 && err)
		*err = own;
	return rc;
}
