/* A step's way: asked before, proposed, asked, landed, checked, done; or failed, and taken back. */
#include "run/engine.h"

#include "base/clock.h"
#include "base/glob.h"
#include "base/path.h"
#include "base/vec.h"
#include "base/xalloc.h"
#include "edit/textdiff.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONTEXT_LINES 3
#define DEFAULT_ATTEMPTS 3

static const struct plan_step *step_of(const struct executor *ex, size_t node)
{
	return ex->graph.node[node].step;
}

static void free_job(struct engine_node *state)
{
	if (!state->job)
		return;
	step_job_release(state->job);
	free(state->job);
	state->job = NULL;
}

void flow_release(struct engine_node *state)
{
	free_job(state);
	manifest_free(state->manifest);
	strings_release(&state->uncovered);
	for (size_t i = 0; i < state->n_notes; i++) {
		free(state->note[i].answer);
		free(state->note[i].feedback);
	}
	free(state->note);
}

/* Worker's side: a copy of the event goes to the inbox. */
static void post_event(struct step_job *job, struct event *event)
{
	struct message *message = xcalloc(1, sizeof *message);
	event->step = job->step->id;
	event->attempt = job->attempt;
	message->kind = MESSAGE_EVENT;
	message->event = event_clone(event);
	engine_post(job->arg, message);
}

struct task {
	struct executor *ex;
	struct step_job *job;
	size_t node;
	bool checking;
};

static void run_task(void *arg, size_t worker)
{
	struct task *task = arg;
	struct step_job *job = task->job;
	struct message *message = xcalloc(1, sizeof *message);
	message->kind = task->checking ? MESSAGE_CHECKED : MESSAGE_PROPOSED;
	message->node = task->node;
	job->worker = worker;
	if (task->checking)
		message->rc = step_run_checks(job, &job->step->checks, &message->err);
	else
		message->rc = step_ops(job->step->verb)->propose(job, &message->err);
	step_flush_output(job);
	engine_post(task->ex, message);
	free(task);
}

static void finish_step(struct executor *ex, size_t node)
{
	struct engine_node *state = &ex->state[node];
	const struct model_step *step = run_model_step(&ex->model, step_of(ex, node)->id);
	struct event_file *file = xcalloc(step ? step->n_files : 0, sizeof *file);
	size_t n = 0;
	for (size_t i = 0; step && step->landed && i < step->n_files; i++)
		file[n++] = (struct event_file){
			.path = step->file[i].path,
			.change = step->file[i].change,
			.after = { .present = step->file[i].has_after, .hash = step->file[i].after },
		};
	struct event event = {
		.kind = EVENT_STEP_DONE,
		.step = step_of(ex, node)->id,
		.attempt = state->attempt,
		.exit_code = state->job ? state->job->exit_code : 0,
		.files = { file, n },
		.ms = clock_mono_ms() - state->started_ms,
	};
	engine_tell(ex, &event);
	free(file);
	free_job(state);
	state->stage = STAGE_OVER;
}

/* Takes back what the step's attempts have landed. True when nothing of it is left in the tree. */
static bool take_back_own(struct executor *ex, size_t node, bool *had_landed)
{
	struct err err = { 0 };
	const struct model_step *step = run_model_step(&ex->model, step_of(ex, node)->id);
	*had_landed = step && step->landed;
	if (!*had_landed)
		return true;
	if (rollback_steps(ex, &node, 1, false, &err) == 0)
		return true;
	engine_notice(ex, step_of(ex, node)->id, err_category(err.code), err.msg,
	              "look at the files named above; 'belay undo --step' tries again");
	ex->rollback_incomplete = true;
	return false;
}

static void fail_step(struct executor *ex, size_t node, const struct err *why)
{
	struct engine_node *state = &ex->state[node];
	bool had_landed = false;
	bool clean = take_back_own(ex, node, &had_landed);
	struct event event = {
		.kind = EVENT_STEP_FAILED,
		.step = step_of(ex, node)->id,
		.attempt = state->attempt,
		.category = err_category(why->code),
		.message = why->msg,
		.hint = why->hint[0] ? why->hint : NULL,
		.landed_back = had_landed && clean,
	};
	engine_tell(ex, &event);
	free_job(state);
	state->stage = STAGE_OVER;
}

