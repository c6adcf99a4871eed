#include "tests/unit.h"

#include "tests/scratch.h"

#include "base/xalloc.h"
#include "io/journal.h"
#include "run/lineage.h"

#include <stdio.h>

#define ONE (const char *const[]){ "one" }, 1
#define TWO (const char *const[]){ "two" }, 1
#define BOTH (const char *const[]){ "one", "two" }, 2

static char *dir;
static struct run_list runs;
static struct lineage lineage;

static int set_up(void **state)
{
	(void)state;
	dir = scratch_make();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	lineage_release(&lineage);
	run_list_release(&runs);
	scratch_remove(dir);
	return 0;
}

/* A run that begins after all that there are: the list has the newest first. */
static void add_run(const char *id, const char *mode, const char *from)
{
	scratch_mkdir(dir, id);
	runs.run = xrealloc(runs.run, (runs.n_runs + 1) * sizeof *runs.run);
	memmove(runs.run + 1, runs.run, runs.n_runs * sizeof *runs.run);
	runs.n_runs++;
	runs.run[0] = (struct run_info){ .id = xstrdup(id), .dir = xasprintf("%s/%s", dir, id), .mode = xstrdup(mode),
		                         .from = xstrdup(from) };
}

static void tell(struct event event)
{
	struct journal *journal;
	struct err err;
	char *file = xasprintf("%s/journal.jsonl", runs.run[0].dir);
	assert_ok(journal_open(&journal, file, &err), &err);
	event.seq = journal_next_seq(journal);
	event.at_ms = 1000;
	event.run = runs.run[0].id;
	assert_ok(journal_append(journal, &event, &err), &err);
	journal_close(journal);
	free(file);
}

#define TELL(what, ...) tell((struct event){ .kind = EVENT_##what, __VA_ARGS__ })

static void land(const char *step)
{
	const struct event_file file = { .path = step, .change = EVENT_CREATED };
	TELL(STEP_STARTED, .step = step, .attempt = 1);
	TELL(LANDED, .step = step, .attempt = 1, .files = { &file, 1 });
	TELL(STEP_DONE, .step = step, .attempt = 1);
}

static void run_with_two_steps(void)
{
	add_run("aaaaaaaa", "run", "");
	TELL(RUN_STARTED, .plan = "a.yaml", .mode = "run");
	TELL(STEP_DECLARED, .step = "one", .verb = "write");
	TELL(STEP_DECLARED, .step = "two", .verb = "write");
	land("one");
	land("two");
	TELL(RUN_FINISHED, .exit_code = 0);
}

/* Reads it as seen from the run of that id. */
static void look(const char *id)
{
	struct run_info named = { .id = (char *)(uintptr_t)id };
	struct err err;
	lineage_release(&lineage);
	assert_ok(lineage_read(&lineage, &runs, &named, &err), &err);
}

static bool in_tree(const char *id)
{
	const struct lineage_step *step = lineage_find(&lineage, id);
	assert_non_null(step);
	return step->in_tree;
}

static void test_undo_and_redo_runs_move_steps_out_and_in(void **state)
{
	(void)state;
	run_with_two_steps();
	look("aaaaaaaa");
	assert_true(in_tree("one") && in_tree("two"));
	assert_null(lineage.last_unsettled);
	add_run("bbbbbbbb", "undo", "aaaaaaaa");
	TELL(TAKEN_BACK, .step_list = { TWO });
	look("bbbbbbbb");
	assert_string_equal(lineage.run, "aaaaaaaa");
	assert_true(in_tree("one") && !in_tree("two"));
	add_run("cccccccc", "redo", "bbbbbbbb");
	TELL(LANDED, .step_list = { TWO });
	look("cccccccc");
	assert_true(in_tree("one") && in_tree("two"));
	assert_int_equal(lineage.n_undone, 0);
	assert_string_equal(lineage.last_unsettled, "cccccccc");
}

static void test_the_last_undo_is_redone_first(void **state)
{
	(void)state;
	run_with_two_steps();
	add_run("bbbbbbbb", "undo", "aaaaaaaa");
	TELL(TAKEN_BACK, .step_list = { TWO });
	add_run("cccccccc", "undo", "aaaaaaaa");
	TELL(TAKEN_BACK, .step_list = { ONE });
	look("aaaaaaaa");
	assert_int_equal(lineage.n_undone, 2);
	assert_string_equal(lineage.undone[1].run, "cccccccc");
	assert_string_equal(lineage.undone[1].steps.item[0], "one");
}

static void test_an_undo_that_was_cut_off_and_given_up_changes_nothing(void **state)
{
	(void)state;
	run_with_two_steps();
	add_run("bbbbbbbb", "undo", "aaaaaaaa");
	TELL(INTENT, .step_list = { BOTH }, .reason = "undo");
	TELL(LANDED, .step_list = { BOTH });
	look("aaaaaaaa");
	assert_true(in_tree("one") && in_tree("two"));
	assert_int_equal(lineage.n_undone, 0);
}

static void test_a_settled_run_says_all_itself(void **state)
{
	struct err err;
	(void)state;
	run_with_two_steps();
	add_run("bbbbbbbb", "undo", "aaaaaaaa");
	TELL(TAKEN_BACK, .step_list = { BOTH });
	add_run("cccccccc", "redo", "bbbbbbbb");
	TELL(LANDED, .step_list = { ONE });
	look("aaaaaaaa");
	assert_ok(lineage_settle(&lineage, &err), &err);
	look("aaaaaaaa");
	assert_null(lineage.last_unsettled);
	assert_true(in_tree("one") && !in_tree("two"));
	assert_true(run_model_step(&lineage.model, "one")->landed);
	assert_int_equal(run_model_step(&lineage.model, "two")->state, STEP_TAKEN_BACK);
	assert_ok(lineage_settle(&lineage, &err), &err);
}

static void test_a_step_that_landed_anew_is_known_by_its_new_change_alone(void **state)
{
	(void)state;
	run_with_two_steps();
	TELL(RUN_RESUMED, .at = 10);
	TELL(TAKEN_BACK, .step_list = { TWO });
	land("two");
	look("aaaaaaaa");
	assert_true(in_tree("two"));
	assert_int_equal(lineage_find(&lineage, "two")->n_landed, 1);
	assert_int_equal(lineage.n_undone, 0);
}

static void test_the_change_of_a_failed_step_is_not_put_again(void **state)
{
	(void)state;
	run_with_two_steps();
	TELL(TAKEN_BACK, .step_list = { TWO });
	TELL(STEP_FAILED, .step = "two", .category = "check", .message = "no", .landed_back = true);
	look("aaaaaaaa");
	assert_false(in_tree("two"));
	assert_int_equal(lineage.n_undone, 0);
}

static void test_an_undo_of_a_run_that_is_gone_is_told(void **state)
{
	struct err err = { 0 };
	(void)state;
	add_run("bbbbbbbb", "undo", "aaaaaaaa");
	assert_int_equal(lineage_read(&lineage, &runs, &runs.run[0], &err), -1);
	assert_int_equal(err.code, ERR_NOT_FOUND);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_undo_and_redo_runs_move_steps_out_and_in),
		TEST(test_the_last_undo_is_redone_first),
		TEST(test_an_undo_that_was_cut_off_and_given_up_changes_nothing),
		TEST(test_a_settled_run_says_all_itself),
		TEST(test_a_step_that_landed_anew_is_known_by_its_new_change_alone),
		TEST(test_the_change_of_a_failed_step_is_not_put_again),
		TEST(test_an_undo_of_a_run_that_is_gone_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
