#include "tui/canvas.h"

#include "base/text.h"
#include "base/xalloc.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const struct cell blank = { .text = " ", .width = 1, .role = ROLE_TEXT };

void canvas_resize(struct canvas *canvas, int w, int h)
{
	if (w != canvas->w || h != canvas->h) {
		canvas->cell = xrealloc(canvas->cell, ((size_t)w * (size_t)h + 1) * sizeof *canvas->cell);
		canvas->w = w;
		canvas->h = h;
	}
	for (int i = 0; i < w * h; i++)
		canvas->cell[i] = blank;
	canvas->cursor_x = canvas->cursor_y = 0;
}

void canvas_release(struct canvas *canvas)
{
	free(canvas->cell);
	buf_release(&canvas->scratch);
	*canvas = (struct canvas){ 0 };
}

static struct cell *cell_at(struct canvas *canvas, int x, int y)
{
	if (x < 0 || y < 0 || x >= canvas->w || y >= canvas->h)
		return NULL;
	return &canvas->cell[y * canvas->w + x];
}

const struct cell *canvas_cell(const struct canvas *canvas, int x, int y)
{
	return x < 0 || y < 0 || x >= canvas->w || y >= canvas->h ? NULL : &canvas->cell[y * canvas->w + x];
}

/* What is left of a wide cluster when one of its halves is written over is a blank. */
static void split_wide(struct canvas *canvas, int x, int y)
{
	struct cell *cell = cell_at(canvas, x, y);
	struct cell *other = NULL;
	if (cell && cell->width == 0)
		other = cell_at(canvas, x - 1, y);
	else if (cell && cell->width == 2)
		other = cell_at(canvas, x + 1, y);
	if (!other)
		return;
	memcpy(other->text, " ", 2);
	other->width = 1;
}

static void set_cell(struct canvas *canvas, int x, int y, enum role role, const char *text, size_t n, int width)
{
	struct cell *cell = cell_at(canvas, x, y);
	if (!cell)
		return;
	split_wide(canvas, x, y);
	memset(cell->text, 0, sizeof cell->text);
	memcpy(cell->text, text, n < CELL_BYTES ? n : CELL_BYTES - 1);
	cell->width = (uint8_t)width;
	cell->role = (uint8_t)role;
	cell->reverse = 0;
}

static struct rect clip_to(const struct canvas *canvas, struct rect rect)
{
	if (rect.x < 0) {
		rect.w += rect.x;
		rect.x = 0;
	}
	if (rect.y < 0) {
		rect.h += rect.y;
		rect.y = 0;
	}
	if (rect.x + rect.w > canvas->w)
		rect.w = canvas->w - rect.x;
	if (rect.y + rect.h > canvas->h)
		rect.h = canvas->h - rect.y;
	return rect;
}

void canvas_fill(struct canvas *canvas, struct rect rect, enum role role)
{
	rect = clip_to(canvas, rect);
	for (int y = rect.y; y < rect.y + rect.h; y++)
		for (int x = rect.x; x < rect.x + rect.w; x++)
			set_cell(canvas, x, y, role, " ", 1, 1);
}

void canvas_reverse(struct canvas *canvas, struct rect rect)
{
	rect = clip_to(canvas, rect);
	for (int y = rect.y; y < rect.y + rect.h; y++)
		for (int x = rect.x; x < rect.x + rect.w; x++)
			cell_at(canvas, x, y)->reverse = 1;
}

static void put_glyph(struct canvas *canvas, int x, int y, enum glyph glyph)
{
	const char *text = glyph_text(glyph, canvas->unicode);
	set_cell(canvas, x, y, ROLE_FRAME, text, strlen(text), 1);
}

