/*
 * A scrolled view of lines that live elsewhere and may grow while one reads. The view looks at as many lines as are
 * on screen, so a log of a million lines costs what one screen costs. While it follows, it shows the end; once the
 * reader scrolls up, nothing that arrives moves the text. Lines have absolute numbers: dropping old ones at the
 * front of a long log does not move the view either.
 */
#ifndef BELAY_TUI_TEXT_VIEW_H
#define BELAY_TUI_TEXT_VIEW_H

#include "edit/textdiff.h"
#include "tui/canvas.h"
#include "tui/keymap.h"

#include <stdbool.h>
#include <stddef.h>

#define TEXT_LINE_SPANS 16

struct text_line {
	const char *text; /* borrowed until the next call; without its line end */
	size_t n;
	enum role role;
	char gutter[32];  /* drawn in front, in gutter_role; does not scroll sideways */
	enum role gutter_role;
	struct word_span span[TEXT_LINE_SPANS]; /* emphasised, in span_role */
	size_t n_spans;
	enum role span_role;
	const struct text_span *style; /* stretches in roles of their own; borrowed like the text */
	size_t n_styles;
	size_t style_shift; /* the text begins so many bytes behind what they count from */
};

struct text_source {
	size_t first, end; /* numbers of the lines that are there */
	void (*line)(void *arg, size_t i, struct text_line *out); /* fills text, n and what is not zero */
	void *arg;
};

struct text_view {
	size_t line; /* at the top */
	size_t row;  /* of that line, when it is wrapped */
	size_t column; /* sideways, when it is not */
	bool follow;
	bool wrap;
	size_t end;     /* of the last draw */
	size_t below;   /* lines below the last visible one */
	int height, width;
	bool saw_end;   /* the last draw showed the last line's last row */
	size_t match;   /* the line that find stopped at, or TEXT_VIEW_NO_MATCH */
};

#define TEXT_VIEW_NO_MATCH ((size_t)-1)

/* Bytes of `text` that make one row of `width` cells; breaks after a blank where one is near. */
size_t text_view_row_bytes(const char *text, size_t n, int width);

void text_view_init(struct text_view *view, bool follow, bool wrap);

/* Draws into rect; `find` is marked where it occurs (NULL or "": nothing is). */
void text_view_draw(struct text_view *view, const struct text_source *source, struct canvas *canvas, struct rect rect,
                    const char *find);
/* Rows that all lines take at a width, counted no further than `most`. */
size_t text_view_rows(const struct text_view *view, const struct text_source *source, int width, size_t most);
bool text_view_handle(struct text_view *view, const struct text_source *source, enum action action);

/* Goes to the next (or previous) line that holds `find`, beginning after the match before; false when there is none. */
bool text_view_find(struct text_view *view, const struct text_source *source, const char *find, bool forward);
void text_view_show(struct text_view *view, const struct text_source *source, size_t line); /* near the top third */

#endif
