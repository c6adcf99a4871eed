#include "tui/review.h"

#include "base/vec.h"
#include "base/xalloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAST_MAX 1000

static bool is_change(const struct diff_row *row)
{
	return row->kind == DIFF_ADDED || row->kind == DIFF_REMOVED;
}

static size_t offset_of(const struct review *review, const char *text)
{
	return (size_t)(text - buf_str(&review->patch));
}

static size_t line_start(const struct review *review, const char *text)
{
	size_t at = offset_of(review, text);
	while (at > 0 && review->patch.data[at - 1] != '\n')
		at--;
	return at;
}

/* ---- reading the patch ---- */

static struct review_hunk *add_hunk(struct review *review, size_t head, size_t first)
{
	review->hunk = vec_room(review->hunk, review->n_hunks, &review->cap_hunks, sizeof *review->hunk);
	review->hunk[review->n_hunks] =
		(struct review_hunk){ .file = review->n_files - 1, .head = head, .first = first, .end = first, .place = REVIEW_NO_PLACE };
	review->file[review->n_files - 1].n_hunks++;
	return &review->hunk[review->n_hunks++];
}

static void add_file(struct review *review, size_t row)
{
	const struct diff_row *head = &review->rows.row[row];
	size_t at = line_start(review, head->text);
	review->file = vec_room(review->file, review->n_files, &review->cap_files, sizeof *review->file);
	if (review->n_files)
		review->file[review->n_files - 1].end = at;
	review->file[review->n_files++] = (struct review_file){
		.path = head->text, .path_n = head->n, .at = at, .body = review->patch.len, .end = review->patch.len,
		.first_hunk = review->n_hunks,
	};
}

static bool begins(const struct diff_row *row, const char *with)
{
	size_t n = strlen(with);
	return row->n >= n && memcmp(row->text, with, n) == 0;
}

/* A row that is neither a file's nor a hunk's head. */
static void take_row(struct review *review, size_t i)
{
	const struct diff_row *row = &review->rows.row[i];
	struct review_file *file = &review->file[review->n_files - 1];
	if (!file->n_hunks) { /* of the file's head */
		file->created = file->created || begins(row, "new file");
		file->deleted = file->deleted || begins(row, "deleted file");
		return;
	}
	struct review_hunk *hunk = &review->hunk[review->n_hunks - 1];
	hunk->end = i + 1;
	hunk->whole = hunk->whole || row->kind == DIFF_NOTE; /* no line end at the end of the file */
}

/* A file without hunks, or one that goes, is one decision. */
static void close_file(struct review *review, size_t row)
{
	struct review_file *file = &review->file[review->n_files - 1];
	if (file->n_hunks && !file->deleted)
		return;
	review->n_hunks = file->first_hunk;
	file->n_hunks = 0;
	struct review_hunk *hunk = add_hunk(review, row, row);
	hunk->end = row + 1;
	hunk->whole = true;
}

static void read_rows(struct review *review)
{
	size_t file_row = 0;
	diff_rows_from_patch(&review->rows, buf_str(&review->patch), review->patch.len);
	review->n_hunks = review->n_files = 0;
	for (size_t i = 0; i < review->rows.n_rows; i++) {
		const struct diff_row *row = &review->rows.row[i];
		if (row->kind == DIFF_FILE) {
			if (review->n_files)
				close_file(review, file_row);
			add_file(review, i);
			file_row = i;
		} else if (review->n_files && row->kind == DIFF_HUNK) {
			struct review_file *file = &review->file[review->n_files - 1];
			if (!file->n_hunks)
				file->body = offset_of(review, row->text);
			add_hunk(review, i, i + 1);
		} else if (review->n_files) {
			take_row(review, i);
		}
	}
	if (review->n_files)
		close_file(review, file_row);
}

int review_open(struct review *review, const char *step, const char *request, const struct buf *patch, struct err *err)
{
	*review = (struct review){ 0 };
	if (buf_add(&review->patch, buf_str(patch), patch->len) != 0)
		return err_set(err, ERR_LIMIT, "the change is too large to be reviewed");
	read_rows(review);
	if (!review->n_files) {
		review_close(review);
		return err_set(err, ERR_USAGE, "the change names no file");
	}
	review->decision = xcalloc(review->rows.n_rows, 1);
	review->step = xstrdup(step);
	review->request = xstrdup(request);
	return 0;
}

static void forget_past(struct review *review, size_t from)
{
	for (size_t i = from; i < review->n_past; i++)
		free(review->past[i]);
	review->n_past = from < review->n_past ? from : review->n_past;
}

void review_close(struct review *review)
{
	forget_past(review, 0);
	free(review->past);
	free(review->step);
	free(review->request);
	free(review->decision);
	free(review->hunk);
	free(review->file);
	diff_rows_release(&review->rows);
	buf_release(&review->patch);
	*review = (struct review){ 0 };
}

/* ---- decisions ---- */

