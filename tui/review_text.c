/* A review as text: the patch of what is accepted, and a hunk to be edited and back. */
#include "tui/review.h"

#include "base/xalloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char signs[] = { [DIFF_CONTEXT] = ' ', [DIFF_REMOVED] = '-', [DIFF_ADDED] = '+' };

/* ---- what is accepted ---- */

struct emitted {
	struct buf body;
	size_t n_old, n_new, n_changes;
};

static void emit_line(struct emitted *out, char sign, const struct diff_row *row)
{
	buf_add_char(&out->body, sign);
	buf_add(&out->body, row->text, row->n);
	buf_add_char(&out->body, '\n');
	out->n_old += sign != '+';
	out->n_new += sign != '-';
	out->n_changes += sign != ' ';
}

/* A line that is not accepted is as if it had not been proposed: an added one is not there, a removed one stays. */
static void emit_row(const struct review *review, size_t i, struct emitted *out)
{
	const struct diff_row *row = &review->rows.row[i];
	bool yes = review->decision[i] == DECISION_YES;
	if (row->kind == DIFF_NOTE)
		buf_printf(&out->body, "\\ %.*s\n", (int)row->n, row->text);
	else if (row->kind == DIFF_CONTEXT || (row->kind == DIFF_REMOVED && !yes))
		emit_line(out, ' ', row);
	else if (yes)
		emit_line(out, signs[row->kind], row);
}

/* All parts of a hunk, from its "@@" line on: `end` is the hunk after the last. */
static size_t emit_hunk(const struct review *review, size_t hunk, long *shift, struct buf *out)
{
	unsigned long old_at = 0;
	struct emitted emitted = { 0 };
	const struct diff_row *head = &review->rows.row[review->hunk[hunk].head];
	size_t end = hunk;
	bool drop = review->hunk[hunk].whole && review_of_hunk(review, hunk) != DECISION_YES;
	for (; end < review->n_hunks && review->hunk[end].head == review->hunk[hunk].head; end++)
		for (size_t i = review->hunk[end].first; i < review->hunk[end].end; i++)
			emit_row(review, i, &emitted);
	if (sscanf(head->text, "@@ -%lu", &old_at) == 1 && emitted.n_changes && !drop) {
		long new_at = (long)old_at + *shift + (emitted.n_old ? 0 : 1) - (emitted.n_new ? 0 : 1);
		buf_printf(out, "@@ -%lu,%zu +%ld,%zu @@\n", old_at, emitted.n_old, new_at < 0 ? 0 : new_at, emitted.n_new);
		buf_add(out, buf_str(&emitted.body), emitted.body.len);
		*shift += (long)emitted.n_new - (long)emitted.n_old;
	}
	buf_release(&emitted.body);
	return end;
}

void review_write_file(const struct review *review, size_t index, struct buf *out)
{
	const struct review_file *file = &review->file[index];
	struct buf body = { 0 };
	long shift = 0;
	const char *patch = buf_str(&review->patch);
	bool one = review->hunk[file->first_hunk].whole && (file->deleted || file->body == file->end || file->body == review->patch.len);
	if (one) {
		if (review_of_hunk(review, file->first_hunk) == DECISION_YES)
			buf_add(out, patch + file->at, file->end - file->at);
		return;
	}
	for (size_t i = file->first_hunk; i < file->first_hunk + file->n_hunks;)
		i = emit_hunk(review, i, &shift, &body);
	if (body.len) {
		buf_add(out, patch + file->at, file->body - file->at);
		buf_add(out, buf_str(&body), body.len);
	}
	buf_release(&body);
}

void review_write(const struct review *review, struct buf *out)
{
	for (size_t i = 0; i < review->n_files; i++)
		review_write_file(review, i, out);
}

/* ---- a hunk to be edited ---- */

void review_hunk_text(const struct review *review, size_t hunk, struct buf *out)
{
	for (size_t i = review->hunk[hunk].first; i < review->hunk[hunk].end; i++) {
		const struct diff_row *row = &review->rows.row[i];
		buf_add_char(out, signs[row->kind]);
		buf_add(out, row->text, row->n);
		buf_add_char(out, '\n');
	}
}

/* The next line of a text; false at its end. */
static bool next_line(const char **at, const char *end, const char **line, size_t *n)
{
	if (*at >= end)
		return false;
	const char *stop = memchr(*at, '\n', (size_t)(end - *at));
	*line = *at;
	*n = (size_t)((stop ? stop : end) - *at);
	*at = stop ? stop + 1 : end;
	return true;
}

