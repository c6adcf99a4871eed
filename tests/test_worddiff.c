#include "tests/unit.h"

#include "edit/textdiff.h"

#include <stdio.h>

#define MAX 8

/* The line with {braces} around its spans. */
static void show(const char *line, const struct word_span *span, size_t n, char *out)
{
	size_t at = 0;
	*out = '\0';
	for (size_t i = 0; i < n; i++) {
		strncat(out, line + at, span[i].at - at);
		strcat(out, "{");
		strncat(out, line + span[i].at, span[i].n);
		strcat(out, "}");
		at = span[i].at + span[i].n;
	}
	strcat(out, line + at);
}

static void assert_words(const char *old_line, const char *new_line, const char *old_shown, const char *new_shown)
{
	struct word_span old_span[MAX], new_span[MAX];
	size_t n_old, n_new;
	char out[512];
	word_diff(old_line, strlen(old_line), new_line, strlen(new_line), old_span, &n_old, new_span, &n_new, MAX);
	show(old_line, old_span, n_old, out);
	assert_string_equal(out, old_shown);
	show(new_line, new_span, n_new, out);
	assert_string_equal(out, new_shown);
}

static void test_the_words_that_differ_are_marked(void **state)
{
	(void)state;
	assert_words("rc = legacy_verify(u, pw);", "rc = token_store_check(ts, u, pw);", "rc = {legacy_verify}(u, pw);",
	             "rc = {token_store_check}({ts, }u, pw);");
	assert_words("int a = 1;", "int a = 2;", "int a = {1};", "int a = {2};");
	assert_words("f(a)", "f(a, b)", "f(a)", "f(a{, b})");
	assert_words("same", "same", "same", "same");
}

static void test_lines_that_share_too_little_have_no_marks(void **state)
{
	(void)state;
	assert_words("/* legacy path */", "rc = token_store_check(ts, u, pw);", "/* legacy path */",
	             "rc = token_store_check(ts, u, pw);");
	assert_words("", "x", "", "x");
	assert_words("    ", "    x", "    ", "    x");
}

static void test_marks_never_cut_a_character(void **state)
{
	(void)state;
	assert_words("name: gr\xc3\xbc\xc3\x9f" "e ok", "name: gr\xc3\xbc\xc3\x9f" "t ok", "name: {gr\xc3\xbc\xc3\x9f" "e} ok",
	             "name: {gr\xc3\xbc\xc3\x9f" "t} ok");
}

static void test_long_lines_and_many_marks_stay_within_bounds(void **state)
{
	struct word_span old_span[2], new_span[2];
	size_t n_old, n_new;
	char a[600], b[600];
	(void)state;
	for (size_t i = 0; i < 500; i++) {
		a[i] = i % 2 ? ';' : 'a';
		b[i] = i % 2 ? ';' : i % 10 ? 'a' : 'b';
	}
	word_diff(a, 500, b, 500, old_span, &n_old, new_span, &n_new, 2);
	assert_int_equal(n_old, 2);
	assert_int_equal(n_new, 2);
	word_diff(a, 501, b, 500, old_span, &n_old, new_span, &n_new, 2);
	assert_int_equal(n_old + n_new, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_words_that_differ_are_marked),
		cmocka_unit_test(test_lines_that_share_too_little_have_no_marks),
		cmocka_unit_test(test_marks_never_cut_a_character),
		cmocka_unit_test(test_long_lines_and_many_marks_stay_within_bounds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
