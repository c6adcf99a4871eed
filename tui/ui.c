#include "tui/ui.h"

#include "base/xalloc.h"
#include "tui/ui_impl.h"
#include "tui/words.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TICK_MS 1000
#define AGAIN_MS 2000

const struct pane_ops *const ui_panes[PANE_N] = {
	[PANE_PLAN] = &pane_plan_ops,       [PANE_STREAM] = &pane_stream_ops, [PANE_DIFF] = &pane_diff_ops,
	[PANE_WORKERS] = &pane_workers_ops, [PANE_RUN] = &pane_run_ops,       [PANE_EVENTS] = &pane_events_ops,
	[PANE_STATE] = &pane_state_ops,     [PANE_MARKS] = &pane_marks_ops,
};

struct ui *ui_new(struct feed *feed, const struct ui_options *options)
{
	struct ui *ui = xcalloc(1, sizeof *ui);
	ui->options = *options;
	ui->lower = PANE_N;
	ui->dirty = true;
	run_model_init(&ui->model);
	ui->view = (struct view){ .feed = feed,
		                  .model = &ui->model,
		                  .keymap = options->keymap,
		                  .plan_title = options->plan_title,
		                  .n_workers = options->n_workers,
		                  .usd_limit = options->usd_limit,
		                  .follow = true,
		                  .find = "",
		                  .filter = "" };
	for (int i = 0; i < PANE_N; i++)
		ui->pane[i] = ui_panes[i]->new();
	return ui;
}

static void free_transcripts(struct view *view)
{
	const struct map_entry *entry;
	for (size_t i = 0; (entry = map_next(&view->transcript, &i));)
		transcript_free(entry->value);
	map_release(&view->transcript);
}

static void free_slots(struct view *view)
{
	for (int i = 0; i < VIEW_SLOTS; i++) {
		free(view->slot[i]);
		view->slot[i] = NULL;
	}
}

void ui_free(struct ui *ui)
{
	if (!ui)
		return;
	for (int i = 0; i < PANE_N; i++)
		ui_panes[i]->free(ui->pane[i]);
	ui_free_reviews(ui);
	cmdline_release(&ui->cmdline);
	buf_release(&ui->to_edit);
	confirm_close(&ui->confirm);
	help_close(&ui->help);
	line_edit_release(&ui->edit);
	buf_release(&ui->find);
	buf_release(&ui->filter);
	free_transcripts(&ui->view);
	free_slots(&ui->view);
	ui_end_rollback(ui);
	free(ui->view.step);
	free(ui->view.file);
	map_release(&ui->view.breakpoint);
	free(ui->last_step);
	run_model_release(&ui->model);
	free(ui);
}

void ui_set_time(struct ui *ui, int64_t wall_ms, int64_t mono_ms)
{
	ui->view.mono_ms = mono_ms;
	ui->view.feed->ops->status(ui->view.feed, &ui->view.status);
	ui->view.replay = ui->view.status.replay;
	ui->view.now_ms = ui->view.replay ? ui->view.status.now_ms : wall_ms;
	if (ui->model.finished && !ui->view.replay)
		ui->view.now_ms = ui->model.now_ms;
}

/* ---- events ---- */

/* The bytes of an output that the journal keeps in the store. */
static void add_to_transcript(struct ui *ui, const struct event *event)
{
	struct transcript *transcript = view_transcript(&ui->view, event->step);
	struct feed *feed = ui->view.feed;
	struct buf text = { 0 };
	struct err err;
	if (!event->step || !run_model_step(&ui->model, event->step))
		return;
	if (!transcript) {
		if (event->kind == EVENT_STEP_DECLARED)
			return;
		transcript = transcript_new();
		map_put(&ui->view.transcript, event->step, transcript);
	}
	if (event->kind != EVENT_OUTPUT || event->text.data || !event->text.blob)
		transcript_add(transcript, event, event->text.data ? event->text.data : "", event->text.data ? event->text.len : 0);
	else if (feed->ops->blob(feed, event->text.blob, &text, &err) == 0)
		transcript_add(transcript, event, buf_str(&text), text.len);
	buf_release(&text);
}

static bool works(const struct model_step *step)
{
	return step && (step->state == STEP_RUNNING || step->state == STEP_LANDED);
}

/* Events do not say which worker has a step; the lowest free number is as good and stays while the step runs. */
static void fill_slots(struct view *view, const char *id)
{
	const struct model_step *step = run_model_step(view->model, id);
	int slot = id ? view_slot(view, id) : 0;
	if (!step)
		return;
	if (slot && !works(step)) {
		free(view->slot[slot - 1]);
		view->slot[slot - 1] = NULL;
	} else if (!slot && works(step)) {
		int i = 0;
		while (i < VIEW_SLOTS && view->slot[i])
			i++;
		if (i < VIEW_SLOTS)
			view->slot[i] = xstrdup(id);
	}
}

