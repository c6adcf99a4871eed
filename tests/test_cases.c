/* `test` steps: cases land when they pass, are run, and fail on broken code; else the model is told. Answers by hand. */
#include "tests/unit.h"

#include "tests/scene.h"

#include <stdio.h>

#define CODE "int add(int a, int b)\n{\n\treturn a + b;\n}\n\nint twice(int a)\n{\n\treturn add(a, a);\n}\n"
#define HEAD "int add(int a, int b);\nint twice(int a);\n"

#define ANSWER(text) "FILE abcdef012345 test_add.c\n" text "END abcdef012345\n"
#define GOOD ANSWER("#include \"add.h\"\nint main(void)\n{\n\treturn add(2, 3) != 5;\n}\n")
#define WRONG ANSWER("#include \"add.h\"\nint main(void)\n{\n\treturn add(2, 3) != 6;\n}\n")
#define VACUOUS ANSWER("#include \"add.h\"\nint main(void)\n{\n\tadd(2, 3);\n\treturn 0;\n}\n")

#define RUN "cc -Wall -Wextra -Werror -o t test_add.c add.c && ./t"

static void code_scene(struct scene *scene, const char *rest)
{
	char plan[600];
	snprintf(plan, sizeof plan, "belay: 1\nsteps:\n  - { id: t, test: add.c, into: test_add.c, %s }\n", rest);
	scene_init(scene, plan);
	scratch_write(scene->tree, "add.c", CODE);
	scratch_write(scene->tree, "add.h", HEAD);
	scene->options.yes = RISK_HIGH;
}

static void test_cases_that_see_faults_land(void **state)
{
	(void)state;
	struct scene scene;
	code_scene(&scene, "run: '" RUN "'");
	scene_answer(&scene, "t", 1, GOOD);
	assert_int_equal(scene_run(&scene), 0);
	char *text = scratch_read(scene.tree, "test_add.c");
	assert_contains(text, "add(2, 3) != 5");
	free(text);
	scene_assert_file(&scene, "add.c", CODE);
	scene_assert_file(&scene, "t", NULL); /* what was built stayed in the copy */
	assert_true(scene_noticed(&scene, "the new tests fail when the code under test is broken"));
	const struct event *sent = scene_find(&scene, EVENT_PROMPT_SENT, "t");
	assert_contains(sent->text.data, "int twice(int a)");
	assert_contains(sent->text.data, "Write test cases for add.c into test_add.c");
	char *left = scratch_list(scene.run_dir);
	assert_null(strstr(left, "shadow-"));
	free(left);
	scene_release(&scene);
}

static void test_failures_and_empty_tests_go_back_to_the_model(void **state)
{
	(void)state;
	struct scene scene;
	code_scene(&scene, "run: '" RUN "', attempts: 3");
	scene_answer(&scene, "t", 1, WRONG);
	scene_answer(&scene, "t", 2, VACUOUS);
	scene_answer(&scene, "t", 3, GOOD);
	assert_int_equal(scene_run(&scene), 0);
	assert_int_equal(scene_count(&scene, EVENT_STEP_STARTED, "t"), 3);
	size_t n = 0;
	for (size_t i = 0; i < scene.n_events; i++) {
		const struct event *event = scene.event[i];
		if (event->kind == EVENT_STEP_STARTED && event->reason && n++ == 0)
			assert_contains(event->reason, "the new tests do not pass, exit status 1");
		else if (event->kind == EVENT_STEP_STARTED && event->reason)
			assert_contains(event->reason, "pass although the code under test is broken: add");
	}
	assert_int_equal(n, 2);
	assert_int_equal(scene_count(&scene, EVENT_LANDED, "t"), 1);
	scene_release(&scene);
}

