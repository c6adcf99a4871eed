/* Whole runs on scratch trees: the verbs, order, failures, and what the journal and the feed agree on. */
#include "tests/unit.h"

#include "base/xalloc.h"
#include "event/event_json.h"
#include "io/file.h"
#include "io/journal_read.h"
#include "tests/scene.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static void test_local_verbs_change_the_tree(void **state)
{
	(void)state;
	struct scene scene;
	scene_init(&scene, "belay: 1\n"
	                   "steps:\n"
	                   "  - { id: look, read: ['*.c'] }\n"
	                   "  - { id: make, write: docs/a.md, content: \"hello\\n\" }\n"
	                   "  - { id: copy, needs: [make], write: docs/b.md, from: docs/a.md }\n"
	                   "  - { id: tool, write: run.sh, content: \"#!/bin/sh\\n\", mode: 0755 }\n"
	                   "  - id: fix\n"
	                   "    refactor: a.c\n"
	                   "    patch: |\n"
	                   "      --- a/a.c\n"
	                   "      +++ b/a.c\n"
	                   "      @@ -1 +1 @@\n"
	                   "      -int a;\n"
	                   "      +long a;\n"
	                   "  - { id: names, refactor: '*.c', rewrite: { match: 'old(:[x])', replace: 'new(:[x])' } }\n"
	                   "  - { id: gone, delete: gone.txt }\n");
	scratch_write(scene.tree, "a.c", "int a;\n");
	scratch_write(scene.tree, "b.c", "int b = old(1) + old(2);\n");
	scratch_write(scene.tree, "gone.txt", "x\n");
	assert_int_equal(scene_run(&scene), 0);
	scene_assert_file(&scene, "docs/a.md", "hello\n");
	scene_assert_file(&scene, "docs/b.md", "hello\n");
	scene_assert_file(&scene, "a.c", "long a;\n");
	scene_assert_file(&scene, "b.c", "int b = new(1) + new(2);\n");
	scene_assert_file(&scene, "gone.txt", NULL);
	assert_int_equal(scratch_mode(scene.tree, "run.sh"), 0755);
	assert_int_equal(scene_count(&scene, EVENT_FILE_READ, "look"), 2);
	assert_true(scene_noticed(&scene, "2 matches in 1 of 2 files"));
	const struct event *end = scene_last(&scene, EVENT_RUN_FINISHED, NULL);
	assert_int_equal(end->files.n_files, 6);
	assert_int_equal(end->exit_code, 0);
	assert_string_equal(scene_result(&scene, "gone"), "done");
	scene_release(&scene);
}

static void test_evidence_of_a_step_is_its_files_and_hashes(void **state)
{
	(void)state;
	struct scene scene;
	struct hash hash;
	hash_data(&hash, "x\n", 2);
	scene_init(&scene, "belay: 1\nsteps:\n  - { id: a, write: a.txt, content: \"x\\n\" }\n");
	assert_int_equal(scene_run(&scene), 0);
	const struct event *done = scene_find(&scene, EVENT_STEP_DONE, "a");
	assert_non_null(done);
	assert_int_equal(done->files.n_files, 1);
	assert_string_equal(done->files.file[0].path, "a.txt");
	assert_true(hash_equal(&done->files.file[0].after.hash, &hash));
	scene_release(&scene);
}

