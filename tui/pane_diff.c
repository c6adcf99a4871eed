/*
 * Pane 3: what the selected step would change. While its answer streams, the diff grows (edit/progress.h); afterwards
 * it is the proposed patch. In one column, or in two where each half has 60 cells. Only the rows on screen are compared
 * word by word.
 */
#include "tui/pane.h"

#include "base/xalloc.h"
#include "edit/textdiff.h"
#include "tui/diff_rows.h"
#include "tui/text_view.h"
#include "tui/words.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HALF_MIN 60
#define LARGE_BYTES (2 * 1024 * 1024)
#define LARGE_ROWS 20000

struct pane_diff {
	char *step;      /* whose diff this is; owned */
	int attempt;
	uint64_t seq;    /* changed_seq of the step when the rows were made */
	bool live;       /* the rows come from `progress` */
	bool opened;     /* large, and shown all the same */
	bool large;
	bool single;     /* one column, however wide */
	struct progress *progress;
	size_t fed;      /* bytes of the answer */
	unsigned long version;
	char *blob;      /* hash of the patch in `patch`; owned */
	struct buf patch;
	struct diff_rows rows;
	struct diff_pairs pairs;
	struct text_view text;
	bool plain;      /* no words are compared: nothing is drawn */
	struct err err;  /* the patch cannot be had */
	const struct view *view; /* during a call */
};

static void *diff_new(void)
{
	struct pane_diff *self = xcalloc(1, sizeof *self);
	text_view_init(&self->text, false, false);
	return self;
}

static void diff_reset(void *pane)
{
	struct pane_diff *self = pane;
	progress_free(self->progress);
	self->progress = NULL;
	free(self->step);
	free(self->blob);
	self->step = self->blob = NULL;
	self->rows.n_rows = self->rows.n_files = self->pairs.n_pairs = 0;
	self->fed = 0;
	self->seq = 0;
	self->live = self->opened = self->large = false;
	buf_clear(&self->patch);
	err_clear(&self->err);
}

static void diff_free(void *pane)
{
	struct pane_diff *self = pane;
	diff_reset(self);
	diff_rows_release(&self->rows);
	diff_pairs_release(&self->pairs);
	buf_release(&self->patch);
	free(self);
}

/* ---- where the rows come from ---- */

static int progress_load(void *arg, const char *path, struct buf *out)
{
	const struct pane_diff *self = arg;
	const struct model_step *step = view_step(self->view);
	const char *hash = step ? map_get(&step->read_hash, path) : NULL;
	struct err err;
	if (!hash)
		return -1;
	return self->view->feed->ops->blob(self->view->feed, hash, out, &err);
}

static void make_live(struct pane_diff *self, const struct model_step *step)
{
	if (!self->progress || step->answer.len < self->fed) {
		progress_free(self->progress);
		self->progress = progress_new(progress_load, self);
		self->fed = 0;
		self->version = 0;
	}
	if (step->answer.len > self->fed)
		progress_feed(self->progress, step->answer.data + self->fed, step->answer.len - self->fed);
	self->fed = step->answer.len;
	unsigned long version = progress_version(self->progress);
	if (self->live && version == self->version)
		return;
	self->version = version;
	self->live = true;
	diff_rows_from_progress(&self->rows, self->progress);
	diff_pairs_make(&self->pairs, &self->rows);
}

static void make_from_patch(struct pane_diff *self, const struct model_step *step)
{
	bool same = self->blob && step->patch_blob && strcmp(self->blob, step->patch_blob) == 0;
	if (same && !self->live)
		return;
	progress_free(self->progress);
	self->progress = NULL;
	self->live = false;
	buf_clear(&self->patch);
	err_clear(&self->err);
	free(self->blob);
	self->blob = xstrdup(step->patch_blob);
	if (step->patch_blob)
		(void)self->view->feed->ops->blob(self->view->feed, step->patch_blob, &self->patch, &self->err);
	else
		buf_add(&self->patch, buf_str(&step->patch), step->patch.len);
	self->large = self->patch.len > LARGE_BYTES;
	diff_rows_from_patch(&self->rows, buf_str(&self->patch), self->large && !self->opened ? 0 : self->patch.len);
	self->large = self->large || self->rows.n_rows > LARGE_ROWS;
	if (self->large && !self->opened)
		self->rows.n_rows = 0;
	diff_pairs_make(&self->pairs, &self->rows);
}

