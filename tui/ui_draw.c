#include "tui/replay_bar.h"
#include "tui/statusbar.h"
#include "tui/ui_impl.h"
#include "tui/words.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void compute_layout(struct ui *ui, const struct canvas *canvas)
{
	struct layout_want want = {
		.w = canvas->w,
		.h = canvas->h,
		.replay = ui->view.replay,
		.zoom = ui->zoom || ui->help.open,
		.focus = ui->focus,
		.lower = ui->lower,
		.plan_rows = pane_plan_ops.rows(ui->pane[PANE_PLAN], &ui->view),
		.mark_rows = (int)(ui->view.status.n_marks < 1000 ? ui->view.status.n_marks : 1000),
		.worker_rows = pane_workers_ops.rows(ui->pane[PANE_WORKERS], &ui->view),
	};
	ui->layout = layout_make(&want);
}

/* "--[1 Plan]------- w 2/4 busy --": the brackets are on the pane with the focus. */
static void draw_header(struct canvas *canvas, struct rect row, bool focus, const char *left, const char *right)
{
	enum role role = focus ? ROLE_FOCUS : ROLE_FRAME;
	int right_w = *right ? (int)strlen(right) + 5 : 0;
	struct pen pen = pen_at(canvas, row, 0, 0);
	pen_repeat(&pen, ROLE_FRAME, GLYPH_HLINE, 2);
	pen_str(&pen, role, focus ? "[" : " ");
	struct pen words = pen;
	words.clip.w = row.w - right_w - 2;
	pen_str(&words, role, left);
	pen.x = words.x;
	pen_str(&pen, role, focus ? "]" : " ");
	if (*right) {
		pen_repeat(&pen, ROLE_FRAME, GLYPH_HLINE, row.x + row.w - right_w - pen.x + 1);
		pen_printf(&pen, ROLE_DIM, " %s ", right);
	}
	pen_repeat(&pen, ROLE_FRAME, GLYPH_HLINE, pen_room(&pen));
}

static void draw_pane(struct ui *ui, struct canvas *canvas, enum pane_id id)
{
	struct rect rect = ui->layout.pane[id];
	const struct pane_ops *ops = ui_panes[id];
	struct buf left = { 0 };
	struct buf right = { 0 };
	if (rect.h <= 0)
		return;
	struct rect body = { rect.x, rect.y + 1, rect.w, rect.h - 1 };
	ops->draw(ui->pane[id], &ui->view, canvas, body);
	/* After the body: the header says how much is below it. */
	if (!ui->view.replay) /* there, digits seek */
		buf_printf(&left, "%d ", (int)id + 1);
	buf_add_str(&left, ops->name);
	ops->title(ui->pane[id], &ui->view, &left, &right);
	draw_header(canvas, rect_row(rect, 0), id == ui->focus, buf_str(&left), buf_str(&right));
	buf_release(&left);
	buf_release(&right);
}

static void draw_panes(struct ui *ui, struct canvas *canvas)
{
	/* The focused pane comes last: the cursor that it sets stays. */
	for (int i = 0; i < PANE_N; i++)
		if ((enum pane_id)i != ui->focus)
			draw_pane(ui, canvas, (enum pane_id)i);
	canvas->cursor_x = ui->layout.pane[ui->focus].x;
	canvas->cursor_y = ui->layout.pane[ui->focus].y;
	draw_pane(ui, canvas, ui->focus);
	if (ui->layout.divider_x)
		canvas_vline(canvas, ui->layout.divider_x, ui->layout.content.y, ui->layout.content.h);
}

static void draw_help(struct ui *ui, struct canvas *canvas)
{
	struct rect content = ui->layout.content;
	struct rect body = { content.x + 1, content.y + 1, content.w - 1, content.h - 1 };
	canvas_fill(canvas, content, ROLE_TEXT);
	draw_header(canvas, rect_row(content, 0), true, "? Help", "/ filters, Esc closes");
	help_draw(&ui->help, canvas, body, NULL);
	canvas->cursor_x = body.x;
	canvas->cursor_y = body.y;
}

static int worth(const struct model_step *step)
{
	switch (step->state) {
	case STEP_WAITING: return 4;
	case STEP_RUNNING:
	case STEP_LANDED: return 3;
	case STEP_FAILED: return 2;
	case STEP_READY:
	case STEP_PENDING: return 1;
	default: return 0;
	}
}

