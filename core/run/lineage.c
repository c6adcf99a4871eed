#include "run/lineage.h"

#include "base/clock.h"
#include "base/vec.h"
#include "base/xalloc.h"
#include "io/journal.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool is_undo_or_redo(const struct run_info *run)
{
	return strcmp(run->mode, "undo") == 0 || strcmp(run->mode, "redo") == 0;
}

static const struct run_info *find_run(const struct run_list *runs, const char *id)
{
	for (size_t i = 0; i < runs->n_runs; i++)
		if (strcmp(runs->run[i].id, id) == 0)
			return &runs->run[i];
	return NULL;
}

/* Where an undo or a redo began, in the list; NULL when that run is gone. At most as many steps as there are runs. */
static const struct run_info *origin_of(const struct run_list *runs, const char *id)
{
	const struct run_info *run = find_run(runs, id);
	for (size_t i = 0; run && is_undo_or_redo(run) && i <= runs->n_runs; i++)
		run = find_run(runs, run->from);
	return run && !is_undo_or_redo(run) ? run : NULL;
}

struct lineage_step *lineage_find(const struct lineage *lineage, const char *id)
{
	for (size_t i = 0; i < lineage->n_steps; i++)
		if (strcmp(lineage->step[i].id, id) == 0)
			return &lineage->step[i];
	return NULL;
}

/* ---- the fold ---- */

static void drop_landed(struct lineage_step *step)
{
	for (size_t i = 0; i < step->n_landed; i++)
		free(step->landed[i]);
	step->n_landed = 0;
}

/* A new change of a step replaces what was taken back of it. */
static void add_landed(struct lineage_step *step, const struct event *event)
{
	if (!step->in_tree)
		drop_landed(step);
	step->landed = vec_room(step->landed, step->n_landed, &step->cap_landed, sizeof *step->landed);
	step->landed[step->n_landed++] = event_clone(event);
	step->in_tree = true;
	step->seq = event->seq;
}

static void release_undone(struct lineage_undone *undone)
{
	free(undone->run);
	free(undone->dir);
	free(undone->taken);
	strings_release(&undone->steps);
}

static bool is_spent(const struct lineage_undone *undone)
{
	return !undone->of_file && !undone->steps.n_items;
}

/* The step is no longer what an undo could put back. */
static void forget_undone(struct lineage *lineage, const char *id)
{
	for (size_t i = 0; i < lineage->n_undone; i++) {
		struct strings *steps = &lineage->undone[i].steps;
		int at = strings_find(steps, id);
		if (at < 0)
			continue;
		free(steps->item[at]);
		steps->item[at] = steps->item[--steps->n_items];
	}
	while (lineage->n_undone && is_spent(&lineage->undone[lineage->n_undone - 1]))
		release_undone(&lineage->undone[--lineage->n_undone]);
}

/* A file that was taken back alone is put again. */
static void forget_file(struct lineage *lineage)
{
	for (size_t i = lineage->n_undone; i > 0; i--) {
		if (!lineage->undone[i - 1].of_file)
			continue;
		release_undone(&lineage->undone[i - 1]);
		memmove(&lineage->undone[i - 1], &lineage->undone[i], (lineage->n_undone - i) * sizeof *lineage->undone);
		lineage->n_undone--;
		return;
	}
}

static void take_landed(struct lineage *lineage, const struct event *event, const struct run_info *run)
{
	struct lineage_step *step = event->step ? lineage_find(lineage, event->step) : NULL;
	for (size_t i = 0; i < event->step_list.n_items; i++) {
		struct lineage_step *back = lineage_find(lineage, event->step_list.item[i]);
		if (!back)
			continue;
		back->in_tree = true;
		forget_undone(lineage, back->id);
	}
	if (step && !event->step_list.n_items) {
		add_landed(step, event);
		forget_undone(lineage, step->id);
	}
	if (strcmp(run->mode, "redo") == 0 && !event->step && !event->step_list.n_items)
		forget_file(lineage);
}

static void take_taken_back(struct lineage *lineage, const struct event *event, const struct run_info *run)
{
	struct lineage_step *own = event->step ? lineage_find(lineage, event->step) : NULL;
	struct lineage_undone undone = { 0 };
	for (size_t i = 0; i < event->step_list.n_items; i++) {
		struct lineage_step *step = lineage_find(lineage, event->step_list.item[i]);
		if (!step)
			continue;
		step->in_tree = false;
		forget_undone(lineage, step->id);
		strings_add(&undone.steps, step->id);
	}
	if (own && !event->step_list.n_items)
		own->in_tree = false;
	undone.of_file = strcmp(run->mode, "undo") == 0 && !event->step && !event->step_list.n_items;
	if (is_spent(&undone))
		return;
	undone.run = xstrdup(run->id);
	undone.dir = xstrdup(run->dir);
	undone.taken = event->files.n_files ? event_clone(event) : NULL;
	lineage->undone = vec_room(lineage->undone, lineage->n_undone, &lineage->cap_undone, sizeof *lineage->undone);
	lineage->undone[lineage->n_undone++] = undone;
}

