/* A person at the run: approvals, stops, pauses, undo, and going on later. */
#include "tests/unit.h"

#include "base/xalloc.h"
#include "tests/scene.h"

#include <stdio.h>
#include <unistd.h>

static void say_yes(struct scene *scene, const struct event *event)
{
	if (event->kind == EVENT_APPROVAL_ASKED)
		scene_answer_request(scene, event, true);
}

static void say_no(struct scene *scene, const struct event *event)
{
	if (event->kind == EVENT_APPROVAL_ASKED)
		scene_answer_request(scene, event, false);
}

#define RISKY                                                                                           \
	"belay: 1\n"                                                                                    \
	"steps:\n"                                                                                      \
	"  - { id: safe, write: safe.txt, content: x }\n"                                               \
	"  - { id: gone, needs: [safe], delete: gone.txt }\n"                                           \
	"  - { id: late, needs: [gone], write: late.txt, content: x }\n"

static void risky_scene(struct scene *scene)
{
	scene_init(scene, RISKY);
	scratch_write(scene->tree, "gone.txt", "x\n");
	scene->options.yes = RISK_NONE;
	scene->options.can_ask = true;
}

static void test_a_risky_step_waits_for_a_yes(void **state)
{
	(void)state;
	struct scene scene;
	risky_scene(&scene);
	scene.seen = say_yes;
	assert_int_equal(scene_run(&scene), 0);
	const struct event *asked = scene_find(&scene, EVENT_APPROVAL_ASKED, "gone");
	assert_string_equal(asked->risk, "high");
	assert_contains(asked->what, "gone.txt");
	assert_true(asked->covered.n_items > 0);
	assert_non_null(asked->word);
	assert_string_equal(scene_find(&scene, EVENT_APPROVAL_GIVEN, "gone")->by, "person");
	assert_int_equal(scene_count(&scene, EVENT_APPROVAL_ASKED, NULL), 1);
	scene_assert_file(&scene, "gone.txt", NULL);
	scene_release(&scene);
}

#define WORDS "static int count_the_words(const char *text)\n{\n\treturn words_of_the_text(text);\n}\n"
#define MISQUOTE "static int count_the_words(const char* text)\n{\n\treturn words_of_the_text(text);\n}\n"

static void guess_scene(struct scene *scene, bool can_ask)
{
	scene_init(scene, "belay: 1\nretry: { tries: 1 }\npolicy: { confirm: never }\nsteps:\n"
	                  "  - { id: a, refactor: a.c, prompt: Give back one. }\n");
	scratch_write(scene->tree, "a.c", WORDS);
	scene_answer(scene, "a", 1, "a.c\n<<<<<<< SEARCH\n" MISQUOTE "=======\n"
	             "static int count_the_words(const char* text)\n{\n\treturn 1;\n}\n>>>>>>> REPLACE\n");
	scene->options.yes = RISK_NONE;
	scene->options.can_ask = can_ask;
	scene->seen = say_yes;
}

static void test_a_place_that_was_guessed_needs_a_person(void **state)
{
	(void)state;
	struct scene scene;
	guess_scene(&scene, true);
	assert_int_equal(scene_run(&scene), 0);
	assert_contains(scene_find(&scene, EVENT_APPROVAL_ASKED, "a")->why, "the place of an edit is a guess");
	scene_assert_file(&scene, "a.c", "static int count_the_words(const char *text)\n{\n\treturn 1;\n}\n");
	scene_release(&scene);
	guess_scene(&scene, false);
	assert_int_not_equal(scene_run(&scene), 0);
	assert_int_equal(scene_count(&scene, EVENT_APPROVAL_ASKED, NULL), 0);
	scene_assert_file(&scene, "a.c", WORDS);
	scene_release(&scene);
}

static void test_a_no_ends_the_run_with_3(void **state)
{
	(void)state;
	struct scene scene;
	risky_scene(&scene);
	scene.seen = say_no;
	assert_int_equal(scene_run(&scene), 3);
	assert_string_equal(scene_result(&scene, "gone"), "declined");
	assert_string_equal(scene_result(&scene, "late"), "pending");
	scene_assert_file(&scene, "gone.txt", "x\n");
	scene_release(&scene);
}

