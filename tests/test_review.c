/* Decisions about a proposed change, and the patch that they leave. */
#include "tests/unit.h"

#include "base/xalloc.h"
#include "edit/patch.h"
#include "edit/textdiff.h"
#include "tui/review.h"

#include <stdio.h>
#include <stdlib.h>

#define OLD "1\nold a\n3\n4\nold b\n6\n7\n8\n9\n10\n11\n12\n13\nold c\n15\n"
#define NEW "1\nnew a\n3\n4\nnew b\n6\n7\n8\n9\n10\n11\n12\n13\nnew c\n15\n"

static void set_text(struct image *image, const char *text)
{
	if (text)
		image_set_file(image, text, strlen(text), 0644);
}

static void add_change(struct changeset *set, const char *path, const char *before, const char *after)
{
	struct change *change = changeset_add(set, path);
	set_text(&change->before, before);
	set_text(&change->after, after);
}

static void open_review(struct review *review, const struct changeset *set)
{
	struct err err = { 0 };
	struct buf patch = { 0 };
	changeset_format_patch(&patch, set, 3);
	assert_int_equal(review_open(review, "s", "r1", &patch, &err), 0);
	buf_release(&patch);
}

static int load(void *arg, const char *path, struct image *out, struct err *err)
{
	const struct change *change = changeset_find(arg, path);
	if (!change)
		return err_set(err, ERR_NOT_FOUND, "no '%s'", path);
	image_copy(out, &change->before);
	return 0;
}

/* What the files are once the accepted part is applied; "" for one that is not there, NULL for one that is not touched. */
static char *result_of(const struct review *review, const struct changeset *set, const char *path)
{
	struct err err = { 0 };
	struct changeset out = { 0 };
	struct buf patch = { 0 };
	char *text = NULL;
	review_write(review, &patch);
	if (patch.len && patch_apply(&out, buf_str(&patch), patch.len, load, (void *)(uintptr_t)set, &err) != 0)
		fail_msg("%s, in\n%s", err.msg, buf_str(&patch));
	const struct change *change = changeset_find(&out, path);
	if (change)
		text = xstrdup(change->after.kind == IMAGE_FILE ? change->after.data : "");
	buf_release(&patch);
	changeset_release(&out);
	return text;
}

static void assert_result(const struct review *review, const struct changeset *set, const char *path, const char *expected)
{
	char *text = result_of(review, set, path);
	if (expected)
		assert_string_equal(text, expected);
	else
		assert_null(text);
	free(text);
}

static void test_only_accepted_hunks_are_written(void **state)
{
	struct changeset set = { 0 };
	struct review review;
	(void)state;
	add_change(&set, "a", OLD, NEW);
	add_change(&set, "b", OLD, NEW);
	open_review(&review, &set);
	assert_int_equal(review.n_files, 2);
	assert_int_equal(review.n_hunks, 4);
	assert_result(&review, &set, "a", NULL);
	review_decide_hunk(&review, 1, DECISION_YES);
	review_decide_hunk(&review, 0, DECISION_NO);
	assert_result(&review, &set, "a", "1\nold a\n3\n4\nold b\n6\n7\n8\n9\n10\n11\n12\n13\nnew c\n15\n");
	assert_result(&review, &set, "b", NULL);
	struct review_count count = review_count(&review, review.n_files);
	assert_int_equal(count.accepted, 1);
	assert_int_equal(count.rejected, 1);
	assert_int_equal(count.undecided, 2);
	review_decide_rest(&review, 1, DECISION_YES);
	assert_result(&review, &set, "b", NEW);
	review_close(&review);
	changeset_release(&set);
}

static void test_a_hunk_splits_into_its_groups_of_changes(void **state)
{
	struct changeset set = { 0 };
	struct review review;
	(void)state;
	add_change(&set, "a", OLD, NEW);
	open_review(&review, &set);
	assert_int_equal(review.n_hunks, 2);
	assert_true(review_split(&review, 0));
	assert_int_equal(review.n_hunks, 3);
	assert_false(review_split(&review, 0));
	review_decide_hunk(&review, 1, DECISION_YES);
	assert_result(&review, &set, "a", "1\nold a\n3\n4\nnew b\n6\n7\n8\n9\n10\n11\n12\n13\nold c\n15\n");
	review_close(&review);
	changeset_release(&set);
}

