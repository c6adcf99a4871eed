#include "plan/dag.h"

#include "base/text.h"
#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

/* The steps that an id names: itself, or the members of a group. */
static int mark_named(const struct plan *plan, const char *id, bool *mask, struct err *err)
{
	int index = plan_find(plan, id);
	if (index >= 0) {
		for (size_t i = 0; i < plan->n_steps; i++) {
			int at = (int)i;
			while (at >= 0 && at != index)
				at = plan->step[at].parent;
			mask[i] = at == index;
		}
		return 0;
	}
	const char **known = xcalloc(plan->n_steps + 1, sizeof *known);
	for (size_t i = 0; i < plan->n_steps; i++)
		known[i] = plan->step[i].id;
	const char *near = text_nearest(id, known, plan->n_steps);
	err_set(err, ERR_USAGE, "the plan has no step '%s'%s%s%s", id, near ? "; did you mean '" : "", near ? near : "",
	        near ? "'?" : "");
	free(known);
	return -1;
}

/* Adds what the marked steps need (down), or what needs them (up). The order is topological: one pass. */
static void spread(const struct dag *dag, bool *mask, bool down)
{
	for (size_t i = 0; i < dag->n_order; i++) {
		size_t at = dag->order[down ? dag->n_order - 1 - i : i];
		const struct dag_node *node = &dag->node[at];
		for (size_t k = 0; mask[at] && k < (down ? node->n_needs : node->n_users); k++)
			mask[down ? node->need[k] : node->user[k]] = true;
	}
}

int dag_select(const struct dag *dag, const struct plan *plan, const char *from, const char *until, const char *only,
               bool *mask, struct err *err)
{
	const char *const id[] = { from, until, only };
	bool *one = xcalloc(dag->n_nodes + 1, sizeof *one);
	int rc = 0;
	for (size_t i = 0; i < dag->n_nodes; i++)
		mask[i] = dag->node[i].is_step;
	for (size_t l = 0; l < 3 && rc == 0; l++) {
		if (!id[l])
			continue;
		rc = mark_named(plan, id[l], one, err);
		if (rc == 0 && l < 2)
			spread(dag, one, l == 1);
		for (size_t i = 0; i < dag->n_nodes; i++)
			mask[i] = mask[i] && one[i];
	}
	free(one);
	return rc;
}
