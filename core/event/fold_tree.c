/* What is in the tree, in the fold: intents, landings, and what was taken back. */
#include "event/fold.h"

#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

static void drop_string(struct strings *list, const char *s)
{
	int at = strings_find(list, s);
	if (at < 0)
		return;
	free(list->item[at]);
	list->n_items--;
	memmove(&list->item[at], &list->item[at + 1], (list->n_items - (size_t)at) * sizeof *list->item);
}

static void land_step(struct run_model *model, const char *id, const struct event *event)
{
	struct model_step *step = run_model_step(model, id);
	drop_string(&model->open_intent, id);
	if (!step)
		return;
	step->undone_seq = 0;
	step->landed = true;
	step->landed_seq = event->seq;
	step->changed_seq = event->seq;
	if (!event->step_list.n_items)
		fold_set_state(model, step, STEP_LANDED);
	else if (step->state == STEP_TAKEN_BACK)
		fold_set_state(model, step, STEP_DONE);
	step->taken_back = false;
}

static void take_step_back(struct run_model *model, const char *id, const struct event *event)
{
	struct model_step *step = run_model_step(model, id);
	drop_string(&model->open_intent, id);
	if (!step)
		return;
	step->changed_seq = event->seq;
	step->taken_back = step->landed;
	step->landed = false;
	if (event->step_list.n_items)
		step->undone_seq = event->seq;
	if (step->state == STEP_DONE || (step->state == STEP_LANDED && event->step_list.n_items))
		fold_set_state(model, step, STEP_TAKEN_BACK);
	else if (step->state == STEP_LANDED)
		fold_set_state(model, step, STEP_RUNNING);
}

static void open_intent(struct run_model *model, const char *id, const struct event *event)
{
	(void)event;
	if (strings_find(&model->open_intent, id) < 0)
		strings_add(&model->open_intent, id);
}

static void each_step(struct run_model *model, const struct event *event,
                      void (*fold)(struct run_model *, const char *, const struct event *))
{
	for (size_t i = 0; i < event->step_list.n_items; i++)
		fold(model, event->step_list.item[i], event);
	if (!event->step_list.n_items && event->step)
		fold(model, event->step, event);
}

/* The newest undo whose steps were not put again since: redo goes back through them one by one. */
static void find_undone(struct run_model *model)
{
	uint64_t newest = 0;
	for (size_t i = 0; i < model->n_steps; i++)
		if (model->step[i]->undone_seq > newest)
			newest = model->step[i]->undone_seq;
	strings_release(&model->undone);
	for (size_t i = 0; newest && i < model->n_steps; i++)
		if (model->step[i]->undone_seq == newest)
			strings_add(&model->undone, model->step[i]->id);
}

static void fold_landed(struct run_model *model, struct model_step *step, const struct event *event)
{
	if (step && !event->step_list.n_items && event->files.n_files && step->landed)
		fold_add_files(step, &event->files);
	else if (step && !event->step_list.n_items && event->files.n_files)
		fold_set_files(step, &event->files);
	each_step(model, event, land_step);
	if (model->undone.n_items)
		find_undone(model);
	fold_note(model, event, "ok", xasprintf("landed %zu file%s", event->files.n_files, event->files.n_files == 1 ? "" : "s"));
}

static void fold_taken_back(struct run_model *model, const struct event *event)
{
	each_step(model, event, take_step_back);
	if (event->step_list.n_items)
		find_undone(model);
	fold_note(model, event, "ok",
	     xasprintf("rolled back %zu file%s", event->files.n_files, event->files.n_files == 1 ? "" : "s"));
}

static void fold_conflict(struct run_model *model, const struct event *event)
{
	fold_note(model, event, "conflict",
	     xasprintf("'%s' is not what it was%s%s", event->path ? event->path : "", event->answer ? ": " : "",
	               event->answer ? event->answer : ""));
}

void fold_for_tree(struct run_model *model, const struct event *event)
{
	switch (event->kind) {
	case EVENT_INTENT:
		each_step(model, event, open_intent);
		break;
	case EVENT_LANDED:
		fold_landed(model, run_model_step(model, event->step), event);
		break;
	case EVENT_TAKEN_BACK:
		fold_taken_back(model, event);
		break;
	case EVENT_CONFLICT:
		fold_conflict(model, event);
		break;
	default:
		break;
	}
}
