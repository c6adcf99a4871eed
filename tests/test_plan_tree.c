/* Groups, included plans, `each`, and what keeps a hostile plan small. */
#include "tests/unit.h"

#include "tests/plan_text.h"

#include "base/xalloc.h"
#include "plan/each.h"
#include "plan/vars.h"

#include <stdio.h>

static void assert_needs(const struct plan *plan, const char *id, const char *expected)
{
	const struct plan_step *step = step_of(plan, id);
	struct buf joined = { 0 };
	for (size_t i = 0; i < step->needs.n_items; i++)
		buf_printf(&joined, "%s%s", i ? " " : "", step->needs.item[i]);
	assert_string_equal(buf_str(&joined), expected);
	buf_release(&joined);
}

static void test_members_need_what_their_groups_need(void **state)
{
	(void)state;
	struct plan *plan = sample_plan("groups.yaml");
	assert_needs(plan, "build.one", "before");
	assert_needs(plan, "build.inner.two", "build.one before");
	assert_needs(plan, "build.inner.three", "build.inner.two build.one before");
	plan_free(plan);
}

static void test_to_need_a_group_is_to_need_all_of_it(void **state)
{
	(void)state;
	struct plan *plan = sample_plan("groups.yaml");
	assert_needs(plan, "after", "build.one build.inner.two build.inner.three");
	assert_needs(plan, "part", "build.inner.two");
	plan_free(plan);
}

static void test_groups_come_before_their_members(void **state)
{
	(void)state;
	struct plan *plan = sample_plan("groups.yaml");
	assert_int_equal(plan->n_steps, 8);
	int build = plan_find(plan, "build");
	int inner = plan_find(plan, "build.inner");
	assert_int_equal(plan->step[build].verb, VERB_GROUP);
	assert_string_equal(plan->step[build].title, "the build");
	assert_int_equal(plan->step[inner].parent, build);
	assert_int_equal(step_of(plan, "build.inner.three")->parent, inner);
	assert_int_equal(step_of(plan, "after")->parent, -1);
	assert_true(build < plan_find(plan, "build.one") && inner < plan_find(plan, "build.inner.two"));
	plan_free(plan);
}

static void test_a_name_is_looked_for_nearby_first(void **state)
{
	(void)state;
	struct plan *plan = plan_of("belay: 1\nsteps:\n  - {id: a, read: x}\n  - id: g\n    steps:\n"
	                            "      - {id: a, read: x}\n      - {id: b, needs: [a], read: x}\n"
	                            "      - {id: c, needs: [g.b], read: x}\n  - {id: d, needs: [a, g.a], read: x}\n");
	assert_needs(plan, "g.b", "g.a");
	assert_needs(plan, "g.c", "g.b");
	assert_needs(plan, "d", "a g.a");
	plan_free(plan);
}

static void test_needs_may_name_later_steps(void **state)
{
	(void)state;
	struct plan *plan = plan_of("belay: 1\nsteps:\n  - {id: a, needs: [b, b, g], read: x}\n  - {id: b, read: x}\n"
	                            "  - {id: g, steps: [{id: c, read: x}]}\n");
	assert_needs(plan, "a", "b g.c");
	assert_int_equal(step_of(plan, "a")->need_place[1].column, 27);
	plan_free(plan);
}

static void test_listed_each_makes_a_group(void **state)
{
	(void)state;
	struct plan *plan = sample_plan("each.yaml");
	assert_int_equal(step_of(plan, "page")->verb, VERB_GROUP);
	assert_string_equal(step_of(plan, "page[1]")->title, "the page of alpha");
	assert_string_equal(step_of(plan, "page[1]")->target.item[0], "docs/alpha.md");
	assert_string_equal(step_of(plan, "page[3]")->target.item[0], "docs/g a.md");
	assert_string_equal(step_of(plan, "page[3]")->content, "# g a\n");
	assert_int_equal(step_of(plan, "page[2]")->parent, plan_find(plan, "page"));
	assert_int_equal(plan_find(plan, "page[4]"), -1);
	assert_needs(plan, "second", "page[2]");
	assert_needs(plan, "all", "file page[1] page[2] page[3]");
	plan_free(plan);
}

