#include "event/event_json.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/map.h"

#include <string.h>

static void put_image(struct json_writer *w, const char *key, const struct event_image *image)
{
	char hex[HASH_HEX_SIZE];
	json_key(w, key);
	if (!image->present) {
		json_put_null(w);
		return;
	}
	json_begin_object(w);
	if (image->link) {
		json_key(w, "link");
		json_put_bytes(w, image->link, strlen(image->link));
	} else {
		hash_format(&image->hash, hex);
		json_key(w, "hash");
		json_put_cstr(w, hex);
		json_key(w, "mode");
		json_put_int(w, image->mode);
		json_key(w, "bytes");
		json_put_int(w, image->bytes);
	}
	json_end_object(w);
}

static void put_path(struct json_writer *w, const char *key, const char *path)
{
	json_key(w, key);
	json_put_bytes(w, path, strlen(path));
}

static void put_file(struct json_writer *w, const struct event_file *file)
{
	json_begin_object(w);
	put_path(w, "path", file->path);
	if (file->old_path)
		put_path(w, "from", file->old_path);
	json_key(w, "change");
	json_put_cstr(w, event_change_name(file->change));
	put_image(w, "before", &file->before);
	put_image(w, "after", &file->after);
	json_key(w, "added");
	json_put_int(w, file->added);
	json_key(w, "removed");
	json_put_int(w, file->removed);
	if (file->temp)
		put_path(w, "temp", file->temp);
	if (file->folder)
		put_path(w, "folder", file->folder);
	json_end_object(w);
}

static void put_files(struct json_writer *w, const struct event_files *files)
{
	json_begin_array(w);
	for (size_t i = 0; i < files->n_files; i++)
		put_file(w, &files->file[i]);
	json_end_array(w);
}

static void put_string(struct json_writer *w, const char *key, const char *s)
{
	json_key(w, key);
	if (s)
		json_put_bytes(w, s, strlen(s));
	else
		json_put_null(w);
}

/* What is listed twice is written once, or no reader would take the object. */
static void put_file_map(struct json_writer *w, const struct event_files *files)
{
	struct map seen = { 0 };
	json_begin_object(w);
	for (size_t i = 0; i < files->n_files; i++) {
		const char *path = files->file[i].path;
		if (map_has(&seen, path))
			continue;
		map_put(&seen, path, NULL);
		json_put_key(w, path);
		json_put_cstr(w, event_change_name(files->file[i].change));
	}
	json_end_object(w);
	map_release(&seen);
}

static void put_evidence(struct json_writer *w, const struct event *event)
{
	char hex[HASH_HEX_SIZE];
	json_begin_object(w);
	json_key(w, "exit");
	json_put_int(w, event->exit_code);
	json_key(w, "files");
	json_begin_array(w);
	for (size_t i = 0; i < event->files.n_files; i++) {
		const struct event_file *file = &event->files.file[i];
		json_begin_object(w);
		put_path(w, "path", file->path);
		json_key(w, "change");
		json_put_cstr(w, event_change_name(file->change));
		hash_format(&file->after.hash, hex);
		json_key(w, "hash");
		json_put_cstr(w, file->after.present ? hex : NULL);
		json_end_object(w);
	}
	json_end_array(w);
	json_end_object(w);
}

static void put_diags(struct json_writer *w, const struct event_diags *diags)
{
	static const char *const severity[] = { "error", "warning", "note" };
	json_begin_array(w);
	for (size_t i = 0; i < diags->n_diags; i++) {
		const struct diag *diag = &diags->diag[i];
		json_begin_object(w);
		put_string(w, "file", diag->file);
		json_key(w, "line");
		json_put_int(w, diag->line);
		json_key(w, "column");
		json_put_int(w, diag->column);
		json_key(w, "severity");
		json_put_cstr(w, severity[diag->severity]);
		put_string(w, "code", diag->code);
		put_string(w, "message", diag->message);
		json_end_object(w);
	}
	json_end_array(w);
}

