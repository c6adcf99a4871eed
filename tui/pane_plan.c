/* Pane 1: the plan as a tree, with each step's state. */
#include "tui/pane.h"

#include "base/text.h"
#include "base/xalloc.h"
#include "tui/list.h"
#include "tui/plan_tree.h"
#include "tui/words.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define WIDE_MIN 72
#define WIDE_RIGHT 41   /* state, time and detail; titles may take some of it when they are long */
#define WIDE_RIGHT_MIN 33
#define STEP_INDENT 3
#define DEPTH_INDENT 2
#define NARROW_RIGHT 17 /* time and detail */

struct pane_plan {
	struct plan_tree tree;
	struct list list;
	struct map toggled;
	int right; /* of a wide pane: cells for state, time and detail */
};

static void *plan_new(void)
{
	return xcalloc(1, sizeof(struct pane_plan));
}

static void plan_free(void *pane)
{
	struct pane_plan *self = pane;
	plan_tree_release(&self->tree);
	map_release(&self->toggled);
	free(self);
}

/* The old rows point at steps that are gone. */
static void plan_reset(void *pane)
{
	struct pane_plan *self = pane;
	self->tree.n_rows = 0;
}

static void plan_title(void *pane, struct view *view, struct buf *left, struct buf *right)
{
	(void)pane;
	(void)left;
	if (view->replay)
		buf_printf(right, "%zu/%zu", view->model->n_in_state[STEP_DONE], view->model->n_steps);
	else
		words_busy(view, right);
}

/* Makes the rows anew; the cursor stays on the thing it was on, or goes with the selected step. */
static void refresh(struct pane_plan *self, struct view *view)
{
	struct plan_row at = { 0 };
	bool had = self->list.cursor < self->tree.n_rows;
	if (had)
		at = self->tree.row[self->list.cursor];
	char *group = had && at.kind == ROW_GROUP ? xstrndup(at.group, at.group_n) : NULL;
	at.group = group;
	plan_tree_make(&self->tree, view->model, &self->toggled);
	long row = -1;
	bool elsewhere = view->step && (!had || !at.step || strcmp(at.step->id, view->step) != 0);
	if (elsewhere && (view->follow || !had))
		row = plan_tree_find_step(&self->tree, view->step);
	if (row < 0 && had)
		row = plan_tree_find(&self->tree, &at);
	if (row >= 0)
		self->list.cursor = (size_t)row;
	free(group);
}

static void select_row(struct pane_plan *self, struct view *view)
{
	const struct plan_row *row = self->list.cursor < self->tree.n_rows ? &self->tree.row[self->list.cursor] : NULL;
	view_select_file(view, row && row->kind == ROW_FILE ? row->step->file[row->index].path : NULL);
	if (row && row->step)
		view_select(view, row->step->id);
}

static void draw_time(struct pen *pen, const struct view *view, const struct model_step *step, int width)
{
	char time[WORDS_TIME_SIZE] = "";
	int64_t ms = view_elapsed_ms(view, step);
	if (ms >= 0)
		words_time(ms, time);
	pen_printf(pen, ROLE_DIM, "%*s", width, time);
}

/* The longest title is shown whole where that costs the details little. */
static int right_of(const struct pane_plan *self, const struct canvas *canvas, int width)
{
	int need = 0;
	if (width < WIDE_MIN)
		return NARROW_RIGHT;
	for (size_t i = 0; i < self->tree.n_rows; i++) {
		const struct plan_row *row = &self->tree.row[i];
		int left = STEP_INDENT + DEPTH_INDENT * row->depth + 2 + (row->number > 9 ? 2 : 1) + 1;
		if (row->kind == ROW_STEP)
			left += canvas_text_width(canvas, row->step->title) + 1;
		need = left > need ? left : need;
	}
	int right = width - need;
	return right < WIDE_RIGHT_MIN ? WIDE_RIGHT_MIN : right > WIDE_RIGHT ? WIDE_RIGHT : right;
}