void canvas_frame(struct canvas *canvas, struct rect rect)
{
	int right = rect.x + rect.w - 1;
	int bottom = rect.y + rect.h - 1;
	for (int x = rect.x + 1; x < right; x++) {
		put_glyph(canvas, x, rect.y, GLYPH_HLINE);
		put_glyph(canvas, x, bottom, GLYPH_HLINE);
	}
	for (int y = rect.y + 1; y < bottom; y++) {
		put_glyph(canvas, rect.x, y, GLYPH_VLINE);
		put_glyph(canvas, right, y, GLYPH_VLINE);
	}
	put_glyph(canvas, rect.x, rect.y, GLYPH_CORNER_TL);
	put_glyph(canvas, right, rect.y, GLYPH_CORNER_TR);
	put_glyph(canvas, rect.x, bottom, GLYPH_CORNER_BL);
	put_glyph(canvas, right, bottom, GLYPH_CORNER_BR);
}

void canvas_vline(struct canvas *canvas, int x, int y, int h)
{
	for (int i = 0; i < h; i++)
		put_glyph(canvas, x, y + i, GLYPH_VLINE);
}

struct rect rect_row(struct rect rect, int row)
{
	return (struct rect){ rect.x, rect.y + row, rect.w, row < rect.h ? 1 : 0 };
}

struct rect rect_inset(struct rect rect, int by_x, int by_y)
{
	return (struct rect){ rect.x + by_x, rect.y + by_y, rect.w - 2 * by_x, rect.h - 2 * by_y };
}

void canvas_dump(const struct canvas *canvas, struct buf *out)
{
	for (int y = 0; y < canvas->h; y++) {
		size_t end = out->len;
		for (int x = 0; x < canvas->w; x++) {
			const struct cell *cell = canvas_cell(canvas, x, y);
			buf_add_str(out, cell->text);
			if (cell->width && strcmp(cell->text, " ") != 0)
				end = out->len;
		}
		buf_truncate(out, end);
		buf_add_char(out, '\n');
	}
}

int canvas_text_width(const struct canvas *canvas, const char *text)
{
	struct buf clean = { 0 };
	text_sanitise(&clean, text, strlen(text), canvas->text_flags | TEXT_EXPAND_TABS);
	size_t width = text_width(buf_str(&clean), clean.len);
	buf_release(&clean);
	return width < 10000 ? (int)width : 10000;
}

struct pen pen_at(struct canvas *canvas, struct rect clip, int x, int y)
{
	struct pen pen = { .canvas = canvas, .clip = clip_to(canvas, clip), .x = clip.x + x, .y = clip.y + y };
	if (pen.y < pen.clip.y || pen.y >= pen.clip.y + pen.clip.h)
		pen.clip.w = 0;
	return pen;
}

int pen_room(const struct pen *pen)
{
	int room = pen->clip.x + pen->clip.w - pen->x;
	return room > 0 ? room : 0;
}

/* Accents join the cluster to their left, as far as there is room for them. */
static void join_left(struct pen *pen, const char *text, size_t n)
{
	struct cell *cell = cell_at(pen->canvas, pen->x - 1, pen->y);
	if (cell && cell->width == 0)
		cell = cell_at(pen->canvas, pen->x - 2, pen->y);
	if (!cell || pen->x <= pen->clip.x)
		return;
	size_t used = strlen(cell->text);
	if (used + n < CELL_BYTES)
		memcpy(cell->text + used, text, n);
}

static void put_cluster(struct pen *pen, enum role role, const char *text, size_t n, int width)
{
	if (width == 0) {
		if (pen->column > pen->skip)
			join_left(pen, text, n);
		return;
	}
	pen->column += (size_t)width;
	if (pen->column <= pen->skip)
		return;
	int visible = pen->column - pen->skip < (size_t)width ? 1 : width;
	int room = pen_room(pen);
	if (pen->x >= pen->clip.x && room >= visible) {
		if (visible < width)
			set_cell(pen->canvas, pen->x, pen->y, role, " ", 1, 1);
		else
			set_cell(pen->canvas, pen->x, pen->y, role, text, n, width);
		if (visible == 2)
			set_cell(pen->canvas, pen->x + 1, pen->y, role, "", 0, 1);
		if (visible == 2)
			cell_at(pen->canvas, pen->x + 1, pen->y)->width = 0;
	} else if (room == 1) {
		set_cell(pen->canvas, pen->x, pen->y, role, " ", 1, 1);
	}
	pen->x += visible;
}

