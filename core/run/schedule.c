#include "run/schedule.h"

#include "base/xalloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a node means to those that need it. */
enum outcome {
	OUTCOME_OPEN,    /* may still come to something */
	OUTCOME_GOOD,    /* done, or left out without harm */
	OUTCOME_BAD      /* failed, declined, cancelled, or skipped because of such a one */
};

struct view {
	const struct graph *graph;
	const struct run_model *model;
	enum outcome *outcome; /* by node */
	bool stopped;          /* a failure stops the plan: nothing new but `when: failed` and `always` */
};

static enum step_state state_of(const struct view *view, size_t i)
{
	const struct model_step *step = run_model_step(view->model, view->graph->node[i].step->id);
	return step ? step->state : STEP_PENDING;
}

static bool is_waiting_to_start(enum step_state state)
{
	return state == STEP_PENDING || state == STEP_READY;
}

static bool is_bad_state(enum step_state state)
{
	return state == STEP_FAILED || state == STEP_DECLINED || state == STEP_CANCELLED;
}

static bool any_need(const struct view *view, const struct graph_node *node, enum outcome outcome)
{
	for (size_t i = 0; i < node->n_needs; i++)
		if (view->outcome[node->need[i]] == outcome)
			return true;
	return false;
}

/* Needs point backwards in file order once cycles are cut, except over groups that come later: a few rounds reach the
 * fixed point, since each round settles one more link of a chain that points forward. */
static void settle_outcomes(struct view *view)
{
	const struct graph *graph = view->graph;
	bool changed = true;
	while (changed) {
		changed = false;
		for (size_t i = 0; i < graph->n_nodes; i++) {
			const struct graph_node *node = &graph->node[i];
			enum step_state state = state_of(view, i);
			enum outcome outcome = OUTCOME_OPEN;
			if (!node->is_step || !node->selected || state == STEP_DONE || state == STEP_TAKEN_BACK)
				outcome = OUTCOME_GOOD;
			else if (is_bad_state(state))
				outcome = OUTCOME_BAD;
			else if (state == STEP_SKIPPED)
				outcome = node->step->when == WHEN_DEFAULT && any_need(view, node, OUTCOME_BAD) ? OUTCOME_BAD
				                                                                               : OUTCOME_GOOD;
			changed = changed || outcome != view->outcome[i];
			view->outcome[i] = outcome;
		}
	}
}

static void view_init(struct view *view, const struct graph *graph, const struct run_model *model)
{
	*view = (struct view){ .graph = graph, .model = model };
	view->outcome = xcalloc(graph->n_nodes, sizeof *view->outcome);
	settle_outcomes(view);
	for (size_t i = 0; i < graph->n_nodes; i++) {
		const struct graph_node *node = &graph->node[i];
		if (node->is_step && node->selected && is_bad_state(state_of(view, i)) &&
		    (node->step->on_fail == ON_FAIL_STOP || node->step->on_fail == ON_FAIL_ROLLBACK))
			view->stopped = true;
	}
}

static bool needs_changed_a_file(const struct view *view, const struct graph_node *node)
{
	for (size_t i = 0; i < node->n_needs; i++) {
		const struct plan_step *need = view->graph->node[node->need[i]].step;
		const struct model_step *step = run_model_step(view->model, need->id);
		if (step && step->landed)
			return true;
	}
	return false;
}

static const char *first_bad_need(const struct view *view, const struct graph_node *node)
{
	for (size_t i = 0; i < node->n_needs; i++)
		if (view->outcome[node->need[i]] == OUTCOME_BAD)
			return view->graph->node[node->need[i]].step->id;
	return "";
}

enum decision { DECIDE_WAIT, DECIDE_START, DECIDE_SKIP };

/* May the node start, as far as its needs say? */
static enum decision decide_needs(const struct view *view, const struct graph_node *node, char reason[160])
{
	bool open = any_need(view, node, OUTCOME_OPEN);
	bool bad = any_need(view, node, OUTCOME_BAD);
	bool for_failure = node->step->when == WHEN_ALWAYS || node->step->when == WHEN_FAILED;
	/* Once the plan has stopped, what was never started never will: those that clean up need not wait for it. */
	if (open && !(view->stopped && for_failure))
		return DECIDE_WAIT;
	switch (node->step->when) {
	case WHEN_ALWAYS:
		return DECIDE_START;
	case WHEN_FAILED:
		if (bad || view->stopped)
			return DECIDE_START;
		snprintf(reason, 160, "nothing that it needs failed");
		return DECIDE_SKIP;
	case WHEN_CHANGED:
		if (!bad && !needs_changed_a_file(view, node)) {
			snprintf(reason, 160, "nothing that it needs changed a file");
			return DECIDE_SKIP;
		}
		break;
	case WHEN_DEFAULT:
		break;
	}
	if (view->stopped)
		return DECIDE_WAIT;
	if (!bad)
		return DECIDE_START;
	snprintf(reason, 160, "it needs '%.100s', which was not done", first_bad_need(view, node));
	return DECIDE_SKIP;
}