static void test_each_over_files_waits_for_the_run(void **state)
{
	(void)state;
	struct plan *plan = sample_plan("each.yaml");
	const struct plan_step *step = step_of(plan, "file");
	assert_int_equal(step->verb, VERB_WRITE);
	assert_string_equal(step->each.name, "file");
	assert_string_equal(step->each.glob, "docs/*.md");
	assert_string_equal(step->target.item[0], "short/{{file}}");
	assert_needs(plan, "file", "page[1] page[2] page[3]");
	plan_free(plan);
}

static void test_each_makes_a_step_of_a_path(void **state)
{
	struct err err = { 0 };
	struct plan_step made;
	(void)state;
	struct plan *plan = sample_plan("each.yaml");
	assert_ok(plan_each_make(&made, step_of(plan, "file"), 7, "docs/a{{b}}.md", &err), &err);
	assert_string_equal(made.id, "file[7]");
	assert_string_equal(made.title, "shorten docs/a{{b}}.md");
	assert_string_equal(made.target.item[0], "short/docs/a{{b}}.md");
	assert_string_equal(made.prompt, "Shorten docs/a{{b}}.md; keep {{braces}} of .md.");
	assert_int_equal(made.needs.n_items, 3);
	assert_int_equal(made.timeout_ms, 60000);
	assert_null(made.each.glob);
	plan_step_release(&made);
	plan_free(plan);
}

static void test_each_refuses_a_path_that_git_owns(void **state)
{
	struct err err = { 0 };
	struct plan_step made;
	(void)state;
	struct plan *plan = plan_of("belay: 1\nsteps:\n  - {id: a, each: {f: '*'}, write: '{{f}}/config', content: x}\n");
	assert_int_equal(plan_each_make(&made, &plan->step[0], 1, ".git", &err), -1);
	assert_contains(err.msg, "git");
	plan_free(plan);
}

static void test_each_copies_every_field(void **state)
{
	struct err err = { 0 };
	struct plan_step made;
	(void)state;
	struct plan *plan = plan_of(
		"belay: 1\nchecks: {ok: {run: 'true'}}\nsteps:\n  - id: a\n    each: {f: 'src/*.c'}\n    test: '{{f}}'\n"
		"    into: 'tests/{{f}}'\n    run: [cc, '{{f}}']\n    checks: [ok, {run: 'wc {{f}}', errors: gcc}]\n"
		"    model: {use: m, escalate: [x, y]}\n    writes: ['tests/{{f}}']\n    attempts: 2\n");
	assert_ok(plan_each_make(&made, &plan->step[0], 1, "src/x.c", &err), &err);
	assert_string_equal(made.target.item[0], "src/x.c");
	assert_string_equal(made.into, "tests/src/x.c");
	assert_string_equal(made.command.argv.item[1], "src/x.c");
	assert_string_equal(made.checks.item[1], "inline:1");
	assert_string_equal(made.inline_check[0].run.argv.item[2], "wc src/x.c");
	assert_string_equal(made.inline_check[0].errors, "gcc");
	assert_string_equal(made.model.escalate.item[1], "y");
	assert_string_equal(made.writes.item[0], "tests/src/x.c");
	assert_int_equal(made.attempts, 2);
	plan_step_release(&made);
	plan_free(plan);
}

static void test_with_of_a_scaffold_may_use_the_value_of_each(void **state)
{
	struct err err = { 0 };
	struct plan_step made;
	(void)state;
	struct plan *plan = plan_of("belay: 1\nsteps:\n  - id: a\n    each: {f: 'src/*'}\n    scaffold: t\n"
	                            "    into: 'out/{{name}}'\n    with: {name: 'x-{{f}}'}\n");
	assert_ok(plan_each_make(&made, &plan->step[0], 1, "src/b", &err), &err);
	assert_string_equal(made.into, "out/x-src/b");
	assert_string_equal(name_values_get(&made.with, "name"), "x-src/b");
	assert_string_equal(name_values_get(&made.vars, "name"), "x-src/b");
	assert_string_equal(name_values_get(&made.vars, "f"), "src/b");
	plan_step_release(&made);
	plan_free(plan);
}

