#include "run/schedule.h"

#include "base/xalloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a node means to those that need it. */
enum outcome {
	OUTCOME_OPEN, /* may still come to something */
	OUTCOME_GOOD, /* done, or left out without harm */
	OUTCOME_GONE, /* done once, and taken back since */
	OUTCOME_BAD   /* failed, declined, cancelled, or skipped because of such a one */
};

struct node_view {
	const struct model_step *step; /* NULL before it was declared, and for groups */
	enum step_state state;
	enum outcome outcome;
	size_t walk; /* the last walk that came by */
};

struct view {
	const struct graph *graph;
	struct node_view *node;
	size_t *stack; /* of a walk */
	size_t n_walks;
	bool stopped; /* a failure stops the plan: nothing new but `when: failed` and `always` */
	bool any_bad;
	bool previews;
};

static bool is_waiting_to_start(enum step_state state)
{
	return state == STEP_PENDING || state == STEP_READY;
}

static bool is_bad_state(enum step_state state)
{
	return state == STEP_FAILED || state == STEP_DECLINED || state == STEP_CANCELLED;
}

static bool is_busy(enum step_state state)
{
	return state == STEP_RUNNING || state == STEP_WAITING || state == STEP_LANDED;
}

static bool is_for_failure(const struct graph_node *node)
{
	return node->step->when == WHEN_ALWAYS || node->step->when == WHEN_FAILED;
}

/* Once the plan has stopped, what has not begun never will, but for the steps that clean up. */
static bool never_starts(const struct view *view, size_t i)
{
	return view->stopped && is_waiting_to_start(view->node[i].state) && !is_for_failure(&view->graph->node[i]);
}

static bool any_need(const struct view *view, const struct graph_node *node, enum outcome outcome)
{
	for (size_t i = 0; i < node->n_needs; i++)
		if (view->node[node->need[i]].outcome == outcome)
			return true;
	return false;
}

static enum outcome outcome_of(const struct view *view, size_t i)
{
	const struct graph_node *node = &view->graph->node[i];
	enum step_state state = view->node[i].state;
	if (!node->is_step || !node->selected || state == STEP_DONE)
		return OUTCOME_GOOD;
	if (state == STEP_TAKEN_BACK)
		return OUTCOME_GONE;
	if (is_bad_state(state))
		return OUTCOME_BAD;
	if (state != STEP_SKIPPED)
		return OUTCOME_OPEN;
	if (is_for_failure(node))
		return OUTCOME_GOOD;
	return any_need(view, node, OUTCOME_BAD) ? OUTCOME_BAD : any_need(view, node, OUTCOME_GONE) ? OUTCOME_GONE
	                                                                                          : OUTCOME_GOOD;
}

/* Needs mostly point backwards in file order, so one round settles nearly all, and another proves it. */
static void settle_outcomes(struct view *view)
{
	bool changed = true;
	while (changed) {
		changed = false;
		for (size_t i = 0; i < view->graph->n_nodes; i++) {
			enum outcome outcome = outcome_of(view, i);
			changed = changed || outcome != view->node[i].outcome;
			view->node[i].outcome = outcome;
		}
	}
}

static void view_init(struct view *view, const struct graph *graph, const struct run_model *model)
{
	*view = (struct view){ .graph = graph };
	view->node = xcalloc(graph->n_nodes, sizeof *view->node);
	view->stack = xcalloc(graph->n_nodes + 1, sizeof *view->stack);
	for (size_t i = 0; i < graph->n_nodes; i++) {
		const struct graph_node *node = &graph->node[i];
		if (!node->is_step)
			continue;
		const struct model_step *step = run_model_step(model, node->step->id);
		view->node[i].step = step;
		view->node[i].state = step ? step->state : STEP_PENDING;
		if (!node->selected || !is_bad_state(view->node[i].state))
			continue;
		view->any_bad = true;
		if (node->step->on_fail == ON_FAIL_STOP || node->step->on_fail == ON_FAIL_ROLLBACK)
			view->stopped = true;
	}
	settle_outcomes(view);
}

static void view_release(struct view *view)
{
	free(view->node);
	free(view->stack);
}

static bool has_changed(const struct view *view, size_t i)
{
	const struct model_step *step = view->node[i].step;
	return step && (step->landed || (view->previews && step->state == STEP_DONE && step->n_files));
}

static bool changed_a_file(const struct view *view, size_t i)
{
	if (has_changed(view, i))
		return true;
	for (size_t k = 0; view->graph->node[i].is_each && k < view->graph->n_nodes; k++)
		if (view->graph->node[k].made_by == (int)i && has_changed(view, k))
			return true;
	return false;
}

static bool needs_changed_a_file(const struct view *view, const struct graph_node *node)
{
	for (size_t i = 0; i < node->n_needs; i++)
		if (changed_a_file(view, node->need[i]))
			return true;
	return false;
}

static const char *first_need(const struct view *view, const struct graph_node *node, enum outcome outcome)
{
	for (size_t i = 0; i < node->n_needs; i++)
		if (view->node[node->need[i]].outcome == outcome)
			return view->graph->node[node->need[i]].step->id;
	return "";
}

