#include "event/command.h"

#include "base/xalloc.h"

#include <stdlib.h>

static const char *const names[] = {
	[COMMAND_APPROVE] = "approve",
	[COMMAND_REFUSE] = "refuse",
	[COMMAND_DECIDE] = "decide",
	[COMMAND_PAUSE] = "pause",
	[COMMAND_UNPAUSE] = "unpause",
	[COMMAND_ONE_STEP] = "one step",
	[COMMAND_RETRY] = "retry",
	[COMMAND_SKIP] = "skip",
	[COMMAND_STOP_STEP] = "stop step",
	[COMMAND_STOP] = "stop",
	[COMMAND_UNDO] = "undo",
	[COMMAND_REDO] = "redo",
	[COMMAND_MESSAGE] = "message",
	[COMMAND_BREAK] = "break",
	[COMMAND_GROW] = "grow",
	[COMMAND_SAVE] = "save",
	[COMMAND_WORKERS] = "workers",
	[COMMAND_DETACH] = "detach",
	[COMMAND_PLAY] = "play",
	[COMMAND_STEP_EVENT] = "step event",
	[COMMAND_STEP_MARK] = "step mark",
	[COMMAND_STEP_FAILURE] = "step failure",
	[COMMAND_SEEK_MS] = "seek",
	[COMMAND_SEEK_TO_MS] = "seek to time",
	[COMMAND_SEEK_SEQ] = "seek to event",
	[COMMAND_SEEK_PERCENT] = "seek to percent",
	[COMMAND_SPEED] = "speed",
	[COMMAND_SQUEEZE] = "squeeze",
	[COMMAND_BOOKMARK] = "bookmark",
};

struct command *command_clone(const struct command *command)
{
	struct command *copy = xmemdup(command, sizeof *command);
	copy->step = xstrdup(command->step);
	copy->request = xstrdup(command->request);
	copy->text = xstrdup(command->text);
	return copy;
}

void command_free(struct command *command)
{
	if (!command)
		return;
	free(command->step);
	free(command->request);
	free(command->text);
	free(command);
}

const char *command_name(enum command_kind kind)
{
	return names[kind];
}