static void test_without_anybody_the_request_is_the_last_word(void **state)
{
	(void)state;
	struct scene scene;
	risky_scene(&scene);
	scene.options.can_ask = false;
	assert_int_equal(scene_run(&scene), 7);
	assert_int_equal(scene.event[scene.n_events - 1]->kind, EVENT_RUN_FINISHED);
	assert_int_equal(scene.event[scene.n_events - 2]->kind, EVENT_APPROVAL_ASKED);
	assert_string_equal(scene_result(&scene, "gone"), "waiting");
	assert_string_equal(scene_result(&scene, "late"), "pending");
	scene_assert_file(&scene, "gone.txt", "x\n");
	/* Later somebody is there. */
	scene.options.can_ask = true;
	scene.seen = say_yes;
	assert_int_equal(scene_resume(&scene), 0);
	assert_int_equal(scene_count(&scene, EVENT_STEP_STARTED, "safe"), 1);
	scene_assert_file(&scene, "gone.txt", NULL);
	scene_assert_file(&scene, "late.txt", "x");
	scene_release(&scene);
}

static void test_yes_covers_up_to_its_risk(void **state)
{
	(void)state;
	struct scene scene;
	risky_scene(&scene);
	scene.options.can_ask = false;
	scene.options.yes = RISK_MEDIUM;
	assert_int_equal(scene_run(&scene), 7);
	scene_release(&scene);
	risky_scene(&scene);
	scene.options.can_ask = false;
	scene.options.yes = RISK_HIGH;
	assert_int_equal(scene_run(&scene), 0);
	assert_string_equal(scene_find(&scene, EVENT_APPROVAL_GIVEN, "gone")->by, "flag");
	scene_release(&scene);
}

static void answer_twice(struct scene *scene, const struct event *event)
{
	if (event->kind != EVENT_APPROVAL_ASKED)
		return;
	scene_answer_request(scene, event, true);
	scene_answer_request(scene, event, false);
}

static void test_the_first_answer_counts(void **state)
{
	(void)state;
	struct scene scene;
	risky_scene(&scene);
	scene.seen = answer_twice;
	assert_int_equal(scene_run(&scene), 0);
	assert_int_equal(scene_count(&scene, EVENT_APPROVAL_REFUSED, NULL), 0);
	assert_true(scene_noticed(&scene, "nothing waits for that answer"));
	scene_release(&scene);
}

static void test_policy_denies_without_asking(void **state)
{
	(void)state;
	struct scene scene;
	scene_init(&scene, "belay: 1\n"
	                   "policy: { rules: [ { write: 'ci/**', verdict: deny, why: not by a program } ] }\n"
	                   "steps:\n  - { id: a, write: ci/x.yml, content: x }\n");
	assert_int_equal(scene_run(&scene), 1);
	const struct event *failed = scene_find(&scene, EVENT_STEP_FAILED, "a");
	assert_contains(failed->message, "not by a program");
	assert_string_equal(failed->category, "access");
	assert_false(scratch_has(scene.tree, "ci"));
	scene_release(&scene);
}

static void test_a_file_with_hard_links_is_replaced_only_with_a_yes(void **state)
{
	(void)state;
	struct scene scene;
	scene_init(&scene, "belay: 1\npolicy: { confirm: never }\nsteps:\n  - { id: a, write: a.txt, content: \"new\\n\" }\n");
	scratch_write(scene.tree, "a.txt", "old\n");
	char *from = xasprintf("%s/a.txt", scene.tree);
	char *to = xasprintf("%s/b.txt", scene.tree);
	assert_int_equal(link(from, to), 0);
	free(from);
	free(to);
	scene.options.yes = RISK_NONE;
	assert_int_equal(scene_run(&scene), 7);
	assert_contains(scene_find(&scene, EVENT_APPROVAL_ASKED, "a")->why, "2 hard links");
	scene_assert_file(&scene, "a.txt", "old\n");
	scene.options.yes = RISK_MEDIUM;
	assert_int_equal(scene_resume(&scene), 0);
	scene_assert_file(&scene, "a.txt", "new\n");
	scene_assert_file(&scene, "b.txt", "old\n");
	scene_release(&scene);
}