/* Brings the rows up to date with the selected step. */
static void refresh(struct pane_diff *self, const struct view *view)
{
	const struct model_step *step = view_step(view);
	self->view = view;
	if (!step) {
		diff_reset(self);
		return;
	}
	if (!self->step || strcmp(self->step, step->id) != 0 || self->attempt != step->attempt) {
		diff_reset(self);
		self->step = xstrdup(step->id);
		self->attempt = step->attempt;
		text_view_init(&self->text, false, false);
		self->text.follow = step->state == STEP_RUNNING;
	}
	bool has_patch = step->patch_blob || step->patch.len;
	if (!has_patch && step->answer.len) {
		make_live(self, step);
	} else if (self->seq != step->changed_seq || self->live) {
		if (self->live) /* the finished diff is read from its beginning */
			text_view_init(&self->text, false, false);
		make_from_patch(self, step);
	}
	self->seq = step->changed_seq;
}

/* ---- rows on screen ---- */

static const enum role line_role[] = {
	[DIFF_FILE] = ROLE_FILE,       [DIFF_NOTE] = ROLE_NOTE,       [DIFF_HUNK] = ROLE_HUNK,
	[DIFF_CONTEXT] = ROLE_TEXT, [DIFF_REMOVED] = ROLE_REMOVED, [DIFF_ADDED] = ROLE_ADDED,
};

/* Marks the words that differ from the line's partner. */
static void emphasise(const struct pane_diff *self, const struct diff_row *row, struct text_line *out)
{
	if (self->plain)
		return;
	out->n_spans = diff_row_words(&self->rows, (size_t)(row - self->rows.row), out->span, TEXT_LINE_SPANS);
	out->span_role = row->kind == DIFF_REMOVED ? ROLE_REMOVED_WORD : ROLE_ADDED_WORD;
}

static void number(char out[8], size_t n)
{
	if (n)
		snprintf(out, 8, "%5zu", n % 100000);
	else
		snprintf(out, 8, "%5s", "");
}

static void row_line(const struct pane_diff *self, const struct diff_row *row, struct text_line *out)
{
	out->text = row->text;
	out->n = row->n;
	out->role = out->gutter_role = line_role[row->kind];
	emphasise(self, row, out);
}

static char sign_of(const struct diff_row *row)
{
	return row->kind == DIFF_REMOVED ? '-' : row->kind == DIFF_ADDED ? '+' : ' ';
}

static void unified_line(void *arg, size_t i, struct text_line *out)
{
	const struct pane_diff *self = arg;
	const struct diff_row *row = &self->rows.row[i];
	char old_no[8], new_no[8];
	row_line(self, row, out);
	if (row->kind < DIFF_CONTEXT) {
		snprintf(out->gutter, sizeof out->gutter, "%s", row->kind == DIFF_NOTE ? "  " : "");
		return;
	}
	number(old_no, row->old_line);
	number(new_no, row->new_line);
	snprintf(out->gutter, sizeof out->gutter, "%s %s %c ", old_no, new_no, sign_of(row));
	if (row->kind == DIFF_CONTEXT)
		out->gutter_role = ROLE_DIM;
}

static struct text_source source_of(struct pane_diff *self)
{
	return (struct text_source){ .end = self->rows.n_rows, .line = unified_line, .arg = self };
}

