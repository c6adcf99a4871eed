#include "tui/diff_rows.h"

#include "base/vec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIFF_ROW_WORDS 16

static struct diff_row *add_row(struct diff_rows *rows, enum diff_row_kind kind, const char *text, size_t n)
{
	rows->row = vec_room(rows->row, rows->n_rows, &rows->cap_rows, sizeof *rows->row);
	rows->row[rows->n_rows] = (struct diff_row){ .kind = kind, .text = text, .n = n, .partner = DIFF_ALONE };
	return &rows->row[rows->n_rows++];
}

/* The k-th removed line of a run and its k-th added line stand for each other. */
static void pair_run(struct diff_rows *rows, size_t removed_at, size_t added_at, size_t end)
{
	for (size_t i = 0; removed_at + i < added_at && added_at + i < end; i++) {
		rows->row[removed_at + i].partner = added_at + i;
		rows->row[added_at + i].partner = removed_at + i;
	}
}

static void pair_rows(struct diff_rows *rows)
{
	for (size_t i = 0; i < rows->n_rows;) {
		size_t added = i;
		while (added < rows->n_rows && rows->row[added].kind == DIFF_REMOVED)
			added++;
		size_t end = added;
		while (end < rows->n_rows && rows->row[end].kind == DIFF_ADDED)
			end++;
		pair_run(rows, i, added, end);
		i = end > i ? end : i + 1;
	}
}

static bool starts(const char *text, size_t n, const char *with)
{
	size_t len = strlen(with);
	return n >= len && memcmp(text, with, len) == 0;
}

struct reader {
	struct diff_rows *rows;
	size_t old_line, new_line; /* of the next line */
	size_t old_left, new_left; /* lines of the hunk still to come */
};

/* "diff --git a/x b/x": the second name, for names without blanks and quotes the only certain thing. */
static void add_file(struct reader *reader, const char *line, size_t n)
{
	const char *rest = line + strlen("diff --git ");
	size_t rest_n = n - strlen("diff --git ");
	size_t half = rest_n / 2; /* both names are alike but for a/ and b/ */
	bool alike = rest_n > 5 && rest_n % 2 == 1 && rest[half] == ' ' && memcmp(rest + 2, rest + half + 3, half - 2) == 0;
	if (alike)
		add_row(reader->rows, DIFF_FILE, rest + half + 3, half - 2);
	else
		add_row(reader->rows, DIFF_FILE, rest, rest_n);
	reader->rows->n_files++;
	reader->old_left = reader->new_left = 0;
}

static bool add_hunk(struct reader *reader, const char *line, size_t n)
{
	char head[96];
	unsigned long old_at = 0, old_n = 1, new_at = 0, new_n = 1;
	snprintf(head, sizeof head, "%.*s", (int)(n < sizeof head ? n : sizeof head - 1), line);
	if (sscanf(head, "@@ -%lu,%lu", &old_at, &old_n) < 1)
		return false;
	const char *plus = strchr(head, '+');
	if (!plus || sscanf(plus, "+%lu,%lu", &new_at, &new_n) < 1)
		return false;
	add_row(reader->rows, DIFF_HUNK, line, n);
	reader->old_line = old_at;
	reader->new_line = new_at;
	reader->old_left = old_n;
	reader->new_left = new_n;
	return true;
}

/* A line within a hunk; false when the hunk is over or the line cannot belong to it. */
static bool add_line(struct reader *reader, const char *line, size_t n)
{
	char sign = n ? line[0] : ' ';
	if (!reader->old_left && !reader->new_left)
		return false;
	if (sign != ' ' && sign != '+' && sign != '-')
		return false;
	enum diff_row_kind kind = sign == '+' ? DIFF_ADDED : sign == '-' ? DIFF_REMOVED : DIFF_CONTEXT;
	struct diff_row *row = add_row(reader->rows, kind, n ? line + 1 : line, n ? n - 1 : 0);
	if (kind != DIFF_ADDED) {
		row->old_line = reader->old_line++;
		reader->old_left -= reader->old_left > 0;
	}
	if (kind != DIFF_REMOVED) {
		row->new_line = reader->new_line++;
		reader->new_left -= reader->new_left > 0;
	}
	return true;
}

