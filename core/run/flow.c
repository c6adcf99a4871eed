/* A step's way: asked before, proposed, asked, landed, checked, done; or failed, and taken back. */
#include "run/engine.h"

#include "base/clock.h"
#include "base/vec.h"
#include "base/xalloc.h"
#include "edit/textdiff.h"

#include <stdlib.h>
#include <string.h>

#define CONTEXT_LINES 3

static const struct plan_step *step_of(const struct executor *ex, size_t node)
{
	return ex->graph.node[node].step;
}

void flow_drop_job(struct engine_node *state)
{
	if (!state->job)
		return;
	step_job_release(state->job);
	free(state->job);
	state->job = NULL;
}

static void forget_notes(struct engine_node *state)
{
	for (size_t i = 0; i < state->n_notes; i++) {
		free(state->note[i].answer);
		free(state->note[i].feedback);
	}
	state->n_notes = 0;
	strings_release(&state->failures);
	dialogue_clear(state->dialogue);
}

void flow_forget_question(struct engine_node *state)
{
	free(state->question);
	state->question = NULL;
	state->request[0] = '\0';
}

void flow_release(struct engine_node *state)
{
	flow_drop_job(state);
	manifest_free(state->manifest);
	strings_release(&state->uncovered);
	strings_release(&state->messages);
	strings_release(&state->not_covered);
	forget_notes(state);
	free(state->note);
	flow_forget_question(state);
	event_output_release(&state->output);
	free(state->dialogue);
}

/* ---- what the executor's own work for a step costs: from take_up to put_down, or to the event that ends it ---- */

void flow_take_up(struct executor *ex, size_t node)
{
	cost_now(&ex->state[node].since);
}

static void put_down(struct executor *ex, size_t node)
{
	cost_add_since(&ex->state[node].cost, &ex->state[node].since);
}

/* ---- the end of a step ---- */

/* An answer that has passed everything is worth keeping; a cache that cannot be written is no fault of the step. */
static void keep_answer(struct executor *ex, size_t node)
{
	struct err err = { 0 };
	const struct engine_node *state = &ex->state[node];
	if (!state->job || !state->dialogue->cache_key[0] || state->dialogue->is_cached)
		return;
	if (dialogue_keep(state->dialogue, &state->job->answer, journal_redactor(ex->journal), &err) != 0)
		engine_notice(ex, step_of(ex, node)->id, "access", err.msg, "the answer is used, and not kept for another time");
	ex->kept_answers = true;
}

static void finish_step(struct executor *ex, size_t node)
{
	struct engine_node *state = &ex->state[node];
	keep_answer(ex, node);
	put_down(ex, node);
	const struct model_step *step = run_model_step(&ex->model, step_of(ex, node)->id);
	struct event_file *file = xcalloc(step->n_files, sizeof *file);
	size_t n = 0;
	for (size_t i = 0; step->landed && i < step->n_files; i++)
		file[n++] = (struct event_file){
			.path = step->file[i].path,
			.change = step->file[i].change,
			.after = { .present = step->file[i].has_after, .hash = step->file[i].after },
		};
	struct event event = {
		.kind = EVENT_STEP_DONE,
		.step = step->id,
		.attempt = state->attempt,
		.exit_code = state->job ? state->job->exit_code : 0,
		.files = { file, n },
		.not_covered = { (const char *const *)state->not_covered.item, state->not_covered.n_items },
		.ms = clock_mono_ms() - state->started_ms,
		.cpu_us = state->cost.cpu_us,
		.syncs = state->cost.syncs,
	};
	engine_tell(ex, &event);
	free(file);
	flow_drop_job(state);
	forget_notes(state);
	state->stage = STAGE_OVER;
}

