/* Pane 4: who does what. */
#include "tui/pane.h"

#include "base/xalloc.h"
#include "tui/words.h"

#include <inttypes.h>
#include <stdlib.h>

struct pane_workers {
	int top;
};

static void *workers_new(void)
{
	return xcalloc(1, sizeof(struct pane_workers));
}

static void workers_title(void *pane, struct view *view, struct buf *left, struct buf *right)
{
	(void)pane;
	(void)left;
	words_busy(view, right);
}

/* Slots in use can outnumber the workers: steps that wait for a server hold none. */
static int count_lines(const struct view *view)
{
	int n = view->n_workers < VIEW_SLOTS ? (int)view->n_workers : VIEW_SLOTS;
	for (int i = n; i < VIEW_SLOTS; i++)
		if (view->slot[i])
			n = i + 1;
	return n;
}

static void draw_worker(struct pen *pen, const struct view *view, int slot)
{
	const struct model_step *step = run_model_step(view->model, view->slot[slot]);
	struct buf doing = { 0 };
	pen_printf(pen, ROLE_DIM, "w%-2d ", slot + 1);
	if (!step) {
		pen_str(pen, ROLE_DIM, "idle");
		return;
	}
	pen_printf(pen, ROLE_TEXT, "step %zu  %-8s  ", view_number(view, step), step->verb);
	const struct transcript *transcript = view_transcript(view, step->id);
	int64_t rate = transcript ? transcript_rate(transcript) : 0;
	words_phase(view, step, &doing);
	if (step->state == STEP_LANDED)
		buf_add_str(&doing, "checking");
	if (rate)
		buf_printf(&doing, "  ~%" PRId64 " tok/s", rate);
	pen_fit(pen, ROLE_RUNNING, buf_str(&doing), pen_room(pen));
	buf_release(&doing);
}

static void workers_draw(void *pane, struct view *view, struct canvas *canvas, struct rect rect)
{
	struct pane_workers *self = pane;
	int n = count_lines(view);
	if (self->top > n - rect.h)
		self->top = n > rect.h ? n - rect.h : 0;
	for (int y = 0; y < rect.h && self->top + y < n; y++) {
		struct pen pen = pen_at(canvas, rect, 1, y);
		draw_worker(&pen, view, self->top + y);
	}
}

static bool workers_handle(void *pane, struct view *view, enum action action)
{
	struct pane_workers *self = pane;
	(void)view;
	if (action == ACTION_DOWN)
		self->top++;
	else if (action == ACTION_UP && self->top)
		self->top--;
	else
		return action == ACTION_UP;
	return true;
}

static int workers_rows(void *pane, struct view *view)
{
	(void)pane;
	return count_lines(view);
}

const struct pane_ops pane_workers_ops = {
	.name = "Workers",
	.new = workers_new,
	.title = workers_title,
	.draw = workers_draw,
	.handle = workers_handle,
	.rows = workers_rows,
	.free = free,
};
