#include "run/export.h"

#include "base/clock.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "edit/textdiff.h"
#include "io/file.h"
#include "io/journal_read.h"
#include "io/store.h"
#include "run/review.h"

#include <stdlib.h>
#include <string.h>

#define SHOWN_MAX (256 * 1024)

/* ---- reading ---- */

static struct export_step *find_step(struct export_run *run, const char *id)
{
	for (size_t i = 0; i < run->model.n_steps; i++)
		if (strcmp(run->model.step[i]->id, id) == 0)
			return &run->step[i];
	return NULL;
}

static int fold(void *arg, const struct event *event, struct err *err)
{
	struct export_run *run = arg;
	return run_model_apply(&run->model, event, err);
}

static void forget_landed(struct export_step *step)
{
	for (size_t i = 0; i < step->n_landed; i++)
		free(step->landed[i]);
	step->n_landed = 0;
}

/* Nothing of a dry run has landed: its changes are what was proposed. */
static bool is_change(const struct export_run *run, const struct event *event)
{
	if (run->is_dry_run)
		return event->kind == EVENT_CHANGE_PROPOSED;
	return event->kind == EVENT_LANDED && !event->step_list.n_items;
}

/* An attempt that a check refused is taken back by the step itself: it is none of its changes. */
static int collect(void *arg, const struct event *event, struct err *err)
{
	struct export_step *step = event->step ? find_step(arg, event->step) : NULL;
	(void)err;
	if (!step)
		return 0;
	if (event->kind == EVENT_CHANGE_PROPOSED && ((struct export_run *)arg)->is_dry_run)
		forget_landed(step);
	if (event->kind == EVENT_STEP_DONE) {
		step->was_done = true;
	} else if (event->kind == EVENT_TAKEN_BACK && !event->step_list.n_items && !step->was_done) {
		forget_landed(step);
	} else if (is_change(arg, event)) {
		step->landed = vec_room(step->landed, step->n_landed, &step->cap_landed, sizeof *step->landed);
		step->landed[step->n_landed++] = event_clone(event);
	}
	return 0;
}

/* ---- change sets ---- */

/* A spooled image is held, too: a patch is made of bytes. */
static int load_image(struct image *image, struct store *store, struct err *err)
{
	struct buf data = { 0 };
	if (image->kind != IMAGE_FILE)
		return 0;
	if (store_get_image(store, image, err) != 0)
		return -1;
	if (!image->spool)
		return 0;
	if (file_slurp(image->spool, 0, &data, err) != 0) {
		buf_release(&data);
		return -1;
	}
	mode_t mode = image->mode;
	size_t n = data.len;
	image_release(image);
	char *bytes = buf_take(&data, NULL);
	image_take_file(image, bytes ? bytes : xstrdup(""), n, mode);
	return 0;
}

static int make_image(struct image *out, const struct event_image *from, struct store *store, struct err *err)
{
	if (!from->present)
		return 0;
	if (from->link) {
		image_set_link(out, from->link);
		return 0;
	}
	*out = (struct image){ .kind = IMAGE_FILE, .mode = from->mode, .hash = from->hash, .size = from->bytes };
	return load_image(out, store, err);
}

static int add_landed(struct changeset *set, const struct event *event, struct store *store, struct err *err)
{
	struct changeset one = { 0 };
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < event->files.n_files; i++) {
		const struct event_file *file = &event->files.file[i];
		struct change *change = changeset_add(&one, file->path);
		if (make_image(&change->before, &file->before, store, err) != 0 ||
		    make_image(&change->after, &file->after, store, err) != 0)
			rc = err_prefix(err, "'%s' of event %llu", file->path, (unsigned long long)event->seq);
	}
	if (rc == 0)
		changeset_move(set, &one);
	changeset_release(&one);
	return rc;
}

/* The landings of all done steps, in the order in which they landed. */
static struct event **order_of(const struct export_run *run, size_t *n)
{
	struct event **list = NULL;
	size_t cap = 0;
	*n = 0;
	for (size_t i = 0; i < run->model.n_steps; i++) {
		const struct export_step *step = &run->step[i];
		for (size_t j = 0; step->was_done && j < step->n_landed; j++) {
			size_t at = *n;
			list = vec_room(list, *n, &cap, sizeof *list);
			for (; at > 0 && list[at - 1]->seq > step->landed[j]->seq; at--)
				list[at] = list[at - 1];
			list[at] = step->landed[j];
			++*n;
		}
	}
	return list;
}

