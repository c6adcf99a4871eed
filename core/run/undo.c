#include "run/undo.h"

#include "base/clock.h"
#include "base/xalloc.h"
#include "run/recover.h"

#include <stdlib.h>
#include <string.h>

#define EXIT_UNDO_INCOMPLETE 5 /* as belay(1) lists them */
#define EXIT_UNDO_CORRUPT 8

/* ---- choosing ---- */

/* What is looked at: the steps that were picked, or an undo that is to be taken back. */
struct choice {
	const struct undo_request *request;
	struct strings steps;
	const struct lineage_undone *undone; /* or NULL; borrowed from the lineage */
};

static const struct lineage_step *last_landed(const struct lineage *lineage)
{
	const struct lineage_step *last = NULL;
	for (size_t i = 0; i < lineage->n_steps; i++)
		if (lineage->step[i].in_tree && (!last || lineage->step[i].seq > last->seq))
			last = &lineage->step[i];
	return last;
}

static bool changed_path(const struct lineage_step *step, const char *path)
{
	for (size_t i = 0; i < step->n_landed; i++)
		for (size_t j = 0; j < step->landed[i]->files.n_files; j++)
			if (strcmp(step->landed[i]->files.file[j].path, path) == 0)
				return true;
	return false;
}

/* A path that both changed, or NULL. */
static const char *common_path(const struct lineage_step *a, const struct lineage_step *b)
{
	for (size_t i = 0; i < a->n_landed; i++)
		for (size_t j = 0; j < a->landed[i]->files.n_files; j++)
			if (changed_path(b, a->landed[i]->files.file[j].path))
				return a->landed[i]->files.file[j].path;
	return NULL;
}

static bool needs_one_of(const struct undo *undo, const char *id, const struct strings *steps)
{
	const struct model_step *step = run_model_step(&undo->lineage.model, id);
	for (size_t i = 0; step && i < step->needs.n_items; i++)
		if (strings_find(steps, step->needs.item[i]) >= 0)
			return true;
	return false;
}

static int by_seq(const void *a, const void *b)
{
	const struct lineage_step *left = *(const struct lineage_step *const *)a;
	const struct lineage_step *right = *(const struct lineage_step *const *)b;
	return left->seq < right->seq ? -1 : left->seq > right->seq;
}

/* The later steps that changed the same paths or need the step, themselves or through others: taken along, or listed. */
static void find_later(struct undo *undo, struct choice *choice, const struct lineage_step *first)
{
	const struct lineage *lineage = &undo->lineage;
	const struct lineage_step **later = xcalloc(lineage->n_steps, sizeof *later);
	struct strings along = { 0 };
	size_t n = 0;
	strings_add(&along, first->id);
	for (size_t i = 0; i < lineage->n_steps; i++)
		if (lineage->step[i].in_tree && lineage->step[i].seq > first->seq)
			later[n++] = &lineage->step[i];
	qsort(later, n, sizeof *later, by_seq);
	for (size_t i = 0; i < n; i++) {
		const char *path = NULL;
		for (size_t j = 0; !path && j < along.n_items; j++)
			path = common_path(lineage_find(lineage, along.item[j]), later[i]);
		if (!path && !needs_one_of(undo, later[i]->id, &along))
			continue;
		strings_add(&along, later[i]->id);
		if (choice->request->cascade) {
			strings_add(&choice->steps, later[i]->id);
			continue;
		}
		undo->later = vec_room(undo->later, undo->n_later, &undo->cap_later, sizeof *undo->later);
		undo->later[undo->n_later++] = (struct undo_later){ later[i]->id, path ? xstrdup(path) : NULL };
	}
	strings_release(&along);
	free(later);
}