static void take_event(struct lineage *lineage, const struct event *event, const struct run_info *run)
{
	if (event->kind == EVENT_LANDED)
		take_landed(lineage, event, run);
	else if (event->kind == EVENT_TAKEN_BACK)
		take_taken_back(lineage, event, run);
	else if (event->kind == EVENT_STEP_FAILED && event->step)
		forget_undone(lineage, event->step);
}

/* ---- reading ---- */

struct reading {
	struct lineage *lineage;
	const struct run_info *run;
	char *settled; /* the last undo or redo that the run's own journal accounts for; owned */
};

static int fold_model(void *arg, const struct event *event, struct err *err)
{
	struct reading *reading = arg;
	if (run_model_apply(&reading->lineage->model, event, err) != 0)
		return -1;
	if ((event->kind == EVENT_TAKEN_BACK || event->kind == EVENT_LANDED) && event->from) {
		free(reading->settled);
		reading->settled = xstrdup(event->from);
	}
	return 0;
}

static int fold_steps(void *arg, const struct event *event, struct err *err)
{
	struct reading *reading = arg;
	(void)err;
	take_event(reading->lineage, event, reading->run);
	return 0;
}

static int read_origin(struct reading *reading, const struct run_info *origin, struct err *err)
{
	struct lineage *lineage = reading->lineage;
	if (journal_each(lineage->dir, fold_model, reading, err) != 0)
		return -1;
	lineage->n_steps = lineage->model.n_steps;
	lineage->step = xcalloc(lineage->n_steps, sizeof *lineage->step);
	for (size_t i = 0; i < lineage->n_steps; i++)
		lineage->step[i].id = lineage->model.step[i]->id;
	reading->run = origin;
	return journal_each(lineage->dir, fold_steps, reading, err);
}

int lineage_read(struct lineage *out, const struct run_list *runs, const struct run_info *run, struct err *err)
{
	struct reading reading = { .lineage = out };
	const struct run_info *origin = origin_of(runs, run->id);
	*out = (struct lineage){ 0 };
	run_model_init(&out->model);
	if (!origin)
		return err_set(err, ERR_NOT_FOUND, "the run that '%s' came of is no longer there", run->id);
	out->run = xstrdup(origin->id);
	out->dir = xstrdup(origin->dir);
	int rc = read_origin(&reading, origin, err);
	bool known = reading.settled != NULL;
	for (size_t i = runs->n_runs; rc == 0 && i > 0; i--) { /* the oldest first */
		const struct run_info *one = &runs->run[i - 1];
		if (!is_undo_or_redo(one) || origin_of(runs, one->id) != origin)
			continue;
		if (known) {
			known = strcmp(one->id, reading.settled) != 0;
			continue;
		}
		reading.run = one;
		free(out->last_unsettled);
		out->last_unsettled = xstrdup(one->id);
		rc = journal_each(one->dir, fold_steps, &reading, err);
	}
	free(reading.settled);
	return rc;
}

void lineage_release(struct lineage *lineage)
{
	for (size_t i = 0; i < lineage->n_steps; i++) {
		drop_landed(&lineage->step[i]);
		free(lineage->step[i].landed);
	}
	for (size_t i = 0; i < lineage->n_undone; i++)
		release_undone(&lineage->undone[i]);
	free(lineage->step);
	free(lineage->undone);
	free(lineage->last_unsettled);
	free(lineage->run);
	free(lineage->dir);
	run_model_release(&lineage->model);
	*lineage = (struct lineage){ 0 };
}

/* Steps of which the run's own journal says the opposite of `in_tree`. */
static int settle(const struct lineage *lineage, struct journal *journal, bool in_tree, struct err *err)
{
	const char **id = xcalloc(lineage->n_steps, sizeof *id);
	size_t n = 0;
	for (size_t i = 0; i < lineage->n_steps; i++)
		if (lineage->step[i].n_landed && lineage->step[i].in_tree == in_tree &&
		    lineage->model.step[i]->landed != in_tree)
			id[n++] = lineage->step[i].id;
	struct event event = {
		.kind = in_tree ? EVENT_LANDED : EVENT_TAKEN_BACK,
		.seq = journal_next_seq(journal),
		.at_ms = clock_wall_ms(),
		.run = lineage->run,
		.step_list = { id, n },
		.from = lineage->last_unsettled,
	};
	int rc = n ? journal_append(journal, &event, err) : 0;
	free(id);
	return rc;
}

int lineage_settle(const struct lineage *lineage, struct err *err)
{
	struct journal *journal;
	if (!lineage->last_unsettled)
		return 0;
	char *file = xasprintf("%s/journal.jsonl", lineage->dir);
	int rc = journal_open(&journal, file, err);
	free(file);
	if (rc != 0)
		return -1;
	rc = settle(lineage, journal, false, err);
	if (rc == 0)
		rc = settle(lineage, journal, true, err);
	if (rc == 0)
		rc = journal_sync(journal, err);
	journal_close(journal);
	return rc;
}
