/*
 * The events of a run, one a line; text that streams is gathered into one line for each stretch. Of a run that goes on
 * what has come is kept here. In a replay the feed knows all of the journal, the cursor is the play head, and to move it
 * is to seek.
 */
#include "tui/pane.h"

#include "base/xalloc.h"
#include "base/vec.h"
#include "tui/journal_rows.h"
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
	struct journal_rows rows; /* of a replay */
	char *filter;             /* that they were made with; owned, or NULL */
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
	journal_rows_release(&self->rows);
	free(self->filter);
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
	if (view->status.entry) /* the feed has them all */
		return;
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
		buf_printf(right, "%" PRIu64 "/%" PRIu64 "  filter: %s", view->status.seq, view->status.last_seq,
		           *view->filter ? view->filter : "all");
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

/* ---- a replay ---- */

/* Brings the rows up to date; the cursor is where the play head is. */
static void take_rows(struct pane_events *self, const struct view *view)
{
	if (!self->filter || strcmp(self->filter, view->filter) != 0) {
		free(self->filter);
		self->filter = xstrdup(view->filter);
		journal_rows_filter(&self->rows, view->filter);
	}
	journal_rows_update(&self->rows, &view->status);
	self->list.cursor = view->status.seq ? journal_rows_at(&self->rows, (size_t)view->status.seq - 1) : 0;
}

/* A line that cannot be decoded any more says so. */
static struct event_line line_of_row(const struct view *view, const struct journal_row *row)
{
	const struct feed_entry *entry = &view->status.entry[row->first];
	const struct event *event;
	struct err err = { 0 };
	struct event_line line = { .seq = row->first + 1, .at_ms = entry->at_ms, .kind = (enum event_kind)entry->kind,
		                   .n = row->n };
	for (size_t i = row->first; i <= row->last && row->n > 1; i++)
		line.bytes += view->status.entry[i].size;
	if (view->feed->ops->peek(view->feed, row->first, &event, &err) != 0) {
		line.detail = xstrdup(err.msg);
		return line;
	}
	line.step = xstrdup(event->step);
	line.detail = describe(event);
	return line;
}

static void draw_rows(struct pane_events *self, struct view *view, struct canvas *canvas, struct rect rect)
{
	take_rows(self, view);
	size_t height = rect.h > 0 ? (size_t)rect.h : 0;
	size_t lead = height - height / 3; /* what comes next is on screen, too */
	if (self->list.cursor >= self->list.top + lead)
		self->list.top = self->list.cursor + 1 - lead;
	if (self->list.top + height > self->rows.n_rows)
		self->list.top = self->rows.n_rows > height ? self->rows.n_rows - height : 0;
	list_fit(&self->list, self->rows.n_rows, height);
	if (!self->rows.n_rows && rect.h > 0) {
		struct pen pen = pen_at(canvas, rect, 3, 0);
		pen_printf(&pen, ROLE_DIM, "no event is so; %s changes the filter", view_key(view, ACTION_FILTER).text);
	}
	for (int y = 0; y < rect.h && self->list.top + (size_t)y < self->rows.n_rows; y++) {
		size_t i = self->list.top + (size_t)y;
		struct event_line line = line_of_row(view, &self->rows.row[i]);
		struct pen pen = pen_at(canvas, rect, 1, y);
		if (i == self->list.cursor) {
			pen_glyph(&pen, ROLE_FOCUS, GLYPH_CURSOR);
			canvas->cursor_x = rect.x + 1;
			canvas->cursor_y = rect.y + y;
		}
		pen_to(&pen, ROLE_TEXT, 3);
		draw_line(view, &pen, &line);
		free_line(&line);
	}
}

/* Of a stretch its end, so that all of it is there. */
static void go_to_row(struct pane_events *self, struct view *view, size_t i)
{
	const struct journal_row *row = &self->rows.row[i];
	const struct feed_entry *entry = &view->status.entry[row->last];
	struct command command = { .kind = COMMAND_SEEK_SEQ, .number = (int64_t)row->last + 1, .by = "person" };
	view_send(view, &command);
	if (entry->step && view->status.step) {
		view_select(view, view->status.step->item[entry->step]);
		view->follow = false;
	}
}

static bool handle_rows(struct pane_events *self, struct view *view, enum action action)
{
	struct command end = { .kind = COMMAND_SEEK_PERCENT, .number = 100, .by = "person" };
	take_rows(self, view);
	if (action == ACTION_OPEN)
		return journal_rows_toggle(&self->rows, &view->status, self->list.cursor);
	if (view->status.live && (action == ACTION_FOLLOW || action == ACTION_LAST)) {
		view_send(view, &end);
		return true;
	}
	size_t before = self->list.cursor;
	if (!list_handle(&self->list, action))
		return false;
	size_t to = self->list.cursor < self->rows.n_rows ? self->list.cursor : self->rows.n_rows - 1;
	if (self->rows.n_rows && to != before)
		go_to_row(self, view, to);
	return true;
}

static bool row_has(struct view *view, const struct journal_row *row, const char *find)
{
	struct event_line line = line_of_row(view, row);
	bool has = strcasestr(event_kind_info(line.kind)->wire, find) || strcasestr(line.detail, find) ||
	           (line.step && strcasestr(line.step, find));
	free_line(&line);
	return has;
}

static bool find_row(struct pane_events *self, struct view *view, const char *find, bool forward)
{
	take_rows(self, view);
	size_t n = self->rows.n_rows;
	for (size_t step = 1; step <= n; step++) {
		size_t i = (self->list.cursor + (forward ? step : n - step % n)) % n;
		if (!row_has(view, &self->rows.row[i], find))
			continue;
		go_to_row(self, view, i);
		return true;
	}
	return false;
}

/* ---- */

static void events_draw(void *pane, struct view *view, struct canvas *canvas, struct rect rect)
{
	struct pane_events *self = pane;
	if (view->status.entry) {
		draw_rows(self, view, canvas, rect);
		return;
	}
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
	if (view->status.entry)
		return handle_rows(self, view, action);
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
	if (view->status.entry)
		return find_row(self, view, find, forward);
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
