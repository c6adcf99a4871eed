/* The events of a run, one a line; text that streams is gathered into one line for each stretch. */
#include "tui/pane.h"

#include "base/xalloc.h"
#include "base/vec.h"
#include "tui/list.h"
#include "tui/words.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EVENTS_MAX 50000 /* older lines go, a quarter at a time */

struct event_line {
	uint64_t seq;
	int64_t at_ms;
	enum event_kind kind;
	char *step;   /* owned, or NULL */
	char *detail; /* owned */
	size_t n;     /* events gathered */
	int64_t bytes;
};

struct pane_events {
	struct event_line *line; /* owned */
	size_t n_lines, cap_lines;
	struct list list;
	bool follow;
};

static void *events_new(void)
{
	struct pane_events *self = xcalloc(1, sizeof *self);
	self->follow = true;
	return self;
}

static void free_line(struct event_line *line)
{
	free(line->step);
	free(line->detail);
}

static void events_reset(void *pane)
{
	struct pane_events *self = pane;
	for (size_t i = 0; i < self->n_lines; i++)
		free_line(&self->line[i]);
	self->n_lines = 0;
}

static void events_free(void *pane)
{
	struct pane_events *self = pane;
	events_reset(self);
	free(self->line);
	free(self);
}

static void drop_old(struct pane_events *self)
{
	size_t drop = EVENTS_MAX / 4;
	if (self->n_lines < EVENTS_MAX)
		return;
	for (size_t i = 0; i < drop; i++)
		free_line(&self->line[i]);
	self->n_lines -= drop;
	memmove(self->line, self->line + drop, self->n_lines * sizeof *self->line);
	self->list.cursor -= drop < self->list.cursor ? drop : self->list.cursor;
	self->list.top -= drop < self->list.top ? drop : self->list.top;
}

static void add_if(struct buf *out, const char *before, const char *text)
{
	if (text && *text)
		buf_printf(out, "%s%s%s", out->len ? "  " : "", before, text);
}

static char *describe(const struct event *event)
{
	struct buf out = { 0 };
	size_t n;
	add_if(&out, "", event->title);
	add_if(&out, "", event->path);
	add_if(&out, "", event->model);
	add_if(&out, "", event->phase);
	add_if(&out, "", event->risk);
	add_if(&out, "", event->what);
	add_if(&out, "by ", event->by);
	add_if(&out, "", event->check);
	if (event->kind == EVENT_CHECK_FINISHED || event->kind == EVENT_RUN_FINISHED)
		buf_printf(&out, "%sexit %" PRId64, out.len ? "  " : "", event->exit_code);
	add_if(&out, "", event->category);
	add_if(&out, "", event->message);
	add_if(&out, "", event->reason);
	for (size_t i = 0; i < event->files.n_files && i < 3; i++)
		add_if(&out, "", event->files.file[i].path);
	if (event->files.n_files > 3)
		buf_printf(&out, "  and %zu more", event->files.n_files - 3);
	return buf_take(&out, &n);
}

static bool gathers(const struct event_line *last, const struct event *event)
{
	bool text = event->kind == EVENT_OUTPUT || event->kind == EVENT_FILE_READ;
	return text && last->kind == event->kind && last->step && event->step && strcmp(last->step, event->step) == 0;
}

static void events_event(void *pane, struct view *view, const struct event *event)
{
	struct pane_events *self = pane;
	struct event_line *last = self->n_lines ? &self->line[self->n_lines - 1] : NULL;
	int64_t bytes = event->kind == EVENT_FILE_READ ? event->bytes : (int64_t)event->text.len;
	(void)view;
	if (last && gathers(last, event)) {
		last->n++;
		last->bytes += bytes;
		last->seq = event->seq;
		return;
	}
	drop_old(self);
	self->line = vec_room(self->line, self->n_lines, &self->cap_lines, sizeof *self->line);
	self->line[self->n_lines++] = (struct event_line){ .seq = event->seq,
		                                           .at_ms = event->at_ms,
		                                           .kind = event->kind,
		                                           .step = xstrdup(event->step),
		                                           .detail = describe(event),
		                                           .n = 1,
		                                           .bytes = bytes };
}

