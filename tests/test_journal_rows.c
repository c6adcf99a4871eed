#include "tests/unit.h"

#include "base/xalloc.h"
#include "tui/journal_rows.h"

#include <stdio.h>
#include <stdlib.h>

static const struct feed_entry entries[] = {
	{ .kind = EVENT_RUN_STARTED },
	{ .kind = EVENT_OUTPUT, .step = 1 },
	{ .kind = EVENT_OUTPUT, .step = 1 },
	{ .kind = EVENT_OUTPUT, .step = 1 },
	{ .kind = EVENT_OUTPUT, .step = 2 },
	{ .kind = -1 },
	{ .kind = EVENT_OUTPUT, .step = 2 },
	{ .kind = EVENT_STEP_FAILED, .step = 2 },
};
#define N (sizeof entries / sizeof *entries)

static char *ids[] = { (char *)"", (char *)"login", (char *)"tests" };
static const struct strings steps = { .item = ids, .n_items = 3 };
static struct journal_rows rows;

static struct feed_status status_of(size_t n)
{
	return (struct feed_status){ .entry = entries, .n_entries = n, .step = &steps };
}

/* "first-last" of each line. */
static const char *lines(void)
{
	static char text[256];
	size_t n = 0;
	text[0] = '\0';
	for (size_t i = 0; i < rows.n_rows; i++)
		n += (size_t)snprintf(text + n, sizeof text - n, "%zu-%zu ", rows.row[i].first, rows.row[i].last);
	return text;
}

static int tear_down(void **state)
{
	(void)state;
	journal_rows_release(&rows);
	return 0;
}

static void test_a_stretch_of_output_is_one_line_as_it_grows(void **state)
{
	(void)state;
	for (size_t n = 0; n <= N; n++) { /* the index may come in any portions */
		struct feed_status status = status_of(n);
		journal_rows_update(&rows, &status);
	}
	assert_string_equal(lines(), "0-0 1-3 4-4 6-6 7-7 ");
	assert_int_equal(rows.row[1].n, 3);
	assert_int_equal(journal_rows_at(&rows, 0), 0);
	assert_int_equal(journal_rows_at(&rows, 3), 1);
	assert_int_equal(journal_rows_at(&rows, 5), 2);
	assert_int_equal(journal_rows_at(&rows, 99), 4);
}

static void test_a_stretch_is_opened_and_closed(void **state)
{
	struct feed_status status = status_of(N);
	(void)state;
	journal_rows_update(&rows, &status);
	assert_false(journal_rows_toggle(&rows, &status, 0));
	assert_true(journal_rows_toggle(&rows, &status, 1));
	assert_string_equal(lines(), "0-0 1-1 2-2 3-3 4-4 6-6 7-7 ");
	assert_true(journal_rows_toggle(&rows, &status, 2)); /* from any of its lines */
	assert_string_equal(lines(), "0-0 1-3 4-4 6-6 7-7 ");
	assert_false(journal_rows_toggle(&rows, &status, 99));
}

static void test_a_filter_asks_for_kinds_steps_and_errors(void **state)
{
	static const char *const cases[][2] = {
		{ "output", "1-3 4-4 6-6 " }, { "login", "1-3 " }, { "errors", "7-7 " },        { "TESTS output", "4-4 6-6 " },
		{ "none such", "" },          { "  ", "0-0 1-3 4-4 6-6 7-7 " }, { "run_", "0-0 " },
	};
	struct feed_status status = status_of(N);
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		journal_rows_filter(&rows, cases[i][0]);
		journal_rows_update(&rows, &status);
		assert_string_equal(lines(), cases[i][1]);
	}
}

static void test_a_journal_that_was_cut_has_fewer_lines(void **state)
{
	struct feed_status status = status_of(N);
	(void)state;
	journal_rows_update(&rows, &status);
	status = status_of(2);
	journal_rows_update(&rows, &status);
	assert_string_equal(lines(), "0-0 1-1 ");
}

/* One that walks back through the stretch for each event would not come to an end. */
static void test_a_long_stretch_beside_an_open_one_is_gone_through_once(void **state)
{
	const size_t n = 1000 * 1000;
	struct feed_entry *entry = xcalloc(n, sizeof *entry);
	(void)state;
	for (size_t i = 0; i < n; i++)
		entry[i] = (struct feed_entry){ .kind = EVENT_OUTPUT, .step = i < 2 ? 1 : 2 };
	struct feed_status status = { .entry = entry, .n_entries = n, .step = &steps };
	journal_rows_update(&rows, &status);
	assert_string_equal(lines(), "0-1 2-999999 ");
	assert_true(journal_rows_toggle(&rows, &status, 0));
	assert_string_equal(lines(), "0-0 1-1 2-999999 ");
	free(entry);
}

#define TEST(name) cmocka_unit_test_teardown(name, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_stretch_of_output_is_one_line_as_it_grows),
		TEST(test_a_stretch_is_opened_and_closed),
		TEST(test_a_long_stretch_beside_an_open_one_is_gone_through_once),
		TEST(test_a_filter_asks_for_kinds_steps_and_errors),
		TEST(test_a_journal_that_was_cut_has_fewer_lines),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
