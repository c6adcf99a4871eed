#include "tests/ui_stage.h"

#include "base/text.h"

#include <string.h>

static void tell_time(struct ui_stage *stage)
{
	ui_set_time(stage->ui, stage->wall_ms, stage->mono_ms);
}

void ui_stage_more(struct ui_stage *stage, size_t n_events)
{
	stage->script.n_events = stage->script.wait_at = n_events;
	tell_time(stage);
	while (ui_take_events(stage->ui, 100))
		;
	if (n_events)
		stage->wall_ms = stage->script.event[n_events - 1].at_ms;
	tell_time(stage);
}

void ui_stage_open(struct ui_stage *stage, const struct event *event, size_t n_events, int w, int h)
{
	static const struct ui_options options = { .n_workers = 4, .usd_limit = 2 };
	*stage = (struct ui_stage){ .mono_ms = 1000000 };
	feed_script_init(&stage->script, event, n_events, n_events);
	stage->script.goes_on = true;
	stage->canvas.text_flags = TEXT_ASCII;
	stage->ui = ui_new(&stage->script.feed, &options);
	ui_stage_resize(stage, w, h);
	ui_stage_more(stage, n_events);
}

void ui_stage_close(struct ui_stage *stage)
{
	ui_free(stage->ui);
	canvas_release(&stage->canvas);
	buf_release(&stage->text);
	feed_script_release(&stage->script);
}

void ui_stage_wait(struct ui_stage *stage, int64_t ms)
{
	stage->mono_ms += ms;
	stage->wall_ms += ms;
	tell_time(stage);
}

void ui_stage_key(struct ui_stage *stage, struct key key)
{
	tell_time(stage);
	ui_key(stage->ui, key);
}

void ui_stage_press(struct ui_stage *stage, const char *keys)
{
	for (const char *at = keys; *at;) {
		struct key key;
		size_t n = strcspn(at, " ");
		if (n && key_parse(at, n, &key) == 0) {
			ui_stage_look(stage); /* a hand comes after the eye */
			stage->mono_ms += 1000;
			ui_stage_key(stage, key);
		}
		at += n + (at[n] == ' ');
	}
}

void ui_stage_resize(struct ui_stage *stage, int w, int h)
{
	canvas_resize(&stage->canvas, w, h);
}

const char *ui_stage_look(struct ui_stage *stage)
{
	tell_time(stage);
	ui_draw(stage->ui, &stage->canvas);
	buf_clear(&stage->text);
	canvas_dump(&stage->canvas, &stage->text);
	return buf_str(&stage->text);
}

const struct command *ui_stage_sent(const struct ui_stage *stage)
{
	return stage->script.n_sent ? stage->script.sent[stage->script.n_sent - 1] : NULL;
}