static void draw_step(struct pen *pen, const struct view *view, const struct plan_row *row, int right)
{
	const struct model_step *step = row->step;
	enum role role = style_state_role(step->state);
	struct buf detail = { 0 };
	int end = pen->clip.w;
	bool wide = right > NARROW_RIGHT;
	if (map_has(&view->breakpoint, step->id))
		pen_str(pen, ROLE_WAITING, "b");
	else
		pen_glyph(pen, role, style_state_glyph(step->state));
	pen_printf(pen, step->state == STEP_PENDING ? ROLE_DIM : ROLE_TEXT, " %zu ", row->number);
	pen_fit(pen, step->state == STEP_PENDING ? ROLE_DIM : ROLE_TEXT, step->title, end - right - (pen->x - pen->clip.x));
	pen_to(pen, ROLE_TEXT, end - right);
	words_detail(view, step, wide, &detail);
	bool timed = step->started_ms && step->state != STEP_WAITING && step->state != STEP_FAILED;
	pen_str(pen, ROLE_TEXT, " ");
	if (wide)
		pen_fit(pen, role, words_state(step->state), 8);
	if (timed)
		draw_time(pen, view, step, wide ? 6 : 5);
	if (wide || timed)
		pen_str(pen, ROLE_TEXT, timed && wide ? "   " : "  ");
	bool plain = step->state == STEP_PENDING || step->state == STEP_DONE || step->state == STEP_RUNNING;
	pen_fit(pen, plain ? ROLE_DIM : role, buf_str(&detail), pen_room(pen) - !wide);
	buf_release(&detail);
}

static void draw_group(struct pen *pen, const struct plan_row *row, bool closed)
{
	char *id = plan_row_id(row);
	char count[48];
	snprintf(count, sizeof count, "%zu/%zu", row->sub, row->index);
	pen_glyph(pen, ROLE_FRAME, closed ? GLYPH_CLOSED : GLYPH_OPEN);
	pen_printf(pen, ROLE_FILE, " %s", id);
	pen_printf(pen, ROLE_DIM, "  %s", count);
	free(id);
}

static void draw_check(struct pen *pen, const struct model_check *check)
{
	enum role role = !check->finished ? ROLE_RUNNING : check->exit_code ? ROLE_FAILED : ROLE_OK;
	enum glyph glyph = !check->finished ? GLYPH_RUNNING : check->exit_code ? GLYPH_FAILED : GLYPH_DONE;
	char time[WORDS_TIME_SIZE];
	words_time(check->ms, time);
	pen_glyph(pen, role, glyph);
	pen_printf(pen, ROLE_TEXT, " check %s", check->name);
	if (check->finished && check->exit_code)
		pen_printf(pen, role, "  exit %" PRId64, check->exit_code);
	if (check->finished)
		pen_printf(pen, ROLE_DIM, "  %s%s", time, check->cached ? " cached" : "");
}

static void draw_part(struct pen *pen, const struct plan_row *row)
{
	const struct model_step *step = row->step;
	struct buf text = { 0 };
	if (row->kind == ROW_ATTEMPT) {
		pen_printf(pen, ROLE_DIM, "attempt %d", step->attempt);
	} else if (row->kind == ROW_MESSAGE) {
		const char *words = *step->message ? step->message : step->reason;
		pen_fit(pen, *step->message ? ROLE_FAILED : ROLE_DIM, words, pen_room(pen));
	} else if (row->kind == ROW_FILE) {
		const struct model_file *file = &step->file[row->index];
		static const char *const signs[] = { "A", "M", "D", "R" };
		pen_printf(pen, ROLE_DIM, "%s ", signs[file->change]);
		pen_str(pen, ROLE_TEXT, file->path);
		if (file->added < 0)
			pen_str(pen, ROLE_DIM, "  binary");
		else
			pen_printf(pen, ROLE_DIM, "  +%" PRId64 " -%" PRId64, file->added, file->removed);
	} else if (row->kind == ROW_CHECK) {
		draw_check(pen, &step->check[row->index]);
	} else {
		diag_format(&text, &step->check[row->index].diags.diag[row->sub]);
		size_t n = text.len && text.data[text.len - 1] == '\n' ? text.len - 1 : text.len;
		pen_put(pen, ROLE_FAILED, buf_str(&text), n);
		buf_release(&text);
	}
}

static void draw_row(struct pane_plan *self, struct view *view, struct pen *pen, const struct plan_row *row)
{
	pen_to(pen, ROLE_TEXT, STEP_INDENT + DEPTH_INDENT * row->depth);
	if (row->kind == ROW_STEP) {
		draw_step(pen, view, row, self->right);
	} else if (row->kind == ROW_GROUP) {
		char *id = plan_row_id(row);
		draw_group(pen, row, map_has(&self->toggled, id));
		free(id);
	} else {
		draw_part(pen, row);
	}
}

