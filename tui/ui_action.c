#include "tui/ui_impl.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct command simple(enum command_kind kind)
{
	return (struct command){ .kind = kind, .by = "person" };
}

static void send_number(struct ui *ui, enum command_kind kind, int64_t number)
{
	struct command command = simple(kind);
	command.number = number;
	view_send(&ui->view, &command);
}

static void send_step(struct ui *ui, enum command_kind kind, const char *id)
{
	struct command command = simple(kind);
	command.step = (char *)(uintptr_t)id;
	view_send(&ui->view, &command);
}

/* ---- views ---- */

static bool is_shown(const struct ui *ui, enum pane_id pane)
{
	return ui->layout.pane[pane].h > 0;
}

void ui_focus(struct ui *ui, enum pane_id pane)
{
	ui->focus = pane;
	if (pane != PANE_PLAN)
		ui->lower = pane;
}

static void act_cycle_pane(struct ui *ui, bool forward)
{
	for (int i = 1; i <= PANE_N; i++) {
		int pane = (ui->focus + (forward ? i : PANE_N - i)) % PANE_N;
		bool wanted = pane < PANE_EVENTS || ui->view.replay;
		bool all = ui->zoom || ui->view.replay || ui->layout.mode == LAYOUT_STACKED; /* any of them can be placed */
		if (wanted && (all || is_shown(ui, (enum pane_id)pane))) {
			ui_focus(ui, (enum pane_id)pane);
			return;
		}
	}
}

static void act_help(struct ui *ui)
{
	enum context context = ui_context(ui);
	if (context == CONTEXT_HELP)
		help_close(&ui->help);
	else
		help_open(&ui->help, ui->view.keymap, context, "");
}

static void act_find(struct ui *ui)
{
	ui->prompt = PROMPT_FIND;
	line_edit_clear(&ui->edit);
}

static void find_again(struct ui *ui, bool forward)
{
	const struct pane_ops *ops = ui_panes[ui->focus];
	if (!ui->find.len) {
		view_say(&ui->view, ROLE_NOTE, "%s finds first", view_key(&ui->view, ACTION_FIND).text);
	} else if (!ops->find || !ops->find(ui->pane[ui->focus], &ui->view, buf_str(&ui->find), forward)) {
		view_say(&ui->view, ROLE_WAITING, "'%s' is not there", buf_str(&ui->find));
	}
}

/* One level: the help, the zoom, what find has marked. Never anything that runs. */
static bool go_back(struct ui *ui)
{
	if (ui->help.open) {
		help_close(&ui->help);
	} else if (ui->zoom) {
		ui->zoom = false;
	} else if (ui->find.len) {
		buf_clear(&ui->find);
		ui->view.find = "";
	} else if (ui->focus != PANE_PLAN) {
		ui_focus(ui, PANE_PLAN);
	} else {
		return false;
	}
	return true;
}

static bool is_over(const struct ui *ui)
{
	return ui->view.replay || ui->model.finished || ui->feed_ended;
}

void ui_ask_quit(struct ui *ui, const char *question)
{
	ui->ask = (struct ask){
		.open = true,
		.title = "The run goes on",
		.choice = { { 's', ASK_STOP_AFTER, "stop after the running steps, then leave" },
			    { 'x', ASK_STOP_RUN, "stop now: running steps are cancelled" },
			    { 'g', ASK_GO_ON, "go on" } },
		.n_choices = 3,
	};
	snprintf(ui->ask.question, sizeof ui->ask.question, "%s", question);
}

static void act_quit(struct ui *ui)
{
	if (is_over(ui))
		ui->end = UI_QUIT;
	else
		ui_ask_quit(ui, "Quit? What landed stays; 'belay resume' goes on later.");
}

static void act_diff(struct ui *ui)
{
	ui_focus(ui, ui->view.replay ? PANE_STATE : PANE_DIFF);
	if (ui->view.replay)
		pane_state_ops.handle(ui->pane[PANE_STATE], &ui->view, ACTION_DIFF);
}

/* ---- the run ---- */

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

static void act_pause(struct ui *ui)
{
	struct command command = simple(ui->view.paused ? COMMAND_UNPAUSE : COMMAND_PAUSE);
	if (is_over(ui)) {
		view_say(&ui->view, ROLE_NOTE, "the run has ended");
		return;
	}
	view_send(&ui->view, &command);
	ui->view.paused = !ui->view.paused;
	view_say(&ui->view, ROLE_NOTE, ui->view.paused ? "paused: running steps finish, nothing new starts" : "going on");
}