static bool has(const struct event_list *list, const char *text)
{
	for (size_t i = 0; i < list->n_items; i++)
		if (strcmp(list->item[i], text) == 0)
			return true;
	return false;
}

static void test_a_command_is_asked_about_with_its_folder_environment_and_reach(void **state)
{
	(void)state;
	struct scene scene;
	scene_init(&scene, "belay: 1\nsteps:\n  - { id: a, run: 'true', cwd: sub, env: { MODE: fast }, network: true }\n"
	                   "  - { id: b, write: b.txt, content: x, risk: high }\n");
	scratch_write(scene.tree, "sub/f", "x");
	scene.options.yes = RISK_NONE;
	scene.options.can_ask = true;
	scene.seen = say_yes;
	assert_int_equal(setenv("BELAY_SECRET", "s3cret", 1), 0);
	assert_int_equal(scene_run(&scene), 0);
	const struct event *asked = scene_find(&scene, EVENT_APPROVAL_ASKED, "a");
	assert_string_equal(asked->cwd, "sub");
	assert_true(has(&asked->env, "PATH"));
	assert_true(has(&asked->env, "MODE=fast"));
	assert_false(has(&asked->env, "BELAY_SECRET"));
	assert_true(has(&asked->reach, "network: yes, the plan asks for it"));
	asked = scene_find(&scene, EVENT_APPROVAL_ASKED, "b");
	assert_null(asked->cwd);
	assert_int_equal(asked->env.n_items + asked->reach.n_items, 0);
	scene_release(&scene);
}

static void test_ask_steps_ask_unless_all_is_approved(void **state)
{
	(void)state;
	struct scene scene;
	static const char plan[] = "belay: 1\nsteps:\n  - { id: q, ask: Ship it? }\n"
	                           "  - { id: a, needs: [q], write: a.txt, content: x }\n";
	scene_init(&scene, plan);
	scene.options.yes = RISK_MEDIUM;
	assert_int_equal(scene_run(&scene), 7);
	assert_string_equal(scene_last(&scene, EVENT_APPROVAL_ASKED, "q")->what, "Ship it?");
	scene_release(&scene);
	scene_init(&scene, plan);
	scene.options.can_ask = true;
	scene.options.yes = RISK_NONE;
	scene.seen = say_yes;
	assert_int_equal(scene_run(&scene), 0);
	scene_assert_file(&scene, "a.txt", "x");
	scene_release(&scene);
}

static void stop_on_prompt(struct scene *scene, const struct event *event)
{
	if (event->kind == EVENT_PROMPT_SENT)
		scene_send(scene, COMMAND_STOP, NULL);
}

static const char *slow_text(struct buf *text)
{
	buf_add_str(text, "FILE abcdef012345 a.txt\n");
	for (int i = 0; i < 400; i++)
		buf_add_str(text, "word ");
	buf_add_str(text, "\nEND abcdef012345\n");
	return buf_str(text);
}

static void test_a_stop_cancels_and_a_resume_goes_on(void **state)
{
	(void)state;
	struct scene scene;
	struct buf text = { 0 };
	scene_init(&scene, "belay: 1\n"
	                   "steps:\n"
	                   "  - { id: first, write: first.txt, content: x }\n"
	                   "  - { id: a, needs: [first], write: a.txt, prompt: A. }\n"
	                   "  - { id: b, needs: [a], write: b.txt, content: x }\n");
	scene_slow_answer(&scene, "a", 1, slow_text(&text), 20);
	scene.seen = stop_on_prompt;
	assert_int_equal(scene_run(&scene), 3);
	assert_string_equal(scene_result(&scene, "first"), "done");
	assert_string_equal(scene_result(&scene, "a"), "cancelled");
	assert_string_equal(scene_result(&scene, "b"), "pending");
	scene_assert_file(&scene, "a.txt", NULL);
	scene.seen = NULL;
	buf_clear(&scene.answers);
	scene_answer(&scene, "a", 1, "FILE abcdef012345 a.txt\ny\nEND abcdef012345\n");
	assert_int_equal(scene_resume(&scene), 0);
	assert_int_equal(scene_count(&scene, EVENT_STEP_STARTED, "first"), 1);
	assert_int_equal(scene_count(&scene, EVENT_STEP_STARTED, "a"), 2);
	scene_assert_file(&scene, "a.txt", "y\n");
	scene_assert_file(&scene, "b.txt", "x");
	buf_release(&text);
	scene_release(&scene);
}

