#include "tui/text_view.h"

#include "base/text.h"

#include <string.h>
#include <strings.h>

#define WORD_WRAP_MIN 24  /* narrower: break anywhere */
#define WRAP_BYTES (64 * 1024) /* of one line; what follows is on request sideways, without wrapping */
#define SIDEWAYS 8

void text_view_init(struct text_view *view, bool follow, bool wrap)
{
	*view = (struct text_view){ .follow = follow, .wrap = wrap, .match = TEXT_VIEW_NO_MATCH };
}

static void get_line(const struct text_source *source, size_t i, struct text_line *out)
{
	*out = (struct text_line){ 0 };
	source->line(source->arg, i, out);
}

/* Cells left for the text beside the gutter. */
static int text_width_of(const struct text_view *view, const struct text_line *line)
{
	int width = view->width - (int)strlen(line->gutter);
	return width > 0 ? width : 1;
}

/* Bytes of `text` that make one row of `width` cells; breaks after a blank where one is near. Raw bytes are measured
 * by their sanitised form, so a token such as <U+202E> counts what it takes. */
size_t text_view_row_bytes(const char *text, size_t n, int width)
{
	size_t cells = 0;
	size_t at = 0;
	size_t blank = 0;
	while (at < n) {
		int32_t cp;
		size_t len = text_decode(text + at, n - at, &cp);
		struct buf clean = { 0 };
		size_t w = 1;
		bool cluster = cp >= 0x7f || (at + 1 < n && (unsigned char)text[at + 1] >= 0x80);
		if (cp == '\t') {
			w = 8 - cells % 8;
		} else if (cp < 0x20 || cluster) {
			len = cluster ? text_grapheme(text + at, n - at) : len;
			text_sanitise(&clean, text + at, len, 0);
			w = text_width(buf_str(&clean), clean.len);
			buf_release(&clean);
		}
		if (cells + w > (size_t)width && at)
			break;
		cells += w;
		at += len;
		if (cp == ' ')
			blank = at;
	}
	if (at < n && width >= WORD_WRAP_MIN && blank > at / 2)
		return blank;
	return at;
}

/* Rows that a line takes. */
static size_t count_rows(const struct text_view *view, const struct text_line *line)
{
	size_t rows = 0;
	size_t n = line->n < WRAP_BYTES ? line->n : WRAP_BYTES;
	if (!view->wrap)
		return 1;
	for (size_t at = 0; at < n; rows++)
		at += text_view_row_bytes(line->text + at, n - at, text_width_of(view, line));
	return rows ? rows : 1;
}

static size_t rows_at(const struct text_view *view, const struct text_source *source, size_t i)
{
	struct text_line line;
	get_line(source, i, &line);
	return count_rows(view, &line);
}

/* Moves the top `by` rows down, no further than the last line. */
static void scroll_down(struct text_view *view, const struct text_source *source, size_t by)
{
	while (by && view->line < source->end) {
		size_t rows = rows_at(view, source, view->line);
		if (view->row + by < rows) {
			view->row += by;
			return;
		}
		if (view->line + 1 >= source->end) {
			view->row = rows - 1;
			return;
		}
		by -= rows - view->row;
		view->line++;
		view->row = 0;
	}
}

static void scroll_up(struct text_view *view, const struct text_source *source, size_t by)
{
	while (by) {
		if (view->row >= by) {
			view->row -= by;
			return;
		}
		by -= view->row;
		view->row = 0;
		if (view->line <= source->first)
			return;
		view->line--;
		view->row = rows_at(view, source, view->line);
	}
}

/* The top that shows the end in the last row. */
static void scroll_to_end(struct text_view *view, const struct text_source *source)
{
	view->line = source->end;
	view->row = 0;
	scroll_up(view, source, view->height > 0 ? (size_t)view->height : 1);
}