static void take_line(struct reader *reader, const char *line, size_t n)
{
	if (add_line(reader, line, n))
		return;
	if (starts(line, n, "diff --git "))
		add_file(reader, line, n);
	else if (starts(line, n, "@@ ") && add_hunk(reader, line, n))
		return;
	else if (starts(line, n, "\\ "))
		add_row(reader->rows, DIFF_NOTE, line + 2, n - 2);
	else if (n && !starts(line, n, "--- ") && !starts(line, n, "+++ ") && !starts(line, n, "index "))
		add_row(reader->rows, DIFF_NOTE, line, n);
}

void diff_rows_from_patch(struct diff_rows *rows, const char *patch, size_t n)
{
	struct reader reader = { .rows = rows };
	rows->n_rows = rows->n_files = 0;
	for (size_t at = 0; at < n;) {
		const char *end = memchr(patch + at, '\n', n - at);
		size_t len = end ? (size_t)(end - patch) - at : n - at;
		take_line(&reader, patch + at, len);
		at += len + 1;
	}
	pair_rows(rows);
}

void diff_rows_from_progress(struct diff_rows *rows, const struct progress *progress)
{
	static const enum diff_row_kind kinds[] = {
		[PROGRESS_CONTEXT] = DIFF_CONTEXT, [PROGRESS_REMOVED] = DIFF_REMOVED, [PROGRESS_ADDED] = DIFF_ADDED,
		[PROGRESS_HUNK] = DIFF_HUNK,       [PROGRESS_FILE] = DIFF_FILE,
	};
	rows->n_rows = rows->n_files = 0;
	for (size_t i = 0; i < progress_n_lines(progress); i++) {
		struct progress_line line;
		progress_line(progress, i, &line);
		struct diff_row *row = add_row(rows, kinds[line.mark], line.text, line.n);
		row->old_line = line.old_line;
		row->new_line = line.new_line;
		rows->n_files += line.mark == PROGRESS_FILE;
	}
	pair_rows(rows);
}

size_t diff_row_words(const struct diff_rows *rows, size_t at, struct word_span *span, size_t most)
{
	struct word_span other[DIFF_ROW_WORDS];
	size_t n_other = DIFF_ROW_WORDS;
	size_t n = most < DIFF_ROW_WORDS ? most : DIFF_ROW_WORDS;
	const struct diff_row *row = &rows->row[at];
	if (row->partner == DIFF_ALONE)
		return 0;
	const struct diff_row *partner = &rows->row[row->partner];
	size_t room = n;
	if (row->kind == DIFF_REMOVED)
		word_diff(row->text, row->n, partner->text, partner->n, span, &n, other, &n_other, room);
	else
		word_diff(partner->text, partner->n, row->text, row->n, other, &n_other, span, &n, room);
	return n;
}

void diff_rows_release(struct diff_rows *rows)
{
	free(rows->row);
	*rows = (struct diff_rows){ 0 };
}

static void add_pair(struct diff_pairs *pairs, size_t left, size_t right)
{
	pairs->pair = vec_room(pairs->pair, pairs->n_pairs, &pairs->cap_pairs, sizeof *pairs->pair);
	pairs->pair[pairs->n_pairs++] = (struct diff_pair){ left, right };
}

void diff_pairs_make(struct diff_pairs *pairs, const struct diff_rows *rows)
{
	pairs->n_pairs = 0;
	for (size_t i = 0; i < rows->n_rows; i++) {
		const struct diff_row *row = &rows->row[i];
		if (row->kind == DIFF_REMOVED)
			add_pair(pairs, i, row->partner);
		else if (row->kind != DIFF_ADDED)
			add_pair(pairs, i, i);
		else if (row->partner == DIFF_ALONE)
			add_pair(pairs, DIFF_ALONE, i);
	}
}

void diff_pairs_release(struct diff_pairs *pairs)
{
	free(pairs->pair);
	*pairs = (struct diff_pairs){ 0 };
}
