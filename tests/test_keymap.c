#include "tests/unit.h"

#include "tui/keymap.h"

#include <stdio.h>

static void test_every_key_of_the_table_has_a_name_that_is_understood(void **state)
{
	(void)state;
	for (size_t i = 0; i < keymap_n_rows; i++) {
		for (const char *at = keymap_rows[i].keys; *at;) {
			struct key key;
			char name[KEY_NAME_SIZE];
			size_t n = strcspn(at, " ");
			if (key_parse(at, n, &key) != 0)
				fail_msg("'%s' has a key that is not one", keymap_rows[i].keys);
			key_to_name(key, name);
			assert_int_equal(strlen(name), n);
			assert_memory_equal(name, at, n);
			at += n + (at[n] == ' ');
		}
	}
}

static void test_no_key_means_two_things_in_one_context(void **state)
{
	(void)state;
	for (int context = 0; context < CONTEXT_N; context++) {
		for (size_t i = 0; i < keymap_n_rows; i++) {
			const struct keymap_row *row = &keymap_rows[i];
			if (!(row->contexts & 1u << context))
				continue;
			for (const char *at = row->keys; *at;) {
				struct key key;
				size_t n = strcspn(at, " ");
				assert_int_equal(key_parse(at, n, &key), 0);
				if (keymap_find((enum context)context, key) != row->action)
					fail_msg("'%.*s' is '%s' and something else", (int)n, at, row->id);
				at += n + (at[n] == ' ');
			}
		}
	}
}

static void test_y_and_n_mean_yes_and_no_and_nothing_else(void **state)
{
	static const char letters[] = "ynYN";
	(void)state;
	for (int context = 0; context < CONTEXT_N; context++) {
		for (const char *c = letters; *c; c++) {
			enum action action = keymap_find((enum context)context, (struct key){ .code = *c });
			assert_true(action == ACTION_NONE || action == ACTION_YES || action == ACTION_NO ||
			            action == ACTION_NO_WITH_REASON);
		}
	}
}

static void test_escape_goes_back_everywhere(void **state)
{
	(void)state;
	for (int context = 0; context < CONTEXT_N; context++)
		assert_int_equal(keymap_find((enum context)context, (struct key){ .code = KEYCODE_ESC }), ACTION_BACK);
}

static void test_a_replay_has_no_key_that_changes_a_run(void **state)
{
	(void)state;
	for (size_t i = 0; i < keymap_n_rows; i++)
		assert_false(keymap_rows[i].mutates && keymap_rows[i].contexts & 1u << CONTEXT_REPLAY);
}

static void test_every_action_is_bound_and_explained(void **state)
{
	(void)state;
	for (int action = ACTION_NONE + 1; action < ACTION_N; action++) {
		const struct keymap_row *row = keymap_row((enum action)action);
		assert_non_null(row);
		assert_true(row->contexts && *row->keys && *row->help && *row->id);
	}
}

static void test_keys_are_named_as_they_are_parsed(void **state)
{
	static const char *const names[] = { "j", "C-n", "S-Tab", "F1", "A-x", "A-Enter", "Space", "\xe4\xbd\xa0", "PgDn", "-" };
	struct key key;
	char name[KEY_NAME_SIZE];
	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		assert_int_equal(key_parse(names[i], strlen(names[i]), &key), 0);
		key_to_name(key, name);
		assert_string_equal(name, names[i]);
	}
	assert_int_equal(key_parse("", 0, &key), -1);
	assert_int_equal(key_parse("C-1", 3, &key), -1);
	assert_int_equal(key_parse("jj", 2, &key), -1);
	assert_int_equal(key_parse("\xff", 1, &key), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_key_of_the_table_has_a_name_that_is_understood),
		cmocka_unit_test(test_no_key_means_two_things_in_one_context),
		cmocka_unit_test(test_y_and_n_mean_yes_and_no_and_nothing_else),
		cmocka_unit_test(test_escape_goes_back_everywhere),
		cmocka_unit_test(test_a_replay_has_no_key_that_changes_a_run),
		cmocka_unit_test(test_every_action_is_bound_and_explained),
		cmocka_unit_test(test_keys_are_named_as_they_are_parsed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
