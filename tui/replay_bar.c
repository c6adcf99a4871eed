#include "tui/replay_bar.h"

#include <inttypes.h>
#include <stdio.h>

#define EDGE_LEFT 4  /* " 0% " */
#define EDGE_RIGHT 6 /* " 100% " */

static void clock_words(int64_t ms, char out[32])
{
	int64_t tenths = (ms < 0 ? 0 : ms) / 100;
	int64_t s = tenths / 10;
	snprintf(out, 32, "%" PRId64 ":%02d:%02d.%d", s / 3600, (int)(s / 60 % 60), (int)(s % 60), (int)(tenths % 10));
}

static void speed_words(int64_t thousandths, char out[24])
{
	if (thousandths > 0 && thousandths < 1000)
		snprintf(out, 24, "1/%" PRId64 "x", 1000 / thousandths);
	else
		snprintf(out, 24, "%" PRId64 "x", thousandths / 1000);
}

static void draw_place(const struct feed_status *status, struct pen *pen)
{
	char speed[24], now[32], end[32];
	speed_words(status->speed, speed);
	clock_words(status->now_ms - status->start_ms, now);
	clock_words(status->end_ms - status->start_ms, end);
	pen_str(pen, ROLE_RUNNING, status->at_edge ? " [>>] " : status->playing ? " [|>] " : " [||] ");
	pen_printf(pen, ROLE_TEXT, "%s   %s / %s   event %" PRIu64 "/%" PRIu64 "   %s", speed, now, end, status->seq,
	           status->last_seq, status->squeeze ? "idle>2s squeezed" : "");
	if (pen->clip.w >= 130)
		pen_str(pen, ROLE_DIM, "   as recorded; nothing is executed");
}

/* The cell of a time on a line of `cells` cells. */
static int cell_of(const struct feed_status *status, int64_t at_ms, int cells)
{
	int64_t span = status->end_ms - status->start_ms;
	int64_t at = at_ms - status->start_ms;
	if (span <= 0 || at <= 0 || cells < 2)
		return 0;
	if (at >= span)
		return cells - 1;
	return (int)(at * (cells - 1) / span);
}

static const struct {
	const char *sign;
	enum role role;
} marks[] = {
	[FEED_MARK_STEP] = { "|", ROLE_TEXT },
	[FEED_MARK_APPROVAL] = { "!", ROLE_WAITING },
	[FEED_MARK_BOOKMARK] = { "B", ROLE_KEY },
	[FEED_MARK_FAILURE] = { "x", ROLE_FAILED },
	[FEED_MARK_END] = { "v", ROLE_OK },
};

static void draw_scrub(const struct feed_status *status, struct canvas *canvas, struct rect row)
{
	int cells = row.w - EDGE_LEFT - EDGE_RIGHT;
	struct pen pen = pen_at(canvas, row, 0, 0);
	if (cells < 4)
		return;
	int head = cell_of(status, status->now_ms, cells);
	pen_str(&pen, ROLE_DIM, " 0% ");
	for (int i = 0; i < cells; i++)
		pen_str(&pen, i < head ? ROLE_RUNNING : ROLE_DIM, i < head ? "=" : "-");
	pen_str(&pen, ROLE_DIM, " 100%");
	/* A failure or a question is never hidden by a step's bar in the same cell. */
	for (int kind = FEED_MARK_STEP; kind <= FEED_MARK_END; kind++) {
		for (size_t i = 0; i < status->n_marks; i++) {
			if ((int)status->mark[i].kind != kind)
				continue;
			struct pen at = pen_at(canvas, row, EDGE_LEFT + cell_of(status, status->mark[i].at_ms, cells), 0);
			pen_str(&at, marks[kind].role, marks[kind].sign);
		}
	}
	struct pen at = pen_at(canvas, row, EDGE_LEFT + head, 0);
	pen_str(&at, ROLE_FOCUS, "#");
}

void replay_bar_draw(const struct feed_status *status, struct canvas *canvas, struct rect rect)
{
	struct pen place = pen_at(canvas, rect, 0, 0);
	draw_place(status, &place);
	if (rect.h < 3)
		return;
	draw_scrub(status, canvas, rect_row(rect, 1));
	struct pen legend = pen_at(canvas, rect, 4, 2);
	pen_str(&legend, ROLE_DIM, "| step  ! approval  B bookmark  x failure  # you are here  = played  v end");
}
