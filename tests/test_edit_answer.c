#include "tests/unit.h"

#include "base/xalloc.h"
#include "edit/answer.h"
#include "edit/apply.h"

#include <stdio.h>

/* All answers here are written by hand. */

static void parse(struct answer *out, const char *text, size_t chunk)
{
	struct answer_parser *parser = answer_parser_new(NULL, NULL);
	size_t n = strlen(text);
	for (size_t at = 0; at < n; at += chunk)
		answer_parser_feed(parser, text + at, chunk < n - at ? chunk : n - at);
	answer_parser_finish(parser, out);
	answer_parser_free(parser);
}

/* "path|search|replace" of each block, or "path!flaw"; "cut" when the answer was. */
static void describe(struct buf *out, const struct answer *answer)
{
	for (size_t i = 0; i < answer->n_blocks; i++) {
		const struct edit_block *block = &answer->block[i];
		if (block->flaw)
			buf_printf(out, "%s!%s\n", block->path, block->flaw);
		else if (block->kind == EDIT_DELETE)
			buf_printf(out, "%s deleted\n", block->path);
		else if (block->kind == EDIT_MOVE)
			buf_printf(out, "%s to %s\n", block->path, block->replace);
		else
			buf_printf(out, "%s|%s|%s\n", block->path, block->search ? block->search : "(whole)", block->replace);
	}
	if (answer->unterminated)
		buf_add_str(out, "cut");
}

static void expect_blocks(const char *text, const char *expected)
{
	for (size_t chunk = 1; chunk < 12; chunk += 3) {
		struct answer answer;
		struct buf out = { 0 };
		parse(&answer, text, chunk);
		describe(&out, &answer);
		assert_string_equal(buf_str(&out), expected);
		buf_release(&out);
		answer_release(&answer);
	}
}

#define S "<<<<<<< SEARCH\n"
#define D "=======\n"
#define R ">>>>>>> REPLACE\n"

static void test_paths_are_found_in_the_forms_that_models_write(void **state)
{
	(void)state;
	static const char *const line[] = {
		"src/a.c", "`src/a.c`", "**src/a.c**", "### src/a.c", "File: src/a.c", "**File: `src/a.c`**", "1. `src/a.c`:",
		"- src/a.c", "**file:** src/a.c", "Filename: src/a.c", "src/a.c:",
	};
	for (size_t i = 0; i < sizeof line / sizeof *line; i++) {
		char *text = xasprintf("Words.\n\n%s\n\n" S "a\n" D "b\n" R, line[i]);
		expect_blocks(text, "src/a.c|a\n|b\n\n");
		free(text);
	}
	expect_blocks("Makefile\n" S "a\n" D "b\n" R, "Makefile|a\n|b\n\n");
	expect_blocks("`my dir/a.c`\n```\n" S "a\n" D "b\n" R "```\n", "my dir/a.c|a\n|b\n\n");
	expect_blocks("app/(group)/[id]/page.tsx\n" S "a\n" D "b\n" R, "app/(group)/[id]/page.tsx|a\n|b\n\n");
	expect_blocks("a.c\n" S "a\n" D "b\n" R "Then we call it:\n" S "c\n" D "d\n" R, "a.c|a\n|b\n\na.c|c\n|d\n\n");
	expect_blocks("Here it is:\n" S "a\n" D "b\n" R, "|a\n|b\n\n");
}

static void test_fences_that_are_no_files_are_left_alone(void **state)
{
	(void)state;
	expect_blocks("Run:\n```sh\nmake\n```\n```\nb.c\n```\nprose\n", "");
	expect_blocks("a.c\n```c\n" S "a\n" D "b\n" R "```\nMore, in b.c:\n```c\nint x;\n```\n", "a.c|a\n|b\n\n");
	expect_blocks("a.c\n```c\n" S "a\n" D "b\n" R "```\nb.c\n```\nint x;\n```\n", "a.c|a\n|b\n\nb.c|(whole)|int x;\n\n");
	expect_blocks("```c\na.c\n" S "a\n" D "b\n" R "```\n", "a.c|a\n|b\n\n");
}

