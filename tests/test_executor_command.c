/* Commands in the tree: what they change belongs to their step, and they run one at a time. */
#include "tests/unit.h"

#include "base/xalloc.h"
#include "tests/scene.h"

#include <stdio.h>

static void test_what_a_command_changes_is_its_steps_change(void **state)
{
	(void)state;
	struct scene scene;
	scene_init(&scene, "belay: 1\n"
	                   "steps:\n"
	                   "  - { id: a, run: 'echo new > made.txt; echo two > old.txt; rm gone.txt' }\n");
	scratch_write(scene.tree, "old.txt", "one\n");
	scratch_write(scene.tree, "gone.txt", "x\n");
	scene_git(&scene);
	assert_int_equal(scene_run(&scene), 0);
	const struct event *landed = scene_find(&scene, EVENT_LANDED, "a");
	assert_non_null(landed);
	assert_int_equal(landed->files.n_files, 3);
	const struct event *done = scene_find(&scene, EVENT_STEP_DONE, "a");
	assert_int_equal(done->files.n_files, 3);
	assert_int_equal(scene_last(&scene, EVENT_RUN_FINISHED, NULL)->files.n_files, 3);
	scene_release(&scene);
}

static void test_a_failed_command_is_taken_back(void **state)
{
	(void)state;
	struct scene scene;
	scene_init(&scene, "belay: 1\nsteps:\n  - { id: a, run: 'echo two > old.txt; mkdir d; echo x > d/new.txt; exit 3' }\n");
	scratch_write(scene.tree, "old.txt", "one\n");
	scene_git(&scene);
	assert_int_equal(scene_run(&scene), 1);
	scene_assert_file(&scene, "old.txt", "one\n");
	scene_assert_file(&scene, "d/new.txt", NULL);
	const struct event *failed = scene_find(&scene, EVENT_STEP_FAILED, "a");
	assert_contains(failed->message, "exit status 3");
	assert_true(failed->landed_back);
	assert_contains(failed->hint, "'d/new.txt', 'old.txt'");
	assert_contains(failed->hint, "--step a");
	scene_release(&scene);
}

static void test_writing_outside_the_declared_effects_stops_the_step(void **state)
{
	(void)state;
	struct scene scene;
	scene_init(&scene, "belay: 1\nsteps:\n  - { id: a, run: 'echo x > out/a; echo x > more/b', writes: ['out/**'] }\n");
	scratch_mkdir(scene.tree, "out");
	scratch_write(scene.tree, "out/keep", "");
	scratch_mkdir(scene.tree, "more"); /* where every sandbox lets it write */
	scratch_write(scene.tree, "more/keep", "");
	scene_git(&scene);
	assert_int_equal(scene_run(&scene), 1);
	assert_contains(scene_find(&scene, EVENT_STEP_FAILED, "a")->message, "'more/b'");
	scene_assert_file(&scene, "out/a", NULL);
	scene_assert_file(&scene, "more/b", NULL);
	scene_release(&scene);
}

static void test_output_of_a_command_is_whole(void **state)
{
	(void)state;
	struct scene scene;
	scene_init(&scene, "belay: 1\nsteps:\n  - { id: a, run: 'seq 1 20000; echo end >&2; printf last' }\n");
	scene_git(&scene);
	assert_int_equal(scene_run(&scene), 0);
	struct buf all = { 0 };
	for (size_t i = 0; i < scene.n_events; i++)
		if (scene.event[i]->kind == EVENT_OUTPUT && strcmp(scene.event[i]->stream, "stdout") == 0)
			buf_add(&all, scene.event[i]->text.data, scene.event[i]->text.len);
	struct buf want = { 0 };
	for (int i = 1; i <= 20000; i++)
		buf_printf(&want, "%d\n", i);
	buf_add_str(&want, "last");
	assert_string_equal(buf_str(&all), buf_str(&want));
	buf_release(&all);
	buf_release(&want);
	scene_release(&scene);
}