static void draw_half(const struct pane_diff *self, struct canvas *canvas, struct rect rect, size_t i, bool left)
{
	char no[8];
	struct text_line line = { 0 };
	struct pen pen = pen_at(canvas, rect, 0, 0);
	if (i == DIFF_ALONE)
		return;
	const struct diff_row *row = &self->rows.row[i];
	row_line(self, row, &line);
	number(no, left ? row->old_line : row->new_line);
	pen_printf(&pen, row->kind == DIFF_CONTEXT ? ROLE_DIM : line.role, "%s %c ", no, sign_of(row));
	pen.column = 0;
	pen.skip = self->text.column;
	size_t at = 0;
	for (size_t s = 0; s < line.n_spans; s++) {
		pen_put(&pen, line.role, line.text + at, line.span[s].at - at);
		pen_put(&pen, line.span_role, line.text + line.span[s].at, line.span[s].n);
		at = line.span[s].at + line.span[s].n;
	}
	pen_put(&pen, line.role, line.text + at, line.n - at);
}

static void draw_pair(const struct pane_diff *self, struct canvas *canvas, struct rect rect, size_t i)
{
	const struct diff_pair *pair = &self->pairs.pair[i];
	const struct diff_row *row = pair->left != DIFF_ALONE ? &self->rows.row[pair->left] : NULL;
	int half = (rect.w - 1) / 2;
	if (row && row->kind < DIFF_CONTEXT) {
		struct pen pen = pen_at(canvas, rect, row->kind == DIFF_NOTE ? 2 : 0, 0);
		pen_put(&pen, line_role[row->kind], row->text, row->n);
		return;
	}
	draw_half(self, canvas, (struct rect){ rect.x, rect.y, half, 1 }, pair->left, true);
	struct pen pen = pen_at(canvas, rect, half, 0);
	pen_glyph(&pen, ROLE_FRAME, GLYPH_HALF);
	draw_half(self, canvas, (struct rect){ rect.x + half + 1, rect.y, rect.w - half - 1, 1 }, pair->right, false);
}

static bool is_double(const struct pane_diff *self, int width)
{
	return !self->single && (width - 1) / 2 >= HALF_MIN;
}

/* Two columns scroll by pairs; the view's top line is then a pair's number. */
static void draw_double(struct pane_diff *self, struct canvas *canvas, struct rect rect)
{
	size_t height = (size_t)rect.h;
	size_t last = self->pairs.n_pairs > height ? self->pairs.n_pairs - height : 0;
	struct text_view *text = &self->text;
	if (text->follow || text->line > last)
		text->line = last;
	text->row = 0;
	text->height = rect.h;
	text->width = rect.w;
	for (int y = 0; y < rect.h && text->line + (size_t)y < self->pairs.n_pairs; y++)
		draw_pair(self, canvas, rect_row(rect, y), text->line + (size_t)y);
	size_t bottom = text->line + height;
	text->below = bottom < self->pairs.n_pairs ? self->pairs.n_pairs - bottom : 0;
}

static const char *path_at_top(const struct pane_diff *self, size_t *n)
{
	size_t at = self->text.line < self->rows.n_rows ? self->text.line + 1 : self->rows.n_rows;
	if (self->live && self->text.follow)
		at = self->rows.n_rows;
	while (at-- > 0) {
		if (self->rows.row[at].kind == DIFF_FILE) {
			*n = self->rows.row[at].n;
			return self->rows.row[at].text;
		}
	}
	return NULL;
}

static void diff_title(void *pane, struct view *view, struct buf *left, struct buf *right)
{
	struct pane_diff *self = pane;
	size_t n;
	refresh(self, view);
	const char *path = path_at_top(self, &n);
	const struct model_step *step = view_step(view);
	if (path)
		buf_printf(left, ": %.*s", (int)n, path);
	else if (step)
		buf_printf(left, ": step %zu", view_number(view, step));
	if (self->live)
		buf_add_str(left, "  (live)");
	else if (self->rows.n_files > 1)
		buf_printf(left, "  (%zu files)", self->rows.n_files);
	if (self->text.below && !self->text.follow)
		buf_printf(right, "+%zu lines  ", self->text.below);
	buf_add_str(right, is_double(self, self->text.width) ? "side-by-side" : "unified");
}