static void test_fences_within_a_file_belong_to_it(void **state)
{
	(void)state;
	expect_blocks("```md a.md\n# T\n```sh\nls\n```\nend\n```\n", "a.md|(whole)|# T\n```sh\nls\n```\nend\n\n");
	expect_blocks("````md a.md\n```\nls\n```\n````\n", "a.md|(whole)|```\nls\n```\n\n");
	expect_blocks("a.py\n```py\ndef f():\n    \"\"\"\n    ```\n    x\n    ```\n    \"\"\"\n```\n",
	              "a.py|(whole)|def f():\n    \"\"\"\n    ```\n    x\n    ```\n    \"\"\"\n\n");
	expect_blocks("FILE 0123456789ab a b.c\nx\nEND 0123456789\nEND 0123456789ab\n", "a b.c|(whole)|x\nEND 0123456789\n\n");
}

static void test_malformed_blocks_say_what_is_wrong(void **state)
{
	(void)state;
	expect_blocks("a.c\n" S "a\nb\n" R "text\n", "a.c!has no ======= line between its SEARCH and REPLACE parts\n");
	expect_blocks("a.c\n" S "a\n" D "b\n", "cut");
	expect_blocks("a.c\n```c\nint x;\n", "cut");
	expect_blocks("REPLACE SYMBOL run IN src/a.c\n", "cut");
	expect_blocks("REPLACE SYMBOL run\nint run;\n", "!is of a symbol, but does not say which one in which file\n");
	expect_blocks("REPLACE SYMBOL run IN src/a.c\nint run;\n",
	              "src/a.c!is of a symbol, but its new definition does not follow in a fence\n");
	expect_blocks("REPLACE SYMBOL run IN src/a.c\n```c\nint run(void);\n```\n", "src/a.c|run|int run(void);\n\n");
}

static void test_unified_diffs_become_edits(void **state)
{
	(void)state;
	expect_blocks("```diff\n--- a/src/a.c\n+++ b/src/a.c\n@@ -1,3 +1,3 @@ int f()\n a\n-b\n+B\n c\n@@ -9 +9,2 @@\n x\n+y\n```\nDone.\n",
	              "src/a.c|a\nb\nc\n|a\nB\nc\n\nsrc/a.c|x\n|x\ny\n\n");
	expect_blocks("diff --git a/a.c b/a.c\nindex 1..2 100644\n--- a/a.c\n+++ b/a.c\n@@\n a\n\n-b\n\\ No newline at end of file\n"
	              "--- a/b.c\n+++ b/b.c\n@@ -1 +1 @@\n--- x\n+y\n\nWords.\n",
	              "a.c|a\n\nb\n|a\n\n\nb.c|-- x\n|y\n\n");
	expect_blocks("a.c\n```diff\n@@ -1 +1 @@\n-a\n+b\n```\n", "a.c|a\n|b\n\n");
	expect_blocks("--- /dev/null\n+++ b/new.c\n@@ -0,0 +1,2 @@\n+a\n+b\n", "new.c|(whole)|a\nb\n\n");
	expect_blocks("--- a/old.c\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n", "old.c deleted\n");
	expect_blocks("--- a/a.c\n+++ b/a.c\n@@ -1,3 +1,3 @@\n a\n-b\n", "cut");
	expect_blocks("```diff\n--- a/a.c\n+++ b/a.c\n@@ -1 +1 @@\n-b\n", "cut");
	expect_blocks("--- a rule\n---\n+++ of thumb\n", "");
}

static void test_the_patch_envelope_becomes_edits(void **state)
{
	(void)state;
	expect_blocks("*** Begin Patch\n*** Update File: src/a.c\n@@ int f()\n a\n-b\n+B\n@@\n-c\n+C\n*** Add File: new.c\n+x\n+y\n"
	              "*** Update File: b.c\n-q\n+r\n*** End of File\n*** End Patch\nDone.\n",
	              "src/a.c|a\nb\n|a\nB\n\nsrc/a.c|c\n|C\n\nnew.c|(whole)|x\ny\n\nb.c|q\n|r\n\n");
	expect_blocks("*** Begin Patch\n*** Delete File: a.c\n*** Update File: b.c\n*** Move to: c.c\n*** End Patch\n",
	              "a.c deleted\nb.c to c.c\n");
	expect_blocks("*** Begin Patch\n*** Update File: b.c\n-q\n+r\n", "cut");
}

/* Applies answers, one after the other, to the file "a.c". */
struct bench {
	struct changeset set;
	struct apply_rules rules;
	struct buf feedback;
	struct err err;
};

