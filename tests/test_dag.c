/* The graph of a plan: order, overlapping writes, cycles and selection. */
#include "tests/unit.h"

#include "tests/plan_text.h"

#include "base/xalloc.h"
#include "plan/dag.h"

#include <stdio.h>

struct graph {
	struct plan *plan;
	struct dag *dag;
};

static struct graph graph_of(const char *steps)
{
	const struct plan_load_options options = { .break_cycles = true };
	struct err err = { 0 };
	struct graph g;
	char *text = xasprintf("belay: 1\nsteps:\n%s", steps);
	g.plan = plan_of_with(text, &options);
	assert_ok(dag_build(&g.dag, g.plan, false, NULL, NULL, NULL, &err), &err);
	free(text);
	return g;
}

static void graph_release(struct graph *g)
{
	dag_free(g->dag);
	plan_free(g->plan);
}

static void add_ids(struct buf *out, const struct plan *plan, const size_t *index, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_printf(out, "%s%s", i ? " " : "", plan->step[index[i]].id);
}

static void assert_order(const struct graph *g, const char *expected)
{
	struct buf ids = { 0 };
	add_ids(&ids, g->plan, g->dag->order, g->dag->n_order);
	assert_string_equal(buf_str(&ids), expected);
	buf_release(&ids);
}

static void assert_after(const struct graph *g, const char *id, const char *expected)
{
	struct buf ids = { 0 };
	const struct dag_node *node = &g->dag->node[plan_find(g->plan, id)];
	add_ids(&ids, g->plan, node->after, node->n_after);
	assert_string_equal(buf_str(&ids), expected);
	buf_release(&ids);
}

static void assert_beside(const struct graph *g, const char *id, const char *expected)
{
	struct strings patterns = { 0 };
	struct buf text = { 0 };
	dag_written_beside(g->dag, g->plan, (size_t)plan_find(g->plan, id), &patterns);
	for (size_t i = 0; i < patterns.n_items; i++)
		buf_printf(&text, "%s%s", i ? " " : "", patterns.item[i]);
	assert_string_equal(buf_str(&text), expected);
	buf_release(&text);
	strings_release(&patterns);
}

static void test_what_is_written_beside_a_step_comes_from_steps_without_an_order_to_it(void **state)
{
	(void)state;
	struct graph g = graph_of("  - {id: a, write: x, content: ''}\n  - {id: b, needs: a, write: y, content: ''}\n"
	                          "  - {id: c, write: z, content: ''}\n  - {id: d, write: z, content: ''}\n"
	                          "  - {id: e, needs: [b, d], write: w, content: ''}\n");
	assert_beside(&g, "a", "z z");
	assert_beside(&g, "b", "z z");
	assert_beside(&g, "c", "x y"); /* d comes after it, since both write z */
	assert_beside(&g, "d", "x y");
	assert_beside(&g, "e", "");
	graph_release(&g);
	g = graph_of("  - {id: a, each: {file: 'src/*.c'}, refactor: '{{file}}', prompt: tidy}\n  - {id: b, read: x}\n");
	assert_beside(&g, "a", "src/*.c");
	assert_beside(&g, "b", "**");
	graph_release(&g);
}

static void test_order_is_file_order_but_for_later_needs(void **state)
{
	(void)state;
	struct graph g = graph_of("  - {id: a, needs: c, read: x}\n  - {id: b, read: x}\n  - {id: c, needs: b, read: x}\n"
	                          "  - {id: d, read: x}\n");
	assert_order(&g, "b c a d");
	graph_release(&g);
}

static void test_groups_are_no_nodes(void **state)
{
	(void)state;
	struct graph g = graph_of("  - {id: g, steps: [{id: a, read: x}, {id: b, needs: a, read: x}]}\n"
	                          "  - {id: c, needs: g, read: x}\n");
	assert_false(g.dag->node[0].is_step);
	assert_int_equal(g.dag->n_order, 3);
	assert_order(&g, "g.a g.b c");
	assert_int_equal(g.dag->node[3].n_needs, 2);
	assert_int_equal(g.dag->node[1].n_users, 2);
	graph_release(&g);
}

