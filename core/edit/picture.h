/*
 * A difference as rows to show: hunks with their context. Internal to progress. Pure.
 */
#ifndef BELAY_EDIT_PICTURE_H
#define BELAY_EDIT_PICTURE_H

#include "base/buf.h"
#include "edit/progress.h"
#include "edit/textdiff.h"

#include <stdbool.h>
#include <stddef.h>

#define PICTURE_CONTEXT 3 /* lines of context around a change */

struct picture_row {
	enum progress_mark mark;
	size_t old_line, new_line; /* from 1; 0 when it has none */
	size_t at, n;              /* its text in picture.text; of PROGRESS_HUNK: `at` is the index of the hunk */
};

struct picture_hunk {
	size_t old_at, old_n, new_at, new_n; /* first line, from 0, and how many */
	char title[100];
};

struct picture {
	struct picture_row *row; /* owned */
	size_t n_rows, cap_rows;
	struct picture_hunk *hunk; /* owned */
	size_t n_hunks, cap_hunks;
	struct buf text;
};

/* One side of a comparison: a text, its lines, and which line of the file its first one is (from 0). */
struct picture_side {
	const char *text;
	const struct line_index *index;
	size_t first;
};

void picture_clear(struct picture *picture);
void picture_release(struct picture *picture);

/* Adds all rows of a difference. */
void picture_add_diff(struct picture *picture, const struct line_diff *diff, const struct picture_side *old_side,
                      const struct picture_side *new_side);

/* Adds a hunk of lines that are alike on both sides: n from the side's line `at`. */
void picture_add_equal(struct picture *picture, const struct picture_side *side, size_t at, size_t n);

/* Adds one new line to the last hunk (a first one is made), numbered `new_line` from 0. */
void picture_add_new(struct picture *picture, const char *line, size_t n, size_t new_line);

/* Gives the old lines other numbers: of the text that old_line maps from. 0 where it had none. */
void picture_renumber(struct picture *picture, size_t (*old_line)(void *arg, size_t line), void *arg);

void picture_line(const struct picture *picture, size_t i, struct progress_line *out);

#endif