static void stop_step_on_prompt(struct scene *scene, const struct event *event)
{
	if (event->kind == EVENT_PROMPT_SENT)
		scene_send(scene, COMMAND_STOP_STEP, event->step);
}

static void test_one_step_can_be_stopped(void **state)
{
	(void)state;
	struct scene scene;
	struct buf text = { 0 };
	scene_init(&scene, "belay: 1\n"
	                   "steps:\n"
	                   "  - { id: a, write: a.txt, prompt: A., on_fail: continue }\n"
	                   "  - { id: b, write: b.txt, content: x }\n");
	scene_slow_answer(&scene, "a", 1, slow_text(&text), 20);
	scene.seen = stop_step_on_prompt;
	assert_int_equal(scene_run(&scene), 3);
	assert_string_equal(scene_result(&scene, "a"), "cancelled");
	assert_string_equal(scene_result(&scene, "b"), "done");
	buf_release(&text);
	scene_release(&scene);
}

/* Paused before the first step has begun; one step is let go; then the rest. */
static void pause_and_go_on(struct scene *scene, const struct event *event)
{
	if (event->kind == EVENT_RUN_STARTED)
		scene_send(scene, COMMAND_PAUSE, NULL);
	if (event->kind == EVENT_STEP_DONE && strcmp(event->step, "a") == 0)
		scene_send(scene, COMMAND_SKIP, "c");
	if (event->kind == EVENT_STEP_SKIPPED)
		scene_send(scene, COMMAND_UNPAUSE, NULL);
}

static void test_a_person_can_pause_and_skip(void **state)
{
	(void)state;
	struct scene scene;
	struct buf text = { 0 };
	buf_add_str(&text, "FILE abcdef012345 a.txt\none two three four five six seven eight nine ten\nEND abcdef012345\n");
	scene_init(&scene, "belay: 1\n"
	                   "steps:\n"
	                   "  - { id: a, write: a.txt, prompt: A. }\n"
	                   "  - { id: b, needs: [a], write: b.txt, content: x }\n"
	                   "  - { id: c, needs: [b], write: c.txt, content: x }\n");
	scene_slow_answer(&scene, "a", 1, buf_str(&text), 60);
	scene.seen = pause_and_go_on;
	scene.options.stay_open = false;
	if (scene_run(&scene) != 0)
		fail();
	assert_string_equal(scene_result(&scene, "c"), "skipped");
	assert_string_equal(scene_result(&scene, "b"), "done");
	buf_release(&text);
	scene_release(&scene);
}

/* After the end: undo, redo, undo, and then the window is closed. */
static void undo_and_redo(struct scene *scene, const struct event *event)
{
	int *n = scene->arg;
	if (event->kind != EVENT_RUN_FINISHED)
		return;
	switch ((*n)++) {
	case 0:
		scene_assert_file(scene, "b.txt", "two\n");
		scene_send(scene, COMMAND_UNDO, NULL);
		break;
	case 1:
		scene_assert_file(scene, "b.txt", "one\n");
		scene_send(scene, COMMAND_REDO, NULL);
		break;
	case 2:
		scene_assert_file(scene, "b.txt", "two\n");
		scene_send(scene, COMMAND_UNDO, "a");
		break;
	default:
		scene_assert_file(scene, "a.txt", NULL);
		executor_close(scene->executor, false);
		break;
	}
}

static void test_after_the_end_steps_can_be_taken_back_and_put_again(void **state)
{
	(void)state;
	struct scene scene;
	int n = 0;
	scene_init(&scene, "belay: 1\n"
	                   "steps:\n"
	                   "  - { id: a, write: a.txt, content: \"x\\n\" }\n"
	                   "  - { id: b, needs: [a], write: b.txt, content: \"two\\n\" }\n");
	scratch_write(scene.tree, "b.txt", "one\n");
	scene.options.stay_open = true;
	scene.seen = undo_and_redo;
	scene.arg = &n;
	assert_int_equal(scene_run(&scene), 0);
	assert_int_equal(n, 4);
	const struct event *end = scene_last(&scene, EVENT_RUN_FINISHED, NULL);
	assert_int_equal(end->files.n_files, 1);
	assert_string_equal(end->files.file[0].path, "b.txt");
	scene_release(&scene);
}

