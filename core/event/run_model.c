#include "event/run_model.h"

#include "base/vec.h"
#include "base/xalloc.h"
#include "event/fold.h"

#include <stdlib.h>
#include <string.h>

#define NOTICES_MAX 1000

static const char *const state_names[STEP_N_STATES] = {
	[STEP_PENDING] = "pending",     [STEP_READY] = "ready",         [STEP_RUNNING] = "running",
	[STEP_WAITING] = "waiting",     [STEP_LANDED] = "landed",       [STEP_DONE] = "done",
	[STEP_FAILED] = "failed",       [STEP_SKIPPED] = "skipped",     [STEP_DECLINED] = "declined",
	[STEP_CANCELLED] = "cancelled", [STEP_TAKEN_BACK] = "taken_back",
};

const char *step_state_name(enum step_state state)
{
	return state_names[state];
}

bool step_state_is_final(enum step_state state)
{
	return state >= STEP_DONE;
}

static void free_notice(struct model_notice *notice)
{
	free(notice->step);
	free(notice->category);
	free(notice->message);
	free(notice->hint);
}

/* One line for the events pane. Takes `message`. */
void fold_note(struct run_model *model, const struct event *event, const char *category, char *message)
{
	if (model->n_notices == NOTICES_MAX) {
		size_t drop = NOTICES_MAX / 4;
		for (size_t i = 0; i < drop; i++)
			free_notice(&model->notice[i]);
		model->n_notices -= drop;
		model->notices_dropped += drop;
		memmove(model->notice, model->notice + drop, model->n_notices * sizeof *model->notice);
	}
	model->notice = vec_room(model->notice, model->n_notices, &model->cap_notices, sizeof *model->notice);
	model->notice[model->n_notices++] = (struct model_notice){ .seq = event->seq,
		                                                   .at_ms = event->at_ms,
		                                                   .step = xstrdup(event->step),
		                                                   .category = xstrdup(category ? category : ""),
		                                                   .message = message,
		                                                   .hint = xstrdup(event->hint ? event->hint : "") };
}

void run_model_init(struct run_model *model)
{
	*model = (struct run_model){ 0 };
}

void run_model_release(struct run_model *model)
{
	char *const text[] = { model->run,  model->plan,    model->plan_hash, model->root,
		               model->head, model->version, model->mode,      model->from };
	for (size_t i = 0; i < sizeof text / sizeof *text; i++)
		free(text[i]);
	for (size_t i = 0; i < model->n_steps; i++)
		model_step_free(model->step[i]);
	free(model->step);
	map_release(&model->by_id);
	for (size_t i = 0; i < model->n_notices; i++)
		free_notice(&model->notice[i]);
	free(model->notice);
	strings_release(&model->cut_edges);
	strings_release(&model->covered);
	strings_release(&model->not_covered);
	strings_release(&model->open_intent);
	strings_release(&model->undone);
	*model = (struct run_model){ 0 };
}

struct model_step *run_model_step(const struct run_model *model, const char *id)
{
	return id ? map_get(&model->by_id, id) : NULL;
}

static void fold_run_started(struct run_model *model, const struct event *event)
{
	fold_set_str(&model->run, event->run);
	fold_set_str(&model->plan, event->plan);
	fold_set_str(&model->plan_hash, event->plan_hash);
	fold_set_str(&model->root, event->root);
	fold_set_str(&model->head, event->head);
	fold_set_str(&model->version, event->version);
	fold_set_str(&model->mode, event->mode);
	fold_set_str(&model->from, event->from);
	model->started_ms = event->at_ms;
}

/* What was under way when the run stopped did not survive it; what landed did. */
static void fold_run_resumed(struct run_model *model)
{
	model->finished = false;
	model->ended_ms = 0;
	for (size_t i = 0; i < model->n_steps; i++) {
		struct model_step *step = model->step[i];
		fold_end_approval(model, step);
		if (step->state == STEP_RUNNING || step->state == STEP_WAITING)
			fold_set_state(model, step, step->landed ? STEP_LANDED : STEP_PENDING);
		fold_set_str(&step->phase, "");
		step->retry_at_ms = 0;
	}
}