static int pick_named(struct undo *undo, struct choice *choice, struct err *err)
{
	const struct undo_request *request = choice->request;
	const struct lineage_step *step = lineage_find(&undo->lineage, request->step);
	if (!step) {
		err_set(err, ERR_USAGE, "run '%s' has no step '%s'", undo->lineage.run, request->step);
		return err_hint(err, "'belay show %s' lists them", undo->lineage.run);
	}
	/* One that is out is looked at again: what was a conflict then may be none now. One that failed was taken out by
	 * the run itself, and is put again by its name. */
	if (!step->n_landed || (request->redo && step->in_tree))
		return 0;
	strings_add(&choice->steps, step->id);
	if (!request->redo && !request->file && step->in_tree)
		find_later(undo, choice, step);
	return 0;
}

static void pick_undone(struct undo *undo, struct choice *choice)
{
	const struct lineage *lineage = &undo->lineage;
	if (!lineage->n_undone)
		return;
	choice->undone = &lineage->undone[lineage->n_undone - 1];
	for (size_t i = 0; i < choice->undone->steps.n_items; i++)
		strings_add(&choice->steps, choice->undone->steps.item[i]);
	free(undo->from);
	undo->from = xstrdup(choice->undone->run);
}

static int pick_steps(struct undo *undo, struct choice *choice, struct err *err)
{
	const struct lineage *lineage = &undo->lineage;
	const struct undo_request *request = choice->request;
	if (request->step)
		return pick_named(undo, choice, err);
	if (request->redo) {
		pick_undone(undo, choice);
		return 0;
	}
	for (size_t i = 0; (request->all || request->file) && i < lineage->n_steps; i++)
		if (lineage->step[i].in_tree && (!request->file || changed_path(&lineage->step[i], request->file)))
			strings_add(&choice->steps, lineage->step[i].id);
	const struct lineage_step *last = request->all || request->file ? NULL : last_landed(lineage);
	if (last)
		strings_add(&choice->steps, last->id);
	return 0;
}

static int choose_in(struct undo *undo, const struct run_list *runs, const struct run_info *run, struct choice *choice,
                     struct err *err)
{
	lineage_release(&undo->lineage);
	if (lineage_read(&undo->lineage, runs, run, err) != 0)
		return -1;
	free(undo->from);
	undo->from = xstrdup(undo->lineage.run);
	return pick_steps(undo, choice, err);
}

/* Without a name: the newest run that has something to take back (or to put again). */
static int choose(struct undo *undo, const struct run_list *runs, struct choice *choice, struct err *err)
{
	struct run_info named;
	const struct undo_request *request = choice->request;
	if (request->run || request->step) {
		if (runs_find(request->root, request->run ? request->run : "@", &named, err) != 0)
			return -1;
		int rc = choose_in(undo, runs, &named, choice, err);
		run_info_release(&named);
		return rc;
	}
	for (size_t i = 0; i < runs->n_runs && !choice->steps.n_items && !choice->undone; i++)
		if (choose_in(undo, runs, &runs->run[i], choice, err) != 0)
			return -1;
	return 0;
}

/* All that the run landed: what is to be taken back first, then the rest. */
static const struct event **events_of_steps(const struct undo *undo, const struct choice *choice, size_t *n_chosen,
                                            size_t *n_all)
{
	const struct lineage *lineage = &undo->lineage;
	*n_chosen = *n_all = 0;
	for (size_t i = 0; i < lineage->n_steps; i++)
		*n_all += lineage->step[i].n_landed;
	const struct event **out = xcalloc(*n_all, sizeof *out);
	size_t others = *n_all;
	for (size_t i = 0; i < lineage->n_steps; i++) {
		const struct lineage_step *step = &lineage->step[i];
		bool chosen = strings_find(&choice->steps, step->id) >= 0;
		for (size_t j = 0; j < step->n_landed; j++)
			out[chosen ? (*n_chosen)++ : --others] = step->landed[j];
	}
	return out;
}

static int look_at_steps(struct undo *undo, struct lander *lander, const struct choice *choice, struct err *err)
{
	size_t n_chosen;
	size_t n_all;
	const struct event **landed = events_of_steps(undo, choice, &n_chosen, &n_all);
	const struct land_query query = {
		.landed = landed,
		.n_landed = n_chosen,
		.redo = undo->redo,
		.merge = true,
		.answer = choice->request->answer,
		.only = choice->request->file,
	};
	int rc = land_preview(lander, &query, &undo->plan, err);
	if (rc == 0 && !undo->redo)
		land_plan_add_folders(&undo->plan, landed, n_all);
	free(landed);
	return rc;
}

