#include "tests/unit.h"

#include "base/xalloc.h"
#include "edit/lex.h"
#include "edit/rewrite.h"
#include "edit/rewrite_match.h"
#include "edit/rewrite_part.h"

#include <math.h>
#include <stdio.h>

static struct rewrite *compile(const char *match, const char *replace, const struct rewrite_where *where, size_t n)
{
	struct rewrite *rewrite = NULL;
	struct err err = { 0 };
	int rc = rewrite_compile(&rewrite, match, replace, where, n, &err);
	assert_string_equal(err.msg, "");
	assert_int_equal(rc, 0);
	return rewrite;
}

struct sample {
	const char *path, *match, *replace, *text, *expected;
};

/* The text after the rewrite; when nothing matched, as it was. */
static void check_where(const struct sample *sample, const struct rewrite_where *where, size_t n_where)
{
	struct rewrite *rewrite = compile(sample->match, sample->replace, where, n_where);
	struct buf out = { 0 };
	struct err err = { 0 };
	size_t n_matches = 99;
	int rc = rewrite_text(rewrite, sample->path, sample->text, strlen(sample->text), &out, &n_matches, &err);
	assert_string_equal(err.msg, "");
	assert_int_equal(rc, 0);
	if (!n_matches)
		assert_int_equal(out.len, 0);
	assert_string_equal(n_matches ? buf_str(&out) : sample->text, sample->expected);
	buf_release(&out);
	rewrite_free(rewrite);
}

static void check_all(const struct sample *sample, size_t n)
{
	for (size_t i = 0; i < n; i++)
		check_where(&sample[i], NULL, 0);
}

#define CHECK_ALL(sample) check_all(sample, sizeof(sample) / sizeof(*(sample)))

static void test_holes_match_the_shortest_balanced_text(void **state)
{
	(void)state;
	static const struct sample sample[] = {
		{ "a.c", "f(:[a], :[b])", "g(:[b], :[a])", "x = f(1, 2);", "x = g(2, 1);" },
		{ "a.c", "f(:[a], :[b])", "g(:[b], :[a])", "f(h(1, 2), k[3, 4]);", "g(k[3, 4], h(1, 2));" },
		{ "a.c", "f(:[a], :[b])", "g(:[b], :[a])", "f(1, 2, 3);", "g(2, 3, 1);" },
		{ "a.c", "f(:[a])", "g(:[a])", "f(f(1)); f();", "g(f(1)); g();" },
		{ "a.c", "f(:[a])", "g(:[a])", "f({ ) }", "f({ ) }" },
		{ "a.c", "f(:[a])", "g(:[a])", "f(\n\ta,\n\tb)", "g(\n\ta,\n\tb)" },
		{ "a.c", "if (:[c]) return :[v];", "if (!:[c]) return :[v];", "if (a) { b; } if (c)\n\treturn (d);",
		  "if (a) { b; } if (!c) return (d);" },
		{ "a.c", "{ :[b] }", "[:[b]]", "{ a; { b; } c; }", "[a; { b; } c;]" },
		{ "a.c", "f(:[a], NULL)", "g(:[a])", "f(x, y, NULL)", "g(x, y)" },
		{ "a.c", "f(:[a], NULL)", "g(:[a])", "f(g(x, NULL), y)", "f(g(x, NULL), y)" },
		{ "a.c", "a :[x] b :[y] c;", "<:[x]|:[y]>", "a 1 b 2 b 3 c;", "<1|2 b 3>" },
	};
	CHECK_ALL(sample);
}

