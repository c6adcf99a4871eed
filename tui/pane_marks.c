/* Of a replay: the places worth going to, one a line; moving is seeking. */
#include "tui/pane.h"

#include "base/xalloc.h"
#include "tui/list.h"
#include "tui/words.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct pane_marks {
	struct list list;
};

static void *marks_new(void)
{
	return xcalloc(1, sizeof(struct pane_marks));
}

static void marks_title(void *pane, struct view *view, struct buf *left, struct buf *right)
{
	(void)pane;
	(void)left;
	if (view->status.n_marks)
		buf_printf(right, "%zu", view->status.n_marks);
}

static const struct {
	const char *sign;
	enum role role;
} looks[FEED_MARK_N] = {
	[FEED_MARK_STEP] = { " ", ROLE_TEXT },         [FEED_MARK_APPROVAL] = { "!", ROLE_WAITING },
	[FEED_MARK_BOOKMARK] = { "B", ROLE_KEY },      [FEED_MARK_FAILURE] = { "x", ROLE_FAILED },
	[FEED_MARK_END] = { "v", ROLE_OK },
};

static void describe(const struct view *view, const struct feed_mark *mark, struct buf *out)
{
	const struct event *event = NULL;
	struct err err;
	if (view->feed->ops->peek && view->feed->ops->peek(view->feed, (size_t)mark->seq - 1, &event, &err) != 0)
		event = NULL;
	if (mark->kind == FEED_MARK_BOOKMARK)
		buf_printf(out, "bookmark, event %" PRIu64 "  ", mark->seq);
	if (!event)
		return;
	const struct model_step *step = run_model_step(view->model, event->step);
	if (step)
		buf_printf(out, "step %zu ", view_number(view, step));
	switch (event->kind) {
	case EVENT_STEP_STARTED: buf_add_str(out, "begins"); break;
	case EVENT_STEP_DONE: buf_add_str(out, "done"); break;
	case EVENT_APPROVAL_ASKED: buf_printf(out, "asks: %s", event->what ? event->what : ""); break;
	case EVENT_STEP_FAILED: buf_printf(out, "failed: %s", event->message ? event->message : ""); break;
	case EVENT_CONFLICT: buf_printf(out, "conflict: %s", event->path ? event->path : ""); break;
	case EVENT_RUN_FINISHED: buf_printf(out, "end: exit %" PRId64, event->exit_code); break;
	default: buf_add_str(out, event_kind_info(event->kind)->wire); break;
	}
}

static void draw_mark(const struct view *view, struct pen *pen, const struct feed_mark *mark)
{
	char time[WORDS_TIME_SIZE];
	struct buf what = { 0 };
	words_time(mark->at_ms - view->status.start_ms, time);
	describe(view, mark, &what);
	pen_printf(pen, ROLE_DIM, "%8s  ", time);
	pen_printf(pen, looks[mark->kind].role, "%s ", looks[mark->kind].sign);
	pen_fit(pen, looks[mark->kind].role, buf_str(&what), pen_room(pen));
	buf_release(&what);
}

/* The last one that the play head has come to. */
static size_t mark_at_head(const struct view *view)
{
	size_t n = 0;
	while (n < view->status.n_marks && view->status.mark[n].seq <= view->status.seq)
		n++;
	return n ? n - 1 : 0;
}

static void marks_draw(void *pane, struct view *view, struct canvas *canvas, struct rect rect)
{
	struct pane_marks *self = pane;
	size_t n = view->status.n_marks;
	self->list.cursor = mark_at_head(view);
	list_fit(&self->list, n, rect.h > 0 ? (size_t)rect.h : 0);
	for (int y = 0; y < rect.h && self->list.top + (size_t)y < n; y++) {
		size_t i = self->list.top + (size_t)y;
		struct pen pen = pen_at(canvas, rect, 0, y);
		if (i == self->list.cursor && view->status.mark[i].seq <= view->status.seq) {
			pen_glyph(&pen, ROLE_FOCUS, GLYPH_CURSOR);
			canvas->cursor_x = rect.x;
			canvas->cursor_y = rect.y + y;
		}
		pen_to(&pen, ROLE_TEXT, 1);
		draw_mark(view, &pen, &view->status.mark[i]);
	}
}

static void go_to(struct view *view, size_t i)
{
	struct command command = { .kind = COMMAND_SEEK_SEQ, .number = (int64_t)view->status.mark[i].seq, .by = "person" };
	view_send(view, &command);
}

static bool marks_handle(void *pane, struct view *view, enum action action)
{
	struct pane_marks *self = pane;
	self->list.n_items = view->status.n_marks;
	self->list.cursor = mark_at_head(view);
	if (!list_handle(&self->list, action))
		return false;
	if (self->list.cursor < view->status.n_marks)
		go_to(view, self->list.cursor);
	return true;
}

static bool marks_find(void *pane, struct view *view, const char *find, bool forward)
{
	struct buf what = { 0 };
	size_t n = view->status.n_marks;
	size_t cursor = mark_at_head(view);
	(void)pane;
	for (size_t step = 1; step <= n; step++) {
		size_t i = (cursor + (forward ? step : n - step % n)) % n;
		buf_clear(&what);
		describe(view, &view->status.mark[i], &what);
		if (!strcasestr(buf_str(&what), find))
			continue;
		go_to(view, i);
		buf_release(&what);
		return true;
	}
	buf_release(&what);
	return false;
}

const struct pane_ops pane_marks_ops = {
	.name = "Marks",
	.new = marks_new,
	.title = marks_title,
	.draw = marks_draw,
	.handle = marks_handle,
	.find = marks_find,
	.free = free,
};