static void test_a_command_that_hangs_runs_into_its_time_limit(void **state)
{
	(void)state;
	struct scene scene;
	scene_init(&scene, "belay: 1\nsteps:\n  - { id: a, run: 'echo x > made.txt; sleep 1000', timeout: 1s }\n");
	scene_git(&scene);
	assert_int_equal(scene_run(&scene), 1);
	const struct event *failed = scene_find(&scene, EVENT_STEP_FAILED, "a");
	assert_string_equal(failed->category, "limit");
	scene_assert_file(&scene, "made.txt", NULL);
	scene_release(&scene);
}

static void stop_on_output(struct scene *scene, const struct event *event)
{
	if (event->kind == EVENT_OUTPUT)
		scene_send(scene, COMMAND_STOP, NULL);
}

static void test_a_stopped_command_leaves_nothing(void **state)
{
	(void)state;
	struct scene scene;
	scene_init(&scene, "belay: 1\nsteps:\n  - { id: a, run: 'echo x > made.txt; echo go; sleep 1000' }\n");
	scene_git(&scene);
	scene.seen = stop_on_output;
	assert_int_equal(scene_run(&scene), 3);
	assert_string_equal(scene_result(&scene, "a"), "cancelled");
	scene_assert_file(&scene, "made.txt", NULL);
	scene_release(&scene);
}

static void test_commands_and_landings_do_not_mix(void **state)
{
	(void)state;
	struct scene scene;
	scene_init(&scene, "belay: 1\n"
	                   "steps:\n"
	                   "  - { id: a, run: 'for i in 1 2 3 4 5; do echo $i; done; test ! -e b.txt', writes: [made.txt] }\n"
	                   "  - { id: b, write: b.txt, content: x }\n"
	                   "  - { id: c, run: 'echo c > c.txt', writes: [c.txt] }\n");
	scene_git(&scene);
	scene.options.n_workers = 4;
	assert_int_equal(scene_run(&scene), 0);
	const struct event *c = scene_find(&scene, EVENT_LANDED, "c");
	assert_int_equal(c->files.n_files, 1);
	assert_string_equal(c->files.file[0].path, "c.txt");
	scene_release(&scene);
}

static void test_checks_run_in_order_until_one_refuses(void **state)
{
	(void)state;
	struct scene scene;
	scene_init(&scene, "belay: 1\n"
	                   "checks:\n"
	                   "  one: { run: 'true' }\n"
	                   "  two: { run: [sh, -c, 'echo a.c:3:1: error: bad; exit 2'], errors: gcc }\n"
	                   "  three: { run: 'true' }\n"
	                   "steps:\n  - { id: v, validate: [one, two, three] }\n");
	scene_git(&scene);
	assert_int_equal(scene_run(&scene), 1);
	assert_int_equal(scene_count(&scene, EVENT_CHECK_FINISHED, "v"), 2);
	const struct event *last = scene_last(&scene, EVENT_CHECK_FINISHED, "v");
	assert_string_equal(last->check, "two");
	assert_int_equal(last->exit_code, 2);
	assert_int_equal(last->diagnostics.n_diags, 1);
	assert_int_equal(last->diagnostics.diag[0].line, 3);
	assert_string_equal(scene_find(&scene, EVENT_STEP_FAILED, "v")->category, "check");
	scene_release(&scene);
}

static void test_a_program_that_is_not_there_is_named(void **state)
{
	(void)state;
	struct scene scene;
	scene_init(&scene, "belay: 1\nsteps:\n  - { id: a, run: [no-such-program-here, x] }\n");
	scene_git(&scene);
	assert_int_equal(scene_run(&scene), 1);
	assert_true(scene_noticed(&scene, "no-such-program-here"));
	scene_release(&scene);
}