/* The journal's lines are the feed's events, in order and without gaps. */
static void test_journal_and_feed_tell_the_same(void **state)
{
	(void)state;
	struct scene scene;
	struct err err = { 0 };
	struct journal_reader *reader;
	struct event_line line;
	size_t n = 0;
	scene_init(&scene, "belay: 1\n"
	                   "steps:\n"
	                   "  - { id: a, write: a.txt, content: \"x\\n\" }\n"
	                   "  - { id: b, needs: [a], run: 'printf %s one two; printf \"\\303\"; printf \"\\251\\n\"' }\n");
	scene_git(&scene);
	assert_int_equal(scene_run(&scene), 0);
	char *file = xasprintf("%s/journal.jsonl", scene.run_dir);
	assert_ok(journal_reader_open(&reader, file, &err), &err);
	while (journal_reader_next(reader, &line, &err) == 1) {
		struct buf ours = { 0 };
		struct buf theirs = { 0 };
		assert_true(n < scene.n_events);
		assert_int_equal(scene.event[n]->seq, n + 1);
		if (!line.event.text.blob) {
			event_write(&ours, scene.event[n], NULL);
			event_write(&theirs, &line.event, NULL);
			assert_string_equal(buf_str(&ours), buf_str(&theirs));
		}
		buf_release(&ours);
		buf_release(&theirs);
		event_line_release(&line);
		n++;
	}
	assert_int_equal(n, scene.n_events);
	journal_reader_close(reader);
	free(file);
	scene_release(&scene);
}

static void test_independent_steps_run_at_once(void **state)
{
	(void)state;
	struct scene scene;
	/* Each answer takes about half a second; one after the other they would overlap nowhere. */
	scene_init(&scene, "belay: 1\n"
	                   "steps:\n"
	                   "  - { id: a, write: a.txt, prompt: A. }\n"
	                   "  - { id: b, write: b.txt, prompt: B. }\n");
	scene_slow_answer(&scene, "a", 1, "FILE abcdef012345 a.txt\none two three four five\nEND abcdef012345\n", 60);
	scene_slow_answer(&scene, "b", 1, "FILE abcdef012345 b.txt\none two three four five\nEND abcdef012345\n", 60);
	assert_int_equal(scene_run(&scene), 0);
	assert_true(scene_find(&scene, EVENT_STEP_STARTED, "b")->seq < scene_find(&scene, EVENT_CHANGE_PROPOSED, "a")->seq);
	assert_true(scene_find(&scene, EVENT_STEP_STARTED, "a")->seq < scene_find(&scene, EVENT_CHANGE_PROPOSED, "b")->seq);
	scene_assert_file(&scene, "a.txt", "one two three four five\n");
	scene_release(&scene);
}

static void test_overlapping_writers_go_one_after_the_other(void **state)
{
	(void)state;
	struct scene scene;
	scene_init(&scene, "belay: 1\n"
	                   "steps:\n"
	                   "  - { id: a, refactor: 'src/**', rewrite: { match: 'one', replace: 'two' } }\n"
	                   "  - { id: b, refactor: src/x.txt, rewrite: { match: 'two', replace: 'three' } }\n"
	                   "  - { id: c, write: src/x.txt, content: \"four\\n\" }\n");
	scratch_mkdir(scene.tree, "src");
	scratch_write(scene.tree, "src/x.txt", "one\n");
	assert_int_equal(scene_run(&scene), 0);
	scene_assert_file(&scene, "src/x.txt", "four\n");
	assert_true(scene_find(&scene, EVENT_STEP_DONE, "a")->seq < scene_find(&scene, EVENT_STEP_STARTED, "b")->seq);
	assert_true(scene_find(&scene, EVENT_STEP_DONE, "b")->seq < scene_find(&scene, EVENT_STEP_STARTED, "c")->seq);
	scene_release(&scene);
}

static void test_a_failure_stops_what_has_not_begun(void **state)
{
	(void)state;
	struct scene scene;
	scene_init(&scene, "belay: 1\n"
	                   "steps:\n"
	                   "  - { id: a, write: a.txt, content: x, exists: fail }\n"
	                   "  - { id: b, needs: [a], write: b.txt, content: x }\n");
	scratch_write(scene.tree, "a.txt", "mine\n");
	assert_int_equal(scene_run(&scene), 1);
	scene_assert_file(&scene, "a.txt", "mine\n");
	scene_assert_file(&scene, "b.txt", NULL);
	assert_string_equal(scene_result(&scene, "a"), "failed");
	assert_string_equal(scene_result(&scene, "b"), "pending");
	scene_release(&scene);
}

