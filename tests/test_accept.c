/* Judging a change: acceptance criteria, and checks that know what was there before. Answers written by hand. */
#include "tests/unit.h"

#include "run/accept.h"
#include "run/baseline.h"
#include "tests/scene.h"

#include <stdio.h>

static void check_kinds(const char *answer, size_t n, const char *kinds)
{
	struct accept_verdict *verdict = accept_read(answer, strlen(answer), n);
	char got[10] = "";
	for (size_t i = 0; i < n; i++)
		got[i] = "-+xu"[verdict[i].kind];
	assert_string_equal(got, kinds);
	accept_free(verdict, n);
}

static void test_only_what_is_said_once_and_clearly_is_judged(void **state)
{
	(void)state;
	check_kinds("{\"verdicts\":[{\"criterion\":1,\"verdict\":\"met\"},{\"criterion\":2,\"verdict\":\"unmet\"}]}", 2, "+x");
	check_kinds("Sure!\n```json\n{\"verdicts\":[{\"criterion\":2,\"verdict\":\"unsure\"}]}\n```", 2, "-u");
	check_kinds("{\"verdicts\":[{\"criterion\":1,\"verdict\":\"met\"},{\"criterion\":1,\"verdict\":\"unmet\"}]}", 1, "-");
	check_kinds("{\"verdicts\":[{\"criterion\":1,\"verdict\":\"passed\"},{\"criterion\":0,\"verdict\":\"met\"},"
	            "{\"criterion\":3,\"verdict\":\"met\"},{\"criterion\":-1,\"verdict\":\"met\"},7,null]}", 2, "--");
	check_kinds("{\"verdicts\":{\"criterion\":1}}", 1, "-");
	check_kinds("all is well", 1, "-");
	check_kinds("} {", 1, "-");
	check_kinds("", 2, "--");
}

static void judge_scene(struct scene *scene, const char *rest)
{
	struct buf plan = { 0 };
	buf_printf(&plan, "belay: 1\ngoal: A page.\nsteps:\n"
	           "  - { id: w, write: a.txt, content: \"new text\\n\" }\n"
	           "  - { id: x, write: b.txt, content: \"other\\n\" }\n"
	           "  - { id: v, needs: [w, x], validate: , accept: [the page is new, it is long]%s }\n", rest);
	scene_init(scene, buf_str(&plan));
	scratch_write(scene->tree, "a.txt", "old text\n");
	buf_release(&plan);
}

#define VERDICTS "{\"verdicts\":[{\"criterion\":1,\"verdict\":\"met\",\"reason\":\"it says so\"}," \
	"{\"criterion\":2,\"verdict\":\"unmet\",\"reason\":\"two words\"}]}\n"

static void test_a_verdict_sees_the_change_and_is_advice(void **state)
{
	(void)state;
	struct scene scene;
	judge_scene(&scene, "");
	scene_answer(&scene, "v", 1, VERDICTS);
	assert_int_equal(scene_run(&scene), 0);
	const struct event *sent = scene_find(&scene, EVENT_PROMPT_SENT, "v");
	assert_contains(sent->text.data, "-old text\n+new text\n");
	assert_contains(sent->text.data, "+other");
	assert_contains(sent->text.data, "2. it is long");
	assert_contains(sent->text.data, "The goal of the change: A page.");
	const struct event *check = scene_find(&scene, EVENT_CHECK_FINISHED, "v");
	assert_int_equal(check->diagnostics.n_diags, 2);
	assert_int_equal(check->diagnostics.diag[0].severity, DIAG_NOTE);
	assert_string_equal(check->diagnostics.diag[1].message, "not met: it is long: two words");
	assert_int_equal(check->diagnostics.diag[1].severity, DIAG_WARNING);
	assert_int_equal(check->exit_code, 1);
	assert_int_equal(scene_count(&scene, EVENT_APPROVAL_GIVEN, "v"), 0); /* no command runs: there is nothing to ask */
	scene_release(&scene);
}

static void test_a_strict_step_fails_by_it(void **state)
{
	(void)state;
	struct scene scene;
	judge_scene(&scene, ", strict: true");
	scene_answer(&scene, "v", 1, VERDICTS);
	assert_int_equal(scene_run(&scene), 1);
	assert_true(scene_noticed(&scene, "1 of 2 acceptance criteria are not met"));
	scene_release(&scene);
}

static void test_what_nobody_judged_is_told_and_is_no_pass(void **state)
{
	(void)state;
	for (int strict = 0; strict < 2; strict++) {
		struct scene scene;
		judge_scene(&scene, strict ? ", strict: true" : "");
		assert_int_equal(scene_run(&scene), strict); /* there is no recorded answer */
		const struct event *check = scene_find(&scene, EVENT_CHECK_FINISHED, "v");
		assert_non_null(check);
		assert_string_equal(check->diagnostics.diag[0].message, "not judged: the page is new");
		assert_int_equal(check->exit_code, 1);
		scene_release(&scene);
	}
}

