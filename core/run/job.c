/* A job between the executor and a worker: how it is made, and how what happens comes back. */
#include "run/engine.h"

#include "base/vec.h"
#include "base/xalloc.h"
#include "run/confine.h"
#include "run/review.h"

#include <stdlib.h>

/* ---- the worker's side ---- */

static struct message *message_of(const struct step_job *job, enum message_kind kind)
{
	struct message *message = xcalloc(1, sizeof *message);
	message->kind = kind;
	message->node = job->node;
	return message;
}

static void post_event(struct step_job *job, const struct event *event)
{
	struct message *message = message_of(job, MESSAGE_EVENTS);
	struct event *copy = event_batch_add(&message->events, event);
	copy->step = job->step->id;
	copy->attempt = job->attempt;
	engine_post(job->arg, message);
}

static void post_events(struct step_job *job, struct event_batch *batch)
{
	struct message *message = message_of(job, MESSAGE_EVENTS);
	message->events = *batch;
	*batch = (struct event_batch){ 0 };
	for (size_t i = 0; i < message->events.n_events; i++) {
		message->events.event[i]->step = job->step->id;
		message->events.event[i]->attempt = job->attempt;
	}
	engine_post(job->arg, message);
}

static void post_output(struct step_job *job, const char *stream, const char *text, size_t n)
{
	struct message *message = message_of(job, MESSAGE_OUTPUT);
	message->stream = stream;
	buf_add(&message->text, text, n);
	engine_post(job->arg, message);
}

static void post_secret(struct step_job *job, const char *secret)
{
	struct message *message = message_of(job, MESSAGE_SECRET);
	buf_add_str(&message->text, secret);
	engine_post(job->arg, message);
}

static void post_copied(struct step_job *job)
{
	engine_post(job->arg, message_of(job, MESSAGE_COPIED));
}

static void run_propose(void *arg, size_t worker)
{
	struct step_job *job = arg;
	struct message *message = message_of(job, MESSAGE_PROPOSED);
	struct executor *ex = job->arg;
	struct cost from;
	cost_now(&from);
	message->rc = step_propose(job, &message->err);
	cost_add_since(&message->cost, &from);
	engine_post(ex, message);
	(void)worker;
}

static void run_checks(void *arg, size_t worker)
{
	struct step_job *job = arg;
	struct message *message = message_of(job, MESSAGE_CHECKED);
	struct executor *ex = job->arg;
	struct cost from;
	cost_now(&from);
	message->rc = step_run_checks(job, &job->step->checks, &message->err);
	cost_add_since(&message->cost, &from);
	engine_post(ex, message);
	(void)worker;
}

static void try_change(void *arg, size_t worker)
{
	struct step_job *job = arg;
	struct message *message = message_of(job, MESSAGE_TRIED);
	struct executor *ex = job->arg;
	struct cost from;
	cost_now(&from);
	message->rc = step_check_in_copy(job, &job->step->checks, &message->err);
	cost_add_since(&message->cost, &from);
	engine_post(ex, message);
	(void)worker;
}

/* ---- the executor's side ---- */

static void collect_reads(const struct executor *ex, size_t node, struct step_job *job)
{
	const struct graph_node *from = &ex->graph.node[node];
	for (size_t i = 0; i < from->n_needs; i++) {
		const struct plan_step *need = ex->graph.node[from->need[i]].step;
		const struct model_step *step = run_model_step(&ex->model, need->id);
		for (size_t j = 0; step && need->verb == VERB_READ && j < step->reads.n_items; j++)
			step_job_add_read(job, step->reads.item[j], need);
	}
}

/* A step that an `each` made stands where that stands; one that was added while the plan ran has nothing beside it. */
static void collect_beside(const struct executor *ex, size_t node, struct step_job *job)
{
	size_t n_planned = ex->options.plan->n_steps;
	size_t index = node;
	while (index >= n_planned && ex->graph.node[index].made_by >= 0)
		index = (size_t)ex->graph.node[index].made_by;
	if (index < n_planned)
		dag_written_beside(ex->options.dag, ex->options.plan, index, &job->beside);
}

/* The command line's word stands over the step's. */
static enum cache_mode cache_mode_of(const struct executor *ex, size_t node)
{
	enum cache_mode mode = ex->options.cache != CACHE_DEFAULT ? ex->options.cache : ex->graph.node[node].step->cache;
	return mode == CACHE_DEFAULT ? CACHE_USE : mode;
}

struct step_job *job_new(struct executor *ex, size_t node)
{
	struct engine_node *state = &ex->state[node];
	struct step_job *job = xcalloc(1, sizeof *job);
	*job = (struct step_job){
		.plan = ex->options.plan,
		.step = ex->graph.node[node].step,
		.ws = &ex->ws,
		.config = ex->options.config,
		.llm = ex->llm,
		.budget = &ex->budget,
		.model = ex->options.model,
		.cache = cache_mode_of(ex, node),
		.reuses_any = ex->options.resume || ex->options.cache == CACHE_USE || cache_mode_of(ex, node) == CACHE_ONLY,
		.may_guess = ex->options.can_ask && ex->options.yes < RISK_MEDIUM,
		.habits = ex->options.tape ? NULL : ex->options.habits, /* a recording asks the same whatever else was asked */
		.dialogue = state->dialogue,
		.spool_dir = ex->spool_dir,
		.run_dir = ex->options.run_dir,
		.run_id = ex->options.run_id,
		.sandbox = confine_step(ex->sandbox, &ex->ws.root, ex->graph.node[node].step),
		.shown_root = ex->options.root,
		.memo = ex->memo,
		.previews = ex->options.dry_run,
		.reviewed = review_find(ex->options.review, ex->graph.node[node].step->id),
		.attempt = state->attempt,
		.emit = post_event,
		.emit_all = post_events,
		.output = post_output,
		.secret = post_secret,
		.copied = post_copied,
		.arg = ex,
		.node = node,
	};
	collect_reads(ex, node, job);
	collect_beside(ex, node, job);
	for (size_t i = 0; i < state->messages.n_items; i++)
		strings_add(&job->messages, state->messages.item[i]);
	for (size_t i = 0; i < state->n_notes; i++) {
		job->note = vec_room(job->note, job->n_notes, &job->cap_notes, sizeof *job->note);
		job->note[job->n_notes++] =
			(struct attempt_note){ xstrdup(state->note[i].answer), xstrdup(state->note[i].feedback) };
	}
	return job;
}

int job_submit(struct executor *ex, struct step_job *job, enum stage stage, struct err *err)
{
	void (*const body)(void *, size_t) = stage == STAGE_CHECKING ? run_checks : stage == STAGE_TRYING ? try_change : run_propose;
	return pool_submit(ex->pool, body, job, err);
}