/* "* 4 port login.c 0:51", "! 5 approval HIGH" */
static void draw_short_step(const struct ui *ui, struct canvas *canvas, struct rect row, const struct model_step *step)
{
	char time[WORDS_TIME_SIZE] = "";
	struct buf detail = { 0 };
	struct pen pen = pen_at(canvas, row, 0, 0);
	int64_t ms = view_elapsed_ms(&ui->view, step);
	enum role role = style_state_role(step->state);
	if (ms >= 0)
		words_time(ms, time);
	pen_glyph(&pen, role, style_state_glyph(step->state));
	pen_printf(&pen, ROLE_TEXT, " %zu ", view_number(&ui->view, step));
	if (step->state == STEP_WAITING) {
		words_detail(&ui->view, step, true, &detail);
		pen_fit(&pen, role, buf_str(&detail), pen_room(&pen));
	} else {
		int width = pen_room(&pen) - (int)strlen(time) - 1;
		pen_fit(&pen, ROLE_TEXT, step->title, width);
		pen_printf(&pen, ROLE_DIM, " %s", time);
	}
	buf_release(&detail);
}

static void draw_short_steps(struct ui *ui, struct canvas *canvas, struct rect rect)
{
	int y = 0;
	for (int least = 4; least >= 0 && y < rect.h; least--)
		for (size_t i = 0; i < ui->model.n_steps && y < rect.h; i++)
			if (worth(ui->model.step[i]) == least)
				draw_short_step(ui, canvas, rect_row(rect, y++), ui->model.step[i]);
}

static void draw_no_room(struct canvas *canvas, struct rect rect)
{
	struct pen pen = pen_at(canvas, rect, 0, 0);
	pen_str(&pen, ROLE_WAITING, "the review takes 40x10; Esc closes it");
}

/* Four lines: the status, what matters most, and the keys or what is being typed. */
static void draw_four(struct ui *ui, struct canvas *canvas)
{
	statusbar_short(ui, canvas, ui->layout.title);
	if (ui->help.open)
		help_draw(&ui->help, canvas, ui->layout.content, NULL);
	else if (ui->review_view.review)
		draw_no_room(canvas, ui->layout.content);
	else
		draw_short_steps(ui, canvas, ui->layout.content);
	if (ui->prompt != PROMPT_NONE || ui->view.message_until_ms)
		statusbar_message(ui, canvas, ui->layout.keys);
	else
		statusbar_keys(ui, canvas, ui->layout.keys);
}

static void draw_full(struct ui *ui, struct canvas *canvas)
{
	statusbar_title(ui, canvas, ui->layout.title);
	if (ui->help.open)
		draw_help(ui, canvas);
	else if (ui->review_view.review)
		review_view_draw(&ui->review_view, canvas, ui->layout.content);
	else
		draw_panes(ui, canvas);
	struct rect rule = ui->layout.rule;
	struct pen pen = pen_at(canvas, rule, 0, 0);
	pen_repeat(&pen, ROLE_FRAME, GLYPH_HLINE, rule.w);
	bool speaks = ui->prompt != PROMPT_NONE || ui->view.message_until_ms;
	if (ui->view.replay)
		replay_bar_draw(&ui->view.status, canvas, ui->layout.message);
	else
		statusbar_message(ui, canvas, ui->layout.message);
	if (ui->view.replay && speaks)
		statusbar_message(ui, canvas, ui->layout.keys);
	else
		statusbar_keys(ui, canvas, ui->layout.keys);
}

static void draw_cmdline(struct ui *ui, struct canvas *canvas)
{
	const struct layout *layout = &ui->layout;
	struct rect line = layout->mode == LAYOUT_FOUR ? layout->keys : layout->mode == LAYOUT_STATUS ? layout->title : layout->message;
	line.h = 1;
	cmdline_draw(&ui->cmdline, canvas, layout->content, line);
}

void ui_draw(struct ui *ui, struct canvas *canvas)
{
	canvas_resize(canvas, canvas->w, canvas->h);
	if (ui->view.message_until_ms && ui->view.mono_ms >= ui->view.message_until_ms)
		ui->view.message_until_ms = 0;
	ui->view.answering = ui->confirm.open;
	compute_layout(ui, canvas);
	if (ui->layout.mode == LAYOUT_STATUS)
		statusbar_short(ui, canvas, ui->layout.title);
	else if (ui->layout.mode == LAYOUT_FOUR)
		draw_four(ui, canvas);
	else
		draw_full(ui, canvas);
	if (ui->confirm.open && !ui->help.open)
		confirm_draw(&ui->confirm, canvas, ui->layout.content, ui->view.mono_ms);
	if (ui->cmdline.open)
		draw_cmdline(ui, canvas);
	if (ui->ask.open)
		ask_draw(&ui->ask, canvas, ui->layout.content);
	if (canvas->cursor_x >= canvas->w || canvas->cursor_y >= canvas->h || canvas->cursor_x < 0 || canvas->cursor_y < 0)
		canvas->cursor_x = canvas->cursor_y = 0;
	ui->dirty = false;
}