static void cancel_step(struct executor *ex, size_t node, const char *reason)
{
	struct engine_node *state = &ex->state[node];
	struct err why = { 0 };
	err_set(&why, ERR_CANCELLED, "%s", reason);
	fail_step(ex, node, &why);
	state->stop_wanted = false;
}

static void collect_reads(const struct executor *ex, size_t node, struct strings *out)
{
	const struct graph_node *from = &ex->graph.node[node];
	for (size_t i = 0; i < from->n_needs; i++) {
		const struct plan_step *need = step_of(ex, from->need[i]);
		const struct model_step *step = run_model_step(&ex->model, need->id);
		if (need->verb != VERB_READ || !step)
			continue;
		for (size_t j = 0; j < step->reads.n_items; j++)
			if (strings_find(out, step->reads.item[j]) < 0)
				strings_add(out, step->reads.item[j]);
	}
}

static struct step_job *make_job(struct executor *ex, size_t node)
{
	struct engine_node *state = &ex->state[node];
	struct step_job *job = xcalloc(1, sizeof *job);
	*job = (struct step_job){
		.plan = ex->options.plan,
		.step = step_of(ex, node),
		.ws = &ex->ws,
		.config = ex->options.config,
		.llm = ex->llm,
		.model = ex->options.model,
		.sandbox = ex->sandbox,
		.attempt = state->attempt,
		.emit = post_event,
		.arg = ex,
	};
	collect_reads(ex, node, &job->reads);
	for (size_t i = 0; i < state->n_notes; i++) {
		job->note = vec_room(job->note, job->n_notes, &job->cap_notes, sizeof *job->note);
		job->note[job->n_notes++] =
			(struct attempt_note){ xstrdup(state->note[i].answer), xstrdup(state->note[i].feedback) };
	}
	return job;
}

static void submit(struct executor *ex, size_t node, bool checking)
{
	struct err err = { 0 };
	struct engine_node *state = &ex->state[node];
	struct task *task = xcalloc(1, sizeof *task);
	*task = (struct task){ ex, state->job, node, checking };
	state->stage = checking ? STAGE_CHECKING : STAGE_PROPOSING;
	if (pool_submit(ex->pool, run_task, task, &err) == 0)
		return;
	free(task);
	fail_step(ex, node, &err);
}

/* The safety net before the first risky operation; that it cannot be made is told, and nothing depends on it. */
static void make_safety_commit(struct executor *ex)
{
	struct err err = { 0 };
	struct vcs *vcs = NULL;
	if (ex->safety_done)
		return;
	ex->safety_done = true;
	int rc = vcs_open(&vcs, ex->options.root, &err);
	if (rc == 0)
		rc = vcs_safety_commit(vcs, ex->options.run_id, &err);
	vcs_free(vcs);
	if (rc != 0)
		engine_notice(ex, NULL, "access", err.msg, "rollback works all the same: it does not depend on git");
}

/* Before a command: what the tree is now, on disk, so that whatever the command does can be found and taken back. */
static int guard_command(struct executor *ex, size_t node, struct err *err)
{
	struct engine_node *state = &ex->state[node];
	struct buf file = { 0 };
	make_safety_commit(ex);
	manifest_free(state->manifest);
	state->manifest = NULL;
	path_join(&file, ex->options.run_dir, "manifest");
	buf_printf(&file, "-%zu.json", node);
	strings_release(&state->uncovered);
	int rc = manifest_take(&state->manifest, &ex->ws.root, ex->store, buf_str(&file), &state->uncovered, err);
	buf_release(&file);
	return rc;
}

/* Adopts what a command changed. -1 when that could not be done, or when it wrote outside its declared effects. */
static int adopt_changes(struct executor *ex, size_t node, struct err *err)
{
	struct engine_node *state = &ex->state[node];
	const struct plan_step *step = step_of(ex, node);
	struct changeset set = { 0 };
	struct strings lost = { 0 };
	if (!state->manifest)
		return 0;
	int rc = manifest_changes(state->manifest, &ex->ws.root, ex->store, &set, &lost, err);
	manifest_free(state->manifest);
	state->manifest = NULL;
	for (size_t i = 0; rc == 0 && i < lost.n_items; i++)
		engine_notice(ex, step->id, "access", lost.item[i], "the command changed this file; undo cannot bring it back");
	if (rc == 0 && set.n_changes)
		rc = land_adopt(&ex->lander, step->id, state->attempt, &set, err);
	for (size_t i = 0; rc == 0 && step->has_writes && i < set.n_changes; i++) {
		bool declared = false;
		for (size_t j = 0; j < step->writes.n_items; j++)
			declared = declared || glob_may_overlap(step->writes.item[j], set.change[i].path);
		if (!declared)
			rc = err_set(err, ERR_ACCESS, "the command wrote '%.200s', which 'writes' does not name",
			             set.change[i].path);
	}
	changeset_release(&set);
	strings_release(&lost);
	return rc;
}

