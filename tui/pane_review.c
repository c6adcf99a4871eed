#include "tui/pane_review.h"

#include "tui/pane_review_impl.h"

#include "tui/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define STEP_ASIDE 8

void review_view_close(struct review_view *view)
{
	struct review_view kept = *view;
	free(view->row);
	buf_release(&view->disk);
	line_index_release(&view->lines);
	*view = (struct review_view){ .mark = REVIEW_NO_MARK,
		                      .context = kept.context ? kept.context : REVIEW_CONTEXT,
		                      .wrap = kept.wrap,
		                      .blanks = kept.blanks,
		                      .two = kept.two };
}

void review_view_changed(struct review_view *view)
{
	view->mark = REVIEW_NO_MARK;
	review_view_make_rows(view);
}

size_t review_view_hunk(const struct review_view *view)
{
	return view->row[view->list.cursor].hunk;
}

/* The hunk that begins at a row is shown whole where it fits. */
static void scroll_to_hunk(struct review_view *view, size_t at)
{
	size_t end = at + 1;
	while (end < view->n_rows && view->row[end].hunk == view->row[at].hunk)
		end++;
	if (end > view->list.top + view->list.height)
		view->list.top = end - at < view->list.height ? end - view->list.height : at;
	list_select(&view->list, at);
}

/* The cursor on the head of a hunk, which may be of another file. */
static void show_hunk(struct review_view *view, size_t hunk)
{
	view->file = view->review->hunk[hunk].file;
	view->mark = REVIEW_NO_MARK;
	review_view_make_rows(view);
	for (size_t i = 0; i < view->n_rows; i++) {
		if (view->row[i].hunk == hunk && view->row[i].kind == REVIEW_HEAD) {
			scroll_to_hunk(view, i);
			return;
		}
	}
}

void review_view_open(struct review_view *view, struct review *review)
{
	size_t first = 0;
	review_view_close(view);
	view->review = review;
	while (first + 1 < review->n_hunks && review_of_hunk(review, first) != DECISION_NONE)
		first++;
	show_hunk(view, review_of_hunk(review, first) == DECISION_NONE ? first : 0);
}

bool review_view_show_unseen(struct review_view *view)
{
	for (size_t i = 0; i < view->review->n_hunks; i++) {
		if (!view->review->hunk[i].seen && review_of_hunk(view->review, i) == DECISION_NONE) {
			show_hunk(view, i);
			return true;
		}
	}
	return false;
}

/* ---- keys ---- */

static void go_to_undecided(struct review_view *view)
{
	const struct review *review = view->review;
	size_t own = review_view_hunk(view);
	for (size_t i = 1; i <= review->n_hunks; i++) {
		size_t hunk = (own + i) % review->n_hunks;
		if (review_of_hunk(review, hunk) == DECISION_NONE) {
			show_hunk(view, hunk);
			return;
		}
	}
	review_view_make_rows(view);
}

/* The marked lines, which must be of one hunk; else the hunk under the cursor, and on to the next that is open. */
static void decide(struct review_view *view, enum decision decision, char *say, size_t room)
{
	size_t hunk = review_view_hunk(view);
	if (view->mark == REVIEW_NO_MARK) {
		review_decide_hunk(view->review, hunk, decision);
		go_to_undecided(view);
		return;
	}
	size_t a = view->mark < view->list.cursor ? view->mark : view->list.cursor;
	size_t b = view->mark < view->list.cursor ? view->list.cursor : view->mark;
	view->mark = REVIEW_NO_MARK;
	while (a <= b && view->row[a].kind != REVIEW_LINE)
		a++;
	while (b > a && view->row[b].kind != REVIEW_LINE)
		b--;
	if (a > b || view->row[a].hunk != view->row[b].hunk) {
		snprintf(say, room, "a range is within one hunk");
		return;
	}
	review_decide(view->review, hunk, view->row[a].row, view->row[b].row + 1, decision);
	review_view_make_rows(view);
}

static void flip(struct review_view *view)
{
	size_t hunk = review_view_hunk(view);
	bool yes = review_of_hunk(view->review, hunk) == DECISION_YES;
	review_decide_hunk(view->review, hunk, yes ? DECISION_NO : DECISION_YES);
	review_view_make_rows(view);
}

static void go_by_hunk(struct review_view *view, bool forward)
{
	size_t hunk = review_view_hunk(view);
	bool on_head = view->row[view->list.cursor].kind == REVIEW_HEAD;
	if (forward && hunk + 1 < view->review->n_hunks)
		show_hunk(view, hunk + 1);
	else if (!forward && (!on_head || hunk > 0))
		show_hunk(view, on_head ? hunk - 1 : hunk);
}

static void go_by_file(struct review_view *view, bool forward)
{
	size_t n = view->review->n_files;
	show_hunk(view, view->review->file[(view->file + (forward ? 1 : n - 1)) % n].first_hunk);
}

static void change(struct review_view *view, enum action action, char *say, size_t room)
{
	struct review *review = view->review;
	if (action == ACTION_SPLIT && !review_split(review, review_view_hunk(view)))
		snprintf(say, room, "the hunk is one group of changes: v marks single lines");
	if (action == ACTION_UNDO_DECISION && !review_undo(review))
		snprintf(say, room, "nothing was decided");
	if (action == ACTION_REDO_DECISION && !review_redo(review))
		snprintf(say, room, "no decision was taken back");
	review_view_changed(view);
}

