#include "tui/statusbar.h"

#include "base/clock.h"
#include "base/text.h"
#include "tui/summary.h"
#include "tui/words.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define NOTICE_MS 5000 /* what landed is shown for so long before an approval that waits */

/* "RUN 4/9": the run in two words. */
static void run_state(const struct ui *ui, struct buf *out)
{
	const struct run_model *model = &ui->model;
	const char *word = "RUN";
	if (model->finished)
		word = model->exit_code == 0 ? "DONE" : model->exit_code == 3 ? "STOPPED" : "FAILED";
	else if (ui->view.stopping)
		word = "STOPPING";
	else if (ui->view.paused)
		word = "PAUSED";
	buf_printf(out, "%s %zu/%zu", word, model->n_in_state[STEP_DONE], model->n_steps);
}

static void run_clock(const struct ui *ui, struct buf *out)
{
	const struct run_model *model = &ui->model;
	int64_t end = model->finished && model->ended_ms ? model->ended_ms : ui->view.now_ms;
	int64_t s = model->started_ms && end > model->started_ms ? (end - model->started_ms) / 1000 : 0;
	buf_printf(out, "  %" PRId64 ":%02d:%02d", s / 3600, (int)(s / 60 % 60), (int)(s % 60));
}

static void run_cost(const struct ui *ui, struct buf *out)
{
	buf_printf(out, "  $%.2f", ui->model.usd);
	if (ui->view.usd_limit > 0)
		buf_printf(out, "/%.2f", ui->view.usd_limit);
}

static void replay_state(const struct ui *ui, struct buf *out)
{
	const struct feed_status *status = &ui->view.status;
	buf_printf(out, "%s%" PRIu64 " events, %s ", status->live ? "RUN GOES ON  " : "", status->last_seq,
	           status->corrupt ? "CHAIN BROKEN" : "chain ok");
}

static void review_title(struct ui *ui, struct canvas *canvas, struct rect rect)
{
	struct buf left = { 0 };
	struct buf right = { 0 };
	const struct model_step *step = run_model_step(&ui->model, ui->review_view.review->step);
	buf_printf(&left, " REVIEW  step %zu %s", view_number(&ui->view, step), step->title);
	review_view_title(&ui->review_view, &right);
	struct pen pen = pen_at(canvas, rect, 0, 0);
	pen_fit(&pen, ROLE_BAR, buf_str(&left), rect.w - (int)right.len - 2);
	pen_fit(&pen, ROLE_BAR, "", 2);
	pen_str(&pen, ROLE_BAR_ALERT, buf_str(&right));
	buf_release(&left);
	buf_release(&right);
}

static void title_left(const struct ui *ui, struct buf *out)
{
	const struct run_model *model = &ui->model;
	const char *plan = ui->view.plan_title ? ui->view.plan_title : words_base(model->plan);
	char stamp[CLOCK_STAMP_SIZE];
	if (!ui->view.replay) {
		buf_printf(out, " belay  %s", plan);
		if (model->run)
			buf_printf(out, "  #%.8s", model->run);
		return;
	}
	buf_add_str(out, " REPLAY read-only");
	if (model->run)
		buf_printf(out, "  run %.8s", model->run);
	if (model->started_ms) {
		clock_format(model->started_ms, stamp);
		buf_printf(out, "  %.10s", stamp);
	}
	buf_printf(out, "  %s", plan);
}

void statusbar_title(struct ui *ui, struct canvas *canvas, struct rect rect)
{
	struct buf left = { 0 };
	struct buf right = { 0 };
	char alert[48] = "";
	if (ui->review_view.review && !ui->confirm.open) {
		review_title(ui, canvas, rect);
		return;
	}
	title_left(ui, &left);
	if (ui->view.replay) {
		replay_state(ui, &right);
	} else {
		run_state(ui, &right);
		run_clock(ui, &right);
		run_cost(ui, &right);
		buf_add_str(&right, " ");
		if (ui->model.n_approvals)
			snprintf(alert, sizeof alert, " !%zu approval%s ", ui->model.n_approvals,
			         ui->model.n_approvals == 1 ? "" : "s");
	}
	int right_w = (int)right.len + (int)strlen(alert);
	bool bad = ui->view.replay ? ui->view.status.corrupt : ui->model.finished && ui->model.exit_code;
	struct pen pen = pen_at(canvas, rect, 0, 0);
	pen_fit(&pen, ROLE_BAR, buf_str(&left), rect.w - right_w - 2);
	pen_fit(&pen, ROLE_BAR, "", 2);
	pen_str(&pen, bad ? ROLE_BAR_ALERT : ROLE_BAR, buf_str(&right));
	pen_str(&pen, ROLE_BAR_ALERT, alert);
	buf_release(&left);
	buf_release(&right);
}

