#include "tests/unit.h"

#include "event/run_model.h"

#define ONE .step = "one", .attempt = 1

static struct run_model model;

static int set_up(void **state)
{
	(void)state;
	run_model_init(&model);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	run_model_release(&model);
	return 0;
}

static void tell(struct event event)
{
	struct err err = { 0 };
	event.seq = model.seq + 1;
	event.at_ms = 1000 * (int64_t)event.seq;
	event.run = "00c0ffee";
	assert_ok(run_model_apply(&model, &event, &err), &err);
}

#define TELL(what, ...) tell((struct event){ .kind = EVENT_##what, __VA_ARGS__ })

static const struct model_step *step(const char *id)
{
	const struct model_step *found = run_model_step(&model, id);
	assert_non_null(found);
	return found;
}

static void begin(void)
{
	TELL(RUN_STARTED, .plan = "a.yaml", .mode = "run");
	TELL(STEP_DECLARED, .step = "one", .verb = "write", .title = "One");
	TELL(STEP_DECLARED, .step = "two", .verb = "run", .title = "Two");
}

static void land(const char *id)
{
	static const struct event_file file = { .path = "a", .change = EVENT_CREATED, .added = 2,
		                                .after = { .present = true } };
	TELL(STEP_STARTED, .step = id, .attempt = 1);
	TELL(INTENT, .step = id, .attempt = 1, .files = { &file, 1 });
	TELL(LANDED, .step = id, .attempt = 1, .files = { &file, 1 });
	TELL(STEP_DONE, .step = id, .attempt = 1);
}

static void test_an_approval_waits_until_it_is_answered(void **state)
{
	(void)state;
	begin();
	TELL(STEP_STARTED, ONE);
	TELL(APPROVAL_ASKED, ONE, .request = "r1", .risk = "high", .what = "rm a");
	assert_int_equal(model.n_approvals, 1);
	assert_int_equal(step("one")->state, STEP_WAITING);
	assert_string_equal(step("one")->approval.what, "rm a");
	TELL(APPROVAL_GIVEN, ONE, .request = "r1", .by = "person");
	assert_int_equal(model.n_approvals, 0);
	assert_string_equal(step("one")->approval.request, "");
	assert_int_equal(step("one")->state, STEP_RUNNING);
}

static void test_a_refused_step_stays_declined(void **state)
{
	(void)state;
	begin();
	TELL(STEP_STARTED, ONE);
	TELL(APPROVAL_ASKED, ONE, .request = "r1", .risk = "high");
	TELL(APPROVAL_REFUSED, ONE, .request = "r1", .by = "person", .reason = "not today");
	TELL(STEP_SKIPPED, ONE, .reason = "declined");
	assert_int_equal(step("one")->state, STEP_DECLINED);
	assert_int_equal(model.n_in_state[STEP_DECLINED], 1);
	assert_int_equal(model.n_approvals, 0);
}

static void test_an_approval_asked_twice_counts_once(void **state)
{
	(void)state;
	begin();
	TELL(STEP_STARTED, ONE);
	TELL(APPROVAL_ASKED, ONE, .request = "r1", .risk = "high");
	TELL(APPROVAL_ASKED, ONE, .request = "r2", .risk = "high");
	assert_int_equal(model.n_approvals, 1);
	assert_string_equal(step("one")->approval.request, "r2");
}

static void test_a_check_ends_with_its_findings(void **state)
{
	static struct diag diag = { "a.c", 3, 1, DIAG_ERROR, "E1", "wrong" };
	(void)state;
	begin();
	TELL(STEP_STARTED, ONE);
	TELL(CHECK_STARTED, ONE, .check = "build");
	assert_false(step("one")->check[0].finished);
	TELL(CHECK_FINISHED, ONE, .check = "build", .exit_code = 2, .diagnostics = { &diag, 1 });
	assert_int_equal(step("one")->n_checks, 1);
	assert_true(step("one")->check[0].finished);
	assert_int_equal(step("one")->check[0].exit_code, 2);
	assert_string_equal(step("one")->check[0].diags.diag[0].message, "wrong");
	assert_string_equal(step("one")->check[0].diags.diag[0].code, "E1");
	TELL(STEP_STARTED, .step = "one", .attempt = 2);
	assert_int_equal(step("one")->n_checks, 0);
}

static void test_undo_and_redo_move_a_step_out_of_the_tree_and_back(void **state)
{
	static const char *const ids[] = { "one", "two" };
	(void)state;
	begin();
	land("one");
	land("two");
	assert_true(step("one")->landed);
	assert_int_equal(step("one")->landed_seq, 6);
	TELL(INTENT, .step_list = { ids, 2 });
	assert_int_equal(model.open_intent.n_items, 2);
	TELL(TAKEN_BACK, .step_list = { ids, 2 });
	assert_int_equal(model.open_intent.n_items, 0);
	assert_int_equal(model.undone.n_items, 2);
	assert_int_equal(model.n_in_state[STEP_TAKEN_BACK], 2);
	assert_false(step("two")->landed);
	TELL(LANDED, .step_list = { ids, 2 });
	assert_int_equal(model.undone.n_items, 0);
	assert_int_equal(model.n_in_state[STEP_DONE], 2);
	assert_true(step("one")->landed);
}