/* Rows are made anew; the cursor stays on its line, or on the nearest before it. */
static void keep_place(struct review_view *view)
{
	struct review_row was = view->row[view->list.cursor];
	size_t at = 0;
	review_view_make_rows(view);
	for (size_t i = 0; i < view->n_rows; i++) {
		const struct review_row *row = &view->row[i];
		bool head = row->kind == REVIEW_HEAD && row->hunk <= was.hunk;
		bool before = was.kind == REVIEW_LINE && row->kind == REVIEW_LINE && row->row <= was.row;
		if (head || before)
			at = i;
	}
	list_select(&view->list, at);
}

/* Lines are marked in one column: there each stands for itself. */
static void mark(struct review_view *view)
{
	bool on = view->mark == REVIEW_NO_MARK;
	if (on && review_view_is_double(view)) {
		view->two = false;
		keep_place(view);
	}
	view->mark = on ? view->list.cursor : REVIEW_NO_MARK;
}

static void change_context(struct review_view *view, bool more)
{
	static const size_t sizes[] = { 0, 1, REVIEW_CONTEXT, 6, 10, 20, 50, 100, 200 };
	size_t at = 0;
	while (at + 1 < sizeof sizes / sizeof *sizes && sizes[at] < view->context)
		at++;
	if (more)
		at += at + 1 < sizeof sizes / sizeof *sizes;
	else
		at -= at > 0;
	view->context = sizes[at];
	view->no_context = !view->context;
	keep_place(view);
}

static bool handle_decision(struct review_view *view, enum action action, char *say, size_t room)
{
	switch (action) {
	case ACTION_YES: decide(view, DECISION_YES, say, room); return true;
	case ACTION_NO: decide(view, DECISION_NO, say, room); return true;
	case ACTION_ACCEPT_REST:
	case ACTION_REJECT_REST:
		review_decide_rest(view->review, view->file, action == ACTION_ACCEPT_REST ? DECISION_YES : DECISION_NO);
		go_to_undecided(view);
		return true;
	case ACTION_FLIP: flip(view); return true;
	case ACTION_SPLIT:
	case ACTION_UNDO_DECISION:
	case ACTION_REDO_DECISION: change(view, action, say, room); return true;
	default: return false;
	}
}

static bool line_holds(const struct review_view *view, size_t row, const char *find)
{
	const struct diff_row *line = &view->review->rows.row[row];
	size_t n = strlen(find);
	for (size_t at = 0; at + n <= line->n; at++)
		if (strncasecmp(line->text + at, find, n) == 0)
			return true;
	return false;
}

/* The line of the diff that the cursor is on, or stands above. */
static size_t row_under_cursor(const struct review_view *view)
{
	for (size_t i = view->list.cursor; i < view->n_rows; i++)
		if (view->row[i].kind == REVIEW_LINE)
			return view->row[i].row;
	return 0;
}

static bool show_row(struct review_view *view, size_t row)
{
	const struct review *review = view->review;
	size_t hunk = 0;
	while (hunk < review->n_hunks && !(row >= review->hunk[hunk].first && row < review->hunk[hunk].end))
		hunk++;
	if (hunk == review->n_hunks)
		return false;
	show_hunk(view, hunk);
	for (size_t i = 0; i < view->n_rows; i++) {
		if (view->row[i].kind == REVIEW_LINE && (view->row[i].row == row || view->row[i].right == row)) {
			list_select(&view->list, i);
			return true;
		}
	}
	return false;
}

bool review_view_find(struct review_view *view, const char *find, bool forward)
{
	size_t n = view->review->rows.n_rows;
	size_t from = row_under_cursor(view);
	for (size_t i = 1; i <= n && *find; i++) {
		size_t row = (from + (forward ? i : n - i)) % n;
		if (line_holds(view, row, find) && show_row(view, row))
			return true;
	}
	return false;
}

bool review_view_handle(struct review_view *view, enum action action, char *say, size_t room)
{
	*say = '\0';
	if (handle_decision(view, action, say, room) || list_handle(&view->list, action))
		return true;
	switch (action) {
	case ACTION_NEXT_HUNK:
	case ACTION_PREVIOUS_HUNK: go_by_hunk(view, action == ACTION_NEXT_HUNK); return true;
	case ACTION_NEXT_FILE:
	case ACTION_PREVIOUS_FILE: go_by_file(view, action == ACTION_NEXT_FILE); return true;
	case ACTION_MARK_LINES: mark(view); return true;
	case ACTION_MORE_CONTEXT:
	case ACTION_LESS_CONTEXT: change_context(view, action == ACTION_MORE_CONTEXT); return true;
	case ACTION_WHITESPACE: view->blanks = !view->blanks; return true;
	case ACTION_WRAP:
		view->wrap = !view->wrap;
		view->column = 0;
		keep_place(view);
		return true;
	case ACTION_SIDE_BY_SIDE:
		view->two = !view->two;
		keep_place(view);
		if (view->two && !review_view_is_double(view))
			snprintf(say, room, "two columns take %d cells", 2 * REVIEW_HALF_MIN);
		return true;
	case ACTION_HIDE_DECIDED:
		view->hide = !view->hide;
		review_view_changed(view);
		return true;
	case ACTION_RIGHT: view->column += STEP_ASIDE; return true;
	case ACTION_LEFT: view->column -= view->column < STEP_ASIDE ? view->column : STEP_ASIDE; return true;
	default: return false;
	}
}
