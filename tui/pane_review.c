#include "tui/pane_review.h"

#include "base/vec.h"
#include "tui/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILES_WIDTH 36
#define FILES_MIN_WIDTH 140 /* from here on the files have a column of their own */
#define NO_ROW ((size_t)-1) /* the head of a hunk */
#define STEP_ASIDE 8

struct review_row {
	size_t hunk;
	size_t row; /* in the diff's rows, or NO_ROW */
};

/* ---- rows ---- */

static void add_row(struct review_view *view, size_t hunk, size_t row)
{
	view->row = vec_room(view->row, view->n_rows, &view->cap_rows, sizeof *view->row);
	view->row[view->n_rows++] = (struct review_row){ hunk, row };
}

static void make_rows(struct review_view *view)
{
	const struct review *review = view->review;
	const struct review_file *file = &review->file[view->file];
	view->n_rows = 0;
	for (size_t i = file->first_hunk; i < file->first_hunk + file->n_hunks; i++) {
		const struct review_hunk *hunk = &review->hunk[i];
		add_row(view, i, NO_ROW);
		if (view->hide && review_of_hunk(review, i) != DECISION_NONE)
			continue;
		size_t first = hunk->whole && file->deleted ? hunk->first + 1 : hunk->first;
		size_t end = hunk->end;
		while (file->deleted && end < review->rows.n_rows && review->rows.row[end].kind != DIFF_FILE)
			end++; /* what goes is shown, though it is one decision */
		for (size_t row = first; row < end; row++)
			if (review->rows.row[row].kind != DIFF_FILE)
				add_row(view, i, row);
	}
	list_fit(&view->list, view->n_rows, view->list.height ? view->list.height : 1);
}

void review_view_close(struct review_view *view)
{
	free(view->row);
	*view = (struct review_view){ .mark = REVIEW_NO_MARK };
}

