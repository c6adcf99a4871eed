/* What is asked of the run that goes on: pause, retry, skip, stop, roll back, a message, a breakpoint, workers. */
#include "tui/ui_impl.h"

#include "base/xalloc.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct command ui_command(enum command_kind kind)
{
	return (struct command){ .kind = kind, .by = "person" };
}

static void send_number(struct ui *ui, enum command_kind kind, int64_t number)
{
	struct command command = ui_command(kind);
	command.number = number;
	view_send(&ui->view, &command);
}

void ui_send_step(struct ui *ui, enum command_kind kind, const char *id)
{
	struct command command = ui_command(kind);
	command.step = (char *)(uintptr_t)id;
	view_send(&ui->view, &command);
}

bool ui_is_over(const struct ui *ui)
{
	return ui->view.replay || ui->model.finished || ui->feed_ended;
}

static const struct model_step *next_approval(const struct ui *ui)
{
	const struct model_step *selected = view_step(&ui->view);
	if (selected && *selected->approval.request)
		return selected;
	for (size_t i = 0; i < ui->model.n_steps; i++)
		if (*ui->model.step[i]->approval.request)
			return ui->model.step[i];
	return NULL;
}

void ui_open_confirm(struct ui *ui, const struct model_step *step)
{
	view_select(&ui->view, step->id);
	confirm_open(&ui->confirm, step, view_number(&ui->view, step), ui->model.n_steps, ui->view.mono_ms);
	ui->confirm.keymap = ui->view.keymap;
	ui->flush = true;
}

void ui_open_approval(struct ui *ui, const struct model_step *step)
{
	if (!ui_open_review(ui, step))
		ui_open_confirm(ui, step);
}

static void act_approvals(struct ui *ui)
{
	const struct model_step *step = next_approval(ui);
	if (step)
		ui_open_approval(ui, step);
	else
		view_say(&ui->view, ROLE_NOTE, "no approval is waiting");
}

void ui_pause(struct ui *ui)
{
	struct command command = ui_command(ui->view.paused ? COMMAND_UNPAUSE : COMMAND_PAUSE);
	if (ui_is_over(ui)) {
		view_say(&ui->view, ROLE_NOTE, "the run has ended");
		return;
	}
	view_send(&ui->view, &command);
	ui->view.paused = !ui->view.paused;
	view_say(&ui->view, ROLE_NOTE, ui->view.paused ? "paused: running steps finish, nothing new starts" : "going on");
}

static void act_one_step(struct ui *ui)
{
	struct command command = ui_command(COMMAND_ONE_STEP);
	if (!ui->view.paused) {
		view_say(&ui->view, ROLE_NOTE, "only while paused; %s pauses", view_key(&ui->view, ACTION_PAUSE).text);
		return;
	}
	view_send(&ui->view, &command);
	view_say(&ui->view, ROLE_NOTE, "one step");
}

static void act_retry(struct ui *ui)
{
	const struct model_step *step = view_step(&ui->view);
	if (!step)
		return;
	bool waits = step->state == STEP_RUNNING && (step->retry_at_ms || *step->phase);
	bool again = step_state_is_final(step->state) && step->state != STEP_DONE;
	if (!waits && !again) {
		view_say(&ui->view, ROLE_NOTE, "there is nothing to retry: step %zu is %s", view_number(&ui->view, step),
		         step_state_name(step->state));
		return;
	}
	ui_send_step(ui, COMMAND_RETRY, step->id);
	view_say(&ui->view, ROLE_NOTE, "retrying step %zu", view_number(&ui->view, step));
}

static void ask_about_step(struct ui *ui, const char *title, const char *question, enum ask_answer yes)
{
	const struct model_step *step = view_step(&ui->view);
	ui->ask = (struct ask){ .open = true,
		                .choice = { { 'y', yes, "yes" }, { 'n', ASK_CLOSED, "no" } },
		                .n_choices = 2 };
	snprintf(ui->ask.title, sizeof ui->ask.title, "%s", title);
	snprintf(ui->ask.question, sizeof ui->ask.question, "%s step %zu, %s?", question, view_number(&ui->view, step),
	         step->title);
}

