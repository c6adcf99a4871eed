/*
 * Where things are on a screen of w by h cells. Pure: no state, any size from 1x1. A pane's rectangle includes its
 * header line; a hidden pane's is empty.
 */
#ifndef BELAY_TUI_LAYOUT_H
#define BELAY_TUI_LAYOUT_H

#include "tui/canvas.h"

#include <stdbool.h>

enum layout_mode {
	LAYOUT_STATUS,  /* h < 4 or w < 20: one status line */
	LAYOUT_FOUR,    /* h < 10 or w < 40: status, what matters now, keys */
	LAYOUT_STACKED, /* one pane over the other */
	LAYOUT_COLUMNS  /* w >= 140 */
};

/* The last three are of a replay only. */
enum pane_id { PANE_PLAN, PANE_STREAM, PANE_DIFF, PANE_WORKERS, PANE_RUN, PANE_EVENTS, PANE_STATE, PANE_MARKS, PANE_N };

struct layout_want {
	int w, h;
	bool replay;
	bool zoom;           /* the focused pane alone */
	enum pane_id focus;
	enum pane_id lower;  /* the pane that shares the screen with the plan (and the events); PANE_N: the first choice */
	int plan_rows;       /* lines that the plan pane would like, header not counted */
	int worker_rows;
	int mark_rows;
};

struct layout {
	enum layout_mode mode;
	struct rect title;
	struct rect pane[PANE_N];
	int divider_x;       /* columns: where the vertical rule is; 0: none */
	struct rect content; /* title and what is below not counted; dialogs are centred on it */
	struct rect rule;    /* may be empty */
	struct rect message; /* replay: the scrub bar, 3 lines */
	struct rect keys;
};

struct layout layout_make(const struct layout_want *want);

#endif