void review_view_changed(struct review_view *view)
{
	view->mark = REVIEW_NO_MARK;
	make_rows(view);
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
	make_rows(view);
	for (size_t i = 0; i < view->n_rows; i++) {
		if (view->row[i].hunk == hunk && view->row[i].row == NO_ROW) {
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
	make_rows(view);
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
	while (a <= b && view->row[a].row == NO_ROW)
		a++;
	if (a > b || view->row[a].hunk != view->row[b].hunk) {
		snprintf(say, room, "a range is within one hunk");
		return;
	}
	review_decide(view->review, hunk, view->row[a].row, view->row[b].row + 1, decision);
	make_rows(view);
}

static void flip(struct review_view *view)
{
	size_t hunk = review_view_hunk(view);
	bool yes = review_of_hunk(view->review, hunk) == DECISION_YES;
	review_decide_hunk(view->review, hunk, yes ? DECISION_NO : DECISION_YES);
	make_rows(view);
}

static void go_by_hunk(struct review_view *view, bool forward)
{
	size_t hunk = review_view_hunk(view);
	bool on_head = view->row[view->list.cursor].row == NO_ROW;
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
	case ACTION_MARK_LINES:
		view->mark = view->mark == REVIEW_NO_MARK ? view->list.cursor : REVIEW_NO_MARK;
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

/* ---- drawing ---- */

void review_view_title(const struct review_view *view, struct buf *out)
{
	const struct review *review = view->review;
	const struct review_file *file = &review->file[view->file];
	struct review_count all = review_count(review, review->n_files);
	buf_printf(out, "file %zu/%zu  hunk %zu/%zu  ", view->file + 1, review->n_files,
	           review_view_hunk(view) - file->first_hunk + 1, file->n_hunks);
	if (all.undecided)
		buf_printf(out, "%zu undecided ", all.undecided);
	else
		buf_add_str(out, "all decided ");
}

static void count_lines(const struct review *review, const struct review_file *file, size_t *added, size_t *removed)
{
	size_t row = review->hunk[file->first_hunk].head;
	*added = *removed = 0;
	for (row++; row < review->rows.n_rows && review->rows.row[row].kind != DIFF_FILE; row++) {
		*added += review->rows.row[row].kind == DIFF_ADDED;
		*removed += review->rows.row[row].kind == DIFF_REMOVED;
	}
}

/* "M login.c +18 -9  1y 0n 2?" */
static void draw_file(const struct review_view *view, struct canvas *canvas, struct rect row, size_t i)
{
	const struct review_file *file = &view->review->file[i];
	struct review_count count = review_count(view->review, i);
	size_t added, removed;
	char right[64];
	char name[256];
	count_lines(view->review, file, &added, &removed);
	int n = snprintf(right, sizeof right, " +%zu -%zu  %zuy %zun %zu?", added, removed, count.accepted + count.partly,
	                 count.rejected, count.undecided);
	snprintf(name, sizeof name, "%.*s", (int)(file->path_n < sizeof name ? file->path_n : sizeof name - 1), file->path);
	struct pen pen = pen_at(canvas, row, 0, 0);
	pen_str(&pen, ROLE_FOCUS, i == view->file ? ">" : " ");
	pen_str(&pen, ROLE_TEXT, file->created ? "A " : file->deleted ? "D " : "M ");
	pen_fit(&pen, i == view->file ? ROLE_FILE : ROLE_TEXT, name, pen_room(&pen) - n - 1);
	pen_str(&pen, count.undecided ? ROLE_WAITING : ROLE_OK, right);
}

/* As many files as there is room for, around the one that is shown. */
static void draw_files(const struct review_view *view, struct canvas *canvas, struct rect rect)
{
	size_t n = view->review->n_files;
	size_t height = (size_t)rect.h;
	size_t top = view->file >= height ? view->file - height + 1 : 0;
	for (size_t i = 0; i < height && top + i < n; i++)
		draw_file(view, canvas, rect_row(rect, (int)i), top + i);
}

static const struct {
	const char *text;
	enum role role;
} decisions[] = {
	[DECISION_NONE] = { "undecided", ROLE_WAITING },
	[DECISION_YES] = { "ACCEPTED", ROLE_OK },
	[DECISION_NO] = { "REJECTED", ROLE_FAILED },
	[DECISION_PARTLY] = { "IN PART", ROLE_OK },
};

static void draw_head(const struct review_view *view, struct canvas *canvas, struct rect line, size_t hunk)
{
	const struct review *review = view->review;
	const struct review_file *file = &review->file[view->file];
	const struct diff_row *head = &review->rows.row[review->hunk[hunk].head];
	enum decision decision = review_of_hunk(review, hunk);
	struct pen pen = pen_at(canvas, line, 0, 0);
	pen_printf(&pen, ROLE_HUNK, "@@ %s %zu/%zu  ", review->hunk[hunk].whole && head->kind == DIFF_FILE ? "file" : "hunk",
	           hunk - file->first_hunk + 1, file->n_hunks);
	pen_printf(&pen, decisions[decision].role, "[ %s ]", decisions[decision].text);
	const char *at = head->kind == DIFF_HUNK ? strstr(head->text, " @@") : NULL;
	if (head->kind != DIFF_HUNK)
		pen_str(&pen, ROLE_HUNK, file->deleted ? "  the file goes" : file->created ? "  a new file" : "  taken or left as it is");
	else if (at && at < head->text + head->n)
		pen_put(&pen, ROLE_HUNK, at + 3, head->n - (size_t)(at + 3 - head->text));
}

static void number(char out[8], size_t n)
{
	if (n)
		snprintf(out, 8, "%5zu", n % 100000);
	else
		snprintf(out, 8, "%5s", "");
}

static void draw_text(const struct review_view *view, struct pen *pen, size_t i, enum role role, bool open)
{
	struct word_span span[16];
	const struct diff_row *row = &view->review->rows.row[i];
	size_t n_spans = open ? diff_row_words(&view->review->rows, i, span, 16) : 0;
	enum role word = row->kind == DIFF_REMOVED ? ROLE_REMOVED_WORD : ROLE_ADDED_WORD;
	size_t at = 0;
	pen->column = 0;
	pen->skip = view->column;
	for (size_t s = 0; s < n_spans; s++) {
		pen_put(pen, role, row->text + at, span[s].at - at);
		pen_put(pen, word, row->text + span[s].at, span[s].n);
		at = span[s].at + span[s].n;
	}
	pen_put(pen, role, row->text + at, row->n - at);
}

/* A line that is rejected is dim, and has an n in front: it can be told without colours. */
static void draw_line(const struct review_view *view, struct canvas *canvas, struct rect line, size_t i)
{
	static const char marks[] = { ' ', 'y', 'n', ' ' };
	const struct diff_row *row = &view->review->rows.row[i];
	char old_no[8], new_no[8];
	bool changes = row->kind == DIFF_ADDED || row->kind == DIFF_REMOVED;
	unsigned char decision = changes ? view->review->decision[i] : DECISION_NONE;
	enum role role = !changes ? ROLE_TEXT : decision == DECISION_NO ? ROLE_DIM : row->kind == DIFF_ADDED ? ROLE_ADDED : ROLE_REMOVED;
	struct pen pen = pen_at(canvas, line, 0, 0);
	if (row->kind == DIFF_NOTE) {
		pen_put(&pen, ROLE_NOTE, row->text, row->n);
		return;
	}
	number(old_no, row->old_line);
	number(new_no, row->new_line);
	pen_printf(&pen, ROLE_KEY, "%c", marks[decision]);
	pen_printf(&pen, changes ? role : ROLE_DIM, "%s %s %c ", old_no, new_no,
	           row->kind == DIFF_ADDED ? '+' : row->kind == DIFF_REMOVED ? '-' : ' ');
	draw_text(view, &pen, i, role, decision != DECISION_NO);
}

static bool is_marked(const struct review_view *view, size_t i)
{
	size_t a = view->mark;
	size_t b = view->list.cursor;
	return a != REVIEW_NO_MARK && (a < b ? i >= a && i <= b : i >= b && i <= a);
}

static void draw_body(struct review_view *view, struct canvas *canvas, struct rect rect)
{
	list_fit(&view->list, view->n_rows, (size_t)rect.h);
	for (int y = 0; y < rect.h && view->list.top + (size_t)y < view->n_rows; y++) {
		size_t i = view->list.top + (size_t)y;
		const struct review_row *row = &view->row[i];
		struct rect line = rect_row(rect, y);
		struct rect text = { line.x + 1, line.y, line.w - 1, 1 };
		struct pen pen = pen_at(canvas, line, 0, 0);
		pen_str(&pen, ROLE_FOCUS, i == view->list.cursor ? ">" : " ");
		if (row->row == NO_ROW)
			draw_head(view, canvas, text, row->hunk);
		else
			draw_line(view, canvas, text, row->row);
		if (is_marked(view, i))
			canvas_reverse(canvas, line);
		if (i + 1 == view->n_rows || view->row[i + 1].hunk != row->hunk)
			view->review->hunk[row->hunk].seen = true;
	}
	canvas->cursor_x = rect.x;
	canvas->cursor_y = rect.y + (int)(view->list.cursor - view->list.top);
}

static void draw_rule(const struct review_view *view, struct canvas *canvas, struct rect row)
{
	const struct review_file *file = &view->review->file[view->file];
	struct pen pen = pen_at(canvas, row, 0, 0);
	pen_repeat(&pen, ROLE_FRAME, GLYPH_HLINE, 2);
	pen_str(&pen, ROLE_FOCUS, "[");
	pen_put(&pen, ROLE_FOCUS, file->path, file->path_n);
	pen_str(&pen, ROLE_FOCUS, "]");
	int room = pen_room(&pen);
	const char *right = view->mark != REVIEW_NO_MARK ? " y or n decides the marked lines " : view->hide ? " decided hunks hidden " : "";
	pen_repeat(&pen, ROLE_FRAME, GLYPH_HLINE, room - (int)strlen(right) - 2);
	pen_str(&pen, ROLE_DIM, right);
	pen_repeat(&pen, ROLE_FRAME, GLYPH_HLINE, pen_room(&pen));
}

void review_view_draw(struct review_view *view, struct canvas *canvas, struct rect rect)
{
	canvas_fill(canvas, rect, ROLE_TEXT);
	if (rect.w >= FILES_MIN_WIDTH) {
		draw_files(view, canvas, (struct rect){ rect.x, rect.y, FILES_WIDTH, rect.h });
		canvas_vline(canvas, rect.x + FILES_WIDTH, rect.y, rect.h);
		rect.x += FILES_WIDTH + 1;
		rect.w -= FILES_WIDTH + 1;
	} else {
		int most = rect.h / 4;
		int n = view->review->n_files < (size_t)most ? (int)view->review->n_files : most;
		draw_files(view, canvas, (struct rect){ rect.x, rect.y, rect.w, n });
		rect.y += n;
		rect.h -= n;
	}
	draw_rule(view, canvas, rect_row(rect, 0));
	draw_body(view, canvas, (struct rect){ rect.x, rect.y + 1, rect.w, rect.h - 1 });
}