static void bench_init(struct bench *bench, const char *file)
{
	*bench = (struct bench){ 0 };
	image_set_file(&changeset_add(&bench->set, "a.c")->before, file, strlen(file), 0644);
}

static int bench_apply(struct bench *bench, const char *text)
{
	struct answer answer;
	parse(&answer, text, 1000);
	buf_clear(&bench->feedback);
	err_clear(&bench->err);
	int rc = apply_answer(&bench->set, &answer, &bench->rules, &bench->feedback, &bench->err);
	answer_release(&answer);
	return rc;
}

static void bench_release(struct bench *bench)
{
	changeset_release(&bench->set);
	buf_release(&bench->feedback);
}

static void expect_applied(const char *file, const char *answer, const char *expected)
{
	struct bench bench;
	bench_init(&bench, file);
	if (bench_apply(&bench, answer) != 0)
		fail_msg("%s\n%s", bench.err.msg, answer);
	assert_string_equal(bench.set.change[0].after.data, expected);
	bench_release(&bench);
}

static void expect_refused(const char *file, const char *answer, const char *why)
{
	struct bench bench;
	bench_init(&bench, file);
	assert_int_equal(bench_apply(&bench, answer), -1);
	assert_contains(bench.err.msg, why);
	assert_int_equal(bench.set.change[0].after.kind, IMAGE_ABSENT);
	bench_release(&bench);
}

static void test_lines_that_a_block_repeats_keep_every_byte(void **state)
{
	(void)state;
	expect_applied("a  \n\tb\t\r\nc\n", "a.c\n" S "a\n\tb\nc\n" D "a\n\tb\nnew\nc\n" R, "a  \n\tb\t\r\nnew\nc\n");
	expect_applied("say \xe2\x80\x9chi\xe2\x80\x9d\nx\n", "a.c\n" S "say \"hi\"\nx\n" D "say \"hi\"\ny\n" R,
	               "say \xe2\x80\x9chi\xe2\x80\x9d\ny\n");
	expect_applied("a\nb", "a.c\n" S "b\n" D "b\nc\n" R, "a\nb\nc");
	expect_applied("\xef\xbb\xbf" "a\r\nb\r\n", "a.c\n" S "a\n" D "x\ny\n" R, "\xef\xbb\xbf" "x\r\ny\r\nb\r\n");
}

static void test_indentation_by_tabs_or_spaces_is_that_of_the_file(void **state)
{
	(void)state;
	expect_applied("f()\n{\n\tif (a)\n\t\tb();\n}\n", "a.c\n" S "    if (a)\n        b();\n" D "    if (a) {\n        b();\n        c();\n    }\n" R,
	               "f()\n{\n\tif (a) {\n\t\tb();\n\t\tc();\n\t}\n}\n");
	expect_applied("  a\n    b\n", "a.c\n" S "a\n  b\n" D "a\n  c\n" R, "  a\n    c\n");
	expect_applied("a\n  b\n", "a.c\n" S "    a\n      b\n" D "    a\n\n      c\n" R, "a\n\n  c\n");
}

static void test_whole_files_keep_mark_line_ends_and_last_line(void **state)
{
	(void)state;
	expect_applied("\xef\xbb\xbf" "a\r\nb", "FILE 0123456789ab a.c\nx\ny\nEND 0123456789ab\n", "\xef\xbb\xbf" "x\r\ny");
	expect_applied("a\n", "a.c\n```\nb\n```\n", "b\n");
}

static void test_comments_for_omitted_code_are_refused_and_others_are_not(void **state)
{
	(void)state;
	static const char *const refused[] = {
		"// ... rest of the function unchanged ...", "# ... existing code ...", "/* ... */", "// ...", "<!-- rest of the file -->",
		"{/* existing code */}", "-- ... unchanged ...", "\t// existing code here", "; ...", "... (rest of the code) ...",
		"/* The rest of the code remains the same */", "# your code here", "// \xe2\x80\xa6 remaining methods \xe2\x80\xa6",
	};
	static const char *const fine[] = {
		"// existing code relies on this", "/* the remaining code points are invalid */", "int rest_of_line; // wait...",
		"printf(\"...\");", "...", "# wait for the rest of it", "f(a, ...);", "// see also: foo, bar, ...", "/* unchanged since 2.0 */",
	};
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		char *answer = xasprintf("a.c\n" S "a\n" D "b\n%s\n" R, refused[i]);
		expect_refused("a\n", answer, "leaves code out");
		free(answer);
		/* What the file says itself may stay. */
		char *file = xasprintf("a\n%s\n", refused[i]);
		char *same = xasprintf("a.c\n" S "a\n" D "b\n%s\n" R, refused[i]);
		char *expected = xasprintf("b\n%s\n%s\n", refused[i], refused[i]);
		expect_applied(file, same, expected);
		free(file);
		free(same);
		free(expected);
	}
	for (size_t i = 0; i < sizeof fine / sizeof *fine; i++) {
		char *answer = xasprintf("a.c\n" S "a\n" D "b\n%s\n" R, fine[i]);
		char *expected = xasprintf("b\n%s\n", fine[i]);
		expect_applied("a\n", answer, expected);
		free(answer);
		free(expected);
	}
}

