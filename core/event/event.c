#include "event/event.h"

#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

static const struct event_field_info field_info[EVENT_N_FIELDS] = {
#define X(id, wire, type, member) [EVENT_FIELD_##id] = { wire, EVENT_TYPE_##type, offsetof(struct event, member) },
	EVENT_FIELDS(X)
#undef X
};

/* The rows name fields without their prefix; these constants let the rows stand as they are. */
enum {
#define X(id, wire, type, member) id = EVENT_FIELD_##id,
	EVENT_FIELDS(X)
#undef X
};

#define X(kind, wire, help, ...) static const unsigned char fields_of_##kind[] = { __VA_ARGS__ };
EVENT_KINDS(X)
#undef X

static const struct event_kind_info kind_info[EVENT_N_KINDS] = {
#define X(kind, wire, help, ...) \
	[EVENT_##kind] = { wire, help, fields_of_##kind, sizeof fields_of_##kind / sizeof *fields_of_##kind },
	EVENT_KINDS(X)
#undef X
};

const struct event_field_info *event_field_info(enum event_field field)
{
	return &field_info[field];
}

const struct event_kind_info *event_kind_info(enum event_kind kind)
{
	return &kind_info[kind];
}

int event_kind_parse(const char *wire)
{
	for (int i = 0; i < EVENT_N_KINDS; i++)
		if (strcmp(kind_info[i].wire, wire) == 0)
			return i;
	return -1;
}

static const char *const change_name[] = { "created", "modified", "deleted", "renamed" };

const char *event_change_name(enum event_change change)
{
	return change_name[change];
}

int event_change_parse(const char *name)
{
	for (int i = 0; i < 4; i++)
		if (strcmp(change_name[i], name) == 0)
			return i;
	return -1;
}

/*
 * A clone is laid out in one block: the event, then all that it points at. The same walk runs twice, first with
 * base NULL to add up the size, then to copy.
 */
struct arena {
	char *base;
	size_t used;
};

static void *lay(struct arena *arena, const void *data, size_t n, size_t align)
{
	arena->used = (arena->used + align - 1) & ~(align - 1);
	void *at = arena->base ? arena->base + arena->used : NULL;
	if (at && n)
		memcpy(at, data, n);
	arena->used += n;
	return at;
}

static const char *lay_str(struct arena *arena, const char *s)
{
	return s ? lay(arena, s, strlen(s) + 1, 1) : NULL;
}

static void lay_text(struct arena *arena, struct event_text *out, const struct event_text *text)
{
	const char *data = NULL;
	if (text->data) {
		data = lay(arena, text->data, text->len, 1);
		lay(arena, "", 1, 1);
	}
	const char *blob = lay_str(arena, text->blob);
	if (out)
		*out = (struct event_text){ data, text->len, blob };
}

static void lay_list(struct arena *arena, struct event_list *out, const struct event_list *list)
{
	const char **item = lay(arena, list->item, list->n_items * sizeof *item, _Alignof(char *));
	for (size_t i = 0; i < list->n_items; i++) {
		const char *s = lay_str(arena, list->item[i]);
		if (item)
			item[i] = s;
	}
	if (out)
		*out = (struct event_list){ item, list->n_items };
}

static void lay_files(struct arena *arena, struct event_files *out, const struct event_files *files)
{
	struct event_file *file = lay(arena, files->file, files->n_files * sizeof *file, _Alignof(struct event_file));
	for (size_t i = 0; i < files->n_files; i++) {
		const struct event_file *from = &files->file[i];
		const char *path = lay_str(arena, from->path);
		const char *old_path = lay_str(arena, from->old_path);
		const char *before = lay_str(arena, from->before.link);
		const char *after = lay_str(arena, from->after.link);
		const char *temp = lay_str(arena, from->temp);
		const char *folder = lay_str(arena, from->folder);
		if (!file)
			continue;
		file[i].path = path;
		file[i].old_path = old_path;
		file[i].before.link = before;
		file[i].after.link = after;
		file[i].temp = temp;
		file[i].folder = folder;
	}
	if (out)
		*out = (struct event_files){ file, files->n_files };
}

static void lay_states(struct arena *arena, struct event_states *out, const struct event_states *states)
{
	struct event_state *state =
		lay(arena, states->state, states->n_states * sizeof *state, _Alignof(struct event_state));
	for (size_t i = 0; i < states->n_states; i++) {
		const char *step = lay_str(arena, states->state[i].step);
		const char *name = lay_str(arena, states->state[i].state);
		if (state)
			state[i] = (struct event_state){ step, name };
	}
	if (out)
		*out = (struct event_states){ state, states->n_states };
}

static void lay_diags(struct arena *arena, struct event_diags *out, const struct event_diags *diags)
{
	struct diag *diag = lay(arena, diags->diag, diags->n_diags * sizeof *diag, _Alignof(struct diag));
	for (size_t i = 0; i < diags->n_diags; i++) {
		const char *file = lay_str(arena, diags->diag[i].file);
		const char *code = lay_str(arena, diags->diag[i].code);
		const char *message = lay_str(arena, diags->diag[i].message);
		if (!diag)
			continue;
		diag[i].file = (char *)file;
		diag[i].code = (char *)code;
		diag[i].message = (char *)message;
	}
	if (out)
		*out = (struct event_diags){ diag, diags->n_diags };
}

static struct event *lay_event(struct arena *arena, const struct event *event)
{
	struct event *out = lay(arena, event, sizeof *event, _Alignof(struct event));
	const char *run = lay_str(arena, event->run);
	const char *step = lay_str(arena, event->step);
	if (out) {
		out->run = run;
		out->step = step;
	}
	for (size_t i = 0; i < EVENT_N_FIELDS; i++) {
		if (field_info[i].type != EVENT_TYPE_STR)
			continue;
		const char *s = lay_str(arena, *(const char *const *)((const char *)event + field_info[i].offset));
		if (out)
			*(const char **)((char *)out + field_info[i].offset) = s;
	}
	lay_text(arena, out ? &out->text : NULL, &event->text);
	lay_list(arena, out ? &out->needs : NULL, &event->needs);
	lay_list(arena, out ? &out->env : NULL, &event->env);
	lay_list(arena, out ? &out->reach : NULL, &event->reach);
	lay_list(arena, out ? &out->covered : NULL, &event->covered);
	lay_list(arena, out ? &out->not_covered : NULL, &event->not_covered);
	lay_list(arena, out ? &out->step_list : NULL, &event->step_list);
	lay_files(arena, out ? &out->files : NULL, &event->files);
	lay_states(arena, out ? &out->states : NULL, &event->states);
	lay_diags(arena, out ? &out->diagnostics : NULL, &event->diagnostics);
	return out;
}

struct event *event_clone(const struct event *event)
{
	struct arena size = { 0 };
	lay_event(&size, event);
	struct arena arena = { .base = xmalloc(size.used) };
	return lay_event(&arena, event);
}
