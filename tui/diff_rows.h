/*
 * A unified diff as rows for the screen: file heads, hunks, and lines with their numbers on both sides. A removed line
 * knows the added line that took its place, for word-level emphasis and for two columns. Pure.
 */
#ifndef BELAY_TUI_DIFF_ROWS_H
#define BELAY_TUI_DIFF_ROWS_H

#include "base/buf.h"
#include "edit/progress.h"
#include "edit/textdiff.h"

#include <stdbool.h>
#include <stddef.h>

enum diff_row_kind { DIFF_FILE, DIFF_NOTE, DIFF_HUNK, DIFF_CONTEXT, DIFF_REMOVED, DIFF_ADDED };

struct diff_row {
	enum diff_row_kind kind;
	const char *text; /* borrowed from what the rows were made of; without sign and line end */
	size_t n;
	size_t old_line, new_line; /* from 1; 0: it has none */
	size_t partner;   /* index of the row that took its place, or whose place it took; DIFF_ALONE: none */
};

#define DIFF_ALONE ((size_t)-1)

struct diff_rows {
	struct diff_row *row; /* owned */
	size_t n_rows, cap_rows;
	size_t n_files;
};

/* Rows of a patch as git writes it. The patch must stay while the rows are used. */
void diff_rows_from_patch(struct diff_rows *rows, const char *patch, size_t n);

/* Rows of a live diff; valid until the next progress_feed. */
void diff_rows_from_progress(struct diff_rows *rows, const struct progress *progress);
/* The spans of a row that differ from its partner's, at most `most`; 0 when it has none. */
size_t diff_row_words(const struct diff_rows *rows, size_t row, struct word_span *span, size_t most);

void diff_rows_release(struct diff_rows *rows);

/* Two columns: pairs of rows, a removed line beside its partner. Either side may be DIFF_ALONE (nothing there);
 * heads and hunks stand on both sides as the same row. */
struct diff_pair {
	size_t left, right;
};

struct diff_pairs {
	struct diff_pair *pair; /* owned */
	size_t n_pairs, cap_pairs;
};

void diff_pairs_make(struct diff_pairs *pairs, const struct diff_rows *rows);
void diff_pairs_release(struct diff_pairs *pairs);

#endif
