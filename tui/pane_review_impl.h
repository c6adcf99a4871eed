/* The inside of the review's view: pane_review.c (keys), pane_review_rows.c (what is shown), pane_review_draw.c (how). */
#ifndef BELAY_TUI_PANE_REVIEW_IMPL_H
#define BELAY_TUI_PANE_REVIEW_IMPL_H

#include "tui/pane_review.h"

enum review_row_kind {
	REVIEW_HEAD, /* of a hunk */
	REVIEW_LINE, /* of the diff */
	REVIEW_DISK  /* an unchanged line of the file, around the hunk */
};

struct review_row {
	enum review_row_kind kind;
	size_t hunk;
	size_t row;   /* of the diff; of REVIEW_DISK: the line on disk, from 0 */
	size_t right; /* in two columns: the row beside it, or REVIEW_ALONE */
	size_t at;    /* of a wrapped line: where this piece begins */
	size_t n;     /* and its bytes */
};

#define REVIEW_ALONE ((size_t)-1)
#define REVIEW_GUTTER 14 /* cells of a mark, two numbers and a sign */

void review_view_make_rows(struct review_view *view);
bool review_view_is_double(const struct review_view *view); /* two columns are wished for, and fit */

#endif