static void retry_after_mending(struct scene *scene, const struct event *event)
{
	int *n = scene->arg;
	if (event->kind != EVENT_RUN_FINISHED)
		return;
	if ((*n)++ == 0) {
		scratch_write(scene->tree, "gone.txt", "x\n");
		scene_send(scene, COMMAND_RETRY, "a");
	} else {
		executor_close(scene->executor, false);
	}
}

static void test_a_failed_step_can_be_tried_again(void **state)
{
	(void)state;
	struct scene scene;
	int n = 0;
	scene_init(&scene, "belay: 1\n"
	                   "steps:\n"
	                   "  - { id: a, delete: gone.txt }\n"
	                   "  - { id: b, needs: [a], write: b.txt, content: x }\n");
	scene.options.stay_open = true;
	scene.seen = retry_after_mending;
	scene.arg = &n;
	assert_int_equal(scene_run(&scene), 0);
	assert_int_equal(n, 2);
	scene_assert_file(&scene, "b.txt", "x");
	scene_release(&scene);
}

static void edit_and_undo(struct scene *scene, const struct event *event)
{
	int *n = scene->arg;
	if (event->kind != EVENT_RUN_FINISHED)
		return;
	if ((*n)++ == 0) {
		scratch_write(scene->tree, "a.txt", "my own edit\n");
		scene_send(scene, COMMAND_UNDO, "a");
	} else {
		executor_close(scene->executor, false);
	}
}

static void test_an_undo_leaves_what_changed_since_and_exits_5(void **state)
{
	(void)state;
	struct scene scene;
	int n = 0;
	scene_init(&scene, "belay: 1\nsteps:\n  - { id: a, write: a.txt, content: x }\n");
	scene.options.stay_open = true;
	scene.seen = edit_and_undo;
	scene.arg = &n;
	assert_int_equal(scene_run(&scene), 5);
	scene_assert_file(&scene, "a.txt", "my own edit\n");
	scene_release(&scene);
}

static void send_full(struct scene *scene, struct command command)
{
	struct feed *feed = executor_feed(scene->executor);
	command.by = "person";
	feed->ops->send(feed, &command);
}

/* An edit elsewhere in the file, a later step, and the question: nothing is done until the next word. */
static void ask_and_merge(struct scene *scene, const struct event *event)
{
	int *n = scene->arg;
	if (event->kind == EVENT_RUN_FINISHED && *n == 0) {
		++*n;
		scratch_write(scene->tree, "a.txt", "ONE\n2\n3\n4\n5\n6\n7\nmine\n");
		send_full(scene, (struct command){ .kind = COMMAND_UNDO, .step = "a", .number = ROLLBACK_ASK });
	} else if (event->kind == EVENT_ROLLBACK_ASKED) {
		++*n;
		scene_assert_file(scene, "a.txt", "ONE\n2\n3\n4\n5\n6\n7\nmine\n");
		assert_string_equal(event->mode, "undo");
		assert_string_equal(event->covered.item[0], "a.txt changed since: merged with that change");
		assert_string_equal(event->reach.item[0], "step 'b' builds on it");
		send_full(scene, (struct command){ .kind = COMMAND_UNDO, .step = "a", .number = ROLLBACK_MERGE });
	} else if (event->kind == EVENT_TAKEN_BACK) {
		++*n;
	} else if (event->kind == EVENT_RUN_FINISHED && *n == 3) {
		executor_close(scene->executor, false);
	}
}

static void test_an_undo_beside_other_changes_asks_before_it_merges(void **state)
{
	(void)state;
	struct scene scene;
	int n = 0;
	scene_init(&scene, "belay: 1\nsteps:\n  - { id: a, write: a.txt, content: \"ONE\\n2\\n3\\n4\\n5\\n6\\n7\\n8\\n\" }\n"
	                   "  - { id: b, needs: [a], write: b.txt, content: x }\n");
	scratch_write(scene.tree, "a.txt", "1\n2\n3\n4\n5\n6\n7\n8\n");
	scene.options.stay_open = true;
	scene.options.yes = RISK_HIGH;
	scene.seen = ask_and_merge;
	scene.arg = &n;
	(void)scene_run(&scene);
	assert_int_equal(n, 3);
	scene_assert_file(&scene, "a.txt", "1\n2\n3\n4\n5\n6\n7\nmine\n");
	scene_release(&scene);
}