enum decision review_of_hunk(const struct review *review, size_t hunk)
{
	const struct review_hunk *own = &review->hunk[hunk];
	enum decision all = DECISION_NONE;
	bool first = true;
	if (own->whole)
		return (enum decision)review->decision[own->first];
	for (size_t i = own->first; i < own->end; i++) {
		enum decision one = (enum decision)review->decision[i];
		if (!is_change(&review->rows.row[i]))
			continue;
		if (!first && one != all)
			return one == DECISION_NONE || all == DECISION_NONE ? DECISION_NONE : DECISION_PARTLY;
		all = one;
		first = false;
	}
	return first ? DECISION_NO : all; /* edited until nothing was left of it */
}

static bool has_undecided_lines(const struct review *review, const struct review_hunk *hunk)
{
	for (size_t i = hunk->first; i < hunk->end; i++)
		if (is_change(&review->rows.row[i]) && review->decision[i] == DECISION_NONE)
			return true;
	return false;
}

struct review_count review_count(const struct review *review, size_t file)
{
	struct review_count count = { 0 };
	for (size_t i = 0; i < review->n_hunks; i++) {
		if (file < review->n_files && review->hunk[i].file != file)
			continue;
		enum decision decision = review_of_hunk(review, i);
		if (decision == DECISION_PARTLY && has_undecided_lines(review, &review->hunk[i]))
			decision = DECISION_NONE;
		count.accepted += decision == DECISION_YES;
		count.rejected += decision == DECISION_NO;
		count.partly += decision == DECISION_PARTLY;
		count.undecided += decision == DECISION_NONE;
	}
	return count;
}

/* What was decided so far can come back. */
static void remember(struct review *review)
{
	forget_past(review, review->past_at);
	if (review->n_past == PAST_MAX) {
		free(review->past[0]);
		memmove(review->past, review->past + 1, --review->n_past * sizeof *review->past);
	}
	review->past = vec_room(review->past, review->n_past, &review->cap_past, sizeof *review->past);
	review->past[review->n_past++] = xmemdup(review->decision, review->rows.n_rows);
	review->past_at = review->n_past;
}

static void set_rows(struct review *review, const struct review_hunk *hunk, size_t first, size_t end, enum decision decision)
{
	if (hunk->whole) {
		first = hunk->first;
		end = hunk->end;
	}
	for (size_t i = first; i < end; i++)
		review->decision[i] = (unsigned char)decision;
}

void review_decide(struct review *review, size_t hunk, size_t first, size_t end, enum decision decision)
{
	remember(review);
	set_rows(review, &review->hunk[hunk], first, end, decision);
}

void review_decide_hunk(struct review *review, size_t hunk, enum decision decision)
{
	review_decide(review, hunk, review->hunk[hunk].first, review->hunk[hunk].end, decision);
}

void review_decide_rest(struct review *review, size_t file, enum decision decision)
{
	remember(review);
	for (size_t i = 0; i < review->n_hunks; i++) {
		const struct review_hunk *hunk = &review->hunk[i];
		if (hunk->file == file && review_of_hunk(review, i) == DECISION_NONE)
			set_rows(review, hunk, hunk->first, hunk->end, decision);
	}
}

static void swap_with_past(struct review *review, size_t i)
{
	unsigned char *now = review->decision;
	review->decision = review->past[i];
	review->past[i] = now;
}

bool review_undo(struct review *review)
{
	if (!review->past_at)
		return false;
	swap_with_past(review, --review->past_at);
	return true;
}

bool review_redo(struct review *review)
{
	if (review->past_at == review->n_past)
		return false;
	swap_with_past(review, review->past_at++);
	return true;
}

/* ---- smaller hunks ---- */

/* The row after the group of changes that begins at or after `from`, with the context behind it; `end` when it is the last. */
static size_t end_of_group(const struct review *review, size_t from, size_t end)
{
	size_t i = from;
	while (i < end && !is_change(&review->rows.row[i]))
		i++;
	while (i < end && is_change(&review->rows.row[i]))
		i++;
	size_t after = i;
	while (i < end && !is_change(&review->rows.row[i]))
		i++;
	return i < end ? after : end;
}

bool review_split(struct review *review, size_t hunk)
{
	struct review_hunk own = review->hunk[hunk];
	size_t at = own.whole ? own.end : end_of_group(review, own.first, own.end);
	if (at >= own.end)
		return false;
	review->hunk = vec_room(review->hunk, review->n_hunks, &review->cap_hunks, sizeof *review->hunk);
	memmove(review->hunk + hunk + 1, review->hunk + hunk, (review->n_hunks - hunk) * sizeof *review->hunk);
	review->n_hunks++;
	review->hunk[hunk].end = at;
	review->hunk[hunk + 1].first = at;
	review->hunk[hunk].seen = review->hunk[hunk + 1].seen = false;
	for (size_t i = 0; i < review->n_files; i++) {
		review->file[i].n_hunks += i == own.file;
		review->file[i].first_hunk += i > own.file;
	}
	(void)review_split(review, hunk + 1); /* until each is one group */
	return true;
}
