#include "tests/unit.h"

#include "base/buf.h"
#include "tests/tui_story.h"
#include "tui/diff_rows.h"
#include "tui/plan_tree.h"
#include "tui/summary.h"
#include "tui/transcript.h"

#include <stdio.h>

/* ---- transcripts ---- */

static void say_as(struct transcript *transcript, const char *stream, const char *text, size_t n)
{
	struct event event = { .kind = EVENT_OUTPUT, .at_ms = 1, .stream = stream, .text = { text, n, NULL } };
	transcript_add(transcript, &event, text, n);
}

static void say(struct transcript *transcript, const char *text)
{
	say_as(transcript, "model", text, strlen(text));
}

/* Each line with a letter for its kind. */
static const char *lines_of(struct transcript *transcript)
{
	static const char letters[] = "mroenafc-+";
	static char out[8192];
	size_t at = 0;
	for (size_t i = transcript_first(transcript); i < transcript_end(transcript); i++) {
		struct transcript_line line;
		transcript_line(transcript, i, &line);
		at += (size_t)snprintf(out + at, sizeof out - at, "%c|%.*s\n", letters[line.kind], (int)line.n, line.text);
	}
	out[at] = '\0';
	return out;
}

static const char answer[] = "Two words.\n\na.c\n<<<<<<< SEARCH\none\ntwo\nthree\n=======\none\nTWO\nthree\n>>>>>>> REPLACE\nDone.\n";
static const char answer_lines[] = "m|Two words.\nm|\nf|a.c\nc|one\n-|two\n+|TWO\nc|three\nm|Done.\n";

static void test_a_transcript_is_the_same_however_the_answer_is_split(void **state)
{
	(void)state;
	for (size_t piece = 1; piece < sizeof answer; piece++) {
		struct transcript *transcript = transcript_new();
		for (size_t at = 0; at < sizeof answer - 1; at += piece) {
			size_t n = at + piece < sizeof answer - 1 ? piece : sizeof answer - 1 - at;
			say_as(transcript, "model", answer + at, n);
		}
		assert_string_equal(lines_of(transcript), answer_lines);
		transcript_free(transcript);
	}
}

static const char prose[] = "A paragraph that its writer has wrapped,\nwhich is not *ours*, goes on\nas one line of text.\n\n\n"
			    "- a list\n\n- item two\n```\ncode, twice;\n\nafter an empty line\n```\nThen the block:\n\n**a.c**\n```c\n"
			    "<<<<<<< SEARCH\none\n=======\ntwo\n>>>>>>> REPLACE\n```\n\nEnd, then b.c\nb.c\n<<<<<<< SEARCH\nx\n=======\n"
			    ">>>>>>> REPLACE\nover";
static const char prose_lines[] =
	"m|A paragraph that its writer has wrapped, which is not ours, goes on as one line of text.\nm|\n"
	"m|* a list\nm|\nm|* item two\nm|\nm|    code, twice;\nm|    \nm|    after an empty line\nm|\n"
	"m|Then the block:\nm|\nf|a.c\n-|one\n+|two\nm|\nm|End, then b.c\nf|b.c\n-|x\nm|over\n";

static void test_prose_is_the_same_markdown_however_it_is_split(void **state)
{
	(void)state;
	for (size_t piece = 1; piece < sizeof prose; piece++) {
		struct transcript *transcript = transcript_new();
		for (size_t at = 0; at < sizeof prose - 1; at += piece) {
			size_t n = at + piece < sizeof prose - 1 ? piece : sizeof prose - 1 - at;
			say_as(transcript, "model", prose + at, n);
		}
		assert_string_equal(lines_of(transcript), prose_lines);
		transcript_free(transcript);
	}
}

static void test_a_block_grows_as_a_diff_while_it_streams(void **state)
{
	struct transcript *transcript = transcript_new();
	(void)state;
	say(transcript, "a.c\n<<<<<<< SEARCH\none\ntwo\nthr");
	assert_string_equal(lines_of(transcript), "f|a.c\nc|one\nc|two\nc|thr\n");
	say(transcript, "ee\n=======\none\nT");
	assert_string_equal(lines_of(transcript), "f|a.c\nc|one\n-|two\n+|T\nc|three\n");
	say(transcript, "WO\nthree\n");
	assert_string_equal(lines_of(transcript), "f|a.c\nc|one\n-|two\n+|TWO\nc|three\n");
	transcript_free(transcript);
}