static void test_paths_say_what_is_looked_at(void **state)
{
	(void)state;
	struct scene scene;
	judge_scene(&scene, ", paths: b.txt");
	scene_answer(&scene, "v", 1, VERDICTS);
	assert_int_equal(scene_run(&scene), 0);
	const struct event *sent = scene_find(&scene, EVENT_PROMPT_SENT, "v");
	assert_contains(sent->text.data, "+other");
	assert_null(strstr(sent->text.data, "new text"));
	scene_release(&scene);
}

/* ---- the baseline of checks ---- */

static void test_findings_are_the_same_when_file_rule_and_message_are(void **state)
{
	(void)state;
	struct diags now = { 0 };
	struct diags before = { 0 };
	diags_add(&before, DIAG_ERROR, "a.c", 3, 1, "x");
	diags_add(&before, DIAG_ERROR, "a.c", 9, 1, "gone");
	diags_add(&now, DIAG_ERROR, "a.c", 5, 2, "x");
	diags_add(&now, DIAG_ERROR, "a.c", 6, 2, "x"); /* one more than there was */
	diags_add(&now, DIAG_ERROR, "b.c", 5, 2, "x");
	diags_add(&now, DIAG_WARNING, "a.c", 7, 2, "y");
	assert_int_equal(diags_subtract(&now, &before), 1);
	assert_int_equal(now.n_diags, 3);
	assert_int_equal(now.n_errors, 2);
	assert_int_equal(now.diag[0].line, 6);
	diags_release(&now);
	diags_release(&before);
}

/* A check that has one finding for each line that says bad. */
#define BAD "{ run: '! grep -Hn bad *.txt', errors: gnu%s }"

static int run_with(const char *baseline, const char *old, const char *new, const char *notice)
{
	struct scene scene;
	char plan[500];
	snprintf(plan, sizeof plan, "belay: 1\nchecks:\n  bad: " BAD "\nsteps:\n"
	         "  - { id: w, write: a.txt, content: \"%s\", checks: [bad] }\n", baseline, new);
	scene_init(&scene, plan);
	scene.options.yes = RISK_HIGH;
	scratch_write(scene.tree, "a.txt", old);
	int exit = scene_run(&scene);
	if (notice && !scene_noticed(&scene, notice))
		fail_msg("nobody says: %s", notice);
	if (exit)
		scene_assert_file(&scene, "a.txt", old);
	char *left = scratch_list(scene.run_dir);
	assert_null(strstr(left, "shadow-"));
	free(left);
	scene_release(&scene);
	return exit;
}

static void test_with_a_baseline_only_new_findings_refuse(void **state)
{
	(void)state;
	assert_int_equal(run_with(", baseline: true", "bad\n", "one\\nbad\\n", "1 findings were there before, 0 are new"), 0);
	assert_int_equal(run_with(", baseline: true", "bad\n", "bad\\nbad two\\n", "1 findings were there before, 1 are new"), 1);
	assert_int_equal(run_with("", "bad\n", "one\\nbad\\n", NULL), 1);
	assert_int_equal(run_with(", baseline: true", "good\n", "bad\\n", NULL), 1);
}

static void test_a_validation_compares_with_the_tree_before_the_run(void **state)
{
	(void)state;
	for (int made_worse = 0; made_worse < 2; made_worse++) {
		struct scene scene;
		char plan[500];
		snprintf(plan, sizeof plan, "belay: 1\nsteps:\n"
		         "  - { id: w, write: b.txt, content: \"%s\\n\" }\n"
		         "  - { id: v, needs: w, validate: [" BAD "] }\n", made_worse ? "bad" : "good", ", baseline: true");
		scene_init(&scene, plan);
		scene.options.yes = RISK_HIGH;
		scratch_write(scene.tree, "a.txt", "bad\n");
		assert_int_equal(scene_run(&scene), made_worse);
		scene_release(&scene);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_what_is_said_once_and_clearly_is_judged),
		cmocka_unit_test(test_a_verdict_sees_the_change_and_is_advice),
		cmocka_unit_test(test_a_strict_step_fails_by_it),
		cmocka_unit_test(test_what_nobody_judged_is_told_and_is_no_pass),
		cmocka_unit_test(test_paths_say_what_is_looked_at),
		cmocka_unit_test(test_findings_are_the_same_when_file_rule_and_message_are),
		cmocka_unit_test(test_with_a_baseline_only_new_findings_refuse),
		cmocka_unit_test(test_a_validation_compares_with_the_tree_before_the_run),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
