/* The order in which files that lean on each other are changed: Tarjan's components, then levels. */
#include "edit/code_graph.h"

#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

#define NOT_MINE UINT32_MAX

struct visit {
	uint32_t node;
	size_t edge; /* the next one to follow */
};

/* Numbers of nodes are places in the caller's list. */
struct search {
	const struct code_graph *graph;
	const uint32_t *file;
	size_t n;
	uint32_t *node_of;   /* by file; NOT_MINE: it is not in the list */
	bool *by_name;       /* by node: it imports nothing of the list, so the names that it uses say what it leans on */
	uint32_t *index, *low; /* index is 0 before the visit */
	bool *on_stack;
	uint32_t *stack;
	size_t n_stack;
	struct visit *visit;
	size_t n_visits;
	uint32_t n_indexed, n_groups;
	uint32_t *group, *level;
};

/* The node that the edge leads to, or NOT_MINE. A name that several files define leads nowhere for sure. */
static uint32_t target(const struct search *s, uint32_t node, size_t e)
{
	const struct code_edge *edge = &s->graph->edge[e];
	uint32_t to = s->node_of[edge->to];
	if (edge->name == CODE_NO_NAME)
		return to;
	bool is_sure = s->graph->first_definer[edge->name + 1] - s->graph->first_definer[edge->name] == 1;
	return s->by_name[node] && is_sure ? to : NOT_MINE;
}

static void find_importers(struct search *s)
{
	for (size_t i = 0; i < s->n; i++) {
		const size_t *first = &s->graph->first[s->file[i]];
		bool imports = false;
		for (size_t e = first[0]; e < first[1]; e++)
			imports = imports || s->graph->edge[e].name == CODE_NO_NAME;
		s->by_name[i] = !imports;
	}
}

static void enter(struct search *s, uint32_t node)
{
	s->index[node] = s->low[node] = ++s->n_indexed;
	s->stack[s->n_stack++] = node;
	s->on_stack[node] = true;
	s->visit[s->n_visits++] = (struct visit){ node, s->graph->first[s->file[node]] };
}

/* A node all of whose edges were followed: the head of a group, or part of one further up. */
static void leave(struct search *s, uint32_t node)
{
	if (s->n_visits) {
		uint32_t up = s->visit[s->n_visits - 1].node;
		s->low[up] = s->low[node] < s->low[up] ? s->low[node] : s->low[up];
	}
	if (s->low[node] != s->index[node])
		return;
	uint32_t member;
	do {
		member = s->stack[--s->n_stack];
		s->on_stack[member] = false;
		s->group[member] = s->n_groups;
	} while (member != node);
	s->n_groups++;
}

static void search_from(struct search *s, uint32_t root)
{
	enter(s, root);
	while (s->n_visits) {
		struct visit *visit = &s->visit[s->n_visits - 1];
		if (visit->edge == s->graph->first[s->file[visit->node] + 1]) {
			s->n_visits--;
			leave(s, visit->node);
			continue;
		}
		uint32_t to = target(s, visit->node, visit->edge++);
		if (to == NOT_MINE)
			continue;
		if (!s->index[to])
			enter(s, to);
		else if (s->on_stack[to] && s->index[to] < s->low[visit->node])
			s->low[visit->node] = s->index[to];
	}
}

/* Groups are numbered after all that they lean on: one pass in their order gives the levels. */
static size_t find_levels(struct search *s)
{
	uint32_t *group_level = xcalloc(s->n_groups + 1, sizeof *group_level);
	uint32_t *first = xcalloc(s->n_groups + 2, sizeof *first);
	uint32_t *member = xcalloc(s->n + 1, sizeof *member);
	size_t n_levels = 0;
	for (size_t i = 0; i < s->n; i++)
		first[s->group[i] + 1]++;
	for (uint32_t g = 0; g < s->n_groups; g++)
		first[g + 1] += first[g];
	uint32_t *next = xmemdup(first, (s->n_groups + 1) * sizeof *next);
	for (size_t i = 0; i < s->n; i++)
		member[next[s->group[i]]++] = (uint32_t)i;
	for (uint32_t g = 0; g < s->n_groups; g++) {
		for (uint32_t m = first[g]; m < first[g + 1]; m++) {
			uint32_t node = member[m];
			for (size_t e = s->graph->first[s->file[node]]; e < s->graph->first[s->file[node] + 1]; e++) {
				uint32_t to = target(s, node, e);
				if (to != NOT_MINE && s->group[to] != g && group_level[s->group[to]] >= group_level[g])
					group_level[g] = group_level[s->group[to]] + 1;
			}
		}
		n_levels = group_level[g] + 1 > n_levels ? group_level[g] + 1 : n_levels;
	}
	for (size_t i = 0; i < s->n; i++)
		s->level[i] = group_level[s->group[i]];
	free(group_level);
	free(first);
	free(member);
	free(next);
	return n_levels;
}

size_t code_graph_levels(const struct code_graph *graph, const uint32_t *file, size_t n, uint32_t *level, uint32_t *group)
{
	struct search s = { .graph = graph, .file = file, .n = n, .level = level, .group = group };
	s.node_of = xmalloc((graph->tree->n_files + 1) * sizeof *s.node_of);
	memset(s.node_of, 0xff, (graph->tree->n_files + 1) * sizeof *s.node_of);
	for (size_t i = 0; i < n; i++)
		s.node_of[file[i]] = (uint32_t)i;
	s.by_name = xcalloc(n + 1, sizeof *s.by_name);
	s.index = xcalloc(n + 1, sizeof *s.index);
	s.low = xcalloc(n + 1, sizeof *s.low);
	s.on_stack = xcalloc(n + 1, sizeof *s.on_stack);
	s.stack = xcalloc(n + 1, sizeof *s.stack);
	s.visit = xcalloc(n + 1, sizeof *s.visit);
	find_importers(&s);
	for (size_t i = 0; i < n; i++)
		if (!s.index[i])
			search_from(&s, (uint32_t)i);
	size_t n_levels = find_levels(&s);
	free(s.node_of);
	free(s.by_name);
	free(s.index);
	free(s.low);
	free(s.on_stack);
	free(s.stack);
	free(s.visit);
	return n_levels;
}