static void put_clean(struct pen *pen, enum role role, const char *text, size_t n)
{
	for (size_t at = 0; at < n && (pen_room(pen) > 0 || pen->x < pen->clip.x);) {
		int32_t cp;
		size_t len = text_decode(text + at, n - at, &cp);
		int width = cp < 0 ? 1 : text_cp_width(cp);
		put_cluster(pen, role, text + at, len, width < 0 ? 1 : width);
		at += len;
	}
}

/* Bytes worth looking at: what cannot be seen is not sanitised, or a line of 10 MB would cost a frame. */
static size_t worth(const struct pen *pen, const char *text, size_t n)
{
	size_t most = ((size_t)pen_room(pen) + pen->skip) * 8 + 64;
	return n <= most ? n : text_whole_prefix(text, most);
}

void pen_put(struct pen *pen, enum role role, const char *text, size_t n)
{
	n = worth(pen, text, n);
	for (size_t at = 0; at < n && pen_room(pen) > 0;) {
		const char *tab = memchr(text + at, '\t', n - at);
		size_t end = tab ? (size_t)(tab - text) : n;
		buf_clear(&pen->canvas->scratch);
		text_sanitise(&pen->canvas->scratch, text + at, end - at, pen->canvas->text_flags);
		put_clean(pen, role, buf_str(&pen->canvas->scratch), pen->canvas->scratch.len);
		at = end;
		if (tab) {
			put_clean(pen, role, "        ", 8 - pen->column % 8);
			at++;
		}
	}
}

void pen_str(struct pen *pen, enum role role, const char *text)
{
	pen_put(pen, role, text, strlen(text));
}

void pen_printf(struct pen *pen, enum role role, const char *fmt, ...)
{
	struct buf text = { 0 };
	va_list args;
	va_start(args, fmt);
	buf_vprintf(&text, fmt, args);
	va_end(args);
	pen_put(pen, role, buf_str(&text), text.len);
	buf_release(&text);
}

void pen_glyph(struct pen *pen, enum role role, enum glyph glyph)
{
	const char *text = glyph_text(glyph, pen->canvas->unicode);
	put_clean(pen, role, text, strlen(text));
}

void pen_repeat(struct pen *pen, enum role role, enum glyph glyph, int n)
{
	for (int i = 0; i < n && pen_room(pen) > 0; i++)
		pen_glyph(pen, role, glyph);
}

void pen_to(struct pen *pen, enum role role, int x)
{
	while (pen->x < pen->clip.x + x && pen_room(pen) > 0)
		put_clean(pen, role, " ", 1);
}

void pen_fit(struct pen *pen, enum role role, const char *text, int width)
{
	struct buf clean = { 0 };
	size_t used;
	size_t n = strlen(text);
	if (width <= 0)
		return;
	text_sanitise(&clean, text, worth(pen, text, n), pen->canvas->text_flags | TEXT_EXPAND_TABS);
	bool whole = text_fit(buf_str(&clean), clean.len, (size_t)width, &used) == clean.len;
	int end = pen->x - pen->clip.x + width;
	if (!whole) {
		size_t fits = text_fit(buf_str(&clean), clean.len, (size_t)width - 1, &used);
		put_clean(pen, role, buf_str(&clean), fits);
		pen_to(pen, role, end - 1);
		pen_glyph(pen, role, GLYPH_ELLIPSIS);
	} else {
		put_clean(pen, role, buf_str(&clean), clean.len);
	}
	pen_to(pen, role, end);
	buf_release(&clean);
}