static int make_sets(struct export_run *run, struct err *err)
{
	struct store *store = NULL;
	size_t n;
	struct event **list = order_of(run, &n);
	int rc = n ? store_open_read_only(&store, run->dir, err) : 0;
	for (size_t i = 0; rc == 0 && i < n; i++) {
		struct export_step *step = find_step(run, list[i]->step);
		rc = add_landed(&step->set, list[i], store, err);
		if (rc == 0)
			rc = add_landed(&run->set, list[i], store, err);
	}
	changeset_prune(&run->set);
	free(list);
	store_close(store);
	return rc;
}

int export_read(struct export_run *out, const struct run_info *run, struct err *err)
{
	*out = (struct export_run){ .id = run->id, .dir = run->dir };
	run_model_init(&out->model);
	if (journal_each(run->dir, fold, out, err) != 0)
		return -1;
	out->is_dry_run = out->model.mode && strcmp(out->model.mode, DRY_RUN_MODE) == 0;
	out->step = xcalloc(out->model.n_steps ? out->model.n_steps : 1, sizeof *out->step);
	for (size_t i = 0; i < out->model.n_steps; i++)
		out->step[i].model = out->model.step[i];
	if (journal_each(run->dir, collect, out, err) != 0 || make_sets(out, err) != 0)
		return -1;
	for (size_t i = 0; i < out->model.n_steps; i++)
		out->n_back += out->step[i].was_done && out->step[i].model->state == STEP_TAKEN_BACK;
	return notes_read(&out->notes, run->dir, err);
}

void export_release(struct export_run *run)
{
	for (size_t i = 0; run->step && i < run->model.n_steps; i++) {
		changeset_release(&run->step[i].set);
		forget_landed(&run->step[i]);
		free(run->step[i].landed);
	}
	free(run->step);
	changeset_release(&run->set);
	notes_release(&run->notes);
	run_model_release(&run->model);
	*run = (struct export_run){ 0 };
}

/* ---- what the forms share ---- */

void export_add_xml(struct buf *out, const char *text, size_t n)
{
	struct buf clean = { 0 };
	text_sanitise(&clean, text, n, TEXT_KEEP_NEWLINES | TEXT_KEEP_TABS);
	for (size_t i = 0; i < clean.len; i++) {
		if (strchr("&<>\"'", clean.data[i]))
			buf_printf(out, "&#%d;", clean.data[i]);
		else
			buf_add_char(out, clean.data[i]);
	}
	buf_release(&clean);
}

void export_add_xml_str(struct buf *out, const char *text)
{
	export_add_xml(out, text ? text : "", text ? strlen(text) : 0);
}

void export_add_counts(struct buf *out, const struct run_model *model)
{
	bool first = true;
	for (int state = 0; state < STEP_N_STATES; state++) {
		if (!model->n_in_state[state])
			continue;
		buf_printf(out, "%s%zu %s", first ? "" : ", ", model->n_in_state[state], step_state_name((enum step_state)state));
		first = false;
	}
}

void export_add_duration(struct buf *out, int64_t ms)
{
	if (ms < 0)
		ms = 0;
	buf_printf(out, "%lld:%02d:%02d.%03d", (long long)(ms / 3600000), (int)(ms / 60000 % 60), (int)(ms / 1000 % 60),
	           (int)(ms % 1000));
}

void export_add_time(struct buf *out, int64_t wall_ms)
{
	char stamp[CLOCK_STAMP_SIZE];
	clock_format(wall_ms, stamp);
	buf_printf(out, "%.10s %.8s UTC", stamp, stamp + 11);
}

const char *export_plan_name(const struct run_model *model)
{
	return model->plan && *model->plan ? model->plan : model->mode;
}

bool export_text(struct buf *out, const struct change *change)
{
	struct changeset one = { .change = (struct change *)change, .n_changes = 1 };
	long added;
	long removed;
	change_count_lines(change, &added, &removed);
	if (added < 0 || change->before.size + change->after.size > SHOWN_MAX)
		return false;
	changeset_format_patch(out, &one, 3);
	return true;
}