static void act_skip(struct ui *ui)
{
	const struct model_step *step = view_step(&ui->view);
	if (step && (step->state == STEP_PENDING || step->state == STEP_READY))
		ask_about_step(ui, "Skip", "Skip", ASK_SKIP);
	else
		view_say(&ui->view, ROLE_NOTE, "only a step that has not begun can be skipped");
}

static void act_stop_step(struct ui *ui)
{
	const struct model_step *step = view_step(&ui->view);
	if (step && (step->state == STEP_RUNNING || step->state == STEP_LANDED || step->state == STEP_WAITING))
		ask_about_step(ui, "Stop", "Stop", ASK_STOP_STEP);
	else
		view_say(&ui->view, ROLE_NOTE, "the step does not run");
}

static const struct model_step *last_landed(const struct ui *ui)
{
	const struct model_step *last = NULL;
	for (size_t i = 0; i < ui->model.n_steps; i++) {
		const struct model_step *step = ui->model.step[i];
		if (step->landed && (!last || step->landed_seq > last->landed_seq))
			last = step;
	}
	return last;
}

/* The executor does it at once when nothing else has changed since; otherwise it says what would become of each file. */
void ui_roll_back(struct ui *ui, enum rollback_how how)
{
	struct command command = ui_command(ui->rollback.redo ? COMMAND_REDO : COMMAND_UNDO);
	command.step = ui->rollback.step;
	command.text = ui->rollback.path;
	command.number = how;
	ui->rollback.waits = how == ROLLBACK_ASK;
	view_send(&ui->view, &command);
}

static void begin_rollback(struct ui *ui, const char *step, bool redo)
{
	const char *path = step && ui->focus == PANE_PLAN ? ui->view.file : NULL;
	ui_end_rollback(ui);
	ui->rollback.redo = redo;
	ui->rollback.step = xstrdup(step);
	ui->rollback.path = xstrdup(path);
	ui_roll_back(ui, ROLLBACK_ASK);
}

void ui_end_rollback(struct ui *ui)
{
	free(ui->rollback.step);
	free(ui->rollback.path);
	strings_release(&ui->rollback.lines);
	memset(&ui->rollback, 0, sizeof ui->rollback);
}

static void add_lines(struct strings *out, const char *head, const struct event_list *list)
{
	if (list->n_items)
		strings_add(out, head);
	for (size_t i = 0; i < list->n_items; i++)
		strings_take(out, xasprintf("  %s", list->item[i]));
}

void ui_ask_rollback(struct ui *ui, const struct event *event)
{
	struct strings *lines = &ui->rollback.lines;
	const struct model_step *step = run_model_step(&ui->model, event->step);
	if (!ui->rollback.waits || !step)
		return;
	ui->rollback.waits = false;
	strings_release(lines);
	add_lines(lines, "What becomes of the files:", &event->covered);
	add_lines(lines, "Left alone:", &event->not_covered);
	add_lines(lines, "Later steps, which stay:", &event->reach);
	ui->ask = (struct ask){ .open = true,
		                .body = lines,
		                .choice = { { 'y', ASK_ROLLBACK_MERGE, "do so" },
		                            { 'n', ASK_CLOSED, "do nothing" },
		                            { 'o', ASK_ROLLBACK_FORCE, "put back also what is left alone; what is there is kept" } },
		                .n_choices = event->not_covered.n_items ? 3 : 2 };
	snprintf(ui->ask.title, sizeof ui->ask.title, "%s: other things changed since", ui->rollback.redo ? "Redo" : "Roll back");
	snprintf(ui->ask.question, sizeof ui->ask.question, "%s step %zu, %s%s%s?", ui->rollback.redo ? "Put again" : "Roll back",
	         view_number(&ui->view, step), step->title, event->path ? ", of it only " : "", event->path ? event->path : "");
	ui->flush = true;
}

/* The step that the user has chosen, when it is in the tree; while the selection follows by itself, the last one. */
static void act_undo(struct ui *ui)
{
	const struct model_step *step = view_step(&ui->view);
	if (ui->view.follow || !step || !step->landed)
		step = last_landed(ui);
	if (!step) {
		view_say(&ui->view, ROLE_NOTE, "nothing of this run is in the tree");
		return;
	}
	view_say(&ui->view, ROLE_NOTE, "rolling back step %zu, %s", view_number(&ui->view, step), step->title);
	begin_rollback(ui, step->id, false);
}