static void test_writes_that_may_meet_run_in_file_order(void **state)
{
	(void)state;
	struct graph g = graph_of("  - {id: a, write: src/a.c, content: x}\n  - {id: b, write: src/b.c, content: x}\n"
	                          "  - {id: c, refactor: 'src/*.c', prompt: x}\n  - {id: d, write: src/a.c, content: y}\n"
	                          "  - {id: e, delete: docs}\n  - {id: f, write: docs/x/y.md, content: x}\n"
	                          "  - {id: g, write: docs2, content: x}\n  - {id: h, read: src}\n");
	assert_after(&g, "a", "");
	assert_after(&g, "b", "");
	assert_after(&g, "c", "a b");
	assert_after(&g, "d", "a c");
	assert_after(&g, "e", "");
	assert_after(&g, "f", "e");
	assert_after(&g, "g", "");
	assert_after(&g, "h", "");
	graph_release(&g);
}

static void test_a_command_may_write_anything_unless_it_says_what(void **state)
{
	(void)state;
	struct graph g = graph_of("  - {id: a, run: make}\n  - {id: b, write: x, content: x}\n  - {id: c, run: make}\n"
	                          "  - {id: d, run: make, writes: out/d}\n  - {id: e, run: make, writes: out/e}\n"
	                          "  - {id: f, run: make, writes: []}\n  - {id: g, run: make}\n");
	assert_after(&g, "b", "a");
	assert_after(&g, "c", "a b");
	assert_after(&g, "d", "c");
	assert_after(&g, "e", "c");
	assert_after(&g, "f", "");
	assert_after(&g, "g", "c d e");
	graph_release(&g);
}

static void test_what_is_not_known_yet_may_be_anything_in_its_folder(void **state)
{
	(void)state;
	struct graph g = graph_of("  - {id: a, each: {f: 'src/*.c'}, write: 'out/{{f}}', content: x}\n"
	                          "  - {id: b, write: out/deep/b, content: x}\n  - {id: c, write: other/b, content: x}\n"
	                          "  - {id: d, scaffold: t, into: out/deep}\n  - {id: e, test: x, into: tests/e.c}\n"
	                          "  - {id: f, test: x}\n");
	assert_after(&g, "b", "a");
	assert_after(&g, "c", "");
	assert_after(&g, "d", "a b");
	assert_after(&g, "e", "");
	assert_after(&g, "f", "a b c d e");
	graph_release(&g);
}

static bool reaches(const struct dag *dag, size_t from, size_t to, bool *seen)
{
	if (from == to)
		return true;
	const struct dag_node *node = &dag->node[from];
	bool found = false;
	seen[from] = true;
	for (size_t i = 0; i < node->n_after && !found; i++)
		found = !seen[node->after[i]] && reaches(dag, node->after[i], to, seen);
	return found;
}

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

static char *random_steps(uint32_t *random, int n)
{
	static const char *const target[] = { "a/x", "a/y", "a", "a/*", "'**/x'", "b/c/d", "b/**", "b/c", "'{a,b}/x'", "c",
		"'c/?'", "'*'", "b/c/e", "'a/{x,y}'", "c/z" };
	struct buf text = { 0 };
	for (int i = 0; i < n; i++) {
		const char *first = target[next_random(random) % 15];
		const char *second = target[next_random(random) % 15];
		if (next_random(random) % 8 == 0)
			buf_printf(&text, "  - {id: s%d, run: x}\n", i);
		else
			buf_printf(&text, "  - {id: s%d, delete: [%s, %s]}\n", i, first, second);
	}
	return buf_take(&text, NULL);
}

/* The tree of folders must find just what comparing each with each finds. */
static void test_each_pair_that_overlaps_is_ordered(void **state)
{
	uint32_t random = 7;
	(void)state;
	for (int round = 0; round < 60; round++) {
		char *steps = random_steps(&random, 24);
		struct graph g = graph_of(steps);
		for (size_t i = 0; i < g.plan->n_steps; i++) {
			for (size_t k = 0; k < i; k++) {
				bool seen[24] = { false };
				bool overlap = steps_may_overlap(&g.plan->step[i], &g.plan->step[k]);
				if (overlap && !reaches(g.dag, i, k, seen))
					fail_msg("s%zu is not after s%zu in\n%s", i, k, steps);
			}
			for (size_t k = 0; k < g.dag->node[i].n_after; k++)
				assert_true(steps_may_overlap(&g.plan->step[i], &g.plan->step[g.dag->node[i].after[k]]));
		}
		graph_release(&g);
		free(steps);
	}
}