static void test_included_plan_is_a_group_with_its_own_names(void **state)
{
	(void)state;
	struct plan *plan = sample_plan("include.yaml");
	assert_int_equal(step_of(plan, "sub")->verb, VERB_GROUP);
	assert_string_equal(step_of(plan, "sub")->title, "a page");
	assert_string_equal(step_of(plan, "sub.page")->target.item[0], "docs/sub/page.md");
	assert_string_equal(step_of(plan, "sub.page")->prompt, "Write 3 lines.");
	assert_string_equal(step_of(plan, "sub.page")->checks.item[0], "sub.ok");
	assert_string_equal(step_of(plan, "last")->checks.item[0], "ok");
	assert_string_equal(plan_find_check(plan, "sub.ok")->run.argv.item[3], "docs/sub/page.md");
	assert_needs(plan, "sub.page", "first");
	assert_needs(plan, "sub.index", "sub.page first");
	assert_needs(plan, "last", "sub.page sub.index");
	assert_int_equal(plan->files.n_items, 2);
	assert_contains(step_of(plan, "sub.page")->place.file, "parts/page.yaml");
	plan_free(plan);
}

static void test_included_plan_keeps_its_models_and_tightens_the_policy(void **state)
{
	(void)state;
	struct plan *plan = sample_plan("include.yaml");
	assert_string_equal(step_of(plan, "sub.page")->model.use, "local");
	assert_true(step_of(plan, "sub.page")->model.temperature == 0.25);
	assert_string_equal(step_of(plan, "sub.index")->model.use, "other");
	assert_string_equal(step_of(plan, "last")->model.use, "");
	assert_int_equal(plan->confirm, RISK_MEDIUM);
	assert_int_equal(plan->limits.tokens, 500);
	assert_int_equal(plan->limits.workers, 2);
	assert_int_equal(plan->n_rules, 1);
	assert_string_equal(plan->context.item[0], "README.md");
	plan_free(plan);
}

static void check_include(const struct text_file *file, const char *said)
{
	const struct plan_load_options options = { .read_file = read_text_file, .arg = (void *)file };
	char *found = findings_in(file[0].text, &options);
	assert_string_equal(found, said);
	free(found);
}

static void test_a_plan_that_includes_itself_is_refused_with_the_chain(void **state)
{
	static const struct text_file file[] = {
		{ "plan.yaml", "belay: 1\nsteps: [{id: a, include: sub/b.yaml}]\n" },
		{ "sub/b.yaml", "belay: 1\nsteps: [{id: b, include: c.yaml}]\n" },
		{ "sub/c.yaml", "belay: 1\nsteps: [{id: c, include: b.yaml}]\n" },
		{ NULL, NULL },
	};
	static const struct text_file self[] = {
		{ "plan.yaml", "belay: 1\nsteps: [{id: a, include: plan.yaml}]\n" }, { NULL, NULL },
	};
	(void)state;
	check_include(file, "sub/c.yaml:2:26: error: the plan includes itself: plan.yaml -> sub/b.yaml -> sub/c.yaml -> "
	                    "sub/b.yaml; expected no cycle\n");
	check_include(self, "plan.yaml:2:26: error: the plan includes itself: plan.yaml -> plan.yaml; expected no cycle\n");
}

static void test_another_spelling_of_a_file_is_the_file(void **state)
{
	static const struct text_file file[] = {
		{ "sub/../plan.yaml", "belay: 1\nsteps: [{id: a, read: x}]\n" }, { NULL, NULL },
	};
	const struct plan_load_options options = { .read_file = read_text_file, .arg = (void *)file };
	(void)state;
	char *said = findings_in("belay: 1\nsteps: [{id: a, include: sub/../plan.yaml}]\n", &options);
	assert_contains(said, "includes itself: plan.yaml -> sub/../plan.yaml");
	free(said);
}

static void test_without_a_reader_of_files_there_are_no_includes(void **state)
{
	(void)state;
	char *said = findings_in("belay: 1\nsteps: [{id: a, include: b.yaml}]\n", NULL);
	assert_string_equal(said, "plan.yaml:2:26: error: 'include' cannot be used here; expected a plan of one file\n");
	free(said);
}

