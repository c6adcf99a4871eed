/* A proposed change that a person accepts in part, or sends back with a reason. */
#include "tests/unit.h"

#include "base/xalloc.h"
#include "tests/scene.h"

#define PLAN                                                                                            \
	"belay: 1\npolicy: { confirm: low }\n"                                                          \
	"steps:\n  - { id: a, refactor: [a.txt, b.txt], rewrite: { match: old, replace: new } }\n"

#define FIRST_HUNK                                                                                      \
	"diff --git a/a.txt b/a.txt\n--- a/a.txt\n+++ b/a.txt\n@@ -1,4 +1,4 @@\n-old\n+new\n 2\n 3\n 4\n"

#define LINES "old\n2\n3\n4\n5\n6\n7\n8\n9\nold\n"

/* Answers the first question with the patch in scene->arg, and any other with a yes. */
static void accept_part(struct scene *scene, const struct event *event)
{
	struct command command = { .kind = COMMAND_DECIDE, .by = "person", .number = 1, .rejected = 2 };
	if (event->kind != EVENT_APPROVAL_ASKED && (event->kind != EVENT_NOTICE || !scene->arg))
		return;
	const struct event *asked = scene_last(scene, EVENT_APPROVAL_ASKED, "a");
	if (!asked)
		return;
	if (event->kind == EVENT_NOTICE) {
		if (strcmp(event->category, "plan") == 0)
			scene_answer_request(scene, asked, true);
		return;
	}
	command.request = (char *)(uintptr_t)asked->request;
	command.text = scene->arg;
	executor_feed(scene->executor)->ops->send(executor_feed(scene->executor), &command);
}

static void open_scene(struct scene *scene, const char *plan, const char *patch)
{
	scene_init(scene, plan);
	scratch_write(scene->tree, "a.txt", LINES);
	scratch_write(scene->tree, "b.txt", "old\n");
	scene->options.yes = RISK_NONE;
	scene->options.can_ask = true;
	scene->seen = accept_part;
	scene->arg = (void *)(uintptr_t)patch;
}

static void test_only_the_accepted_part_lands(void **state)
{
	struct scene scene;
	(void)state;
	open_scene(&scene, PLAN, FIRST_HUNK);
	assert_int_equal(scene_run(&scene), 0);
	scene_assert_file(&scene, "a.txt", "new\n2\n3\n4\n5\n6\n7\n8\n9\nold\n");
	scene_assert_file(&scene, "b.txt", "old\n");
	const struct event *decided = scene_find(&scene, EVENT_CHANGE_DECIDED, "a");
	assert_int_equal(decided->accepted, 1);
	assert_int_equal(decided->rejected, 2);
	assert_string_equal(decided->by, "person");
	assert_int_equal(decided->files.n_files, 1);
	assert_contains(decided->text.data, "+new");
	assert_int_equal(scene_find(&scene, EVENT_LANDED, "a")->files.n_files, 1);
	assert_int_equal(run_model_step(&scene.model, "a")->n_files, 1);
	scene_release(&scene);
}

static void test_an_edited_hunk_lands_as_it_was_edited(void **state)
{
	struct scene scene;
	(void)state;
	open_scene(&scene, PLAN,
	           "diff --git a/b.txt b/b.txt\n--- a/b.txt\n+++ b/b.txt\n@@ -1 +1,2 @@\n-old\n+mine\n+and more\n");
	assert_int_equal(scene_run(&scene), 0);
	scene_assert_file(&scene, "a.txt", LINES);
	scene_assert_file(&scene, "b.txt", "mine\nand more\n");
	scene_release(&scene);
}