static bool ran_since_the_end(const struct run_model *model)
{
	for (size_t i = 0; i < model->n_steps; i++)
		if (model->step[i]->started_ms >= model->ended_ms)
			return true;
	return false;
}

/* An undo after the end closes the journal once more; the run itself ended when its steps did. */
static void fold_run_finished(struct run_model *model, const struct event *event)
{
	if (!model->finished || ran_since_the_end(model))
		model->ended_ms = event->at_ms;
	model->finished = true;
	model->exit_code = event->exit_code;
	fold_set_list(&model->covered, &event->covered);
	fold_set_list(&model->not_covered, &event->not_covered);
}

static void fold_step_declared(struct run_model *model, const struct event *event)
{
	struct model_step *step = run_model_step(model, event->step);
	if (!step)
		step = model_step_new(model, event->step);
	else if (step->state != STEP_PENDING)
		fold_set_state(model, step, STEP_PENDING);
	fold_set_str(&step->verb, event->verb);
	fold_set_str(&step->title, event->title);
	fold_set_str(&step->parent, event->parent);
	fold_set_str(&step->value, event->value);
	fold_set_str(&step->risk, event->risk);
	fold_set_list(&step->needs, &event->needs);
	step->changed_seq = event->seq;
}

static void fold_usage(struct run_model *model, const struct event *event)
{
	model->tokens_in += event->tokens_in;
	model->tokens_out += event->tokens_out;
	model->tokens_cached += event->tokens_cached;
	model->tokens_reasoning += event->tokens_reasoning;
	model->usd += event->usd;
}

/* Kinds that concern the run as a whole, or steps that another run declared. True when it was one. */
static bool fold_for_run(struct run_model *model, const struct event *event)
{
	switch (event->kind) {
	case EVENT_RUN_STARTED: fold_run_started(model, event); return true;
	case EVENT_RUN_RESUMED: fold_run_resumed(model); return true;
	case EVENT_RUN_FINISHED: fold_run_finished(model, event); return true;
	case EVENT_EDGE_CUT:
		strings_take(&model->cut_edges, xasprintf("%s -> %s", event->from ? event->from : "",
		                                          event->to ? event->to : ""));
		return true;
	case EVENT_STEP_DECLARED: fold_step_declared(model, event); return true;
	case EVENT_USAGE_COUNTED: fold_usage(model, event); return true;
	case EVENT_INTENT:
	case EVENT_LANDED:
	case EVENT_TAKEN_BACK:
	case EVENT_CONFLICT: fold_for_tree(model, event); return true;
	case EVENT_NOTICE: fold_note(model, event, event->category, xstrdup(event->message ? event->message : "")); return true;
	default: return false;
	}
}

int run_model_apply(struct run_model *model, const struct event *event, struct err *err)
{
	const char *wire = event_kind_info(event->kind)->wire;
	if ((event->kind == EVENT_RUN_STARTED) != !model->run)
		return err_set(err, ERR_CORRUPT, "event %llu, '%s', cannot stand there", (unsigned long long)event->seq, wire);
	if (event->seq <= model->seq)
		return err_set(err, ERR_CORRUPT, "event %llu comes after event %llu", (unsigned long long)event->seq,
		               (unsigned long long)model->seq);
	if (event->kind == EVENT_STEP_DECLARED && !event->step)
		return err_set(err, ERR_CORRUPT, "event %llu declares no step", (unsigned long long)event->seq);
	if (!fold_for_run(model, event) && event->step) {
		struct model_step *step = run_model_step(model, event->step);
		if (!step)
			return err_set(err, ERR_CORRUPT, "event %llu, '%s', names an unknown step '%s'",
			               (unsigned long long)event->seq, wire, event->step);
		fold_for_step(model, step, event);
	}
	struct model_step *step = run_model_step(model, event->step);
	if (step)
		step->changed_seq = event->seq;
	model->seq = event->seq;
	model->now_ms = event->at_ms;
	return 0;
}
