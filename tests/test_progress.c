#include "tests/unit.h"

#include "base/vec.h"
#include "base/xalloc.h"
#include "edit/apply.h"
#include "edit/progress.h"
#include "edit/textdiff.h"

#include <stdio.h>
#include <time.h>

static uint32_t seed = 362436069u;

static uint32_t random_below(uint32_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed % n;
}

static int load(void *arg, const char *path, struct buf *out)
{
	const struct change *change = changeset_find(arg, path);
	if (!change || change->before.kind == IMAGE_ABSENT)
		return -1;
	return buf_add(out, change->before.data, (size_t)change->before.size);
}

/* All rows as text, a sign in front of each. */
static void render(struct buf *out, const struct progress *progress)
{
	static const char sign[] = { [PROGRESS_CONTEXT] = ' ', [PROGRESS_REMOVED] = '-', [PROGRESS_ADDED] = '+',
		                     [PROGRESS_HUNK] = '@', [PROGRESS_FILE] = '#' };
	for (size_t i = 0; i < progress_n_lines(progress); i++) {
		struct progress_line line;
		progress_line(progress, i, &line);
		buf_printf(out, "%c%zu,%zu %.*s\n", sign[line.mark], line.old_line, line.new_line, (int)line.n, line.text);
	}
}

static void expect_line(struct buf *out, char sign, size_t old_line, size_t new_line, const char *s, size_t n)
{
	while (n && strchr("\r\n", s[n - 1]))
		n--;
	buf_printf(out, "%c%zu,%zu %.*s\n", sign, old_line, new_line, (int)n, s);
}

/*
 * What the picture must be at the end, made another way: from the formatted patch, whose lines are numbered by the
 * hunks' own headers.
 */
static void render_patch(struct buf *out, const struct changeset *set)
{
	struct buf patch = { 0 };
	size_t old_line = 0;
	size_t new_line = 0;
	size_t old_left = 0;
	size_t new_left = 0;
	changeset_format_patch(&patch, set, 3);
	for (const char *s = buf_str(&patch); *s;) {
		size_t n = strcspn(s, "\n");
		if (old_left || new_left) {
			bool in_old = *s != '+' && *s != '\\';
			bool in_new = *s != '-' && *s != '\\';
			if (*s != '\\')
				expect_line(out, *s, in_old ? old_line : 0, in_new ? new_line : 0, s + 1, n - 1);
			old_line += in_old;
			new_line += in_new;
			old_left -= in_old;
			new_left -= in_new;
		} else if (strncmp(s, "@@ ", 3) == 0) {
			unsigned long v[4] = { 0, 1, 0, 1 };
			char *end;
			v[0] = strtoul(s + 4, &end, 10);
			v[1] = *end == ',' ? strtoul(end + 1, &end, 10) : 1;
			v[2] = strtoul(end + 2, &end, 10);
			v[3] = *end == ',' ? strtoul(end + 1, &end, 10) : 1;
			buf_printf(out, "@0,0 @@ -%lu,%lu +%lu,%lu @@\n", v[0], v[1], v[2], v[3]);
			old_line = v[0];
			old_left = v[1];
			new_line = v[2];
			new_left = v[3];
		} else if (strncmp(s, "diff --git a/", 13) == 0) {
			const char *space = strchr(s + 13, ' ');
			buf_printf(out, "#0,0 %.*s\n", (int)(space - s - 13), s + 13);
		}
		s += n + (s[n] == '\n');
	}
	buf_release(&patch);
}

static void random_file(struct buf *out)
{
	const char *end = random_below(4) ? "\n" : "\r\n";
	for (uint32_t k = random_below(60); k; k--)
		buf_printf(out, "%*s%s %u%s", (int)random_below(4), "", random_below(4) ? "line" : "}", random_below(30), end);
	if (out->len && random_below(4) == 0)
		while (out->len && strchr("\r\n", out->data[out->len - 1]))
			buf_truncate(out, out->len - 1);
}

static void random_lines(struct buf *out, uint32_t n)
{
	for (; n; n--)
		buf_printf(out, "new %u\n", random_below(20));
}