static void test_on_fail_rollback_takes_the_run_back(void **state)
{
	(void)state;
	struct scene scene;
	scene_init(&scene, "belay: 1\n"
	                   "steps:\n"
	                   "  - { id: a, write: new/a.txt, content: x }\n"
	                   "  - { id: b, needs: [a], write: b.txt, content: \"two\\n\" }\n"
	                   "  - { id: c, needs: [b], delete: nothing.txt, on_fail: rollback }\n");
	scratch_write(scene.tree, "b.txt", "one\n");
	char *before = scratch_list(scene.tree);
	assert_int_equal(scene_run(&scene), 4);
	char *after = scratch_list(scene.tree);
	assert_string_equal(before, after);
	assert_int_equal(scene_last(&scene, EVENT_RUN_FINISHED, NULL)->files.n_files, 0);
	assert_string_equal(scene_result(&scene, "a"), "pending");
	free(before);
	free(after);
	scene_release(&scene);
}

static void test_skip_dependants_leaves_exit_0(void **state)
{
	(void)state;
	struct scene scene;
	scene_init(&scene, "belay: 1\n"
	                   "steps:\n"
	                   "  - { id: a, delete: nothing.txt, on_fail: skip-dependants }\n"
	                   "  - { id: b, needs: [a], write: b.txt, content: x }\n"
	                   "  - { id: c, write: c.txt, content: x }\n");
	assert_int_equal(scene_run(&scene), 0);
	assert_string_equal(scene_result(&scene, "b"), "skipped");
	assert_string_equal(scene_result(&scene, "c"), "done");
	scene_release(&scene);
}

static void test_a_target_that_is_a_link_is_refused(void **state)
{
	(void)state;
	struct scene scene;
	scene_init(&scene, "belay: 1\nsteps:\n  - { id: a, write: a.txt, content: x }\n");
	scratch_link(scene.tree, "a.txt", "/etc/passwd");
	assert_int_equal(scene_run(&scene), 1);
	assert_string_equal(scene_find(&scene, EVENT_STEP_FAILED, "a")->category, "access");
	scene_release(&scene);
}

static void test_a_target_that_may_not_be_written_is_left(void **state)
{
	(void)state;
	struct scene scene;
	if (geteuid() == 0)
		skip(); /* who may do all is refused nothing */
	scene_init(&scene, "belay: 1\nsteps:\n  - { id: a, write: a.txt, content: x }\n");
	scratch_write_bytes(scene.tree, "a.txt", "mine\n", 5, 0444);
	assert_int_equal(scene_run(&scene), 1);
	const struct event *failed = scene_find(&scene, EVENT_STEP_FAILED, "a");
	assert_string_equal(failed->category, "access");
	assert_contains(failed->hint, "chmod");
	scene_assert_file(&scene, "a.txt", "mine\n");
	scene_release(&scene);
}

static void test_exists_skip_changes_nothing_and_is_done(void **state)
{
	(void)state;
	struct scene scene;
	scene_init(&scene, "belay: 1\nsteps:\n  - { id: a, write: a.txt, content: x, exists: skip }\n");
	scratch_write(scene.tree, "a.txt", "mine\n");
	assert_int_equal(scene_run(&scene), 0);
	scene_assert_file(&scene, "a.txt", "mine\n");
	assert_null(scene_find(&scene, EVENT_LANDED, "a"));
	scene_release(&scene);
}

