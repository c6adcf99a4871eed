/*
 * A grid of cells that panes draw into; screen.c copies it to the terminal, tests read it as text. Every text
 * passes the sanitiser (base/text.h) on its way in, so no pane can let a control through, and every drawing is
 * clipped, so any size is fine. A cell holds one grapheme cluster; a wide one is followed by an empty right half.
 */
#ifndef BELAY_TUI_CANVAS_H
#define BELAY_TUI_CANVAS_H

#include "base/attr.h"
#include "base/buf.h"
#include "tui/style.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CELL_BYTES 13

struct cell {
	char text[CELL_BYTES]; /* NUL-terminated; empty in the right half of a wide cluster */
	uint8_t width;         /* 1 or 2; 0 in a right half */
	uint8_t role;          /* enum role */
	uint8_t reverse;       /* selected */
};

struct rect {
	int x, y, w, h;
};

struct canvas {
	struct cell *cell; /* owned; w * h, row by row */
	int w, h;
	bool unicode;        /* glyphs beyond ASCII may be drawn */
	unsigned text_flags; /* TEXT_ASCII, TEXT_UNICODE_NATIVE */
	int cursor_x, cursor_y;
	struct buf scratch;
};

void canvas_resize(struct canvas *canvas, int w, int h); /* and clears; a zeroed struct is an empty canvas */
void canvas_release(struct canvas *canvas);
const struct cell *canvas_cell(const struct canvas *canvas, int x, int y);
void canvas_fill(struct canvas *canvas, struct rect rect, enum role role); /* with blanks */
void canvas_reverse(struct canvas *canvas, struct rect rect);
void canvas_frame(struct canvas *canvas, struct rect rect);
void canvas_vline(struct canvas *canvas, int x, int y, int h);
struct rect rect_row(struct rect rect, int row);   /* one line of a rectangle */
struct rect rect_inset(struct rect rect, int by_x, int by_y);

/* Lines of the canvas without trailing blanks, each with a line end. */
void canvas_dump(const struct canvas *canvas, struct buf *out);

/* Writes from left to right on one line, within `clip`. `skip` cells are left out first (sideways scrolling). */
struct pen {
	struct canvas *canvas;
	struct rect clip;
	int x, y;
	size_t skip;
	size_t column; /* cells since the start, for tabs; skipped ones count */
};

/* Cells that a text takes once it is sanitised. */
int canvas_text_width(const struct canvas *canvas, const char *text);

struct pen pen_at(struct canvas *canvas, struct rect clip, int x, int y); /* relative to clip */
void pen_put(struct pen *pen, enum role role, const char *text, size_t n);
void pen_str(struct pen *pen, enum role role, const char *text);
void pen_printf(struct pen *pen, enum role role, const char *fmt, ...) PRINTF_LIKE(3, 4);
void pen_glyph(struct pen *pen, enum role role, enum glyph glyph);
void pen_repeat(struct pen *pen, enum role role, enum glyph glyph, int n);
void pen_fit(struct pen *pen, enum role role, const char *text, int width); /* exactly `width` cells: cut or padded */
void pen_to(struct pen *pen, enum role role, int x); /* blanks up to x, relative to clip */
int pen_room(const struct pen *pen);                 /* cells left */

#endif
