/* Three-way merges of texts. */
#include "tests/unit.h"

#include "edit/merge.h"

static char *merge(const char *base, const char *ours, const char *theirs)
{
	const struct merge_sides sides = { { base, strlen(base) }, { ours, strlen(ours) }, { theirs, strlen(theirs) } };
	struct buf out = { 0 };
	size_t n;
	if (!merge_lines(&sides, &out)) {
		assert_int_equal(out.len, 0);
		buf_release(&out);
		return NULL;
	}
	buf_add_str(&out, "");
	return buf_take(&out, &n);
}

static void expect(const char *base, const char *ours, const char *theirs, const char *wanted)
{
	char *got = merge(base, ours, theirs);
	char *other = merge(base, theirs, ours);
	if (!wanted) {
		assert_null(got);
		assert_null(other);
	} else {
		assert_non_null(got);
		assert_non_null(other);
		assert_string_equal(got, wanted);
		assert_string_equal(other, wanted);
	}
	free(got);
	free(other);
}

static void test_changes_of_different_lines_are_joined(void **state)
{
	(void)state;
	expect("1\n2\n3\n4\n5\n", "one\n2\n3\n4\n5\n", "1\n2\n3\n4\nfive\n", "one\n2\n3\n4\nfive\n");
	expect("1\n2\n3\n4\n5\n", "1\n3\n4\n5\n", "1\n2\n3\n4\n5\n6\n", "1\n3\n4\n5\n6\n");
	expect("1\n2\n3\n", "0\n1\n2\n3\n", "1\n2\n3\n4\n", "0\n1\n2\n3\n4\n");
	expect("1\n2\n3\n4\n5\n6\n7\n", "a\n2\n3\nb\n5\n6\n7\n", "1\n2\n3\n4\n5\nc\n7\n", "a\n2\n3\nb\n5\nc\n7\n");
}

static void test_a_side_that_changed_nothing_gives_way(void **state)
{
	(void)state;
	expect("1\n2\n", "1\n2\n", "x\n", "x\n");
	expect("1\n2\n", "1\n2\n", "", "");
	expect("", "", "x\n", "x\n");
	expect("1\n", "1\n", "1\n", "1\n");
}

static void test_the_same_change_on_both_sides_is_made_once(void **state)
{
	(void)state;
	expect("1\n2\n3\n", "1\ntwo\n3\n", "1\ntwo\n3\n", "1\ntwo\n3\n");
	expect("1\n2\n3\n", "1\ntwo\n3\n4\n", "1\ntwo\n3\n", "1\ntwo\n3\n4\n");
}

static void test_changes_that_overlap_or_touch_are_refused(void **state)
{
	(void)state;
	expect("1\n2\n3\n", "1\na\n3\n", "1\nb\n3\n", NULL);
	expect("1\n2\n3\n4\n", "1\na\n3\n4\n", "1\n2\nb\n4\n", NULL);
	expect("1\n2\n", "1\na\n2\n", "1\nb\n2\n", NULL);
	expect("1\n2\n3\n", "1\n3\n", "1\ntwo\n3\n", NULL);
}

static void test_line_ends_and_a_missing_last_one_stay(void **state)
{
	(void)state;
	expect("1\r\n2\r\n3\r\n4", "one\r\n2\r\n3\r\n4", "1\r\n2\r\n3\r\nfour", "one\r\n2\r\n3\r\nfour");
	expect("1\n2\n3\n4", "1\n2\n3\n4\n", "one\n2\n3\n4", "one\n2\n3\n4\n");
}

static void test_bytes_that_are_no_text_are_refused(void **state)
{
	const struct merge_sides sides = { { "1\n2\n3\n", 6 }, { "1\n2\n\0\n", 6 }, { "x\n2\n3\n", 6 } };
	struct buf out = { 0 };
	(void)state;
	assert_false(merge_lines(&sides, &out));
	buf_release(&out);
}

/* Every side is the base with some of eight lines, none beside another's, changed: the merge has them all. */
static void test_all_ways_to_share_changes_between_two_sides(void **state)
{
	(void)state;
	for (unsigned mine = 0; mine < 256; mine++)
		for (unsigned yours = 0; yours < 256; yours++) {
			struct buf text[4] = { { 0 } }; /* base, ours, theirs, wanted */
			if (mine & yours)
				continue;
			for (unsigned i = 0; i < 8; i++) {
				const bool is[4] = { false, mine >> i & 1, yours >> i & 1, (mine | yours) >> i & 1 };
				for (size_t j = 0; j < 4; j++)
					buf_printf(&text[j], "line %u\n%s %u\n", i, is[j] ? "changed" : "as it was", i);
			}
			expect(buf_str(&text[0]), buf_str(&text[1]), buf_str(&text[2]), buf_str(&text[3]));
			for (size_t j = 0; j < 4; j++)
				buf_release(&text[j]);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_changes_of_different_lines_are_joined),
		cmocka_unit_test(test_a_side_that_changed_nothing_gives_way),
		cmocka_unit_test(test_the_same_change_on_both_sides_is_made_once),
		cmocka_unit_test(test_changes_that_overlap_or_touch_are_refused),
		cmocka_unit_test(test_line_ends_and_a_missing_last_one_stay),
		cmocka_unit_test(test_bytes_that_are_no_text_are_refused),
		cmocka_unit_test(test_all_ways_to_share_changes_between_two_sides),
	};
	return cmocka_run_group_tests_name("merge", tests, NULL, NULL);
}