static void expect_in(const char *path, const char *file, const char *answer, const char *expected)
{
	struct changeset set = { 0 };
	struct answer parsed;
	struct err err = { 0 };
	const struct apply_rules rules = { 0 };
	image_set_file(&changeset_add(&set, path)->before, file, strlen(file), 0644);
	parse(&parsed, answer, 7);
	int rc = apply_answer(&set, &parsed, &rules, NULL, &err);
	if (expected) {
		assert_ok(rc, &err);
		assert_string_equal(set.change[0].after.data, expected);
	} else {
		assert_int_equal(rc, -1);
	}
	answer_release(&parsed);
	changeset_release(&set);
}

static void test_a_symbol_is_replaced_by_its_name(void **state)
{
	(void)state;
	static const char c[] = "#include <x.h>\n\nint f(int);\n\n/* Doubles. */\nstatic int\nf(int a)\n{\n\tif (a) {\n\t\tg(f);\n\t}\n"
	                        "\treturn \"f(int) {\"[0]; /* f(x) { */\n}\n\nstruct pair {\n\tint a;\n};\n\nint g(void)\n{\n\treturn f(1);\n}\n";
	expect_in("a.c", c, "REPLACE SYMBOL f IN a.c\n```c\nstatic int f(int a)\n{\n\treturn 2 * a;\n}\n```\n",
	          "#include <x.h>\n\nint f(int);\n\n/* Doubles. */\nstatic int f(int a)\n{\n\treturn 2 * a;\n}\n\n"
	          "struct pair {\n\tint a;\n};\n\nint g(void)\n{\n\treturn f(1);\n}\n");
	expect_in("a.c", "struct pair {\n\tint a;\n};\n\nstruct pair *p;\n",
	          "**REPLACE SYMBOL `pair` IN `a.c`**\n\n```\nstruct pair {\n\tlong a;\n};\n```\n",
	          "struct pair {\n\tlong a;\n};\n\nstruct pair *p;\n");
	static const char py[] = "@cached\ndef f(a):\n    x = (1,\n2)\n\n    return x\n\n\nclass A:\n    def f(self):\n        pass\n\n    def g(self):\n"
	                         "        return 1\n";
	expect_in("a.py", py, "REPLACE SYMBOL A.f IN a.py\n```python\n    def f(self):\n        return 3\n```\n",
	          "@cached\ndef f(a):\n    x = (1,\n2)\n\n    return x\n\n\nclass A:\n    def f(self):\n        return 3\n\n    def g(self):\n"
	          "        return 1\n");
	expect_in("a.py", py, "REPLACE SYMBOL f IN a.py\n```\ndef f(): pass\n```\n", NULL); /* there are two */
	expect_in("a.js", "class A {\n  run(x) {\n    return x;\n  }\n}\nconst go = (a) => {\n  a.run(1);\n};\n",
	          "REPLACE SYMBOL go IN a.js\n```js\nconst go = () => {\n};\n```\nREPLACE SYMBOL run IN a.js\n```js\n  run() {\n  }\n```\n",
	          "class A {\n  run() {\n  }\n}\nconst go = () => {\n};\n");
	expect_in("a.c", c, "REPLACE SYMBOL h IN a.c\n```\nint h(void) { }\n```\n", NULL);
	expect_in("a.md", "# f\n", "REPLACE SYMBOL f IN a.md\n```\n# g\n```\n", NULL);
	expect_in("a.c", c, "REPLACE SYMBOL f IN a.c\nint f;\n", NULL);
	expect_in("a.c", "int f(void)\r\n{\r\n}\r\n", "REPLACE SYMBOL f IN a.c\n```\nint f(void)\n{\n\tg();\n}\n```\n",
	          "int f(void)\r\n{\r\n\tg();\r\n}\r\n");
}

