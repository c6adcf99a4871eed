/* Pane 5: the run as a whole: tokens, cost, tree; below it what was noted, newest last. */
#include "tui/pane.h"

#include "base/clock.h"
#include "base/xalloc.h"
#include "tui/text_view.h"
#include "tui/words.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FACT_LINES 5

struct pane_run {
	struct text_view notes;
	struct buf line; /* the one that was asked for last */
	const struct run_model *model;
};

static void *run_new(void)
{
	struct pane_run *self = xcalloc(1, sizeof *self);
	text_view_init(&self->notes, true, true);
	return self;
}

static void run_free(void *pane)
{
	struct pane_run *self = pane;
	buf_release(&self->line);
	free(self);
}

static void run_title(void *pane, struct view *view, struct buf *left, struct buf *right)
{
	const struct run_model *model = view->model;
	(void)pane;
	(void)left;
	if (model->finished)
		buf_printf(right, "exit %" PRId64, model->exit_code);
}

static void fact_tokens(const struct view *view, struct buf *out)
{
	const struct run_model *model = view->model;
	buf_add_str(out, "in ");
	words_number(out, model->tokens_in);
	buf_add_str(out, "  out ");
	words_number(out, model->tokens_out);
	if (model->tokens_in > 0 && model->tokens_cached > 0)
		buf_printf(out, "  cache %" PRId64 " %%", model->tokens_cached * 100 / model->tokens_in);
}

static void fact_cost(const struct view *view, struct buf *out)
{
	buf_printf(out, "$%.2f", view->model->usd);
	if (view->usd_limit > 0)
		buf_printf(out, " of $%.2f", view->usd_limit);
	if (view->model->n_retries)
		buf_printf(out, "  retries %" PRId64, view->model->n_retries);
}

static void fact_tree(const struct view *view, struct buf *out)
{
	const struct run_model *model = view->model;
	size_t landed = 0;
	for (size_t i = 0; i < model->n_steps; i++)
		landed += model->step[i]->landed;
	if (model->head && *model->head)
		buf_printf(out, "at %.7s", model->head);
	else
		buf_add_str(out, "no commit");
	buf_printf(out, " + %zu step%s landed", landed, landed == 1 ? "" : "s");
	if (model->open_intent.n_items)
		buf_printf(out, ", %zu landing", model->open_intent.n_items);
}

static void fact_root(const struct view *view, struct buf *out)
{
	buf_add_str(out, view->model->root ? view->model->root : "");
}

static void fact_run(const struct view *view, struct buf *out)
{
	buf_add_str(out, view->model->run ? view->model->run : "");
}

static void note_line(void *arg, size_t i, struct text_line *out)
{
	struct pane_run *self = arg;
	const struct model_notice *notice = &self->model->notice[i - self->model->notices_dropped];
	bool good = strcmp(notice->category, "ok") == 0;
	int64_t since = notice->at_ms - self->model->started_ms;
	char time[WORDS_TIME_SIZE];
	words_time(since, time);
	buf_clear(&self->line);
	if (notice->step)
		buf_printf(&self->line, "%s: ", notice->step);
	if (!good && *notice->category)
		buf_printf(&self->line, "%s: ", notice->category);
	buf_add_str(&self->line, notice->message);
	if (*notice->hint)
		buf_printf(&self->line, " (%s)", notice->hint);
	snprintf(out->gutter, sizeof out->gutter, "%7s ", time);
	out->gutter_role = ROLE_DIM;
	out->role = good ? ROLE_OK : ROLE_WAITING;
	out->text = buf_str(&self->line);
	out->n = self->line.len;
}

static struct text_source source_of(struct pane_run *self, const struct view *view)
{
	self->model = view->model;
	size_t first = view->model->notices_dropped;
	return (struct text_source){ .first = first, .end = first + view->model->n_notices, .line = note_line, .arg = self };
}

static void run_draw(void *pane, struct view *view, struct canvas *canvas, struct rect rect)
{
	static const struct {
		const char *name;
		void (*fact)(const struct view *view, struct buf *out);
	} facts[FACT_LINES] = { { "tokens", fact_tokens },
		                { "cost", fact_cost },
		                { "tree", fact_tree },
		                { "root", fact_root },
		                { "run", fact_run } };
	struct pane_run *self = pane;
	struct text_source source = source_of(self, view);
	for (int y = 0; y < FACT_LINES && y < rect.h; y++) {
		struct buf text = { 0 };
		struct pen pen = pen_at(canvas, rect, 1, y);
		facts[y].fact(view, &text);
		pen_printf(&pen, ROLE_DIM, "%-8s", facts[y].name);
		pen_fit(&pen, ROLE_TEXT, buf_str(&text), pen_room(&pen));
		buf_release(&text);
	}
	struct rect notes = { rect.x, rect.y + FACT_LINES, rect.w, rect.h - FACT_LINES };
	text_view_draw(&self->notes, &source, canvas, notes, view->find);
}

static bool run_handle(void *pane, struct view *view, enum action action)
{
	struct pane_run *self = pane;
	struct text_source source = source_of(self, view);
	return text_view_handle(&self->notes, &source, action);
}

static bool run_find(void *pane, struct view *view, const char *find, bool forward)
{
	struct pane_run *self = pane;
	struct text_source source = source_of(self, view);
	return text_view_find(&self->notes, &source, find, forward);
}

const struct pane_ops pane_run_ops = {
	.name = "Run",
	.new = run_new,
	.title = run_title,
	.draw = run_draw,
	.handle = run_handle,
	.find = run_find,
	.free = run_free,
};