/* A block on some lines of the file, with the replacement near to what it replaces. */
static void random_search(struct buf *out, const struct buf *file)
{
	struct line_index index;
	line_index_make(&index, buf_str(file), file->len);
	size_t from = index.n_lines ? random_below((uint32_t)index.n_lines) : 0;
	size_t to = from + 1 + random_below(8) < index.n_lines ? from + 1 + random_below(8) : index.n_lines;
	if (to > index.n_lines)
		to = index.n_lines;
	buf_add_str(out, "<<<<<<< SEARCH\n");
	for (int side = 0; side < 2; side++) {
		for (size_t i = from; i < to; i++) {
			size_t n = index.start[i + 1] - index.start[i];
			while (n && strchr("\r\n", file->data[index.start[i] + n - 1]))
				n--;
			if (side && random_below(4) == 0)
				random_lines(out, random_below(4));
			if (!side || random_below(4))
				buf_printf(out, "%.*s\n", (int)n, file->data + index.start[i]);
		}
		buf_add_str(out, side ? ">>>>>>> REPLACE\n" : "=======\n");
	}
	line_index_release(&index);
}

static void random_whole(struct buf *out, const char *path, const struct buf *file)
{
	buf_printf(out, "FILE 0123456789ab %s\n", path);
	for (size_t at = 0; at < file->len;) {
		size_t n = strcspn(file->data + at, "\r\n");
		if (random_below(8) == 0)
			random_lines(out, random_below(4));
		if (random_below(8))
			buf_printf(out, "%.*s\n", (int)n, file->data + at);
		at += n;
		at += strspn(file->data + at, "\r\n");
	}
	random_lines(out, random_below(5));
	buf_add_str(out, "END 0123456789ab\n");
}

/* Files, and an answer that edits them: blocks that match and blocks that do not, in any order. */
static void random_case(struct changeset *tree, struct buf *answer)
{
	static const char *const name[] = { "src/a.c", "b.txt", "new.md" };
	struct buf text[3] = { { 0 }, { 0 }, { 0 } };
	for (size_t i = 0; i < 3; i++) {
		struct change *change = changeset_add(tree, name[i]);
		if (i < 2)
			random_file(&text[i]);
		if (i < 2)
			image_set_file(&change->before, buf_str(&text[i]), text[i].len, 0644);
	}
	for (uint32_t k = 1 + random_below(5); k; k--) {
		size_t i = random_below(3);
		if (random_below(3) == 0)
			buf_add_str(answer, "Some words.\n\n");
		if (i == 2 || random_below(4) == 0) {
			random_whole(answer, name[i], &text[i]);
			continue;
		}
		bool fenced = random_below(2) != 0;
		buf_printf(answer, "%s\n%s", name[i], fenced ? "```c\n" : "");
		random_search(answer, &text[i]);
		buf_add_str(answer, fenced ? "```\n" : "");
	}
	for (size_t i = 0; i < 3; i++)
		buf_release(&text[i]);
}

/* Each block by itself, those that cannot be used left out: what the live diff shows of an answer. */
static void apply_each(struct changeset *tree, const struct buf *text)
{
	struct answer answer;
	struct answer_parser *parser = answer_parser_new(NULL, NULL);
	struct apply_rules rules = { .may_create = true, .may_shrink = true, .may_guess = true };
	answer_parser_feed(parser, buf_str(text), text->len);
	answer_parser_finish(parser, &answer);
	answer_parser_free(parser);
	struct changeset now = { 0 };
	for (size_t i = 0; i < tree->n_changes; i++)
		image_copy(&changeset_add(&now, tree->change[i].path)->before, &tree->change[i].before);
	for (size_t i = 0; i < answer.n_blocks; i++) {
		struct answer one = { .block = &answer.block[i], .n_blocks = 1 };
		struct err err;
		if (apply_answer(&now, &one, &rules, NULL, &err) != 0)
			continue;
		for (size_t k = 0; k < now.n_changes; k++) {
			image_release(&now.change[k].before);
			image_copy(&now.change[k].before, &now.change[k].after);
		}
	}
	for (size_t i = 0; i < tree->n_changes; i++) {
		image_release(&tree->change[i].after);
		image_copy(&tree->change[i].after, &now.change[i].before);
	}
	changeset_release(&now);
	answer_release(&answer);
}

