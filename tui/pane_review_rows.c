/* The rows of a review: heads, lines in one column or two, wrapped or not, with more or less of the file around them. */
#include "tui/pane_review_impl.h"

#include "base/vec.h"
#include "tui/text_view.h"

#include <string.h>

bool review_view_is_double(const struct review_view *view)
{
	return view->two && view->width >= 2 * REVIEW_HALF_MIN;
}

static struct review_row *add_row(struct review_view *view, enum review_row_kind kind, size_t hunk, size_t row)
{
	view->row = vec_room(view->row, view->n_rows, &view->cap_rows, sizeof *view->row);
	view->row[view->n_rows] = (struct review_row){ .kind = kind, .hunk = hunk, .row = row, .right = REVIEW_ALONE, .n = (size_t)-1 };
	return &view->row[view->n_rows++];
}

static void add_line(struct review_view *view, size_t hunk, size_t row)
{
	const struct diff_row *line = &view->review->rows.row[row];
	int width = view->width - REVIEW_GUTTER;
	if (!view->wrap || width < 8 || line->n < (size_t)width / 2) {
		add_row(view, REVIEW_LINE, hunk, row);
		return;
	}
	for (size_t at = 0; at < line->n || at == 0;) {
		size_t n = text_view_row_bytes(line->text + at, line->n - at, width);
		struct review_row *piece = add_row(view, REVIEW_LINE, hunk, row);
		piece->at = at;
		piece->n = n;
		at += n ? n : 1;
	}
}

static bool is_shown(const struct review_view *view, size_t row)
{
	return view->review->rows.row[row].kind != DIFF_FILE;
}

/* A removed line beside its partner; an added one that has none beside nothing. */
static void add_pairs(struct review_view *view, size_t hunk, size_t first, size_t end)
{
	for (size_t i = first; i < end; i++) {
		const struct diff_row *row = &view->review->rows.row[i];
		bool told = row->kind == DIFF_ADDED && row->partner != DIFF_ALONE && row->partner >= first && row->partner < end;
		if (!is_shown(view, i) || told)
			continue;
		struct review_row *pair = add_row(view, REVIEW_LINE, hunk, i);
		if (row->kind == DIFF_REMOVED && row->partner != DIFF_ALONE && row->partner < end)
			pair->right = row->partner;
		else if (row->kind == DIFF_CONTEXT)
			pair->right = i;
	}
}

/* Lines of the file before (or behind) the hunk, up to the next hunk. */
static void add_disk(struct review_view *view, size_t hunk, size_t from, size_t to)
{
	for (size_t line = from; line < to && line < view->lines.n_lines; line++)
		add_row(view, REVIEW_DISK, hunk, line);
}

static size_t old_lines(const struct review_view *view, const struct review_hunk *hunk)
{
	size_t n = 0;
	for (size_t i = hunk->first; i < hunk->end; i++)
		n += view->review->rows.row[i].old_line != 0;
	return n;
}

/* Where the hunk before ends on disk, and where the one behind begins. */
static size_t end_before(const struct review_view *view, size_t hunk)
{
	const struct review_hunk *before = hunk ? &view->review->hunk[hunk - 1] : NULL;
	if (!before || before->file != view->file || before->place == REVIEW_NO_PLACE)
		return 0;
	return before->place + old_lines(view, before);
}

static size_t begin_behind(const struct review_view *view, size_t hunk)
{
	const struct review_hunk *behind = hunk + 1 < view->review->n_hunks ? &view->review->hunk[hunk + 1] : NULL;
	if (!behind || behind->file != view->file || behind->place == REVIEW_NO_PLACE)
		return view->lines.n_lines;
	return behind->place;
}

/* Unchanged lines at the hunk's beginning, or its end. */
static size_t count_context(const struct review_view *view, size_t first, size_t end, bool at_end)
{
	size_t n = 0;
	while (first + n < end && view->review->rows.row[at_end ? end - 1 - n : first + n].kind == DIFF_CONTEXT)
		n++;
	return n;
}

static void add_hunk(struct review_view *view, size_t hunk, size_t first, size_t end)
{
	const struct review_hunk *own = &view->review->hunk[hunk];
	size_t context = view->no_context ? 0 : view->context;
	size_t before = count_context(view, first, end, false);
	size_t behind = before == end - first ? 0 : count_context(view, first, end, true);
	bool known = view->has_disk && own->place != REVIEW_NO_PLACE && !own->whole;
	if (known && before < context) {
		size_t least = end_before(view, hunk);
		size_t from = own->place > context - before ? own->place - (context - before) : 0;
		add_disk(view, hunk, from > least ? from : least, own->place);
	}
	first += before > context ? before - context : 0;
	size_t last = end - (behind > context ? behind - context : 0);
	if (review_view_is_double(view))
		add_pairs(view, hunk, first, last);
	for (size_t row = first; row < last && !review_view_is_double(view); row++)
		if (is_shown(view, row))
			add_line(view, hunk, row);
	if (known && behind < context) {
		size_t after = own->place + old_lines(view, own);
		size_t most = begin_behind(view, hunk);
		size_t to = after + context - behind;
		add_disk(view, hunk, after, to < most ? to : most);
	}
}

void review_view_make_rows(struct review_view *view)
{
	const struct review *review = view->review;
	const struct review_file *file = &review->file[view->file];
	view->n_rows = 0;
	for (size_t i = file->first_hunk; i < file->first_hunk + file->n_hunks; i++) {
		const struct review_hunk *hunk = &review->hunk[i];
		add_row(view, REVIEW_HEAD, i, 0);
		if (view->hide && review_of_hunk(review, i) != DECISION_NONE)
			continue;
		size_t first = hunk->whole && file->deleted ? hunk->first + 1 : hunk->first;
		size_t end = hunk->end;
		while (file->deleted && end < review->rows.n_rows && review->rows.row[end].kind != DIFF_FILE)
			end++; /* what goes is shown, though it is one decision */
		if (first < end)
			add_hunk(view, i, first, end);
	}
	list_fit(&view->list, view->n_rows, view->list.height ? view->list.height : 1);
}

size_t review_view_set_disk(struct review_view *view, const char *text, size_t n)
{
	buf_clear(&view->disk);
	line_index_release(&view->lines);
	view->disk_file = view->file;
	view->has_disk = text != NULL;
	if (text)
		buf_add(&view->disk, text, n);
	line_index_make(&view->lines, buf_str(&view->disk), view->disk.len);
	return review_check_disk(view->review, view->file, text ? buf_str(&view->disk) : NULL, n);
}