static void clamp(struct text_view *view, const struct text_source *source)
{
	if (view->line < source->first) {
		view->line = source->first;
		view->row = 0;
	}
	if (view->line >= source->end) {
		view->line = source->end > source->first ? source->end - 1 : source->first;
		view->row = 0;
	}
	if (view->line < source->end && view->row) {
		size_t rows = rows_at(view, source, view->line);
		if (view->row >= rows)
			view->row = rows - 1;
	}
}

/* No more blank rows below the end than needed, and the end is known to be on screen or not. */
static void settle(struct text_view *view, const struct text_source *source)
{
	clamp(view, source);
	struct text_view end = *view;
	scroll_to_end(&end, source);
	bool beyond = view->line > end.line || (view->line == end.line && view->row >= end.row);
	if (view->follow || beyond) {
		view->line = end.line;
		view->row = end.row;
	}
	view->saw_end = view->follow || beyond;
}

/* The spans come in order: *next is the first that does not end before `at`. */
static enum role role_at(const struct text_line *line, size_t at, size_t *next)
{
	for (size_t i = 0; i < line->n_spans; i++)
		if (at >= line->span[i].at && at < line->span[i].at + line->span[i].n)
			return line->span_role;
	size_t in_style = at + line->style_shift;
	while (*next < line->n_styles && in_style >= line->style[*next].at + line->style[*next].n)
		++*next;
	return *next < line->n_styles && in_style >= line->style[*next].at ? line->style[*next].role : line->role;
}

static bool matches(const char *text, size_t n, size_t at, const char *find, size_t find_n)
{
	return find_n && at + find_n <= n && strncasecmp(text + at, find, find_n) == 0;
}

/* Draws bytes [from, to) of a line, in runs of one role. */
static void draw_bytes(struct pen *pen, const struct text_line *line, size_t from, size_t to, const char *find)
{
	size_t find_n = find ? strlen(find) : 0;
	size_t match_end = 0;
	size_t next_style = 0;
	if (!find_n && !line->n_spans && !line->n_styles) {
		pen_put(pen, line->role, line->text + from, to - from);
		return;
	}
	size_t start = from;
	enum role role = line->role;
	for (size_t at = from; at < to && pen_room(pen) > 0; at++) {
		if (matches(line->text, line->n, at, find, find_n))
			match_end = at + find_n;
		enum role next = at < match_end ? ROLE_MATCH : role_at(line, at, &next_style);
		if (next != role) {
			pen_put(pen, role, line->text + start, at - start);
			start = at;
			role = next;
		}
	}
	pen_put(pen, role, line->text + start, to - start);
}

static void draw_gutter(struct pen *pen, const struct text_line *line, bool first_row)
{
	if (first_row)
		pen_str(pen, line->gutter_role, line->gutter);
	else
		pen_fit(pen, line->gutter_role, "", (int)strlen(line->gutter));
	pen->column = 0;
}

struct drawing {
	const struct text_view *view;
	struct canvas *canvas;
	struct rect rect;
	const char *find;
};

/* Draws a line from its row `row` on, into the rectangle's rows from y on. Returns the rows drawn. */
static int draw_line(const struct drawing *to, const struct text_line *line, size_t row, int y)
{
	int drawn = 0;
	size_t at = 0;
	size_t n = line->n < WRAP_BYTES ? line->n : WRAP_BYTES;
	if (!to->view->wrap) {
		struct pen pen = pen_at(to->canvas, to->rect, 0, y);
		draw_gutter(&pen, line, true);
		pen.skip = to->view->column;
		draw_bytes(&pen, line, 0, line->n, to->find);
		return 1;
	}
	for (size_t i = 0; (at < n || i == 0) && y + drawn < to->rect.h; i++) {
		size_t len = at < n ? text_view_row_bytes(line->text + at, n - at, text_width_of(to->view, line)) : 0;
		if (i >= row) {
			struct pen pen = pen_at(to->canvas, to->rect, 0, y + drawn++);
			draw_gutter(&pen, line, i == 0);
			draw_bytes(&pen, line, at, at + len, to->find);
		}
		at += len;
	}
	return drawn;
}