static void test_the_hash_tells_a_change_in_an_included_file(void **state)
{
	static const char text[] = "belay: 1\nsteps: [{id: a, include: b.yaml}]\n";
	struct text_file file[] = { { "b.yaml", "belay: 1\nsteps: [{id: a, read: x}]\n" }, { NULL, NULL } };
	const struct plan_load_options options = { .read_file = read_text_file, .arg = file };
	(void)state;
	struct plan *one = plan_of_with(text, &options);
	struct plan *same = plan_of_with(text, &options);
	file[0].text = "belay: 1\nsteps: [{id: a, read: y}]\n";
	struct plan *other = plan_of_with(text, &options);
	assert_string_equal(one->hash, same->hash);
	assert_string_not_equal(one->hash, other->hash);
	plan_free(one);
	plan_free(same);
	plan_free(other);
}

static void test_an_included_plan_cannot_loosen_the_policy(void **state)
{
	static const struct text_file file[] = {
		{ "plan.yaml", "belay: 1\npolicy: {confirm: low}\nsteps: [{id: a, include: b.yaml}, {id: z, include: c.yaml}]\n" },
		{ "b.yaml", "belay: 1\npolicy: {confirm: never}\nsteps: [{id: b, read: x}]\n" },
		{ "c.yaml", "belay: 1\nsteps: [{id: b, read: x}]\n" },
		{ NULL, NULL },
	};
	(void)state;
	check_include(file, "b.yaml:2:19: error: 'confirm' is 'never', and the plan that includes this one asks at 'low' "
	                    "already; expected that or stricter\n");
}

static void test_findings_in_included_files_name_them(void **state)
{
	static const struct text_file file[] = {
		{ "plan.yaml", "belay: 1\nsteps:\n  - {id: a, include: b.yaml, with: {cuont: 1, n: x}}\n"
		               "  - {id: c, include: none.yaml}\n  - {id: d, include: b.yaml, with: {n: 1}, needs: [a.d]}\n" },
		{ "b.yaml", "belay: 1\nvars: {n: {type: int, required: true}, count: 1, lost: {type: path}}\n"
		            "steps:\n  - {id: b, needs: [c], read: x}\n  - {id: d, raed: x}\n" },
		{ NULL, NULL },
	};
	(void)state;
	check_include(file,
	              "b.yaml:2:50: error: the variable 'lost' has no value; expected one in the 'with' of the step that "
	              "includes this plan, or a default\n"
	              "b.yaml:4:21: error: there is no step 'c'; did you mean 'd'?\n"
	              "b.yaml:5:13: error: unknown key 'raed' in a step; did you mean 'read'?\n"
	              "plan.yaml:3:44: error: there is no variable 'cuont'; did you mean 'count'?\n"
	              "plan.yaml:3:50: error: the variable 'n' is 'x'; expected a whole number\n"
	              "plan.yaml:4:22: error: there is no file 'none.yaml'; expected the path of a plan file, relative to "
	              "this file's folder\n");
}

static void test_findings_in_values_from_outside_name_the_option(void **state)
{
	struct name_value pair[] = { { "lnag", "c" }, { "n", "many" }, { "zzz", "1" } };
	struct name_values vars = { pair, 3, 3 };
	const struct plan_load_options options = { .vars = &vars };
	(void)state;
	char *said = findings_in("belay: 1\nvars: {lang: c, n: {type: int, default: 1}}\nsteps: [{id: a, read: x}]\n",
	                         &options);
	assert_string_equal(said, "--var: error: there is no variable 'lnag'; did you mean 'lang'?\n"
	                          "--var: error: the variable 'n' is 'many'; expected a whole number\n"
	                          "--var: error: there is no variable 'zzz'; expected one that the plan declares under "
	                          "'vars'\n");
	free(said);
}

static void test_cycles_are_no_finding_where_they_are_to_be_cut(void **state)
{
	static const char text[] = "belay: 1\nsteps: [{id: a, needs: b, read: x}, {id: b, needs: a, read: x}]\n";
	const struct plan_load_options options = { .break_cycles = true };
	(void)state;
	plan_free(plan_of_with(text, &options));
	plan_free(sample_plan("cycle.yaml"));
	char *said = findings_in(text, NULL);
	assert_contains(said, "a -> b -> a");
	free(said);
}