static void test_overlap_order_never_contradicts_needs(void **state)
{
	(void)state;
	struct graph g = graph_of("  - {id: a, needs: c, run: x}\n  - {id: b, run: x}\n  - {id: c, run: x}\n");
	assert_order(&g, "b c a");
	assert_after(&g, "b", "");
	assert_after(&g, "c", "b");
	assert_after(&g, "a", "c");
	graph_release(&g);
}

static void test_thousands_of_globs_are_taken_for_anything(void **state)
{
	struct buf text = { 0 };
	(void)state;
	for (int s = 0; s < 2; s++) {
		buf_printf(&text, "  - id: s%d\n    delete: [", s);
		for (int i = 0; i < 1200; i++)
			buf_printf(&text, "'d%d/*.%d', ", s, i);
		buf_add_str(&text, "x]\n");
	}
	struct graph g = graph_of(buf_str(&text));
	assert_after(&g, "s1", "s0");
	graph_release(&g);
	buf_release(&text);
}

static struct plan *plan_with_cycles(void)
{
	const struct plan_load_options options = { .break_cycles = true };
	return plan_of_with("belay: 1\nsteps:\n  - {id: a, needs: c, read: x}\n  - {id: b, needs: a, read: x}\n"
	                    "  - {id: c, needs: b, read: x}\n  - {id: d, needs: d, read: x}\n  - {id: e, needs: a, read: x}\n",
	                    &options);
}

static void test_a_cycle_is_an_error_with_the_edge_to_cut(void **state)
{
	struct dag *dag;
	struct dag_edge cut;
	struct err err = { 0 };
	(void)state;
	struct plan *plan = plan_with_cycles();
	assert_int_equal(dag_build(&dag, plan, false, NULL, NULL, &cut, &err), -1);
	assert_null(dag);
	assert_int_equal(err.code, ERR_PLAN);
	assert_contains(err.msg, "a -> c -> b -> a");
	assert_string_equal(plan->step[cut.from].id, "a");
	assert_string_equal(plan->step[cut.to].id, "c");
	plan_free(plan);
}

static void test_cut_cycles_leave_file_order(void **state)
{
	struct graph g;
	struct dag_edge *cut;
	size_t n_cuts;
	struct err err = { 0 };
	(void)state;
	g.plan = plan_with_cycles();
	assert_ok(dag_build(&g.dag, g.plan, true, &cut, &n_cuts, NULL, &err), &err);
	assert_int_equal(n_cuts, 2);
	assert_int_equal(cut[0].from, 0);
	assert_int_equal(cut[0].to, 2);
	assert_int_equal(cut[1].from, 3);
	assert_int_equal(cut[1].to, 3);
	assert_order(&g, "a b c d e");
	free(cut);
	graph_release(&g);
}

static void count_cycle(void *arg, struct dag_edge cut, const char *cycle)
{
	(void)cut;
	assert_true(strlen(cycle) > 0);
	++*(size_t *)arg;
}

static void test_every_cycle_is_told_up_to_a_hundred(void **state)
{
	const struct plan_load_options options = { .break_cycles = true };
	struct buf text = { 0 };
	size_t n = 0;
	(void)state;
	struct plan *plan = plan_with_cycles();
	dag_each_cycle(plan, count_cycle, &n);
	assert_int_equal(n, 2);
	plan_free(plan);
	buf_add_str(&text, "belay: 1\nsteps:\n");
	for (int i = 0; i < 150; i++)
		buf_printf(&text, "  - {id: s%d, needs: s%d, read: x}\n", i, i);
	plan = plan_of_with(buf_str(&text), &options);
	n = 0;
	dag_each_cycle(plan, count_cycle, &n);
	assert_int_equal(n, 100);
	plan_free(plan);
	buf_release(&text);
}