void statusbar_short(struct ui *ui, struct canvas *canvas, struct rect rect)
{
	struct buf text = { 0 };
	buf_add_str(&text, ui->view.replay ? "belay REPLAY " : "belay ");
	run_state(ui, &text);
	if (ui->model.n_approvals && !ui->view.replay)
		buf_printf(&text, " !%zu", ui->model.n_approvals);
	struct pen pen = pen_at(canvas, rect, 0, 0);
	pen_fit(&pen, ui->model.n_approvals ? ROLE_BAR_ALERT : ROLE_BAR, buf_str(&text), rect.w);
	buf_release(&text);
}

/* ---- the message ---- */

static void draw_notice(const struct ui *ui, struct pen *pen, const struct model_notice *notice)
{
	const struct model_step *step = run_model_step(&ui->model, notice->step);
	bool good = strcmp(notice->category, "ok") == 0;
	struct buf text = { 0 };
	if (step)
		buf_printf(&text, "step %zu: ", view_number(&ui->view, step));
	buf_add_str(&text, notice->message);
	if (*notice->hint)
		buf_printf(&text, " (%s)", notice->hint);
	else if (good && step && step->landed && !ui->view.replay)
		buf_printf(&text, "    (%s = roll back)", view_key(&ui->view, ACTION_UNDO).text);
	else if (good && step && step->taken_back && !ui->view.replay)
		buf_printf(&text, "    (%s = redo)", view_key(&ui->view, ACTION_REDO).text);
	pen_printf(pen, good ? ROLE_OK : ROLE_FAILED, " %s  ", good ? "ok" : *notice->category ? notice->category : "note");
	pen_fit(pen, ROLE_TEXT, buf_str(&text), pen_room(pen));
	buf_release(&text);
}

static void draw_waiting(const struct ui *ui, struct pen *pen)
{
	struct buf text = { 0 };
	for (size_t i = 0; i < ui->model.n_steps && !text.len; i++) {
		const struct model_step *step = ui->model.step[i];
		if (*step->approval.request)
			buf_printf(&text, " %zu approval%s waiting, %s opens: step %zu %s", ui->model.n_approvals,
			           ui->model.n_approvals == 1 ? "" : "s", view_key(&ui->view, ACTION_APPROVALS).text, i + 1,
			           step->approval.what ? step->approval.what : "");
	}
	pen_fit(pen, ROLE_WAITING, buf_str(&text), pen_room(pen));
	buf_release(&text);
}

/* While an approval is on screen: what goes on beside it. */
static void draw_answering(const struct run_model *model, struct pen *pen)
{
	size_t others = model->n_approvals ? model->n_approvals - 1 : 0;
	if (others)
		pen_printf(pen, ROLE_WAITING, " %zu more approval%s waiting", others, others == 1 ? "" : "s");
	else if (model->n_in_state[STEP_RUNNING])
		pen_fit(pen, ROLE_DIM, " other steps go on; only this one waits for you", pen_room(pen));
	else
		pen_fit(pen, ROLE_DIM, " the run waits for this answer", pen_room(pen));
}

static const char *prompt_words(enum prompt_kind kind)
{
	switch (kind) {
	case PROMPT_FIND: return " /";
	case PROMPT_FILTER: return " only (kind, step, errors; nothing: all): ";
	case PROMPT_MESSAGE: return " to the model: ";
	case PROMPT_FEEDBACK: return " reject all, because: ";
	default: return " go to (1:30, #120): ";
	}
}

