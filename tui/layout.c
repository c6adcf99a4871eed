#include "tui/layout.h"

#define BAR_LINES 3
#define LEFT_WIDTH 50 /* at 160 cells; more where there is more */
#define LEFT_WIDTH_MAX 72
#define REPLAY_DETAIL_MIN 4

static int max_int(int a, int b)
{
	return a > b ? a : b;
}

static int min_int(int a, int b)
{
	return a < b ? a : b;
}

static enum layout_mode mode_of(int w, int h)
{
	if (h < 4 || w < 20)
		return LAYOUT_STATUS;
	if (h < 10 || w < 40)
		return LAYOUT_FOUR;
	return w >= 140 ? LAYOUT_COLUMNS : LAYOUT_STACKED;
}

/* The lines below the panes, from the bottom up: keys, message or scrub bar, rule. */
static void place_edges(struct layout *layout, const struct layout_want *want)
{
	int bottom = want->h;
	int lines = want->replay && want->h >= 16 ? BAR_LINES : 1;
	layout->title = (struct rect){ 0, 0, want->w, 1 };
	layout->keys = (struct rect){ 0, --bottom, want->w, 1 };
	bottom -= lines;
	layout->message = (struct rect){ 0, bottom, want->w, lines };
	if (want->h >= 14)
		layout->rule = (struct rect){ 0, --bottom, want->w, 1 };
	layout->content = (struct rect){ 0, 1, want->w, bottom - 1 };
}

/* The plan gets what it needs up to its share; a replay shares the rest between events and detail. */
static void place_stacked(struct layout *layout, const struct layout_want *want)
{
	struct rect rest = layout->content;
	int share = want->replay ? rest.h * 5 / 20 : rest.h * 9 / 20;
	int plan_h = max_int(2, min_int(share, max_int(want->plan_rows, 3) + 1));
	layout->pane[PANE_PLAN] = (struct rect){ rest.x, rest.y, rest.w, plan_h };
	rest.y += plan_h;
	rest.h -= plan_h;
	if (want->replay && rest.h / 2 >= REPLAY_DETAIL_MIN) {
		layout->pane[PANE_EVENTS] = (struct rect){ rest.x, rest.y, rest.w, rest.h - rest.h / 2 };
		rest.y += rest.h - rest.h / 2;
		rest.h /= 2;
	}
	enum pane_id lower = want->lower;
	if (lower == PANE_PLAN || lower == PANE_N || (lower == PANE_EVENTS && layout->pane[PANE_EVENTS].h))
		lower = want->replay ? PANE_STATE : PANE_STREAM;
	bool room_for_both = !want->replay && rest.h >= 28 && (lower == PANE_STREAM || lower == PANE_DIFF);
	if (room_for_both) {
		int half = rest.h / 2;
		layout->pane[PANE_STREAM] = (struct rect){ rest.x, rest.y, rest.w, half };
		layout->pane[PANE_DIFF] = (struct rect){ rest.x, rest.y + half, rest.w, rest.h - half };
		return;
	}
	layout->pane[lower] = rest;
}

/* What stands below the events of a replay. */
static enum pane_id replay_detail(enum pane_id lower)
{
	return lower == PANE_STREAM || lower == PANE_DIFF || lower == PANE_WORKERS ? lower : PANE_STATE;
}

static void place_columns(struct layout *layout, const struct layout_want *want)
{
	struct rect all = layout->content;
	int left_w = min_int(LEFT_WIDTH_MAX, max_int(LEFT_WIDTH, all.w * LEFT_WIDTH / 160));
	int right_x = left_w + 1;
	int right_w = all.w - right_x;
	int upper = all.h / 2;
	int lower = all.h - upper;
	layout->divider_x = left_w;
	layout->pane[want->replay ? PANE_EVENTS : PANE_STREAM] = (struct rect){ right_x, all.y, right_w, upper };
	layout->pane[want->replay ? replay_detail(want->lower) : PANE_DIFF] = (struct rect){ right_x, all.y + upper, right_w, lower };
	int rows = want->replay ? want->mark_rows : want->worker_rows + 1;
	int above_run = min_int(max_int(rows + 1, 3), lower - 7);
	if (above_run < 2)
		above_run = 0;
	layout->pane[PANE_PLAN] = (struct rect){ 0, all.y, left_w, upper };
	layout->pane[want->replay ? PANE_MARKS : PANE_WORKERS] = (struct rect){ 0, all.y + upper, left_w, above_run };
	layout->pane[PANE_RUN] = (struct rect){ 0, all.y + upper + above_run, left_w, lower - above_run };
}

struct layout layout_make(const struct layout_want *want)
{
	struct layout layout = { .mode = mode_of(want->w, want->h) };
	if (layout.mode == LAYOUT_STATUS) {
		layout.title = (struct rect){ 0, 0, want->w, 1 };
		return layout;
	}
	if (layout.mode == LAYOUT_FOUR) {
		layout.title = (struct rect){ 0, 0, want->w, 1 };
		layout.content = (struct rect){ 0, 1, want->w, want->h - 2 };
		layout.keys = (struct rect){ 0, want->h - 1, want->w, 1 };
		return layout;
	}
	place_edges(&layout, want);
	if (want->zoom)
		layout.pane[want->focus] = layout.content;
	else if (layout.mode == LAYOUT_COLUMNS)
		place_columns(&layout, want);
	else
		place_stacked(&layout, want);
	return layout;
}
