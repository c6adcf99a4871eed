/* What the loader makes of good plans. */
#include "tests/unit.h"

#include "tests/plan_text.h"

#include "base/hash.h"
#include "base/xalloc.h"
#include "plan/schema.h"
#include "plan/vars.h"

#include <stdio.h>

static const char head[] = "belay: 1\nsteps:\n";

static void test_absent_keys_have_their_defaults(void **state)
{
	(void)state;
	struct plan *plan = plan_of("belay: 1\nsteps:\n  - {id: a, write: x, content: ''}\n");
	const struct plan_step *step = step_of(plan, "a");
	assert_int_equal(plan->confirm, RISK_MEDIUM);
	assert_int_equal(plan->retry.tries, 5);
	assert_int_equal(plan->retry.first_ms, 1000);
	assert_int_equal(plan->retry.max_ms, 32000);
	assert_int_equal(plan->limits.workers, 0);
	assert_string_equal(plan->model.use, "auto");
	assert_false(plan->model.has_temperature);
	assert_string_equal(plan->name, "");
	assert_string_equal(plan->goal, "");
	assert_false(plan->break_cycles);
	assert_int_equal(step->exists, EXISTS_REPLACE);
	assert_int_equal(step->mode, -1);
	assert_int_equal(step->cache, CACHE_DEFAULT);
	assert_int_equal(step->when, WHEN_DEFAULT);
	assert_int_equal(step->on_fail, ON_FAIL_STOP);
	assert_int_equal(step->risk, RISK_NONE);
	assert_int_equal(step->attempts, 0);
	assert_int_equal(step->timeout_ms, 0);
	assert_int_equal(step->parent, -1);
	assert_false(step->has_writes);
	assert_string_equal(step->content, "");
	assert_string_equal(step->title, "");
	assert_string_equal(step->cwd, "");
	assert_string_equal(step->model.use, "");
	assert_null(step->prompt);
	plan_free(plan);
}

static void assert_list(const struct strings *list, const char *expected)
{
	struct buf joined = { 0 };
	for (size_t i = 0; i < list->n_items; i++)
		buf_printf(&joined, "%s%s", i ? "|" : "", list->item[i]);
	assert_string_equal(buf_str(&joined), expected);
	buf_release(&joined);
}

static void test_keys_of_the_plan_are_read(void **state)
{
	(void)state;
	struct plan *plan = sample_plan("whole.yaml");
	assert_string_equal(plan->name, "whole");
	assert_string_equal(plan->goal, "Give the report command a --json flag.");
	assert_true(plan->model.has_temperature);
	assert_true(plan->model.temperature == 0);
	assert_int_equal(plan->model.max_tokens, 4096);
	assert_list(&plan->model.escalate, "small|small|big");
	assert_int_equal(plan->limits.workers, 4);
	assert_int_equal(plan->limits.tokens, 200000);
	assert_true(plan->limits.usd == 0.5);
	assert_int_equal(plan->limits.seconds, 900);
	assert_int_equal(plan->retry.tries, 7);
	assert_int_equal(plan->retry.first_ms, 500);
	assert_int_equal(plan->retry.max_ms, 90000);
	assert_int_equal(plan->confirm, RISK_LOW);
	assert_list(&plan->context, "include/*.h|README.md");
	assert_int_equal(plan->n_vars, 6);
	assert_int_equal(plan->var[4].type, VAR_CHOICE);
	assert_list(&plan->var[4].choices, "quiet|loud");
	plan_free(plan);
}

static void test_rules_and_checks_are_read(void **state)
{
	(void)state;
	struct plan *plan = sample_plan("whole.yaml");
	assert_int_equal(plan->n_rules, 3);
	assert_list(&plan->rule[0].run, "git|push");
	assert_int_equal(plan->rule[0].verdict, VERDICT_DENY);
	assert_string_equal(plan->rule[0].why, "publishing is a human act");
	assert_string_equal(plan->rule[1].write, "ci/**");
	assert_int_equal(plan->rule[1].verdict, VERDICT_ASK);
	assert_list(&plan->rule[2].run, "make");
	assert_int_equal(plan->n_checks, 3);
	const struct plan_check *build = plan_find_check(plan, "build");
	assert_list(&build->run.argv, "sh|-c|make -j2");
	assert_true(build->run.shell);
	assert_string_equal(build->errors, "gcc");
	assert_int_equal(build->timeout_ms, 120000);
	const struct plan_check *unit = plan_find_check(plan, "unit");
	assert_list(&unit->run.argv, "make|check");
	assert_false(unit->run.shell);
	assert_string_equal(plan_find_check(plan, "plain")->errors, "");
	assert_null(plan_find_check(plan, "other"));
	plan_free(plan);
}

