/*
 * Pane 3: what the selected step would change. While its answer streams, the diff grows (edit/progress.h); afterwards
 * it is the proposed patch. In one column, or in two where each half has 60 cells. Only the rows on screen are compared
 * word by word.
 */
#include "tui/pane.h"

#include "base/xalloc.h"
#include "tui/diff_view.h"
#include "tui/words.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	struct diff_view shown;
	struct err err;  /* the patch cannot be had */
	const struct view *view; /* during a call */
};

static void *diff_new(void)
{
	struct pane_diff *self = xcalloc(1, sizeof *self);
	diff_view_init(&self->shown);
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
	diff_view_clear(&self->shown);
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
	diff_view_release(&self->shown);
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
	diff_rows_from_progress(&self->shown.rows, self->progress);
	diff_view_made(&self->shown);
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
	diff_rows_from_patch(&self->shown.rows, buf_str(&self->patch), self->large && !self->opened ? 0 : self->patch.len);
	self->large = self->large || self->shown.rows.n_rows > LARGE_ROWS;
	if (self->large && !self->opened)
		self->shown.rows.n_rows = 0;
	diff_view_made(&self->shown);
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
		diff_view_top(&self->shown);
		self->shown.text.follow = step->state == STEP_RUNNING;
	}
	bool has_patch = step->patch_blob || step->patch.len;
	if (!has_patch && step->answer.len) {
		make_live(self, step);
	} else if (self->seq != step->changed_seq || self->live) {
		if (self->live) /* the finished diff is read from its beginning */
			diff_view_top(&self->shown);
		make_from_patch(self, step);
	}
	self->seq = step->changed_seq;
}

static void diff_title(void *pane, struct view *view, struct buf *left, struct buf *right)
{
	struct pane_diff *self = pane;
	size_t n;
	refresh(self, view);
	const char *path = diff_view_path(&self->shown, self->live && self->shown.text.follow, &n);
	const struct model_step *step = view_step(view);
	if (path)
		buf_printf(left, ": %.*s", (int)n, path);
	else if (step)
		buf_printf(left, ": step %zu", view_number(view, step));
	if (self->live)
		buf_add_str(left, "  (live)");
	else if (self->shown.rows.n_files > 1)
		buf_printf(left, "  (%zu files)", self->shown.rows.n_files);
	if (self->shown.text.below && !self->shown.text.follow)
		buf_printf(right, "+%zu lines  ", self->shown.text.below);
	buf_add_str(right, diff_view_is_double(&self->shown) ? "side-by-side" : "unified");
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

static void diff_draw(void *pane, struct view *view, struct canvas *canvas, struct rect rect)
{
	struct pane_diff *self = pane;
	refresh(self, view);
	struct rect inner = { rect.x + 1, rect.y, rect.w - 1, rect.h };
	self->shown.text.width = inner.w;
	if (!self->shown.rows.n_rows) {
		struct pen pen = pen_at(canvas, inner, 0, 0);
		draw_empty(self, view, &pen);
	} else {
		size_t growing = self->live ? progress_focus(self->progress) : DIFF_ALONE;
		diff_view_draw(&self->shown, canvas, inner, view->find, growing);
	}
}

static bool diff_handle(void *pane, struct view *view, enum action action)
{
	struct pane_diff *self = pane;
	refresh(self, view);
	if (action == ACTION_OPEN && self->large && !self->opened) {
		self->opened = true;
		free(self->blob);
		self->blob = NULL;
		self->seq = 0;
		return true;
	}
	return diff_view_handle(&self->shown, action);
}

static bool diff_find(void *pane, struct view *view, const char *find, bool forward)
{
	struct pane_diff *self = pane;
	refresh(self, view);
	return diff_view_find(&self->shown, find, forward);
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
