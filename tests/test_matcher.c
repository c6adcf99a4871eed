/* What checks print, as diagnostics. */
#include "tests/unit.h"

#include "base/buf.h"
#include "run/matcher.h"

/* The diagnostics in the GNU form, one a line, each followed by its code where it has one. */
static void assert_reads(const char *matcher, const char *output, const char *want)
{
	struct diags diags = { 0 };
	struct buf text = { 0 };
	matcher_read(matcher, output, strlen(output), "/src/tree", &diags);
	for (size_t i = 0; i < diags.n_diags; i++) {
		diag_format(&text, &diags.diag[i]);
		if (diags.diag[i].code)
			buf_printf(&text, "  %s\n", diags.diag[i].code);
	}
	assert_string_equal(buf_str(&text), want);
	diags_release(&diags);
	buf_release(&text);
}

static void test_gcc_lines_give_place_severity_and_rule(void **state)
{
	(void)state;
	assert_reads("gcc",
	             "a.c: In function 'f':\n"
	             "a.c:3:9: error: 'x' undeclared (first use in this function)\n"
	             "    3 |  return x;\n"
	             "a.c:5:6: warning: unused variable 'y' [-Wunused-variable]\n"
	             "In file included from b.h:2,\n"
	             "./dir/b.c:7: note: here\n"
	             "/src/tree/c.c:1:10: fatal error: no.h: No such file or directory\n",
	             "a.c:3:9: error: 'x' undeclared (first use in this function)\n"
	             "a.c:5:6: warning: unused variable 'y'\n"
	             "  -Wunused-variable\n"
	             "dir/b.c:7: note: here\n"
	             "c.c:1:10: error: no.h: No such file or directory\n");
}

static void test_the_linker_names_a_file_without_a_line(void **state)
{
	(void)state;
	assert_reads("gcc", "/usr/bin/ld: main.o: in function `main':\nmain.c:(.text+0x5): undefined reference to `f'\n",
	             "main.c: error: undefined reference to `f'\n");
	assert_reads("gcc", "/usr/bin/ld: main.c:(.text+0x5): undefined reference to `f'\n",
	             "main.c: error: undefined reference to `f'\n");
}

static void test_gnu_is_what_unnamed_checks_are_read_by(void **state)
{
	(void)state;
	const char *output = "x.sh:4: bad thing\r\ny.py:10:2-8: error: wrong\nmake: *** [Makefile:3: all] Error 1\n";
	const char *want = "x.sh:4: error: bad thing\ny.py:10:2: error: wrong\n";
	assert_reads("gnu", output, want);
	assert_reads("", output, want);
	assert_reads("unheard-of", output, want);
	assert_false(matcher_is_known("unheard-of"));
	assert_true(matcher_is_known("tap"));
}

static void test_times_of_day_are_no_places(void **state)
{
	(void)state;
	assert_reads("gnu", "on 2024-01-02 12:30:45: started\n12:30: noon\n:3: nothing\na.c:0: zero\na.c:12\n",
	             "");
}

static void test_tap_tells_failures_but_no_expected_ones(void **state)
{
	(void)state;
	assert_reads("tap", "1..4\nok 1 - fine\nnot ok 2 - wrong sum\nnot ok 3 # TODO later\nnot ok 4 # skip no disk\nnot okay\n",
	             "error: not ok 2 - wrong sum\n");
}

static void test_a_flood_is_cut(void **state)
{
	(void)state;
	struct diags diags = { 0 };
	struct buf output = { 0 };
	for (int i = 1; i <= 2 * MATCHER_MAX_DIAGS; i++)
		buf_printf(&output, "a.c:%d: error: again\n", i);
	matcher_read("gnu", buf_str(&output), output.len, "/src", &diags);
	assert_int_equal(diags.n_diags, MATCHER_MAX_DIAGS);
	diags_release(&diags);
	buf_release(&output);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gcc_lines_give_place_severity_and_rule),
		cmocka_unit_test(test_the_linker_names_a_file_without_a_line),
		cmocka_unit_test(test_gnu_is_what_unnamed_checks_are_read_by),
		cmocka_unit_test(test_times_of_day_are_no_places),
		cmocka_unit_test(test_tap_tells_failures_but_no_expected_ones),
		cmocka_unit_test(test_a_flood_is_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