/* What the executor says to this screen; in a replay, and of an earlier start, it was said to another. */
static void hear(struct ui *ui, const struct event *event)
{
	if (ui->view.replay || event->seq <= ui->view.status.last_seq)
		return;
	if (event->kind == EVENT_ROLLBACK_ASKED)
		ui_ask_rollback(ui, event);
	else if (event->kind == EVENT_NOTICE && event->step && event->category && strcmp(event->category, "breakpoint") == 0)
		ui_note_breakpoint(ui, event->step);
}

static void take_event(struct ui *ui, const struct event *event)
{
	struct err err;
	if (run_model_apply(&ui->model, event, &err) != 0) {
		ui->broken = err;
		return;
	}
	bool tells = event->step && event->kind != EVENT_STEP_DECLARED;
	if (tells && (!ui->last_step || strcmp(ui->last_step, event->step) != 0)) {
		free(ui->last_step);
		ui->last_step = xstrdup(event->step);
	}
	ui_follow(ui);
	add_to_transcript(ui, event);
	hear(ui, event);
	fill_slots(&ui->view, event->step);
	for (int i = 0; i < PANE_N; i++)
		if (ui_panes[i]->event)
			ui_panes[i]->event(ui->pane[i], &ui->view, event);
}

static void begin_again(struct ui *ui)
{
	run_model_release(&ui->model);
	run_model_init(&ui->model);
	free_transcripts(&ui->view);
	free_slots(&ui->view);
	confirm_close(&ui->confirm);
	ui_free_reviews(ui);
	for (int i = 0; i < PANE_N; i++)
		if (ui_panes[i]->reset)
			ui_panes[i]->reset(ui->pane[i]);
	ui->catching_up = true;
}

void ui_follow(struct ui *ui)
{
	const struct model_step *now = view_step(&ui->view);
	const struct model_step *best = NULL;
	if (!ui->view.follow || works(now))
		return;
	for (size_t i = 0; i < ui->model.n_steps; i++) {
		const struct model_step *step = ui->model.step[i];
		if (works(step) && (!best || step->started_ms < best->started_ms))
			best = step;
	}
	if (!best && ui->view.replay) /* after a seek nothing may run: what is told of last, then */
		best = run_model_step(&ui->model, ui->last_step);
	if (!best && !now && ui->model.n_steps)
		best = ui->model.step[0];
	if (best)
		view_select(&ui->view, best->id);
}

/* A dialog whose question was answered elsewhere, or went away, closes. */
static void check_confirm(struct ui *ui)
{
	if (!ui->confirm.open)
		return;
	const struct model_step *step = run_model_step(&ui->model, ui->confirm.step);
	if (step && strcmp(step->approval.request, ui->confirm.request) == 0)
		return;
	confirm_close(&ui->confirm);
	ui->closed_ms = ui->view.mono_ms;
	view_say(&ui->view, ROLE_NOTE, "the question is no longer open");
}

/* What has come of a command replaces the word that it was sent. */
static void note_news(struct ui *ui)
{
	const struct run_model *model = &ui->model;
	uint64_t seq = model->n_notices ? model->notice[model->n_notices - 1].seq : 0;
	if ((seq > ui->notice_seq && ui->view.message_role == ROLE_NOTE) || (model->finished && !ui->was_finished))
		ui->view.message_until_ms = 0;
	ui->notice_seq = seq;
	ui->was_finished = model->finished;
}

static void after_events(struct ui *ui)
{
	check_confirm(ui);
	ui_check_review(ui);
	note_news(ui);
	bool idle = !ui->model.n_in_state[STEP_RUNNING] && !ui->model.n_in_state[STEP_LANDED];
	if (ui->stop_when_idle && idle) {
		struct command stop = { .kind = COMMAND_STOP, .by = "person" };
		view_send(&ui->view, &stop);
		ui->stop_when_idle = false;
		ui->end = UI_STOP;
	}
	ui->dirty = true;
}

bool ui_take_events(struct ui *ui, size_t most)
{
	const struct event *event;
	size_t n = 0;
	enum feed_got got = FEED_NONE;
	while (n < most && (got = ui->view.feed->ops->next(ui->view.feed, &event)) != FEED_NONE && got != FEED_END) {
		if (got == FEED_RESET)
			begin_again(ui);
		else
			take_event(ui, event);
		n++;
	}
	if (got == FEED_NONE || got == FEED_END)
		ui->catching_up = false;
	ui->feed_ended = got == FEED_END;
	if (n)
		after_events(ui);
	return n == most;
}

/* ---- time ---- */

bool ui_is_dirty(const struct ui *ui)
{
	return ui->dirty && !ui->catching_up;
}

void ui_set_dirty(struct ui *ui)
{
	ui->dirty = true;
}

static int64_t sooner(int64_t a, int64_t b)
{
	return a < 0 ? b : b < 0 || a < b ? a : b;
}

int64_t ui_due_ms(const struct ui *ui)
{
	int64_t due = -1;
	bool ticks = ui->model.started_ms && !ui->model.finished && !ui->feed_ended;
	if (ui->view.replay)
		ticks = false; /* the feed says when its clock has moved on */
	if (ticks)
		due = TICK_MS - ui->view.now_ms % TICK_MS;
	if (ui->view.message_until_ms)
		due = sooner(due, ui->view.message_until_ms > ui->view.mono_ms ? ui->view.message_until_ms - ui->view.mono_ms : 0);
	if (ui->confirm.open)
		due = sooner(due, confirm_due_ms(&ui->confirm, ui->view.mono_ms));
	return due;
}