/* The loader's promise for hostile input: a finding, soon, and with little memory. */
static void assert_says(char *text, const struct plan_load_options *options, const char *part)
{
	char *said = findings_in(text, options);
	assert_contains(said, part);
	free(said);
	free(text);
}

static char *repeated(const char *before, const char *part, size_t n, const char *after)
{
	struct buf text = { 0 };
	buf_add_str(&text, before);
	for (size_t i = 0; i < n; i++)
		buf_add_str(&text, part);
	buf_add_str(&text, after);
	return buf_take(&text, NULL);
}

static void test_variables_cannot_blow_a_plan_up(void **state)
{
	(void)state;
	char *value = repeated("", "0123456789", 40000, "");
	char *head = xasprintf("belay: 1\nvars: {v: %s}\nsteps:\n  - {id: a, ask: \"", value);
	assert_says(repeated(head, "{{v}}", 20000, "\"}\n"), NULL, "16 MiB");
	free(head);
	free(value);
}

static void test_each_cannot_blow_a_plan_up(void **state)
{
	(void)state;
	char *values = repeated("belay: 1\nsteps:\n  - id: a\n    each: {x: [", "v, ", 499, "v]}\n    delete: [");
	assert_says(repeated(values, "some/path/of/a/file, ", 8000, "x]\n"), NULL, "16 MiB");
	free(values);
}

static void test_includes_cannot_blow_a_plan_up(void **state)
{
	static const struct text_file file[] = {
		{ "b.yaml", "belay: 1\nsteps: [{id: a, include: c.yaml}, {id: b, include: c.yaml}, {id: c, include: c.yaml}]\n" },
		{ "c.yaml", "belay: 1\nsteps: [{id: a, include: d.yaml}, {id: b, include: d.yaml}, {id: c, include: d.yaml}]\n" },
		{ "d.yaml", "belay: 1\nsteps: [{id: a, each: {x: [1, 2, 3, 4, 5, 6, 7, 8, 9]}, read: x}]\n" },
		{ NULL, NULL },
	};
	const struct plan_load_options options = { .read_file = read_text_file, .arg = (void *)file };
	struct buf text = { 0 };
	(void)state;
	buf_add_str(&text, "belay: 1\nsteps:\n");
	for (int i = 0; i < 150; i++)
		buf_printf(&text, "  - {id: s%d, include: b.yaml}\n", i);
	assert_says(buf_take(&text, NULL), &options, "more than 10000 steps");
}

static void test_deep_includes_end(void **state)
{
	static struct text_file file[40];
	static char name[40][16];
	static char body[40][64];
	const struct plan_load_options options = { .read_file = read_text_file, .arg = file };
	(void)state;
	for (int i = 0; i < 39; i++) {
		snprintf(name[i], sizeof name[i], "f%d", i);
		snprintf(body[i], sizeof body[i], "belay: 1\nsteps: [{id: a, include: f%d}]\n", i + 1);
		file[i] = (struct text_file){ name[i], body[i] };
	}
	assert_says(xstrdup("belay: 1\nsteps: [{id: a, include: f0}]\n"), &options, "more than 16 deep");
}

static char *many_pairs(const char *before, size_t n, const char *after)
{
	struct buf text = { 0 };
	buf_add_str(&text, before);
	for (size_t i = 0; i < n; i++)
		buf_printf(&text, "k%zu: v, ", i);
	buf_add_str(&text, after);
	return buf_take(&text, NULL);
}

static void test_mappings_have_a_limit(void **state)
{
	(void)state;
	assert_says(many_pairs("belay: 1\nvars: {", 257, "}\nsteps: [{id: a, read: x}]\n"), NULL, "256 at most");
	assert_says(many_pairs("belay: 1\nsteps: [{id: a, run: x, env: {", 1001, "}}]\n"), NULL, "1000 at most");
	assert_says(many_pairs("belay: 1\nsteps: [{id: a, scaffold: , into: x, files: {", 1001, "}}]\n"), NULL,
	            "1000 at most");
	plan_free(plan_of("belay: 1\nsteps: [{id: a, run: x, env: {a: b}}]\n"));
}