static void test_cases_that_nothing_runs_do_not_land(void **state)
{
	(void)state;
	struct scene scene;
	code_scene(&scene, "run: 'true', attempts: 1");
	scene_answer(&scene, "t", 1, GOOD);
	assert_int_equal(scene_run(&scene), 1);
	assert_true(scene_noticed(&scene, "the command of the tests does not run 'test_add.c'"));
	scene_assert_file(&scene, "test_add.c", NULL);
	scene_release(&scene);
}

static void test_what_other_tests_see_already_is_told(void **state)
{
	(void)state;
	struct scene scene;
	code_scene(&scene, "run: 'for t in test_*.c; do cc -o t $t add.c && ./t || exit 1; done'");
	scratch_write(scene.tree, "test_old.c", "#include \"add.h\"\nint main(void) { return add(1, 1) != 2; }\n");
	scene_answer(&scene, "t", 1, GOOD);
	assert_int_equal(scene_run(&scene), 0);
	assert_true(scene_noticed(&scene, "and so did those that were there before"));
	scene_release(&scene);
}

static void test_the_framework_is_found_from_what_is_there(void **state)
{
	(void)state;
	struct scene scene;
	scene_init(&scene, "belay: 1\nsteps:\n  - { id: t, test: pkg/core.py }\n");
	scene.options.yes = RISK_HIGH;
	scratch_mkdir(scene.tree, "pkg");
	scratch_mkdir(scene.tree, "tests");
	scratch_write(scene.tree, "pkg/__init__.py", "");
	scratch_write(scene.tree, "tests/__init__.py", "");
	scratch_write(scene.tree, "pkg/core.py", "def half(n):\n    if n % 2:\n        raise ValueError(n)\n    return n // 2\n");
	scratch_write(scene.tree, "tests/test_old.py", "import unittest\nclass T(unittest.TestCase):\n    pass\n");
	scene_answer(&scene, "t", 1,
	             "FILE abcdef012345 tests/test_core.py\n"
	             "import unittest\nfrom pkg.core import half\n\nclass HalfTest(unittest.TestCase):\n"
	             "    def test_even(self):\n        self.assertEqual(half(4), 2)\nEND abcdef012345\n");
	assert_int_equal(scene_run(&scene), 0);
	assert_true(scratch_has(scene.tree, "tests/test_core.py"));
	const struct event *sent = scene_find(&scene, EVENT_PROMPT_SENT, "t");
	assert_contains(sent->text.data, "Use unittest.");
	assert_contains(sent->text.data, "python3 -m unittest -v tests/test_core.py");
	scene_release(&scene);
}

static void test_without_a_framework_the_plan_has_to_say(void **state)
{
	(void)state;
	struct scene scene;
	scene_init(&scene, "belay: 1\nsteps:\n  - { id: t, test: add.c }\n");
	scene.options.yes = RISK_HIGH;
	scratch_write(scene.tree, "add.c", CODE);
	assert_int_equal(scene_run(&scene), 1);
	assert_true(scene_noticed(&scene, "how 'add.c' is tested here cannot be told from the repository"));
	scene_release(&scene);
}

static void test_nothing_is_run_without_a_yes(void **state)
{
	(void)state;
	struct scene scene;
	code_scene(&scene, "run: '" RUN "'");
	scene.options.yes = RISK_NONE;
	scene_answer(&scene, "t", 1, GOOD);
	assert_int_equal(scene_run(&scene), 7);
	assert_int_equal(scene_count(&scene, EVENT_PROMPT_SENT, "t"), 0);
	scene_assert_file(&scene, "test_add.c", NULL);
	scene_release(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases_that_see_faults_land),
		cmocka_unit_test(test_failures_and_empty_tests_go_back_to_the_model),
		cmocka_unit_test(test_cases_that_nothing_runs_do_not_land),
		cmocka_unit_test(test_what_other_tests_see_already_is_told),
		cmocka_unit_test(test_the_framework_is_found_from_what_is_there),
		cmocka_unit_test(test_without_a_framework_the_plan_has_to_say),
		cmocka_unit_test(test_nothing_is_run_without_a_yes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
