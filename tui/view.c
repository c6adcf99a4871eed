#include "tui/pane.h"

#include "base/xalloc.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGE_MS 6000

struct model_step *view_step(const struct view *view)
{
	return run_model_step(view->model, view->step);
}

void view_select(struct view *view, const char *id)
{
	if (view->step && id && strcmp(view->step, id) == 0)
		return;
	char *copy = xstrdup(id);
	free(view->step);
	view->step = copy;
}

void view_select_file(struct view *view, const char *path)
{
	char *copy = xstrdup(path);
	free(view->file);
	view->file = copy;
}

size_t view_number(const struct view *view, const struct model_step *step)
{
	for (size_t i = 0; i < view->model->n_steps; i++)
		if (view->model->step[i] == step)
			return i + 1;
	return 0;
}

int view_slot(const struct view *view, const char *id)
{
	for (int i = 0; i < VIEW_SLOTS; i++)
		if (view->slot[i] && strcmp(view->slot[i], id) == 0)
			return i + 1;
	return 0;
}

void view_say(struct view *view, enum role role, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	vsnprintf(view->message, sizeof view->message, fmt, args);
	va_end(args);
	view->message_role = role;
	view->message_until_ms = view->mono_ms + MESSAGE_MS;
}

void view_send(struct view *view, const struct command *command)
{
	view->feed->ops->send(view->feed, command);
	view->feed->ops->status(view->feed, &view->status); /* the next key may build on it: twice as fast, twice */
}

struct key_name view_key(const struct view *view, enum action action)
{
	return keymap_name(view->keymap, action);
}

int64_t view_elapsed_ms(const struct view *view, const struct model_step *step)
{
	if (!step->started_ms)
		return -1;
	int64_t end = step->ended_ms ? step->ended_ms : view->now_ms;
	return end > step->started_ms ? end - step->started_ms : 0;
}

struct transcript *view_transcript(const struct view *view, const char *id)
{
	return id ? map_get(&view->transcript, id) : NULL;
}
