#include "run/question.h"

#include "base/json.h"
#include "base/xalloc.h"
#include "io/llm_ops.h"
#include "plan/each.h"
#include "run/step.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define THREADS 4

static struct questions *questions_of(const struct step_job *job)
{
	return job->questions;
}

/* ---- what the step says on its way ---- */

static void emit(struct step_job *job, const struct event *event)
{
	char *text;
	if (event->kind != EVENT_NOTICE || !event->message)
		return;
	text = event->hint ? xasprintf("%s (%s)", event->message, event->hint) : xstrdup(event->message);
	strings_take(&questions_of(job)->notice, text);
}

static void emit_all(struct step_job *job, struct event_batch *batch)
{
	for (size_t i = 0; i < batch->n_events; i++)
		emit(job, batch->event[i]);
}

static void drop_output(struct step_job *job, const char *stream, const char *text, size_t n)
{
	(void)job;
	(void)stream;
	(void)text;
	(void)n;
}

static void drop_secret(struct step_job *job, const char *secret)
{
	(void)job;
	(void)secret;
}

/* ---- which step ---- */

static const struct plan_step *find_step(const struct questions_request *request, size_t *node, int64_t *number,
                                         struct err *err)
{
	const struct plan *plan = request->plan;
	const char *open = strrchr(request->step, '[');
	size_t n = open ? (size_t)(open - request->step) : 0;
	for (size_t i = 0; i < plan->n_steps; i++) {
		const struct plan_step *step = &plan->step[i];
		bool is_member = open && step->each.glob && strlen(step->id) == n && strncmp(step->id, request->step, n) == 0;
		if (strcmp(step->id, request->step) != 0 && !is_member)
			continue;
		*node = i;
		*number = is_member ? strtoll(open + 1, NULL, 10) : 1;
		return step;
	}
	err_set(err, ERR_USAGE, "the plan has no step '%.100s'", request->step);
	err_hint(err, "'belay show PLAN' lists them");
	return NULL;
}

static int make_member(const struct workspace *ws, const struct plan_step *each, int64_t number, struct plan_step *out,
                       struct err *err)
{
	struct strings pattern = { 0 };
	struct strings paths = { 0 };
	strings_add(&pattern, each->each.glob);
	int rc = workspace_expand(ws, &pattern, false, &paths, err);
	if (rc == 0 && (number < 1 || (size_t)number > paths.n_items))
		rc = err_set(err, ERR_USAGE, "'%.100s' has %zu members now", each->id, paths.n_items);
	if (rc == 0)
		rc = plan_each_make(out, each, (size_t)number, paths.item[number - 1], err);
	strings_release(&pattern);
	strings_release(&paths);
	return rc;
}

/* What the needed `read` steps would have loaded by then, as the tree is now. */
static int add_reads(const struct questions_request *request, size_t node, struct step_job *job, struct err *err)
{
	const struct dag_node *from = &request->dag->node[node];
	for (size_t i = 0; i < from->n_needs; i++) {
		const struct plan_step *need = &request->plan->step[from->need[i]];
		struct strings paths = { 0 };
		if (need->verb != VERB_READ || need->each.glob)
			continue;
		int rc = workspace_expand(job->ws, &need->target, false, &paths, err);
		for (size_t j = 0; rc == 0 && j < paths.n_items; j++)
			step_job_add_read(job, paths.item[j], need);
		strings_release(&paths);
		if (rc != 0)
			return -1;
	}
	return 0;
}

static int check_asks(const struct plan_step *step, struct err *err)
{
	if (step->verb == VERB_VALIDATE && step->accept.n_items) {
		err_set(err, ERR_USAGE, "what '%.100s' asks is about the change that the run makes, which is not known yet", step->id);
		return err_hint(err, "'belay log RUN' has the question once it was asked");
	}
	if (step->prompt || step->verb == VERB_TEST)
		return 0;
	err_set(err, ERR_USAGE, "'%.100s' asks no model: a '%s' step without 'prompt' sends nothing", step->id,
	        verb_name(step->verb));
	return err_hint(err, "name a step that has a 'prompt'");
}

/* ---- the question ---- */

int questions_take(struct questions *questions, const struct llm_request *request, const char *model, const char *format,
                 struct err *err)
{
	const struct llm_ops *ops = llm_ops_of(request->provider->kind);
	questions->question =
		vec_room(questions->question, questions->n_questions, &questions->cap_questions, sizeof *questions->question);
	struct question *q = &questions->question[questions->n_questions++];
	*q = (struct question){
		.provider = xstrdup(request->provider->name),
		.model = xstrdup(model ? model : ""),
		.protocol = xstrdup(provider_kind_name(request->provider->kind)),
		.format = format,
		.tokens = request->tokens_estimated,
		.context = request->provider->context,
	};
	for (size_t i = 0; i < request->n_messages; i++)
		buf_add_str(strcmp(request->message[i].role, "system") == 0 ? &q->system : &q->user, request->message[i].text);
	struct json_writer w = { .out = &q->body };
	if (ops)
		ops->body(&w, request, q->model, 0);
	return err_set(err, ERR_CANCELLED, "nothing is sent: the question was to be seen");
}

static int propose(struct questions *out, struct step_job *job, struct err *err)
{
	struct err why = { 0 };
	const struct step_ops *ops = step_ops(job->step->verb);
	int rc = ops->propose(job, &why);
	if (out->n_questions)
		return 0;
	if (rc != 0) {
		*err = why;
		return -1;
	}
	return err_set(err, ERR_USAGE, "'%.100s' would ask nothing: there is nothing for it to do", job->step->id);
}

static int make(struct questions *out, const struct questions_request *request, const struct workspace *ws, struct err *err)
{
	struct plan_step member = { 0 };
	struct dialogue dialogue = { 0 };
	struct budget budget;
	size_t node;
	int64_t number;
	const struct plan_step *step = find_step(request, &node, &number, err);
	if (!step || check_asks(step, err) != 0)
		return -1;
	if (step->each.glob && make_member(ws, step, number, &member, err) != 0)
		return -1;
	budget_init(&budget, 0, 0);
	struct step_job job = {
		.plan = request->plan, .step = step->each.glob ? &member : step, .ws = ws, .config = request->config,
		.budget = &budget, .model = request->model, .cache = CACHE_OFF, .dialogue = &dialogue, .spool_dir = "/tmp",
		.attempt = 1, .emit = emit, .emit_all = emit_all, .output = drop_output, .secret = drop_secret, .questions = out,
	};
	dag_written_beside(request->dag, request->plan, node, &job.beside);
	int rc = add_reads(request, node, &job, err);
	if (rc == 0)
		rc = propose(out, &job, err);
	step_job_release(&job);
	dialogue_clear(&dialogue);
	budget_release(&budget);
	if (step->each.glob)
		plan_step_release(&member);
	return rc;
}

int questions_make(struct questions *out, const struct questions_request *request, struct err *err)
{
	struct workspace ws;
	*out = (struct questions){ 0 };
	if (workspace_open(&ws, request->root, THREADS, err) != 0)
		return -1;
	int rc = make(out, request, &ws, err);
	workspace_close(&ws);
	return rc;
}

void questions_release(struct questions *questions)
{
	for (size_t i = 0; i < questions->n_questions; i++) {
		struct question *q = &questions->question[i];
		buf_release(&q->system);
		buf_release(&q->user);
		buf_release(&q->body);
		free(q->provider);
		free(q->model);
		free(q->protocol);
	}
	free(questions->question);
	strings_release(&questions->notice);
	*questions = (struct questions){ 0 };
}