static bool is_busy(enum step_state state)
{
	return state == STEP_RUNNING || state == STEP_WAITING || state == STEP_LANDED;
}

static bool blocked_by_overlap(const struct view *view, const struct graph_node *node)
{
	for (size_t i = 0; i < node->n_after; i++) {
		const struct graph_node *other = &view->graph->node[node->after[i]];
		enum step_state state = state_of(view, node->after[i]);
		if (!other->is_step || !other->selected)
			continue;
		if (is_busy(state) || (is_waiting_to_start(state) && !view->stopped))
			return true;
	}
	return false;
}

/* Commands run one at a time, so that what they change can be attributed. */
static bool runs_alone(const struct plan_step *step)
{
	return step->verb == VERB_RUN || step->verb == VERB_TEST || step->verb == VERB_VALIDATE;
}

size_t schedule(const struct graph *graph, const struct run_model *model, const struct schedule_limits *limits,
                struct action *out, size_t max)
{
	struct view view;
	view_init(&view, graph, model);
	size_t n = 0;
	size_t n_busy = 0;
	size_t n_running = 0;
	size_t n_single = limits->n_single;
	bool alone_is_running = false;
	bool held = false; /* something could start but for a limit */
	for (size_t i = 0; i < graph->n_nodes; i++) {
		enum step_state state = state_of(&view, i);
		if (!graph->node[i].is_step || !is_busy(state))
			continue;
		n_busy++;
		n_running += state != STEP_WAITING;
		alone_is_running = alone_is_running || (state == STEP_RUNNING && runs_alone(graph->node[i].step));
	}
	for (size_t i = 0; i < graph->n_nodes && n < max && !limits->stopping; i++) {
		const struct graph_node *node = &graph->node[i];
		if (!node->is_step || !node->selected || !is_waiting_to_start(state_of(&view, i)))
			continue;
		struct action action = { .node = i };
		enum decision decision = decide_needs(&view, node, action.reason);
		if (decision == DECIDE_WAIT || (decision == DECIDE_START && blocked_by_overlap(&view, node)))
			continue;
		action.kind = decision == DECIDE_SKIP ? ACTION_SKIP : ACTION_START;
		if (action.kind == ACTION_START) {
			bool alone = runs_alone(node->step);
			if (n_running >= limits->n_workers || (alone && alone_is_running) || (limits->paused && !n_single)) {
				held = true;
				continue;
			}
			n_running++;
			n_single -= limits->paused;
			alone_is_running = alone_is_running || alone;
		}
		out[n++] = action;
	}
	free(view.outcome);
	if (!n && !n_busy && !held && max)
		out[n++] = (struct action){ .kind = ACTION_FINISH };
	return n;
}

static int exit_of_failure(const struct model_step *step)
{
	const char *category = step->category ? step->category : "";
	if (step->state == STEP_DECLINED || step->state == STEP_CANCELLED)
		return 3;
	if (strcmp(category, "transport") == 0)
		return 75;
	if (strcmp(category, "limit") == 0)
		return 6;
	return 1;
}

int schedule_exit(const struct graph *graph, const struct run_model *model)
{
	int exit = 0;
	bool tolerated = true;
	bool all_else_done = true;
	struct view view;
	view_init(&view, graph, model);
	for (size_t i = 0; i < graph->n_nodes; i++) {
		const struct graph_node *node = &graph->node[i];
		const struct model_step *step = node->is_step ? run_model_step(model, node->step->id) : NULL;
		if (!step || !node->selected)
			continue;
		if (is_bad_state(step->state)) {
			int mine = exit_of_failure(step);
			exit = exit == 0 ? mine : exit == mine ? exit : exit == 3 || mine == 3 ? 3 : 1;
			tolerated = tolerated && step->state == STEP_FAILED && node->step->on_fail == ON_FAIL_SKIP_DEPENDANTS;
		} else if (step->state == STEP_WAITING) {
			exit = 7;
			tolerated = false;
		} else if (!step_state_is_final(step->state)) {
			all_else_done = false;
		}
	}
	free(view.outcome);
	if (exit && tolerated && all_else_done)
		return 0;
	return exit ? exit : all_else_done ? 0 : 3;
}

bool schedule_wants_rollback(const struct graph *graph, const struct run_model *model)
{
	for (size_t i = 0; i < graph->n_nodes; i++) {
		const struct graph_node *node = &graph->node[i];
		const struct model_step *step = node->is_step ? run_model_step(model, node->step->id) : NULL;
		if (step && node->step->on_fail == ON_FAIL_ROLLBACK && is_bad_state(step->state))
			return true;
	}
	return false;
}

void graph_release(struct graph *graph)
{
	for (size_t i = 0; i < graph->n_nodes; i++) {
		free(graph->node[i].need);
		free(graph->node[i].after);
	}
	free(graph->node);
	*graph = (struct graph){ 0 };
}