static void test_markers_that_are_left_are_refused(void **state)
{
	(void)state;
	expect_refused("a\n", "a.c\n" S "a\n" D "b\n" S R, "marker left");
	expect_refused("a\n", "FILE 0123456789ab a.c\n<<<<<<< HEAD\nEND 0123456789ab\n", "marker left");
	expect_refused("a\n", "FILE 0123456789ab a.c\nx\n>>>>> replace\nEND 0123456789ab\n", "marker left");
	expect_applied("a\n", "a.c\n" S "a\n" D "Title\n=======\n" R, "Title\n=======\n");
}

static void test_refused_blocks_are_listed_with_the_lines_that_are_there(void **state)
{
	(void)state;
	struct bench bench;
	bench_init(&bench, "one\ntwo\nthree\nfour\n");
	assert_int_equal(bench_apply(&bench, "a.c\n" S "two\nthre\n" D "x\n" R S "one\n" D "1\n" R S "five\n" D "5\n" R), -1);
	assert_contains(buf_str(&bench.feedback), "The edit of a.c (line 2 of your answer) matches nothing");
	assert_contains(buf_str(&bench.feedback), "     3 | three\n");
	assert_null(strstr(buf_str(&bench.feedback), "     1 | 1\n"));
	assert_contains(buf_str(&bench.feedback), "line 13 of your answer");
	assert_null(strstr(buf_str(&bench.feedback), "line 8 of your answer"));
	assert_contains(buf_str(&bench.feedback), "Send all edits again");
	bench_release(&bench);
}

static void test_good_blocks_are_kept_for_the_next_attempt(void **state)
{
	(void)state;
	struct bench bench;
	bench_init(&bench, "one\ntwo\nthree\n");
	bench.rules.stage = apply_stage_new();
	assert_int_equal(bench_apply(&bench, "a.c\n" S "one\n" D "one\nnew\n" R S "thre\n" D "3\n" R), -1);
	assert_int_equal(bench.set.change[0].after.kind, IMAGE_ABSENT);
	assert_contains(buf_str(&bench.feedback), "The other edits are kept.");
	/* One that is sent again is not applied twice. */
	assert_int_equal(bench_apply(&bench, "a.c\n" S "one\n" D "one\nnew\n" R S "three\n" D "3\n" R), 0);
	assert_string_equal(bench.set.change[0].after.data, "one\nnew\ntwo\n3\n");
	apply_stage_free(bench.rules.stage);
	bench_release(&bench);

	bench_init(&bench, "one\ntwo\nthree\n");
	bench.rules.stage = apply_stage_new();
	assert_int_equal(bench_apply(&bench, "a.c\n" S "one\n" D "1\n" R S "thre\n" D "3\n" R), -1);
	assert_int_equal(bench_apply(&bench, "a.c\n" S "three\n" D "3\n" R), 0);
	assert_string_equal(bench.set.change[0].after.data, "1\ntwo\n3\n");
	assert_string_equal(bench.set.change[0].before.data, "one\ntwo\nthree\n");
	apply_stage_free(bench.rules.stage);
	bench_release(&bench);
}

static void test_a_block_without_a_path_is_of_the_only_file(void **state)
{
	(void)state;
	struct bench bench;
	expect_applied("a\n", "Here:\n" S "a\n" D "b\n" R, "b\n");
	bench_init(&bench, "a\n");
	image_set_file(&changeset_add(&bench.set, "b.c")->before, "a\n", 2, 0644);
	assert_int_equal(bench_apply(&bench, "Here:\n" S "a\n" D "b\n" R), -1);
	assert_contains(bench.err.msg, "names no file");
	bench_release(&bench);
}

