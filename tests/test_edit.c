#include "tests/unit.h"

#include "base/xalloc.h"
#include "edit/answer.h"
#include "edit/apply.h"
#include "edit/textdiff.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static uint32_t seed = 88172645u;

static uint32_t random_below(uint32_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed % n;
}

/* A text of few different lines, so that differences are ambiguous; sometimes without a last line end. */
static void random_text(struct buf *out, size_t lines)
{
	for (size_t i = 0; i < lines; i++)
		buf_printf(out, "%c%s", 'a' + (char)random_below(5), random_below(9) ? "\n" : "\r\n");
	if (out->len && random_below(3) == 0)
		buf_truncate(out, out->len - 1);
}

static void random_edit(struct buf *out, const struct buf *from)
{
	for (size_t i = 0; i < from->len; i++) {
		if (random_below(12) == 0)
			buf_add_str(out, "new\n");
		if (random_below(15) != 0)
			buf_add_char(out, from->data[i]);
	}
}

/* Replays the runs over the old text: must give the new one, and what is not in a run must be equal. */
static void check_diff(const struct buf *a, const struct buf *b)
{
	struct line_diff diff;
	struct line_index old_index;
	struct line_index new_index;
	struct buf out = { 0 };
	line_diff_make(&diff, buf_str(a), a->len, buf_str(b), b->len);
	line_index_make(&old_index, buf_str(a), a->len);
	line_index_make(&new_index, buf_str(b), b->len);
	size_t at = 0;
	for (size_t i = 0; i < diff.n_runs; i++) {
		const struct diff_run *run = &diff.run[i];
		buf_add(&out, buf_str(a) + old_index.start[at], old_index.start[run->old_at] - old_index.start[at]);
		buf_add(&out, buf_str(b) + new_index.start[run->new_at],
		        new_index.start[run->new_at + run->new_n] - new_index.start[run->new_at]);
		at = run->old_at + run->old_n;
	}
	buf_add(&out, buf_str(a) + old_index.start[at], a->len - old_index.start[at]);
	assert_int_equal(out.len, b->len);
	assert_memory_equal(buf_str(&out), buf_str(b), b->len);
	buf_release(&out);
	line_index_release(&old_index);
	line_index_release(&new_index);
	line_diff_release(&diff);
}

static void test_line_diff_turns_the_old_text_into_the_new(void **state)
{
	(void)state;
	for (int i = 0; i < 3000; i++) {
		struct buf a = { 0 };
		struct buf b = { 0 };
		random_text(&a, random_below(40));
		if (random_below(2))
			random_text(&b, random_below(40));
		else
			random_edit(&b, &a);
		check_diff(&a, &b);
		buf_release(&a);
		buf_release(&b);
	}
}

static void test_line_diff_is_minimal_on_small_texts(void **state)
{
	(void)state;
	struct line_diff diff;
	line_diff_make(&diff, "a\nb\nc\na\nb\nb\na\n", 14, "c\nb\na\nb\na\nc\n", 12);
	assert_int_equal(diff.added + diff.removed, 5);
	line_diff_release(&diff);
}

static void test_line_diff_of_large_different_texts_is_not_quadratic(void **state)
{
	(void)state;
	struct buf a = { 0 };
	struct buf b = { 0 };
	for (int i = 0; i < 100000; i++) {
		buf_printf(&a, "%d\n", i * 7 % 1009);
		buf_printf(&b, "%d\n", i * 11 % 1013);
	}
	check_diff(&a, &b);
	buf_release(&a);
	buf_release(&b);
}

static void write_file(const char *dir, const char *name, const char *data, size_t n)
{
	char path[512];
	snprintf(path, sizeof path, "%s/%s", dir, name);
	FILE *file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, n, file), n);
	fclose(file);
}

