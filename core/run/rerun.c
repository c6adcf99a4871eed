#include "run/rerun.h"

#include "base/hash.h"
#include "base/json.h"
#include "base/xalloc.h"
#include "io/journal.h"

#include <stdlib.h>
#include <string.h>

static void image_of(struct image *out, const struct event_image *from)
{
	image_release(out);
	*out = (struct image){ 0 };
	if (from->link)
		image_set_link(out, from->link);
	else if (from->present)
		*out = (struct image){ .kind = IMAGE_FILE, .mode = from->mode, .hash = from->hash, .size = from->bytes };
}

/* ---- the fold ---- */

static struct rerun_answer *answer_of(struct rerun *rerun, const struct event *event)
{
	for (size_t i = 0; i < rerun->n_answers; i++)
		if (rerun->answer[i].attempt == event->attempt && strcmp(rerun->answer[i].step, event->step) == 0)
			return &rerun->answer[i];
	rerun->answer = vec_room(rerun->answer, rerun->n_answers, &rerun->cap_answers, sizeof *rerun->answer);
	rerun->answer[rerun->n_answers] = (struct rerun_answer){ .step = xstrdup(event->step), .attempt = event->attempt };
	return &rerun->answer[rerun->n_answers++];
}

static int take_output(struct rerun *rerun, const struct event *event, struct err *err)
{
	struct hash hash;
	if (!event->step || !event->stream || strcmp(event->stream, "model") != 0)
		return 0;
	struct rerun_answer *answer = answer_of(rerun, event);
	if (event->text.data) {
		(void)buf_add(&answer->text, event->text.data, event->text.len);
		return 0;
	}
	if (!event->text.blob)
		return 0;
	if (hash_parse(event->text.blob, &hash) != 0)
		return err_set(err, ERR_CORRUPT, "the journal names a text by '%.70s', which is no SHA-256", event->text.blob);
	return store_get(rerun->store, &hash, &answer->text, err);
}

/* What came of a try that failed was thrown away. */
static void forget_answer(struct rerun *rerun, const struct event *event)
{
	if (event->step)
		buf_clear(&answer_of(rerun, event)->text);
}

static void take_landed(struct rerun *rerun, const struct event *event)
{
	for (size_t i = 0; i < event->files.n_files; i++) {
		const struct event_file *file = &event->files.file[i];
		if (changeset_find(&rerun->paths, file->path))
			continue;
		struct change *change = changeset_add(&rerun->paths, file->path);
		image_of(&change->before, &file->before);
		image_of(&change->after, &file->before);
	}
	rerun->landed = vec_room(rerun->landed, rerun->n_landed, &rerun->cap_landed, sizeof *rerun->landed);
	rerun->landed[rerun->n_landed++] = event_clone(event);
}

/* The step's own attempt was taken back by the run itself. */
static void drop_landed(struct rerun *rerun, const char *step)
{
	size_t kept = 0;
	for (size_t i = 0; i < rerun->n_landed; i++) {
		if (strcmp(rerun->landed[i]->step, step) == 0)
			free(rerun->landed[i]);
		else
			rerun->landed[kept++] = rerun->landed[i];
	}
	rerun->n_landed = kept;
}

static void take_read(struct rerun *rerun, const struct event *event)
{
	if (!event->path || !event->hash || map_has(&rerun->read, event->path))
		return;
	map_put(&rerun->read, event->path, xstrdup(event->hash));
	strings_add(&rerun->reads, event->path);
}

static int fold(void *arg, const struct event *event, struct err *err)
{
	struct rerun *rerun = arg;
	bool own = event->step && !event->step_list.n_items;
	switch (event->kind) {
	case EVENT_PLAN_GROWN:
		if (event->text.data)
			strings_add(&rerun->grown, event->text.data);
		break;
	case EVENT_RUN_STARTED:
		rerun->plan_hash = xstrdup(event->plan_hash ? event->plan_hash : "");
		break;
	case EVENT_OUTPUT:
		return take_output(rerun, event, err);
	case EVENT_RETRY_SCHEDULED:
		forget_answer(rerun, event);
		break;
	case EVENT_APPROVAL_GIVEN:
		if (event->step && strings_find(&rerun->approved, event->step) < 0)
			strings_add(&rerun->approved, event->step);
		break;
	case EVENT_FILE_READ:
		take_read(rerun, event);
		break;
	case EVENT_LANDED:
		if (own)
			take_landed(rerun, event);
		break;
	case EVENT_TAKEN_BACK:
		if (own)
			drop_landed(rerun, event->step);
		break;
	case EVENT_STEP_FAILED:
		if (event->landed_back && event->step)
			drop_landed(rerun, event->step);
		break;
	case EVENT_RUN_FINISHED:
		rerun->finished = true;
		rerun->exit_code = event->exit_code;
		break;
	default:
		break;
	}
	return 0;
}

int rerun_read(struct rerun *out, const char *run_dir, struct err *err)
{
	*out = (struct rerun){ 0 };
	if (store_open_read_only(&out->store, run_dir, err) != 0 || journal_each(run_dir, fold, out, err) != 0)
		return -1;
	for (size_t i = 0; i < out->n_landed; i++)
		for (size_t j = 0; j < out->landed[i]->files.n_files; j++) {
			const struct event_file *file = &out->landed[i]->files.file[j];
			image_of(&changeset_find(&out->paths, file->path)->after, &file->after);
		}
	return 0;
}

void rerun_release(struct rerun *rerun)
{
	for (size_t i = 0; i < rerun->n_landed; i++)
		free(rerun->landed[i]);
	for (size_t i = 0; i < rerun->n_answers; i++) {
		free(rerun->answer[i].step);
		buf_release(&rerun->answer[i].text);
	}
	for (size_t i = 0; i < rerun->reads.n_items; i++)
		free(map_get(&rerun->read, rerun->reads.item[i]));
	map_release(&rerun->read);
	strings_release(&rerun->reads);
	strings_release(&rerun->approved);
	strings_release(&rerun->grown);
	changeset_release(&rerun->paths);
	store_close(rerun->store);
	free(rerun->landed);
	free(rerun->answer);
	free(rerun->plan_hash);
	*rerun = (struct rerun){ 0 };
}

/* ---- what it is for ---- */

void rerun_write_answers(const struct rerun *rerun, struct buf *out)
{
	struct json_writer w = { .out = out };
	for (size_t i = 0; i < rerun->n_answers; i++) {
		json_begin_object(&w);
		json_key(&w, "step");
		json_put_cstr(&w, rerun->answer[i].step);
		json_key(&w, "attempt");
		json_put_int(&w, rerun->answer[i].attempt);
		json_key(&w, "text");
		json_put_bytes(&w, buf_str(&rerun->answer[i].text), rerun->answer[i].text.len);
		json_end_object(&w);
		buf_add_char(out, '\n');
		w.need_comma = false;
	}
}

/* What `a` left and `b` did not, or left otherwise. A path that came back to what it was need not be known to both. */
static void compare_to(const struct rerun *a, const struct rerun *b, struct strings *out)
{
	for (size_t i = 0; i < a->paths.n_changes; i++) {
		const struct change *left = &a->paths.change[i];
		const struct change *right = changeset_find(&b->paths, left->path);
		const struct image *other = right ? &right->after : &left->before;
		if (!image_equal(&left->after, other) && strings_find(out, left->path) < 0)
			strings_add(out, left->path);
	}
}

void rerun_compare(const struct rerun *a, const struct rerun *b, struct strings *out)
{
	compare_to(a, b, out);
	compare_to(b, a, out);
	strings_sort(out);
}