static void test_a_cut_answer_keeps_its_last_block(void **state)
{
	struct transcript *transcript = transcript_new();
	struct event failed = { .kind = EVENT_STEP_FAILED, .message = "cut" };
	(void)state;
	say(transcript, "a.c\n<<<<<<< SEARCH\none\ntwo\n=======\nONE\ntw");
	transcript_add(transcript, &failed, "", 0);
	assert_string_equal(lines_of(transcript), "f|a.c\n-|one\n-|two\n+|ONE\n+|tw\na|failed: cut\n");
	transcript_free(transcript);
}

static void test_streams_of_a_command_do_not_run_into_each_other(void **state)
{
	struct transcript *transcript = transcript_new();
	(void)state;
	say_as(transcript, "stdout", "half", 4);
	say_as(transcript, "stderr", "oops\n", 5);
	say_as(transcript, "stdout", " way\n", 5);
	say_as(transcript, "reasoning", "hm", 2);
	assert_string_equal(lines_of(transcript), "o|half\ne|oops\no| way\nr|hm\n");
	transcript_free(transcript);
}

static void test_a_sample_answer_says_so(void **state)
{
	struct transcript *transcript = transcript_new();
	struct event event = { .kind = EVENT_PROMPT_SENT, .provider = "sample", .model = "x", .origin = "written by hand" };
	(void)state;
	transcript_add(transcript, &event, "", 0);
	assert_contains(lines_of(transcript), "a|sample answer, written by hand");
	transcript_free(transcript);
}

static void test_a_flood_is_cut_at_the_front_and_lines_keep_their_numbers(void **state)
{
	struct transcript *transcript = transcript_new();
	char line[64];
	struct transcript_line out;
	(void)state;
	for (int i = 0; i < 200000; i++) {
		int len = snprintf(line, sizeof line, "line %d of a flood of output\n", i);
		say_as(transcript, "stdout", line, (size_t)len);
	}
	assert_int_equal(transcript_end(transcript), 200000);
	assert_true(transcript_first(transcript) > 100000);
	transcript_line(transcript, 199999, &out);
	assert_memory_equal(out.text, "line 199999 ", 12);
	for (int i = 0; i < 3000; i++) /* a line without an end does not grow without one either */
		say_as(transcript, "stderr", "0123456789012345678901234567890123456789012345678901234567890123456789", 4000 / 60);
	assert_true(transcript_end(transcript) > 200000 + 2);
	transcript_line(transcript, transcript_first(transcript), &out);
	snprintf(line, sizeof line, "line %zu ", transcript_first(transcript));
	assert_memory_equal(out.text, line, strlen(line));
	transcript_free(transcript);
}

/* ---- diffs ---- */

static const char patch[] = "diff --git a/x.c b/x.c\n"
			    "index 123..456 100644\n"
			    "--- a/x.c\n"
			    "+++ b/x.c\n"
			    "@@ -3,3 +3,4 @@ int main(void)\n"
			    " a\n"
			    "-b\n"
			    "+B\n"
			    "+C\n"
			    " d\n"
			    "\\ No newline at end of file\n"
			    "diff --git a/y b/y\n"
			    "deleted file mode 100644\n"
			    "--- a/y\n"
			    "+++ /dev/null\n"
			    "@@ -1,2 +0,0 @@\n"
			    "--- not a head\n"
			    "-@@ not a hunk\n"
			    "diff --git a/z.bin b/z.bin\n"
			    "Binary files a/z.bin and b/z.bin differ\n";

