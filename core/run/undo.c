#include "run/undo.h"

#include "base/clock.h"
#include "base/xalloc.h"
#include "run/recover.h"

#include <stdlib.h>
#include <string.h>

#define EXIT_UNDO_INCOMPLETE 5 /* as belay(1) lists them */
#define EXIT_UNDO_CORRUPT 8

/* ---- choosing ---- */

static const struct lineage_step *last_landed(const struct lineage *lineage)
{
	const struct lineage_step *last = NULL;
	for (size_t i = 0; i < lineage->n_steps; i++)
		if (lineage->step[i].in_tree && (!last || lineage->step[i].seq > last->seq))
			last = &lineage->step[i];
	return last;
}

static int pick_named(struct undo *undo, const char *id, struct err *err)
{
	const struct lineage_step *step = lineage_find(&undo->lineage, id);
	if (!step) {
		err_set(err, ERR_USAGE, "run '%s' has no step '%s'", undo->lineage.run, id);
		return err_hint(err, "'belay show %s' lists them", undo->lineage.run);
	}
	if (step->n_landed) /* one that is out is looked at again: what was a conflict then may be none now */
		strings_add(&undo->steps, step->id);
	return 0;
}

/* Whoever took it back: an undo, or the run itself when the step failed. */
static int pick_redo_of(struct undo *undo, const char *id, struct err *err)
{
	const struct lineage_step *step = lineage_find(&undo->lineage, id);
	if (!step)
		return pick_named(undo, id, err);
	if (step->n_landed && !step->in_tree)
		strings_add(&undo->steps, step->id);
	return 0;
}

static int pick_steps(struct undo *undo, const struct undo_request *request, struct err *err)
{
	const struct lineage *lineage = &undo->lineage;
	if (request->redo && request->step)
		return pick_redo_of(undo, request->step, err);
	if (request->redo) {
		if (!lineage->n_undone)
			return 0;
		const struct lineage_undone *last = &lineage->undone[lineage->n_undone - 1];
		for (size_t i = 0; i < last->steps.n_items; i++)
			strings_add(&undo->steps, last->steps.item[i]);
		free(undo->from);
		undo->from = xstrdup(last->run);
		return 0;
	}
	if (request->step)
		return pick_named(undo, request->step, err);
	for (size_t i = 0; request->all && i < lineage->n_steps; i++)
		if (lineage->step[i].in_tree)
			strings_add(&undo->steps, lineage->step[i].id);
	const struct lineage_step *last = request->all ? NULL : last_landed(lineage);
	if (last)
		strings_add(&undo->steps, last->id);
	return 0;
}

static int choose_in(struct undo *undo, const struct run_list *runs, const struct run_info *run,
                     const struct undo_request *request, struct err *err)
{
	lineage_release(&undo->lineage);
	if (lineage_read(&undo->lineage, runs, run, err) != 0)
		return -1;
	free(undo->from);
	undo->from = xstrdup(undo->lineage.run);
	return pick_steps(undo, request, err);
}

/* Without a name: the newest run that has something to take back (or to put again). */
static int choose(struct undo *undo, const struct run_list *runs, const char *root, const struct undo_request *request,
                  struct err *err)
{
	struct run_info named;
	if (request->run || request->step) {
		if (runs_find(root, request->run ? request->run : "@", &named, err) != 0)
			return -1;
		int rc = choose_in(undo, runs, &named, request, err);
		run_info_release(&named);
		return rc;
	}
	for (size_t i = 0; i < runs->n_runs && !undo->steps.n_items; i++)
		if (choose_in(undo, runs, &runs->run[i], request, err) != 0)
			return -1;
	return 0;
}

static int look(struct undo *undo, const char *root_path, struct err *err)
{
	const struct lineage *lineage = &undo->lineage;
	struct root root;
	size_t n = 0;
	size_t room = 0;
	for (size_t i = 0; i < lineage->n_steps; i++)
		room += lineage->step[i].n_landed;
	size_t others = room;
	if (store_open_read_only(&undo->source, lineage->dir, err) != 0 || root_open(&root, root_path, err) != 0)
		return -1;
	/* those to be taken back first, then the others */
	const struct event **landed = xcalloc(room, sizeof *landed);
	for (size_t i = 0; i < lineage->n_steps; i++) {
		const struct lineage_step *step = &lineage->step[i];
		bool chosen = strings_find(&undo->steps, step->id) >= 0;
		for (size_t j = 0; j < step->n_landed; j++)
			landed[chosen ? n++ : --others] = step->landed[j];
	}
	struct lander lander = { .root = &root, .store = undo->source };
	int rc = land_preview(&lander, landed, n, undo->redo, &undo->plan, err);
	if (rc == 0 && !undo->redo)
		land_plan_add_folders(&undo->plan, landed, room);
	free(landed);
	root_close(&root);
	return rc;
}