/* The chosen step or file, when it was taken out; else the last rollback. */
static void act_redo(struct ui *ui)
{
	const struct model_step *step = view_step(&ui->view);
	bool file = ui->focus == PANE_PLAN && ui->view.file && step && step->landed;
	bool own = !ui->view.follow && step && step->taken_back;
	if (!file && !own && !ui->model.undone.n_items) {
		view_say(&ui->view, ROLE_NOTE, "nothing was rolled back");
		return;
	}
	view_say(&ui->view, ROLE_NOTE, "taking the rollback back");
	begin_rollback(ui, file || own ? step->id : NULL, true);
}

/* ---- a word to the model, a place to stop ---- */

static void act_message(struct ui *ui)
{
	const struct model_step *step = view_step(&ui->view);
	if (!step || step->state == STEP_DONE || ui_is_over(ui)) {
		view_say(&ui->view, ROLE_NOTE, "only a step that is not done hears a message");
		return;
	}
	ui->prompt = PROMPT_MESSAGE;
	line_edit_clear(&ui->edit);
}

void ui_send_message(struct ui *ui, const char *text)
{
	const struct model_step *step = view_step(&ui->view);
	struct command command = ui_command(COMMAND_MESSAGE);
	if (!step || !*text)
		return;
	command.step = step->id;
	command.text = (char *)(uintptr_t)text;
	view_send(&ui->view, &command);
	view_say(&ui->view, ROLE_NOTE, "goes into the next prompt of step %zu", view_number(&ui->view, step));
}

static void act_breakpoint(struct ui *ui)
{
	const struct model_step *step = view_step(&ui->view);
	struct command command = ui_command(COMMAND_BREAK);
	if (!step || (step->state != STEP_PENDING && step->state != STEP_READY)) {
		view_say(&ui->view, ROLE_NOTE, "only a step that has not begun can have a breakpoint");
		return;
	}
	bool had = map_has(&ui->view.breakpoint, step->id);
	if (had)
		map_remove(&ui->view.breakpoint, step->id);
	else
		map_put(&ui->view.breakpoint, step->id, ui);
	command.step = step->id;
	command.number = !had;
	view_send(&ui->view, &command);
	view_say(&ui->view, ROLE_NOTE, had ? "no breakpoint any more" : "the run pauses before step %zu", view_number(&ui->view, step));
}

void ui_note_breakpoint(struct ui *ui, const char *step)
{
	map_remove(&ui->view.breakpoint, step);
	ui->view.paused = true;
}

static void act_workers(struct ui *ui, int by)
{
	int64_t n = ui->view.n_workers + by;
	if (ui->view.n_workers < 1) {
		view_say(&ui->view, ROLE_NOTE, "how many workers there are is not known here; -j sets them");
		return;
	}
	if (n < 1 || n > VIEW_SLOTS)
		return;
	ui->view.n_workers = n;
	send_number(ui, COMMAND_WORKERS, n);
	view_say(&ui->view, ROLE_NOTE, "%" PRId64 " worker%s", n, n == 1 ? "" : "s");
}

bool ui_act_on_run(struct ui *ui, enum action action)
{
	switch (action) {
	case ACTION_APPROVALS: act_approvals(ui); return true;
	case ACTION_PAUSE: ui_pause(ui); return true;
	case ACTION_ONE_STEP: act_one_step(ui); return true;
	case ACTION_RETRY: act_retry(ui); return true;
	case ACTION_SKIP: act_skip(ui); return true;
	case ACTION_STOP_STEP: act_stop_step(ui); return true;
	case ACTION_UNDO: act_undo(ui); return true;
	case ACTION_REDO: act_redo(ui); return true;
	case ACTION_MESSAGE: act_message(ui); return true;
	case ACTION_BREAKPOINT: act_breakpoint(ui); return true;
	case ACTION_MORE_WORKERS: act_workers(ui, 1); return true;
	case ACTION_FEWER_WORKERS: act_workers(ui, -1); return true;
	default: return false;
	}
}