static void test_lines_that_are_left_out_on_both_sides_stay(void **state)
{
	(void)state;
	static const char file[] = "int f(void)\n{\n\ta();\n\tb();\n\tc();\n\treturn 0;\n}\n\nint g(void)\n{\n\treturn 1;\n}\n";
	expect_applied(file, "a.c\n" S "int f(void)\n{\n...\n\treturn 0;\n" D "long f(void)\n{\n...\n\treturn 2;\n" R,
	               "long f(void)\n{\n\ta();\n\tb();\n\tc();\n\treturn 2;\n}\n\nint g(void)\n{\n\treturn 1;\n}\n");
	expect_applied(file, "a.c\n" S "int f(void)\n\xe2\x80\xa6\n    return 1;\n" D "int f(int)\n\xe2\x80\xa6\n    return 3;\n" R,
	               "int f(int)\n{\n\ta();\n\tb();\n\tc();\n\treturn 0;\n}\n\nint g(void)\n{\n\treturn 3;\n}\n");
	/* What stands in the file as it is written is no gap. */
	expect_applied("def f():\n    ...\n    x\n", "a.c\n" S "def f():\n    ...\n" D "def g():\n    ...\n" R, "def g():\n    ...\n    x\n");
}

static void test_pieces_around_a_gap_have_one_place_each_in_order(void **state)
{
	(void)state;
	static const char file[] = "a\n{\n}\nb\n{\n}\nc\n";
	expect_refused(file, "a.c\n" S "a\n...\n}\n" D "x\n...\n}\n" R, "matches several places");
	expect_refused(file, "a.c\n" S "c\n...\na\n" D "x\n...\ny\n" R, "matches nothing");
	expect_refused(file, "a.c\n" S "a\n...\nq\n" D "x\n...\ny\n" R, "matches nothing");
	expect_refused(file, "a.c\n" S "a\n...\nc\n" D "x\ny\n" R, "matches nothing");
	expect_refused(file, "a.c\n" S "...\nc\n" D "x\n...\ny\n" R, "matches nothing");
	expect_refused(file, "a.c\n" S "a\n...\nc\n" D "x\n// ...\ny\n" R, "leaves code out");
	expect_applied(file, "a.c\n" S "a\n...\nc\n" D "x\n...\n" R, "x\n{\n}\nb\n{\n}\n");
}

#define QUOTED "static int count_the_words(const char *text)\n{\n\tint count_of_words = 0;\n\treturn count_of_words;\n}\n"
#define MISQUOTED "static int count_the_words(const char* text)\n{\n\tint count_of_word = 0;\n\treturn count_of_words;\n}\n"
#define EDITED "static int count_the_words(const char* text)\n{\n\tint count_of_word = 0;\n\treturn 1;\n}\n"

static int guess(const char *file, const char *answer, bool may_guess, bool *guessed, struct buf *out)
{
	struct bench bench;
	*guessed = false;
	bench_init(&bench, file);
	bench.rules.may_guess = may_guess;
	bench.rules.guessed = guessed;
	int rc = bench_apply(&bench, answer);
	buf_clear(out);
	buf_add_str(out, rc == 0 ? bench.set.change[0].after.data : buf_str(&bench.feedback));
	bench_release(&bench);
	return rc;
}

static void test_a_place_is_guessed_only_for_a_person_who_looks(void **state)
{
	(void)state;
	struct buf out = { 0 };
	bool guessed;
	assert_int_equal(guess("int a;\n" QUOTED "int b;\n", "a.c\n" S MISQUOTED D EDITED R, false, &guessed, &out), -1);
	assert_false(guessed);
	assert_contains(buf_str(&out), "is not quoted as the lines are in the file");
	assert_contains(buf_str(&out), "     2 | static int count_the_words(const char *text)");
	assert_int_equal(guess("int a;\n" QUOTED "int b;\n", "a.c\n" S MISQUOTED D EDITED R, true, &guessed, &out), 0);
	assert_true(guessed);
	/* Lines that the block only repeats keep the file's own bytes. */
	assert_string_equal(buf_str(&out), "int a;\nstatic int count_the_words(const char *text)\n{\n\tint count_of_words = 0;\n"
	                                   "\treturn 1;\n}\nint b;\n");
	assert_int_equal(guess("int a;\n" QUOTED, "a.c\n" S QUOTED D EDITED R, true, &guessed, &out), 0);
	assert_false(guessed);
	buf_release(&out);
}

