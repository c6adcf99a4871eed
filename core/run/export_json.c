/* All that is known of a run in one object: what `belay show` and `belay log` say, texts whole, notes and thumbs. */
#include "run/export.h"

#include "base/clock.h"
#include "base/json.h"
#include "edit/textdiff.h"
#include "event/event_json.h"
#include "io/journal_read.h"
#include "io/store.h"

#include <string.h>

static void put_pair(struct json_writer *w, const char *key, const char *value)
{
	json_key(w, key);
	json_put_cstr(w, value);
}

static void put_step(struct json_writer *w, const struct model_step *step)
{
	json_begin_object(w);
	put_pair(w, "step", step->id);
	put_pair(w, "verb", step->verb);
	put_pair(w, "title", step->title);
	put_pair(w, "state", step_state_name(step->state));
	put_pair(w, "risk", step->risk);
	put_pair(w, "model", step->model);
	put_pair(w, "message", step->message);
	json_end_object(w);
}

static void put_note(struct json_writer *w, const struct note *note)
{
	char stamp[CLOCK_STAMP_SIZE];
	clock_format(note->at_ms, stamp);
	json_begin_object(w);
	put_pair(w, "ts", stamp);
	put_pair(w, "step", note->step);
	json_key(w, "thumb");
	json_put_int(w, note->thumb);
	put_pair(w, "text", note->text);
	json_end_object(w);
}

static const char *change_name(const struct change *change)
{
	return event_change_name(change->before.kind == IMAGE_ABSENT ? EVENT_CREATED
	                         : change->after.kind == IMAGE_ABSENT ? EVENT_DELETED : EVENT_MODIFIED);
}

struct events {
	struct json_writer *w;
	const char *dir;
	struct store *store;
};

/* A text that the store has lost stays a reference. */
static int put_event(void *arg, const struct event *event, struct err *err)
{
	struct events *events = arg;
	struct event whole = *event;
	struct buf text = { 0 };
	struct hash hash;
	struct err ignored = { 0 };
	(void)err;
	if (event->text.blob && hash_parse(event->text.blob, &hash) == 0 &&
	    (events->store || store_open_read_only(&events->store, events->dir, &ignored) == 0) &&
	    store_get(events->store, &hash, &text, &ignored) == 0)
		whole.text = (struct event_text){ .data = buf_str(&text), .len = text.len };
	if (events->w->need_comma)
		buf_add_char(events->w->out, ',');
	buf_add_char(events->w->out, '\n');
	event_write(events->w->out, &whole, NULL);
	events->w->need_comma = true;
	buf_release(&text);
	return 0;
}

static void put_lists(struct json_writer *w, const struct export_run *run)
{
	struct buf patch = { 0 };
	json_key(w, "steps");
	json_begin_array(w);
	for (size_t i = 0; i < run->model.n_steps; i++)
		put_step(w, run->model.step[i]);
	json_end_array(w);
	json_key(w, "files");
	json_begin_object(w);
	for (size_t i = 0; i < run->set.n_changes; i++) {
		json_put_key(w, run->set.change[i].path);
		json_put_cstr(w, change_name(&run->set.change[i]));
	}
	json_end_object(w);
	json_key(w, "notes");
	json_begin_array(w);
	for (size_t i = 0; i < run->notes.n_notes; i++)
		put_note(w, &run->notes.note[i]);
	json_end_array(w);
	changeset_format_git_patch(&patch, &run->set, 3);
	json_key(w, "patch");
	json_put_bytes(w, buf_str(&patch), patch.len);
	buf_release(&patch);
}

int export_json(struct buf *out, const struct export_run *run, struct err *err)
{
	const struct run_model *model = &run->model;
	struct json_writer w = { .out = out };
	struct events events = { .w = &w, .dir = run->dir };
	char stamp[CLOCK_STAMP_SIZE];
	clock_format(model->started_ms, stamp);
	json_begin_object(&w);
	json_key(&w, "v");
	json_put_int(&w, 1);
	put_pair(&w, "run", run->id);
	put_pair(&w, "plan", model->plan);
	put_pair(&w, "mode", model->mode);
	put_pair(&w, "started", stamp);
	json_key(&w, "exit");
	if (model->finished)
		json_put_int(&w, model->exit_code);
	else
		json_put_null(&w);
	json_key(&w, "tokens");
	json_put_int(&w, model->tokens_in + model->tokens_out);
	json_key(&w, "usd");
	json_put_real(&w, model->usd);
	put_lists(&w, run);
	json_key(&w, "events");
	json_begin_array(&w);
	int rc = journal_each(run->dir, put_event, &events, err);
	store_close(events.store);
	json_end_array(&w);
	json_end_object(&w);
	buf_add_char(out, '\n');
	return rc;
}