static void test_keys_that_all_steps_share_are_read(void **state)
{
	(void)state;
	struct plan *plan = sample_plan("whole.yaml");
	const struct plan_step *step = step_of(plan, "flag");
	assert_list(&step->needs, "look");
	assert_int_equal(step->need_place[0].line, 43);
	assert_string_equal(step->model.use, "local/big");
	assert_true(step->model.has_temperature && step->model.temperature == 0.5);
	assert_int_equal(step->model.max_tokens, 100);
	assert_list(&step->model.escalate, "local/huge");
	assert_list(&step->checks, "build");
	assert_int_equal(step->attempts, 2);
	assert_int_equal(step->timeout_ms, 120000);
	assert_true(step->has_writes);
	assert_list(&step->writes, "src/**");
	assert_int_equal(step->risk, RISK_MEDIUM);
	assert_int_equal(step->cache, CACHE_REFRESH);
	assert_int_equal(step->on_fail, ON_FAIL_ROLLBACK);
	assert_int_equal(step->when, WHEN_ALWAYS);
	assert_string_equal(step_of(plan, "names")->model.use, "local");
	assert_int_equal(step_of(plan, "names")->on_fail, ON_FAIL_CONTINUE);
	assert_int_equal(step_of(plan, "prove")->when, WHEN_CHANGED);
	assert_int_equal(step_of(plan, "late")->when, WHEN_FAILED);
	assert_int_equal(step_of(plan, "command")->cache, CACHE_OFF);
	assert_int_equal(step_of(plan, "command")->on_fail, ON_FAIL_SKIP_DEPENDANTS);
	plan_free(plan);
}

static void test_keys_of_reading_and_editing_verbs_are_read(void **state)
{
	(void)state;
	struct plan *plan = sample_plan("whole.yaml");
	const struct plan_step *look = step_of(plan, "look");
	assert_int_equal(look->verb, VERB_READ);
	assert_list(&look->target, "src/report.c|src/*.h|docs");
	assert_int_equal(look->first_line, 10);
	assert_int_equal(look->last_line, 40);
	assert_int_equal(look->max_bytes, 65536);
	const struct plan_step *flag = step_of(plan, "flag");
	assert_list(&flag->target, "src/report.c|src/main.c");
	assert_string_equal(flag->prompt, "Add a --json flag to report, as in {{ \"a\": 1 }}.");
	const struct plan_step *names = step_of(plan, "names");
	assert_string_equal(names->rewrite_match, "rpt_print(:[out], :[rest])");
	assert_string_equal(names->rewrite_replace, "report_print(:[rest], :[out])");
	assert_string_equal(name_values_get(&names->where, "out"), "^std(out|err)$");
	const struct plan_step *symbol = step_of(plan, "symbol");
	assert_string_equal(symbol->rename_from, "old_name");
	assert_string_equal(symbol->rename_to, "new_name");
	assert_string_equal(symbol->rename_using, "word");
	assert_false(step_of(plan, "fixed")->patch_is_file);
	assert_non_null(strstr(step_of(plan, "fixed")->patch, "+int b;\n"));
	assert_true(step_of(plan, "fixed-file")->patch_is_file);
	assert_string_equal(step_of(plan, "fixed-file")->patch, "patches/b.patch");
	assert_list(&step_of(plan, "gone")->target, "old/{a,b}/*.c|old/c.c");
	plan_free(plan);
}