/* Each step needs all others: every cut must leave something that has an order. */
static void test_a_knot_of_cycles_comes_apart(void **state)
{
	const struct plan_load_options options = { .break_cycles = true };
	struct buf text = { 0 };
	struct graph g;
	struct dag_edge *cut;
	size_t n_cuts;
	struct err err = { 0 };
	(void)state;
	buf_add_str(&text, "belay: 1\nsteps:\n");
	for (int i = 0; i < 40; i++) {
		buf_printf(&text, "  - {id: s%d, read: x, needs: [", i);
		for (int k = 0; k < 40; k++)
			buf_printf(&text, "s%d, ", k);
		buf_add_str(&text, "]}\n");
	}
	g.plan = plan_of_with(buf_str(&text), &options);
	assert_ok(dag_build(&g.dag, g.plan, true, &cut, &n_cuts, NULL, &err), &err);
	assert_int_equal(g.dag->n_order, 40);
	for (size_t i = 0; i < 40; i++)
		assert_int_equal(g.dag->order[i], i);
	assert_int_equal(n_cuts, 40 * 41 / 2);
	free(cut);
	graph_release(&g);
	buf_release(&text);
}

static void assert_selected(const struct graph *g, const char *const id[3], const char *expected)
{
	struct err err = { 0 };
	bool mask[16];
	struct buf ids = { 0 };
	assert_ok(dag_select(g->dag, g->plan, id[0], id[1], id[2], mask, &err), &err);
	for (size_t i = 0; i < g->plan->n_steps; i++)
		if (mask[i])
			buf_printf(&ids, "%s%s", ids.len ? " " : "", g->plan->step[i].id);
	assert_string_equal(buf_str(&ids), expected);
	buf_release(&ids);
}

static void test_from_until_and_only_select_steps(void **state)
{
	(void)state;
	struct graph g = graph_of("  - {id: a, read: x}\n  - {id: b, needs: a, read: x}\n"
	                          "  - {id: g, needs: a, steps: [{id: c, read: x}, {id: d, needs: c, read: x}]}\n"
	                          "  - {id: e, needs: [b, g], read: x}\n  - {id: f, read: x}\n");
	assert_selected(&g, (const char *const[]){ NULL, NULL, NULL }, "a b g.c g.d e f");
	assert_selected(&g, (const char *const[]){ "b", NULL, NULL }, "b e");
	assert_selected(&g, (const char *const[]){ "g", NULL, NULL }, "g.c g.d e");
	assert_selected(&g, (const char *const[]){ NULL, "g.d", NULL }, "a g.c g.d");
	assert_selected(&g, (const char *const[]){ NULL, NULL, "g" }, "g.c g.d");
	assert_selected(&g, (const char *const[]){ "a", "b", NULL }, "a b");
	assert_selected(&g, (const char *const[]){ NULL, NULL, "f" }, "f");
	graph_release(&g);
}

static void test_selecting_an_unknown_step_names_the_nearest(void **state)
{
	struct err err = { 0 };
	bool mask[16];
	(void)state;
	struct graph g = graph_of("  - {id: look, read: x}\n");
	assert_int_equal(dag_select(g.dag, g.plan, NULL, "lok", NULL, mask, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
	assert_contains(err.msg, "look");
	graph_release(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_written_beside_a_step_comes_from_steps_without_an_order_to_it),
		cmocka_unit_test(test_order_is_file_order_but_for_later_needs),
		cmocka_unit_test(test_groups_are_no_nodes),
		cmocka_unit_test(test_writes_that_may_meet_run_in_file_order),
		cmocka_unit_test(test_a_command_may_write_anything_unless_it_says_what),
		cmocka_unit_test(test_what_is_not_known_yet_may_be_anything_in_its_folder),
		cmocka_unit_test(test_each_pair_that_overlaps_is_ordered),
		cmocka_unit_test(test_overlap_order_never_contradicts_needs),
		cmocka_unit_test(test_thousands_of_globs_are_taken_for_anything),
		cmocka_unit_test(test_a_cycle_is_an_error_with_the_edge_to_cut),
		cmocka_unit_test(test_cut_cycles_leave_file_order),
		cmocka_unit_test(test_every_cycle_is_told_up_to_a_hundred),
		cmocka_unit_test(test_a_knot_of_cycles_comes_apart),
		cmocka_unit_test(test_from_until_and_only_select_steps),
		cmocka_unit_test(test_selecting_an_unknown_step_names_the_nearest),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
