#include "tests/unit.h"

#include "io/habits.h"
#include "run/forms.h"
#include "tests/scratch.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static char *dir;
static char path[200];

static int make_scratch(void **state)
{
	(void)state;
	dir = scratch_make();
	snprintf(path, sizeof path, "%s/habits", dir);
	return 0;
}

static int remove_scratch(void **state)
{
	(void)state;
	scratch_remove(dir);
	return 0;
}

static void note(const char *model, const char *form, bool is_good)
{
	struct err err = { 0 };
	const struct habit which = { .model = (char *)(uintptr_t)model, .size = (char *)"small", .form = (char *)(uintptr_t)form };
	assert_ok(habits_note(path, &which, is_good, &err), &err);
}

static long good_of(const char *model, const char *form, long *bad)
{
	struct habits habits;
	struct err err = { 0 };
	assert_ok(habits_load(&habits, path, &err), &err);
	const struct habit *habit = habits_find(&habits, model, "small", form);
	long good = habit ? habit->good : -1;
	*bad = habit ? habit->bad : -1;
	habits_release(&habits);
	return good;
}

static void test_answers_are_counted_by_model_size_and_form(void **state)
{
	long bad;
	(void)state;
	assert_int_equal(good_of("m", "symbol", &bad), -1);
	note("m", "symbol", true);
	note("m", "symbol", false);
	note("m", "whole-file", true);
	note("other", "symbol", true);
	assert_int_equal(good_of("m", "symbol", &bad), 1);
	assert_int_equal(bad, 1);
	assert_int_equal(good_of("m", "whole-file", &bad), 1);
	assert_int_equal(good_of("other", "symbol", &bad), 1);
	note("tab\there\nand line", "symbol", true);
	assert_int_equal(good_of("tab\there\nand line", "symbol", &bad), 1);
	assert_int_equal(good_of("m", "symbol", &bad), 1);
}

static void test_memory_is_bounded_and_forgets_the_oldest(void **state)
{
	char name[20];
	long bad;
	(void)state;
	note("first", "symbol", true);
	note("second", "symbol", true);
	for (int i = 0; i < 299; i++) {
		snprintf(name, sizeof name, "m%d", i);
		note(name, "symbol", true);
		if (i == 100)
			note("first", "symbol", true);
	}
	assert_int_equal(good_of("first", "symbol", &bad), 2);
	assert_int_equal(good_of("second", "symbol", &bad), -1);
	for (int i = 0; i < 100; i++)
		note("m1", "symbol", i % 2 == 0);
	long good = good_of("m1", "symbol", &bad);
	assert_true(good > 0 && good + bad <= 40);
}

static void test_broken_lines_are_skipped(void **state)
{
	long bad;
	(void)state;
	scratch_write(dir, "habits", "\nm\tsmall\nm\tsmall\tsymbol\t-1\t2\nm\tsmall\tsymbol\tx\t2\nm\tsmall\tsymbol\t3\t99999999\n"
	              "a\tsmall\tsymbol\t3\t2\na\tsmall\tsymbol\t9\t9\nb\tsmall\tsymbol\t3\t2");
	assert_int_equal(good_of("m", "symbol", &bad), -1);
	assert_int_equal(good_of("a", "symbol", &bad), 3);
	assert_int_equal(good_of("b", "symbol", &bad), -1);
}

static void test_no_note_of_several_processes_is_lost(void **state)
{
	long bad;
	(void)state;
	for (int i = 0; i < 4; i++) {
		pid_t pid = fork();
		assert_true(pid >= 0);
		if (pid > 0)
			continue;
		const struct habit which = { .model = (char *)"m", .size = (char *)"small", .form = (char *)"symbol" };
		int rc = 0;
		for (int k = 0; k < 8; k++)
			rc |= habits_note(path, &which, true, NULL);
		_exit(rc != 0);
	}
	for (int i = 0; i < 4; i++) {
		int status;
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	assert_int_equal(good_of("m", "symbol", &bad), 32);
}

static enum edit_kind first_form(const char *size)
{
	struct habits habits;
	struct forms forms = { { EDIT_WHOLE_FILE, EDIT_SYMBOL, EDIT_SEARCH_REPLACE }, 3, 0 };
	assert_int_equal(habits_load(&habits, path, NULL), 0);
	forms_prefer(&forms, &habits, "m", size);
	habits_release(&habits);
	return forms.form[0];
}

static void test_the_form_that_works_is_asked_for_first(void **state)
{
	(void)state;
	assert_int_equal(first_form("small"), EDIT_WHOLE_FILE);
	note("m", "whole-file", false);
	assert_int_equal(first_form("small"), EDIT_WHOLE_FILE);
	note("m", "search-replace", true);
	note("m", "whole-file", false);
	note("m", "search-replace", true);
	assert_int_equal(first_form("small"), EDIT_SEARCH_REPLACE);
	assert_int_equal(first_form("large"), EDIT_WHOLE_FILE);
	for (int i = 0; i < 20; i++)
		note("m", "whole-file", true);
	assert_int_equal(first_form("small"), EDIT_WHOLE_FILE);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_scratch, remove_scratch)
	const struct CMUnitTest tests[] = {
		TEST(test_answers_are_counted_by_model_size_and_form),
		TEST(test_memory_is_bounded_and_forgets_the_oldest),
		TEST(test_broken_lines_are_skipped),
		TEST(test_no_note_of_several_processes_is_lost),
		TEST(test_the_form_that_works_is_asked_for_first),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
