/* Acceptance criteria: what a verdict is, what it sees, and what becomes of the step. Answers written by hand. */
#include "tests/unit.h"

#include "run/accept.h"
#include "tests/scene.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_what_is_said_once_and_clearly_is_judged),
		cmocka_unit_test(test_a_verdict_sees_the_change_and_is_advice),
		cmocka_unit_test(test_a_strict_step_fails_by_it),
		cmocka_unit_test(test_what_nobody_judged_is_told_and_is_no_pass),
		cmocka_unit_test(test_paths_say_what_is_looked_at),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