static void test_a_rule_on_commands_holds_for_checks(void **state)
{
	(void)state;
	struct scene scene;
	scene_init(&scene, "belay: 1\n"
	                   "policy: { rules: [ { run: [git, push], verdict: deny, why: by hand only } ] }\n"
	                   "checks: { out: { run: [git, push, origin, x] } }\n"
	                   "steps:\n  - { id: a, write: a.txt, content: x, checks: [out] }\n");
	scene_git(&scene);
	assert_int_equal(scene_run(&scene), 1);
	assert_contains(scene_find(&scene, EVENT_STEP_FAILED, "a")->message, "by hand only");
	scene_assert_file(&scene, "a.txt", NULL);
	scene_release(&scene);
}

static void test_the_safety_commit_is_made_before_the_first_risk(void **state)
{
	(void)state;
	struct scene scene;
	scene_init(&scene, "belay: 1\nsteps:\n  - { id: a, delete: a.txt }\n");
	scratch_write(scene.tree, "a.txt", "one\n");
	scene_git(&scene);
	scratch_write(scene.tree, "a.txt", "two\n");
	assert_int_equal(scene_run(&scene), 0);
	char *command = xasprintf("cd '%s' && test \"$(git show refs/belay/0123abcd:a.txt)\" = two", scene.tree);
	assert_int_equal(system(command), 0);
	free(command);
	scene_release(&scene);
}

static void test_a_folder_without_git_is_served_and_says_what_is_missing(void **state)
{
	(void)state;
	struct scene scene;
	scene_init(&scene, "belay: 1\nsteps:\n  - { id: a, run: 'echo two > a.txt' }\n");
	scratch_write(scene.tree, "a.txt", "one\n");
	assert_int_equal(scene_run(&scene), 0);
	assert_true(scene_count(&scene, EVENT_NOTICE, NULL) > 0);
	scene_assert_file(&scene, "a.txt", "two\n");
	scene_release(&scene);
}

static void test_each_makes_a_step_for_every_file(void **state)
{
	(void)state;
	struct scene scene;
	scene_init(&scene, "belay: 1\n"
	                   "steps:\n"
	                   "  - { id: make, run: 'mkdir out; for i in 1 2 3; do echo old > out/$i.txt; done', writes: ['out/**'] }\n"
	                   "  - id: all\n"
	                   "    needs: [make]\n"
	                   "    each: { file: 'out/*.txt' }\n"
	                   "    refactor: '{{file}}'\n"
	                   "    rewrite: { match: old, replace: new }\n"
	                   "  - { id: end, needs: [all], write: end.txt, content: x }\n");
	scene_git(&scene);
	assert_int_equal(scene_run(&scene), 0);
	scene_assert_file(&scene, "out/1.txt", "new\n");
	scene_assert_file(&scene, "out/3.txt", "new\n");
	assert_string_equal(scene_result(&scene, "all[3]"), "done");
	assert_string_equal(scene_result(&scene, "all"), "done");
	assert_true(scene_find(&scene, EVENT_STEP_DONE, "all[3]")->seq < scene_find(&scene, EVENT_STEP_STARTED, "end")->seq);
	assert_string_equal(scene_find(&scene, EVENT_STEP_DECLARED, "all[2]")->parent, "all");
	scene_release(&scene);
}

static void test_each_steps_keep_their_files_over_a_resume(void **state)
{
	(void)state;
	struct scene scene;
	scene_init(&scene, "belay: 1\n"
	                   "steps:\n"
	                   "  - id: all\n"
	                   "    each: { file: '*.txt' }\n"
	                   "    run: 'test -e ok && mv {{file}} done-{{file}}'\n"
	                   "    on_fail: continue\n");
	scratch_write(scene.tree, "a.txt", "a\n");
	scratch_write(scene.tree, "b.txt", "b\n");
	scene_git(&scene);
	assert_int_equal(scene_run(&scene), 1);
	assert_string_equal(scene_result(&scene, "all"), "failed");
	scratch_write(scene.tree, "ok", "");
	scratch_write(scene.tree, "aa.txt", "late\n");
	assert_int_equal(scene_resume(&scene), 0);
	scene_assert_file(&scene, "done-a.txt", "a\n");
	scene_assert_file(&scene, "done-b.txt", "b\n");
	scene_assert_file(&scene, "aa.txt", "late\n");
	scene_release(&scene);
}

