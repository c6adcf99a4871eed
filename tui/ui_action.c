#include "tui/ui_impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	if (ui_is_over(ui))
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
	} else if (ui_act_on_run(ui, action)) {
		return;
	}
	ui_panes[ui->focus]->handle(ui->pane[ui->focus], &ui->view, action);
}

/* ---- dialogs ---- */

void ui_answer(struct ui *ui, enum ask_answer answer)
{
	struct command command = ui_command(COMMAND_STOP);
	const struct model_step *step = view_step(&ui->view);
	switch (answer) {
	case ASK_SKIP:
	case ASK_STOP_STEP:
		if (step)
			ui_send_step(ui, answer == ASK_SKIP ? COMMAND_SKIP : COMMAND_STOP_STEP, step->id);
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
	case ASK_ROLLBACK_MERGE:
	case ASK_ROLLBACK_FORCE: ui_roll_back(ui, answer == ASK_ROLLBACK_FORCE ? ROLLBACK_FORCE : ROLLBACK_MERGE); break;
	case ASK_APPLY: ui_send_review(ui, 0); break;
	case ASK_DECLINE: ui_refuse_review(ui, NULL); break;
	case ASK_GO_ON:
		if (ui->view.paused)
			ui_pause(ui);
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
		ui_pause(ui);
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
	} else if (kind == PROMPT_MESSAGE) {
		ui_send_message(ui, buf_str(&ui->edit.text));
	} else if (kind == PROMPT_FILTER) {
		ui_set_filter(ui, buf_str(&ui->edit.text));
	} else {
		ui_go_to(ui, buf_str(&ui->edit.text));
	}
}