static void test_long_ids_of_nested_groups_are_refused(void **state)
{
	struct buf text = { 0 };
	const char *id = "a_name_that_is_as_long_as_a_name_may_be_and_no_longer_than_that";
	(void)state;
	buf_add_str(&text, "belay: 1\nsteps: ");
	for (int i = 0; i < 5; i++)
		buf_printf(&text, "[{id: %s, steps: ", id);
	buf_add_str(&text, "[{id: a, read: x}]}]}]}]}]}]\n");
	assert_says(buf_take(&text, NULL), NULL, "with those of its groups; expected 256 at most");
}

static void test_many_unknown_names_are_told_soon(void **state)
{
	struct buf text = { 0 };
	(void)state;
	buf_add_str(&text, "belay: 1\nsteps:\n");
	for (int i = 0; i < 1200; i++)
		buf_printf(&text, "  - {id: a_rather_long_name_of_a_step_that_is_like_all_others_%d, read: x, needs: "
		                  "a_rather_long_name_of_a_step_that_is_like_all_otters_%d}\n", i, i);
	assert_says(buf_take(&text, NULL), NULL, "there is no step");
}

static char *chain_of_groups(int n_groups)
{
	struct buf text = { 0 };
	buf_add_str(&text, "belay: 1\nsteps:\n");
	for (int g = 0; g < n_groups; g++) {
		buf_printf(&text, "  - id: g%d\n    needs: [", g);
		for (int i = 0; i < g; i++)
			buf_printf(&text, "%sg%d", i ? ", " : "", i);
		buf_printf(&text, "]\n    steps:\n      - {id: a, each: {x: [");
		for (int i = 0; i < 450; i++)
			buf_add_str(&text, "v, ");
		buf_add_str(&text, "v]}, read: x}\n");
	}
	return buf_take(&text, NULL);
}

static void test_needs_of_large_groups_have_a_limit(void **state)
{
	(void)state;
	char *text = chain_of_groups(3);
	struct plan *plan = plan_of(text);
	assert_int_equal(step_of(plan, "g2.a[1]")->needs.n_items, 902);
	plan_free(plan);
	free(text);
	assert_says(chain_of_groups(4), NULL, "more than 1000000 needs");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_members_need_what_their_groups_need),
		cmocka_unit_test(test_to_need_a_group_is_to_need_all_of_it),
		cmocka_unit_test(test_groups_come_before_their_members),
		cmocka_unit_test(test_a_name_is_looked_for_nearby_first),
		cmocka_unit_test(test_needs_may_name_later_steps),
		cmocka_unit_test(test_listed_each_makes_a_group),
		cmocka_unit_test(test_each_over_files_waits_for_the_run),
		cmocka_unit_test(test_each_makes_a_step_of_a_path),
		cmocka_unit_test(test_each_refuses_a_path_that_git_owns),
		cmocka_unit_test(test_each_copies_every_field),
		cmocka_unit_test(test_with_of_a_scaffold_may_use_the_value_of_each),
		cmocka_unit_test(test_included_plan_is_a_group_with_its_own_names),
		cmocka_unit_test(test_included_plan_keeps_its_models_and_tightens_the_policy),
		cmocka_unit_test(test_a_plan_that_includes_itself_is_refused_with_the_chain),
		cmocka_unit_test(test_another_spelling_of_a_file_is_the_file),
		cmocka_unit_test(test_without_a_reader_of_files_there_are_no_includes),
		cmocka_unit_test(test_the_hash_tells_a_change_in_an_included_file),
		cmocka_unit_test(test_mappings_have_a_limit),
		cmocka_unit_test(test_long_ids_of_nested_groups_are_refused),
		cmocka_unit_test(test_an_included_plan_cannot_loosen_the_policy),
		cmocka_unit_test(test_findings_in_included_files_name_them),
		cmocka_unit_test(test_findings_in_values_from_outside_name_the_option),
		cmocka_unit_test(test_cycles_are_no_finding_where_they_are_to_be_cut),
		cmocka_unit_test(test_variables_cannot_blow_a_plan_up),
		cmocka_unit_test(test_each_cannot_blow_a_plan_up),
		cmocka_unit_test(test_includes_cannot_blow_a_plan_up),
		cmocka_unit_test(test_deep_includes_end),
		cmocka_unit_test(test_many_unknown_names_are_told_soon),
		cmocka_unit_test(test_needs_of_large_groups_have_a_limit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
