/*
 * The graph of a plan: who waits for whom, in which order, and what keeps two steps from running together.
 * Immutable once made. Indices are those of plan->step; groups are not nodes.
 */
#ifndef BELAY_PLAN_DAG_H
#define BELAY_PLAN_DAG_H

#include "base/attr.h"
#include "base/err.h"
#include "plan/plan.h"

#include <stdbool.h>
#include <stddef.h>

struct dag_node {
	bool is_step;       /* false for groups: no node */
	size_t *need;       /* must be final before this starts */
	size_t n_needs, cap_needs;
	size_t *user;       /* the other direction */
	size_t n_users, cap_users;
	size_t *after;      /* earlier steps whose writes may overlap: see below */
	size_t n_after, cap_after;
};

/*
 * Steps whose writes may overlap never run at once, and run in file order, but for steps that need later ones. Only
 * the latest overlapping steps are in `after`: those before them are reached over theirs. So a step waits until no
 * step that it reaches so is running or may still run, whatever became of the steps on the way.
 */
struct dag {
	struct dag_node *node; /* one for each plan->step */
	size_t n_nodes;
	size_t *order;         /* a topological order of the steps, over needs and `after`; else file order */
	size_t n_order;
};

/* A need that points back: cutting it breaks the cycle. */
struct dag_edge {
	size_t from; /* the step that needs */
	size_t to;   /* what it needs */
};

/*
 * Builds the graph. With a cycle: -1, ERR_PLAN, the message "a -> b -> c -> a" and *cut (may be NULL) the edge
 * to cut: one where a step needs a later one in the file. When `break_cycles`, edges are cut instead and listed in
 * *cuts (to be freed) with their number.
 */
int dag_build(struct dag **out, const struct plan *plan, bool break_cycles, struct dag_edge **cuts, size_t *n_cuts,
              struct dag_edge *cut, struct err *err) MUST_CHECK;
void dag_free(struct dag *dag);

/* Tells each cycle (100 at most), "a -> b -> a", and the edge to cut; those found later assume that it is cut. */
typedef void dag_cycle_fn(void *arg, struct dag_edge cut, const char *cycle);
void dag_each_cycle(const struct plan *plan, dag_cycle_fn *told, void *arg);

/* Do the declared or known write sets of two steps possibly overlap? Never a false "no". */
bool steps_may_overlap(const struct plan_step *a, const struct plan_step *b);

/*
 * The patterns (paths, folders, globs) of what other steps may write while the one at `index` may run: those that are
 * neither before nor after it, and with an `each` over files those that it goes over. What a step is told of other files
 * would else hang on who was faster.
 */
void dag_written_beside(const struct dag *dag, const struct plan *plan, size_t index, struct strings *out);

/*
 * The steps to run, a mask of n_nodes: with --from a step and all that needs it, with --until a step and all it
 * needs, with --only a step alone; a group's name stands for its members. NULL: not given. -1: no such step.
 */
int dag_select(const struct dag *dag, const struct plan *plan, const char *from, const char *until, const char *only,
               bool *mask, struct err *err) MUST_CHECK;

#endif