static void test_keys_of_writing_verbs_are_read(void **state)
{
	(void)state;
	struct plan *plan = sample_plan("whole.yaml");
	assert_list(&step_of(plan, "doc")->target, "docs/json.md");
	assert_int_equal(step_of(plan, "doc")->exists, EXISTS_SKIP);
	assert_int_equal(step_of(plan, "copy")->exists, EXISTS_FAIL);
	assert_string_equal(step_of(plan, "copy")->from, "docs/json.md");
	assert_string_equal(step_of(plan, "script")->content, "#!/bin/sh\necho quiet ${HOME}\n");
	assert_int_equal(step_of(plan, "script")->mode, 0755);
	const struct plan_step *service = step_of(plan, "service");
	assert_string_equal(service->template_dir, "templates/service");
	assert_string_equal(service->into, "src/export");
	assert_string_equal(name_values_get(&service->with, "tool"), "other");
	const struct plan_step *inl = step_of(plan, "inline");
	assert_null(inl->template_dir);
	assert_string_equal(name_values_get(&inl->files, "{{name}}.c"), "int {{name}};\n");
	assert_string_equal(name_values_get(&inl->files, "{{name}}.h"), "");
	assert_string_equal(name_values_get(&inl->vars, "name"), "inl");
	assert_string_equal(name_values_get(&inl->vars, "level"), "quiet");
	assert_int_equal(inl->exists, EXISTS_FAIL);
	assert_string_equal(step_of(plan, "nested")->into, "");
	assert_int_equal(step_of(plan, "nested")->files.n_pairs, 1);
	assert_string_equal(step_of(plan, "filled")->prompt, "Fill it for CSV.");
	const struct plan_step *cases = step_of(plan, "cases");
	assert_int_equal(cases->verb, VERB_TEST);
	assert_string_equal(cases->into, "tests/test_report_json.c");
	assert_list(&cases->command.argv, "sh|-c|make check");
	plan_free(plan);
}

static void test_keys_of_the_other_verbs_are_read(void **state)
{
	(void)state;
	struct plan *plan = sample_plan("whole.yaml");
	const struct plan_step *prove = step_of(plan, "prove");
	assert_list(&prove->target, "build|unit|inline:1");
	assert_int_equal(prove->n_inline_checks, 1);
	assert_int_equal(plan_find_check_of(plan, prove, "inline:1")->timeout_ms, 10000);
	assert_ptr_equal(plan_find_check_of(plan, prove, "unit"), plan_find_check(plan, "unit"));
	assert_list(&prove->accept, "--json output parses as JSON");
	assert_true(prove->lsp);
	assert_list(&prove->paths, "src/**");
	const struct plan_step *command = step_of(plan, "command");
	assert_list(&command->command.argv, "sh|-c|echo \"$X\" > out/x.txt");
	assert_false(command->command.shell);
	assert_string_equal(command->cwd, "");
	assert_string_equal(name_values_get(&command->env, "X"), "quiet");
	assert_string_equal(name_values_get(&command->env, "EMPTY"), "");
	assert_false(command->network);
	assert_int_equal(command->timeout_ms, 3600000);
	assert_true(step_of(plan, "text")->command.shell);
	assert_string_equal(step_of(plan, "text")->cwd, "tools");
	assert_string_equal(step_of(plan, "sure")->question, "Is all this what you want?");
	plan_free(plan);
}

static void test_durations_add_up(void **state)
{
	static const struct { const char *text; int64_t ms; } row[] = {
		{ "500ms", 500 }, { "1s", 1000 }, { "120s", 120000 }, { "2m", 120000 }, { "1h", 3600000 },
		{ "1m30s", 90000 }, { "1h1m1s1ms", 3661001 },
	};
	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		char *text = xasprintf("%s  - {id: a, run: x, timeout: %s}\n", head, row[i].text);
		struct plan *plan = plan_of(text);
		assert_int_equal(plan->step[0].timeout_ms, row[i].ms);
		plan_free(plan);
		free(text);
	}
}

static void test_ranges_of_lines_have_four_forms(void **state)
{
	static const struct { const char *text; int64_t first, last; } row[] = {
		{ "10-40", 10, 40 }, { "10-", 10, 0 }, { "7", 7, 7 }, { "[3, 5]", 3, 5 },
	};
	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		char *text = xasprintf("%s  - {id: a, read: x, lines: %s}\n", head, row[i].text);
		struct plan *plan = plan_of(text);
		assert_int_equal(plan->step[0].first_line, row[i].first);
		assert_int_equal(plan->step[0].last_line, row[i].last);
		plan_free(plan);
		free(text);
	}
}

