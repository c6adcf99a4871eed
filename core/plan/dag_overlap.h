/* Inside of the graph: the order of steps whose writes may overlap. Others include dag.h. */
#ifndef BELAY_PLAN_DAG_OVERLAP_H
#define BELAY_PLAN_DAG_OVERLAP_H

#include "plan/dag.h"

/* Fills `after` of all nodes; dag->order is there already. */
void dag_order_writes(struct dag *dag, const struct plan *plan);

/* The write set of a step as patterns; what a command may write without saying so is everything. */
void step_write_set(const struct plan_step *step, struct strings *out);

void dag_add_index(size_t **list, size_t *n, size_t *cap, size_t value);

#endif