void text_view_draw(struct text_view *view, const struct text_source *source, struct canvas *canvas, struct rect rect,
                    const char *find)
{
	view->height = rect.h;
	view->width = rect.w;
	view->end = source->end;
	view->below = 0;
	if (rect.h <= 0 || rect.w <= 0) {
		view->saw_end = false;
		return;
	}
	settle(view, source);
	const struct drawing to = { view, canvas, rect, find };
	size_t i = view->line;
	size_t row = view->row;
	for (int y = 0; y < rect.h && i < source->end; i++) {
		struct text_line line;
		get_line(source, i, &line);
		int drawn = draw_line(&to, &line, row, y);
		if (i == view->match)
			canvas_reverse(canvas, (struct rect){ rect.x, rect.y + y, (int)strlen(line.gutter), 1 });
		y += drawn;
		row = 0;
	}
	view->below = source->end - i;
}

size_t text_view_rows(const struct text_view *view, const struct text_source *source, int width, size_t most)
{
	struct text_view measure = *view;
	size_t rows = 0;
	measure.width = width;
	for (size_t i = source->first; i < source->end && rows < most; i++)
		rows += rows_at(&measure, source, i);
	return rows < most ? rows : most;
}

static void leave_end(struct text_view *view)
{
	view->follow = false;
}

bool text_view_handle(struct text_view *view, const struct text_source *source, enum action action)
{
	size_t height = view->height > 1 ? (size_t)view->height : 1;
	size_t by = action == ACTION_HALF_DOWN || action == ACTION_HALF_UP   ? (height + 1) / 2
	            : action == ACTION_PAGE_DOWN || action == ACTION_PAGE_UP ? height - (height > 2)
	                                                                     : 1;
	clamp(view, source);
	switch (action) {
	case ACTION_DOWN:
	case ACTION_HALF_DOWN:
	case ACTION_PAGE_DOWN:
		leave_end(view);
		scroll_down(view, source, by);
		settle(view, source);
		return true;
	case ACTION_UP:
	case ACTION_HALF_UP:
	case ACTION_PAGE_UP:
		leave_end(view);
		scroll_up(view, source, by);
		return true;
	case ACTION_FIRST:
		leave_end(view);
		view->line = source->first;
		view->row = 0;
		view->column = 0;
		return true;
	case ACTION_LAST:
	case ACTION_FOLLOW:
		view->follow = true;
		return true;
	case ACTION_LEFT:
		view->column -= view->column < SIDEWAYS ? view->column : SIDEWAYS;
		return true;
	case ACTION_RIGHT:
		view->column += view->wrap ? 0 : SIDEWAYS;
		return true;
	case ACTION_WRAP:
		view->wrap = !view->wrap;
		view->column = view->row = 0;
		return true;
	default:
		return false;
	}
}

static bool line_holds(const struct text_source *source, size_t i, const char *find, size_t find_n)
{
	struct text_line line;
	get_line(source, i, &line);
	for (size_t at = 0; at + find_n <= line.n; at++)
		if (matches(line.text, line.n, at, find, find_n))
			return true;
	return false;
}

void text_view_show(struct text_view *view, const struct text_source *source, size_t line)
{
	leave_end(view);
	view->line = line;
	view->row = 0;
	scroll_up(view, source, view->height > 3 ? (size_t)view->height / 3 : 0);
}

bool text_view_find(struct text_view *view, const struct text_source *source, const char *find, bool forward)
{
	size_t n_lines = source->end - source->first;
	size_t find_n = strlen(find);
	bool again = view->match >= source->first && view->match < source->end;
	size_t from = again ? view->match : view->line;
	if (!find_n || !n_lines)
		return false;
	for (size_t step = again ? 1 : 0; step < n_lines + again; step++) {
		size_t offset = forward ? from - source->first + step : from - source->first + n_lines - step % n_lines;
		size_t i = source->first + offset % n_lines;
		if (!line_holds(source, i, find, find_n))
			continue;
		view->match = i;
		text_view_show(view, source, i);
		return true;
	}
	return false;
}
