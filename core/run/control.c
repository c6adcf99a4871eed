/* What a person may ask of a run: stop, pause, retry, skip, more workers. */
#include "run/engine.h"

/* Stopping: approvals that wait are declined by nobody; they stay open for a resume. */
void control_stop_all(struct executor *ex)
{
	ex->limits.stopping = true;
	for (size_t i = 0; i < ex->graph.n_nodes; i++)
		flow_stop(ex, i);
}

static void reopen(struct executor *ex, const char *id)
{
	if (ex->ended) {
		struct event resumed = { .kind = EVENT_RUN_RESUMED, .at = (int64_t)ex->model.seq };
		engine_tell(ex, &resumed);
	}
	struct event ready = { .kind = EVENT_STEP_READY, .step = id, .reason = "tried again" };
	engine_tell(ex, &ready);
	ex->limits.stopping = false;
}

static void retry_step(struct executor *ex, const char *id)
{
	int node = engine_node_of(ex, id);
	const struct model_step *step = id ? run_model_step(&ex->model, id) : NULL;
	if (node < 0 || !step)
		return;
	if (ex->state[node].stage == STAGE_PROPOSING) {
		llm_wake(ex->llm, &ex->state[node].job->cancel, true);
		return;
	}
	if (!step_state_is_final(step->state) || step->state == STEP_DONE)
		return;
	ex->state[node].stage = STAGE_IDLE;
	ex->state[node].attempt = 0;
	ex->state[node].stop_wanted = false;
	reopen(ex, id);
}

static void skip_step(struct executor *ex, const char *id)
{
	int node = engine_node_of(ex, id);
	const struct model_step *step = id ? run_model_step(&ex->model, id) : NULL;
	if (node < 0 || !step || (step->state != STEP_PENDING && step->state != STEP_READY)) {
		engine_notice(ex, id, "plan", "only a step that has not started can be skipped", NULL);
		return;
	}
	struct event event = { .kind = EVENT_STEP_SKIPPED, .step = id, .reason = "skipped by a person" };
	engine_tell(ex, &event);
	ex->state[node].stage = STAGE_OVER;
}

void control_command(struct executor *ex, const struct command *command)
{
	switch (command->kind) {
	case COMMAND_APPROVE:
	case COMMAND_REFUSE:
		flow_answer(ex, command, command->kind == COMMAND_APPROVE);
		break;
	case COMMAND_PAUSE:
	case COMMAND_UNPAUSE:
		ex->limits.paused = command->kind == COMMAND_PAUSE;
		break;
	case COMMAND_ONE_STEP:
		ex->limits.n_single = 1;
		break;
	case COMMAND_RETRY:
		retry_step(ex, command->step);
		break;
	case COMMAND_SKIP:
		skip_step(ex, command->step);
		break;
	case COMMAND_STOP_STEP: {
		int node = engine_node_of(ex, command->step);
		if (node >= 0)
			flow_stop(ex, (size_t)node);
		break;
	}
	case COMMAND_STOP:
		control_stop_all(ex);
		break;
	case COMMAND_UNDO:
	case COMMAND_REDO:
		rollback_command(ex, command);
		break;
	case COMMAND_WORKERS:
		if (command->number > 0 && command->number <= 64)
			ex->limits.n_workers = (size_t)command->number;
		break;
	case COMMAND_DETACH:
		ex->options.can_ask = false;
		break;
	default:
		engine_notice(ex, NULL, "plan", "only a replay can do that", NULL);
		break;
	}
}