static void test_a_guess_has_no_rival_and_enough_to_go_by(void **state)
{
	(void)state;
	struct buf out = { 0 };
	struct buf table = { 0 };
	bool guessed;
	assert_int_equal(guess(QUOTED "\n" QUOTED, "a.c\n" S MISQUOTED D EDITED R, true, &guessed, &out), -1);
	assert_int_equal(guess("alpha beta\ngamma delta\nx\n", "a.c\n" S "alpha bete\ngamma delta\n" D "y\n" R, true, &guessed, &out), -1);
	for (int i = 0; i < 50; i++)
		buf_printf(&table, "\t{ .name = \"value_%02d\", .size = %02d, .is_signed = true },\n", i, i);
	assert_int_equal(guess(buf_str(&table), "a.c\n" S "\t{ .name = \"value_10\", .size = 10, .is_signed = true },\n"
	                       "\t{ .name = \"value_11\", .size = 11, .is_signed = false },\n"
	                       "\t{ .name = \"value_12\", .size = 12, .is_signed = true },\n" D "x\n" R, true, &guessed, &out), -1);
	assert_int_equal(guess(QUOTED, "a.c\n" S "static long count_all_the_words(const char *s)\n{\n\tlong n = 0;\n\treturn n;\n}\n" D
	                       "x\n" R, true, &guessed, &out), -1);
	assert_false(guessed);
	buf_release(&table);
	buf_release(&out);
}

static void test_an_answer_over_the_limit_is_as_good_as_cut(void **state)
{
	(void)state;
	static const size_t line[] = { 17 * 1024 * 1024, 1024 * 1024 };
	for (size_t i = 0; i < 2; i++) {
		struct answer answer;
		struct answer_parser *parser = answer_parser_new(NULL, NULL);
		char *text = xcalloc(line[i] + 2, 1);
		memset(text, 'y', line[i]);
		text[line[i]] = '\n';
		answer_parser_feed(parser, "FILE 0123456789ab a.c\n", 22);
		for (size_t n = 0; n < 17 * 1024 * 1024; n += line[i])
			answer_parser_feed(parser, text, line[i] + 1);
		answer_parser_feed(parser, "END 0123456789ab\nDone.\n", 23);
		answer_parser_finish(parser, &answer);
		assert_true(answer.unterminated);
		answer_parser_free(parser);
		answer_release(&answer);
		free(text);
	}
}

static void test_matching_a_periodic_text_is_not_quadratic(void **state)
{
	(void)state;
	struct buf file = { 0 };
	struct buf answer = { 0 };
	struct bench bench;
	for (int i = 0; i < 100000; i++)
		buf_add_str(&file, "  x\n");
	buf_add_str(&answer, "a.c\n" S);
	for (int i = 0; i < 50000; i++)
		buf_add_str(&answer, "x\n");
	buf_add_str(&answer, "y\n" D "z\n" R);
	bench_init(&bench, buf_str(&file));
	assert_int_equal(bench_apply(&bench, buf_str(&answer)), -1);
	assert_contains(bench.err.msg, "matches nothing");
	bench_release(&bench);
	buf_release(&file);
	buf_release(&answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths_are_found_in_the_forms_that_models_write),
		cmocka_unit_test(test_fences_that_are_no_files_are_left_alone),
		cmocka_unit_test(test_fences_within_a_file_belong_to_it),
		cmocka_unit_test(test_malformed_blocks_say_what_is_wrong),
		cmocka_unit_test(test_unified_diffs_become_edits),
		cmocka_unit_test(test_the_patch_envelope_becomes_edits),
		cmocka_unit_test(test_lines_that_a_block_repeats_keep_every_byte),
		cmocka_unit_test(test_indentation_by_tabs_or_spaces_is_that_of_the_file),
		cmocka_unit_test(test_whole_files_keep_mark_line_ends_and_last_line),
		cmocka_unit_test(test_comments_for_omitted_code_are_refused_and_others_are_not),
		cmocka_unit_test(test_a_symbol_is_replaced_by_its_name),
		cmocka_unit_test(test_markers_that_are_left_are_refused),
		cmocka_unit_test(test_refused_blocks_are_listed_with_the_lines_that_are_there),
		cmocka_unit_test(test_good_blocks_are_kept_for_the_next_attempt),
		cmocka_unit_test(test_a_block_without_a_path_is_of_the_only_file),
		cmocka_unit_test(test_lines_that_are_left_out_on_both_sides_stay),
		cmocka_unit_test(test_pieces_around_a_gap_have_one_place_each_in_order),
		cmocka_unit_test(test_a_place_is_guessed_only_for_a_person_who_looks),
		cmocka_unit_test(test_a_guess_has_no_rival_and_enough_to_go_by),
		cmocka_unit_test(test_an_answer_over_the_limit_is_as_good_as_cut),
		cmocka_unit_test(test_matching_a_periodic_text_is_not_quadratic),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
