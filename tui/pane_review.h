/*
 * The review of a proposed change, over the whole screen: its files, and the hunks of one of them with what was decided.
 * An overlay rather than a pane of the layout. It owns how it looks; the decisions are in tui/review.h.
 */
#ifndef BELAY_TUI_PANE_REVIEW_H
#define BELAY_TUI_PANE_REVIEW_H

#include "edit/textdiff.h"
#include "tui/canvas.h"
#include "tui/keymap.h"
#include "tui/list.h"
#include "tui/review.h"

#include <stdbool.h>

struct review_row; /* one line of the body */

struct review_view {
	struct review *review;  /* borrowed; NULL: closed */
	size_t file;
	struct list list;       /* over the rows */
	struct review_row *row; /* owned */
	size_t n_rows, cap_rows;
	size_t mark;            /* the row where a range begins; REVIEW_NO_MARK: none */
	size_t column;          /* scrolled sideways */
	bool hide;              /* decided hunks are not shown */
	bool two, wrap, blanks; /* two columns where they fit; long lines wrapped; blanks and tabs shown */
	size_t context;         /* unchanged lines around a hunk */
	bool no_context;        /* none, by wish */
	int width;              /* of the body at the last draw */
	const char *find;       /* marked; NULL: nothing. Borrowed */
	bool has_disk;          /* the file on disk is known */
	size_t disk_file;       /* which it is of */
	struct buf disk;
	struct line_index lines; /* of it */
};

#define REVIEW_CONTEXT 3
#define REVIEW_HALF_MIN 60 /* cells of each of two columns */

#define REVIEW_NO_MARK ((size_t)-1)

void review_view_open(struct review_view *view, struct review *review);
void review_view_close(struct review_view *view);

/* What a key has made of it, and what is to be said of it ("" : nothing). False when the action was not for it. */
bool review_view_handle(struct review_view *view, enum action action, char *say, size_t room);

size_t review_view_hunk(const struct review_view *view); /* under the cursor */
void review_view_changed(struct review_view *view);      /* the review's hunks are others now */
bool review_view_show_unseen(struct review_view *view);  /* goes to an undecided hunk that was not on screen; false: none */

/* The file that is shown, as it is on disk; NULL: it cannot be read. Hunks that it made stale are undecided again: their number. */
size_t review_view_set_disk(struct review_view *view, const char *text, size_t n);
bool review_view_find(struct review_view *view, const char *find, bool forward); /* over all files */

/* "file 1/2  hunk 1/3   2 undecided" */
void review_view_title(const struct review_view *view, struct buf *out);
void review_view_draw(struct review_view *view, struct canvas *canvas, struct rect rect);

#endif
