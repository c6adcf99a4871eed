#include "edit/picture.h"

#include "base/vec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void picture_clear(struct picture *picture)
{
	picture->n_rows = 0;
	picture->n_hunks = 0;
	buf_clear(&picture->text);
}

void picture_release(struct picture *picture)
{
	free(picture->row);
	free(picture->hunk);
	buf_release(&picture->text);
	*picture = (struct picture){ 0 };
}

static struct picture_row *add_row(struct picture *picture)
{
	picture->row = vec_room(picture->row, picture->n_rows, &picture->cap_rows, sizeof *picture->row);
	picture->row[picture->n_rows] = (struct picture_row){ 0 };
	return &picture->row[picture->n_rows++];
}

static void make_title(struct picture_hunk *hunk)
{
	snprintf(hunk->title, sizeof hunk->title, "@@ -%zu,%zu +%zu,%zu @@", hunk->old_n ? hunk->old_at + 1 : hunk->old_at,
	         hunk->old_n, hunk->new_n ? hunk->new_at + 1 : hunk->new_at, hunk->new_n);
}

static void add_hunk(struct picture *picture, size_t old_at, size_t new_at)
{
	picture->hunk = vec_room(picture->hunk, picture->n_hunks, &picture->cap_hunks, sizeof *picture->hunk);
	picture->hunk[picture->n_hunks] = (struct picture_hunk){ .old_at = old_at, .new_at = new_at };
	make_title(&picture->hunk[picture->n_hunks]);
	struct picture_row *row = add_row(picture);
	row->mark = PROGRESS_HUNK;
	row->at = picture->n_hunks++;
}

/* A line below the last hunk's title, with its line end off. */
static void add_text(struct picture *picture, enum progress_mark mark, const char *line, size_t n)
{
	struct picture_hunk *hunk = &picture->hunk[picture->n_hunks - 1];
	struct picture_row *row = add_row(picture);
	while (n && (line[n - 1] == '\n' || line[n - 1] == '\r'))
		n--;
	row->mark = mark;
	row->at = picture->text.len;
	row->n = n;
	buf_add(&picture->text, line, n);
	if (mark != PROGRESS_ADDED)
		row->old_line = hunk->old_at + ++hunk->old_n;
	if (mark != PROGRESS_REMOVED)
		row->new_line = hunk->new_at + ++hunk->new_n;
}

static void add_lines(struct picture *picture, enum progress_mark mark, const struct picture_side *side, size_t from,
                      size_t to)
{
	for (size_t i = from; i < to; i++)
		add_text(picture, mark, side->text + side->index->start[i], side->index->start[i + 1] - side->index->start[i]);
}

void picture_add_diff(struct picture *picture, const struct line_diff *diff, const struct picture_side *old_side,
                      const struct picture_side *new_side)
{
	for (size_t i = 0; i < diff->n_runs; i++) {
		const struct diff_run *run = &diff->run[i];
		size_t before = i ? diff->run[i - 1].old_at + diff->run[i - 1].old_n : 0;
		bool joins = i && run->old_at - before <= 2 * PICTURE_CONTEXT;
		size_t from = joins || run->old_at - before < PICTURE_CONTEXT ? before : run->old_at - PICTURE_CONTEXT;
		if (!joins)
			add_hunk(picture, old_side->first + from, new_side->first + run->new_at - (run->old_at - from));
		add_lines(picture, PROGRESS_CONTEXT, old_side, from, run->old_at);
		add_lines(picture, PROGRESS_REMOVED, old_side, run->old_at, run->old_at + run->old_n);
		add_lines(picture, PROGRESS_ADDED, new_side, run->new_at, run->new_at + run->new_n);
		size_t end = run->old_at + run->old_n;
		size_t next = i + 1 < diff->n_runs ? diff->run[i + 1].old_at : old_side->index->n_lines;
		/* Context that the next hunk does not show as its own. */
		bool joined = i + 1 < diff->n_runs && next - end <= 2 * PICTURE_CONTEXT;
		if (!joined)
			add_lines(picture, PROGRESS_CONTEXT, old_side, end, next - end < PICTURE_CONTEXT ? next : end + PICTURE_CONTEXT);
		make_title(&picture->hunk[picture->n_hunks - 1]);
	}
}

void picture_add_equal(struct picture *picture, const struct picture_side *side, size_t at, size_t n)
{
	add_hunk(picture, side->first + at, side->first + at);
	add_lines(picture, PROGRESS_CONTEXT, side, at, at + n);
	make_title(&picture->hunk[picture->n_hunks - 1]);
}

void picture_add_new(struct picture *picture, const char *line, size_t n, size_t new_line)
{
	if (!picture->n_hunks)
		add_hunk(picture, 0, new_line);
	add_text(picture, PROGRESS_ADDED, line, n);
	picture->row[picture->n_rows - 1].new_line = new_line + 1;
	make_title(&picture->hunk[picture->n_hunks - 1]);
}

void picture_renumber(struct picture *picture, size_t (*old_line)(void *arg, size_t line), void *arg)
{
	struct picture_hunk *hunk = NULL;
	for (size_t i = 0; i < picture->n_rows; i++) {
		struct picture_row *row = &picture->row[i];
		if (row->mark == PROGRESS_HUNK) {
			hunk = &picture->hunk[row->at];
			size_t line = old_line(arg, hunk->old_at + 1);
			hunk->old_at = line ? line - 1 : hunk->old_at;
			make_title(hunk);
		} else if (row->old_line) {
			row->old_line = old_line(arg, row->old_line);
		}
	}
}

void picture_line(const struct picture *picture, size_t i, struct progress_line *out)
{
	const struct picture_row *row = &picture->row[i];
	*out = (struct progress_line){ .mark = row->mark, .old_line = row->old_line, .new_line = row->new_line };
	if (row->mark == PROGRESS_HUNK) {
		out->text = picture->hunk[row->at].title;
		out->n = strlen(out->text);
	} else {
		out->text = buf_str(&picture->text) + row->at;
		out->n = row->n;
	}
}