static void draw_prompt(struct ui *ui, struct pen *pen)
{
	pen_str(pen, ROLE_KEY, prompt_words(ui->prompt));
	line_edit_draw(&ui->edit, pen, pen_room(pen) - 1);
}

static void draw_end(const struct ui *ui, struct pen *pen)
{
	int code = (int)ui->model.exit_code;
	pen_printf(pen, code == 0 ? ROLE_OK : ROLE_FAILED, " %s", summary_result(&ui->model, code));
	pen_printf(pen, ROLE_TEXT, "  exit %d    (%s = roll back, %s = quit)", code,
	           view_key(&ui->view, ACTION_UNDO).text, view_key(&ui->view, ACTION_QUIT).text);
	if (ui->model.not_covered.n_items)
		pen_printf(pen, ROLE_NOTE, "  not undone: %s", ui->model.not_covered.item[0]);
	if (ui->model.not_covered.n_items > 1)
		pen_printf(pen, ROLE_NOTE, " (+%zu)", ui->model.not_covered.n_items - 1);
}

/* Newest first: a message of the UI, the end of the run, what landed or failed just now. */
void statusbar_message(struct ui *ui, struct canvas *canvas, struct rect rect)
{
	struct pen pen = pen_at(canvas, rect, 0, 0);
	const struct run_model *model = &ui->model;
	const struct model_notice *notice = model->n_notices ? &model->notice[model->n_notices - 1] : NULL;
	if (ui->prompt != PROMPT_NONE) {
		draw_prompt(ui, &pen);
	} else if (ui->broken.code) {
		pen_printf(&pen, ROLE_FAILED, " the events do not follow from each other: %s", ui->broken.msg);
	} else if (ui->view.message_until_ms) {
		pen_str(&pen, ROLE_TEXT, " ");
		pen_fit(&pen, ui->view.message_role, ui->view.message, pen_room(&pen));
	} else if (ui->review_view.review && !ui->confirm.open) {
		bool open = review_count(ui->review_view.review, ui->review_view.review->n_files).undecided;
		struct key_name apply = view_key(&ui->view, ACTION_APPLY);
		pen_printf(&pen, open ? ROLE_DIM : ROLE_OK,
		           open ? " nothing is written until %s (apply)" : " all decided: %s applies what is accepted", apply.text);
	} else if (ui->confirm.open) {
		draw_answering(model, &pen);
	} else if (model->finished && !ui->view.replay && (!notice || notice->at_ms <= model->ended_ms)) {
		draw_end(ui, &pen);
	} else if (ui->feed_ended && !model->finished && !ui->view.replay) {
		pen_str(&pen, ROLE_FAILED, " the run has ended without a result; quitting says why");
	} else if (notice && (!model->n_approvals || ui->view.now_ms - notice->at_ms < NOTICE_MS)) {
		draw_notice(ui, &pen, notice);
	} else if (model->n_approvals) {
		draw_waiting(ui, &pen);
	}
}

/* ---- the keys ---- */

/* In order of worth: what does not fit is left out. */
static const enum action run_keys[] = { ACTION_APPROVALS, ACTION_PAUSE, ACTION_UNDO, ACTION_REDO, ACTION_OPEN,
	ACTION_RETRY, ACTION_DIFF, ACTION_STOP_STEP, ACTION_NEXT_PANE, ACTION_ZOOM, ACTION_FIND, ACTION_HELP, ACTION_CLOSE };
static const enum action replay_keys[] = { ACTION_PLAY, ACTION_PREVIOUS_EVENT, ACTION_NEXT_MARK, ACTION_FORWARD,
	ACTION_FASTER, ACTION_GO_TO_TIME, ACTION_DIFF, ACTION_NEXT_PANE, ACTION_FIND, ACTION_HELP, ACTION_CLOSE };
static const enum action confirm_keys[] = { ACTION_YES, ACTION_NO, ACTION_NO_WITH_REASON, ACTION_DIFF, ACTION_PAUSE,
	ACTION_HELP };
static const enum action review_keys[] = { ACTION_YES, ACTION_NO, ACTION_APPLY, ACTION_ACCEPT_REST, ACTION_SPLIT,
	ACTION_EDIT_HUNK, ACTION_NEXT_HUNK, ACTION_NEXT_FILE, ACTION_MARK_LINES, ACTION_UNDO_DECISION, ACTION_REJECT_ALL,
	ACTION_HELP, ACTION_CLOSE };