static void propose(struct executor *ex, size_t node)
{
	struct err err = { 0 };
	struct engine_node *state = &ex->state[node];
	const struct step_ops *ops = step_ops(step_of(ex, node)->verb);
	free_job(state);
	state->job = make_job(ex, node);
	if (ops->runs_command && guard_command(ex, node, &err) != 0) {
		fail_step(ex, node, &err);
		return;
	}
	ex->n_commands += ops->runs_command;
	submit(ex, node, false);
}

static void start_attempt(struct executor *ex, size_t node, const char *reason)
{
	struct engine_node *state = &ex->state[node];
	state->attempt++;
	struct event event = {
		.kind = EVENT_STEP_STARTED, .step = step_of(ex, node)->id, .attempt = state->attempt, .reason = reason,
	};
	engine_tell(ex, &event);
}

void flow_start(struct executor *ex, size_t node)
{
	struct err err = { 0 };
	struct engine_node *state = &ex->state[node];
	const struct plan_step *step = step_of(ex, node);
	state->started_ms = clock_mono_ms();
	start_attempt(ex, node, NULL);
	if (!step_ops(step->verb)) {
		err_set(&err, ERR_UNSUPPORTED, "'%s' steps cannot be run by this version", verb_name(step->verb));
		fail_step(ex, node, &err);
		return;
	}
	if (approve_before(ex, node)) {
		state->stage = STAGE_ASKED_BEFORE;
		return;
	}
	if (state->stage != STAGE_OVER)
		propose(ex, node);
}

void flow_take_event(struct executor *ex, struct event *event)
{
	engine_tell(ex, event);
}

static void tell_change(struct executor *ex, size_t node, const struct changeset *set)
{
	struct buf patch = { 0 };
	struct event_file *file = xcalloc(set->n_changes, sizeof *file);
	for (size_t i = 0; i < set->n_changes; i++)
		event_file_of_change(&file[i], &set->change[i]);
	changeset_format_patch(&patch, set, CONTEXT_LINES);
	struct event event = {
		.kind = EVENT_CHANGE_PROPOSED,
		.step = step_of(ex, node)->id,
		.attempt = ex->state[node].attempt,
		.files = { file, set->n_changes },
		.text = { .data = buf_str(&patch), .len = patch.len },
	};
	engine_tell(ex, &event);
	buf_release(&patch);
	free(file);
}

/* Another attempt with what is wrong with this one, when that may help. */
static bool try_again(struct executor *ex, size_t node, const struct err *why)
{
	struct engine_node *state = &ex->state[node];
	const struct plan_step *step = step_of(ex, node);
	struct step_job *job = state->job;
	int64_t attempts = step->attempts ? step->attempts : DEFAULT_ATTEMPTS;
	bool same = state->n_notes && job && strcmp(state->note[state->n_notes - 1].feedback, buf_str(&job->feedback)) == 0;
	if (!step->prompt || !job || !job->feedback.len || state->attempt >= attempts || same || ex->limits.stopping)
		return false;
	bool had_landed;
	if (!take_back_own(ex, node, &had_landed))
		return false;
	state->note = vec_room(state->note, state->n_notes, &state->cap_notes, sizeof *state->note);
	state->note[state->n_notes++] =
		(struct attempt_note){ buf_take(&job->answer, NULL), buf_take(&job->feedback, NULL) };
	start_attempt(ex, node, why->msg);
	propose(ex, node);
	return true;
}

static void check_or_finish(struct executor *ex, size_t node)
{
	struct err err = { 0 };
	struct engine_node *state = &ex->state[node];
	if (!step_of(ex, node)->checks.n_items) {
		finish_step(ex, node);
		return;
	}
	if (!state->job)
		state->job = make_job(ex, node);
	if (guard_command(ex, node, &err) != 0) {
		fail_step(ex, node, &err);
		return;
	}
	ex->n_commands++;
	submit(ex, node, true);
}