enum decision { DECIDE_WAIT, DECIDE_START, DECIDE_SKIP };

static enum decision skip(char reason[160], const char *text)
{
	snprintf(reason, 160, "%s", text);
	return DECIDE_SKIP;
}

/* Steps that need nothing and wait for a failure look at the whole plan. */
static enum decision decide_lone_failed(const struct view *view, char reason[160])
{
	if (view->any_bad)
		return DECIDE_START;
	for (size_t i = 0; i < view->graph->n_nodes; i++) {
		const struct graph_node *node = &view->graph->node[i];
		if (node->is_step && node->selected && node->step->when != WHEN_FAILED &&
		    view->node[i].outcome == OUTCOME_OPEN)
			return DECIDE_WAIT;
	}
	return skip(reason, "nothing failed");
}

/* For `always` and `failed`: what it needs must have ended, or have no chance to begin. */
static enum decision decide_for_failure(const struct view *view, const struct graph_node *node, char reason[160])
{
	bool hopeless = false;
	if (node->step->when == WHEN_FAILED && !node->n_needs)
		return decide_lone_failed(view, reason);
	for (size_t i = 0; i < node->n_needs; i++) {
		if (view->node[node->need[i]].outcome != OUTCOME_OPEN)
			continue;
		if (!never_starts(view, node->need[i]))
			return DECIDE_WAIT;
		hopeless = true;
	}
	if (node->step->when == WHEN_ALWAYS || hopeless || any_need(view, node, OUTCOME_BAD))
		return DECIDE_START;
	return skip(reason, "nothing that it needs failed");
}

/* May the node start, as far as its needs say? */
static enum decision decide_needs(const struct view *view, const struct graph_node *node, char reason[160])
{
	if (is_for_failure(node))
		return decide_for_failure(view, node, reason);
	if (view->stopped || any_need(view, node, OUTCOME_OPEN))
		return DECIDE_WAIT;
	if (any_need(view, node, OUTCOME_BAD)) {
		snprintf(reason, 160, "it needs '%.100s', which was not done", first_need(view, node, OUTCOME_BAD));
		return DECIDE_SKIP;
	}
	if (any_need(view, node, OUTCOME_GONE)) {
		snprintf(reason, 160, "it needs '%.100s', which was taken back", first_need(view, node, OUTCOME_GONE));
		return DECIDE_SKIP;
	}
	if (node->step->when == WHEN_CHANGED && !needs_changed_a_file(view, node))
		return skip(reason, "nothing that it needs changed a file");
	return DECIDE_START;
}

static bool may_still_write(const struct view *view, size_t i)
{
	enum step_state state = view->node[i].state;
	return view->graph->node[i].selected &&
	       (is_busy(state) || (is_waiting_to_start(state) && !never_starts(view, i)));
}

/*
 * The earlier step that it must let pass because both may write the same file; -1 when there is none. Steps that are
 * over are looked through: what they came after may still run (dag.h).
 */
static int overlap_blocker(struct view *view, size_t start)
{
	size_t n = 0;
	int found = -1;
	view->n_walks++;
	view->stack[n++] = start;
	while (n && found < 0) {
		const struct graph_node *node = &view->graph->node[view->stack[--n]];
		for (size_t i = 0; i < node->n_after && found < 0; i++) {
			size_t k = node->after[i];
			if (view->node[k].walk == view->n_walks || view->graph->node[start].made_by == (int)k)
				continue;
			view->node[k].walk = view->n_walks;
			view->stack[n++] = k;
			if (may_still_write(view, k))
				found = (int)k;
		}
	}
	return found;
}

/* Commands run one at a time, so that what they change can be attributed. */
static bool runs_alone(const struct plan_step *step)
{
	return step->verb == VERB_RUN || step->verb == VERB_TEST || step->verb == VERB_VALIDATE;
}

/* What runs now. */
struct load {
	size_t n_busy;    /* approvals that wait count, too */
	size_t n_running; /* these hold a worker */
	size_t n_single;
	bool alone;       /* a command runs */
	bool held;        /* something could start but for a limit or for another step */
	int first_overlap; /* the first that only an earlier step that has not begun holds; -1: none */
};

static void count_load(const struct view *view, struct load *load)
{
	for (size_t i = 0; i < view->graph->n_nodes; i++) {
		const struct graph_node *node = &view->graph->node[i];
		enum step_state state = view->node[i].state;
		if (!node->is_step || !is_busy(state))
			continue;
		load->n_busy++;
		if (node->is_each)
			continue;
		load->n_running += state != STEP_WAITING;
		load->alone = load->alone || (state == STEP_RUNNING && runs_alone(node->step));
	}
}

/* An `each` ends with its members. */
static bool can_close(const struct view *view, const struct schedule_limits *limits, size_t i)
{
	if (!view->graph->node[i].is_each || view->node[i].state != STEP_RUNNING)
		return false;
	for (size_t k = 0; k < view->graph->n_nodes; k++) {
		if (view->graph->node[k].made_by != (int)i)
			continue;
		if (is_busy(view->node[k].state))
			return false;
		if (is_waiting_to_start(view->node[k].state) && !limits->stopping && !never_starts(view, k))
			return false;
	}
	return true;
}

