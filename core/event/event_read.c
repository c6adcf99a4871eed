#include "event/event_json.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/vec.h"
#include "base/xalloc.h"
#include "event/event_quick.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* What a decoded event borrows from: one list of allocations, freed together. */
struct memory {
	void **block;
	size_t n_blocks, cap_blocks;
};

static void *keep(struct memory *memory, void *block)
{
	memory->block = vec_room(memory->block, memory->n_blocks, &memory->cap_blocks, sizeof *memory->block);
	memory->block[memory->n_blocks++] = block;
	return block;
}

/* A string without NULs: what holds one would be another string once it is a C string. */
static const char *keep_str(struct memory *memory, const struct json *value)
{
	char *s;
	size_t n;
	if (json_bytes(value, &s, &n) != 0)
		return NULL;
	keep(memory, s);
	return strlen(s) == n ? s : NULL;
}

static const char *keep_key(struct memory *memory, const char *key)
{
	char *s = json_key_bytes(key);
	return s ? keep(memory, s) : NULL;
}

static bool get_hash(const struct json *object, struct hash *out)
{
	const char *hex = json_get_str(object, "hash");
	return hex && hash_parse(hex, out) == 0;
}

static void get_image(struct memory *memory, const struct json *value, struct event_image *out)
{
	out->link = keep_str(memory, json_get(value, "link"));
	out->present = out->link || get_hash(value, &out->hash);
	if (out->link)
		hash_data(&out->hash, out->link, strlen(out->link));
	out->mode = (unsigned)json_get_int(value, "mode", 0) & 07777;
	out->bytes = json_get_int(value, "bytes", 0);
}

/* `flat`: as evidence lists them, with the hash of what is there afterwards beside the path. */
static void get_files(struct memory *memory, const struct json *value, bool flat, struct event_files *out)
{
	size_t n = json_len(value);
	if (json_kind(value) != JSON_IS_ARRAY || !n)
		return;
	struct event_file *file = keep(memory, xcalloc(n, sizeof *file));
	for (size_t i = 0; i < n; i++) {
		const struct json *item = json_at(value, i);
		const char *change = json_get_str(item, "change");
		int code = change ? event_change_parse(change) : -1;
		const char *path = keep_str(memory, json_get(item, "path"));
		if (!path || code < 0)
			continue;
		struct event_file *f = &file[out->n_files++];
		f->path = path;
		f->change = (enum event_change)code;
		f->old_path = keep_str(memory, json_get(item, "from"));
		if (flat) {
			f->after.present = get_hash(item, &f->after.hash);
			continue;
		}
		get_image(memory, json_get(item, "before"), &f->before);
		get_image(memory, json_get(item, "after"), &f->after);
		f->added = json_get_int(item, "added", 0);
		f->removed = json_get_int(item, "removed", 0);
		f->temp = keep_str(memory, json_get(item, "temp"));
		f->folder = keep_str(memory, json_get(item, "folder"));
	}
	out->file = file;
}

static void get_list(struct memory *memory, const struct json *value, struct event_list *out)
{
	size_t n = json_len(value);
	if (json_kind(value) != JSON_IS_ARRAY || !n)
		return;
	const char **item = keep(memory, xcalloc(n, sizeof *item));
	for (size_t i = 0; i < n; i++) {
		const char *s = keep_str(memory, json_at(value, i));
		if (s)
			item[out->n_items++] = s;
	}
	out->item = item;
}

static int get_small(const struct json *object, const char *key)
{
	int64_t value = json_get_int(object, key, 0);
	return value > 0 && value <= INT_MAX ? (int)value : 0;
}

static void get_diags(struct memory *memory, const struct json *value, struct event_diags *out)
{
	size_t n = json_len(value);
	if (json_kind(value) != JSON_IS_ARRAY || !n)
		return;
	struct diag *diag = keep(memory, xcalloc(n, sizeof *diag));
	for (size_t i = 0; i < n; i++) {
		const struct json *item = json_at(value, i);
		const char *severity = json_get_str(item, "severity");
		diag[i].file = (char *)keep_str(memory, json_get(item, "file"));
		diag[i].line = get_small(item, "line");
		diag[i].column = get_small(item, "column");
		diag[i].code = (char *)keep_str(memory, json_get(item, "code"));
		diag[i].message = (char *)keep_str(memory, json_get(item, "message"));
		if (!diag[i].message)
			diag[i].message = keep(memory, xstrdup(""));
		if (severity && strcmp(severity, "warning") == 0)
			diag[i].severity = DIAG_WARNING;
		else if (severity && strcmp(severity, "note") == 0)
			diag[i].severity = DIAG_NOTE;
	}
	*out = (struct event_diags){ diag, n };
}

/* A reference to the store that is none (no hash, no length) is as good as absent. */
static void get_text(struct memory *memory, const struct json *value, struct event_text *out)
{
	char *s;
	size_t n;
	struct hash hash;
	const char *blob = json_get_str(value, "blob");
	int64_t bytes = json_get_int(value, "bytes", -1);
	if (json_bytes(value, &s, &n) == 0)
		*out = (struct event_text){ keep(memory, s), n, NULL };
	else if (blob && bytes >= 0 && hash_parse(blob, &hash) == 0)
		*out = (struct event_text){ NULL, (size_t)bytes, keep(memory, xstrdup(blob)) };
}

struct pairs {
	struct memory *memory;
	struct event_state *state;
	struct event_file *file;
	size_t n;
};

