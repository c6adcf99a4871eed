#include "plan/dag.h"

#include "base/xalloc.h"
#include "plan/dag_overlap.h"

#include <stdlib.h>
#include <string.h>

#define MAX_CYCLES_TOLD 100

void dag_add_index(size_t **list, size_t *n, size_t *cap, size_t value)
{
	*list = vec_room(*list, *n, cap, sizeof **list);
	(*list)[(*n)++] = value;
}

static void add_needs(struct dag *dag, const struct plan *plan)
{
	for (size_t i = 0; i < plan->n_steps; i++) {
		struct dag_node *node = &dag->node[i];
		const struct plan_step *step = &plan->step[i];
		node->is_step = step->verb != VERB_GROUP;
		for (size_t k = 0; node->is_step && k < step->needs.n_items; k++) {
			int need = plan_find(plan, step->needs.item[k]);
			if (need >= 0 && plan->step[need].verb != VERB_GROUP)
				dag_add_index(&node->need, &node->n_needs, &node->cap_needs, (size_t)need);
		}
	}
}

enum colour { WHITE, GREY, BLACK };

struct walk {
	struct dag *dag;
	const struct plan *plan;
	enum colour *colour;
	size_t *stack; /* the path from the start; each needs the next */
	size_t *next;  /* the need to look at, for each on the stack */
	size_t depth;
	size_t n_told;
	dag_cycle_fn *told;
	void *arg;
};

/* The edge of the cycle stack[from..depth) to cut: of those that point back in file order, the first. */
static size_t edge_to_cut(const struct walk *walk, size_t from)
{
	size_t best = walk->depth - 1;
	size_t best_step = SIZE_MAX;
	for (size_t i = from; i < walk->depth; i++) {
		size_t to = i + 1 < walk->depth ? walk->stack[i + 1] : walk->stack[from];
		if (to >= walk->stack[i] && walk->stack[i] < best_step) {
			best = i;
			best_step = walk->stack[i];
		}
	}
	return best;
}

static void print_cycle(const struct walk *walk, size_t from, struct buf *out)
{
	for (size_t i = from; i < walk->depth; i++)
		buf_printf(out, "%s -> ", walk->plan->step[walk->stack[i]].id);
	buf_add_str(out, walk->plan->step[walk->stack[from]].id);
}

/* Removes the need that stack[at] was following, and goes back to there. */
static void cut_edge(struct walk *walk, size_t at)
{
	struct dag_node *node = &walk->dag->node[walk->stack[at]];
	size_t need = --walk->next[at];
	memmove(&node->need[need], &node->need[need + 1], (node->n_needs - need - 1) * sizeof *node->need);
	node->n_needs--;
	for (size_t i = at + 1; i < walk->depth; i++)
		walk->colour[walk->stack[i]] = WHITE;
	walk->depth = at + 1;
}

static void push(struct walk *walk, size_t node)
{
	walk->colour[node] = GREY;
	walk->stack[walk->depth] = node;
	walk->next[walk->depth++] = 0;
}

/* The stack from `need` to its top is a cycle: tells it, and cuts it. */
static void take_cycle(struct walk *walk, size_t need)
{
	struct buf text = { 0 };
	size_t from = walk->depth - 1;
	while (walk->stack[from] != need)
		from--;
	size_t at = edge_to_cut(walk, from);
	struct dag_edge edge = { walk->stack[at], at + 1 < walk->depth ? walk->stack[at + 1] : need };
	if (walk->n_told++ < MAX_CYCLES_TOLD)
		print_cycle(walk, from, &text);
	walk->told(walk->arg, edge, buf_str(&text));
	buf_release(&text);
	cut_edge(walk, at);
}

/* Depth first from one node. */
static void walk_from(struct walk *walk, size_t start)
{
	push(walk, start);
	while (walk->depth) {
		size_t top = walk->stack[walk->depth - 1];
		const struct dag_node *node = &walk->dag->node[top];
		if (walk->next[walk->depth - 1] >= node->n_needs) {
			walk->colour[top] = BLACK;
			walk->depth--;
			continue;
		}
		size_t need = node->need[walk->next[walk->depth - 1]++];
		if (walk->colour[need] == WHITE)
			push(walk, need);
		else if (walk->colour[need] == GREY)
			take_cycle(walk, need);
	}
}

static void find_cycles(struct dag *dag, const struct plan *plan, dag_cycle_fn *told, void *arg)
{
	size_t n = dag->n_nodes + 1;
	struct walk walk = {
		.dag = dag,
		.plan = plan,
		.colour = xcalloc(n, sizeof *walk.colour),
		.stack = xcalloc(n, sizeof *walk.stack),
		.next = xcalloc(n, sizeof *walk.next),
		.told = told,
		.arg = arg,
	};
	for (size_t i = 0; i < dag->n_nodes; i++)
		if (walk.colour[i] == WHITE)
			walk_from(&walk, i);
	free(walk.colour);
	free(walk.stack);
	free(walk.next);
}