static void test_single_lines_make_a_hunk_accepted_in_part(void **state)
{
	struct changeset set = { 0 };
	struct review review;
	(void)state;
	add_change(&set, "a", "1\n2\n", "1\none\ntwo\n2\n");
	open_review(&review, &set);
	size_t first = review.hunk[0].first + 1;
	review_decide(&review, 0, first, first + 1, DECISION_YES);
	assert_int_equal(review_of_hunk(&review, 0), DECISION_NONE);
	review_decide(&review, 0, first + 1, first + 2, DECISION_NO);
	assert_int_equal(review_of_hunk(&review, 0), DECISION_PARTLY);
	assert_result(&review, &set, "a", "1\none\n2\n");
	review_close(&review);
	changeset_release(&set);
}

static void test_decisions_are_undone_and_redone(void **state)
{
	struct changeset set = { 0 };
	struct review review;
	(void)state;
	add_change(&set, "a", OLD, NEW);
	open_review(&review, &set);
	assert_false(review_undo(&review));
	review_decide_hunk(&review, 0, DECISION_YES);
	review_decide_hunk(&review, 1, DECISION_NO);
	assert_true(review_undo(&review));
	assert_int_equal(review_of_hunk(&review, 1), DECISION_NONE);
	assert_true(review_redo(&review));
	assert_int_equal(review_of_hunk(&review, 1), DECISION_NO);
	assert_true(review_undo(&review));
	assert_true(review_undo(&review));
	assert_int_equal(review_of_hunk(&review, 0), DECISION_NONE);
	review_decide_hunk(&review, 0, DECISION_NO); /* what was taken back is gone */
	assert_false(review_redo(&review));
	review_close(&review);
	changeset_release(&set);
}

static void test_whole_files_are_one_decision(void **state)
{
	struct changeset set = { 0 };
	struct review review;
	(void)state;
	add_change(&set, "gone", "1\n2\n", NULL);
	add_change(&set, "made", NULL, "");
	add_change(&set, "tail", "1\nlast", "1\nend");
	open_review(&review, &set);
	assert_int_equal(review.n_hunks, 3);
	for (size_t i = 0; i < 3; i++)
		assert_true(review.hunk[i].whole);
	assert_result(&review, &set, "gone", NULL);
	review_decide_hunk(&review, 0, DECISION_YES);
	review_decide_hunk(&review, 2, DECISION_NO);
	assert_result(&review, &set, "gone", "");
	assert_result(&review, &set, "made", NULL);
	assert_result(&review, &set, "tail", NULL);
	review_decide_hunk(&review, 1, DECISION_YES);
	review_decide_hunk(&review, 2, DECISION_YES);
	assert_result(&review, &set, "made", "");
	assert_result(&review, &set, "tail", "1\nend");
	review_close(&review);
	changeset_release(&set);
}

static void test_an_edited_hunk_must_keep_its_old_lines(void **state)
{
	static const char *const bad[] = {
		" 1\n-old x\n+new a\n 3\n 4\n-old b\n+new b\n 6\n 7\n 8\n", /* an old line was changed */
		" 1\n-old a\n",                                              /* old lines are gone */
		" 1\n-old a\n+new a\n 3\n 4\n-old b\n+new b\n 6\n 7\n 8\n 9\n", /* one more than the hunk has */
		"what is this\n",
	};
	struct changeset set = { 0 };
	struct review review;
	struct err err = { 0 };
	struct buf text = { 0 };
	(void)state;
	add_change(&set, "a", OLD, NEW);
	open_review(&review, &set);
	review_decide_hunk(&review, 1, DECISION_YES);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(review_replace_hunk(&review, 0, bad[i], strlen(bad[i]), &err), -1);
	review_hunk_text(&review, 0, &text);
	assert_string_equal(buf_str(&text), " 1\n-old a\n+new a\n 3\n 4\n-old b\n+new b\n 6\n 7\n 8\n");
	const char *edited = "# help\n 1\n-old a\n+mine\n+and more\n 3\n 4\n old b\n 6\n 7\n 8\n";
	assert_int_equal(review_replace_hunk(&review, 0, edited, strlen(edited), &err), 0);
	assert_int_equal(review_of_hunk(&review, 0), DECISION_YES);
	assert_int_equal(review_of_hunk(&review, 1), DECISION_YES);
	assert_result(&review, &set, "a", "1\nmine\nand more\n3\n4\nold b\n6\n7\n8\n9\n10\n11\n12\n13\nnew c\n15\n");
	buf_release(&text);
	review_close(&review);
	changeset_release(&set);
}