/* While nothing else happens: a question is open. */
static void edit_elsewhere(struct scene *scene, const struct event *event)
{
	int *n = scene->arg;
	if (event->kind == EVENT_APPROVAL_ASKED && strcmp(event->step, "q") == 0 && ++*n == 1)
		scratch_write(scene->tree, "a.txt", "ONE\n2\n3\n4\n5\n6\n7\nmine\n");
	say_yes(scene, event);
}

static void test_a_rollback_of_the_run_leaves_an_edit_elsewhere_in_the_file(void **state)
{
	(void)state;
	struct scene scene;
	int n = 0;
	scene_init(&scene, "belay: 1\nsteps:\n"
	                   "  - { id: a, write: a.txt, content: \"ONE\\n2\\n3\\n4\\n5\\n6\\n7\\n8\\n\" }\n"
	                   "  - { id: q, needs: [a], ask: Go on? }\n"
	                   "  - { id: b, needs: [q], delete: not-there.txt, on_fail: rollback }\n");
	scratch_write(scene.tree, "a.txt", "1\n2\n3\n4\n5\n6\n7\n8\n");
	scene.options.can_ask = true;
	scene.options.yes = RISK_NONE;
	scene.seen = edit_elsewhere;
	scene.arg = &n;
	assert_int_equal(scene_run(&scene), 4);
	assert_int_equal(n, 1);
	scene_assert_file(&scene, "a.txt", "1\n2\n3\n4\n5\n6\n7\nmine\n");
	assert_string_equal(scene_find(&scene, EVENT_CONFLICT, NULL)->answer, "merged");
	scene_release(&scene);
}

/* A file alone comes out of its step, which stays; and goes back. */
static void undo_one_file(struct scene *scene, const struct event *event)
{
	int *n = scene->arg;
	if (event->kind != EVENT_RUN_FINISHED)
		return;
	if (*n == 0) {
		send_full(scene, (struct command){ .kind = COMMAND_UNDO, .step = "a", .text = "b.txt", .number = ROLLBACK_ASK });
	} else if (*n == 1) {
		scene_assert_file(scene, "a.txt", "new(a)\n");
		scene_assert_file(scene, "b.txt", "old(b)\n");
		assert_string_equal(scene_state(scene, "a"), "done");
		send_full(scene, (struct command){ .kind = COMMAND_REDO, .step = "a", .text = "b.txt", .number = ROLLBACK_ASK });
	} else {
		scene_assert_file(scene, "b.txt", "new(b)\n");
		executor_close(scene->executor, false);
	}
	++*n;
}

static void test_one_file_of_a_step_is_taken_back_and_put_again(void **state)
{
	(void)state;
	struct scene scene;
	int n = 0;
	scene_init(&scene, "belay: 1\nsteps:\n  - { id: a, refactor: \"*.txt\", rewrite: { match: \"old(:[x])\", replace: \"new(:[x])\" } }\n");
	scratch_write(scene.tree, "a.txt", "old(a)\n");
	scratch_write(scene.tree, "b.txt", "old(b)\n");
	scene.options.stay_open = true;
	scene.options.yes = RISK_HIGH;
	scene.seen = undo_one_file;
	scene.arg = &n;
	assert_int_equal(scene_run(&scene), 0);
	assert_int_equal(n, 3);
	scene_release(&scene);
}

static void break_before_b(struct scene *scene, const struct event *event)
{
	int *n = scene->arg;
	if (event->kind == EVENT_APPROVAL_ASKED) {
		send_full(scene, (struct command){ .kind = COMMAND_BREAK, .step = "b", .number = 1 });
		scene_answer_request(scene, event, true);
	} else if (event->kind == EVENT_NOTICE && event->category && strcmp(event->category, "breakpoint") == 0) {
		++*n;
		assert_string_equal(event->step, "b");
		assert_int_equal(scene_count(scene, EVENT_STEP_STARTED, "b"), 0);
		scene_send(scene, COMMAND_UNPAUSE, NULL);
	}
}

