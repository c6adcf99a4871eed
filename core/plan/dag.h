/*
 * The graph of a plan: who waits for whom, in which order, and what keeps two steps from running together.
 * Immutable once made, but for dag_cut. Indices are those of plan->step; groups are not nodes.
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
	size_t *after;      /* earlier steps in file order whose writes may overlap: never at the same time, file order */
	size_t n_after, cap_after;
};

struct dag {
	struct dag_node *node; /* one for each plan->step */
	size_t n_nodes;
	size_t *order;         /* a topological order of the steps; ties in file order */
	size_t n_order;
};

/* A need that points back: cutting it breaks the cycle. */
struct dag_edge {
	size_t from; /* the step that needs */
	size_t to;   /* what it needs */
};

/*
 * Builds the graph. With a cycle: -1, ERR_PLAN, the message "a -> b -> c -> a" and *cut (may be NULL) the edge
 * to cut, the one that points back in file order. When `break_cycles`, edges are cut instead and listed in *cuts
 * (to be freed) with their number.
 */
int dag_build(struct dag **out, const struct plan *plan, bool break_cycles, struct dag_edge **cuts, size_t *n_cuts,
              struct dag_edge *cut, struct err *err) MUST_CHECK;
void dag_free(struct dag *dag);

/* Do the declared or known write sets of two steps possibly overlap? Never a false "no". */
bool steps_may_overlap(const struct plan_step *a, const struct plan_step *b);

/* The steps to run for --from, --until and --only: mask of n_nodes, by ids (NULL: not given). */
int dag_select(const struct dag *dag, const struct plan *plan, const char *from, const char *until, const char *only,
               bool *mask, struct err *err) MUST_CHECK;

#endif
