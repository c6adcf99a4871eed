/* Pane 2: what the selected step says, as it comes; below it the clock of the phase that it is in. */
#include "tui/pane.h"

#include "base/xalloc.h"
#include "tui/text_view.h"
#include "tui/words.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct pane_stream {
	struct map view; /* step id -> owned struct text_view: coming back finds the place again */
	bool wrap;
};

static void *stream_new(void)
{
	struct pane_stream *self = xcalloc(1, sizeof *self);
	self->wrap = true;
	return self;
}

static void stream_free(void *pane)
{
	struct pane_stream *self = pane;
	const struct map_entry *entry;
	for (size_t i = 0; (entry = map_next(&self->view, &i));)
		free(entry->value);
	map_release(&self->view);
	free(self);
}

static struct text_view *view_of(struct pane_stream *self, const char *id)
{
	struct text_view *view = map_get(&self->view, id);
	if (!view) {
		view = xmalloc(sizeof *view);
		text_view_init(view, true, true);
		map_put(&self->view, id, view);
	}
	view->wrap = self->wrap;
	return view;
}

static const struct {
	enum role role;
	const char *gutter;
} looks[] = {
	[LINE_MODEL] = { ROLE_TEXT, "" },
	[LINE_REASONING] = { ROLE_DIM, "" },
	[LINE_STDOUT] = { ROLE_TEXT, "" },
	[LINE_STDERR] = { ROLE_WAITING, "" },
	[LINE_NOTE] = { ROLE_NOTE, "" },
	[LINE_ALERT] = { ROLE_WAITING, "! " },
	[LINE_FILE] = { ROLE_FILE, "  " },
	[LINE_CONTEXT] = { ROLE_DIM, "    " },
	[LINE_REMOVED] = { ROLE_REMOVED, "  - " },
	[LINE_ADDED] = { ROLE_ADDED, "  + " },
};

static void stream_line(void *arg, size_t i, struct text_line *out)
{
	struct transcript_line line;
	transcript_line(arg, i, &line);
	size_t in_front = line.gutter_n < sizeof out->gutter ? line.gutter_n : 0;
	out->text = line.text + in_front;
	out->n = line.n - in_front;
	out->role = out->gutter_role = line.kind == LINE_MODEL ? line.role : looks[line.kind].role;
	out->style = line.span;
	out->n_styles = line.n_spans;
	out->style_shift = in_front;
	if (in_front)
		snprintf(out->gutter, sizeof out->gutter, "%.*s", (int)in_front, line.text);
	else
		snprintf(out->gutter, sizeof out->gutter, "%s", looks[line.kind].gutter);
}

/* False when the selected step has said nothing. */
static bool source_of(const struct view *view, struct text_source *out)
{
	struct transcript *transcript = view_transcript(view, view->step);
	if (!transcript || transcript_first(transcript) == transcript_end(transcript))
		return false;
	*out = (struct text_source){
		.first = transcript_first(transcript),
		.end = transcript_end(transcript),
		.line = stream_line,
		.arg = transcript,
	};
	return true;
}

static void stream_title(void *pane, struct view *view, struct buf *left, struct buf *right)
{
	struct pane_stream *self = pane;
	const struct model_step *step = view_step(view);
	if (!step)
		return;
	buf_printf(left, ": step %zu %s", view_number(view, step), step->title);
	const struct text_view *text = view_of(self, step->id);
	if (*step->origin)
		buf_printf(right, "sample, %s  ", step->origin);
	if (text->follow)
		buf_add_str(right, "follow");
	else if (text->below)
		buf_printf(right, "+%zu lines  G follow", text->below);
	else
		buf_add_str(right, "G follow");
}

static void draw_empty(const struct view *view, const struct model_step *step, struct canvas *canvas, struct rect rect)
{
	struct pen pen = pen_at(canvas, rect, 1, 0);
	struct buf detail = { 0 };
	words_detail(view, step, true, &detail);
	pen_printf(&pen, ROLE_DIM, "%s: %s%s", step->verb, words_state(step->state), detail.len ? ", " : "");
	pen_fit(&pen, ROLE_DIM, buf_str(&detail), pen_room(&pen));
	buf_release(&detail);
	if (step->state == STEP_WAITING && !view->replay && !view->answering) {
		struct pen hint = pen_at(canvas, rect, 1, 2);
		pen_str(&hint, ROLE_KEY, view_key(view, ACTION_APPROVALS).text);
		pen_str(&hint, ROLE_TEXT, " opens the question");
	}
}

static void draw_phase(const struct view *view, const struct model_step *step, struct canvas *canvas, struct rect rect)
{
	struct buf phase = { 0 };
	struct pen pen = pen_at(canvas, rect, 1, rect.h - 1);
	words_phase(view, step, &phase);
	pen_str(&pen, ROLE_RUNNING, buf_str(&phase));
	if (step->retry_at_ms > view->now_ms)
		pen_printf(&pen, ROLE_DIM, "   %s: now", view_key(view, ACTION_RETRY).text);
	buf_release(&phase);
}

static void stream_draw(void *pane, struct view *view, struct canvas *canvas, struct rect rect)
{
	struct pane_stream *self = pane;
	struct text_source source;
	const struct model_step *step = view_step(view);
	if (!step) {
		struct pen pen = pen_at(canvas, rect, 1, 0);
		pen_str(&pen, ROLE_DIM, "no step is selected");
		return;
	}
	bool streams = strcmp(step->phase, "streaming") == 0;
	bool works = step->state == STEP_RUNNING || step->state == STEP_LANDED;
	bool phase = works && !streams && (*step->phase || step->retry_at_ms) && rect.h > 1;
	if (phase)
		draw_phase(view, step, canvas, rect);
	if (!source_of(view, &source)) {
		draw_empty(view, step, canvas, rect);
		return;
	}
	struct rect inner = { rect.x + 1, rect.y, rect.w - 1, rect.h - phase };
	text_view_draw(view_of(self, step->id), &source, canvas, inner, view->find);
}

static bool stream_handle(void *pane, struct view *view, enum action action)
{
	struct pane_stream *self = pane;
	struct text_source source;
	if (!source_of(view, &source))
		return false;
	struct text_view *text = view_of(self, view->step);
	bool handled = text_view_handle(text, &source, action);
	self->wrap = text->wrap;
	return handled;
}

static bool stream_find(void *pane, struct view *view, const char *find, bool forward)
{
	struct pane_stream *self = pane;
	struct text_source source;
	return source_of(view, &source) && text_view_find(view_of(self, view->step), &source, find, forward);
}

const struct pane_ops pane_stream_ops = {
	.name = "Stream",
	.new = stream_new,
	.title = stream_title,
	.draw = stream_draw,
	.handle = stream_handle,
	.find = stream_find,
	.free = stream_free,
};