static void test_the_run_pauses_once_before_a_step_with_a_breakpoint(void **state)
{
	(void)state;
	struct scene scene;
	int n = 0;
	scene_init(&scene, "belay: 1\nsteps:\n  - { id: a, ask: ready? }\n"
	                   "  - { id: b, needs: [a], write: b.txt, content: x }\n");
	scene.options.can_ask = true;
	scene.options.yes = RISK_NONE;
	scene.seen = break_before_b;
	scene.arg = &n;
	assert_int_equal(scene_run(&scene), 0);
	assert_int_equal(n, 1);
	scene_assert_file(&scene, "b.txt", "x");
	scene_release(&scene);
}

static void tell_b(struct scene *scene, const struct event *event)
{
	if (event->kind != EVENT_APPROVAL_ASKED)
		return;
	send_full(scene, (struct command){ .kind = COMMAND_MESSAGE, .step = "a", .text = "nobody hears this" });
	send_full(scene, (struct command){ .kind = COMMAND_MESSAGE, .step = "b", .text = "use tabs" });
	scene_answer_request(scene, event, true);
}

static void test_a_message_goes_into_the_steps_next_prompt_and_into_the_journal(void **state)
{
	(void)state;
	struct scene scene;
	scene_init(&scene, "belay: 1\nsteps:\n  - { id: a, ask: ready? }\n"
	                   "  - { id: b, needs: [a], write: b.txt, prompt: A file. }\n");
	scene_answer(&scene, "b", 1, "none of it\n");
	scene_answer(&scene, "b", 2, "b.txt\n````\nx\n````\n");
	scene.options.can_ask = true;
	scene.options.yes = RISK_NONE;
	scene.seen = tell_b;
	assert_int_equal(scene_run(&scene), 0);
	assert_contains(scene_find(&scene, EVENT_PROMPT_SENT, "b")->text.data, "The person who watches adds: use tabs\n");
	assert_contains(scene_last(&scene, EVENT_PROMPT_SENT, "b")->text.data, "use tabs");
	assert_string_equal(scene_find(&scene, EVENT_MESSAGE_GIVEN, "b")->message, "use tabs");
	assert_int_equal(scene_count(&scene, EVENT_MESSAGE_GIVEN, "a"), 0);
	assert_true(scene_noticed(&scene, "asks no model"));
	scene_release(&scene);
}

/* While a question waits, steps are added; the run is left open and resumed. */
static void grow_when_asked(struct scene *scene, const struct event *event)
{
	if (event->kind != EVENT_APPROVAL_ASKED)
		return;
	send_full(scene, (struct command){ .kind = COMMAND_GROW, .text = "/write b.txt: A file." });
	send_full(scene, (struct command){ .kind = COMMAND_GROW, .text = "/write b.txt" });
	send_full(scene, (struct command){ .kind = COMMAND_GROW, .text = "/validate nothing" });
	send_full(scene, (struct command){ .kind = COMMAND_GROW, .text = "/read ../x" });
	scene_send(scene, COMMAND_DETACH, NULL);
}

static void test_a_step_that_was_typed_is_part_of_the_run_and_of_its_resume(void **state)
{
	(void)state;
	struct scene scene;
	scene_init(&scene, "belay: 1\nsteps:\n  - { id: a, ask: ready? }\n");
	scene_answer(&scene, "added-1", 1, "b.txt\n````\nx\n````\n");
	scene.options.yes = RISK_NONE;
	scene.options.can_ask = true;
	scene.seen = grow_when_asked;
	assert_int_equal(scene_run(&scene), 7);
	assert_int_equal(scene_count(&scene, EVENT_PLAN_GROWN, NULL), 1);
	assert_string_equal(scene_find(&scene, EVENT_STEP_DECLARED, "added-1")->verb, "write");
	assert_true(scene_noticed(&scene, "expected /write PATH: what"));
	assert_true(scene_noticed(&scene, "nothing"));
	scene.seen = NULL;
	scene.options.yes = RISK_HIGH;
	assert_int_equal(scene_resume(&scene), 0);
	assert_string_equal(scene_state(&scene, "added-1"), "done");
	scene_assert_file(&scene, "b.txt", "x\n");
	scene_release(&scene);
}

