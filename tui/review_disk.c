/* A review beside the file on disk: what changed under it, and the result as a whole. */
#include "tui/review.h"

#include "base/xalloc.h"
#include "edit/changeset.h"
#include "edit/patch.h"
#include "edit/textdiff.h"

#include <stdlib.h>
#include <string.h>

#define CONTEXT_LINES 3

/* ---- what changed under it ---- */

struct disk {
	const char *text; /* NULL: there is no file */
	struct line_index lines;
};

static bool same_line(const struct disk *disk, size_t line, const struct diff_row *row)
{
	size_t at = disk->lines.start[line];
	size_t n = disk->lines.start[line + 1] - at;
	n -= n && disk->text[at + n - 1] == '\n';
	return n == row->n && memcmp(disk->text + at, row->text, n) == 0;
}

/* Are the old lines of the rows there, from `line` on? *n gets their number. */
static bool stands_at(const struct review *review, const struct review_hunk *hunk, const struct disk *disk, size_t line)
{
	for (size_t i = hunk->first; i < hunk->end; i++) {
		const struct diff_row *row = &review->rows.row[i];
		if (row->kind != DIFF_CONTEXT && row->kind != DIFF_REMOVED)
			continue;
		if (line >= disk->lines.n_lines || !same_line(disk, line++, row))
			return false;
	}
	return true;
}

static size_t first_old_line(const struct review *review, const struct review_hunk *hunk)
{
	for (size_t i = hunk->first; i < hunk->end; i++)
		if (review->rows.row[i].old_line)
			return review->rows.row[i].old_line;
	return 0;
}

/* Where the patch says, else at the only place where the old lines are. */
static size_t find_place(const struct review *review, const struct review_hunk *hunk, const struct disk *disk)
{
	size_t said = first_old_line(review, hunk);
	size_t found = REVIEW_NO_PLACE;
	if (!said)
		return 0;
	if (stands_at(review, hunk, disk, said - 1))
		return said - 1;
	for (size_t line = 0; line < disk->lines.n_lines; line++) {
		if (!stands_at(review, hunk, disk, line))
			continue;
		if (found != REVIEW_NO_PLACE)
			return REVIEW_NO_PLACE;
		found = line;
	}
	return found;
}

/* A file that is to be made must not be there; of one that goes, or has no lines, the landing judges. */
static bool is_stale(const struct review *review, const struct review_file *file, struct review_hunk *hunk,
                     const struct disk *disk)
{
	hunk->place = REVIEW_NO_PLACE;
	if (file->created)
		return disk->text != NULL;
	if (!disk->text)
		return true;
	if (hunk->whole && hunk->head == hunk->first)
		return false;
	hunk->place = find_place(review, hunk, disk);
	return hunk->place == REVIEW_NO_PLACE;
}

size_t review_check_disk(struct review *review, size_t file, const char *now, size_t n)
{
	const struct review_file *own = &review->file[file];
	struct disk disk = { .text = now };
	size_t n_stale = 0;
	if (now)
		line_index_make(&disk.lines, now, n);
	for (size_t i = own->first_hunk; i < own->first_hunk + own->n_hunks; i++) {
		struct review_hunk *hunk = &review->hunk[i];
		bool was = hunk->stale;
		hunk->stale = is_stale(review, own, hunk, &disk);
		if (!hunk->stale || was)
			continue;
		memset(review->decision + hunk->first, DECISION_NONE, hunk->end - hunk->first);
		n_stale++;
	}
	if (now)
		line_index_release(&disk.lines);
	return n_stale;
}

/* ---- the result ---- */

struct on_disk {
	const char *text;
	size_t n;
};

static int load(void *arg, const char *path, struct image *out, struct err *err)
{
	const struct on_disk *disk = arg;
	(void)path;
	(void)err;
	if (disk->text)
		image_set_file(out, disk->text, disk->n, 0644);
	return 0;
}

int review_result(const struct review *review, size_t file, const char *now, size_t n, struct buf *out, struct err *err)
{
	const struct review_file *own = &review->file[file];
	struct review_count count = review_count(review, file);
	struct on_disk disk = { now, n };
	struct changeset set = { 0 };
	struct buf patch = { 0 };
	if (count.accepted || count.rejected || count.partly)
		review_write_file(review, file, &patch);
	else
		buf_add(&patch, buf_str(&review->patch) + own->at, own->end - own->at);
	int rc = patch.len ? patch_apply(&set, buf_str(&patch), patch.len, load, &disk, err) : 0;
	if (rc == 0 && set.n_changes == 1 && set.change[0].after.kind == IMAGE_FILE && set.change[0].after.data)
		buf_add(out, set.change[0].after.data, (size_t)set.change[0].after.size);
	else if (rc == 0 && !patch.len)
		buf_add(out, now, now ? n : 0);
	else if (rc == 0)
		rc = err_set(err, ERR_USAGE, "what comes of the file is no text");
	changeset_release(&set);
	buf_release(&patch);
	return rc;
}

/* The part of the patch that is the file's, anew. */
static void write_part(const struct review *review, size_t file, const struct review_texts *texts, struct buf *out)
{
	struct changeset set = { 0 };
	const struct review_file *own = &review->file[file];
	char *path = xstrndup(own->path, own->path_n);
	struct change *change = changeset_add(&set, path);
	if (texts->now)
		image_set_file(&change->before, texts->now, texts->now_n, 0644);
	image_set_file(&change->after, texts->wanted, texts->wanted_n, 0644);
	changeset_format_patch(out, &set, CONTEXT_LINES);
	changeset_release(&set);
	free(path);
}

/* Decisions of the other files stay with their rows. */
static void carry_over(const struct review *from, struct review *to, size_t file)
{
	size_t shift_to = to->file[file].first_hunk + to->file[file].n_hunks;
	size_t shift_from = from->file[file].first_hunk + from->file[file].n_hunks;
	for (size_t i = 0; i < to->n_hunks; i++) {
		struct review_hunk *own = &to->hunk[i];
		bool behind = i >= shift_to;
		size_t other = behind ? i - shift_to + shift_from : i;
		if (own->file == file) {
			memset(to->decision + own->first, DECISION_YES, own->end - own->first);
		} else if (other < from->n_hunks && from->hunk[other].end - from->hunk[other].first == own->end - own->first) {
			memcpy(to->decision + own->first, from->decision + from->hunk[other].first, own->end - own->first);
			own->seen = from->hunk[other].seen;
		}
	}
}

int review_replace_file(struct review *review, size_t file, const struct review_texts *texts, struct err *err)
{
	const struct review_file *own = &review->file[file];
	struct review edited = { 0 };
	struct buf patch = { 0 };
	bool same = texts->now && texts->now_n == texts->wanted_n && memcmp(texts->now, texts->wanted, texts->now_n) == 0;
	if (same)
		return err_set(err, ERR_USAGE, "that is the file as it is on disk: n rejects its hunks");
	buf_add(&patch, buf_str(&review->patch), own->at);
	write_part(review, file, texts, &patch);
	buf_add(&patch, buf_str(&review->patch) + own->end, review->patch.len - own->end);
	int rc = review_open(&edited, review->step, review->request, &patch, err);
	buf_release(&patch);
	if (rc == 0 && edited.n_files != review->n_files) {
		review_close(&edited);
		rc = err_set(err, ERR_USAGE, "what comes of the file is no text");
	}
	if (rc != 0)
		return -1;
	carry_over(review, &edited, file);
	edited.edited = true;
	review_close(review);
	*review = edited;
	return 0;
}
