/* A step's way in the fold: attempts, approvals, checks, and its end. */
#include "event/fold.h"

#include "base/vec.h"
#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

#define OUTPUT_MAX (1024 * 1024)
#define OUTPUT_SLACK (256 * 1024) /* dropped in one go, so that a long output is not moved for each event */

static void fold_step_started(struct run_model *model, struct model_step *step, const struct event *event)
{
	fold_end_approval(model, step);
	step->attempt = event->attempt;
	step->started_ms = event->at_ms;
	step->ended_ms = 0;
	step->retry_at_ms = 0;
	step->taken_back = false;
	fold_set_str(&step->phase, "");
	fold_set_str(&step->reason, event->reason);
	fold_set_str(&step->category, "");
	fold_set_str(&step->message, "");
	fold_set_str(&step->hint, "");
	buf_clear(&step->output);
	step->output_dropped = 0;
	buf_clear(&step->answer);
	fold_clear_reads(step);
	fold_clear_checks(step);
	if (!step->landed) {
		fold_clear_files(step);
		fold_clear_patch(step);
	}
	fold_set_state(model, step, STEP_RUNNING);
}

/* A step that had begun and then will not run was cancelled; one that a person declined stays so. */
static void fold_step_skipped(struct run_model *model, struct model_step *step, const struct event *event)
{
	fold_end_approval(model, step);
	fold_set_str(&step->reason, event->reason);
	fold_set_str(&step->phase, "");
	fold_join_list(&step->not_covered, &event->not_covered);
	if (step->state == STEP_DECLINED)
		return;
	bool begun = step->state == STEP_RUNNING || step->state == STEP_WAITING || step->state == STEP_LANDED ||
	             step->state == STEP_TAKEN_BACK; /* its changes, before the stop was told */
	fold_set_state(model, step, begun ? STEP_CANCELLED : STEP_SKIPPED);
	if (begun)
		step->ended_ms = event->at_ms;
}

static void fold_file_read(struct model_step *step, const struct event *event)
{
	const char *path = event->path ? event->path : "";
	step->n_reads += 1 + event->left_out;
	if (!map_has(&step->read_hash, path))
		strings_add(&step->reads, path);
	free(map_get(&step->read_hash, path));
	map_put(&step->read_hash, path, xstrdup(event->hash ? event->hash : ""));
}

static void fold_phase_changed(struct model_step *step, const struct event *event)
{
	fold_set_str(&step->phase, event->phase);
	step->phase_ms = event->at_ms;
	step->phase_limit_ms = event->limit_ms;
	step->phase_try = event->try_no;
	step->phase_tries = event->tries;
	step->retry_at_ms = 0;
}

static void fold_output(struct model_step *step, const struct event *event)
{
	const struct event_text *text = &event->text;
	const char *stream = event->stream ? event->stream : "";
	if (strcmp(stream, "reasoning") == 0)
		return;
	if (!text->data) {
		step->output_dropped += text->len;
		return;
	}
	if (strcmp(stream, "model") == 0)
		(void)buf_add(&step->answer, text->data, text->len);
	(void)buf_add(&step->output, text->data, text->len);
	if (step->output.len > OUTPUT_MAX + OUTPUT_SLACK) {
		size_t drop = step->output.len - OUTPUT_MAX;
		buf_consume(&step->output, drop);
		step->output_dropped += drop;
	}
}

static void fold_change_proposed(struct model_step *step, const struct event *event)
{
	fold_set_files(step, &event->files);
	fold_clear_patch(step);
	if (event->text.blob)
		step->patch_blob = xstrdup(event->text.blob);
	else if (event->text.data)
		(void)buf_add(&step->patch, event->text.data, event->text.len);
}

static void fold_approval_asked(struct run_model *model, struct model_step *step, const struct event *event)
{
	fold_end_approval(model, step);
	fold_clear_approval(&step->approval);
	struct model_approval *approval = &step->approval;
	fold_set_str(&approval->request, event->request);
	fold_set_str(&approval->risk, event->risk);
	fold_set_str(&approval->what, event->what);
	fold_set_str(&approval->why, event->why);
	fold_set_str(&approval->word, event->word);
	fold_set_str(&approval->cwd, event->cwd);
	fold_set_list(&approval->env, &event->env);
	fold_set_list(&approval->reach, &event->reach);
	fold_set_list(&approval->covered, &event->covered);
	fold_set_list(&approval->not_covered, &event->not_covered);
	approval->asked_ms = event->at_ms;
	if (*approval->request)
		model->n_approvals++;
	fold_set_state(model, step, STEP_WAITING);
}

