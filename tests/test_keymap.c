#include "tests/unit.h"

#include "base/buf.h"
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
				if (keymap_find(NULL, (enum context)context, key) != row->action)
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
			enum action action = keymap_find(NULL, (enum context)context, (struct key){ .code = *c });
			assert_true(action == ACTION_NONE || action == ACTION_YES || action == ACTION_NO ||
			            action == ACTION_NO_WITH_REASON);
		}
	}
}

static void test_escape_goes_back_everywhere(void **state)
{
	(void)state;
	for (int context = 0; context < CONTEXT_N; context++)
		assert_int_equal(keymap_find(NULL, (enum context)context, (struct key){ .code = KEYCODE_ESC }), ACTION_BACK);
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

static void test_an_action_is_bound_to_other_keys(void **state)
{
	struct keymap *map = keymap_new();
	struct err err;
	(void)state;
	assert_ok(keymap_bind(map, "undo", " Z  A-u ", &err), &err);
	assert_int_equal(keymap_find(map, CONTEXT_RUN, (struct key){ .code = 'Z' }), ACTION_UNDO);
	assert_int_equal(keymap_find(map, CONTEXT_RUN, (struct key){ .code = 'u', .alt = true }), ACTION_UNDO);
	assert_int_equal(keymap_find(map, CONTEXT_RUN, (struct key){ .code = 'u' }), ACTION_NONE);
	assert_string_equal(keymap_name(map, ACTION_UNDO).text, "Z");
	assert_string_equal(keymap_name(NULL, ACTION_UNDO).text, "u");
	assert_ok(keymap_bind(map, "undo", "", &err), &err);
	assert_string_equal(keymap_name(map, ACTION_UNDO).text, "-");
	assert_ok(keymap_bind(map, "left", "H", &err), &err); /* one id, two rows: a run and a replay */
	assert_int_equal(keymap_find(map, CONTEXT_RUN, (struct key){ .code = 'H' }), ACTION_LEFT);
	assert_int_equal(keymap_find(map, CONTEXT_REPLAY, (struct key){ .code = 'H' }), ACTION_LEFT);
	keymap_free(map);
}

static void test_what_the_house_rules_fix_cannot_be_bound(void **state)
{
	static const char *const bad[][3] = {
		{ "retry", "y", "'y' means the same everywhere" },    { "retry", "r n", "'n' means the same everywhere" },
		{ "retry", "Esc", "'Esc' means the same everywhere" }, { "retry", "C-z", "is a signal" },
		{ "retry", "jj", "'jj' is no key" },                   { "retri", "r", "did you mean 'retry'" },
		{ "yes", "z", "cannot be changed" },                   { "back", "b", "cannot be changed" },
		{ "confirm", "c", "cannot be changed" },               { "seek-percent", "a", "cannot be changed" },
	};
	struct keymap *map = keymap_new();
	struct err err;
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_int_equal(keymap_bind(map, bad[i][0], bad[i][1], &err), -1);
		assert_int_equal(err.code, ERR_USAGE);
		assert_contains(err.msg, bad[i][2]);
	}
	assert_string_equal(keymap_name(map, ACTION_RETRY).text, "r");
	keymap_free(map);
}

static void add_clash(void *arg, const struct keymap_clash *clash)
{
	struct buf *text = arg;
	buf_printf(text, "%s %s %s;", clash->key, clash->other, keymap_context_name(clash->context));
}

static void test_a_key_with_two_meanings_is_found(void **state)
{
	struct keymap *map = keymap_new();
	struct buf text = { 0 };
	struct err err;
	(void)state;
	assert_ok(keymap_bind(map, "retry", "A-r Space", &err), &err);
	keymap_each_clash(map, "retry", add_clash, &text);
	assert_string_equal(buf_str(&text), "Space toggle a run;"); /* that it plays is in a replay, where nothing is retried */
	assert_ok(keymap_bind(map, "toggle", "", &err), &err);
	buf_clear(&text);
	keymap_each_clash(map, "retry", add_clash, &text);
	assert_string_equal(buf_str(&text), "");
	buf_release(&text);
	keymap_free(map);
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
		cmocka_unit_test(test_an_action_is_bound_to_other_keys),
		cmocka_unit_test(test_what_the_house_rules_fix_cannot_be_bound),
		cmocka_unit_test(test_a_key_with_two_meanings_is_found),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
