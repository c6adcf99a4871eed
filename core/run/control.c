/* What a person may ask of a run: stop, pause, retry, skip, more workers. */
#include "run/engine.h"

#include <stdio.h>

void control_stop_all(struct executor *ex, const struct err *why)
{
	ex->limits.stopping = true;
	for (size_t i = 0; i < ex->graph.n_nodes; i++)
		flow_stop(ex, i, why);
}

static void stop(struct executor *ex, const char *step)
{
	struct err why = { 0 };
	int node = engine_node_of(ex, step);
	err_set(&why, ERR_CANCELLED, "stopped by a person");
	if (!step)
		control_stop_all(ex, &why);
	else if (node >= 0)
		flow_stop(ex, (size_t)node, &why);
}

/* After an end, a new beginning: what stopped the run then does not stop it now. */
static void reopen(struct executor *ex, int node)
{
	const char *id = ex->graph.node[node].step->id;
	if (ex->ended) {
		struct event resumed = { .kind = EVENT_RUN_RESUMED, .at = (int64_t)ex->model.seq };
		engine_tell(ex, &resumed);
	}
	ex->state[node].stage = STAGE_IDLE;
	ex->state[node].approved = false;
	ex->limits.stopping = false;
	ex->limit_reached = false;
	ex->rolled_back = false;
	struct event ready = { .kind = EVENT_STEP_READY, .step = id, .reason = "tried again" };
	engine_tell(ex, &ready);
}

/* Now, when it waits for its next try; again, when it is over and not done. */
static void retry_step(struct executor *ex, const char *id)
{
	int node = engine_node_of(ex, id);
	const struct model_step *step = id ? run_model_step(&ex->model, id) : NULL;
	if (node < 0 || !step)
		engine_notice(ex, NULL, "plan", "there is no such step to retry", NULL);
	else if (ex->state[node].stage == STAGE_PROPOSING)
		llm_wake(ex->llm, &ex->state[node].job->cancel, true);
	else if (!step_state_is_final(step->state) || step->state == STEP_DONE)
		engine_notice(ex, id, "plan", "only a step that failed or was left out can be tried again", NULL);
	else
		reopen(ex, node);
}

static void skip_step(struct executor *ex, const char *id)
{
	int node = engine_node_of(ex, id);
	const struct model_step *step = id ? run_model_step(&ex->model, id) : NULL;
	if (node < 0 || !step || (step->state != STEP_PENDING && step->state != STEP_READY)) {
		engine_notice(ex, step ? id : NULL, "plan", "only a step that has not started can be skipped", NULL);
		return;
	}
	struct event event = { .kind = EVENT_STEP_SKIPPED, .step = id, .reason = "skipped by a person" };
	engine_tell(ex, &event);
	ex->state[node].stage = STAGE_OVER;
}

void control_note(struct executor *ex, const struct event *event)
{
	int node = event->kind == EVENT_MESSAGE_GIVEN ? engine_node_of(ex, event->step) : -1;
	if (node >= 0)
		strings_add(&ex->state[node].messages, event->message ? event->message : "");
}

/* A step that a worker has goes on with the prompt that was sent; the next attempt has the message. */
static void take_message(struct executor *ex, const struct command *command)
{
	int node = engine_node_of(ex, command->step);
	const struct plan_step *step = node >= 0 ? ex->graph.node[node].step : NULL;
	if (!step || !step->prompt || !command->text || !*command->text) {
		engine_notice(ex, step ? step->id : NULL, "plan", "the step asks no model: there is nobody to read a message", NULL);
		return;
	}
	struct event event = { .kind = EVENT_MESSAGE_GIVEN, .step = step->id, .attempt = ex->state[node].attempt,
		               .by = command->by ? command->by : "person", .message = command->text };
	engine_tell(ex, &event);
	control_note(ex, &event);
}

static void set_breakpoint(struct executor *ex, const struct command *command)
{
	int node = engine_node_of(ex, command->step);
	if (node >= 0)
		ex->state[node].breakpoint = command->number != 0;
}

bool control_breaks(struct executor *ex, size_t node)
{
	if (!ex->state[node].breakpoint)
		return ex->limits.paused && !ex->limits.n_single; /* one before it in the same round has paused the run */
	ex->state[node].breakpoint = false;
	ex->limits.paused = true;
	ex->limits.n_single = 0;
	engine_notice(ex, ex->graph.node[node].step->id, "breakpoint", "paused before this step",
	              "p goes on, . starts it alone");
	return true;
}

void control_command(struct executor *ex, const struct command *command)
{
	switch (command->kind) {
	case COMMAND_APPROVE:
	case COMMAND_DECIDE:
	case COMMAND_REFUSE:
		flow_answer(ex, command, command->kind != COMMAND_REFUSE);
		break;
	case COMMAND_PAUSE:
	case COMMAND_UNPAUSE:
		ex->limits.paused = command->kind == COMMAND_PAUSE;
		ex->limits.n_single = 0;
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
	case COMMAND_STOP_STEP:
		if (command->step)
			stop(ex, command->step);
		break;
	case COMMAND_STOP:
		stop(ex, NULL);
		break;
	case COMMAND_UNDO:
	case COMMAND_REDO:
		rollback_command(ex, command);
		break;
	case COMMAND_GROW:
		grow_command(ex, command);
		break;
	case COMMAND_SAVE:
		grow_save(ex, command);
		break;
	case COMMAND_MESSAGE:
		take_message(ex, command);
		break;
	case COMMAND_BREAK:
		set_breakpoint(ex, command);
		break;
	case COMMAND_WORKERS:
		if (command->number > 0 && command->number <= 64)
			ex->limits.n_workers = (size_t)command->number;
		break;
	case COMMAND_DETACH:
		ex->closing = true;
		approve_nobody(ex);
		break;
	default:
		engine_notice(ex, NULL, "plan", "only a replay can do that", NULL);
		break;
	}
}