/* ---- any texts, any decisions ---- */

static unsigned next_random(unsigned *seed)
{
	*seed = *seed * 1103515245u + 12345u;
	return *seed >> 16;
}

static void random_text(unsigned *seed, struct buf *out)
{
	for (unsigned n = next_random(seed) % 40; n > 0; n--)
		buf_printf(out, "%u\n", next_random(seed) % 6);
}

/* The file with the accepted lines alone, made from the rows: `before` gives what is between the hunks. */
static void expect(const struct review *review, const char *before, struct buf *out)
{
	size_t line = 1;
	const char *at = before;
	for (size_t i = 0; i < review->rows.n_rows; i++) {
		const struct diff_row *row = &review->rows.row[i];
		bool yes = review->decision[i] == DECISION_YES;
		if (row->kind < DIFF_CONTEXT)
			continue;
		for (; row->old_line && line < row->old_line; line++) {
			const char *end = strchr(at, '\n') + 1;
			buf_add(out, at, (size_t)(end - at));
			at = end;
		}
		if (row->kind == DIFF_CONTEXT || (row->kind == DIFF_REMOVED ? !yes : yes))
			buf_printf(out, "%.*s\n", (int)row->n, row->text);
		if (row->old_line) {
			line++;
			at = strchr(at, '\n') + 1;
		}
	}
	buf_add_str(out, at);
}

static void decide_at_random(struct review *review, unsigned *seed)
{
	for (size_t i = 0; i < review->n_hunks; i++) {
		if (next_random(seed) % 3 == 0)
			review_split(review, i);
		if (next_random(seed) % 2)
			review_decide_hunk(review, i, next_random(seed) % 2 ? DECISION_YES : DECISION_NO);
		for (size_t row = review->hunk[i].first; row < review->hunk[i].end && next_random(seed) % 3 == 0; row++)
			review_decide(review, i, row, row + 1, next_random(seed) % 2 ? DECISION_YES : DECISION_NO);
	}
}

static void test_what_is_written_is_what_was_accepted(void **state)
{
	unsigned seed = 7;
	(void)state;
	for (int round = 0; round < 2000; round++) {
		struct changeset set = { 0 };
		struct buf before = { 0 };
		struct buf after = { 0 };
		struct buf expected = { 0 };
		struct review review;
		random_text(&seed, &before);
		random_text(&seed, &after);
		add_change(&set, "a", buf_str(&before), buf_str(&after));
		changeset_prune(&set);
		if (set.n_changes) {
			open_review(&review, &set);
			decide_at_random(&review, &seed);
			expect(&review, buf_str(&before), &expected);
			char *text = result_of(&review, &set, "a");
			assert_string_equal(text ? text : buf_str(&before), buf_str(&expected));
			free(text);
			review_close(&review);
		}
		changeset_release(&set);
		buf_release(&before);
		buf_release(&after);
		buf_release(&expected);
	}
}

static void test_text_that_is_no_patch_has_no_review(void **state)
{
	static const char *const texts[] = { "", "x\n", "@@ -1 +1 @@\n-a\n+b\n", "\n\n\n" };
	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct review review;
		struct err err = { 0 };
		struct buf patch = { 0 };
		buf_add_str(&patch, texts[i]);
		assert_int_equal(review_open(&review, "s", "r", &patch, &err), -1);
		buf_release(&patch);
	}
}

