/* A proposed change in the UI: what its keys send, and what they do not. */
#include "tests/unit.h"

#include "tests/tui_story.h"
#include "tests/ui_stage.h"

#include <stdio.h>

#define EACH(n, what) .seq = n, .at_ms = STORY_START_MS + n, .run = "00c0ffee", .kind = EVENT_##what

static const char patch[] = "diff --git a/a.c b/a.c\n--- a/a.c\n+++ b/a.c\n"
			    "@@ -1,3 +1,3 @@ one\n 1\n-old one\n+new one\n 3\n"
			    "@@ -51,3 +51,3 @@ two\n 51\n-old two\n+new two\n 53\n"
			    "diff --git a/b.c b/b.c\n--- a/b.c\n+++ b/b.c\n"
			    "@@ -1 +1 @@\n-old b\n+new b\n";

static const struct event_file files[] = { { .path = "a.c", .change = EVENT_MODIFIED },
	{ .path = "b.c", .change = EVENT_MODIFIED } };

static void open_asking(struct ui_stage *stage, const char *risk)
{
	static struct event event[4];
	event[0] = (struct event){ EACH(1, RUN_STARTED), .plan = "p.yaml" };
	event[1] = (struct event){ EACH(2, STEP_DECLARED), .step = "one", .verb = "refactor", .title = "step one" };
	event[2] = (struct event){ EACH(3, CHANGE_PROPOSED), .step = "one", .files = { files, 2 },
		                   .text = { .data = patch, .len = sizeof patch - 1 } };
	event[3] = (struct event){ EACH(4, APPROVAL_ASKED), .step = "one", .risk = risk, .what = "refactor a.c b.c",
		                   .word = "a.c", .request = "r1" };
	ui_stage_open(stage, event, 4, 80, 24);
	ui_stage_look(stage);
}

static const struct command *sent(const struct ui_stage *stage, enum command_kind kind)
{
	const struct command *command = ui_stage_sent(stage);
	assert_non_null(command);
	assert_int_equal(command->kind, kind);
	assert_string_equal(command->request, "r1");
	return command;
}

static void test_a_change_is_reviewed_hunk_by_hunk(void **state)
{
	struct ui_stage stage;
	(void)state;
	open_asking(&stage, "low");
	ui_stage_press(&stage, "a");
	assert_contains(ui_stage_look(&stage), "REVIEW  step 1 step one");
	assert_contains(ui_stage_look(&stage), "nothing is written until A");
	ui_stage_press(&stage, "y");
	ui_stage_look(&stage);
	ui_stage_press(&stage, "n");
	ui_stage_look(&stage);
	ui_stage_press(&stage, "y");
	assert_contains(ui_stage_look(&stage), "all decided");
	assert_null(ui_stage_sent(&stage));
	ui_stage_press(&stage, "A");
	const struct command *command = sent(&stage, COMMAND_DECIDE);
	assert_int_equal(command->number, 2);
	assert_int_equal(command->rejected, 1);
	assert_contains(command->text, "+new one");
	assert_contains(command->text, "+new b");
	assert_null(strstr(command->text, "new two"));
	assert_contains(ui_stage_look(&stage), "accepted: 2 of 3 hunks");
	ui_stage_close(&stage);
}

static void test_all_of_it_is_a_plain_yes(void **state)
{
	struct ui_stage stage;
	(void)state;
	open_asking(&stage, "low");
	ui_stage_press(&stage, "a a a A");
	sent(&stage, COMMAND_APPROVE);
	ui_stage_close(&stage);
}

static void test_what_was_not_on_screen_is_not_passed_over(void **state)
{
	struct ui_stage stage;
	(void)state;
	open_asking(&stage, "low");
	ui_stage_press(&stage, "a y");
	ui_stage_look(&stage);
	ui_stage_press(&stage, "A"); /* the second file was never shown */
	assert_contains(ui_stage_look(&stage), "not on screen yet");
	assert_contains(ui_stage_look(&stage), "file 2/2");
	ui_stage_press(&stage, "A");
	assert_contains(ui_stage_look(&stage), "What is undecided (2) is left out");
	ui_stage_press(&stage, "n");
	assert_null(ui_stage_sent(&stage));
	ui_stage_press(&stage, "A y");
	assert_int_equal(sent(&stage, COMMAND_DECIDE)->rejected, 2);
	ui_stage_close(&stage);
}