/* The images of the undo itself say exactly what was there. */
static int look_at_undo(struct undo *undo, struct lander *lander, const struct choice *choice, struct err *err)
{
	const struct event *taken[] = { choice->undone->taken };
	const struct land_query query = { .landed = taken, .n_landed = 1, .merge = true, .answer = choice->request->answer };
	return land_preview(lander, &query, &undo->plan, err);
}

static int look(struct undo *undo, const struct choice *choice, struct err *err)
{
	bool by_undo = choice->undone && choice->undone->taken;
	struct root root;
	if (store_open_read_only(&undo->source, by_undo ? choice->undone->dir : undo->lineage.dir, err) != 0 ||
	    root_open(&root, choice->request->root, err) != 0)
		return -1;
	struct lander lander = { .root = &root, .store = undo->source };
	int rc = by_undo ? look_at_undo(undo, &lander, choice, err) : look_at_steps(undo, &lander, choice, err);
	root_close(&root);
	return rc;
}

int undo_prepare(struct undo *undo, const struct run_list *runs, const struct undo_request *request, struct err *err)
{
	struct choice choice = { .request = request };
	*undo = (struct undo){ .redo = request->redo };
	int rc = choose(undo, runs, &choice, err);
	undo->found = choice.steps.n_items || choice.undone;
	if (rc == 0 && undo->found)
		rc = look(undo, &choice, err);
	for (size_t i = 0; !request->file && i < choice.steps.n_items; i++)
		strings_add(&undo->steps, choice.steps.item[i]);
	strings_release(&choice.steps);
	return rc;
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

bool undo_changes(const struct land_item *item)
{
	return item->fate == LAND_RESTORE || item->fate == LAND_MERGE || item->fate == LAND_OVERRIDE;
}

static enum event_change change_of(const struct land_item *item)
{
	if (item->now.kind == IMAGE_ABSENT)
		return EVENT_CREATED;
	return item->target.kind == IMAGE_ABSENT ? EVENT_DELETED : EVENT_MODIFIED;
}

void undo_not_covered(const struct undo *undo, struct strings *out)
{
	for (size_t i = 0; !undo->redo && i < undo->steps.n_items; i++) {
		const struct model_step *step = run_model_step(&undo->lineage.model, undo->steps.item[i]);
		for (size_t j = 0; step && j < step->not_covered.n_items; j++)
			strings_take(out, xasprintf("%s: %s", step->id, step->not_covered.item[j]));
	}
}

/* The last words: each step done, or failed with the reason; and the files that changed now. */
static int finish(const struct undo *undo, struct run_writer *writer, const struct err *why, int code, int64_t started_ms,
                  struct err *err)
{
	bool done = why->code == ERR_NONE;
	size_t n_files = 0;
	struct strings not_covered = { 0 };
	struct event_file *file = xcalloc(undo->plan.n_items, sizeof *file);
	struct event_state *state = xcalloc(undo->steps.n_items, sizeof *state);
	int rc = 0;
	for (size_t i = 0; done && i < undo->plan.n_items; i++)
		if (undo_changes(&undo->plan.item[i]))
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
	undo_not_covered(undo, &not_covered);
	struct event finished = {
		.kind = EVENT_RUN_FINISHED,
		.exit_code = code,
		.not_covered = { (const char *const *)not_covered.item, not_covered.n_items },
		.states = { state, undo->steps.n_items },
		.files = { file, n_files },
		.ms = clock_mono_ms() - started_ms,
	};
	if (rc == 0)
		rc = tell(writer, finished, err);
	strings_release(&not_covered);
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
	for (size_t i = 0; i < undo->n_later; i++)
		free(undo->later[i].path);
	free(undo->later);
	free(undo->from);
	*undo = (struct undo){ 0 };
}