static void test_typed_holes_match_words_expressions_and_lines(void **state)
{
	(void)state;
	static const struct sample sample[] = {
		{ "a.c", "get_:[n:w](:[a])", "fetch_:[n](:[a])", "get_name(x); forget_it(y); get_(z);",
		  "fetch_name(x); forget_it(y); get_(z);" },
		{ "a.c", ":[t:w]_init(&:[v:w])", "init(:[v], :[t])", "my_list_init(&l); _init(&x);", "init(l, my_list); _init(&x);" },
		{ "a.c", ":[a:w]_:[b:w](", "x", "", "" },
		{ "a.c", ":[f:w](:[x:e])", ":[f]<:[x]>", "f(a, b) + g(c) + h()", "f(a, b) + g<c> + h()" },
		{ "a.c", "f(:[a], :[last:e])", "f(:[last])", "f(1, g(2, 3), 4)", "f(4)" },
		{ "a.c", "return :[x:e]", "RETURN(:[x])", "return a + f(b, c);\nreturn;", "RETURN(a + f(b, c));\nreturn;" },
		{ "a.py", "return :[x:e]", "give(:[x])", "  return f(a,\n    b)\n  x\n", "  give(f(a,\n    b))\n  x\n" },
		{ "a.c", "#define OLD :[v:l]", "#define NEW :[v]", "#define OLD (1 + \\\n  2)\n#define OLD \"x\" // y\n",
		  "#define NEW (1 + \\\n  2)\n#define NEW \"x\" // y\n" },
		{ "a.txt", "name: :[v:l]", "title: :[v]", "name: a (b\nname:\n", "title: a (b\nname:\n" },
		{ "a.txt", ":[w:w] is", ":[w] was", "caf\xc3\xa9 is; it  is", "caf\xc3\xa9 was; it was" },
	};
	for (size_t i = 0; i < sizeof sample / sizeof *sample; i++)
		if (sample[i].text[0])
			check_where(&sample[i], NULL, 0);
}

static void test_the_same_name_twice_matches_the_same_text(void **state)
{
	(void)state;
	static const struct sample sample[] = {
		{ "a.c", "if (:[p]) free(:[p]);", "free(:[p]);", "if (a->b) free(a->b); if (a) free(b);",
		  "free(a->b); if (a) free(b);" },
		{ "a.c", ":[x:w] = :[x] + 1", "++:[x]", "a = a + 1; b = bb + 1; bb = b + 1; c = c + 11", "++a; b = bb + 1; bb = b + 1; c = c + 11" },
		{ "a.c", "memcpy(:[d], :[s], sizeof(:[d]))", "COPY(:[d], :[s])", "memcpy(x[1], f(a, b), sizeof(x[1]))",
		  "COPY(x[1], f(a, b))" },
		{ "a.c", "cmp(:[a], :[a])", "0", "cmp(f(x, y), f(x, y)) cmp(a, ab) cmp(\"(\", \"(\")", "0 cmp(a, ab) 0" },
	};
	CHECK_ALL(sample);
}

static void test_white_space_matches_any_white_space(void **state)
{
	(void)state;
	static const struct sample sample[] = {
		{ "a.c", "f(:[a], :[b]);", "g(:[a], :[b]);", "f(1,2); f(1 , 2) ; f(1,\r\n\t2);", "g(1, 2); f(1 , 2) ; g(1, 2);" },
		{ "a.c", "unsigned int :[x:w];", "uint :[x];", "unsigned\n  int a; unsignedint b;", "uint a; unsignedint b;" },
		{ "a.c", "a + b", "sum", "a+b a +b a++b a + +b", "sum sum a++b a + +b" },
		{ "a.txt", "a + b", "sum", "a+b a  +\nb", "a+b sum" },
		{ "a.c", "f(\"a  b\")", "g()", "f(\"a b\"); f(\"a  b\")", "f(\"a b\"); g()" },
		{ "a.c", "f(x);\n", "g(x);\n", "f(x); f(x);\n", "g(x); g(x);\n" },
	};
	CHECK_ALL(sample);
}

static void test_words_at_the_ends_of_a_pattern_are_whole(void **state)
{
	(void)state;
	static const struct sample sample[] = {
		{ "a.c", "foo", "bar", "foo foo_ _foo foo(foo) xfoo.foo foo1", "bar foo_ _foo bar(bar) xfoo.bar foo1" },
		{ "a.c", "foo(:[a])", "bar(:[a])", "xfoo(1) foo(2)", "xfoo(1) bar(2)" },
		{ "a.c", "(foo", "x", "", "" },
		{ "a.c", "->foo", "->bar", "p->foo; p->food", "p->bar; p->food" },
		{ "a.txt", "caf", "x", "caf\xc3\xa9 caf", "caf\xc3\xa9 x" },
		{ "a.js", "foo", "bar", "$foo foo foo$", "$foo bar foo$" },
		{ "a.c", "foo", "bar", "$foo foo", "$bar bar" },
	};
	for (size_t i = 0; i < sizeof sample / sizeof *sample; i++)
		if (sample[i].text[0])
			check_where(&sample[i], NULL, 0);
}