static void put_text(struct json_writer *w, const struct event_text *text)
{
	if (!text->blob) {
		json_put_bytes(w, text->data, text->len);
		return;
	}
	json_begin_object(w);
	json_key(w, "blob");
	json_put_cstr(w, text->blob);
	json_key(w, "bytes");
	json_put_int(w, (int64_t)text->len);
	json_end_object(w);
}

static void put_list(struct json_writer *w, const struct event_list *list)
{
	json_begin_array(w);
	for (size_t i = 0; i < list->n_items; i++)
		json_put_bytes(w, list->item[i], strlen(list->item[i]));
	json_end_array(w);
}

static void put_states(struct json_writer *w, const struct event_states *states)
{
	struct map seen = { 0 };
	json_begin_object(w);
	for (size_t i = 0; i < states->n_states; i++) {
		if (map_has(&seen, states->state[i].step))
			continue;
		map_put(&seen, states->state[i].step, NULL);
		json_put_key(w, states->state[i].step);
		json_put_cstr(w, states->state[i].state);
	}
	json_end_object(w);
	map_release(&seen);
}

static void put_field(struct json_writer *w, const struct event *event, const struct event_field_info *info)
{
	const void *member = (const char *)event + info->offset;
	const char *s = info->type == EVENT_TYPE_STR ? *(const char *const *)member : NULL;
	if (info->type == EVENT_TYPE_STR && !s)
		return;
	if (info->type == EVENT_TYPE_TEXT && !event->text.data && !event->text.blob)
		return;
	json_key(w, info->wire);
	switch (info->type) {
	case EVENT_TYPE_STR:
		json_put_bytes(w, s, strlen(s));
		break;
	case EVENT_TYPE_INT:
		json_put_int(w, *(const int64_t *)member);
		break;
	case EVENT_TYPE_REAL:
		json_put_real(w, *(const double *)member);
		break;
	case EVENT_TYPE_BOOL:
		json_put_bool(w, *(const bool *)member);
		break;
	case EVENT_TYPE_TEXT:
		put_text(w, member);
		break;
	case EVENT_TYPE_LIST:
		put_list(w, member);
		break;
	case EVENT_TYPE_FILES:
		put_files(w, member);
		break;
	case EVENT_TYPE_STATES:
		put_states(w, member);
		break;
	case EVENT_TYPE_FILE_MAP:
		put_file_map(w, member);
		break;
	case EVENT_TYPE_EVIDENCE:
		put_evidence(w, event);
		break;
	case EVENT_TYPE_DIAGS:
		put_diags(w, member);
		break;
	}
}

void event_write_as(struct buf *out, const struct event *event, const char *type, const char *prev)
{
	struct json_writer w = { .out = out };
	const struct event_kind_info *kind = event_kind_info(event->kind);
	char stamp[CLOCK_STAMP_SIZE];
	clock_format(event->at_ms, stamp);
	json_begin_object(&w);
	json_key(&w, "v");
	json_put_int(&w, 1);
	json_key(&w, "seq");
	json_put_int(&w, (int64_t)event->seq);
	json_key(&w, "ts");
	json_put_cstr(&w, stamp);
	json_key(&w, "run");
	json_put_cstr(&w, event->run);
	json_key(&w, "type");
	json_put_cstr(&w, type ? type : kind->wire);
	if (event->step) {
		json_key(&w, "step");
		json_put_cstr(&w, event->step);
	}
	if (event->attempt > 0) {
		json_key(&w, "attempt");
		json_put_int(&w, event->attempt);
	}
	for (size_t i = 0; i < kind->n_fields; i++)
		put_field(&w, event, event_field_info((enum event_field)kind->field[i]));
	if (prev) {
		json_key(&w, "prev");
		json_put_cstr(&w, prev);
	}
	json_end_object(&w);
}

void event_write(struct buf *out, const struct event *event, const char *prev)
{
	event_write_as(out, event, NULL, prev);
}