/* ---- keys ---- */

enum context ui_context(const struct ui *ui)
{
	if (ui->ask.open)
		return CONTEXT_ASK;
	if (ui->help.open)
		return CONTEXT_HELP;
	if (ui->confirm.open)
		return CONTEXT_CONFIRM;
	if (ui->review_view.review)
		return CONTEXT_REVIEW;
	return ui->view.replay ? CONTEXT_REPLAY : CONTEXT_RUN;
}

static void key_without_meaning(struct ui *ui, struct key key)
{
	char name[KEY_NAME_SIZE];
	key_to_name(key, name);
	if (ui_context(ui) == CONTEXT_REPLAY && keymap_find(ui->view.keymap, CONTEXT_RUN, key) != ACTION_NONE)
		view_say(&ui->view, ROLE_NOTE, "read-only replay");
	else if (key.code == 'y' || key.code == 'n')
		view_say(&ui->view, ROLE_NOTE, "nothing is asked here; %s opens the next approval",
		         view_key(&ui->view, ACTION_APPROVALS).text);
	else if (*name)
		view_say(&ui->view, ROLE_DIM, "%s means nothing here; %s lists the keys", name,
		         view_key(&ui->view, ACTION_HELP).text);
}

void ui_key(struct ui *ui, struct key key)
{
	ui->dirty = true;
	if (key.code == KEYCODE_FOCUS_IN && ui->confirm.open)
		confirm_rearm(&ui->confirm, ui->view.mono_ms);
	if (key.code >= KEYCODE_FOCUS_IN)
		return;
	if (ui->ask.open) {
		ui_answer(ui, ask_key(&ui->ask, key));
	} else if (ui->cmdline.open) {
		ui_cmdline_key(ui, key);
	} else if (ui->prompt != PROMPT_NONE) {
		ui_prompt_key(ui, key);
	} else if (ui->confirm.open && !ui->help.open) {
		ui_confirm_key(ui, key);
	} else if (!key.pasted) {
		enum action action = keymap_find(ui->view.keymap, ui_context(ui), key);
		bool again = action == ACTION_OPEN && ui->view.mono_ms - ui->closed_ms < TICK_MS && ui->closed_ms;
		if (action == ACTION_NONE)
			key_without_meaning(ui, key);
		else if (!again)
			ui_act(ui, action, key);
	}
}

void ui_interrupt(struct ui *ui)
{
	bool again = ui->interrupts && ui->view.mono_ms - ui->interrupt_ms <= AGAIN_MS;
	ui->interrupts = again ? ui->interrupts + 1 : 1;
	ui->interrupt_ms = ui->view.mono_ms;
	ui->dirty = true;
	if (ui->view.replay || ui->model.finished || ui->feed_ended) {
		ui->end = UI_QUIT;
		return;
	}
	if (ui->end == UI_STOP || ui->interrupts >= 3) {
		ui->end = UI_INTERRUPTED;
		return;
	}
	struct command command = { .kind = ui->interrupts == 1 ? COMMAND_PAUSE : COMMAND_STOP, .by = "person" };
	view_send(&ui->view, &command);
	if (ui->interrupts == 1) {
		ui->view.paused = true;
		ui_ask_quit(ui, "Paused: nothing new starts. What now?");
	} else {
		ui->ask.open = false;
		ui->view.stopping = true;
		view_say(&ui->view, ROLE_WAITING, "stopping: running steps are cancelled; Ctrl-C leaves at once");
	}
}

/* ---- what the loop asks ---- */

enum ui_end ui_end(const struct ui *ui)
{
	if (ui->end == UI_STOP && (ui->model.finished || ui->feed_ended))
		return UI_QUIT;
	return ui->end == UI_STOP ? UI_GOES_ON : ui->end;
}

const struct run_model *ui_model(const struct ui *ui)
{
	return &ui->model;
}

bool ui_wants_flush(struct ui *ui)
{
	bool flush = ui->flush;
	ui->flush = false;
	return flush;
}

void ui_say(struct ui *ui, enum role role, const char *text)
{
	view_say(&ui->view, role, "%s", text);
	ui->dirty = true;
}

int ui_percent(const struct ui *ui)
{
	if (ui->view.replay || ui->model.finished || !ui->model.n_steps)
		return -1;
	return (int)(ui->model.n_in_state[STEP_DONE] * 100 / ui->model.n_steps);
}

void ui_terminal_title(const struct ui *ui, struct buf *out)
{
	const char *plan = ui->view.plan_title ? ui->view.plan_title : words_base(ui->model.plan);
	if (ui->model.n_approvals && !ui->view.replay)
		buf_printf(out, "!%zu ", ui->model.n_approvals);
	buf_printf(out, "belay %zu/%zu %s", ui->model.n_in_state[STEP_DONE], ui->model.n_steps, plan);
}