static const enum action help_keys[] = { ACTION_FIND, ACTION_CLOSE };

#define KEYS(list) (struct key_list){ list, sizeof list / sizeof *list }

struct key_list {
	const enum action *action;
	size_t n;
};

static struct key_list keys_of(enum context context)
{
	switch (context) {
	case CONTEXT_REPLAY: return KEYS(replay_keys);
	case CONTEXT_CONFIRM: return KEYS(confirm_keys);
	case CONTEXT_REVIEW: return KEYS(review_keys);
	case CONTEXT_HELP: return KEYS(help_keys);
	case CONTEXT_ASK: return (struct key_list){ NULL, 0 };
	default: return KEYS(run_keys);
	}
}

/* The two ends must be there in any width: help and the way out come last but are given their room first. */
static bool is_last(enum action action)
{
	return action == ACTION_HELP || action == ACTION_CLOSE;
}

static void key_label(const struct ui *ui, enum action action, char *out, size_t room)
{
	const struct keymap_row *row = keymap_row_in(ui_context(ui), action);
	const char *label = row->label ? row->label : row->id;
	if (action == ACTION_APPROVALS && ui->model.n_approvals)
		snprintf(out, room, "approvals(%zu)", ui->model.n_approvals);
	else if (action == ACTION_PAUSE && ui->view.paused)
		snprintf(out, room, "go on");
	else if (action == ACTION_PLAY && ui->view.status.playing)
		snprintf(out, room, "pause");
	else if (ui->confirm.question && (action == ACTION_YES || action == ACTION_NO))
		snprintf(out, room, "%s", action == ACTION_YES ? "yes" : "no");
	else if (action == ACTION_CLOSE && (ui->help.open || ui->review_view.review || ui->zoom || ui->focus != PANE_PLAN))
		snprintf(out, room, "close");
	else
		snprintf(out, room, "%s", label);
}

static bool is_useful(const struct ui *ui, enum action action)
{
	const struct model_step *step = view_step(&ui->view);
	switch (action) {
	case ACTION_APPROVALS: return ui->model.n_approvals > 0;
	case ACTION_REDO: return ui->model.undone.n_items > 0;
	case ACTION_PAUSE: return !ui->model.finished;
	case ACTION_RETRY: return step && (step->state == STEP_FAILED || step->state == STEP_CANCELLED || step->retry_at_ms);
	case ACTION_STOP_STEP: return step && step->state == STEP_RUNNING;
	default: return true;
	}
}

static int key_width(const struct ui *ui, enum action action, int gap)
{
	char label[48];
	struct key_name key = view_key(&ui->view, action);
	key_label(ui, action, label, sizeof label);
	return (int)(strlen(label) + strlen(key.text)) + 1 + gap;
}

void statusbar_keys(struct ui *ui, struct canvas *canvas, struct rect rect)
{
	struct key_list list = keys_of(ui_context(ui));
	struct pen pen = pen_at(canvas, rect, 1, 0);
	int gap = rect.w >= 100 ? 2 : 1;
	int reserved = 0;
	for (size_t i = 0; i < list.n; i++)
		if (is_last(list.action[i]))
			reserved += key_width(ui, list.action[i], gap);
	for (size_t i = 0; i < list.n; i++) {
		enum action action = list.action[i];
		int width = key_width(ui, action, gap);
		char label[48];
		if (!is_useful(ui, action) || pen_room(&pen) < width - gap + (is_last(action) ? 0 : reserved))
			continue;
		key_label(ui, action, label, sizeof label);
		pen_str(&pen, ROLE_KEY, view_key(&ui->view, action).text);
		pen_printf(&pen, ROLE_TEXT, " %s", label);
		pen_fit(&pen, ROLE_TEXT, "", gap);
		reserved -= is_last(action) ? width : 0;
	}
	if (list.n && ui_context(ui) == CONTEXT_CONFIRM && pen_room(&pen) > 10) {
		pen_str(&pen, ROLE_KEY, "Esc");
		pen_str(&pen, ROLE_TEXT, " later");
	}
}