static void test_each_redo_takes_one_undo_back(void **state)
{
	static const char *const one[] = { "one" };
	static const char *const two[] = { "two" };
	(void)state;
	begin();
	land("one");
	land("two");
	TELL(TAKEN_BACK, .step_list = { two, 1 });
	TELL(TAKEN_BACK, .step_list = { one, 1 });
	assert_int_equal(model.undone.n_items, 1);
	assert_string_equal(model.undone.item[0], "one");
	TELL(LANDED, .step_list = { one, 1 });
	assert_int_equal(model.undone.n_items, 1);
	assert_string_equal(model.undone.item[0], "two");
	TELL(LANDED, .step_list = { two, 1 });
	assert_int_equal(model.undone.n_items, 0);
}

static void test_an_undo_after_the_end_does_not_make_the_run_longer(void **state)
{
	static const char *const ids[] = { "one" };
	(void)state;
	begin();
	land("one");
	TELL(RUN_FINISHED, .exit_code = 1);
	int64_t ended_ms = model.ended_ms;
	TELL(TAKEN_BACK, .step = "one", .step_list = { ids, 1 });
	TELL(RUN_FINISHED, .exit_code = 1);
	assert_int_equal(model.ended_ms, ended_ms);
	assert_true(model.notice[model.n_notices - 1].at_ms > ended_ms);
	land("two"); /* a step that is tried again does */
	TELL(RUN_FINISHED, .exit_code = 0);
	assert_int_equal(model.ended_ms, model.now_ms);
	assert_int_equal(model.exit_code, 0);
}

static void test_a_failed_attempt_that_was_taken_back_goes_on(void **state)
{
	static const struct event_file file = { .path = "a", .change = EVENT_CREATED };
	(void)state;
	begin();
	TELL(STEP_STARTED, ONE);
	TELL(LANDED, ONE, .files = { &file, 1 });
	TELL(TAKEN_BACK, ONE, .files = { &file, 1 });
	assert_int_equal(step("one")->state, STEP_RUNNING);
	TELL(STEP_FAILED, ONE, .category = "check", .message = "no", .landed_back = true);
	assert_int_equal(step("one")->state, STEP_FAILED);
	assert_false(step("one")->landed);
}

static void test_resume_keeps_what_landed_and_forgets_what_ran(void **state)
{
	static const struct event_file file = { .path = "a", .change = EVENT_CREATED };
	(void)state;
	begin();
	TELL(STEP_STARTED, ONE);
	TELL(LANDED, ONE, .files = { &file, 1 });
	TELL(STEP_STARTED, .step = "two", .attempt = 1);
	TELL(APPROVAL_ASKED, .step = "two", .attempt = 1, .request = "r1", .risk = "high");
	TELL(RUN_RESUMED, .at = 7);
	assert_int_equal(step("one")->state, STEP_LANDED);
	assert_int_equal(step("two")->state, STEP_PENDING);
	assert_int_equal(model.n_approvals, 0);
}

static void test_output_is_kept_to_its_last_part_and_the_answer_whole(void **state)
{
	static char text[4096];
	(void)state;
	memset(text, 'x', sizeof text);
	begin();
	TELL(STEP_STARTED, ONE);
	for (int i = 0; i < 512; i++)
		TELL(OUTPUT, ONE, .stream = "model", .text = { text, sizeof text, NULL });
	TELL(OUTPUT, ONE, .stream = "reasoning", .text = { text, sizeof text, NULL });
	assert_int_equal(step("one")->answer.len, 512 * sizeof text);
	assert_int_equal(step("one")->output.len + step("one")->output_dropped, 512 * sizeof text);
	assert_true(step("one")->output.len < 512 * sizeof text);
}

static void test_what_cannot_follow_is_corrupt(void **state)
{
	struct err err = { 0 };
	struct event late = { .kind = EVENT_NOTICE, .seq = 2, .message = "late" };
	struct event unknown = { .kind = EVENT_STEP_DONE, .seq = 9, .step = "nobody" };
	struct event again = { .kind = EVENT_RUN_STARTED, .seq = 9 };
	(void)state;
	assert_int_equal(run_model_apply(&model, &late, &err), -1);
	assert_int_equal(err.code, ERR_CORRUPT);
	begin();
	assert_int_equal(run_model_apply(&model, &late, &err), -1);
	assert_int_equal(run_model_apply(&model, &unknown, &err), -1);
	assert_int_equal(run_model_apply(&model, &again, &err), -1);
	assert_int_equal(model.seq, 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_an_approval_waits_until_it_is_answered),
		TEST(test_a_refused_step_stays_declined),
		TEST(test_an_approval_asked_twice_counts_once),
		TEST(test_a_check_ends_with_its_findings),
		TEST(test_undo_and_redo_move_a_step_out_of_the_tree_and_back),
		TEST(test_each_redo_takes_one_undo_back),
		TEST(test_an_undo_after_the_end_does_not_make_the_run_longer),
		TEST(test_a_failed_attempt_that_was_taken_back_goes_on),
		TEST(test_resume_keeps_what_landed_and_forgets_what_ran),
		TEST(test_output_is_kept_to_its_last_part_and_the_answer_whole),
		TEST(test_what_cannot_follow_is_corrupt),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
