#include "tui/diff_view.h"

#include <stdio.h>

#define HALF_MIN 60

void diff_view_init(struct diff_view *view)
{
	*view = (struct diff_view){ 0 };
	text_view_init(&view->text, false, false);
}

void diff_view_release(struct diff_view *view)
{
	diff_rows_release(&view->rows);
	diff_pairs_release(&view->pairs);
}

void diff_view_made(struct diff_view *view)
{
	diff_pairs_make(&view->pairs, &view->rows);
}

void diff_view_clear(struct diff_view *view)
{
	view->rows.n_rows = view->rows.n_files = view->pairs.n_pairs = 0;
}

void diff_view_top(struct diff_view *view)
{
	text_view_init(&view->text, false, false);
}

/* ---- rows ---- */

static const enum role line_role[] = {
	[DIFF_FILE] = ROLE_FILE,    [DIFF_NOTE] = ROLE_NOTE,       [DIFF_HUNK] = ROLE_HUNK,
	[DIFF_CONTEXT] = ROLE_TEXT, [DIFF_REMOVED] = ROLE_REMOVED, [DIFF_ADDED] = ROLE_ADDED,
};

/* Marks the words that differ from the line's partner. */
static void emphasise(const struct diff_view *view, const struct diff_row *row, struct text_line *out)
{
	if (view->no_words)
		return;
	out->n_spans = diff_row_words(&view->rows, (size_t)(row - view->rows.row), out->span, TEXT_LINE_SPANS);
	out->span_role = row->kind == DIFF_REMOVED ? ROLE_REMOVED_WORD : ROLE_ADDED_WORD;
}

static void number(char out[8], size_t n)
{
	if (n)
		snprintf(out, 8, "%5zu", n % 100000);
	else
		snprintf(out, 8, "%5s", "");
}

static void row_line(const struct diff_view *view, const struct diff_row *row, struct text_line *out)
{
	out->text = row->text;
	out->n = row->n;
	out->role = out->gutter_role = line_role[row->kind];
	emphasise(view, row, out);
}

static char sign_of(const struct diff_row *row)
{
	return row->kind == DIFF_REMOVED ? '-' : row->kind == DIFF_ADDED ? '+' : ' ';
}

static void unified_line(void *arg, size_t i, struct text_line *out)
{
	const struct diff_view *view = arg;
	const struct diff_row *row = &view->rows.row[i];
	char old_no[8], new_no[8];
	row_line(view, row, out);
	if (row->kind < DIFF_CONTEXT) {
		snprintf(out->gutter, sizeof out->gutter, "%s", row->kind == DIFF_NOTE ? "  " : "");
		return;
	}
	number(old_no, row->old_line);
	number(new_no, row->new_line);
	snprintf(out->gutter, sizeof out->gutter, "%s %s %c ", old_no, new_no, sign_of(row));
	if (row->kind == DIFF_CONTEXT)
		out->gutter_role = ROLE_DIM;
}

/* A line of two columns is one row, so moving is the same but for the number of lines. */
static void pair_as_line(void *arg, size_t i, struct text_line *out)
{
	const struct diff_view *view = arg;
	const struct diff_pair *pair = &view->pairs.pair[i];
	row_line(view, &view->rows.row[pair->right != DIFF_ALONE ? pair->right : pair->left], out);
}

static bool is_double(const struct diff_view *view, int width)
{
	return !view->single && (width - 1) / 2 >= HALF_MIN;
}

static struct text_source source_of(struct diff_view *view)
{
	if (is_double(view, view->text.width))
		return (struct text_source){ .end = view->pairs.n_pairs, .line = pair_as_line, .arg = view };
	return (struct text_source){ .end = view->rows.n_rows, .line = unified_line, .arg = view };
}

/* ---- two columns ---- */

static void draw_half(const struct diff_view *view, struct canvas *canvas, struct rect rect, size_t i, bool left)
{
	char no[8];
	struct text_line line = { 0 };
	struct pen pen = pen_at(canvas, rect, 0, 0);
	if (i == DIFF_ALONE)
		return;
	const struct diff_row *row = &view->rows.row[i];
	row_line(view, row, &line);
	number(no, left ? row->old_line : row->new_line);
	pen_printf(&pen, row->kind == DIFF_CONTEXT ? ROLE_DIM : line.role, "%s %c ", no, sign_of(row));
	pen.column = 0;
	pen.skip = view->text.column;
	size_t at = 0;
	for (size_t s = 0; s < line.n_spans; s++) {
		pen_put(&pen, line.role, line.text + at, line.span[s].at - at);
		pen_put(&pen, line.span_role, line.text + line.span[s].at, line.span[s].n);
		at = line.span[s].at + line.span[s].n;
	}
	pen_put(&pen, line.role, line.text + at, line.n - at);
}