static void act_one_step(struct ui *ui)
{
	struct command command = simple(COMMAND_ONE_STEP);
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
	send_step(ui, COMMAND_RETRY, step->id);
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
	send_step(ui, COMMAND_UNDO, step->id);
	view_say(&ui->view, ROLE_NOTE, "rolling back step %zu, %s", view_number(&ui->view, step), step->title);
}

static void act_redo(struct ui *ui)
{
	struct command command = simple(COMMAND_REDO);
	if (!ui->model.undone.n_items) {
		view_say(&ui->view, ROLE_NOTE, "nothing was rolled back");
		return;
	}
	view_send(&ui->view, &command);
	view_say(&ui->view, ROLE_NOTE, "taking the rollback back");
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

static void act_open(struct ui *ui)
{
	const struct model_step *step = view_step(&ui->view);
	if (ui->focus == PANE_PLAN && step && *step->approval.request && !ui->view.replay)
		ui_open_approval(ui, step);
	else
		ui_panes[ui->focus]->handle(ui->pane[ui->focus], &ui->view, ACTION_OPEN);
}

static void act_follow(struct ui *ui)
{
	ui->view.follow = true;
	ui_follow(ui);
	for (int i = 0; i < PANE_N; i++)
		if (i == PANE_STREAM || i == PANE_EVENTS)
			ui_panes[i]->handle(ui->pane[i], &ui->view, ACTION_FOLLOW);
}

/* ---- dispatch ---- */

static bool act_on_run(struct ui *ui, enum action action)
{
	switch (action) {
	case ACTION_APPROVALS: act_approvals(ui); return true;
	case ACTION_PAUSE: act_pause(ui); return true;
	case ACTION_ONE_STEP: act_one_step(ui); return true;
	case ACTION_RETRY: act_retry(ui); return true;
	case ACTION_SKIP: act_skip(ui); return true;
	case ACTION_STOP_STEP: act_stop_step(ui); return true;
	case ACTION_UNDO: act_undo(ui); return true;
	case ACTION_REDO: act_redo(ui); return true;
	case ACTION_MORE_WORKERS: act_workers(ui, 1); return true;
	case ACTION_FEWER_WORKERS: act_workers(ui, -1); return true;
	default: return false;
	}
}

static bool act_on_view(struct ui *ui, enum action action)
{
	switch (action) {
	case ACTION_HELP: act_help(ui); return true;
	case ACTION_COMMAND_LINE: ui_open_cmdline(ui); return true;
	case ACTION_FIND: act_find(ui); return true;
	case ACTION_FIND_NEXT: find_again(ui, true); return true;
	case ACTION_FIND_PREVIOUS: find_again(ui, false); return true;
	case ACTION_BACK: go_back(ui); return true;
	case ACTION_CLOSE:
		if (ui->help.open || ui->zoom || ui->focus != PANE_PLAN)
			go_back(ui);
		else
			act_quit(ui);
		return true;
	case ACTION_QUIT: act_quit(ui); return true;
	case ACTION_NEXT_PANE: act_cycle_pane(ui, true); return true;
	case ACTION_PREVIOUS_PANE: act_cycle_pane(ui, false); return true;
	case ACTION_ZOOM: ui->zoom = !ui->zoom; return true;
	case ACTION_DIFF: act_diff(ui); return true;
	case ACTION_FOLLOW: act_follow(ui); return true;
	case ACTION_SIDE_BY_SIDE:
	case ACTION_WRAP: break;
	case ACTION_OPEN:
		if (!ui->help.open)
			act_open(ui);
		return true;
	default: break;
	}
	if (action >= ACTION_PANE_1 && action <= ACTION_PANE_5) {
		ui_focus(ui, (enum pane_id)(action - ACTION_PANE_1));
		return true;
	}
	return false;
}

void ui_act(struct ui *ui, enum action action, struct key key)
{
	bool own = action != ACTION_HELP && action != ACTION_QUIT && action != ACTION_REDRAW;
	if (ui_context(ui) == CONTEXT_REVIEW && own) {
		if (key.burst && action == ACTION_APPLY)
			view_say(&ui->view, ROLE_NOTE, "what is pasted answers nothing");
		else
			ui_review_act(ui, action);
		return;
	}
	if (act_on_view(ui, action) || (ui->view.replay && ui_act_in_replay(ui, action, key)))
		return;
	if (ui->help.open) {
		help_handle(&ui->help, action);
		return;
	}
	if (action == ACTION_SIDE_BY_SIDE) {
		ui_focus(ui, PANE_DIFF);
	} else if (act_on_run(ui, action)) {
		return;
	}
	ui_panes[ui->focus]->handle(ui->pane[ui->focus], &ui->view, action);
}

/* ---- dialogs ---- */

void ui_answer(struct ui *ui, enum ask_answer answer)
{
	struct command command = simple(COMMAND_STOP);
	const struct model_step *step = view_step(&ui->view);
	switch (answer) {
	case ASK_SKIP:
	case ASK_STOP_STEP:
		if (step)
			send_step(ui, answer == ASK_SKIP ? COMMAND_SKIP : COMMAND_STOP_STEP, step->id);
		break;
	case ASK_STOP_RUN:
		view_send(&ui->view, &command);
		ui->view.stopping = true;
		ui->end = UI_STOP;
		break;
	case ASK_STOP_AFTER:
		command.kind = COMMAND_PAUSE;
		view_send(&ui->view, &command);
		ui->view.paused = ui->view.stopping = ui->stop_when_idle = true;
		view_say(&ui->view, ROLE_WAITING, "leaving after the running steps");
		if (!ui->model.n_in_state[STEP_RUNNING] && !ui->model.n_in_state[STEP_LANDED])
			ui_answer(ui, ASK_STOP_RUN);
		break;
	case ASK_APPLY: ui_send_review(ui, 0); break;
	case ASK_DECLINE: ui_refuse_review(ui, NULL); break;
	case ASK_GO_ON:
		if (ui->view.paused)
			act_pause(ui);
		break;
	default: break;
	}
}

static void send_answer(struct ui *ui, bool yes)
{
	struct confirm *confirm = &ui->confirm;
	struct command command = {
		.kind = yes ? COMMAND_APPROVE : COMMAND_REFUSE,
		.step = confirm->step,
		.request = confirm->request,
		.text = !yes && confirm->edit.text.len ? confirm->edit.text.data : NULL,
		.by = "person",
		.shown_ms = ui->view.mono_ms - confirm->opened_ms,
	};
	if (yes && ui->review_view.review && strcmp(ui->review_view.review->request, confirm->request) == 0) {
		ui_send_review(ui, command.shown_ms);
		return;
	}
	view_send(&ui->view, &command);
	view_say(&ui->view, yes ? ROLE_OK : ROLE_NOTE, yes ? "approved" : "declined");
}

static void close_confirm(struct ui *ui)
{
	confirm_close(&ui->confirm);
	ui->closed_ms = ui->view.mono_ms;
}

void ui_confirm_key(struct ui *ui, struct key key)
{
	bool field = ui->confirm.stage == CONFIRM_REASON || ui->confirm.stage == CONFIRM_WORD;
	enum action action = field || key.pasted ? ACTION_NONE : keymap_find(ui->view.keymap, CONTEXT_CONFIRM, key);
	enum confirm_result result = confirm_key(&ui->confirm, key, ui->view.mono_ms);
	if (result == CONFIRM_APPROVED || result == CONFIRM_REFUSED)
		send_answer(ui, result == CONFIRM_APPROVED);
	if (result != CONFIRM_STAYS) {
		close_confirm(ui);
		return;
	}
	if (action == ACTION_DIFF) {
		close_confirm(ui);
		act_diff(ui);
		ui->zoom = true;
		view_say(&ui->view, ROLE_NOTE, "the question stays open; %s goes back to it",
		         view_key(&ui->view, ACTION_APPROVALS).text);
	} else if (action == ACTION_PAUSE) {
		act_pause(ui);
	} else if (action == ACTION_HELP) {
		act_help(ui);
	}
}

/* Enter alone finds the next place of what was searched for before. */
static void find_typed(struct ui *ui)
{
	if (ui->edit.text.len) {
		buf_clear(&ui->find);
		buf_add(&ui->find, ui->edit.text.data, ui->edit.text.len);
		ui->view.find = buf_str(&ui->find);
	}
	if (ui->help.open)
		help_open(&ui->help, ui->view.keymap, ui->help.context, buf_str(&ui->edit.text));
	else if (ui->review_view.review)
		ui_review_act(ui, ACTION_FIND_NEXT);
	else
		find_again(ui, true);
}

void ui_prompt_key(struct ui *ui, struct key key)
{
	enum line_edit_result result = line_edit_key(&ui->edit, key);
	enum prompt_kind kind = ui->prompt;
	if (result == LINE_EDIT_GOES_ON)
		return;
	ui->prompt = PROMPT_NONE;
	if (result != LINE_EDIT_DONE)
		return;
	if (kind == PROMPT_FIND) {
		find_typed(ui);
	} else if (kind == PROMPT_FEEDBACK) {
		ui_refuse_review(ui, ui->edit.text.len ? buf_str(&ui->edit.text) : NULL);
	} else if (kind == PROMPT_FILTER) {
		ui_set_filter(ui, buf_str(&ui->edit.text));
	} else {
		ui_go_to(ui, buf_str(&ui->edit.text));
	}
}
