#include "tests/unit.h"

#include "edit/template.h"
#include "edit/template_tag.h"

static const struct template_var vars[] = {
	{ "name", "ring buffer" }, { "yes", "true" },       { "no", "false" },      { "empty", "" },
	{ "list", "a\nb c\nd" },   { "short", " x, y ,,z" }, { "kind", "service" }, { "braces", "{{name}}" },
	{ "none", "0" },           { "deep", "HTTPServer2Go" },
};

#define N_VARS (sizeof vars / sizeof *vars)

static char *render(const char *text, struct err *err)
{
	struct template *t;
	struct buf out = { 0 };
	*err = (struct err){ 0 };
	if (template_compile(&t, "x.c", text, strlen(text), err) != 0)
		return NULL;
	int rc = template_render(t, vars, N_VARS, &out, err);
	template_free(t);
	if (rc == 0)
		return out.data ? buf_take(&out, NULL) : strdup("");
	buf_release(&out);
	return NULL;
}

static const struct {
	const char *text, *expected;
} good[] = {
	{ "", "" },
	{ "plain { text } }}\n", "plain { text } }}\n" },
	{ "{{name}} and {{ name }}", "ring buffer and ring buffer" },
	{ "{{name.snake}} {{name.kebab}} {{name.camel}} {{name.pascal}} {{name.macro}}",
	  "ring_buffer ring-buffer ringBuffer RingBuffer RING_BUFFER" },
	{ "{{name.upper}} {{ name.lower }}", "RING BUFFER ring buffer" },
	{ "{{deep.snake}}", "http_server2_go" },
	{ "\\{{name}} {{{{name}}}}", "{{name}} {{ring buffer}}" },
	{ "x={{ {a: 1} }} {{0}} {{ .Field }} {{a b}} {{", "x={{ {a: 1} }} {{0}} {{ .Field }} {{a b}} {{" },
	{ "{{name.title}} {{name|upper}} {{name. upper}}", "{{name.title}} {{name|upper}} {{name. upper}}" },
	{ "{{braces}}", "{{name}}" }, /* a value is no template */
	{ "a{{#if yes}}b{{#end}}c", "abc" },
	{ "a{{#if no}}b{{#else}}x{{#end}}c", "axc" },
	{ "{{#if empty}}1{{#end}}{{#if none}}2{{#end}}{{#if missing}}3{{#end}}{{#if not missing}}4{{#end}}", "4" },
	{ "{{#if kind == service}}s{{#end}}{{#if kind != service}}n{{#end}}{{#if kind == 'a b'}}q{{#end}}", "s" },
	{ "{{#if missing == x}}1{{#else}}2{{#end}}{{#if missing != x}}3{{#end}}", "23" },
	{ "{{#if yes}}{{#if no}}1{{#else}}2{{#end}}{{#else}}3{{#end}}", "2" },
	{ "one\n  {{#if yes}}\ntwo\n  {{#end}}\nthree\n", "one\ntwo\nthree\n" },
	{ "one\r\n{{#if yes}}\r\ntwo\r\n{{#end}}\r\nthree", "one\r\ntwo\r\nthree" },
	{ "{{#if yes}} x\n{{#end}}", " x\n" },
	{ "{{#each i in list}}[{{i.upper}}]{{#end}}", "[A][B C][D]" },
	{ "{{#each i in short}}{{index}}{{i}}{{#if not last}}, {{#end}}{{#end}}", "1x, 2y, 3z" },
	{ "{{#each i in list}}\n- {{i}}\n{{#end}}\n", "- a\n- b c\n- d\n" },
	{ "{{#each i in missing}}x{{#end}}{{#each i in empty}}y{{#end}}", "" },
	{ "{{#each a in short}}{{#each b in short}}{{a}}{{b}} {{#end}}{{#end}}", "xx xy xz yx yy yz zx zy zz " },
	{ "{{#each name in short}}{{name}}{{#end}} {{name}}", "xyz ring buffer" },
};

static void test_templates_render_to_what_they_say(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		struct err err;
		char *text = render(good[i].text, &err);
		if (!text)
			fail_msg("%s: %s", good[i].text, err.msg);
		assert_string_equal(text, good[i].expected);
		free(text);
	}
}

static const struct {
	const char *text, *error;
} bad[] = {
	{ "\n {{nam}}", "x.c:2:2: there is no variable 'nam'" },
	{ "{{name.snak}}", "x.c:1:1: there is no such case; expected lower" },
	{ "a\n{{#if yes}}\n", "x.c:2:1: the tag has no '{{#end}}'" },
	{ "{{#if yes}}{{#else}}", "x.c:1:12: the tag has no '{{#end}}'" },
	{ "x {{#end}}", "x.c:1:3: '{{#end}}' ends nothing" },
	{ "{{#else}}", "'{{#else}}' belongs to no '{{#if}}'" },
	{ "{{#each a in list}}{{#else}}{{#end}}", "'{{#else}}' belongs to no '{{#if}}'" },
	{ "{{#if yes}}{{#else}}{{#else}}{{#end}}", "'{{#else}}' belongs to no '{{#if}}'" },
	{ "{{#unless yes}}{{#end}}", "the tag cannot be read; expected '#if NAME'" },
	{ "{{#if}}", "the tag cannot be read" },
	{ "{{#if a b}}", "the tag cannot be read" },
	{ "{{#each list}}", "the tag cannot be read" },
	{ "{{#each a of list}}", "the tag cannot be read" },
};

static void test_faults_are_told_with_their_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct err err;
		char *text = render(bad[i].text, &err);
		if (text)
			fail_msg("'%s' gave '%s'", bad[i].text, text);
		assert_contains(err.msg, bad[i].error);
	}
}

static void test_a_slip_in_a_name_gets_the_nearest_one(void **state)
{
	(void)state;
	struct err err;
	assert_null(render("{{nmae}}", &err));
	assert_string_equal(err.hint, "did you mean 'name'?");
	assert_null(render("{{entirely_else}}", &err));
	assert_contains(err.hint, "'with'");
}

/* Loops that multiply end with an error, and not with the memory. */
static void test_loops_that_multiply_are_stopped(void **state)
{
	(void)state;
	struct err err = { 0 };
	struct buf text = { 0 };
	for (int i = 0; i < 20; i++)
		buf_add_str(&text, "{{#each a in list}}");
	for (int i = 0; i < 20; i++)
		buf_add_str(&text, "{{#end}}");
	assert_null(render(buf_str(&text), &err));
	assert_int_equal(err.code, ERR_LIMIT);
	buf_clear(&text);
	for (int i = 0; i < 33; i++)
		buf_add_str(&text, "{{#if yes}}");
	assert_null(render(buf_str(&text), &err));
	assert_contains(err.msg, "deeper than 32");
	buf_release(&text);
}

static void test_lists_are_lines_or_parts_between_commas(void **state)
{
	(void)state;
	struct strings items = { 0 };
	template_split(" one , two,\n\n three\n", &items);
	assert_int_equal(items.n_items, 2);
	assert_string_equal(items.item[0], "one , two,");
	assert_string_equal(items.item[1], "three");
	strings_release(&items);
	template_split(",a, ,b c ,", &items);
	assert_int_equal(items.n_items, 2);
	assert_string_equal(items.item[1], "b c");
	strings_release(&items);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_templates_render_to_what_they_say),
		cmocka_unit_test(test_faults_are_told_with_their_place),
		cmocka_unit_test(test_a_slip_in_a_name_gets_the_nearest_one),
		cmocka_unit_test(test_loops_that_multiply_are_stopped),
		cmocka_unit_test(test_lists_are_lines_or_parts_between_commas),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