static void draw_empty(const struct pane_diff *self, const struct view *view, struct pen *pen)
{
	const struct model_step *step = view_step(view);
	if (self->err.code)
		pen_printf(pen, ROLE_FAILED, "the change cannot be shown: %s", self->err.msg);
	else if (self->large)
		pen_printf(pen, ROLE_NOTE, "a large change, %zu bytes: Enter shows it", self->patch.len);
	else if (self->live)
		pen_str(pen, ROLE_DIM, *progress_path(self->progress) ? "the place is being looked for" : "no edit yet");
	else
		pen_str(pen, ROLE_DIM, step ? "this step has proposed no change" : "no step is selected");
}

/* Following a live diff means to look where it grows, which need not be its end. */
static void aim_at_growth(struct pane_diff *self, int height)
{
	size_t focus = progress_focus(self->progress);
	size_t lead = height > 3 ? (size_t)height * 2 / 3 : 0;
	size_t last = self->rows.n_rows > (size_t)height ? self->rows.n_rows - (size_t)height : 0;
	size_t top = focus > lead ? focus - lead : 0;
	self->text.line = top < last ? top : last;
	self->text.row = 0;
}

static void draw_unified(struct pane_diff *self, struct canvas *canvas, struct rect rect, const char *find)
{
	struct text_source source = source_of(self);
	bool aims = self->live && self->text.follow;
	if (aims) {
		aim_at_growth(self, rect.h);
		self->text.follow = false;
	}
	text_view_draw(&self->text, &source, canvas, rect, find);
	self->text.follow = self->text.follow || aims;
}

static void diff_draw(void *pane, struct view *view, struct canvas *canvas, struct rect rect)
{
	struct pane_diff *self = pane;
	refresh(self, view);
	struct rect inner = { rect.x + 1, rect.y, rect.w - 1, rect.h };
	self->text.width = inner.w;
	if (!self->rows.n_rows) {
		struct pen pen = pen_at(canvas, inner, 0, 0);
		draw_empty(self, view, &pen);
	} else if (is_double(self, inner.w)) {
		draw_double(self, canvas, inner);
	} else {
		draw_unified(self, canvas, inner, view->find);
	}
}

/* A line of two columns is one row, so moving is the same but for the number of lines. */
static void pair_as_line(void *arg, size_t i, struct text_line *out)
{
	const struct pane_diff *self = arg;
	const struct diff_pair *pair = &self->pairs.pair[i];
	row_line(self, &self->rows.row[pair->right != DIFF_ALONE ? pair->right : pair->left], out);
}

static struct text_source shown_source(struct pane_diff *self)
{
	if (!is_double(self, self->text.width))
		return source_of(self);
	return (struct text_source){ .end = self->pairs.n_pairs, .line = pair_as_line, .arg = self };
}

static bool diff_handle(void *pane, struct view *view, enum action action)
{
	struct pane_diff *self = pane;
	refresh(self, view);
	if (action == ACTION_SIDE_BY_SIDE) {
		self->single = !self->single;
		self->text.line = self->text.row = 0;
		return true;
	}
	if (action == ACTION_OPEN && self->large && !self->opened) {
		self->opened = true;
		free(self->blob);
		self->blob = NULL;
		self->seq = 0;
		return true;
	}
	struct text_source source = shown_source(self);
	return text_view_handle(&self->text, &source, action);
}

static bool diff_find(void *pane, struct view *view, const char *find, bool forward)
{
	struct pane_diff *self = pane;
	refresh(self, view);
	struct text_source source = shown_source(self);
	self->plain = true;
	bool found = text_view_find(&self->text, &source, find, forward);
	self->plain = false;
	return found;
}

const struct pane_ops pane_diff_ops = {
	.name = "Diff",
	.new = diff_new,
	.title = diff_title,
	.draw = diff_draw,
	.handle = diff_handle,
	.find = diff_find,
	.reset = diff_reset,
	.free = diff_free,
};