static void test_strings_and_comments_are_left_alone_and_kept_whole(void **state)
{
	(void)state;
	static const struct sample sample[] = {
		{ "a.c", "foo", "bar", "foo \"foo\" 'f' /* foo */ foo // foo\nfoo", "bar \"foo\" 'f' /* foo */ bar // foo\nbar" },
		{ "a.c", "f(:[a], :[b])", "g(:[b], :[a])", "f(\"),(\", ')')", "g(')', \"),(\")" },
		{ "a.c", "f(:[a], :[b])", "g(:[b], :[a])", "f(\"\\\"),\", /* ), */ 1)", "g(/* ), */ 1, \"\\\"),\")" },
		{ "a.c", "f(:[a]);", "g(:[a]);", "f(1 // );\n);", "g(1 // );\n);" },
		{ "a.c", "f(:[a]);", "g(:[a]);", "f(1 // ); \\\n ); \n);", "g(1 // ); \\\n ); \n);" },
		{ "a.c", "\"old\"", "\"new\"", "\"old\" \"older\" old /* \"old\" */", "\"new\" \"older\" old /* \"old\" */" },
		{ "a.c", "\"old :[x]\"", "\"new :[x]\"", "f(\"old one\", \"very old\"); /* \"old x\" */",
		  "f(\"new one\", \"very old\"); /* \"old x\" */" },
		{ "a.c", "log(\":[x]\\n\")", "log(\":[x]\")", "log(\"a \\\" b\\n\"); log(\"x\", \"y\\n\")",
		  "log(\"a \\\" b\"); log(\"x\", \"y\\n\")" },
		{ "a.c", "// old :[x]", "// new :[x]", "a; // old thing\n\"// old x\" // older\n", "a; // new thing\n\"// old x\" // older\n" },
		{ "a.c", "/* :[a] old :[b] */", "/* :[b] new :[a] */", "/* 1 old\n 2 */ x /* 3 */ /* old */", "/* 2 new 1 */ x /* 3 */ /* old */" },
		{ "a.c", "a / b", "q", "a / b; a // b\n; a /* b */", "q; a // b\n; a /* b */" },
		{ "a.c", "x = 1'000 + foo", "y", "x = 1'000 + foo; 'foo'", "y; 'foo'" },
		{ "a.c", "foo", "bar", "\"unterminated\nfoo \" foo\n foo", "\"unterminated\nbar \" bar\n bar" },
	};
	CHECK_ALL(sample);
}

static void test_preprocessor_lines_are_code_of_their_own(void **state)
{
	(void)state;
	static const struct sample sample[] = {
		{ "a.c", "foo(:[x])", "bar(:[x])", "#define A(x) foo(x) \\\n\tfoo(y)\n#error don't foo(\n# warning \"foo(1)\"\nfoo(1)",
		  "#define A(x) bar(x) \\\n\tbar(y)\n#error don't foo(\n# warning \"foo(1)\"\nbar(1)" },
		{ "a.c", "f(:[x]);", "g(:[x]);", "f(1,\n#ifdef A\n2);\n#else\n3);\n#endif\n", "g(1,\n#ifdef A\n2);\n#else\n3);\n#endif\n" },
		{ "a.c", "f(:[x])", "g(:[x])", "#define OPEN f(\n1) f(2)", "#define OPEN f(\n1) g(2)" },
		{ "a.c", "#include <:[x]>", "#include \":[x]\"", "#include <a.h>\n  #include <b/c.h> // x\n", "#include \"a.h\"\n  #include \"b/c.h\" // x\n" },
		{ "a.c", "#include \"a.h\"", "#include \"b.h\"", "#include  \"a.h\" /* why */\n", "#include \"b.h\" /* why */\n" },
		{ "a.c", "#if A :[x] #endif", ":[x]", "#if A\nf();\n#endif\nx", "f();\nx" },
	};
	CHECK_ALL(sample);
}