static void draw_pair(const struct diff_view *view, struct canvas *canvas, struct rect rect, size_t i)
{
	const struct diff_pair *pair = &view->pairs.pair[i];
	const struct diff_row *row = pair->left != DIFF_ALONE ? &view->rows.row[pair->left] : NULL;
	int half = (rect.w - 1) / 2;
	if (row && row->kind < DIFF_CONTEXT) {
		struct pen pen = pen_at(canvas, rect, row->kind == DIFF_NOTE ? 2 : 0, 0);
		pen_put(&pen, line_role[row->kind], row->text, row->n);
		return;
	}
	draw_half(view, canvas, (struct rect){ rect.x, rect.y, half, 1 }, pair->left, true);
	struct pen pen = pen_at(canvas, rect, half, 0);
	pen_glyph(&pen, ROLE_FRAME, GLYPH_HALF);
	draw_half(view, canvas, (struct rect){ rect.x + half + 1, rect.y, rect.w - half - 1, 1 }, pair->right, false);
}

/* Two columns scroll by pairs; the view's top line is then a pair's number. */
static void draw_double(struct diff_view *view, struct canvas *canvas, struct rect rect)
{
	size_t height = (size_t)rect.h;
	size_t last = view->pairs.n_pairs > height ? view->pairs.n_pairs - height : 0;
	struct text_view *text = &view->text;
	if (text->follow || text->line > last)
		text->line = last;
	text->row = 0;
	text->height = rect.h;
	text->width = rect.w;
	for (int y = 0; y < rect.h && text->line + (size_t)y < view->pairs.n_pairs; y++)
		draw_pair(view, canvas, rect_row(rect, y), text->line + (size_t)y);
	size_t bottom = text->line + height;
	text->below = bottom < view->pairs.n_pairs ? view->pairs.n_pairs - bottom : 0;
}

/* ---- all of it ---- */

/* Following a diff that grows means to look where it grows, which need not be its end. */
static void aim_at(struct diff_view *view, size_t growing, int height)
{
	size_t lead = height > 3 ? (size_t)height * 2 / 3 : 0;
	size_t last = view->rows.n_rows > (size_t)height ? view->rows.n_rows - (size_t)height : 0;
	size_t top = growing > lead ? growing - lead : 0;
	view->text.line = top < last ? top : last;
	view->text.row = 0;
}

static void draw_unified(struct diff_view *view, struct canvas *canvas, struct rect rect, const char *find, size_t growing)
{
	struct text_source source = source_of(view);
	bool aims = growing != DIFF_ALONE && view->text.follow;
	if (aims) {
		aim_at(view, growing, rect.h);
		view->text.follow = false;
	}
	text_view_draw(&view->text, &source, canvas, rect, find);
	view->text.follow = view->text.follow || aims;
}

void diff_view_draw(struct diff_view *view, struct canvas *canvas, struct rect rect, const char *find, size_t growing)
{
	view->text.width = rect.w;
	if (is_double(view, rect.w))
		draw_double(view, canvas, rect);
	else
		draw_unified(view, canvas, rect, find, growing);
}

bool diff_view_handle(struct diff_view *view, enum action action)
{
	struct text_source source = source_of(view);
	if (action != ACTION_SIDE_BY_SIDE)
		return text_view_handle(&view->text, &source, action);
	view->single = !view->single;
	view->text.line = view->text.row = 0;
	return true;
}

bool diff_view_find(struct diff_view *view, const char *find, bool forward)
{
	struct text_source source = source_of(view);
	view->no_words = true;
	bool found = text_view_find(&view->text, &source, find, forward);
	view->no_words = false;
	return found;
}

bool diff_view_is_double(const struct diff_view *view)
{
	return is_double(view, view->text.width);
}

/* In two columns the top line is a pair's number. */
static size_t row_at_top(const struct diff_view *view)
{
	if (!is_double(view, view->text.width) || view->text.line >= view->pairs.n_pairs)
		return view->text.line;
	const struct diff_pair *pair = &view->pairs.pair[view->text.line];
	return pair->left != DIFF_ALONE ? pair->left : pair->right;
}

const char *diff_view_path(const struct diff_view *view, bool at_end, size_t *n)
{
	size_t top = row_at_top(view);
	size_t at = top < view->rows.n_rows && !at_end ? top + 1 : view->rows.n_rows;
	while (at-- > 0) {
		if (view->rows.row[at].kind == DIFF_FILE) {
			*n = view->rows.row[at].n;
			return view->rows.row[at].text;
		}
	}
	return NULL;
}
