/* What is written beside a step: by those that are neither before nor after it. */
#include "plan/dag_overlap.h"

#include "base/xalloc.h"

#include <stdlib.h>

static bool any_in(const size_t *list, size_t n, const bool *mask)
{
	for (size_t i = 0; i < n; i++)
		if (mask[list[i]])
			return true;
	return false;
}

static void mark_all(const size_t *list, size_t n, bool *mask)
{
	for (size_t i = 0; i < n; i++)
		mask[list[i]] = true;
}

/* In the graph's order all that a step waits for stands before it: one pass each way. */
static void mark_ordered(const struct dag *dag, size_t index, bool *before, bool *later)
{
	before[index] = later[index] = true;
	for (size_t i = dag->n_order; i-- > 0;) {
		const struct dag_node *node = &dag->node[dag->order[i]];
		if (!before[dag->order[i]])
			continue;
		mark_all(node->need, node->n_needs, before);
		mark_all(node->after, node->n_after, before);
	}
	for (size_t i = 0; i < dag->n_order; i++) {
		const struct dag_node *node = &dag->node[dag->order[i]];
		if (any_in(node->need, node->n_needs, later) || any_in(node->after, node->n_after, later))
			later[dag->order[i]] = true;
	}
}

void dag_written_beside(const struct dag *dag, const struct plan *plan, size_t index, struct strings *out)
{
	bool *before = xcalloc(dag->n_nodes, sizeof *before);
	bool *later = xcalloc(dag->n_nodes, sizeof *later);
	mark_ordered(dag, index, before, later);
	for (size_t i = 0; i < dag->n_nodes; i++)
		if (dag->node[i].is_step && !before[i] && !later[i])
			step_write_set(&plan->step[i], out);
	if (plan->step[index].each.glob)
		strings_add(out, plan->step[index].each.glob);
	free(before);
	free(later);
}