static void test_at_higher_risk_the_accepted_part_is_confirmed(void **state)
{
	struct ui_stage stage;
	(void)state;
	open_asking(&stage, "medium");
	ui_stage_press(&stage, "a y n y A");
	assert_contains(ui_stage_look(&stage), "Approve change?");
	assert_null(ui_stage_sent(&stage));
	ui_stage_press(&stage, "y Enter");
	assert_null(strstr(sent(&stage, COMMAND_DECIDE)->text, "new two"));
	ui_stage_close(&stage);
}

static void test_rejecting_all_carries_the_reason(void **state)
{
	struct ui_stage stage;
	(void)state;
	open_asking(&stage, "low");
	ui_stage_press(&stage, "a R n o Enter");
	assert_string_equal(sent(&stage, COMMAND_REFUSE)->text, "no");
	ui_stage_close(&stage);
}

static void test_nothing_accepted_is_a_no_that_is_asked_for(void **state)
{
	struct ui_stage stage;
	(void)state;
	open_asking(&stage, "low");
	ui_stage_press(&stage, "a n n n A");
	assert_contains(ui_stage_look(&stage), "Decline the whole step?");
	assert_null(ui_stage_sent(&stage));
	ui_stage_press(&stage, "y");
	assert_null(sent(&stage, COMMAND_REFUSE)->text);
	ui_stage_close(&stage);
}

static void test_decisions_survive_leaving_it(void **state)
{
	struct ui_stage stage;
	(void)state;
	open_asking(&stage, "low");
	ui_stage_press(&stage, "a y Esc");
	assert_contains(ui_stage_look(&stage), "stays pending");
	assert_null(ui_stage_sent(&stage));
	ui_stage_press(&stage, "a");
	assert_contains(ui_stage_look(&stage), "2 undecided");
	assert_contains(ui_stage_look(&stage), "hunk 2/2"); /* at what is still open */
	ui_stage_press(&stage, "u");
	assert_contains(ui_stage_look(&stage), "3 undecided");
	ui_stage_close(&stage);
}

static void test_a_paste_applies_nothing(void **state)
{
	struct ui_stage stage;
	(void)state;
	open_asking(&stage, "low");
	ui_stage_press(&stage, "a a a");
	ui_stage_key(&stage, (struct key){ .code = 'A', .burst = true });
	ui_stage_key(&stage, (struct key){ .code = 'A', .pasted = true });
	assert_null(ui_stage_sent(&stage));
	ui_stage_close(&stage);
}

static void test_a_review_fits_any_size(void **state)
{
	struct ui_stage stage;
	(void)state;
	open_asking(&stage, "low");
	ui_stage_press(&stage, "a v j");
	for (int w = 1; w <= 300; w += 7) {
		for (int h = 1; h <= 60; h += 3) {
			ui_stage_resize(&stage, w, h);
			ui_stage_look(&stage);
		}
	}
	ui_stage_close(&stage);
}

static void test_an_edited_hunk_is_sent_as_it_was_edited(void **state)
{
	static const char edited[] = " 1\n-old one\n+mine\n 3\n";
	struct ui_stage stage;
	const struct buf *text;
	(void)state;
	open_asking(&stage, "low");
	ui_stage_press(&stage, "a e");
	assert_true(ui_wants_editor(stage.ui, &text));
	assert_false(ui_wants_editor(stage.ui, &text));
	assert_contains(text->data, "-old one\n+new one\n");
	ui_edited(stage.ui, edited, sizeof edited - 1);
	ui_stage_press(&stage, "J n n A");
	assert_contains(sent(&stage, COMMAND_DECIDE)->text, "+mine");
	ui_stage_close(&stage);
}

/* a.c as the patch takes it to be: 60 lines, of which two are its old ones. */
static const char *tree(const char *second)
{
	static char text[1024];
	size_t at = 0;
	for (int i = 1; i <= 60; i++)
		at += (size_t)(i == 2 ? snprintf(text + at, sizeof text - at, "old one\n") :
		               i == 52 ? snprintf(text + at, sizeof text - at, "%s\n", second) :
		                         snprintf(text + at, sizeof text - at, "%d\n", i));
	return text;
}

static void test_decisions_of_what_changed_on_disk_are_dropped(void **state)
{
	struct ui_stage stage;
	(void)state;
	open_asking(&stage, "low");
	stage.script.now = tree("old two");
	ui_stage_press(&stage, "a y y");
	ui_stage_look(&stage);
	ui_stage_press(&stage, "n");
	stage.script.now = tree("somebody else's");
	ui_stage_press(&stage, "A");
	assert_null(ui_stage_sent(&stage));
	assert_contains(ui_stage_look(&stage), "'a.c' changed since: 1 of its hunks");
	assert_contains(ui_stage_look(&stage), "[ undecided ] the file changed here");
	assert_contains(ui_stage_look(&stage), "[ ACCEPTED ] one");
	ui_stage_close(&stage);
}

