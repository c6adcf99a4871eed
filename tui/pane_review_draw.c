/* How a review looks: its files, the hunks of one of them, and what was decided of each line. */
#include "tui/pane_review_impl.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define FILES_WIDTH 36
#define FILES_MIN_WIDTH 140 /* from here on the files have a column of their own */
#define WORDS_MAX 16

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
	if (review->hunk[hunk].stale)
		pen_str(&pen, ROLE_FAILED, " the file changed here");
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

/* Blanks and tabs as signs, where they are to be seen. */
static void put(const struct review_view *view, struct pen *pen, enum role role, const char *text, size_t n)
{
	size_t run = 0;
	for (size_t at = 0; at < n && view->blanks; at++) {
		if (text[at] != ' ' && text[at] != '\t')
			continue;
		pen_put(pen, role, text + run, at - run);
		run = at + 1;
		size_t to = text[at] == '\t' ? 8 - pen->column % 8 : 1;
		pen_put(pen, ROLE_DIM, text[at] == '\t' ? ">" : ".", 1);
		while (--to > 0)
			pen_put(pen, ROLE_DIM, " ", 1);
	}
	pen_put(pen, role, text + run, n - run);
}

struct marks {
	struct word_span span[WORDS_MAX];
	size_t n;
	enum role role;
};

static void find_marks(const struct review_view *view, size_t i, bool words, struct marks *out)
{
	const struct diff_row *row = &view->review->rows.row[i];
	size_t n = view->find ? strlen(view->find) : 0;
	out->n = 0;
	out->role = ROLE_MATCH;
	for (size_t at = 0; n && at + n <= row->n && out->n < WORDS_MAX; at++)
		if (strncasecmp(row->text + at, view->find, n) == 0) {
			out->span[out->n++] = (struct word_span){ at, n };
			at += n - 1;
		}
	if (out->n || !words)
		return;
	out->role = row->kind == DIFF_REMOVED ? ROLE_REMOVED_WORD : ROLE_ADDED_WORD;
	out->n = diff_row_words(&view->review->rows, i, out->span, WORDS_MAX);
}

/* Bytes [from, from + n) of a line. */
static void draw_text(const struct review_view *view, struct pen *pen, const struct review_row *piece, size_t i, enum role role)
{
	struct marks marks;
	const struct diff_row *row = &view->review->rows.row[i];
	size_t at = piece->at;
	size_t end = row->n - at < piece->n ? row->n : at + piece->n;
	bool changes = row->kind == DIFF_ADDED || row->kind == DIFF_REMOVED;
	find_marks(view, i, changes && view->review->decision[i] != DECISION_NO, &marks);
	pen->column = 0;
	pen->skip = view->column;
	for (size_t s = 0; s < marks.n; s++) {
		size_t from = marks.span[s].at > at ? marks.span[s].at : at;
		size_t to = marks.span[s].at + marks.span[s].n < end ? marks.span[s].at + marks.span[s].n : end;
		if (from >= to)
			continue;
		put(view, pen, role, row->text + at, from - at);
		put(view, pen, marks.role, row->text + from, to - from);
		at = to;
	}
	put(view, pen, role, row->text + at, end - at);
}

static enum role role_of(const struct review_view *view, size_t i)
{
	const struct diff_row *row = &view->review->rows.row[i];
	if (row->kind != DIFF_ADDED && row->kind != DIFF_REMOVED)
		return ROLE_TEXT;
	if (view->review->decision[i] == DECISION_NO)
		return ROLE_DIM;
	return row->kind == DIFF_ADDED ? ROLE_ADDED : ROLE_REMOVED;
}

static char sign_of(const struct diff_row *row)
{
	return row->kind == DIFF_ADDED ? '+' : row->kind == DIFF_REMOVED ? '-' : ' ';
}

/* A line that is rejected is dim, and has an n in front: it can be told without colours. */
static char mark_of(const struct review_view *view, size_t i)
{
	static const char marks[] = { ' ', 'y', 'n', ' ' };
	const struct diff_row *row = &view->review->rows.row[i];
	return row->kind == DIFF_ADDED || row->kind == DIFF_REMOVED ? marks[view->review->decision[i]] : ' ';
}

static void draw_line(const struct review_view *view, struct canvas *canvas, struct rect line, const struct review_row *piece)
{
	const struct diff_row *row = &view->review->rows.row[piece->row];
	char old_no[8], new_no[8];
	enum role role = role_of(view, piece->row);
	struct pen pen = pen_at(canvas, line, 0, 0);
	if (row->kind == DIFF_NOTE) {
		pen_put(&pen, ROLE_NOTE, row->text, row->n);
		return;
	}
	number(old_no, piece->at ? 0 : row->old_line);
	number(new_no, piece->at ? 0 : row->new_line);
	pen_printf(&pen, ROLE_KEY, "%c", mark_of(view, piece->row));
	pen_printf(&pen, role == ROLE_TEXT ? ROLE_DIM : role, "%s %s %c ", old_no, new_no, piece->at ? ' ' : sign_of(row));
	draw_text(view, &pen, piece, piece->row, role);
}