static void test_languages_know_their_own_strings(void **state)
{
	(void)state;
	static const struct sample sample[] = {
		{ "a.cc", "foo", "bar", "R\"x(foo \")\" foo)x\" foo u8R\"(foo)\"", "R\"x(foo \")\" foo)x\" bar u8R\"(foo)\"" },
		{ "a.cs", "foo", "bar", "@\"foo \"\" foo\\\" foo $\"foo {foo}\"", "@\"foo \"\" foo\\\" bar $\"foo {bar}\"" },
		{ "a.java", "foo", "bar", "\"\"\"\nfoo \"foo\n\"\"\" foo 'foo'", "\"\"\"\nfoo \"foo\n\"\"\" bar 'foo'" },
		{ "a.rs", "foo", "bar", "fn x<'foo>(r: &'foo str) { '\\'' foo r#\"foo \" foo\"# /* a /* foo */ foo */ foo b'f'; '\xc3\xa9'; foo }",
		  "fn x<'bar>(r: &'bar str) { '\\'' bar r#\"foo \" foo\"# /* a /* foo */ foo */ bar b'f'; '\xc3\xa9'; bar }" },
		{ "a.go", "foo", "bar", "`foo \\` foo \"foo\" 'f' // foo", "`foo \\` bar \"foo\" 'f' // foo" },
		{ "a.py", "foo", "bar", "'''foo ' foo''' foo # foo\nr'\\' foo' f\"foo {foo} {{foo}} {a[b:foo]:foo}\" rb\"foo\"",
		  "'''foo ' foo''' bar # foo\nr'\\' foo' f\"foo {bar} {{foo}} {a[b:bar]:foo}\" rb\"foo\"" },
		{ "a.ts", "foo", "bar", "`foo ${foo + `foo ${foo}`} foo` foo (/foo[/]foo/) a / foo / b </foo>",
		  "`foo ${bar + `foo ${bar}`} foo` bar (/foo[/]foo/) a / bar / b </bar>" },
		{ "a.js", "f(:[x])", "g(:[x])", "f(`)${a(`)`)}`) f(/)/)", "g(`)${a(`)`)}`) g(/)/)" },
		{ "a.js", "f(`a ${:[x]}`)", "g(:[x])", "f(`a ${b(c)}`) f(`a ${b} `)", "g(b(c)) f(`a ${b} `)" },
		{ "a.sh", "foo", "bar", "foo 'foo \\' foo \"foo $(foo \"foo\") foo\" $#foo # foo\ncat <<E\nfoo\nE\nfoo",
		  "bar 'foo \\' bar \"foo $(bar \"foo\") foo\" $#bar # foo\ncat <<E\nfoo\nE\nbar" },
		{ "a.yaml", "foo", "bar", "foo: don't foo # foo\nb: \"foo\" # x\nc: 'it''s foo'\nd: a#foo",
		  "bar: don't bar # foo\nb: \"foo\" # x\nc: 'it''s foo'\nd: a#bar" },
		{ "a.json", "\"old\": :[v:e]", "\"new\": :[v]", "{\"old\": [1, 2], \"x\": \"old\"}", "{\"new\": [1, 2], \"x\": \"old\"}" },
		{ "a.sql", "foo", "bar", "select foo -- foo\n, 'foo'", "select bar -- foo\n, 'foo'" },
		{ "README", "foo", "bar", "it's \"foo\" # foo // foo", "it's \"bar\" # bar // bar" },
		{ "Makefile", "foo", "bar", "x: foo # foo\n\techo 'foo'", "x: bar # foo\n\techo 'bar'" },
		{ "src/c", "foo", "bar", "\"foo\"", "\"bar\"" },
	};
	CHECK_ALL(sample);
}