/* Things that hold at every moment. */
static void check_sane(const struct progress *progress)
{
	size_t n = progress_n_lines(progress);
	enum progress_mark before = PROGRESS_FILE;
	assert_true(progress_focus(progress) < (n ? n : 1));
	for (size_t i = 0; i < n; i++) {
		struct progress_line line;
		progress_line(progress, i, &line);
		assert_non_null(line.text);
		if (i == 0)
			assert_int_equal(line.mark, PROGRESS_FILE);
		if (before == PROGRESS_FILE && i > 0)
			assert_true(line.mark == PROGRESS_HUNK || line.mark == PROGRESS_FILE);
		if (line.mark == PROGRESS_ADDED)
			assert_true(line.old_line == 0 && line.new_line > 0);
		if (line.mark == PROGRESS_REMOVED)
			assert_int_equal(line.new_line, 0);
		assert_null(line.n ? memchr(line.text, '\n', line.n) : NULL);
		before = line.mark;
	}
}

static void test_the_picture_at_the_end_is_the_difference_from_scratch(void **state)
{
	(void)state;
	size_t n_rows = 0;
	for (int i = 0; i < 1500; i++) {
		struct changeset tree = { 0 };
		struct buf answer = { 0 };
		struct buf shown = { 0 };
		struct buf expected = { 0 };
		random_case(&tree, &answer);
		struct progress *progress = progress_new(load, &tree);
		uint32_t most = 1 + random_below(i % 10 == 0 ? 3 : 400);
		unsigned long version = 0;
		for (size_t at = 0; at < answer.len;) {
			size_t n = 1 + random_below(most) < answer.len - at ? 1 + random_below(most) : answer.len - at;
			if (n > answer.len - at)
				n = answer.len - at;
			progress_feed(progress, answer.data + at, n);
			assert_true(progress_version(progress) >= version);
			version = progress_version(progress);
			check_sane(progress);
			at += n;
		}
		progress_finish(progress);
		check_sane(progress);
		render(&shown, progress);
		apply_each(&tree, &answer);
		changeset_prune(&tree);
		render_patch(&expected, &tree);
		if (strcmp(buf_str(&shown), buf_str(&expected)) != 0)
			print_error("%s\n", buf_str(&answer));
		assert_string_equal(buf_str(&shown), buf_str(&expected));
		n_rows += progress_n_lines(progress);
		progress_free(progress);
		changeset_release(&tree);
		buf_release(&answer);
		buf_release(&shown);
		buf_release(&expected);
	}
	assert_true(n_rows > 10000);
}

/* Feeds a part of an answer and compares all rows. */
static void expect_rows(struct progress *progress, const char *text, const char *rows)
{
	struct buf shown = { 0 };
	progress_feed(progress, text, strlen(text));
	render(&shown, progress);
	assert_string_equal(buf_str(&shown), rows);
	buf_release(&shown);
}

static void test_the_view_jumps_once_the_place_is_unique(void **state)
{
	(void)state;
	struct changeset tree = { 0 };
	static const char text[] = "1\nx\na\n4\nx\nb\n7\n8\n9\n";
	image_set_file(&changeset_add(&tree, "a.c")->before, text, strlen(text), 0644);
	struct progress *progress = progress_new(load, &tree);
	assert_string_equal(progress_path(progress), "");
	expect_rows(progress, "a.c\n<<<<<<< SEARCH\n", "#0,0 a.c\n");
	assert_string_equal(progress_path(progress), "a.c");
	expect_rows(progress, "x\n", "#0,0 a.c\n");
	assert_false(progress_is_placed(progress));
	expect_rows(progress, "b\n", "#0,0 a.c\n@0,0 @@ -2,5 +2,5 @@\n 2,2 x\n 3,3 a\n 4,4 4\n 5,5 x\n 6,6 b\n");
	assert_true(progress_is_placed(progress));
	expect_rows(progress, "=======\n", "#0,0 a.c\n@0,0 @@ -2,5 +2,3 @@\n 2,2 x\n 3,3 a\n 4,4 4\n-5,0 x\n-6,0 b\n");
	expect_rows(progress, "x\n", "#0,0 a.c\n@0,0 @@ -3,4 +3,3 @@\n 3,3 a\n 4,4 4\n 5,5 x\n-6,0 b\n");
	expect_rows(progress, "c\n", "#0,0 a.c\n@0,0 @@ -3,4 +3,4 @@\n 3,3 a\n 4,4 4\n 5,5 x\n-6,0 b\n+0,6 c\n");
	assert_int_equal(progress_focus(progress), 6);
	expect_rows(progress, ">>>>>>> REPLACE\n",
	            "#0,0 a.c\n@0,0 @@ -3,7 +3,7 @@\n 3,3 a\n 4,4 4\n 5,5 x\n-6,0 b\n+0,6 c\n 7,7 7\n 8,8 8\n 9,9 9\n");
	assert_int_equal(progress_focus(progress), 6);
	progress_finish(progress);
	progress_free(progress);
	changeset_release(&tree);
}