static void detach_when_asked(struct scene *scene, const struct event *event)
{
	const struct event other = { .request = "another" };
	if (event->kind != EVENT_APPROVAL_ASKED)
		return;
	scene_answer_request(scene, &other, true);
	scene_send(scene, COMMAND_DETACH, NULL);
}

static void test_a_front_end_that_goes_leaves_the_question_open(void **state)
{
	(void)state;
	struct scene scene;
	risky_scene(&scene);
	scene.options.stay_open = true;
	scene.seen = detach_when_asked;
	assert_int_equal(scene_run(&scene), 7);
	assert_string_equal(scene_result(&scene, "gone"), "waiting");
	assert_int_equal(scene.event[scene.n_events - 2]->kind, EVENT_APPROVAL_ASKED);
	scene_release(&scene);
}

static void more_workers(struct scene *scene, const struct event *event)
{
	if (event->kind != EVENT_STEP_READY)
		return;
	struct feed *feed = executor_feed(scene->executor);
	struct command command = { .kind = COMMAND_WORKERS, .number = 4, .by = "person" };
	feed->ops->send(feed, &command);
}

static void test_workers_can_be_added(void **state)
{
	(void)state;
	struct scene scene;
	struct buf text = { 0 };
	scene_init(&scene, "belay: 1\n"
	                   "steps:\n"
	                   "  - { id: a, write: a.txt, prompt: A. }\n"
	                   "  - { id: b, write: b.txt, content: x }\n");
	scene_slow_answer(&scene, "a", 1, "FILE abcdef012345 a.txt\none two three four five six seven\nEND abcdef012345\n", 30);
	scene.options.n_workers = 1;
	scene.seen = more_workers;
	assert_int_equal(scene_run(&scene), 0);
	assert_true(scene_find(&scene, EVENT_STEP_DONE, "b")->seq < scene_find(&scene, EVENT_STEP_DONE, "a")->seq);
	buf_release(&text);
	scene_release(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_undo_beside_other_changes_asks_before_it_merges),
		cmocka_unit_test(test_a_rollback_of_the_run_leaves_an_edit_elsewhere_in_the_file),
		cmocka_unit_test(test_one_file_of_a_step_is_taken_back_and_put_again),
		cmocka_unit_test(test_the_run_pauses_once_before_a_step_with_a_breakpoint),
		cmocka_unit_test(test_a_step_that_was_typed_is_part_of_the_run_and_of_its_resume),
		cmocka_unit_test(test_a_message_goes_into_the_steps_next_prompt_and_into_the_journal),
		cmocka_unit_test(test_a_risky_step_waits_for_a_yes),
		cmocka_unit_test(test_a_place_that_was_guessed_needs_a_person),
		cmocka_unit_test(test_a_no_ends_the_run_with_3),
		cmocka_unit_test(test_without_anybody_the_request_is_the_last_word),
		cmocka_unit_test(test_yes_covers_up_to_its_risk),
		cmocka_unit_test(test_the_first_answer_counts),
		cmocka_unit_test(test_policy_denies_without_asking),
		cmocka_unit_test(test_a_file_with_hard_links_is_replaced_only_with_a_yes),
		cmocka_unit_test(test_a_command_is_asked_about_with_its_folder_environment_and_reach),
		cmocka_unit_test(test_ask_steps_ask_unless_all_is_approved),
		cmocka_unit_test(test_a_stop_cancels_and_a_resume_goes_on),
		cmocka_unit_test(test_one_step_can_be_stopped),
		cmocka_unit_test(test_a_person_can_pause_and_skip),
		cmocka_unit_test(test_after_the_end_steps_can_be_taken_back_and_put_again),
		cmocka_unit_test(test_a_failed_step_can_be_tried_again),
		cmocka_unit_test(test_an_undo_leaves_what_changed_since_and_exits_5),
		cmocka_unit_test(test_a_front_end_that_goes_leaves_the_question_open),
		cmocka_unit_test(test_workers_can_be_added),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