/* Takes back what the step's attempts have landed. True when nothing of it is left in the tree. */
static bool take_back_own(struct executor *ex, size_t node, bool *had_landed)
{
	struct err err = { 0 };
	const struct model_step *step = run_model_step(&ex->model, step_of(ex, node)->id);
	*had_landed = step->landed;
	if (!step->landed)
		return true;
	if (rollback_steps(ex, &node, 1, false, &err) == 0)
		return true;
	engine_notice(ex, step->id, err_category(err.code), err.msg,
	              "look at the files named above; 'belay undo --step' tries again");
	ex->rollback_incomplete = true;
	return false;
}

/* What was taken back may hold a person's edit, made while the command ran: it is named, with the way to have it again. */
static void say_taken_back(const struct executor *ex, size_t node, const char *names, struct buf *hint)
{
	buf_printf(hint, "%staken back: %s; 'belay redo %s --step %s' puts it again", hint->len ? "; " : "", names,
	           ex->options.run_id, step_of(ex, node)->id);
}

/* A step that was stopped is no failure: the fold makes a skip of one that had begun a cancellation. */
void flow_fail(struct executor *ex, size_t node, const struct err *why)
{
	struct engine_node *state = &ex->state[node];
	bool had_landed = false;
	struct buf names = { 0 };
	struct buf hint = { 0 };
	if (ex->fatal.code != ERR_NONE) {
		state->stage = STAGE_OVER; /* without a journal nothing is written, taken back or told */
		return;
	}
	rollback_name_files(ex, node, &names);
	bool clean = take_back_own(ex, node, &had_landed);
	put_down(ex, node);
	buf_add_str(&hint, why->hint);
	if (had_landed && clean)
		say_taken_back(ex, node, buf_str(&names), &hint);
	struct event failed = {
		.kind = EVENT_STEP_FAILED,
		.step = step_of(ex, node)->id,
		.attempt = state->attempt,
		.category = err_category(why->code),
		.message = why->msg,
		.hint = hint.len ? buf_str(&hint) : NULL,
		.landed_back = had_landed && clean,
		.not_covered = { (const char *const *)state->not_covered.item, state->not_covered.n_items },
		.cpu_us = state->cost.cpu_us,
		.syncs = state->cost.syncs,
	};
	struct event cancelled = { .kind = EVENT_STEP_SKIPPED, .step = failed.step, .reason = why->msg,
		                   .not_covered = failed.not_covered };
	if (why->code == ERR_CANCELLED && had_landed && clean)
		engine_notice(ex, failed.step, "ok", "what it had changed is taken back", buf_str(&hint));
	engine_tell(ex, why->code == ERR_CANCELLED ? &cancelled : &failed);
	buf_release(&names);
	buf_release(&hint);
	flow_drop_job(state);
	forget_notes(state);
	flow_forget_question(state);
	state->stop.code = ERR_NONE;
	state->stage = STAGE_OVER;
}

/* ---- proposing ---- */

static void submit(struct executor *ex, size_t node, enum stage stage)
{
	struct err err = { 0 };
	struct engine_node *state = &ex->state[node];
	state->stage = stage;
	if (job_submit(ex, state->job, stage, &err) == 0)
		return;
	ex->busy_in_tree = false;
	flow_fail(ex, node, &err);
}

static void propose(struct executor *ex, size_t node)
{
	struct engine_node *state = &ex->state[node];
	flow_drop_job(state);
	state->job = job_new(ex, node);
	submit(ex, node, STAGE_PROPOSING);
}

