/*
 * What is to happen next: a pure function of the graph, the run's model and the limits. It touches nothing, so each
 * rule on order, skips, failures and limits is a table test. Nodes are the plan's steps in file order; steps that an
 * `each` made at run time are appended.
 */
#ifndef BELAY_RUN_SCHEDULE_H
#define BELAY_RUN_SCHEDULE_H

#include "event/run_model.h"
#include "plan/plan.h"

#include <stdbool.h>
#include <stddef.h>

struct graph_node {
	const struct plan_step *step; /* borrowed */
	size_t *need;  /* indices; must be final before this starts; owned */
	size_t n_needs;
	size_t *after; /* earlier steps whose writes may overlap: never at the same time; owned */
	size_t n_after;
	int made_by;   /* index of the `each` node that made this one, or -1 */
	bool is_step;  /* false for groups */
	bool is_each;  /* starts by making its members, and ends when they have: takes no worker */
	bool selected; /* by --from, --until, --only */
};

struct graph {
	struct graph_node *node;
	size_t n_nodes, cap_nodes;
};

struct schedule_limits {
	size_t n_workers;
	bool paused;
	size_t n_single; /* steps that may start although paused */
	bool previews;   /* a dry run: what a step proposed counts as changed */
	bool stopping;   /* a person, a signal or a limit stopped the run: nothing starts any more */
};

enum action_kind {
	ACTION_START,
	ACTION_SKIP,
	ACTION_READY, /* all that it needs is done, but a limit or another step holds it: said once */
	ACTION_CLOSE, /* of an `each`: its members have ended, or never will begin */
	ACTION_FINISH
};

struct action {
	enum action_kind kind;
	size_t node;
	char reason[160]; /* of a skip or of what holds it */
};

/* Fills at most max actions, in order; ACTION_FINISH comes alone. Returns their number; 0 means: wait. */
size_t schedule(const struct graph *graph, const struct run_model *model, const struct schedule_limits *limits,
                struct action *out, size_t max);

/*
 * The exit status of a run that has come to its end (see cli(1)): 0, 1, 3, 6, 7 or 75. `limit_reached`: the run's
 * tokens, money or time were spent.
 */
int schedule_exit(const struct graph *graph, const struct run_model *model, bool limit_reached);

/* True when a failure calls for taking the whole run back (`on_fail: rollback`). */
bool schedule_wants_rollback(const struct graph *graph, const struct run_model *model);

void graph_release(struct graph *graph);

#endif