/* Steps that wait for nothing any more, the first in file order on top. */
struct ready {
	size_t *step;
	size_t n;
};

static void ready_push(struct ready *ready, size_t step)
{
	size_t at = ready->n++;
	for (; at && ready->step[(at - 1) / 2] > step; at = (at - 1) / 2)
		ready->step[at] = ready->step[(at - 1) / 2];
	ready->step[at] = step;
}

static size_t ready_pop(struct ready *ready)
{
	size_t top = ready->step[0];
	size_t last = ready->step[--ready->n];
	size_t at = 0;
	for (size_t child = 1; child < ready->n; child = 2 * at + 1) {
		if (child + 1 < ready->n && ready->step[child + 1] < ready->step[child])
			child++;
		if (last <= ready->step[child])
			break;
		ready->step[at] = ready->step[child];
		at = child;
	}
	ready->step[at] = last;
	return top;
}

/* File order, but for steps that need later ones: those come as soon as they can. */
static void make_order(struct dag *dag)
{
	size_t *open = xcalloc(dag->n_nodes + 1, sizeof *open);
	struct ready ready = { xcalloc(dag->n_nodes + 1, sizeof *ready.step), 0 };
	dag->order = xcalloc(dag->n_nodes + 1, sizeof *dag->order);
	for (size_t i = 0; i < dag->n_nodes; i++) {
		open[i] = dag->node[i].n_needs;
		if (dag->node[i].is_step && !open[i])
			ready_push(&ready, i);
	}
	while (ready.n) {
		size_t step = ready_pop(&ready);
		dag->order[dag->n_order++] = step;
		for (size_t k = 0; k < dag->node[step].n_users; k++)
			if (--open[dag->node[step].user[k]] == 0)
				ready_push(&ready, dag->node[step].user[k]);
	}
	free(open);
	free(ready.step);
}

static void add_users(struct dag *dag)
{
	for (size_t i = 0; i < dag->n_nodes; i++) {
		for (size_t k = 0; k < dag->node[i].n_needs; k++) {
			struct dag_node *need = &dag->node[dag->node[i].need[k]];
			dag_add_index(&need->user, &need->n_users, &need->cap_users, i);
		}
	}
}

static struct dag *new_dag(const struct plan *plan)
{
	struct dag *dag = xcalloc(1, sizeof *dag);
	dag->n_nodes = plan->n_steps;
	dag->node = xcalloc(plan->n_steps + 1, sizeof *dag->node);
	add_needs(dag, plan);
	return dag;
}

struct cuts {
	struct dag_edge *edge;
	size_t n_edges, cap_edges;
	struct err first;
};

static void note_cut(void *arg, struct dag_edge edge, const char *cycle)
{
	struct cuts *cuts = arg;
	if (!cuts->n_edges)
		err_set(&cuts->first, ERR_PLAN, "the needs form a cycle: %s", cycle);
	cuts->edge = vec_room(cuts->edge, cuts->n_edges, &cuts->cap_edges, sizeof *cuts->edge);
	cuts->edge[cuts->n_edges++] = edge;
}

int dag_build(struct dag **out, const struct plan *plan, bool break_cycles, struct dag_edge **cuts, size_t *n_cuts,
              struct dag_edge *cut, struct err *err)
{
	struct dag *dag = new_dag(plan);
	struct cuts found = { 0 };
	find_cycles(dag, plan, note_cut, &found);
	*out = NULL;
	if (cuts)
		*cuts = NULL;
	if (n_cuts)
		*n_cuts = 0;
	if (found.n_edges && !break_cycles) {
		if (cut)
			*cut = found.edge[0];
		if (err)
			*err = found.first;
		free(found.edge);
		dag_free(dag);
		return -1;
	}
	if (cuts && n_cuts) {
		*cuts = found.edge;
		*n_cuts = found.n_edges;
	} else {
		free(found.edge);
	}
	add_users(dag);
	make_order(dag);
	dag_order_writes(dag, plan);
	*out = dag;
	return 0;
}

struct teller {
	dag_cycle_fn *told;
	void *arg;
};

static void tell_with_text(void *arg, struct dag_edge cut, const char *cycle)
{
	const struct teller *teller = arg;
	if (*cycle)
		teller->told(teller->arg, cut, cycle);
}

void dag_each_cycle(const struct plan *plan, dag_cycle_fn *told, void *arg)
{
	struct teller teller = { told, arg };
	struct dag *dag = new_dag(plan);
	find_cycles(dag, plan, tell_with_text, &teller);
	dag_free(dag);
}

void dag_free(struct dag *dag)
{
	if (!dag)
		return;
	for (size_t i = 0; i < dag->n_nodes; i++) {
		free(dag->node[i].need);
		free(dag->node[i].user);
		free(dag->node[i].after);
	}
	free(dag->node);
	free(dag->order);
	free(dag);
}