/* Why a step whose needs are met does not start now; NULL when it may. */
static const char *held_by(const struct graph_node *node, const struct schedule_limits *limits, const struct load *load)
{
	if (limits->paused && !load->n_single)
		return "paused";
	if (!node->is_each && load->n_running >= limits->n_workers)
		return "no worker is free";
	return load->alone && runs_alone(node->step) ? "another command runs" : NULL;
}

/* Decides on one node that waits to start. True when there is something to do for it now. */
static bool decide(struct view *view, const struct schedule_limits *limits, struct load *load, size_t i,
                   struct action *action)
{
	const struct graph_node *node = &view->graph->node[i];
	*action = (struct action){ .kind = ACTION_SKIP, .node = i };
	enum decision decision = decide_needs(view, node, action->reason);
	if (decision != DECIDE_START)
		return decision == DECIDE_SKIP;
	int other = overlap_blocker(view, i);
	const char *holder = other >= 0 ? view->graph->node[other].step->id : held_by(node, limits, load);
	action->kind = holder ? ACTION_READY : ACTION_START;
	if (holder) {
		load->held = true;
		if (other >= 0 && load->first_overlap < 0)
			load->first_overlap = (int)i;
		snprintf(action->reason, sizeof action->reason, other < 0 ? "%.100s" : "waits for '%.100s'", holder);
		return view->node[i].state == STEP_PENDING;
	}
	load->n_single -= limits->paused;
	load->n_running += !node->is_each;
	load->alone = load->alone || runs_alone(node->step);
	return true;
}

size_t schedule(const struct graph *graph, const struct run_model *model, const struct schedule_limits *limits,
                struct action *out, size_t max)
{
	struct view view;
	struct load load = { .n_single = limits->n_single, .first_overlap = -1 };
	size_t n = 0;
	view_init(&view, graph, model);
	view.previews = limits->previews;
	count_load(&view, &load);
	for (size_t i = 0; i < graph->n_nodes && n < max; i++) {
		const struct graph_node *node = &graph->node[i];
		if (!node->is_step || !node->selected)
			continue;
		if (can_close(&view, limits, i))
			out[n++] = (struct action){ .kind = ACTION_CLOSE, .node = i };
		else if (!limits->stopping && is_waiting_to_start(view.node[i].state) &&
		         decide(&view, limits, &load, i, &out[n]))
			n++;
	}
	view_release(&view);
	if (n || load.n_busy || !max)
		return n;
	if (!load.held)
		out[n++] = (struct action){ .kind = ACTION_FINISH };
	else if (!limits->paused && load.first_overlap >= 0)
		/* Needs against file order: with nothing else running there is no overlap, and somebody must go first. */
		out[n++] = (struct action){ .kind = ACTION_START, .node = (size_t)load.first_overlap };
	return n;
}

static int exit_of_failure(const struct model_step *step, bool limit_reached)
{
	const char *category = step->category ? step->category : "";
	if (step->state == STEP_DECLINED || step->state == STEP_CANCELLED)
		return 3;
	if (strcmp(category, "transport") == 0)
		return 75;
	return limit_reached && strcmp(category, "limit") == 0 ? 6 : 1;
}

/* Of two failures the one that says more about what to do: a person's no, a limit, else a plain failure. */
static int worse_exit(int a, int b)
{
	if (a == 0 || a == b)
		return b;
	return a == 3 || b == 3 ? 3 : a == 6 || b == 6 ? 6 : 1;
}

int schedule_exit(const struct graph *graph, const struct run_model *model, bool limit_reached)
{
	int exit = 0;
	bool tolerated = true;
	bool waits = false;
	bool all_else_done = true;
	for (size_t i = 0; i < graph->n_nodes; i++) {
		const struct graph_node *node = &graph->node[i];
		const struct model_step *step = node->is_step ? run_model_step(model, node->step->id) : NULL;
		if (!step || !node->selected)
			continue;
		if (is_bad_state(step->state)) {
			exit = worse_exit(exit, exit_of_failure(step, limit_reached));
			tolerated = tolerated && step->state == STEP_FAILED && node->step->on_fail == ON_FAIL_SKIP_DEPENDANTS;
		} else if (step->state == STEP_WAITING) {
			waits = true;
		} else if (!step_state_is_final(step->state)) {
			all_else_done = false;
		}
	}
	if (waits)
		return 7;
	if (exit)
		return tolerated && all_else_done ? 0 : exit;
	return all_else_done ? 0 : limit_reached ? 6 : 3;
}

bool schedule_wants_rollback(const struct graph *graph, const struct run_model *model)
{
	for (size_t i = 0; i < graph->n_nodes; i++) {
		const struct graph_node *node = &graph->node[i];
		const struct model_step *step = node->is_step && node->selected ? run_model_step(model, node->step->id) : NULL;
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
