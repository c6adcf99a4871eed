#include "tests/unit.h"

#include "base/buf.h"
#include "tui/markdown.h"

#include <stdio.h>

static const char letters[ROLE_N] = {
	[ROLE_TEXT] = 't',   [ROLE_DIM] = 'd',  [ROLE_FRAME] = 'f',    [ROLE_HEADING] = 'h',
	[ROLE_STRONG] = 's', [ROLE_CODE] = 'c', [ROLE_EMPHASIS] = 'e', [ROLE_LINK] = 'l',
};

/* "t|a *b* c": the role of the line; its gutter ends at the first '|', each span stands in braces with its role. */
static void write_line(void *arg, const struct markdown_line *line)
{
	struct buf *out = arg;
	size_t next = 0;
	buf_printf(out, "%c %.*s|", letters[line->role], (int)line->gutter_n, line->text);
	for (size_t at = line->gutter_n; at < line->n; at++) {
		const struct text_span *span = next < line->n_spans ? &line->span[next] : NULL;
		if (span && at == span->at)
			buf_printf(out, "{%c:", letters[span->role]);
		buf_add_char(out, line->text[at]);
		if (span && at + 1 == span->at + span->n) {
			buf_add_char(out, '}');
			next++;
		}
	}
	buf_add_char(out, '\n');
}

static void assert_drawn(const char *source, const char *expected)
{
	struct buf out = { 0 };
	markdown_render(source, strlen(source), write_line, &out);
	assert_string_equal(buf_str(&out), expected);
	buf_release(&out);
}

static void test_a_paragraph_is_one_line_and_a_heading_looks_like_one(void **state)
{
	(void)state;
	assert_drawn("# The *plan*\nwrapped by\nits writer\n\nnext\n",
	             "h |The {e:plan}\nt |\nt |wrapped by its writer\nt |\nt |next\n");
	assert_drawn("hard  \nbreak", "t |hard\nt |break\n");
}

static void test_emphasis_and_code_are_spans_and_names_keep_their_underscores(void **state)
{
	(void)state;
	assert_drawn("a **b** *c* `d*e*`", "t |a {s:b} {e:c} {c:`d*e*`}\n");
	assert_drawn("see snake_case and __init__.py, _so_", "t |see snake_case and __init__.py, _so_\n");
	assert_drawn("open **bold and `code", "t |open **bold and `code\n");
	assert_drawn("if a &lt; b &amp;&amp; &copy; <b>", "t |if a < b && &copy; <b>\n");
}

static void test_lists_hang_below_their_markers(void **state)
{
	(void)state;
	assert_drawn("- one\n  goes on\n- two\n  1. inner\n  2. more\n- [ ] open\n- [x] done\n",
	             "t * |one goes on\nt * |two\nt   1. |inner\nt   2. |more\nt * [ ] |open\nt * [x] |done\n");
	assert_drawn("1. loose\n\n   more\n\n2. two\n", "t 1. |loose\nt |\nt    |more\nt |\nt 2. |two\n");
	assert_drawn("text\n- a\n-\n", "t |text\nt |\nt * |a\nt * |\n");
}

static void test_code_keeps_its_lines_and_quotes_have_a_bar(void **state)
{
	(void)state;
	assert_drawn("```c\nint x;\n\n  y *z*\n```\nafter", "c     |int x;\nc     |\nc     |  y *z*\nt |\nt |after\n");
	assert_drawn("> said\n> > twice\n\nafter", "t | |said\nt |\nt | | |twice\nt |\nt |after\n");
}

static void test_a_table_is_text_in_columns(void **state)
{
	(void)state;
	assert_drawn("| name | n |\n|---|--:|\n| `a` | 10 |\n| long name |\n",
	             "t |{s:name      | n}\nd |----------+---\nt |`a`       | 10\nt |long name | \n");
}

static void test_a_link_says_where_it_goes(void **state)
{
	(void)state;
	assert_drawn("[safe](http://evil.example/) and <http://a.example/>", "t |{l:safe} (http://evil.example/) and {l:http://a.example/}\n");
	assert_drawn("![picture](p.png)", "t |{l:picture} (p.png)\n");
}

static void count_line(void *arg, const struct markdown_line *line)
{
	(void)line;
	++*(size_t *)arg;
}

/* Each row of two bytes would stand for as many cells as the head has. */
static void test_a_table_that_would_grow_without_end_is_shown_as_its_source(void **state)
{
	(void)state;
	struct buf source = { 0 };
	size_t n = 0;
	for (int row = 0; row < 2; row++) {
		for (int i = 0; i < 100; i++)
			buf_add_str(&source, row ? "|---" : "|a");
		buf_add_str(&source, "|\n");
	}
	for (int i = 0; i < 4000; i++)
		buf_add_str(&source, "|\n");
	markdown_render(buf_str(&source), source.len, count_line, &n);
	assert_int_equal(n, 4002);
	buf_release(&source);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_paragraph_is_one_line_and_a_heading_looks_like_one),
		cmocka_unit_test(test_emphasis_and_code_are_spans_and_names_keep_their_underscores),
		cmocka_unit_test(test_lists_hang_below_their_markers),
		cmocka_unit_test(test_code_keeps_its_lines_and_quotes_have_a_bar),
		cmocka_unit_test(test_a_table_is_text_in_columns),
		cmocka_unit_test(test_a_link_says_where_it_goes),
		cmocka_unit_test(test_a_table_that_would_grow_without_end_is_shown_as_its_source),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
