/* What keys do in a replay. */
#include "tui/ui_impl.h"

#include <inttypes.h>
#include <stdio.h>

#define FIVE_SECONDS 5000
#define MINUTE 60000
#define SPEED_MIN 125
#define SPEED_MAX 64000

static void send_number(struct ui *ui, enum command_kind kind, int64_t number)
{
	struct command command = { .kind = kind, .number = number, .by = "person" };
	view_send(&ui->view, &command);
}

static void act_speed(struct ui *ui, enum action action)
{
	int64_t speed = ui->view.status.speed > 0 ? ui->view.status.speed : 1000;
	if (action == ACTION_REAL_TIME)
		speed = 1000;
	else if (action == ACTION_FASTER)
		speed = speed * 2 < SPEED_MAX ? speed * 2 : SPEED_MAX;
	else
		speed = speed / 2 > SPEED_MIN ? speed / 2 : SPEED_MIN;
	send_number(ui, COMMAND_SPEED, speed);
}

static const struct {
	enum action action;
	enum command_kind command;
	int64_t number;
} replay_commands[] = {
	{ ACTION_PLAY, COMMAND_PLAY, 0 },
	{ ACTION_NEXT_EVENT, COMMAND_STEP_EVENT, 1 },
	{ ACTION_PREVIOUS_EVENT, COMMAND_STEP_EVENT, -1 },
	{ ACTION_NEXT_MARK, COMMAND_STEP_MARK, 1 },
	{ ACTION_PREVIOUS_MARK, COMMAND_STEP_MARK, -1 },
	{ ACTION_FORWARD, COMMAND_SEEK_MS, FIVE_SECONDS },
	{ ACTION_BACKWARD, COMMAND_SEEK_MS, -FIVE_SECONDS },
	{ ACTION_FAR_FORWARD, COMMAND_SEEK_MS, MINUTE },
	{ ACTION_FAR_BACKWARD, COMMAND_SEEK_MS, -MINUTE },
	{ ACTION_NEXT_FAILURE, COMMAND_STEP_FAILURE, 1 },
	{ ACTION_PREVIOUS_FAILURE, COMMAND_STEP_FAILURE, -1 },
	{ ACTION_SQUEEZE, COMMAND_SQUEEZE, 0 },
};

/* What a replay could not do. A damaged journal is told in the title at all times. */
static bool say_trouble(struct ui *ui)
{
	struct feed_status status;
	ui->view.feed->ops->status(ui->view.feed, &status);
	if (!status.trouble || status.corrupt)
		return false;
	view_say(&ui->view, ROLE_WAITING, "%s", status.trouble);
	return true;
}

static bool is_bookmarked(const struct feed_status *status)
{
	for (size_t i = 0; i < status->n_marks; i++)
		if (status->mark[i].kind == FEED_MARK_BOOKMARK && status->mark[i].seq == status->seq)
			return true;
	return false;
}

static void act_bookmark(struct ui *ui)
{
	struct feed_status status;
	send_number(ui, COMMAND_BOOKMARK, 0);
	if (say_trouble(ui))
		return;
	ui->view.feed->ops->status(ui->view.feed, &status);
	view_say(&ui->view, ROLE_NOTE, "event %" PRIu64 ": bookmark %s", status.seq, is_bookmarked(&status) ? "set" : "removed");
}

bool ui_act_in_replay(struct ui *ui, enum action action, struct key key)
{
	for (size_t i = 0; i < sizeof replay_commands / sizeof *replay_commands; i++) {
		if (replay_commands[i].action == action) {
			send_number(ui, replay_commands[i].command, replay_commands[i].number);
			say_trouble(ui);
			return true;
		}
	}
	switch (action) {
	case ACTION_SEEK_PERCENT: send_number(ui, COMMAND_SEEK_PERCENT, (key.code - '0') * 10); return true;
	case ACTION_FASTER:
	case ACTION_SLOWER:
	case ACTION_REAL_TIME: act_speed(ui, action); return true;
	case ACTION_BOOKMARK: act_bookmark(ui); return true;
	case ACTION_EXPORT:
		view_say(&ui->view, ROLE_NOTE, "belay export %.8s --format html, md, cast, json, junit or patch",
		         ui->model.run ? ui->model.run : "RUN");
		return true;
	case ACTION_FILTER:
		ui->prompt = PROMPT_FILTER;
		line_edit_clear(&ui->edit);
		return true;
	case ACTION_GO_TO_TIME:
		ui->prompt = PROMPT_GO_TO;
		line_edit_clear(&ui->edit);
		return true;
	default: return false;
	}
}

/* "1:30", "1:02:03", "90" seconds, or "#120" for an event. */
void ui_go_to(struct ui *ui, const char *text)
{
	unsigned long part[3] = { 0 };
	unsigned long seq;
	if (sscanf(text, "#%lu", &seq) == 1) {
		send_number(ui, COMMAND_SEEK_SEQ, (int64_t)seq);
		return;
	}
	int n = sscanf(text, "%9lu:%9lu:%9lu", &part[0], &part[1], &part[2]);
	if (n < 1) {
		view_say(&ui->view, ROLE_WAITING, "'%s' is no time (1:30) and no event (#120)", text);
		return;
	}
	int64_t s = 0;
	for (int i = 0; i < n; i++)
		s = s * 60 + (int64_t)part[i];
	send_number(ui, COMMAND_SEEK_TO_MS, s * 1000);
}

void ui_set_filter(struct ui *ui, const char *text)
{
	buf_clear(&ui->filter);
	buf_add_str(&ui->filter, text);
	ui->view.filter = buf_str(&ui->filter);
	ui_focus(ui, PANE_EVENTS);
}