/* Lines that begin with '#' are the editor's help. An empty line is a context line that an editor has trimmed. */
static int check_line(const char *line, size_t n, struct err *err)
{
	if (n && !strchr("+- #", line[0]))
		return err_set(err, ERR_USAGE, "a line of the edited hunk begins with none of ' ', '+', '-': '%.*s'",
		               (int)(n < 40 ? n : 40), line);
	return 0;
}

/* Does the text have the same old lines as the hunk? Also counts what is new in it. */
static int check_text(const struct review *review, const struct review_hunk *hunk, const char *text, size_t len,
                      struct err *err)
{
	const char *at = text;
	const char *line;
	size_t n;
	size_t row = hunk->first;
	while (next_line(&at, text + len, &line, &n)) {
		if (check_line(line, n, err) != 0)
			return -1;
		if (n && (line[0] == '+' || line[0] == '#'))
			continue;
		while (row < hunk->end && review->rows.row[row].kind == DIFF_ADDED)
			row++;
		const struct diff_row *old = row < hunk->end ? &review->rows.row[row++] : NULL;
		size_t own = n ? n - 1 : 0;
		if (!old || old->n != own || memcmp(old->text, line + (n > 0), own) != 0)
			return err_set(err, ERR_CONFLICT, "the edited hunk no longer fits: its old lines must stay, with ' ' or '-'");
	}
	while (row < hunk->end && review->rows.row[row].kind == DIFF_ADDED)
		row++;
	if (row < hunk->end)
		return err_set(err, ERR_CONFLICT, "the edited hunk no longer fits: one of its old lines is gone");
	return 0;
}

/* The patch with the hunk's lines as they were edited, and its numbers made right. */
static size_t write_edited(const struct review *review, size_t hunk, const char *text, size_t len, struct buf *out)
{
	const struct review_hunk *own = &review->hunk[hunk];
	const struct diff_row *head = &review->rows.row[own->head];
	const char *patch = buf_str(&review->patch);
	const struct diff_row *last = &review->rows.row[own->end - 1];
	size_t n_old = 0, n_new = 0, n_rows = 0;
	unsigned long old_at = 0, new_at = 0;
	struct buf body = { 0 };
	const char *at = text;
	const char *line;
	size_t n;
	while (next_line(&at, text + len, &line, &n)) {
		char sign = n ? line[0] : ' ';
		if (sign == '#')
			continue;
		n_old += sign != '+';
		n_new += sign != '-';
		n_rows++;
		buf_add_char(&body, sign);
		buf_add(&body, line + (n > 0), n ? n - 1 : 0);
		buf_add_char(&body, '\n');
	}
	const char *plus = memchr(head->text, '+', head->n);
	(void)sscanf(head->text, "@@ -%lu", &old_at);
	(void)sscanf(plus ? plus : "+0", "+%lu", &new_at);
	buf_add(out, patch, (size_t)(head->text - patch));
	buf_printf(out, "@@ -%lu,%zu +%lu,%zu @@\n", old_at, n_old, new_at, n_new);
	buf_add(out, buf_str(&body), body.len);
	const char *rest = last->text + last->n + 1;
	buf_add(out, rest, review->patch.len - (size_t)(rest - patch));
	buf_release(&body);
	return n_rows;
}

static bool is_split(const struct review *review, size_t hunk)
{
	size_t head = review->hunk[hunk].head;
	return (hunk > 0 && review->hunk[hunk - 1].head == head) ||
	       (hunk + 1 < review->n_hunks && review->hunk[hunk + 1].head == head);
}

int review_replace_hunk(struct review *review, size_t hunk, const char *text, size_t n, struct err *err)
{
	struct review edited = { 0 };
	struct buf patch = { 0 };
	struct review_hunk own = review->hunk[hunk];
	if (own.whole || is_split(review, hunk))
		return err_set(err, ERR_USAGE, own.whole ? "this is taken or left as a whole" : "a part of a hunk cannot be edited");
	if (check_text(review, &own, text, n, err) != 0)
		return -1;
	size_t n_rows = write_edited(review, hunk, text, n, &patch);
	int rc = review_open(&edited, review->step, review->request, &patch, err);
	buf_release(&patch);
	if (rc != 0)
		return -1;
	size_t rest = review->rows.n_rows - own.end;
	memcpy(edited.decision, review->decision, own.first);
	memset(edited.decision + own.first, DECISION_YES, n_rows);
	memcpy(edited.decision + own.first + n_rows, review->decision + own.end, rest);
	for (size_t i = 0; i < edited.n_hunks && i < review->n_hunks; i++)
		edited.hunk[i].seen = review->hunk[i].seen;
	edited.edited = true;
	review_close(review);
	*review = edited;
	return 0;
}
