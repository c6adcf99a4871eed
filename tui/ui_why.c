/* Why an action cannot be done now, in a few words. */
#include "tui/ui_impl.h"

static const char *why_not_for_step(const struct ui *ui, enum action action)
{
	const struct model_step *step = view_step(&ui->view);
	bool waits = step && step->state == STEP_RUNNING && (step->retry_at_ms || *step->phase);
	if (!step)
		return "no step is selected";
	switch (action) {
	case ACTION_RETRY:
		return waits || (step_state_is_final(step->state) && step->state != STEP_DONE) ? NULL : "nothing to retry";
	case ACTION_SKIP: return step->state == STEP_PENDING || step->state == STEP_READY ? NULL : "the step has begun";
	default:
		return step->state == STEP_RUNNING || step->state == STEP_LANDED || step->state == STEP_WAITING
			? NULL
			: "the step does not run";
	}
}

static bool has_landed(const struct ui *ui)
{
	for (size_t i = 0; i < ui->model.n_steps; i++)
		if (ui->model.step[i]->landed)
			return true;
	return false;
}

const char *ui_why_not(const void *arg, enum action action)
{
	const struct ui *ui = arg;
	bool over = ui->model.finished || ui->feed_ended;
	if (ui->view.replay)
		return NULL; /* what changes a run is not offered there */
	switch (action) {
	case ACTION_APPROVALS: return ui->model.n_approvals ? NULL : "none is waiting";
	case ACTION_PAUSE: return over ? "the run has ended" : NULL;
	case ACTION_ONE_STEP: return ui->view.paused ? NULL : "only while paused";
	case ACTION_RETRY:
	case ACTION_SKIP:
	case ACTION_STOP_STEP: return why_not_for_step(ui, action);
	case ACTION_UNDO: return has_landed(ui) ? NULL : "nothing is in the tree";
	case ACTION_MESSAGE: return over ? "the run has ended" : NULL;
	case ACTION_REDO: return ui->model.undone.n_items ? NULL : "nothing was rolled back";
	case ACTION_MORE_WORKERS:
	case ACTION_FEWER_WORKERS: return ui->view.n_workers < 1 ? "-j sets them" : NULL;
	case ACTION_FIND_NEXT:
	case ACTION_FIND_PREVIOUS: return ui->find.len ? NULL : "/ finds first";
	default: return NULL;
	}
}