static void plan_draw(void *pane, struct view *view, struct canvas *canvas, struct rect rect)
{
	struct pane_plan *self = pane;
	refresh(self, view);
	list_fit(&self->list, self->tree.n_rows, rect.h > 0 ? (size_t)rect.h : 0);
	self->right = right_of(self, canvas, rect.w);
	for (int y = 0; y < rect.h && self->list.top + (size_t)y < self->tree.n_rows; y++) {
		size_t i = self->list.top + (size_t)y;
		struct pen pen = pen_at(canvas, rect, 1, y);
		if (i == self->list.cursor) {
			pen_glyph(&pen, ROLE_FOCUS, GLYPH_CURSOR);
			canvas->cursor_x = rect.x + 1;
			canvas->cursor_y = rect.y + y;
		}
		draw_row(self, view, &pen, &self->tree.row[i]);
	}
}

static void toggle(struct pane_plan *self)
{
	if (self->list.cursor >= self->tree.n_rows)
		return;
	char *id = plan_row_id(&self->tree.row[self->list.cursor]);
	if (map_has(&self->toggled, id))
		map_remove(&self->toggled, id);
	else
		map_put(&self->toggled, id, self);
	free(id);
}

/* Open: groups that are not toggled, steps that are. */
static bool is_open(const struct pane_plan *self, const struct plan_row *row)
{
	char *id = plan_row_id(row);
	bool toggled = map_has(&self->toggled, id);
	free(id);
	return (row->kind == ROW_GROUP) != toggled;
}

/* To the left: closes what is open, else goes to the row that holds this one. */
static void go_left(struct pane_plan *self)
{
	const struct plan_row *row = &self->tree.row[self->list.cursor];
	bool is_head = row->kind == ROW_GROUP || row->kind == ROW_STEP;
	if (is_head && is_open(self, row)) {
		toggle(self);
		return;
	}
	for (size_t i = self->list.cursor; i-- > 0;) {
		if (self->tree.row[i].depth < row->depth) {
			list_select(&self->list, i);
			return;
		}
	}
}

static bool plan_handle(void *pane, struct view *view, enum action action)
{
	struct pane_plan *self = pane;
	refresh(self, view);
	if (list_handle(&self->list, action)) {
		view->follow = false;
		select_row(self, view);
		return true;
	}
	if (self->list.cursor >= self->tree.n_rows)
		return false;
	const struct plan_row *row = &self->tree.row[self->list.cursor];
	switch (action) {
	case ACTION_OPEN:
	case ACTION_TOGGLE:
		toggle(self);
		return true;
	case ACTION_RIGHT:
		if ((row->kind == ROW_GROUP || row->kind == ROW_STEP) && !is_open(self, row))
			toggle(self);
		return true;
	case ACTION_LEFT:
		go_left(self);
		select_row(self, view);
		return true;
	default:
		return false;
	}
}

static bool row_holds(const struct plan_row *row, const char *find)
{
	if (row->kind == ROW_STEP)
		return strcasestr(row->step->title, find) || strcasestr(row->step->id, find);
	if (row->kind == ROW_FILE)
		return strcasestr(row->step->file[row->index].path, find);
	if (row->kind != ROW_GROUP)
		return false;
	char *id = plan_row_id(row);
	bool holds = strcasestr(id, find);
	free(id);
	return holds;
}

static bool plan_find(void *pane, struct view *view, const char *find, bool forward)
{
	struct pane_plan *self = pane;
	refresh(self, view);
	size_t n = self->tree.n_rows;
	for (size_t step = 1; step <= n; step++) {
		size_t i = (self->list.cursor + (forward ? step : n - step % n)) % n;
		if (!row_holds(&self->tree.row[i], find))
			continue;
		list_select(&self->list, i);
		view->follow = false;
		select_row(self, view);
		return true;
	}
	return false;
}

static int plan_rows(void *pane, struct view *view)
{
	struct pane_plan *self = pane;
	refresh(self, view);
	return self->tree.n_rows > 1000 ? 1000 : (int)self->tree.n_rows;
}

const struct pane_ops pane_plan_ops = {
	.name = "Plan",
	.new = plan_new,
	.title = plan_title,
	.draw = plan_draw,
	.handle = plan_handle,
	.find = plan_find,
	.reset = plan_reset,
	.rows = plan_rows,
	.free = plan_free,
};