static void test_other_bytes_and_line_ends_are_kept(void **state)
{
	(void)state;
	static const struct sample sample[] = {
		{ "a.c", "f(:[a]);", "lock();\ng(:[a]);", "\xef\xbb\xbf" "f(1);\r\n\tx \r\n", "\xef\xbb\xbf" "lock();\r\ng(1);\r\n\tx \r\n" },
		{ "a.c", "f(:[a]);\nh();", "g(:[a]);", "f(1,\r\n 2);\r\nh();", "g(1,\r\n 2);" },
		{ "a.c", "// :[x:l]", "/* :[x] */", "// a \r\n", "/* a  */\r\n" },
		{ "a.c", "f", "g", "\xff\xfe f \x01 f", "\xff\xfe g \x01 g" },
	};
	CHECK_ALL(sample);
}

static void test_where_filters_by_the_whole_text_of_a_hole(void **state)
{
	(void)state;
	static const struct rewrite_where upper[] = { { "x", "[A-Z]+|a" } };
	static const struct rewrite_where two[] = { { "x", "[0-9]+" }, { "f", "get.*" } };
	static const struct sample one = { "a.c", "f(:[x])", "g(:[x])", "f(AB) f(Ab) f(a) f() f(f(AB))", "g(AB) f(Ab) g(a) f() f(g(AB))" };
	static const struct sample both = { "a.c", ":[f:w](:[x])", "<:[f] :[x]>", "get(1) set(2) getter(x) getter(33)",
		                            "<get 1> set(2) getter(x) <getter 33>" };
	check_where(&one, upper, 1);
	check_where(&both, two, 2);
}

static void expect_error(const char *match, const char *replace, const char *why)
{
	struct rewrite *rewrite;
	struct err err = { 0 };
	assert_int_equal(rewrite_compile(&rewrite, match, replace, NULL, 0, &err), -1);
	assert_null(rewrite);
	assert_contains(err.msg, why);
}

static void test_errors_of_a_pattern_say_where(void **state)
{
	(void)state;
	expect_error("", "x", "the pattern is empty");
	expect_error(" \n", "x", "the pattern is empty");
	expect_error("f(:[a]", "x", "'(' begins or ends is not whole at column 2");
	expect_error("\xc3\xa9 :[a]) x", "y", "column 7");
	expect_error("f(:[a])\n}", "x", "line 2, column 1");
	expect_error("f(:[a]:[b])", "x", "side by side at column 7");
	expect_error("f(:[a]:[a])", "x", "side by side at column 7");
	expect_error("f(:[a:q])", "x", "':[name:w]'");
	expect_error("f(:[1])", "x", "column 3");
	expect_error("f(:[", "x", "column 3");
	expect_error(":[a] = 1", "x", "cannot begin");
	expect_error("return :[a]", "x", "cannot end");
	expect_error(":[a:l]", "x", "no text");
	expect_error("f(:[a:w], :[a:e])", "x", "another kind");
	expect_error("f(:[a:l];", "x", "not whole");
	expect_error("f :[a:l];", "x", "on the line");
	expect_error("f(:[a])", "g(:[b])", "the pattern has no hole 'b', which stands at column 3");
}

static void test_errors_of_where_are_told(void **state)
{
	(void)state;
	static const struct { struct rewrite_where where; const char *why; } row[] = {
		{ { "b", "x" }, "no hole" },
		{ { "a", "(" }, "no regular expression" },
		{ { "a", "(a)\\1" }, "refers back" },
		{ { "a", "((a{1,200}){1,200}){1,200}" }, "too large" },
		{ { "a", "a{5000}" }, "too large" },
	};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct rewrite *rewrite;
		struct err err = { 0 };
		assert_int_equal(rewrite_compile(&rewrite, "f(:[a])", "g", &row[i].where, 1, &err), -1);
		assert_contains(err.msg, row[i].why);
	}
}