int undo_prepare(struct undo *undo, const struct run_list *runs, const char *root, const struct undo_request *request,
                 struct err *err)
{
	*undo = (struct undo){ .redo = request->redo };
	if (choose(undo, runs, root, request, err) != 0)
		return -1;
	return undo->steps.n_items ? look(undo, root, err) : 0;
}

/* ---- doing ---- */

static int tell(struct run_writer *writer, struct event event, struct err *err)
{
	return run_writer_record(writer, &event, event.kind == EVENT_RUN_FINISHED, err);
}

static int declare(const struct undo *undo, struct run_writer *writer, const char *root, struct err *err)
{
	const struct run_model *model = &undo->lineage.model;
	struct event started = {
		.kind = EVENT_RUN_STARTED,
		.plan = model->plan,
		.plan_hash = model->plan_hash,
		.root = root,
		.head = model->head,
		.version = model->version,
		.mode = undo->redo ? "redo" : "undo",
		.from = undo->from,
	};
	int rc = tell(writer, started, err);
	for (size_t i = 0; rc == 0 && i < undo->steps.n_items; i++) {
		const struct model_step *step = run_model_step(model, undo->steps.item[i]);
		struct event declared = {
			.kind = EVENT_STEP_DECLARED,
			.step = step->id,
			.verb = step->verb,
			.title = step->title,
			.risk = step->risk,
		};
		rc = tell(writer, declared, err);
	}
	return rc;
}

static enum event_change change_of(const struct land_item *item)
{
	if (item->now.kind == IMAGE_ABSENT)
		return EVENT_CREATED;
	return item->target.kind == IMAGE_ABSENT ? EVENT_DELETED : EVENT_MODIFIED;
}

/* The last words: each step done, or failed with the reason; and the files that changed now. */
static int finish(const struct undo *undo, struct run_writer *writer, const struct err *why, int code, int64_t started_ms,
                  struct err *err)
{
	bool done = why->code == ERR_NONE;
	size_t n_files = 0;
	struct event_file *file = xcalloc(undo->plan.n_items, sizeof *file);
	struct event_state *state = xcalloc(undo->steps.n_items, sizeof *state);
	int rc = 0;
	for (size_t i = 0; done && i < undo->plan.n_items; i++)
		if (undo->plan.item[i].fate == LAND_RESTORE)
			file[n_files++] = (struct event_file){ .path = undo->plan.item[i].path,
				                               .change = change_of(&undo->plan.item[i]) };
	for (size_t i = 0; rc == 0 && i < undo->steps.n_items; i++) {
		struct event end = { .kind = done ? EVENT_STEP_DONE : EVENT_STEP_FAILED, .step = undo->steps.item[i] };
		if (!done) {
			end.category = err_category(why->code);
			end.message = why->msg;
			end.hint = why->hint[0] ? why->hint : NULL;
		}
		state[i] = (struct event_state){ end.step, done ? "done" : "failed" };
		rc = tell(writer, end, err);
	}
	struct event finished = {
		.kind = EVENT_RUN_FINISHED,
		.exit_code = code,
		.states = { state, undo->steps.n_items },
		.files = { file, n_files },
		.ms = clock_mono_ms() - started_ms,
	};
	if (rc == 0)
		rc = tell(writer, finished, err);
	free(file);
	free(state);
	return rc;
}

static int exit_of(const struct undo *undo, const struct err *why)
{
	if (why->code == ERR_CORRUPT)
		return EXIT_UNDO_CORRUPT;
	return why->code != ERR_NONE || undo->plan.n_conflicts ? EXIT_UNDO_INCOMPLETE : 0;
}

int undo_carry_out(struct undo *undo, const struct undo_target *target, struct err *err)
{
	struct run_writer writer = { .tell = target->tell, .arg = target->arg };
	struct err why = { 0 };
	struct err last = { 0 };
	int64_t started_ms = clock_mono_ms();
	if (run_writer_open(&writer, target->root, target->run, target->dir, err) != 0)
		return exit_of(undo, err);
	if (declare(undo, &writer, target->root, &why) == 0 &&
	    land_take_back(&writer.lander, undo->source, &undo->steps, &undo->plan, undo->redo, &why) == 0)
		why.code = ERR_NONE;
	int code = exit_of(undo, &why);
	if (finish(undo, &writer, &why, code, started_ms, &last) != 0 && why.code == ERR_NONE) {
		why = last; /* what was done is done, and its end is missing in the journal */
		code = code ? code : 1;
	}
	run_writer_close(&writer);
	*err = why;
	return code;
}

void undo_release(struct undo *undo)
{
	lineage_release(&undo->lineage);
	strings_release(&undo->steps);
	land_plan_release(&undo->plan);
	store_close(undo->source);
	free(undo->from);
	*undo = (struct undo){ 0 };
}