static void test_more_context_comes_from_the_file(void **state)
{
	struct ui_stage stage;
	(void)state;
	open_asking(&stage, "low");
	stage.script.now = tree("old two");
	ui_stage_press(&stage, "a");
	assert_null(strstr(ui_stage_look(&stage), "   7\n"));
	ui_stage_press(&stage, "} }");
	assert_contains(ui_stage_look(&stage), "context 10");
	assert_contains(ui_stage_look(&stage), "7         7\n");
	ui_stage_press(&stage, "{ { {");
	assert_null(strstr(ui_stage_look(&stage), "7         7\n"));
	ui_stage_close(&stage);
}

static void test_find_goes_through_all_files_of_a_review(void **state)
{
	struct ui_stage stage;
	(void)state;
	open_asking(&stage, "low");
	ui_stage_press(&stage, "a / n e w _ b Enter");
	assert_contains(ui_stage_look(&stage), "is not there");
	ui_stage_press(&stage, "/ BSpace BSpace Space b Enter");
	ui_stage_press(&stage, "/ w Space b Enter");
	assert_contains(ui_stage_look(&stage), "file 2/2");
	ui_stage_press(&stage, "/ o l d Enter A-n");
	assert_contains(ui_stage_look(&stage), "file 1/2");
	ui_stage_close(&stage);
}

static void test_a_result_is_edited_as_a_whole_file(void **state)
{
	struct ui_stage stage;
	const struct buf *text;
	struct buf edited = { 0 };
	(void)state;
	open_asking(&stage, "low");
	stage.script.now = tree("old two");
	ui_stage_press(&stage, "a E");
	assert_true(ui_wants_editor(stage.ui, &text));
	assert_contains(text->data, "1\nnew one\n3\n");
	assert_contains(text->data, "51\nnew two\n53\n");
	buf_add_str(&edited, "first\n");
	buf_add(&edited, text->data, text->len);
	ui_edited(stage.ui, buf_str(&edited), edited.len);
	assert_contains(ui_stage_look(&stage), "edited and accepted");
	ui_stage_press(&stage, "] n A");
	assert_contains(sent(&stage, COMMAND_DECIDE)->text, "+first\n");
	buf_release(&edited);
	ui_stage_close(&stage);
}

static void test_a_wide_review_has_two_columns_and_a_narrow_one_wraps(void **state)
{
	struct ui_stage stage;
	(void)state;
	open_asking(&stage, "low");
	ui_stage_press(&stage, "a |");
	assert_contains(ui_stage_look(&stage), "two columns take 120 cells");
	ui_stage_resize(&stage, 130, 30);
	assert_contains(ui_stage_look(&stage), " - old one");
	assert_non_null(strstr(strstr(ui_stage_look(&stage), " - old one"), "+ new one"));
	ui_stage_press(&stage, "y"); /* both sides of a pair are one hunk */
	assert_contains(ui_stage_look(&stage), "y    2 - old one");
	ui_stage_close(&stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_change_is_reviewed_hunk_by_hunk),
		cmocka_unit_test(test_all_of_it_is_a_plain_yes),
		cmocka_unit_test(test_what_was_not_on_screen_is_not_passed_over),
		cmocka_unit_test(test_at_higher_risk_the_accepted_part_is_confirmed),
		cmocka_unit_test(test_rejecting_all_carries_the_reason),
		cmocka_unit_test(test_nothing_accepted_is_a_no_that_is_asked_for),
		cmocka_unit_test(test_decisions_survive_leaving_it),
		cmocka_unit_test(test_a_paste_applies_nothing),
		cmocka_unit_test(test_a_review_fits_any_size),
		cmocka_unit_test(test_an_edited_hunk_is_sent_as_it_was_edited),
		cmocka_unit_test(test_decisions_of_what_changed_on_disk_are_dropped),
		cmocka_unit_test(test_more_context_comes_from_the_file),
		cmocka_unit_test(test_find_goes_through_all_files_of_a_review),
		cmocka_unit_test(test_a_result_is_edited_as_a_whole_file),
		cmocka_unit_test(test_a_wide_review_has_two_columns_and_a_narrow_one_wraps),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