static void fold_approval_answered(struct run_model *model, struct model_step *step, const struct event *event)
{
	fold_end_approval(model, step);
	if (event->kind == EVENT_APPROVAL_REFUSED) {
		fold_set_str(&step->reason, event->reason);
		step->ended_ms = event->at_ms;
		fold_set_state(model, step, STEP_DECLINED);
	} else if (step->state == STEP_WAITING) {
		fold_set_state(model, step, step->landed ? STEP_LANDED : STEP_RUNNING);
	}
}

static struct model_check *find_check(struct model_step *step, const char *name)
{
	for (size_t i = 0; i < step->n_checks; i++)
		if (strcmp(step->check[i].name, name) == 0)
			return &step->check[i];
	step->check = vec_room(step->check, step->n_checks, &step->cap_checks, sizeof *step->check);
	step->check[step->n_checks] = (struct model_check){ .name = xstrdup(name) };
	return &step->check[step->n_checks++];
}

static void fold_check(struct model_step *step, const struct event *event)
{
	struct model_check *check = find_check(step, event->check ? event->check : "");
	diags_release(&check->diags);
	check->diags = (struct diags){ 0 };
	check->finished = event->kind == EVENT_CHECK_FINISHED;
	check->cached = event->cached;
	check->exit_code = event->exit_code;
	check->ms = event->ms;
	for (size_t i = 0; i < event->diagnostics.n_diags; i++) {
		const struct diag *diag = &event->diagnostics.diag[i];
		diags_add(&check->diags, diag->severity, diag->file, diag->line, diag->column, "%s",
		          diag->message ? diag->message : "");
		check->diags.diag[i].code = xstrdup(diag->code);
	}
}

static void end_step(struct run_model *model, struct model_step *step, const struct event *event)
{
	fold_end_approval(model, step);
	step->ended_ms = event->at_ms;
	step->retry_at_ms = 0;
	fold_set_str(&step->phase, "");
	fold_join_list(&step->not_covered, &event->not_covered);
}

static void fold_step_failed(struct run_model *model, struct model_step *step, const struct event *event)
{
	bool cancelled = event->category && strcmp(event->category, "cancelled") == 0;
	end_step(model, step, event);
	fold_set_str(&step->category, event->category);
	fold_set_str(&step->message, event->message);
	fold_set_str(&step->hint, event->hint);
	if (event->landed_back) {
		step->taken_back = step->taken_back || step->landed;
		step->landed = false;
	}
	if (step->state != STEP_DECLINED)
		fold_set_state(model, step, cancelled ? STEP_CANCELLED : STEP_FAILED);
	fold_note(model, event, event->category, xstrdup(event->message ? event->message : "the step failed"));
}

static void fold_retry(struct run_model *model, struct model_step *step, const struct event *event)
{
	step->retry_at_ms = event->at_ms + event->delay_ms;
	step->phase_try = event->try_no;
	step->phase_tries = event->tries;
	fold_set_str(&step->reason, event->reason);
	model->n_retries++;
}

void fold_for_step(struct run_model *model, struct model_step *step, const struct event *event)
{
	switch (event->kind) {
	case EVENT_STEP_READY:
		fold_set_state(model, step, STEP_READY);
		fold_set_str(&step->reason, event->reason);
		break;
	case EVENT_STEP_STARTED: fold_step_started(model, step, event); break;
	case EVENT_STEP_SKIPPED: fold_step_skipped(model, step, event); break;
	case EVENT_FILE_READ: fold_file_read(step, event); break;
	case EVENT_PROMPT_SENT:
		fold_set_str(&step->provider, event->provider);
		fold_set_str(&step->model, event->model);
		fold_set_str(&step->origin, event->origin);
		break;
	case EVENT_PHASE_CHANGED: fold_phase_changed(step, event); break;
	case EVENT_OUTPUT: fold_output(step, event); break;
	case EVENT_RETRY_SCHEDULED: fold_retry(model, step, event); break;
	case EVENT_CHANGE_PROPOSED: fold_change_proposed(step, event); break;
	case EVENT_CHANGE_DECIDED:
		if (event->files.n_files)
			fold_change_proposed(step, event);
		break;
	case EVENT_APPROVAL_ASKED: fold_approval_asked(model, step, event); break;
	case EVENT_APPROVAL_GIVEN:
	case EVENT_APPROVAL_REFUSED: fold_approval_answered(model, step, event); break;
	case EVENT_CHECK_STARTED:
	case EVENT_CHECK_FINISHED: fold_check(step, event); break;
	case EVENT_STEP_FAILED: fold_step_failed(model, step, event); break;
	case EVENT_STEP_DONE:
		end_step(model, step, event);
		fold_set_state(model, step, STEP_DONE);
		break;
	default: break;
	}
}