static void test_patches_are_read_by_git_apply(void **state)
{
	(void)state;
	char dir[] = "/tmp/belay-edit-XXXXXX";
	assert_non_null(mkdtemp(dir));
	for (int i = 0; i < 40; i++) {
		struct buf a = { 0 };
		struct buf b = { 0 };
		struct buf patch = { 0 };
		struct changeset set = { 0 };
		char command[700];
		random_text(&a, 1 + random_below(30));
		random_edit(&b, &a);
		struct change *change = changeset_add(&set, "odd name\"\xc3\xa9.txt");
		image_set_file(&change->before, buf_str(&a), a.len, 0644);
		image_set_file(&change->after, buf_str(&b), b.len, 0755);
		change = changeset_add(&set, "made.txt");
		image_set_file(&change->after, buf_str(&b), b.len, 0644);
		changeset_format_patch(&patch, &set, 3);
		write_file(dir, "odd name\"\xc3\xa9.txt", buf_str(&a), a.len);
		write_file(dir, "p.diff", buf_str(&patch), patch.len);
		write_file(dir, "expected", buf_str(&b), b.len);
		snprintf(command, sizeof command,
		         "cd %s && rm -f made.txt && git apply p.diff 2>err && cmp -s odd*.txt expected && cmp -s made.txt expected",
		         dir);
		int status = system(command);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
		changeset_release(&set);
		buf_release(&patch);
		buf_release(&a);
		buf_release(&b);
	}
	char command[700];
	snprintf(command, sizeof command, "rm -rf %s", dir);
	assert_int_equal(system(command), 0);
}

static void parse(struct answer *out, const char *text, size_t first)
{
	struct answer_parser *parser = answer_parser_new(NULL, NULL);
	size_t n = strlen(text);
	answer_parser_feed(parser, text, first);
	for (size_t i = first; i < n; i++)
		answer_parser_feed(parser, text + i, 1);
	answer_parser_finish(parser, out);
	answer_parser_free(parser);
}

/* Written by hand: prose, blocks inside and outside fences, whole files in both forms. */
static const char sample[] =
	"I will change two places.\n\n"
	"`src/a.c`:\n"
	"```c\n"
	"<<<<<<< SEARCH\n"
	"int a;\n"
	"=======\n"
	"int b;\n"
	">>>>>>> REPLACE\n"
	"```\n"
	"and again:\n"
	"<<<<<< SEARCH\n"
	"x\n"
	"======\n"
	">>>>>> REPLACE\n"
	"```\nno path here\n```\n"
	"FILE 0123456789ab docs/b.md\n"
	"# Title\n```sh\nls\n```\n"
	"END 0123456789ab\n"
	"**docs/c.md**\n"
	"```markdown\n"
	"text\n"
	"```\n";

static void test_answers_give_the_same_blocks_for_every_split(void **state)
{
	(void)state;
	for (size_t split = 0; split <= strlen(sample); split++) {
		struct answer answer;
		parse(&answer, sample, split);
		assert_int_equal(answer.n_blocks, 4);
		assert_false(answer.unterminated);
		assert_string_equal(answer.block[0].path, "src/a.c");
		assert_string_equal(answer.block[0].search, "int a;\n");
		assert_string_equal(answer.block[0].replace, "int b;\n");
		assert_string_equal(answer.block[1].path, "src/a.c");
		assert_string_equal(answer.block[1].replace, "");
		assert_int_equal(answer.block[2].kind, EDIT_WHOLE_FILE);
		assert_string_equal(answer.block[2].replace, "# Title\n```sh\nls\n```\n");
		assert_string_equal(answer.block[3].path, "docs/c.md");
		assert_string_equal(answer.block[3].replace, "text\n");
		answer_release(&answer);
	}
}

static void test_an_answer_that_was_cut_is_known_as_one(void **state)
{
	(void)state;
	struct answer answer;
	parse(&answer, "a.c\n<<<<<<< SEARCH\nx\n=======\ny\n", 0);
	assert_true(answer.unterminated);
	answer_release(&answer);
}

/* Applies one answer to one file. Returns 0 and the text, or -1 and the message. */
static int apply_one(const char *file, const char *answer_text, struct buf *out)
{
	struct answer answer;
	struct changeset set = { 0 };
	struct apply_rules rules = { 0 };
	struct err err = { 0 };
	struct change *change = changeset_add(&set, "a.c");
	image_set_file(&change->before, file, strlen(file), 0644);
	parse(&answer, answer_text, 0);
	int rc = apply_answer(&set, &answer, &rules, NULL, &err);
	if (rc == 0)
		buf_add(out, set.change[0].after.data, (size_t)set.change[0].after.size);
	else
		buf_add_str(out, err.msg);
	answer_release(&answer);
	changeset_release(&set);
	return rc;
}