static void test_each_over_no_files_is_done(void **state)
{
	(void)state;
	struct scene scene;
	scene_init(&scene, "belay: 1\n"
	                   "steps:\n"
	                   "  - { id: all, each: { file: '*.none' }, refactor: '{{file}}', rewrite: { match: a, replace: b } }\n"
	                   "  - { id: end, needs: [all], write: end.txt, content: x }\n");
	assert_int_equal(scene_run(&scene), 0);
	assert_string_equal(scene_result(&scene, "all"), "done");
	scene_assert_file(&scene, "end.txt", "x");
	scene_release(&scene);
}

static void test_each_over_too_many_files_fails_before_any(void **state)
{
	(void)state;
	struct scene scene;
	scene_init(&scene, "belay: 1\nsteps:\n  - { id: all, each: { file: 'd/*' }, delete: '{{file}}' }\n");
	scratch_mkdir(scene.tree, "d");
	for (int i = 0; i <= PLAN_MAX_EACH; i++) {
		char name[32];
		snprintf(name, sizeof name, "d/%03d", i);
		scratch_write(scene.tree, name, "");
	}
	assert_int_equal(scene_run(&scene), 1);
	assert_string_equal(scene_find(&scene, EVENT_STEP_FAILED, "all")->category, "limit");
	assert_true(scratch_has(scene.tree, "d/000"));
	scene_release(&scene);
}

static void test_bytes_of_any_kind_come_through_a_command(void **state)
{
	(void)state;
	struct scene scene;
	struct buf all = { 0 };
	scene_init(&scene, "belay: 1\nsteps:\n  - { id: a, run: \"printf 'a\\\\000b\\\\377\\\\303'\" }\n");
	scene_git(&scene);
	assert_int_equal(scene_run(&scene), 0);
	for (size_t i = 0; i < scene.n_events; i++)
		if (scene.event[i]->kind == EVENT_OUTPUT)
			buf_add(&all, scene.event[i]->text.data, scene.event[i]->text.len);
	assert_int_equal(all.len, 5);
	assert_memory_equal(all.data, "a\0b\xff\xc3", 5);
	buf_clear(&all);
	/* A resumed run gives its past from the journal: the same bytes. */
	assert_int_equal(scene_resume(&scene), 0);
	for (size_t i = 0; i < scene.n_events; i++)
		if (scene.event[i]->kind == EVENT_OUTPUT)
			buf_add(&all, scene.event[i]->text.data, scene.event[i]->text.len);
	assert_int_equal(all.len, 5);
	assert_memory_equal(all.data, "a\0b\xff\xc3", 5);
	buf_release(&all);
	scene_release(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_a_command_changes_is_its_steps_change),
		cmocka_unit_test(test_a_failed_command_is_taken_back),
		cmocka_unit_test(test_writing_outside_the_declared_effects_stops_the_step),
		cmocka_unit_test(test_output_of_a_command_is_whole),
		cmocka_unit_test(test_a_command_that_hangs_runs_into_its_time_limit),
		cmocka_unit_test(test_a_stopped_command_leaves_nothing),
		cmocka_unit_test(test_commands_and_landings_do_not_mix),
		cmocka_unit_test(test_checks_run_in_order_until_one_refuses),
		cmocka_unit_test(test_a_program_that_is_not_there_is_named),
		cmocka_unit_test(test_a_rule_on_commands_holds_for_checks),
		cmocka_unit_test(test_the_safety_commit_is_made_before_the_first_risk),
		cmocka_unit_test(test_a_folder_without_git_is_served_and_says_what_is_missing),
		cmocka_unit_test(test_each_makes_a_step_for_every_file),
		cmocka_unit_test(test_each_over_no_files_is_done),
		cmocka_unit_test(test_each_over_too_many_files_fails_before_any),
		cmocka_unit_test(test_bytes_of_any_kind_come_through_a_command),
		cmocka_unit_test(test_each_steps_keep_their_files_over_a_resume),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