void flow_resume_checks(struct executor *ex, size_t node)
{
	struct engine_node *state = &ex->state[node];
	state->attempt = run_model_step(&ex->model, step_of(ex, node)->id)->attempt;
	state->started_ms = clock_mono_ms();
	check_or_finish(ex, node);
}

static void land(struct executor *ex, size_t node)
{
	struct err err = { 0 };
	struct engine_node *state = &ex->state[node];
	if (land_apply(&ex->lander, step_of(ex, node)->id, state->attempt, &state->job->set, &err) != 0) {
		fail_step(ex, node, &err);
		return;
	}
	check_or_finish(ex, node);
}

void flow_land_waiting(struct executor *ex)
{
	for (size_t i = 0; i < ex->graph.n_nodes && !ex->n_commands; i++)
		if (ex->state[i].stage == STAGE_TO_LAND)
			land(ex, i);
}

void flow_proposed(struct executor *ex, size_t node, int rc, const struct err *why)
{
	struct err err = *why;
	struct engine_node *state = &ex->state[node];
	const struct plan_step *step = step_of(ex, node);
	if (step_ops(step->verb)->runs_command) {
		struct err adopt = { 0 };
		ex->n_commands--;
		if (adopt_changes(ex, node, &adopt) != 0 && rc == 0) {
			rc = -1;
			err = adopt;
		}
	}
	if (state->stop_wanted) {
		cancel_step(ex, node, "stopped by a person");
	} else if (rc != 0) {
		if (!try_again(ex, node, &err))
			fail_step(ex, node, &err);
	} else {
		changeset_prune(&state->job->set);
		if (!state->job->set.n_changes) {
			check_or_finish(ex, node);
			return;
		}
		tell_change(ex, node, &state->job->set);
		state->stage = approve_change(ex, node) ? STAGE_ASKED : STAGE_TO_LAND;
		flow_land_waiting(ex);
	}
}

void flow_checked(struct executor *ex, size_t node, int rc, const struct err *why)
{
	struct err err = *why;
	struct err adopt = { 0 };
	struct engine_node *state = &ex->state[node];
	ex->n_commands--;
	if (adopt_changes(ex, node, &adopt) != 0 && rc == 0) {
		rc = -1;
		err = adopt;
	}
	if (state->stop_wanted)
		cancel_step(ex, node, "stopped by a person");
	else if (rc == 0)
		finish_step(ex, node);
	else if (!try_again(ex, node, &err))
		fail_step(ex, node, &err);
}

void flow_answer(struct executor *ex, const struct command *command, bool yes)
{
	size_t node = 0;
	while (node < ex->graph.n_nodes && !(command->request && ex->state[node].request[0] &&
	                                     strcmp(ex->state[node].request, command->request) == 0))
		node++;
	if (node == ex->graph.n_nodes || (ex->state[node].stage != STAGE_ASKED && ex->state[node].stage != STAGE_ASKED_BEFORE)) {
		engine_notice(ex, NULL, "plan", "nothing waits for that answer any more", NULL);
		return;
	}
	struct engine_node *state = &ex->state[node];
	struct event event = {
		.kind = yes ? EVENT_APPROVAL_GIVEN : EVENT_APPROVAL_REFUSED,
		.step = step_of(ex, node)->id,
		.request = state->request,
		.by = command->by ? command->by : "person",
		.shown_ms = command->shown_ms,
		.reason = command->text,
	};
	engine_tell(ex, &event);
	state->request[0] = '\0';
	if (!yes) {
		free_job(state);
		state->stage = STAGE_OVER;
	} else if (state->stage == STAGE_ASKED_BEFORE) {
		state->approved = true;
		propose(ex, node);
	} else {
		state->stage = STAGE_TO_LAND;
		flow_land_waiting(ex);
	}
}

void flow_stop(struct executor *ex, size_t node)
{
	struct engine_node *state = &ex->state[node];
	if (state->stage == STAGE_PROPOSING || state->stage == STAGE_CHECKING) {
		state->stop_wanted = true;
		cancel_set(&state->job->cancel);
		llm_wake(ex->llm, &state->job->cancel, false);
	} else if (state->stage == STAGE_ASKED || state->stage == STAGE_ASKED_BEFORE || state->stage == STAGE_TO_LAND) {
		cancel_step(ex, node, "stopped by a person");
	}
}
