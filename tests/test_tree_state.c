#include "tests/unit.h"

#include "tui/tree_state.h"

#include <stdio.h>

/* An image whose hash is made of one letter. */
static struct event_image image(char letter)
{
	struct event_image image = { .present = letter != '\0', .mode = 0644, .bytes = 1 };
	memset(&image.hash, letter, sizeof image.hash);
	return image;
}

static struct event_file file(const char *path, char before, char after)
{
	return (struct event_file){ .path = path, .change = EVENT_MODIFIED, .before = image(before), .after = image(after) };
}

static void take(struct tree_state *state, enum event_kind kind, struct event_file file, const char *undone)
{
	static uint64_t seq;
	const char *const steps[] = { undone };
	struct event event = { .seq = ++seq, .kind = kind, .step = undone ? NULL : "a", .files = { &file, 1 } };
	if (undone)
		event.step_list = (struct event_list){ steps, 1 };
	if (kind == EVENT_INTENT && undone)
		event.reason = "undo";
	tree_state_take(state, &event);
}

static void assert_now(const struct tree_state *state, const char *path, char first, char now)
{
	const struct tree_file *found = map_get(&state->by_path, path);
	struct event_image a = image(first), b = image(now);
	assert_non_null(found);
	assert_true(tree_image_equal(&found->first, &a));
	assert_true(tree_image_equal(&found->now, &b));
}

static void test_a_file_keeps_its_first_image_through_all_landings(void **unused)
{
	struct tree_state state = { 0 };
	(void)unused;
	take(&state, EVENT_INTENT, file("a.c", '1', '2'), NULL);
	assert_int_equal(state.n_files, 0); /* an intent has changed nothing yet */
	take(&state, EVENT_LANDED, file("a.c", '1', '2'), NULL);
	take(&state, EVENT_LANDED, file("a.c", '2', '3'), NULL);
	assert_now(&state, "a.c", '1', '3');
	tree_state_clear(&state);
}

static void test_an_undo_leads_to_its_after_and_one_given_up_does_not(void **unused)
{
	struct tree_state state = { 0 };
	(void)unused;
	take(&state, EVENT_LANDED, file("a.c", '\0', '2'), NULL);
	take(&state, EVENT_INTENT, file("a.c", '2', '\0'), "a");
	take(&state, EVENT_LANDED, file("a.c", '2', '\0'), "a"); /* given up: it stays landed */
	assert_now(&state, "a.c", '\0', '2');
	take(&state, EVENT_INTENT, file("a.c", '2', '\0'), "a");
	take(&state, EVENT_TAKEN_BACK, file("a.c", '2', '\0'), "a");
	assert_now(&state, "a.c", '\0', '\0');
	tree_state_clear(&state);
}

static void test_a_landing_that_was_given_up_leaves_the_file_as_before(void **unused)
{
	struct tree_state state = { 0 };
	(void)unused;
	take(&state, EVENT_INTENT, file("a.c", '1', '2'), NULL);
	take(&state, EVENT_TAKEN_BACK, file("a.c", '1', '2'), NULL);
	assert_now(&state, "a.c", '1', '1');
	tree_state_clear(&state);
}

static void test_a_rename_takes_the_old_name_away(void **unused)
{
	struct tree_state state = { 0 };
	struct event_file renamed = file("new.c", '1', '2');
	(void)unused;
	renamed.old_path = "old.c";
	take(&state, EVENT_LANDED, renamed, NULL);
	assert_now(&state, "old.c", '1', '\0');
	assert_now(&state, "new.c", '\0', '2');
	tree_state_clear(&state);
}

static void test_what_comes_later_is_known_as_it_was(void **unused)
{
	struct tree_state state = { 0 };
	struct event_file two[] = { file("a.c", '7', '8'), file("b.c", '5', '6') };
	struct event event = { .seq = 90, .kind = EVENT_LANDED, .step = "b", .files = { two, 2 } };
	(void)unused;
	take(&state, EVENT_LANDED, file("a.c", '1', '2'), NULL);
	tree_state_take_later(&state, &event);
	assert_now(&state, "a.c", '1', '2');
	assert_now(&state, "b.c", '5', '5');
	tree_state_clear(&state);
}

static void test_links_modes_and_absence_tell_images_apart(void **unused)
{
	struct event_image a = image('1'), b = image('1'), none = { 0 };
	(void)unused;
	assert_true(tree_image_equal(&a, &b));
	b.mode = 0755;
	assert_false(tree_image_equal(&a, &b));
	b = image('1');
	b.link = "target";
	assert_false(tree_image_equal(&a, &b));
	assert_false(tree_image_equal(&a, &none));
	assert_true(tree_image_equal(&none, &none));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_file_keeps_its_first_image_through_all_landings),
		cmocka_unit_test(test_an_undo_leads_to_its_after_and_one_given_up_does_not),
		cmocka_unit_test(test_a_landing_that_was_given_up_leaves_the_file_as_before),
		cmocka_unit_test(test_a_rename_takes_the_old_name_away),
		cmocka_unit_test(test_what_comes_later_is_known_as_it_was),
		cmocka_unit_test(test_links_modes_and_absence_tell_images_apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