static void test_when_rules_follow_what_happened(void **state)
{
	(void)state;
	struct scene scene;
	scene_init(&scene, "belay: 1\n"
	                   "steps:\n"
	                   "  - { id: same, write: a.txt, content: \"x\\n\" }\n"
	                   "  - { id: quiet, needs: [same], when: changed, write: q.txt, content: x }\n"
	                   "  - { id: bad, needs: [quiet], delete: nothing.txt }\n"
	                   "  - { id: mend, needs: [bad], when: failed, write: m.txt, content: x }\n"
	                   "  - { id: sweep, needs: [mend], when: always, write: s.txt, content: x }\n");
	scratch_write(scene.tree, "a.txt", "x\n");
	assert_int_equal(scene_run(&scene), 1);
	assert_string_equal(scene_result(&scene, "quiet"), "skipped");
	assert_string_equal(scene_result(&scene, "mend"), "done");
	assert_string_equal(scene_result(&scene, "sweep"), "done");
	scene_release(&scene);
}

static void test_files_over_the_hold_limit_are_copied_and_removed(void **state)
{
	(void)state;
	struct scene scene;
	size_t n = FILE_HOLD_MAX + 4096;
	char *bytes = xcalloc(n, 1);
	memset(bytes, 'a', n);
	scene_init(&scene, "belay: 1\n"
	                   "steps:\n"
	                   "  - { id: copy, write: copy.bin, from: big.bin }\n"
	                   "  - { id: gone, needs: [copy], delete: big.bin }\n");
	scratch_write_bytes(scene.tree, "big.bin", bytes, n, 0644);
	assert_int_equal(scene_run(&scene), 0);
	assert_false(scratch_has(scene.tree, "big.bin"));
	char *copy = scratch_read(scene.tree, "copy.bin");
	assert_non_null(copy);
	assert_int_equal(strlen(copy), n);
	free(copy);
	free(bytes);
	scene_release(&scene);
}

static void test_a_run_that_cannot_open_its_journal_says_so(void **state)
{
	(void)state;
	struct scene scene;
	scene_init(&scene, "belay: 1\nsteps:\n  - { id: a, write: a.txt, content: x }\n");
	assert_int_equal(rmdir(scene.run_dir), 0);
	assert_int_equal(scene_run(&scene), 1);
	assert_true(scene_noticed(&scene, "journal"));
	scene_assert_file(&scene, "a.txt", NULL);
	scene_release(&scene);
}

static void test_many_local_edits_land_each(void **state)
{
	(void)state;
	struct scene scene;
	struct buf plan = { 0 };
	buf_add_str(&plan, "belay: 1\nsteps:\n");
	for (int i = 0; i < 10; i++)
		buf_printf(&plan, "  - { id: s%d, write: f%d.txt, content: \"%d\\n\" }\n", i, i, i);
	scene_init(&scene, buf_str(&plan));
	assert_int_equal(scene_run(&scene), 0);
	assert_int_equal(scene_count(&scene, EVENT_LANDED, NULL), 10);
	buf_release(&plan);
	scene_release(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_local_verbs_change_the_tree),
		cmocka_unit_test(test_evidence_of_a_step_is_its_files_and_hashes),
		cmocka_unit_test(test_journal_and_feed_tell_the_same),
		cmocka_unit_test(test_independent_steps_run_at_once),
		cmocka_unit_test(test_overlapping_writers_go_one_after_the_other),
		cmocka_unit_test(test_a_failure_stops_what_has_not_begun),
		cmocka_unit_test(test_on_fail_rollback_takes_the_run_back),
		cmocka_unit_test(test_skip_dependants_leaves_exit_0),
		cmocka_unit_test(test_a_target_that_is_a_link_is_refused),
		cmocka_unit_test(test_a_target_that_may_not_be_written_is_left),
		cmocka_unit_test(test_exists_skip_changes_nothing_and_is_done),
		cmocka_unit_test(test_when_rules_follow_what_happened),
		cmocka_unit_test(test_files_over_the_hold_limit_are_copied_and_removed),
		cmocka_unit_test(test_a_run_that_cannot_open_its_journal_says_so),
		cmocka_unit_test(test_many_local_edits_land_each),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