/* The question stays; the yes that follows takes all. */
static void test_a_part_that_does_not_fit_changes_nothing_and_the_question_stays(void **state)
{
	static const char *const bad[] = {
		"diff --git a/b.txt b/b.txt\n--- a/b.txt\n+++ b/b.txt\n@@ -1 +1 @@\n-never there\n+new\n",
		"diff --git a/c.txt b/c.txt\nnew file mode 100644\n--- /dev/null\n+++ b/c.txt\n@@ -0,0 +1 @@\n+new\n",
		"no patch\n",
		"",
	};
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct scene scene;
		open_scene(&scene, PLAN, bad[i]);
		assert_int_equal(scene_run(&scene), 0);
		assert_null(scene_find(&scene, EVENT_CHANGE_DECIDED, "a"));
		assert_non_null(scene_find(&scene, EVENT_NOTICE, "a"));
		scene_assert_file(&scene, "b.txt", "new\n");
		scene_assert_file(&scene, "c.txt", NULL);
		scene_release(&scene);
	}
}

/* Bytes that are no text have no hunks: the file's part of the patch stands for all of it. */
static void test_what_has_no_lines_is_accepted_as_a_whole(void **state)
{
	struct scene scene;
	(void)state;
	open_scene(&scene, "belay: 1\npolicy: { confirm: low }\nsteps:\n  - { id: a, write: c.bin, from: d.bin }\n",
	           "diff --git a/c.bin b/c.bin\nnew file mode 100644\nBinary files /dev/null and b/c.bin differ\n");
	scratch_write_bytes(scene.tree, "d.bin", "a\0b", 3, 0644);
	assert_int_equal(scene_run(&scene), 0);
	assert_non_null(scene_find(&scene, EVENT_CHANGE_DECIDED, "a"));
	assert_true(scratch_has(scene.tree, "c.bin"));
	scene_release(&scene);
}

#define EDIT(new) "a.txt\n<<<<<<< SEARCH\n2\n=======\n" new "\n>>>>>>> REPLACE\n"

static void refuse_first(struct scene *scene, const struct event *event)
{
	struct command command = { .kind = COMMAND_REFUSE, .by = "person", .request = (char *)(uintptr_t)event->request };
	if (event->kind != EVENT_APPROVAL_ASKED)
		return;
	if (event->attempt > 1) {
		scene_answer_request(scene, event, true);
		return;
	}
	command.text = scene->arg;
	executor_feed(scene->executor)->ops->send(executor_feed(scene->executor), &command);
}

static void test_a_reason_goes_back_to_the_model(void **state)
{
	struct scene scene;
	(void)state;
	open_scene(&scene, "belay: 1\npolicy: { confirm: low }\nsteps:\n  - { id: a, refactor: a.txt, prompt: Say two. }\n",
	           "two is a word");
	scene.seen = refuse_first;
	scene_answer(&scene, "a", 1, EDIT("II"));
	scene_answer(&scene, "a", 2, EDIT("two"));
	assert_int_equal(scene_run(&scene), 0);
	scene_assert_file(&scene, "a.txt", "old\ntwo\n3\n4\n5\n6\n7\n8\n9\nold\n");
	assert_string_equal(scene_find(&scene, EVENT_APPROVAL_REFUSED, "a")->reason, "two is a word");
	assert_string_equal(scene_last(&scene, EVENT_STEP_STARTED, "a")->reason, "refused: two is a word");
	scene_release(&scene);
}

static void test_a_refusal_without_a_reason_is_the_end_of_the_step(void **state)
{
	struct scene scene;
	(void)state;
	open_scene(&scene, "belay: 1\npolicy: { confirm: low }\nsteps:\n  - { id: a, refactor: a.txt, prompt: Say two. }\n",
	           NULL);
	scene.seen = refuse_first;
	scene_answer(&scene, "a", 1, EDIT("II"));
	assert_int_equal(scene_run(&scene), 3);
	scene_assert_file(&scene, "a.txt", LINES);
	scene_release(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_the_accepted_part_lands),
		cmocka_unit_test(test_an_edited_hunk_lands_as_it_was_edited),
		cmocka_unit_test(test_a_part_that_does_not_fit_changes_nothing_and_the_question_stays),
		cmocka_unit_test(test_what_has_no_lines_is_accepted_as_a_whole),
		cmocka_unit_test(test_a_reason_goes_back_to_the_model),
		cmocka_unit_test(test_a_refusal_without_a_reason_is_the_end_of_the_step),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
