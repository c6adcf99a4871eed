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

static void test_tools_have_forms_of_their_own(void **state)
{
	(void)state;
	assert_reads("tsc", "src/a.ts(3,7): error TS2322: Type 'x' is not\nb.ts:4:1 - error TS1005: ';' expected.\nFound 2 errors.\n",
	             "src/a.ts:3:7: error: Type 'x' is not\n  TS2322\nb.ts:4:1: error: ';' expected.\n  TS1005\n");
	assert_reads("eslint",
	             "/src/tree/a.js\n  3:7   error    'x' is not defined  no-undef\n  4:1   warning  Odd one\n\n"
	             "2 problems (1 error, 1 warning)\n",
	             "a.js:3:7: error: 'x' is not defined\n  no-undef\na.js:4:1: warning: Odd one\n");
	assert_reads("pytest",
	             "____ test_a ____\n    def test_a():\n>       assert f() == 2\nE       assert 1 == 2\nE        +  where 1 = f()\n"
	             "tests/test_a.py:12: AssertionError\nERROR tests/test_b.py - ImportError: no\n1 failed in 0.1s\n",
	             "tests/test_a.py:12: error: assert 1 == 2\nerror: tests/test_b.py - ImportError: no\n");
	assert_reads("go",
	             "./a.go:3:7: undefined: x\n--- FAIL: TestX (0.00s)\n    a_test.go:12: got 1\nFAIL\n",
	             "a.go:3:7: error: undefined: x\nerror: TestX fails\na_test.go:12: error: got 1\n");
	assert_reads("cargo",
	             "error[E0308]: mismatched types\n --> src/a.rs:3:7\n  |\nwarning: unused\n  --> src/b.rs:1:5\n"
	             "thread 'tests::x' panicked at src/a.rs:9:5:\nleft\nerror: could not compile\n",
	             "src/a.rs:3:7: error: mismatched types\n  E0308\nsrc/b.rs:1:5: warning: unused\n"
	             "src/a.rs:9:5: error: tests::x panics\n");
	assert_reads("shellcheck",
	             "\nIn a.sh line 3:\necho $x\n     ^-- SC2086 (info): Double quote.\n\nb.sh:4:1: warning: x [SC1]\n",
	             "a.sh:3:6: note: Double quote.\n  SC2086\nb.sh:4:1: warning: x [SC1]\n");
}

static void test_documents_are_read_whole(void **state)
{
	(void)state;
	assert_reads("junit",
	             "noise <?xml version='1.0'?><testsuite><testcase name=\"a\" file=\"a.py\" line=\"3\">"
	             "<failure message=\"1 &lt; 2 &amp;&#10;no\">x</failure></testcase><testcase name='b'/>"
	             "<testcase name='c'><error/></testcase></testsuite>",
	             "a.py:3: error: a: 1 < 2 & no\nerror: c fails\n");
	assert_reads("junit", "<testcase name='x", "");
	assert_reads("sarif",
	             "running\n{\"runs\":[{\"results\":[{\"ruleId\":\"R1\",\"level\":\"error\",\"message\":{\"text\":\"bad\"},"
	             "\"locations\":[{\"physicalLocation\":{\"artifactLocation\":{\"uri\":\"file:///src/tree/a.c\"},"
	             "\"region\":{\"startLine\":3,\"startColumn\":7}}}]},{\"message\":{\"text\":\"odd\"}}]}]}\ndone\n",
	             "a.c:3:7: error: bad\n  R1\nwarning: odd\n");
	assert_reads("sarif", "no document { here", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tools_have_forms_of_their_own),
		cmocka_unit_test(test_documents_are_read_whole),
		cmocka_unit_test(test_gcc_lines_give_place_severity_and_rule),
		cmocka_unit_test(test_the_linker_names_a_file_without_a_line),
		cmocka_unit_test(test_gnu_is_what_unnamed_checks_are_read_by),
		cmocka_unit_test(test_times_of_day_are_no_places),
		cmocka_unit_test(test_tap_tells_failures_but_no_expected_ones),
		cmocka_unit_test(test_a_flood_is_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