/* Its command waits for the tree; anything else begins at once. */
void flow_begin_attempt(struct executor *ex, size_t node)
{
	struct engine_node *state = &ex->state[node];
	if (step_runs_command(step_of(ex, node)))
		state->stage = STAGE_QUEUED;
	else
		propose(ex, node);
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

static void start_each(struct executor *ex, size_t node)
{
	struct err err = { 0 };
	if (each_expand(ex, node, &err) != 0)
		flow_fail(ex, node, &err);
}

void flow_start(struct executor *ex, size_t node)
{
	struct err err = { 0 };
	struct engine_node *state = &ex->state[node];
	const struct plan_step *step = step_of(ex, node);
	if (ex->options.dry_run && preview_skips(ex, node))
		return;
	state->started_ms = clock_mono_ms();
	state->cost = (struct cost){ 0 };
	flow_take_up(ex, node);
	start_attempt(ex, node, NULL);
	if (ex->graph.node[node].is_each) {
		start_each(ex, node);
	} else if (!step_ops(step->verb)) {
		err_set(&err, ERR_UNSUPPORTED, "'%s' steps cannot be run by this version", verb_name(step->verb));
		flow_fail(ex, node, &err);
	} else if (step->verb == VERB_ASK || step_ops(step->verb)->runs_aside) {
		enum approval approval = approve_before(ex, node);
		if (approval == APPROVAL_WAITS)
			state->stage = STAGE_ASKED_BEFORE;
		else if (approval == APPROVAL_GIVEN)
			propose(ex, node);
	} else {
		flow_begin_attempt(ex, node);
	}
	put_down(ex, node);
}

static void tell_change(struct executor *ex, size_t node, const struct changeset *set)
{
	struct buf patch = { 0 };
	struct event_file *file = xcalloc(set->n_changes, sizeof *file);
	for (size_t i = 0; i < set->n_changes; i++)
		event_file_of_change(&file[i], &set->change[i]);
	changeset_format_patch(&patch, set, CONTEXT_LINES);
	const struct step_job *job = ex->state[node].job;
	bool kept = ex->options.dry_run; /* for who applies it */
	struct event event = {
		.kind = EVENT_CHANGE_PROPOSED,
		.step = step_of(ex, node)->id,
		.attempt = ex->state[node].attempt,
		.files = { file, set->n_changes },
		.format = kept && job->replaces_from_model ? "whole" : NULL,
		.inputs = kept && job->inputs[0] ? job->inputs : NULL,
		.text = { .data = buf_str(&patch), .len = patch.len },
	};
	engine_tell(ex, &event);
	buf_release(&patch);
	free(file);
}

/* What makes two failures the same: what the checks say, whatever the answers were; else the answer that was refused. */
static void describe_failure(const struct step_job *job, const struct err *why, struct buf *out)
{
	buf_add_str(out, buf_str(&job->feedback));
	if (why->code == ERR_ANSWER)
		buf_add_str(out, buf_str(&job->answer));
}

/* True when the same was wrong before: A-A, or A-B-A. */
static bool fails_as_before(struct executor *ex, size_t node, const struct err *why)
{
	struct engine_node *state = &ex->state[node];
	struct buf failure = { 0 };
	describe_failure(state->job, why, &failure);
	bool before = strings_find(&state->failures, buf_str(&failure)) >= 0;
	strings_add(&state->failures, buf_str(&failure));
	buf_release(&failure);
	return before;
}

/* Another attempt with what is wrong with this one. */
bool flow_try_again(struct executor *ex, size_t node, const struct err *why)
{
	struct engine_node *state = &ex->state[node];
	const struct plan_step *step = step_of(ex, node);
	struct step_job *job = state->job;
	int64_t attempts = step->attempts ? step->attempts : PLAN_DEFAULT_ATTEMPTS;
	bool had_landed;
	if (!(step->prompt || job->instruction) || !job->feedback.len || state->attempt >= attempts || ex->limits.stopping)
		return false;
	bool is_repeated = fails_as_before(ex, node, why);
	bool has_next = is_repeated && why->code == ERR_ANSWER && dialogue_next_form(state->dialogue, &job->feedback);
	if (has_next) {
		engine_notice(ex, step->id, "answer", "the same fault as before: the answer is asked for in another form", NULL);
	} else if (is_repeated) {
		engine_notice(ex, step->id, "answer", "the same fault as before: no further attempt is made",
		              "say in the prompt what the model gets wrong");
		return false;
	}
	if (!take_back_own(ex, node, &had_landed))
		return false;
	state->note = vec_room(state->note, state->n_notes, &state->cap_notes, sizeof *state->note);
	state->note[state->n_notes++] =
		(struct attempt_note){ xstrdup(buf_str(&job->answer)), xstrdup(buf_str(&job->feedback)) };
	start_attempt(ex, node, why->msg);
	flow_begin_attempt(ex, node);
	return true;
}

/* ---- landing and checking ---- */

static void check_or_finish(struct executor *ex, size_t node)
{
	if (step_of(ex, node)->checks.n_items && !ex->options.dry_run)
		ex->state[node].stage = STAGE_TO_CHECK;
	else
		finish_step(ex, node);
}

/* Its checks see a change before the tree does. What a command has done is there already. */
enum stage flow_stage_when_accepted(struct executor *ex, size_t node)
{
	const struct plan_step *step = step_of(ex, node);
	bool tries = step->checks.n_items && !step_runs_command(step);
	ex->state[node].is_tried = false;
	return tries && (!ex->options.dry_run || preview_may_try(ex, node)) ? STAGE_TO_TRY : STAGE_TO_LAND;
}

static void start_trying(struct executor *ex, size_t node)
{
	ex->state[node].tried_at = ex->turn;
	ex->busy_in_tree = true;
	submit(ex, node, STAGE_TRYING);
}

void flow_copied(struct executor *ex)
{
	ex->busy_in_tree = false;
}

void flow_resume_checks(struct executor *ex, size_t node)
{
	struct engine_node *state = &ex->state[node];
	state->attempt = run_model_step(&ex->model, step_of(ex, node)->id)->attempt;
	state->started_ms = clock_mono_ms();
	flow_take_up(ex, node);
	check_or_finish(ex, node);
}

static void land(struct executor *ex, size_t node)
{
	struct err err = { 0 };
	struct engine_node *state = &ex->state[node];
	bool is_checked = state->is_tried && state->tried_at == ex->turn; /* nothing else has landed since */
	int rc = 0;
	if (ex->options.dry_run)
		rc = preview_keep(ex, node, &err);
	else if (state->job->set.n_changes)
		rc = land_apply(&ex->lander, step_of(ex, node)->id, state->attempt, &state->job->set, &err);
	if (rc == 0 && is_checked)
		finish_step(ex, node);
	else if (rc == 0)
		check_or_finish(ex, node);
	if (rc == 0)
		return;
	if (strings_find(&ex->model.open_intent, step_of(ex, node)->id) >= 0)
		ex->rollback_incomplete = true; /* even taking back failed: recovery will try again */
	if (ex->journal_failed)
		engine_fail(ex, &err);
	flow_fail(ex, node, &err);
}

static void start_checks(struct executor *ex, size_t node)
{
	struct err err = { 0 };
	struct engine_node *state = &ex->state[node];
	if (!state->job)
		state->job = job_new(ex, node);
	if (guard_before(ex, node, &err) != 0) {
		flow_fail(ex, node, &err);
		return;
	}
	ex->busy_in_tree = true;
	submit(ex, node, STAGE_CHECKING);
}

static void start_command(struct executor *ex, size_t node)
{
	struct err err = { 0 };
	struct engine_node *state = &ex->state[node];
	if (guard_before(ex, node, &err) != 0) {
		flow_fail(ex, node, &err);
		return;
	}
	enum approval approval = approve_before(ex, node);
	if (approval == APPROVAL_GIVEN) {
		ex->busy_in_tree = true;
		propose(ex, node);
		return;
	}
	guard_drop(ex, node);
	if (approval == APPROVAL_WAITS)
		state->stage = STAGE_ASKED_BEFORE;
}

static bool pump_stage(struct executor *ex, enum stage stage, void (*body)(struct executor *, size_t))
{
	for (size_t i = 0; i < ex->graph.n_nodes && ex->fatal.code == ERR_NONE && !ex->busy_in_tree; i++) {
		if (ex->state[i].stage != stage)
			continue;
		flow_take_up(ex, i);
		body(ex, i);
		put_down(ex, i);
		return true;
	}
	return false;
}

/* While a command runs, nothing lands and no other command starts, so that what it changes is known to be its own. */
void flow_pump(struct executor *ex)
{
	bool more = true;
	while (more && ex->fatal.code == ERR_NONE) {
		more = pump_stage(ex, STAGE_TO_LAND, land) || pump_stage(ex, STAGE_TO_TRY, start_trying) ||
		       pump_stage(ex, STAGE_TO_CHECK, start_checks);
		if (!more && !ex->nobody_answers)
			more = pump_stage(ex, STAGE_QUEUED, start_command);
	}
}

static void take_proposal(struct executor *ex, size_t node)
{
	struct err err = { 0 };
	struct engine_node *state = &ex->state[node];
	changeset_prune(&state->job->set);
	const struct plan_step *step = step_of(ex, node);
	bool is_empty = !state->job->set.n_changes;
	if (!is_empty || (ex->options.dry_run && state->job->inputs[0]))
		tell_change(ex, node, &state->job->set);
	/* Its checks are commands that nobody was asked about yet, unless its own command was. */
	if (is_empty && (ex->options.dry_run || !step->checks.n_items || step_runs_command(step))) {
		check_or_finish(ex, node);
		return;
	}
	if (guard_check_writes(step, &state->job->set, &err) != 0) {
		flow_fail(ex, node, &err);
		return;
	}
	enum approval approval = approve_change(ex, node);
	if (approval != APPROVAL_DENIED)
		state->stage = approval == APPROVAL_WAITS ? STAGE_ASKED : flow_stage_when_accepted(ex, node);
}

/* What a worker brings back. What its command changed belongs to the step, however it ended. */
static bool take_result(struct executor *ex, size_t node, bool ran_command, int rc, struct err *err)
{
	struct err adopt = { 0 };
	struct engine_node *state = &ex->state[node];
	ex->limit_reached = ex->limit_reached || state->job->limit_reached;
	if (ex->fatal.code != ERR_NONE) {
		state->stage = STAGE_OVER;
		return false;
	}
	if (ran_command && guard_after(ex, node, &adopt) != 0) {
		if (ex->journal_failed)
			engine_fail(ex, &adopt);
		if (rc == 0)
			*err = adopt;
		rc = -1;
	}
	if (state->stop.code != ERR_NONE) {
		*err = state->stop;
		flow_fail(ex, node, err);
		return false;
	}
	if (rc == 0)
		return true;
	if (!flow_try_again(ex, node, err))
		flow_fail(ex, node, err);
	return false;
}

void flow_proposed(struct executor *ex, size_t node, int rc, const struct err *why)
{
	struct err err = *why;
	flow_take_up(ex, node);
	if (take_result(ex, node, step_runs_command(step_of(ex, node)), rc, &err))
		take_proposal(ex, node);
	put_down(ex, node);
}

/* A tree that is too large for a copy: the checks come after landing, and what they refuse is taken back. */
static void tell_no_copy(struct executor *ex, size_t node, const struct err *why)
{
	engine_notice(ex, step_of(ex, node)->id, "limit", why->msg,
	              "the change is checked when it has landed, and taken back if it is refused");
}

void flow_tried(struct executor *ex, size_t node, int rc, const struct err *why)
{
	struct err err = *why;
	struct engine_node *state = &ex->state[node];
	bool no_copy = rc != 0 && (err.code == ERR_LIMIT || err.code == ERR_NO_SPACE);
	flow_take_up(ex, node);
	if (no_copy && !ex->options.dry_run)
		tell_no_copy(ex, node, &err);
	if (take_result(ex, node, false, no_copy && !ex->options.dry_run ? 0 : rc, &err)) {
		state->is_tried = !no_copy;
		state->stage = STAGE_TO_LAND;
	}
	put_down(ex, node);
}

void flow_checked(struct executor *ex, size_t node, int rc, const struct err *why)
{
	struct err err = *why;
	flow_take_up(ex, node);
	if (take_result(ex, node, true, rc, &err))
		finish_step(ex, node);
}