static void draw_half(const struct review_view *view, struct pen pen, const struct review_row *pair, size_t i, bool is_left)
{
	const struct diff_row *row = &view->review->rows.row[i];
	char no[8];
	enum role role = role_of(view, i);
	number(no, is_left ? row->old_line : row->new_line);
	pen_printf(&pen, ROLE_KEY, "%c", mark_of(view, i));
	pen_printf(&pen, role == ROLE_TEXT ? ROLE_DIM : role, "%s %c ", no, sign_of(row));
	draw_text(view, &pen, pair, i, role);
}

static void draw_pair(const struct review_view *view, struct canvas *canvas, struct rect line, const struct review_row *pair)
{
	int half = (line.w - 1) / 2;
	struct rect left = { line.x, line.y, half, 1 };
	struct rect right = { line.x + half + 1, line.y, line.w - half - 1, 1 };
	bool added = view->review->rows.row[pair->row].kind == DIFF_ADDED;
	struct pen divider = pen_at(canvas, line, half, 0);
	pen_glyph(&divider, ROLE_FRAME, GLYPH_HALF);
	if (!added)
		draw_half(view, pen_at(canvas, left, 0, 0), pair, pair->row, true);
	if (added || pair->right != REVIEW_ALONE)
		draw_half(view, pen_at(canvas, right, 0, 0), pair, added ? pair->row : pair->right, false);
}

static void draw_disk(const struct review_view *view, struct canvas *canvas, struct rect line, size_t i)
{
	struct pen pen = pen_at(canvas, line, 0, 0);
	size_t at = view->lines.start[i];
	size_t n = view->lines.start[i + 1] - at;
	n -= n && view->disk.data[at + n - 1] == '\n';
	pen_printf(&pen, ROLE_DIM, review_view_is_double(view) ? " %5zu   " : " %5zu         ", i + 1);
	pen.column = 0;
	pen.skip = view->column;
	put(view, &pen, ROLE_DIM, view->disk.data + at, n);
}

static void draw_row(const struct review_view *view, struct canvas *canvas, struct rect line, const struct review_row *row)
{
	bool note = row->kind == REVIEW_LINE && view->review->rows.row[row->row].kind == DIFF_NOTE;
	if (row->kind == REVIEW_HEAD)
		draw_head(view, canvas, line, row->hunk);
	else if (row->kind == REVIEW_DISK)
		draw_disk(view, canvas, line, row->row);
	else if (review_view_is_double(view) && !note)
		draw_pair(view, canvas, line, row);
	else
		draw_line(view, canvas, line, row);
}

static bool is_marked(const struct review_view *view, size_t i)
{
	size_t a = view->mark;
	size_t b = view->list.cursor;
	return a != REVIEW_NO_MARK && (a < b ? i >= a && i <= b : i >= b && i <= a);
}

static void draw_body(struct review_view *view, struct canvas *canvas, struct rect rect)
{
	if (rect.w - 1 != view->width) {
		view->width = rect.w - 1;
		review_view_make_rows(view);
	}
	list_fit(&view->list, view->n_rows, (size_t)rect.h);
	for (int y = 0; y < rect.h && view->list.top + (size_t)y < view->n_rows; y++) {
		size_t i = view->list.top + (size_t)y;
		const struct review_row *row = &view->row[i];
		struct rect line = rect_row(rect, y);
		struct rect text = { line.x + 1, line.y, line.w - 1, 1 };
		struct pen pen = pen_at(canvas, line, 0, 0);
		pen_str(&pen, ROLE_FOCUS, i == view->list.cursor ? ">" : " ");
		draw_row(view, canvas, text, row);
		if (is_marked(view, i))
			canvas_reverse(canvas, line);
		if (i + 1 == view->n_rows || view->row[i + 1].hunk != row->hunk)
			view->review->hunk[row->hunk].seen = true;
	}
	canvas->cursor_x = rect.x;
	canvas->cursor_y = rect.y + (int)(view->list.cursor - view->list.top);
}

static void say_modes(const struct review_view *view, struct buf *out)
{
	if (view->mark != REVIEW_NO_MARK) {
		buf_add_str(out, " y or n decides the marked lines ");
		return;
	}
	buf_printf(out, " %s%s%s%s", review_view_is_double(view) ? "side-by-side " : "", view->wrap ? "wrap " : "",
	           view->blanks ? "blanks shown " : "", view->hide ? "decided hunks hidden " : "");
	if (view->no_context || view->context != REVIEW_CONTEXT)
		buf_printf(out, "context %zu ", view->no_context ? 0 : view->context);
	if (out->len == 1)
		buf_clear(out);
}

static void draw_rule(const struct review_view *view, struct canvas *canvas, struct rect row)
{
	const struct review_file *file = &view->review->file[view->file];
	struct pen pen = pen_at(canvas, row, 0, 0);
	pen_repeat(&pen, ROLE_FRAME, GLYPH_HLINE, 2);
	pen_str(&pen, ROLE_FOCUS, "[");
	pen_put(&pen, ROLE_FOCUS, file->path, file->path_n);
	pen_str(&pen, ROLE_FOCUS, "]");
	struct buf right = { 0 };
	say_modes(view, &right);
	pen_repeat(&pen, ROLE_FRAME, GLYPH_HLINE, pen_room(&pen) - (int)right.len - 2);
	pen_str(&pen, ROLE_DIM, buf_str(&right));
	pen_repeat(&pen, ROLE_FRAME, GLYPH_HLINE, pen_room(&pen));
	buf_release(&right);
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
