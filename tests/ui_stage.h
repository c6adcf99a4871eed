/* A UI on a stage for tests: a story's events, a clock that stands still, keys by name, and the screen as text. */
#ifndef BELAY_TESTS_UI_STAGE_H
#define BELAY_TESTS_UI_STAGE_H

#include "tests/feed_script.h"
#include "tui/ui.h"

struct ui_stage {
	struct feed_script script;
	struct ui *ui;
	struct canvas canvas;
	int64_t wall_ms, mono_ms;
	struct buf text; /* of the last look */
};

/* The first n events of a list, as a run that goes on. ASCII, w by h cells. */
void ui_stage_open(struct ui_stage *stage, const struct event *event, size_t n_events, int w, int h);
void ui_stage_close(struct ui_stage *stage);
void ui_stage_more(struct ui_stage *stage, size_t n_events); /* gives the events up to there */
void ui_stage_wait(struct ui_stage *stage, int64_t ms);      /* time passes */
void ui_stage_press(struct ui_stage *stage, const char *keys); /* names, separated by blanks; a second between them */
void ui_stage_key(struct ui_stage *stage, struct key key);     /* at once */
void ui_stage_resize(struct ui_stage *stage, int w, int h);
const char *ui_stage_look(struct ui_stage *stage);           /* draws; borrowed until the next look */

/* The last command sent, or NULL. */
const struct command *ui_stage_sent(const struct ui_stage *stage);

#endif
