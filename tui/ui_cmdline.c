/* The command line in the UI. */
#include "tui/ui_impl.h"

#include <stdlib.h>
#include <string.h>

void ui_open_cmdline(struct ui *ui)
{
	ui->cmdline.why_not = ui_why_not;
	ui->cmdline.arg = ui;
	cmdline_open(&ui->cmdline, ui->view.keymap, ui_context(ui));
}

/* "5": to that step; in a replay a time or "#120". */
static void go_to_typed(struct ui *ui, const char *text)
{
	unsigned long number = strtoul(text, NULL, 10);
	if (ui->view.replay) {
		ui_go_to(ui, text);
	} else if (number >= 1 && number <= ui->model.n_steps) {
		ui->view.follow = false;
		view_select(&ui->view, ui->model.step[number - 1]->id);
	} else {
		view_say(&ui->view, ROLE_WAITING, "there is no step '%s'", text);
	}
}

/* "/write PATH: what" grows the plan, "save FILE" writes it. */
static void take_text(struct ui *ui, const char *text)
{
	bool grows = *text == '/';
	struct command command = ui_command(grows ? COMMAND_GROW : COMMAND_SAVE);
	if (!grows && strncmp(text, "save ", 5) != 0) {
		go_to_typed(ui, text);
		return;
	}
	command.text = (char *)(uintptr_t)(grows ? text : text + 5 + strspn(text + 5, " "));
	view_send(&ui->view, &command);
	view_say(&ui->view, ROLE_NOTE, grows ? "a step more" : "saving the plan");
}

void ui_cmdline_key(struct ui *ui, struct key key)
{
	enum action action = ACTION_NONE;
	switch (cmdline_key(&ui->cmdline, key, &action)) {
	case CMDLINE_ACTION: ui_act(ui, action, (struct key){ .burst = key.burst }); break;
	case CMDLINE_TEXT: take_text(ui, buf_str(&ui->cmdline.edit.text)); break;
	default: break;
	}
}
