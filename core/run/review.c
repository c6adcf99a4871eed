#include "run/review.h"

#include "base/map.h"
#include "base/vec.h"
#include "base/xalloc.h"
#include "event/event.h"
#include "io/file.h"
#include "io/journal_read.h"
#include "io/store.h"

#include <stdlib.h>
#include <string.h>

struct review {
	struct review_step **step; /* owned */
	struct event **proposed;   /* the last attempt's, one for each step; owned; until the images are loaded */
	size_t n_steps, cap_steps, cap_proposed;
	struct map by_id;          /* index + 1 */
	char *plan_hash;           /* owned */
	bool is_dry_run;
};

/* ---- the journal ---- */

static size_t index_of(struct review *review, const char *id)
{
	uintptr_t at = (uintptr_t)map_get(&review->by_id, id);
	if (at)
		return at - 1;
	size_t n = review->n_steps;
	review->step = vec_room(review->step, n, &review->cap_steps, sizeof *review->step);
	review->proposed = vec_room(review->proposed, n, &review->cap_proposed, sizeof *review->proposed);
	review->step[n] = xcalloc(1, sizeof **review->step);
	review->step[n]->id = xstrdup(id);
	review->proposed[n] = NULL;
	map_put(&review->by_id, id, (void *)(uintptr_t)++review->n_steps);
	return n;
}

static void forget(struct review *review, size_t at)
{
	free(review->proposed[at]);
	review->proposed[at] = NULL;
}

static int fold(void *arg, const struct event *event, struct err *err)
{
	struct review *review = arg;
	(void)err;
	if (event->kind == EVENT_RUN_STARTED) {
		review->is_dry_run = event->mode && strcmp(event->mode, DRY_RUN_MODE) == 0;
		free(review->plan_hash);
		review->plan_hash = xstrdup(event->plan_hash);
	}
	if (!event->step)
		return 0;
	size_t at = index_of(review, event->step);
	switch (event->kind) {
	case EVENT_STEP_STARTED:
	case EVENT_STEP_FAILED:
		forget(review, at);
		break;
	case EVENT_CHANGE_PROPOSED:
		forget(review, at);
		review->proposed[at] = event_clone(event);
		break;
	case EVENT_STEP_DONE:
		review->step[at]->has_proposal = review->proposed[at] && review->proposed[at]->inputs;
		break;
	default:
		break;
	}
	return 0;
}

/* ---- the images ---- */

static void image_of(struct image *out, const struct event_image *from)
{
	if (from->link)
		image_set_link(out, from->link);
	else if (from->present)
		*out = (struct image){ .kind = IMAGE_FILE, .mode = from->mode, .hash = from->hash, .size = from->bytes };
}

/* A large one is held, too: it may be wanted more than once. */
static int load_bytes(struct image *image, struct store *store, struct err *err)
{
	struct buf data = { 0 };
	if (image->kind != IMAGE_FILE)
		return 0;
	if (store_get_image(store, image, err) != 0) {
		if (err->code == ERR_NOT_FOUND)
			err->code = ERR_CORRUPT;
		return -1;
	}
	if (!image->spool)
		return 0;
	int rc = file_slurp(image->spool, 0, &data, err);
	mode_t mode = image->mode;
	if (rc == 0) {
		image_release(image);
		image_set_file(image, buf_str(&data), data.len, mode);
	}
	buf_release(&data);
	return rc;
}

/* The before image is known by its hash alone: the tree must hold it, and the bytes come from there. */
static int load_step(struct review_step *step, const struct event *event, struct store *store, struct err *err)
{
	step->inputs = xstrdup(event->inputs);
	step->replaces_from_model = event->format && strcmp(event->format, "whole") == 0;
	for (size_t i = 0; i < event->files.n_files; i++) {
		const struct event_file *file = &event->files.file[i];
		struct change *change = changeset_add(&step->set, file->path);
		image_of(&change->before, &file->before);
		image_of(&change->after, &file->after);
		if (load_bytes(&change->after, store, err) != 0)
			return err_prefix(err, "'%.100s' of step '%.60s'", file->path, step->id);
	}
	return 0;
}

static int load_all(struct review *review, const char *run_dir, struct err *err)
{
	struct store *store = NULL;
	int rc = store_open_read_only(&store, run_dir, err);
	for (size_t i = 0; rc == 0 && i < review->n_steps; i++)
		if (review->step[i]->has_proposal)
			rc = load_step(review->step[i], review->proposed[i], store, err);
	store_close(store);
	return rc;
}

/* ---- */

int review_read(struct review **out, const char *run_dir, struct err *err)
{
	struct review *review = xcalloc(1, sizeof *review);
	int rc = journal_each(run_dir, fold, review, err);
	if (rc == 0 && !review->is_dry_run) {
		rc = err_set(err, ERR_USAGE, "the run was no dry run: it has nothing that waits to be applied");
		err_hint(err, "'belay run --dry-run PLAN' makes one");
	}
	if (rc == 0)
		rc = load_all(review, run_dir, err);
	for (size_t i = 0; i < review->n_steps; i++)
		forget(review, i);
	if (rc == 0)
		*out = review;
	else
		review_free(review);
	return rc;
}

void review_free(struct review *review)
{
	if (!review)
		return;
	for (size_t i = 0; i < review->n_steps; i++) {
		changeset_release(&review->step[i]->set);
		free(review->step[i]->inputs);
		free(review->step[i]->id);
		free(review->step[i]);
	}
	free(review->plan_hash);
	free(review->step);
	free(review->proposed);
	map_release(&review->by_id);
	free(review);
}

const char *review_plan_hash(const struct review *review)
{
	return review->plan_hash ? review->plan_hash : "";
}

const struct review_step *review_find(const struct review *review, const char *step)
{
	uintptr_t at = review ? (uintptr_t)map_get(&review->by_id, step) : 0;
	return at ? review->step[at - 1] : NULL;
}