static void expect_applied(const char *file, const char *answer, const char *expected)
{
	struct buf out = { 0 };
	int rc = apply_one(file, answer, &out);
	assert_string_equal(buf_str(&out), expected);
	assert_int_equal(rc, 0);
	buf_release(&out);
}

static void expect_refused(const char *file, const char *answer, const char *reason)
{
	struct buf out = { 0 };
	assert_int_equal(apply_one(file, answer, &out), -1);
	assert_contains(buf_str(&out), reason);
	buf_release(&out);
}

#define BLOCK(search, replace) "a.c\n<<<<<<< SEARCH\n" search "=======\n" replace ">>>>>>> REPLACE\n"

static void test_edits_touch_only_the_lines_they_name(void **state)
{
	(void)state;
	expect_applied("a\r\nb  \r\nc", BLOCK("b\n", "x\ny\n"), "a\r\nx\r\ny\r\nc");
	expect_applied("a\nb\nc", BLOCK("c\n", "d\n"), "a\nb\nd");
	expect_applied("\tif (x)\n\t\ty();\n", BLOCK("if (x)\n\ty();\n", "if (z)\n\tw();\n"), "\tif (z)\n\t\tw();\n");
	expect_applied("a\nb\n", BLOCK("\nb\n\n", "\nc\n\n"), "a\nc\n");
	expect_applied("a\nnew\n", BLOCK("old\n", "new\n"), "a\nnew\n");
}

static void test_edits_that_do_not_match_one_place_are_refused(void **state)
{
	(void)state;
	expect_refused("a\nb\na\n", BLOCK("a\n", "c\n"), "matches several places");
	expect_refused("a\nb\n", BLOCK("zzz\n", "c\n"), "matches nothing");
	expect_refused("a\n  a\n", BLOCK(" a\n", "c\n"), "matches several places");
}

static void test_edits_that_leave_code_out_are_refused(void **state)
{
	(void)state;
	expect_refused("a\nb\n", BLOCK("a\n", "c\n// ... rest of the code\n"), "leaves code out");
	expect_refused("a\nb\n", BLOCK("a\n", "<<<<<<< SEARCH\n"), "marker left");
	expect_refused("a\n", "../a.c\n<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE\n", "does not write");
	expect_refused("a\n", "b.c\n<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE\n", "does not name");
}

static void test_a_refused_block_leaves_the_whole_set_as_it_was(void **state)
{
	(void)state;
	expect_refused("a\nb\n", BLOCK("a\n", "x\n") BLOCK("zzz\n", "c\n"), "matches nothing");
}

static void test_a_whole_file_that_shrinks_is_refused(void **state)
{
	(void)state;
	struct buf file = { 0 };
	for (int i = 0; i < 40; i++)
		buf_printf(&file, "line %d\n", i);
	expect_refused(buf_str(&file), "FILE 0123456789ab a.c\nline 1\nEND 0123456789ab\n", "shrink");
	buf_release(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_line_diff_turns_the_old_text_into_the_new),
		cmocka_unit_test(test_line_diff_is_minimal_on_small_texts),
		cmocka_unit_test(test_line_diff_of_large_different_texts_is_not_quadratic),
		cmocka_unit_test(test_patches_are_read_by_git_apply),
		cmocka_unit_test(test_answers_give_the_same_blocks_for_every_split),
		cmocka_unit_test(test_an_answer_that_was_cut_is_known_as_one),
		cmocka_unit_test(test_edits_touch_only_the_lines_they_name),
		cmocka_unit_test(test_edits_that_do_not_match_one_place_are_refused),
		cmocka_unit_test(test_edits_that_leave_code_out_are_refused),
		cmocka_unit_test(test_a_refused_block_leaves_the_whole_set_as_it_was),
		cmocka_unit_test(test_a_whole_file_that_shrinks_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