/* What the matcher has to do, as it counts it itself. */
static double steps_of(const char *match, const char *unit, const char *tail, size_t n)
{
	struct holes names = { 0 };
	struct holed pattern;
	struct form form;
	struct matcher m;
	struct span span;
	struct buf text = { 0 };
	struct err err;
	while (text.len < n)
		buf_add_str(&text, unit);
	buf_add_str(&text, tail);
	assert_ok(holed_parse(&pattern, match, &names, false, &err), &err);
	form_make(&form, &pattern, &languages[0], &err);
	assert_true(form.fits);
	matcher_init(&m, &form, &languages[0], buf_str(&text), text.len);
	while (matcher_next(&m, &span) == 1)
		matcher_take(&m, &span);
	double steps = (double)m.steps + (double)text.len;
	matcher_release(&m);
	form_release(&form);
	holed_release(&pattern);
	for (int i = 0; i < names.n_names; i++)
		free(names.name[i]);
	buf_release(&text);
	return steps;
}

static const struct { const char *match, *unit, *tail; bool where; } hard[] = {
	{ "foo :[x] bar", "foo ", "", false },
	{ "foo :[x] bar :[y] baz", "foo bar ", "", false },
	{ "foo(:[x], :[y], :[z], NULL)", "foo(", "", false },
	{ "foo(:[x], :[y], :[z], NULL)", "foo(a, b, c, ", "", false },
	{ "foo(:[x], :[y], :[z], NULL)", "foo(a, b, c, d, e, f, g), ", ")", false },
	{ "foo :[x:e] | :[y:e] ;", "foo a, ", "", false },
	{ "foo :[x] bar :[x] baz", "foo a bar a ", "", false },
	{ "foo :[x:l]\nbar", "foo ", "", false },
	{ ":[x:w]_(:[y])", "a_", "", false },
	{ "foo + :[y] + 1", "foo          ", "", false },
	{ "foo :[x] bar", "foo ", "bar", true },
	{ "foo { :[x] } bar", "foo { ( ", "", false },
	{ "foo", "\"'", "", false },
	{ "foo", "(]", "", false },
};

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define LONG_TEXT ((size_t)1 << 18) /* steps are counted, not timed: a slow build needs no more */
#else
#define LONG_TEXT ((size_t)1 << 20)
#endif

static void test_work_grows_linearly_with_the_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof hard / sizeof *hard; i++) {
		double small = steps_of(hard[i].match, hard[i].unit, hard[i].tail, LONG_TEXT / 16);
		double middle = steps_of(hard[i].match, hard[i].unit, hard[i].tail, LONG_TEXT / 4);
		double large = steps_of(hard[i].match, hard[i].unit, hard[i].tail, LONG_TEXT);
		double slope = fmax(log(middle / small), log(large / middle)) / log(4);
		if (slope > 1.05 || large > 100.0 * LONG_TEXT)
			print_error("%s on '%s': exponent %.2f, %.0f steps\n", hard[i].match, hard[i].unit, slope, large);
		assert_true(slope <= 1.05);
		assert_true(large <= 100.0 * LONG_TEXT);
	}
}

static uint32_t seed = 19088743u;

static uint32_t random_below(uint32_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed % n;
}

/* What the lexer promises of every text: marks in order, partners that point at each other, brackets nested. */
static void check_marks(const struct lexed *lexed, size_t n)
{
	uint32_t end = 0;
	for (size_t i = 0; i < lexed->n_marks; i++) {
		const struct mark *mark = &lexed->mark[i];
		assert_true(mark->at >= end && mark->end >= mark->at && mark->end <= n);
		assert_int_equal(mark->kind == MARK_END, i + 1 == lexed->n_marks);
		end = mark->end;
		if (mark->up != MARK_NONE)
			assert_int_equal(lexed->mark[mark->up].kind, MARK_OPEN);
		if (mark->partner == MARK_NONE)
			continue;
		const struct mark *partner = &lexed->mark[mark->partner];
		assert_int_equal(partner->partner, i);
		assert_int_equal(partner->type, mark->type);
		assert_int_equal(mark->kind == MARK_OPEN, mark->partner > i);
		for (size_t j = i + 1; mark->kind == MARK_OPEN && j < mark->partner; j++)
			if (lexed->mark[j].partner != MARK_NONE)
				assert_true(lexed->mark[j].partner > i && lexed->mark[j].partner < mark->partner);
	}
}