static void test_paths_are_normalised(void **state)
{
	static const char *const row[][2] = {
		{ "./a//b/", "a/b" }, { "a\\b", "a/b" }, { "a/../b", "b" }, { "'a b/é'", "a b/é" }, { ".", "" },
		{ ".gitmodules", ".gitmodules" }, { ".github/x", ".github/x" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		char *text = xasprintf("%s  - {id: a, read: %s}\n", head, row[i][0]);
		struct plan *plan = plan_of(text);
		assert_list(&plan->step[0].target, row[i][1]);
		plan_free(plan);
		free(text);
	}
}

static void test_words_of_yaml_1_1_are_texts(void **state)
{
	(void)state;
	struct plan *plan = plan_of("belay: 1\nname: no\nsteps: [{id: on, ask: yes}]\n");
	assert_string_equal(plan->name, "no");
	assert_string_equal(step_of(plan, "on")->question, "yes");
	plan_free(plan);
}

static void test_a_byte_order_mark_and_crlf_are_no_part_of_a_plan(void **state)
{
	(void)state;
	struct plan *plan = plan_of("\xef\xbb\xbf" "belay: 1\r\nname: x\r\nsteps:\r\n  - {id: a, read: b}\r\n");
	assert_string_equal(plan->name, "x");
	assert_int_equal(plan->step[0].place.line, 4);
	plan_free(plan);
}

static void test_values_from_outside_replace_defaults(void **state)
{
	static const char text[] =
		"belay: 1\nvars:\n  p: {type: path, required: true}\n  n: {type: int, default: 1}\n  s: x\n"
		"  b: {type: bool, default: true}\n  c: {type: choice, choices: [u, v], default: u}\n"
		"steps:\n  - {id: a, run: [\"{{p}}\", \"{{n}}\", \"{{ s }}\", \"{{b}}\", \"{{c}}\"]}\n";
	struct name_value pair[] = { { "p", "./src//a" }, { "n", "-3" }, { "b", "false" }, { "c", "v" } };
	struct name_values vars = { pair, 4, 4 };
	const struct plan_load_options options = { .vars = &vars };
	(void)state;
	struct plan *plan = plan_of_with(text, &options);
	assert_list(&plan->step[0].command.argv, "src/a|-3|x|false|v");
	plan_free(plan);
}

static void test_unset_variables_may_stand_for_themselves(void **state)
{
	const struct plan_load_options options = { .allow_unset = true };
	(void)state;
	struct plan *plan = plan_of_with("belay: 1\nvars: {t: {type: path, required: true}, n: {type: int}}\n"
	                                 "steps: [{id: a, write: \"src/{{t}}\", content: x, attempts: \"{{n}}\"}]\n",
	                                 &options);
	assert_list(&plan->step[0].target, "src/{{t}}");
	assert_int_equal(plan->step[0].attempts, 0);
	plan_free(plan);
}

static void test_hash_is_that_of_the_bytes(void **state)
{
	static const char text[] = "belay: 1\nsteps: [{id: a, read: b}]\n";
	struct hash hash;
	char hex[HASH_HEX_SIZE];
	(void)state;
	struct plan *plan = plan_of(text);
	hash_data(&hash, text, strlen(text));
	hash_format(&hash, hex);
	assert_string_equal(plan->hash, hex);
	plan_free(plan);
}

static void test_titles_are_one_line_from_what_is_there(void **state)
{
	static const struct { const char *step, *title; } row[] = {
		{ "title: the title, read: x", "the title" },
		{ "read: x", "read x" },
		{ "read: [x, y, z]", "read x and 2 more" },
		{ "run: make all", "run make all" },
		{ "run: [make, 'all of it']", "run make all of it" },
		{ "run: \"make\\nmake check\"", "run make ..." },
		{ "ask: \"Sure?\\r\\nReally?\"", "ask Sure? ..." },
		{ "scaffold: t, into: src/x", "scaffold src/x" },
		{ "validate: , accept: good", "validate" },
		{ "steps: [{id: b, read: x}]", "" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct buf title = { 0 };
		char *text = xasprintf("%s  - {id: a, %s}\n", head, row[i].step);
		struct plan *plan = plan_of(text);
		buf_add_str(&title, "> ");
		plan_step_title(&plan->step[0], &title);
		assert_string_equal(buf_str(&title) + 2, row[i].title);
		buf_release(&title);
		plan_free(plan);
		free(text);
	}
}

static void test_names_of_risks_are_read_back(void **state)
{
	(void)state;
	for (int i = RISK_NONE; i <= RISK_NEVER; i++)
		assert_int_equal(risk_parse(risk_name((enum risk)i)), i);
	assert_int_equal(risk_parse("some"), -1);
}

static void test_braces_that_are_no_names_stay(void **state)
{
	struct name_value pair[] = { { "a", "A" } };
	const struct name_values vars = { pair, 1, 1 };
	static const char *const row[][2] = {
		{ "{{a}}{{ a }}", "AA" }, { "{{0}} {{a, b}} {{}} {{", "{{0}} {{a, b}} {{}} {{" },
		{ "\\{{a}}", "{{a}}" }, { "\\{a}\\\\", "\\{a}\\\\" }, { "${{ a.b }}", "${{ a.b }}" }, { "{{a}", "{{a}" },
		{ "{{{a}}}", "{A}" }, { "", "" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct err err = { 0 };
		struct buf out = { 0 };
		assert_ok(vars_expand(&out, row[i][0], NULL, &vars, &err), &err);
		assert_string_equal(buf_str(&out), row[i][1]);
		buf_release(&out);
	}
}

/* What a template leaves for the second time must come out as if all had been known at once. */
static void test_templates_keep_what_is_known_later(void **state)
{
	struct name_value early[] = { { "a", "{{b}} \\{{ {{f}}" } };
	struct name_value late[] = { { "f", "{{F}}" } };
	const struct name_values vars = { early, 1, 1 };
	const struct name_values values = { late, 1, 1 };
	struct err err = { 0 };
	struct buf first = { 0 };
	struct buf second = { 0 };
	(void)state;
	assert_ok(vars_expand_template(&first, "{{a}} {{f}} \\{{f}}", NULL, &vars, "f", &err), &err);
	assert_ok(vars_expand(&second, buf_str(&first), &values, NULL, &err), &err);
	assert_string_equal(buf_str(&second), "{{b}} \\{{ {{f}} {{F}} {{f}}");
	buf_release(&first);
	buf_release(&second);
}

static void test_samples_load(void **state)
{
	static const char *const name[] = { "smallest.yaml", "whole.yaml", "groups.yaml", "each.yaml", "include.yaml",
		"cycle.yaml" };
	(void)state;
	for (size_t i = 0; i < sizeof name / sizeof *name; i++)
		plan_free(sample_plan(name[i]));
}

/* A table that is read together with the common keys: no name twice, room for all, each with its text. */
static void check_table(const struct plan_table *table, const struct plan_table *common)
{
	assert_true(table->n_keys + (common ? common->n_keys : 0) <= 32);
	for (size_t i = 0; i < table->n_keys; i++) {
		const struct plan_key *key = &table->key[i];
		assert_non_null(key->help);
		assert_true(strlen(plan_value_expected(key->value)) > 0);
		assert_ptr_equal(plan_table_find(table, key->name), key);
		if (common && plan_table_find(common, key->name))
			fail_msg("'%s' is in two tables", key->name);
	}
}

static void test_tables_of_keys_are_sound(void **state)
{
	(void)state;
	check_table(&plan_root_table, NULL);
	check_table(&plan_model_table, NULL);
	check_table(&plan_var_table, NULL);
	check_table(&plan_check_table, NULL);
	check_table(&plan_rule_table, NULL);
	for (size_t i = 0; i < plan_n_verbs; i++) {
		const struct plan_verb *verb = &plan_verb_schema[i];
		check_table(&verb->table, verb->is_group ? &plan_group_table : &plan_common_table);
		if (!verb->is_group)
			assert_string_equal(verb->table.key[0].name, verb_name(verb->verb));
		for (size_t k = 0; verb->alternatives && verb->alternatives[k]; k++)
			assert_non_null(plan_table_find(&verb->table, verb->alternatives[k]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_absent_keys_have_their_defaults),
		cmocka_unit_test(test_keys_of_the_plan_are_read),
		cmocka_unit_test(test_rules_and_checks_are_read),
		cmocka_unit_test(test_keys_that_all_steps_share_are_read),
		cmocka_unit_test(test_keys_of_reading_and_editing_verbs_are_read),
		cmocka_unit_test(test_keys_of_writing_verbs_are_read),
		cmocka_unit_test(test_keys_of_the_other_verbs_are_read),
		cmocka_unit_test(test_durations_add_up),
		cmocka_unit_test(test_ranges_of_lines_have_four_forms),
		cmocka_unit_test(test_paths_are_normalised),
		cmocka_unit_test(test_words_of_yaml_1_1_are_texts),
		cmocka_unit_test(test_a_byte_order_mark_and_crlf_are_no_part_of_a_plan),
		cmocka_unit_test(test_values_from_outside_replace_defaults),
		cmocka_unit_test(test_unset_variables_may_stand_for_themselves),
		cmocka_unit_test(test_hash_is_that_of_the_bytes),
		cmocka_unit_test(test_titles_are_one_line_from_what_is_there),
		cmocka_unit_test(test_names_of_risks_are_read_back),
		cmocka_unit_test(test_braces_that_are_no_names_stay),
		cmocka_unit_test(test_templates_keep_what_is_known_later),
		cmocka_unit_test(test_samples_load),
		cmocka_unit_test(test_tables_of_keys_are_sound),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