static void test_a_hunk_is_stale_once_its_old_lines_are_gone(void **state)
{
	static const char moved[] = "0\n" OLD;
	static const char other[] = "1\nold a\n3\n4\nold b\n6\n7\n8\n9\n10\n11\n12\n13\nmine\n15\n";
	struct changeset set = { 0 };
	struct review review;
	(void)state;
	add_change(&set, "a.c", OLD, NEW);
	open_review(&review, &set);
	review_decide_hunk(&review, 0, DECISION_YES);
	review_decide_hunk(&review, 1, DECISION_YES);
	assert_int_equal(review_check_disk(&review, 0, OLD, sizeof OLD - 1), 0);
	assert_int_equal(review.hunk[1].place, 10);
	assert_int_equal(review_check_disk(&review, 0, moved, sizeof moved - 1), 0);
	assert_int_equal(review.hunk[1].place, 11);
	assert_int_equal(review_check_disk(&review, 0, other, sizeof other - 1), 1);
	assert_int_equal(review_of_hunk(&review, 0), DECISION_YES);
	assert_int_equal(review_of_hunk(&review, 1), DECISION_NONE);
	assert_int_equal(review_check_disk(&review, 0, other, sizeof other - 1), 0); /* told once */
	assert_int_equal(review_check_disk(&review, 0, NULL, 0), 1);
	review_close(&review);
	changeset_release(&set);
}

static void test_a_result_that_was_edited_takes_the_place_of_the_files_hunks(void **state)
{
	struct changeset set = { 0 };
	struct review review;
	struct err err = { 0 };
	struct buf out = { 0 };
	(void)state;
	add_change(&set, "a.c", OLD, NEW);
	add_change(&set, "b.c", OLD, NEW);
	open_review(&review, &set);
	review_decide_hunk(&review, 2, DECISION_NO);
	review_decide_hunk(&review, 3, DECISION_YES);
	assert_ok(review_result(&review, 0, OLD, sizeof OLD - 1, &out, &err), &err);
	assert_string_equal(buf_str(&out), NEW); /* nothing is decided of it: all of it */
	struct review_texts texts = { OLD, "0\n" OLD, sizeof OLD - 1, sizeof OLD + 1 };
	assert_ok(review_replace_file(&review, 0, &texts, &err), &err);
	assert_int_equal(review.n_hunks, 3);
	assert_int_equal(review_of_hunk(&review, 0), DECISION_YES);
	assert_int_equal(review_of_hunk(&review, 1), DECISION_NO);
	assert_int_equal(review_of_hunk(&review, 2), DECISION_YES);
	buf_clear(&out);
	review_write(&review, &out);
	assert_non_null(strstr(buf_str(&out), "+0\n"));
	assert_null(strstr(buf_str(&out), "new a"));
	texts.wanted = OLD;
	texts.wanted_n = sizeof OLD - 1;
	assert_int_equal(review_replace_file(&review, 0, &texts, &err), -1);
	assert_int_equal(review.n_hunks, 3);
	buf_release(&out);
	review_close(&review);
	changeset_release(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_accepted_hunks_are_written),
		cmocka_unit_test(test_a_hunk_splits_into_its_groups_of_changes),
		cmocka_unit_test(test_single_lines_make_a_hunk_accepted_in_part),
		cmocka_unit_test(test_decisions_are_undone_and_redone),
		cmocka_unit_test(test_whole_files_are_one_decision),
		cmocka_unit_test(test_an_edited_hunk_must_keep_its_old_lines),
		cmocka_unit_test(test_what_is_written_is_what_was_accepted),
		cmocka_unit_test(test_text_that_is_no_patch_has_no_review),
		cmocka_unit_test(test_a_hunk_is_stale_once_its_old_lines_are_gone),
		cmocka_unit_test(test_a_result_that_was_edited_takes_the_place_of_the_files_hunks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