static void test_marks_of_any_text_are_ordered_and_nested(void **state)
{
	(void)state;
	static const char *const piece[] = {
		"(", ")", "[", "]", "{", "}", "\"", "'", "`", "${", "$(", "/*", "*/", "//", "#", "\n", "\\", "a", " ", "r#\"", "\"#",
		"R\"x(", ")x\"", "f\"", "\"\"\"", "'''", "<<E", "E\n", "/", "\r\n", "#define", "@\"", "--", ": ",
	};
	for (int i = 0; i < 5000; i++) {
		struct buf text = { 0 };
		struct lexed lexed;
		for (uint32_t k = random_below(60); k; k--)
			buf_add_str(&text, piece[random_below(sizeof piece / sizeof *piece)]);
		lex_text(&lexed, &languages[random_below(N_LANGUAGES)], buf_str(&text), text.len);
		check_marks(&lexed, text.len);
		lexed_release(&lexed);
		buf_release(&text);
	}
}

static bool slow_parts(struct matcher *m, size_t i, struct place *place);

/* One byte further in what a hole may hold: over brackets, strings and comments whole. False at the hole's bound. */
static bool slow_step(const struct matcher *m, const struct part *hole, struct place *place)
{
	const struct mark *mark = &m->lexed.mark[place->mark];
	if (place->pos < (place->raw ? mark->end : mark->at)) {
		bool stops = hole->kind == PART_EXPRESSION && !place->raw && strchr(",;", m->s[place->pos]);
		place->pos++;
		return !stops;
	}
	if (place->raw || (mark->kind == MARK_OPEN && mark->partner == MARK_NONE) || mark->kind == MARK_CLOSE ||
	    mark->kind == MARK_END)
		return false;
	place->pos = mark->kind == MARK_OPEN ? m->lexed.mark[mark->partner].end : mark->end;
	place->mark = mark->kind == MARK_OPEN ? mark->partner + 1 : place->mark + 1;
	return true;
}

/* Tries every end, from the shortest text on. */
static bool slow_hole(struct matcher *m, size_t i, struct place *place)
{
	const struct part *hole = &m->form->part[i];
	struct place end = *place;
	/* White space before another hole is not left out. */
	bool white = hole[1].kind == PART_SPACE && (i + 2 == m->form->n_parts || hole[2].kind != PART_TEXT);
	do {
		struct place rest = end;
		struct span span = { place->pos, end.pos };
		m->span[hole->hole] = span;
		if ((hole->kind == PART_EXPRESSION && match_is_blank(m, span)) ||
		    (white && !(end.pos < m->n && language_is_space(m->s[end.pos]))))
			continue;
		if (slow_parts(m, i + 1, &rest)) {
			*place = rest;
			return true;
		}
	} while (slow_step(m, hole, &end));
	return false;
}

static bool slow_parts(struct matcher *m, size_t i, struct place *place)
{
	for (; i < m->form->n_parts; i++) {
		if (part_is_elastic(&m->form->part[i]))
			return i + 1 == m->form->n_parts ? match_last_hole(m, i, place) : slow_hole(m, i, place);
		if (!match_part(m, i, place))
			return false;
	}
	return true;
}

/* The matches of a pattern, found by trying every place and every end of every hole. */
static void slow_matches(struct buf *out, struct matcher *m)
{
	struct place from = { 0 };
	while (from.pos < m->n) {
		const struct mark *mark = m->lexed.mark;
		while (mark[from.mark].at < from.pos)
			from.mark++;
		bool inside = from.mark > 0 && mark_is_raw(&mark[from.mark - 1]) && mark[from.mark - 1].end > from.pos;
		bool joined = m->form->begins_word && from.pos > 0 && match_is_word(m, from.pos - 1);
		bool white = m->form->part[0].kind == PART_SPACE && m->form->part[1].kind != PART_TEXT;
		joined = joined || (white && !language_is_space(m->s[from.pos]));
		struct place end = from;
		if (!inside && !joined && slow_parts(m, 0, &end)) {
			buf_printf(out, "%u-%u ", from.pos, end.pos);
			from = end;
			while (from.mark > 0 && mark[from.mark - 1].at >= from.pos)
				from.mark--;
		} else {
			from.pos++;
		}
	}
}