static void events_title(void *pane, struct view *view, struct buf *left, struct buf *right)
{
	(void)pane;
	(void)left;
	if (view->status.last_seq)
		buf_printf(right, "%" PRIu64 "/%" PRIu64, view->status.seq, view->status.last_seq);
	else
		buf_printf(right, "%" PRIu64, view->model->seq);
}

static void draw_line(const struct view *view, struct pen *pen, const struct event_line *line)
{
	const struct model_step *step = run_model_step(view->model, line->step);
	char time[WORDS_TIME_SIZE];
	int64_t since = line->at_ms - view->model->started_ms;
	words_time(since, time);
	pen_printf(pen, ROLE_DIM, "%9s.%03d  ", time, (int)((since < 0 ? 0 : since) % 1000));
	if (step)
		pen_printf(pen, ROLE_TEXT, "step %-3zu ", view_number(view, step));
	else
		pen_str(pen, ROLE_TEXT, "         ");
	bool bad = line->kind == EVENT_STEP_FAILED || line->kind == EVENT_CONFLICT;
	pen_fit(pen, bad ? ROLE_FAILED : ROLE_KEY, event_kind_info(line->kind)->wire, 17);
	if (line->n > 1)
		pen_printf(pen, ROLE_DIM, "%zu events, %" PRId64 " bytes  ", line->n, line->bytes);
	pen_fit(pen, ROLE_TEXT, line->detail ? line->detail : "", pen_room(pen));
}

static void events_draw(void *pane, struct view *view, struct canvas *canvas, struct rect rect)
{
	struct pane_events *self = pane;
	if (self->follow)
		self->list.cursor = self->n_lines;
	list_fit(&self->list, self->n_lines, rect.h > 0 ? (size_t)rect.h : 0);
	for (int y = 0; y < rect.h && self->list.top + (size_t)y < self->n_lines; y++) {
		size_t i = self->list.top + (size_t)y;
		struct pen pen = pen_at(canvas, rect, 1, y);
		if (i == self->list.cursor) {
			pen_glyph(&pen, ROLE_FOCUS, GLYPH_CURSOR);
			canvas->cursor_x = rect.x + 1;
			canvas->cursor_y = rect.y + y;
		}
		pen_to(&pen, ROLE_TEXT, 3);
		draw_line(view, &pen, &self->line[i]);
	}
}

static void select_line(struct pane_events *self, struct view *view)
{
	if (self->list.cursor < self->n_lines && self->line[self->list.cursor].step) {
		view_select(view, self->line[self->list.cursor].step);
		view->follow = false;
	}
}

static bool events_handle(void *pane, struct view *view, enum action action)
{
	struct pane_events *self = pane;
	if (action == ACTION_FOLLOW || action == ACTION_LAST) {
		self->follow = true;
		return true;
	}
	if (!list_handle(&self->list, action))
		return false;
	self->follow = false;
	select_line(self, view);
	return true;
}

static bool events_find(void *pane, struct view *view, const char *find, bool forward)
{
	struct pane_events *self = pane;
	for (size_t step = 1; step <= self->n_lines; step++) {
		size_t i = (self->list.cursor + (forward ? step : self->n_lines - step % self->n_lines)) % self->n_lines;
		const struct event_line *line = &self->line[i];
		if (!strcasestr(event_kind_info(line->kind)->wire, find) && !strcasestr(line->detail ? line->detail : "", find))
			continue;
		self->follow = false;
		list_select(&self->list, i);
		select_line(self, view);
		return true;
	}
	return false;
}

const struct pane_ops pane_events_ops = {
	.name = "Events",
	.new = events_new,
	.title = events_title,
	.draw = events_draw,
	.handle = events_handle,
	.find = events_find,
	.event = events_event,
	.reset = events_reset,
	.free = events_free,
};
