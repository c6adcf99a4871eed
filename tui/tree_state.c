#include "tui/tree_state.h"

#include "base/vec.h"
#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

static void free_link(struct event_image *image)
{
	free((char *)(uintptr_t)image->link);
}

static struct event_image clone_image(const struct event_image *from)
{
	struct event_image image = *from;
	image.link = xstrdup(from->link);
	return image;
}

void tree_state_clear(struct tree_state *state)
{
	for (size_t i = 0; i < state->n_files; i++) {
		free_link(&state->file[i]->first);
		free_link(&state->file[i]->now);
		free(state->file[i]->path);
		free(state->file[i]);
	}
	free(state->file);
	map_release(&state->by_path);
	*state = (struct tree_state){ 0 };
}

static struct tree_file *add_file(struct tree_state *state, const char *path, const struct event_image *first)
{
	struct tree_file *file = map_get(&state->by_path, path);
	if (file)
		return file;
	file = xcalloc(1, sizeof *file);
	*file = (struct tree_file){ .path = xstrdup(path), .first = clone_image(first), .now = clone_image(first) };
	state->file = vec_room(state->file, state->n_files, &state->cap_files, sizeof *state->file);
	state->file[state->n_files++] = file;
	map_put(&state->by_path, path, file);
	return file;
}

static void set_now(struct tree_state *state, const char *path, const struct event_image *before,
                    const struct event_image *now, uint64_t seq)
{
	struct tree_file *file = add_file(state, path, before);
	free_link(&file->now);
	file->now = clone_image(now);
	file->seq = state->seq = seq;
}

/*
 * Steps land, and an undo takes back, towards `after`. A landing that was given up, and an undo that was, end with the
 * other event, and the tree is as before.
 */
static bool is_carried_out(const struct tree_state *state, const struct event *event)
{
	bool undo = event->step_list.n_items && state->undoing;
	return event->kind == (undo ? EVENT_TAKEN_BACK : EVENT_LANDED);
}

void tree_state_take(struct tree_state *state, const struct event *event)
{
	static const struct event_image absent = { 0 };
	if (event->kind == EVENT_INTENT) {
		state->undoing = event->reason && strcmp(event->reason, "undo") == 0;
		return;
	}
	if (event->kind != EVENT_LANDED && event->kind != EVENT_TAKEN_BACK)
		return;
	bool done = is_carried_out(state, event);
	for (size_t i = 0; i < event->files.n_files; i++) {
		const struct event_file *file = &event->files.file[i];
		const struct event_image *before = file->old_path ? &absent : &file->before;
		set_now(state, file->path, before, done ? &file->after : before, event->seq);
		if (file->old_path)
			set_now(state, file->old_path, &file->before, done ? &absent : &file->before, event->seq);
	}
}

void tree_state_take_later(struct tree_state *state, const struct event *event)
{
	static const struct event_image absent = { 0 };
	if (event->kind != EVENT_LANDED && event->kind != EVENT_TAKEN_BACK)
		return;
	for (size_t i = 0; i < event->files.n_files; i++) {
		const struct event_file *file = &event->files.file[i];
		add_file(state, file->path, file->old_path ? &absent : &file->before);
		if (file->old_path)
			add_file(state, file->old_path, &file->before);
	}
}

bool tree_image_equal(const struct event_image *a, const struct event_image *b)
{
	if (a->present != b->present)
		return false;
	if (!a->present)
		return true;
	if (a->link || b->link)
		return a->link && b->link && strcmp(a->link, b->link) == 0;
	return a->mode == b->mode && hash_equal(&a->hash, &b->hash);
}
