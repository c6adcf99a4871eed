/* What a person says of a step on its way: yes, no, in part, stop. */
#include "run/engine.h"

#include <string.h>

static int find_request(const struct executor *ex, const char *request)
{
	for (size_t i = 0; request && i < ex->graph.n_nodes; i++)
		if (ex->state[i].request[0] && strcmp(ex->state[i].request, request) == 0)
			return (int)i;
	return -1;
}

/* What a person says against a change is for the model's next attempt, if it has one. */
static bool refused_with_reason(struct executor *ex, size_t node, const char *reason)
{
	struct err why = { 0 };
	struct engine_node *state = &ex->state[node];
	if (state->stage != STAGE_ASKED || !reason || !*reason)
		return false;
	buf_clear(&state->job->feedback);
	buf_printf(&state->job->feedback, "A person has looked at the change and refused it: %s", reason);
	err_set(&why, ERR_ANSWER, "refused: %s", reason);
	return flow_try_again(ex, node, &why);
}

static int decide_or_complain(struct executor *ex, size_t node, const struct command *command)
{
	struct err err = { 0 };
	if (command->kind != COMMAND_DECIDE)
		return 0;
	if (ex->state[node].stage != STAGE_ASKED || !command->text)
		err_set(&err, ERR_USAGE, "only a proposed change can be accepted in part");
	else if (decide_change(ex, node, command, &err) == 0)
		return 0;
	engine_notice(ex, ex->graph.node[node].step->id, "plan", err.msg, "the question is still open");
	return -1;
}

void flow_answer(struct executor *ex, const struct command *command, bool yes)
{
	int node = find_request(ex, command->request);
	if (node < 0 || !ex->state[node].told) {
		engine_notice(ex, NULL, "plan", "nothing waits for that answer any more", NULL);
		return;
	}
	struct engine_node *state = &ex->state[node];
	flow_take_up(ex, (size_t)node);
	if (decide_or_complain(ex, (size_t)node, command) != 0)
		return;
	struct event event = {
		.kind = yes ? EVENT_APPROVAL_GIVEN : EVENT_APPROVAL_REFUSED,
		.step = ex->graph.node[node].step->id,
		.attempt = state->attempt,
		.request = state->request,
		.by = command->by ? command->by : "person",
		.shown_ms = command->shown_ms,
		.reason = command->kind == COMMAND_DECIDE ? NULL : command->text,
	};
	engine_tell(ex, &event);
	flow_forget_question(state);
	if (!yes && refused_with_reason(ex, (size_t)node, command->text))
		return;
	if (!yes) {
		flow_drop_job(state);
		state->stage = STAGE_OVER;
	} else if (state->stage == STAGE_ASKED) {
		state->stage = flow_stage_when_accepted(ex, (size_t)node);
	} else {
		state->approved = true;
		flow_begin_attempt(ex, (size_t)node);
	}
}

void flow_stop(struct executor *ex, size_t node, const struct err *why)
{
	struct engine_node *state = &ex->state[node];
	flow_take_up(ex, node);
	switch (state->stage) {
	case STAGE_PROPOSING:
	case STAGE_TRYING:
	case STAGE_CHECKING:
		if (state->stop.code == ERR_NONE)
			state->stop = *why;
		cancel_set(&state->job->cancel);
		llm_wake(ex->llm, &state->job->cancel, false);
		break;
	case STAGE_QUEUED:
	case STAGE_ASKED_BEFORE:
	case STAGE_ASKED:
	case STAGE_TO_TRY:
	case STAGE_TO_LAND:
	case STAGE_TO_CHECK:
		flow_fail(ex, node, why);
		break;
	case STAGE_IDLE:
	case STAGE_OVER:
		break;
	}
}