static void test_a_patch_becomes_rows_with_numbers_and_partners(void **state)
{
	static const struct {
		enum diff_row_kind kind;
		size_t old_line, new_line;
		const char *text;
	} want[] = {
		{ DIFF_FILE, 0, 0, "x.c" },
		{ DIFF_HUNK, 0, 0, "@@ -3,3 +3,4 @@ int main(void)" },
		{ DIFF_CONTEXT, 3, 3, "a" },
		{ DIFF_REMOVED, 4, 0, "b" },
		{ DIFF_ADDED, 0, 4, "B" },
		{ DIFF_ADDED, 0, 5, "C" },
		{ DIFF_CONTEXT, 5, 6, "d" },
		{ DIFF_NOTE, 0, 0, "No newline at end of file" },
		{ DIFF_FILE, 0, 0, "y" },
		{ DIFF_NOTE, 0, 0, "deleted file mode 100644" },
		{ DIFF_HUNK, 0, 0, "@@ -1,2 +0,0 @@" },
		{ DIFF_REMOVED, 1, 0, "-- not a head" },
		{ DIFF_REMOVED, 2, 0, "@@ not a hunk" },
		{ DIFF_FILE, 0, 0, "z.bin" },
		{ DIFF_NOTE, 0, 0, "Binary files a/z.bin and b/z.bin differ" },
	};
	struct diff_rows rows = { 0 };
	(void)state;
	diff_rows_from_patch(&rows, patch, sizeof patch - 1);
	assert_int_equal(rows.n_rows, sizeof want / sizeof *want);
	assert_int_equal(rows.n_files, 3);
	for (size_t i = 0; i < rows.n_rows; i++) {
		assert_int_equal(rows.row[i].kind, want[i].kind);
		assert_int_equal(rows.row[i].old_line, want[i].old_line);
		assert_int_equal(rows.row[i].new_line, want[i].new_line);
		assert_int_equal(rows.row[i].n, strlen(want[i].text));
		assert_memory_equal(rows.row[i].text, want[i].text, rows.row[i].n);
	}
	assert_int_equal(rows.row[3].partner, 4);
	assert_int_equal(rows.row[4].partner, 3);
	assert_int_equal(rows.row[5].partner, DIFF_ALONE);
	diff_rows_release(&rows);
}

static void test_two_columns_hold_every_row_once(void **state)
{
	struct diff_rows rows = { 0 };
	struct diff_pairs pairs = { 0 };
	size_t seen = 0;
	(void)state;
	diff_rows_from_patch(&rows, patch, sizeof patch - 1);
	diff_pairs_make(&pairs, &rows);
	for (size_t i = 0; i < pairs.n_pairs; i++) {
		const struct diff_pair *pair = &pairs.pair[i];
		seen += pair->left != DIFF_ALONE;
		seen += pair->right != DIFF_ALONE && pair->right != pair->left;
	}
	assert_int_equal(seen, rows.n_rows);
	diff_pairs_release(&pairs);
	diff_rows_release(&rows);
}

static void test_what_is_no_patch_is_shown_and_breaks_nothing(void **state)
{
	static const char *const texts[] = { "", "\n", "@@ -1 +1 @@", "@@ -1,99999999999999999999 +1 @@\n+a", "diff --git ", "\xff\n-" };
	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct diff_rows rows = { 0 };
		diff_rows_from_patch(&rows, texts[i], strlen(texts[i]));
		diff_rows_release(&rows);
	}
}

/* ---- the plan's tree ---- */

static void fold(struct run_model *model, size_t n)
{
	struct err err;
	run_model_init(model);
	for (size_t i = 0; i < n; i++)
		assert_ok(run_model_apply(model, &tui_story[i], &err), &err);
}

/* A step that is declared again in another group takes its old group's name with it. */
static void test_a_group_is_looked_for_by_name_when_its_steps_have_left_it(void **state)
{
	struct run_model model;
	struct plan_tree tree = { 0 };
	struct map toggled = { 0 };
	struct err err;
	struct event moved = { .kind = EVENT_STEP_DECLARED, .verb = "read", .title = "t", .parent = "elsewhere" };
	(void)state;
	fold(&model, tui_story_n);
	plan_tree_make(&tree, &model, &toggled);
	struct plan_row group = tree.row[1];
	assert_int_equal(group.kind, ROW_GROUP);
	for (size_t i = 0; i < model.n_steps; i++) {
		if (strncmp(model.step[i]->parent, group.group, group.group_n) != 0)
			continue;
		moved.step = model.step[i]->id;
		moved.seq = model.seq + 1;
		assert_ok(run_model_apply(&model, &moved, &err), &err);
	}
	assert_int_equal(plan_tree_find(&tree, &group), 1);
	plan_tree_release(&tree);
	run_model_release(&model);
}