static void fast_matches(struct buf *out, struct matcher *m)
{
	struct span span;
	while (matcher_next(m, &span) == 1) {
		buf_printf(out, "%u-%u ", span.at, span.end);
		matcher_take(m, &span);
	}
}

static void random_pieces(struct buf *out, const char *const *piece, size_t n_pieces, uint32_t n)
{
	for (; n; n--)
		buf_add_str(out, piece[random_below((uint32_t)n_pieces)]);
}

static void test_matches_are_those_of_an_exhaustive_search(void **state)
{
	(void)state;
	static const char *const in_pattern[] = {
		"a", "b", "(", ")", " ", " ", ":[x]", ":[y]", ":[z:e]", ":[w:w]", ",", "f(", ";", "\"s\"", "{", "}", ":[x]", "/* c */",
	};
	static const char *const in_text[] = {
		"a", "b", "(", ")", " ", "  ", ",", "f(", ";", "\"s\"", "{", "}", "\n", "/* c */", "// a\n", "a b", ", b", "a", "b", "\"",
	};
	size_t n_found = 0;
	for (int i = 0; i < 5000; i++) {
		struct buf source = { 0 };
		struct buf text = { 0 };
		struct buf fast = { 0 };
		struct buf slow = { 0 };
		struct holes names = { 0 };
		struct holed pattern;
		struct form form = { 0 };
		struct matcher m;
		struct err err;
		const struct language *language = &languages[random_below(4) ? 0 : N_LANGUAGES - 1];
		random_pieces(&source, in_pattern, sizeof in_pattern / sizeof *in_pattern, 1 + random_below(8));
		random_pieces(&text, in_text, sizeof in_text / sizeof *in_text, random_below(i % 50 ? 40 : 400));
		int rc = holed_parse(&pattern, buf_str(&source), &names, false, &err);
		if (rc == 0)
			form_make(&form, &pattern, language, &err);
		if (form.fits) {
			matcher_init(&m, &form, language, buf_str(&text), text.len);
			slow_matches(&slow, &m);
			fast_matches(&fast, &m);
			if (strcmp(buf_str(&fast), buf_str(&slow)) != 0)
				print_error("pattern '%s' on '%s'\n", buf_str(&source), buf_str(&text));
			assert_string_equal(buf_str(&fast), buf_str(&slow));
			n_found += fast.len > 0;
			matcher_release(&m);
		}
		form_release(&form);
		holed_release(&pattern);
		for (int k = 0; k < names.n_names; k++)
			free(names.name[k]);
		buf_release(&source);
		buf_release(&text);
		buf_release(&fast);
		buf_release(&slow);
	}
	assert_true(n_found > 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_holes_match_the_shortest_balanced_text),
		cmocka_unit_test(test_typed_holes_match_words_expressions_and_lines),
		cmocka_unit_test(test_the_same_name_twice_matches_the_same_text),
		cmocka_unit_test(test_white_space_matches_any_white_space),
		cmocka_unit_test(test_words_at_the_ends_of_a_pattern_are_whole),
		cmocka_unit_test(test_strings_and_comments_are_left_alone_and_kept_whole),
		cmocka_unit_test(test_preprocessor_lines_are_code_of_their_own),
		cmocka_unit_test(test_languages_know_their_own_strings),
		cmocka_unit_test(test_other_bytes_and_line_ends_are_kept),
		cmocka_unit_test(test_where_filters_by_the_whole_text_of_a_hole),
		cmocka_unit_test(test_errors_of_a_pattern_say_where),
		cmocka_unit_test(test_errors_of_where_are_told),
		cmocka_unit_test(test_work_grows_linearly_with_the_text),
		cmocka_unit_test(test_matches_are_those_of_an_exhaustive_search),
		cmocka_unit_test(test_marks_of_any_text_are_ordered_and_nested),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
