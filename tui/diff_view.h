/*
 * A diff on screen: rows (diff_rows.h) in one column, or in two where each half has 60 cells; words that differ are
 * marked in the rows that are drawn and in no others. Whoever has one makes its rows, then diff_view_made. Pure.
 */
#ifndef BELAY_TUI_DIFF_VIEW_H
#define BELAY_TUI_DIFF_VIEW_H

#include "tui/canvas.h"
#include "tui/diff_rows.h"
#include "tui/keymap.h"
#include "tui/text_view.h"

#include <stdbool.h>
#include <stddef.h>

struct diff_view {
	struct diff_rows rows; /* made by the owner */
	struct diff_pairs pairs;
	struct text_view text;
	bool single;   /* one column, however wide */
	bool no_words; /* none are compared: nothing is drawn */
};

void diff_view_init(struct diff_view *view);
void diff_view_release(struct diff_view *view);
void diff_view_made(struct diff_view *view);  /* after `rows` was filled */
void diff_view_clear(struct diff_view *view); /* no rows */
void diff_view_top(struct diff_view *view);   /* scrolls to the beginning; does not follow */

/* `growing`: while it follows, the row that is kept in sight; DIFF_ALONE: the end. */
void diff_view_draw(struct diff_view *view, struct canvas *canvas, struct rect rect, const char *find, size_t growing);
bool diff_view_handle(struct diff_view *view, enum action action);
bool diff_view_find(struct diff_view *view, const char *find, bool forward);

bool diff_view_is_double(const struct diff_view *view); /* at the last width */

/* The file that the rows at the top, or at the end, belong to: its path and *n bytes; NULL: none. */
const char *diff_view_path(const struct diff_view *view, bool at_end, size_t *n);

#endif