static int add_state(void *arg, const char *key, const struct json *value)
{
	struct pairs *pairs = arg;
	const char *state = keep_str(pairs->memory, value);
	const char *step = keep_key(pairs->memory, key);
	if (state && step)
		pairs->state[pairs->n++] = (struct event_state){ step, state };
	return 0;
}

static int add_mapped_file(void *arg, const char *key, const struct json *value)
{
	struct pairs *pairs = arg;
	const char *name = json_str(value, NULL);
	int change = name ? event_change_parse(name) : -1;
	const char *path = keep_key(pairs->memory, key);
	if (change >= 0 && path)
		pairs->file[pairs->n++] = (struct event_file){ .path = path, .change = (enum event_change)change };
	return 0;
}

static void get_map(struct memory *memory, const struct json *value, struct event_states *states,
                    struct event_files *files)
{
	struct pairs pairs = { .memory = memory };
	size_t n = json_len(value);
	if (json_kind(value) != JSON_IS_OBJECT || !n)
		return;
	if (states) {
		pairs.state = keep(memory, xcalloc(n, sizeof *pairs.state));
		json_each(value, add_state, &pairs);
		*states = (struct event_states){ pairs.state, pairs.n };
	} else {
		pairs.file = keep(memory, xcalloc(n, sizeof *pairs.file));
		json_each(value, add_mapped_file, &pairs);
		*files = (struct event_files){ pairs.file, pairs.n };
	}
}

static void get_evidence(struct memory *memory, const struct json *value, struct event *event)
{
	event->exit_code = json_get_int(value, "exit", 0);
	get_files(memory, json_get(value, "files"), true, &event->files);
}

static void get_field(struct memory *memory, const struct json *root, const struct event_field_info *info,
                      struct event *event)
{
	void *member = (char *)event + info->offset;
	const struct json *value = json_get(root, info->wire);
	switch (info->type) {
	case EVENT_TYPE_STR:
		*(const char **)member = keep_str(memory, value);
		break;
	case EVENT_TYPE_INT:
		*(int64_t *)member = json_get_int(root, info->wire, 0);
		break;
	case EVENT_TYPE_REAL:
		if (json_as_real(value, member) != 0)
			*(double *)member = 0;
		break;
	case EVENT_TYPE_BOOL:
		if (json_as_bool(value, member) != 0)
			*(bool *)member = false;
		break;
	case EVENT_TYPE_TEXT:
		get_text(memory, value, member);
		break;
	case EVENT_TYPE_LIST:
		get_list(memory, value, member);
		break;
	case EVENT_TYPE_FILES:
		get_files(memory, value, false, member);
		break;
	case EVENT_TYPE_STATES:
		get_map(memory, value, member, NULL);
		break;
	case EVENT_TYPE_FILE_MAP:
		get_map(memory, value, NULL, member);
		break;
	case EVENT_TYPE_EVIDENCE:
		get_evidence(memory, value, event);
		break;
	case EVENT_TYPE_DIAGS:
		get_diags(memory, value, member);
		break;
	}
}

static int get_head(struct event_line *out, struct memory *memory, const struct json *root, struct err *err)
{
	struct event *event = &out->event;
	int64_t seq = json_get_int(root, "seq", 0);
	const char *stamp = json_get_str(root, "ts");
	const char *prev = json_get_str(root, "prev");
	if (json_get_int(root, "v", 0) != 1 || seq < 1 || !stamp || clock_parse(stamp, &event->at_ms) != 0 ||
	    !json_get_str(root, "type"))
		return err_set(err, ERR_CORRUPT, "a line is no event: v, seq, ts or type is missing or wrong");
	event->seq = (uint64_t)seq;
	event->run = keep_str(memory, json_get(root, "run"));
	event->step = keep_str(memory, json_get(root, "step"));
	event->attempt = get_small(root, "attempt");
	if (prev && strlen(prev) == HASH_HEX_SIZE - 1)
		memcpy(out->prev, prev, HASH_HEX_SIZE);
	return 0;
}

int event_read(struct event_line *out, const char *line, size_t n, struct err *err)
{
	struct json *root = NULL;
	void *block;
	*out = (struct event_line){ 0 };
	if (event_read_quick(out, line, n, &block)) {
		out->memory = xcalloc(1, sizeof(struct memory));
		keep(out->memory, block);
		return 0;
	}
	if (json_parse(&root, line, n, err) != 0) {
		err->code = ERR_CORRUPT;
		return -1;
	}
	struct memory *memory = xcalloc(1, sizeof *memory);
	out->memory = memory;
	int rc = get_head(out, memory, root, err);
	if (rc == 0) {
		int kind = event_kind_parse(json_get_str(root, "type"));
		if (kind < 0) {
			rc = 1;
		} else {
			const struct event_kind_info *info = event_kind_info((enum event_kind)kind);
			out->event.kind = (enum event_kind)kind;
			for (size_t i = 0; i < info->n_fields; i++)
				get_field(memory, root, event_field_info((enum event_field)info->field[i]), &out->event);
		}
	}
	json_free(root);
	return rc;
}

void event_line_release(struct event_line *line)
{
	struct memory *memory = line->memory;
	if (memory) {
		for (size_t i = 0; i < memory->n_blocks; i++)
			free(memory->block[i]);
		free(memory->block);
		free(memory);
	}
	*line = (struct event_line){ 0 };
}