static void test_groups_and_steps_fold_and_open(void **state)
{
	struct run_model model;
	struct plan_tree tree = { 0 };
	struct map toggled = { 0 };
	(void)state;
	fold(&model, tui_story_n);
	plan_tree_make(&tree, &model, &toggled);
	assert_int_equal(tree.n_rows, 10); /* nine steps and a group */
	assert_int_equal(tree.row[1].kind, ROW_GROUP);
	assert_int_equal(tree.row[1].index, 2);
	assert_int_equal(tree.row[1].sub, 2);
	assert_int_equal(tree.row[2].depth, 1);
	map_put(&toggled, "store", &toggled);
	plan_tree_make(&tree, &model, &toggled);
	assert_int_equal(tree.n_rows, 8);
	map_put(&toggled, "lint", &toggled);
	plan_tree_make(&tree, &model, &toggled);
	assert_int_equal(tree.n_rows, 11); /* the message, the check and its diagnostic */
	assert_int_equal(tree.row[plan_tree_find_step(&tree, "lint") + 3].kind, ROW_DIAG);
	assert_int_equal(plan_tree_find_step(&tree, "store.head"), -1);
	plan_tree_release(&tree);
	map_release(&toggled);
	run_model_release(&model);
}

/* ---- the summary ---- */

static void test_the_summary_says_how_to_go_on(void **state)
{
	struct run_model model;
	struct buf out = { 0 };
	(void)state;
	fold(&model, tui_story_n);
	summary_write(&out, &model, 3, false);
	assert_contains(buf_str(&out), "result:  stopped (exit 3)");
	assert_contains(buf_str(&out), "belay resume 7f3a5be1");
	assert_contains(buf_str(&out), "belay replay 7f3a5be1");
	assert_contains(buf_str(&out), "belay undo 7f3a5be1 --all");
	buf_clear(&out);
	summary_write(&out, &model, 0, true);
	assert_null(strstr(buf_str(&out), "undo"));
	buf_release(&out);
	run_model_release(&model);
}

/* From the event that ends the run to what stays on the terminal. */
static void test_the_summary_says_what_undo_covers_and_what_not(void **state)
{
	static const char *const covered[] = { "2 files, with bytes and modes" };
	static const char *const not_covered[] = { "cmd: build/: 1 file (ignored)", "cmd: a.o: removed (ignored)" };
	struct run_model model;
	struct buf out = { 0 };
	struct err err;
	(void)state;
	fold(&model, tui_story_n);
	struct event end = { .kind = EVENT_RUN_FINISHED, .seq = model.seq + 1, .at_ms = model.now_ms, .run = model.run,
		             .covered = { covered, 1 }, .not_covered = { not_covered, 2 } };
	assert_ok(run_model_apply(&model, &end, &err), &err);
	summary_write(&out, &model, 0, false);
	assert_contains(buf_str(&out), "brings back: 2 files, with bytes and modes\n");
	assert_contains(buf_str(&out), "does not bring back: cmd: build/: 1 file (ignored)\n");
	assert_contains(buf_str(&out), "does not bring back: cmd: a.o: removed (ignored)\n");
	buf_release(&out);
	run_model_release(&model);
}

static void test_the_summary_of_nothing_is_one_line(void **state)
{
	struct run_model model;
	struct buf out = { 0 };
	(void)state;
	run_model_init(&model);
	summary_write(&out, &model, 143, false);
	assert_string_equal(buf_str(&out), "result:  nothing was begun (exit 143)\n");
	buf_release(&out);
	run_model_release(&model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_transcript_is_the_same_however_the_answer_is_split),
		cmocka_unit_test(test_prose_is_the_same_markdown_however_it_is_split),
		cmocka_unit_test(test_a_block_grows_as_a_diff_while_it_streams),
		cmocka_unit_test(test_a_cut_answer_keeps_its_last_block),
		cmocka_unit_test(test_streams_of_a_command_do_not_run_into_each_other),
		cmocka_unit_test(test_a_sample_answer_says_so),
		cmocka_unit_test(test_a_flood_is_cut_at_the_front_and_lines_keep_their_numbers),
		cmocka_unit_test(test_a_patch_becomes_rows_with_numbers_and_partners),
		cmocka_unit_test(test_two_columns_hold_every_row_once),
		cmocka_unit_test(test_what_is_no_patch_is_shown_and_breaks_nothing),
		cmocka_unit_test(test_a_group_is_looked_for_by_name_when_its_steps_have_left_it),
		cmocka_unit_test(test_groups_and_steps_fold_and_open),
		cmocka_unit_test(test_the_summary_says_how_to_go_on),
		cmocka_unit_test(test_the_summary_says_what_undo_covers_and_what_not),
		cmocka_unit_test(test_the_summary_of_nothing_is_one_line),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