static void test_a_whole_file_moves_a_cursor_through_the_old_one(void **state)
{
	(void)state;
	struct changeset tree = { 0 };
	static const char text[] = "1\n2\n3\n4\n5\n6\n";
	image_set_file(&changeset_add(&tree, "a.c")->before, text, strlen(text), 0644);
	struct progress *progress = progress_new(load, &tree);
	expect_rows(progress, "FILE 0123456789ab a.c\n1\n2\n", "#0,0 a.c\n");
	expect_rows(progress, "new\n", "#0,0 a.c\n@0,0 @@ -1,2 +1,3 @@\n 1,1 1\n 2,2 2\n+0,3 new\n");
	expect_rows(progress, "3\n5\n",
	            "#0,0 a.c\n@0,0 @@ -1,5 +1,5 @@\n 1,1 1\n 2,2 2\n+0,3 new\n 3,4 3\n-4,0 4\n 5,5 5\n");
	expect_rows(progress, "6\nEND 0123456789ab\n",
	            "#0,0 a.c\n@0,0 @@ -1,6 +1,6 @@\n 1,1 1\n 2,2 2\n+0,3 new\n 3,4 3\n-4,0 4\n 5,5 5\n 6,6 6\n");
	progress_free(progress);
	changeset_release(&tree);
}

static void test_a_block_that_was_cut_leaves_nothing(void **state)
{
	(void)state;
	struct changeset tree = { 0 };
	image_set_file(&changeset_add(&tree, "a.c")->before, "1\n2\n", 4, 0644);
	struct progress *progress = progress_new(load, &tree);
	expect_rows(progress, "a.c\n<<<<<<< SEARCH\n1\n=======\nx\n", "#0,0 a.c\n@0,0 @@ -1,1 +1,1 @@\n-1,0 1\n+0,1 x\n");
	progress_finish(progress);
	assert_int_equal(progress_n_lines(progress), 0);
	progress_free(progress);
	changeset_release(&tree);
}

static double cpu_seconds(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* A whole file of n lines, that comes in line by line. */
static double time_of_whole(size_t n)
{
	struct changeset tree = { 0 };
	struct buf text = { 0 };
	for (size_t i = 0; i < n; i++)
		buf_printf(&text, "line %zu\n", i);
	image_set_file(&changeset_add(&tree, "a.c")->before, text.data, text.len, 0644);
	struct progress *progress = progress_new(load, &tree);
	progress_feed(progress, "FILE 0123456789ab a.c\n", 22);
	double from = cpu_seconds();
	for (size_t at = 0, line = 0; at < text.len; line++) {
		size_t len = strcspn(text.data + at, "\n") + 1;
		if (line % 5 == 0)
			progress_feed(progress, "other\n", 6);
		else
			progress_feed(progress, text.data + at, len);
		at += len;
	}
	double seconds = cpu_seconds() - from;
	progress_finish(progress);
	progress_free(progress);
	changeset_release(&tree);
	buf_release(&text);
	return seconds;
}

static void test_a_long_file_does_not_take_quadratic_time(void **state)
{
	(void)state;
	double small = time_of_whole(2000);
	double large = time_of_whole(16000);
	/* Eight times the lines: quadratic would be 64 times the time. */
	assert_true(large < 32 * small + 0.05);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_picture_at_the_end_is_the_difference_from_scratch),
		cmocka_unit_test(test_the_view_jumps_once_the_place_is_unique),
		cmocka_unit_test(test_a_whole_file_moves_a_cursor_through_the_old_one),
		cmocka_unit_test(test_a_block_that_was_cut_leaves_nothing),
		cmocka_unit_test(test_a_long_file_does_not_take_quadratic_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
