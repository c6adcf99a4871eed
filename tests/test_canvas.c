#include "tests/unit.h"

#include "base/buf.h"
#include "base/text.h"
#include "tui/canvas.h"
#include "tui/line_edit.h"
#include "tui/text_view.h"

#include <stdio.h>

static struct canvas canvas;
static struct buf text;

static int open_canvas(void **state)
{
	(void)state;
	canvas_resize(&canvas, 12, 3);
	canvas.unicode = true;
	return 0;
}

static int close_canvas(void **state)
{
	(void)state;
	canvas_release(&canvas);
	buf_release(&text);
	return 0;
}

static const char *look(void)
{
	buf_clear(&text);
	canvas_dump(&canvas, &text);
	return buf_str(&text);
}

static struct rect all(void)
{
	return (struct rect){ 0, 0, canvas.w, canvas.h };
}

static void test_text_is_clipped_to_its_rectangle(void **state)
{
	struct pen pen = pen_at(&canvas, (struct rect){ 2, 1, 5, 1 }, 0, 0);
	(void)state;
	pen_str(&pen, ROLE_TEXT, "0123456789");
	pen = pen_at(&canvas, (struct rect){ 2, 1, 5, 1 }, 0, 1);
	pen_str(&pen, ROLE_TEXT, "below");
	pen = pen_at(&canvas, (struct rect){ -3, -1, 100, 100 }, 0, 0);
	pen_str(&pen, ROLE_TEXT, "above");
	assert_string_equal(look(), "\n  01234\n\n");
}

static void test_controls_become_visible_tokens(void **state)
{
	struct pen pen = pen_at(&canvas, all(), 0, 0);
	(void)state;
	pen_put(&pen, ROLE_TEXT, "a\033[m\r\x9b\n\0b", 9);
	assert_string_equal(look(), "a^[[m^M<9b>^\n\n\n");
}

static void test_tabs_go_to_columns_of_eight_also_between_pieces(void **state)
{
	struct pen pen = pen_at(&canvas, all(), 0, 0);
	(void)state;
	pen_str(&pen, ROLE_TEXT, "ab");
	pen_str(&pen, ROLE_TEXT, "c\td");
	assert_string_equal(look(), "abc     d\n\n\n");
}

static void test_a_wide_character_is_whole_or_blank(void **state)
{
	struct pen pen = pen_at(&canvas, (struct rect){ 0, 0, 5, 1 }, 0, 0);
	(void)state;
	pen_str(&pen, ROLE_TEXT, "\xe4\xbd\xa0\xe5\xa5\xbd\xe4\xbd\xa0");
	assert_string_equal(look(), "\xe4\xbd\xa0\xe5\xa5\xbd\n\n\n");
	/* Its left half is written over: the right half must not stay. */
	pen = pen_at(&canvas, all(), 0, 0);
	pen_str(&pen, ROLE_TEXT, "x");
	assert_string_equal(look(), "x \xe5\xa5\xbd\n\n\n");
	pen = pen_at(&canvas, all(), 3, 0);
	pen_str(&pen, ROLE_TEXT, "y");
	assert_string_equal(look(), "x  y\n\n\n");
}

static void test_scrolling_sideways_cuts_a_wide_character_in_half_as_a_blank(void **state)
{
	struct pen pen = pen_at(&canvas, all(), 0, 0);
	(void)state;
	pen.skip = 1;
	pen_str(&pen, ROLE_TEXT, "\xe4\xbd\xa0z");
	assert_string_equal(look(), " z\n\n\n");
}

static void test_accents_join_their_base_and_never_overflow(void **state)
{
	char line[256] = "a";
	struct pen pen = pen_at(&canvas, all(), 0, 0);
	(void)state;
	for (int i = 0; i < 60; i++)
		strcat(line, "\xcc\x81");
	strcat(line, "b");
	pen_str(&pen, ROLE_TEXT, line);
	assert_string_equal(canvas_cell(&canvas, 1, 0)->text, "b");
	assert_true(strlen(canvas_cell(&canvas, 0, 0)->text) < CELL_BYTES);
	assert_true(text_is_utf8(canvas_cell(&canvas, 0, 0)->text, strlen(canvas_cell(&canvas, 0, 0)->text)));
}

static void test_fit_cuts_with_an_ellipsis_and_pads(void **state)
{
	struct pen pen = pen_at(&canvas, all(), 0, 0);
	(void)state;
	pen_fit(&pen, ROLE_TEXT, "too long", 5);
	pen_fit(&pen, ROLE_TEXT, "ok", 4);
	pen_str(&pen, ROLE_TEXT, "|");
	assert_string_equal(look(), "too \xe2\x80\xa6ok  |\n\n\n");
}

static void test_drawing_outside_does_nothing(void **state)
{
	(void)state;
	canvas_fill(&canvas, (struct rect){ -5, -5, 3, 3 }, ROLE_TEXT);
	canvas_reverse(&canvas, (struct rect){ 10, 2, 100, 100 });
	canvas_frame(&canvas, (struct rect){ 8, 1, 100, 100 });
	canvas_vline(&canvas, 100, 0, 3);
	assert_null(canvas_cell(&canvas, 12, 0));
	assert_null(canvas_cell(&canvas, 0, -1));
}

/* ---- text view ---- */

static size_t n_lines;

static void numbered(void *arg, size_t i, struct text_line *out)
{
	static char line[64];
	(void)arg;
	if (i == 3)
		snprintf(line, sizeof line, "%zu words of a line", i);
	else
		snprintf(line, sizeof line, "%zu", i);
	out->text = line;
	out->n = strlen(line);
}

static const char *look_at(struct text_view *view, size_t first)
{
	struct text_source source = { .first = first, .end = n_lines, .line = numbered };
	canvas_resize(&canvas, 12, 3);
	text_view_draw(view, &source, &canvas, all(), NULL);
	return look();
}

static void act(struct text_view *view, enum action action)
{
	struct text_source source = { .end = n_lines, .line = numbered };
	assert_true(text_view_handle(view, &source, action));
}

static void test_a_following_view_shows_the_end(void **state)
{
	struct text_view view;
	(void)state;
	text_view_init(&view, true, true);
	n_lines = 2;
	assert_string_equal(look_at(&view, 0), "0\n1\n\n");
	n_lines = 9;
	assert_string_equal(look_at(&view, 0), "6\n7\n8\n");
	assert_true(view.saw_end);
}

static void test_what_arrives_does_not_move_what_one_reads(void **state)
{
	struct text_view view;
	(void)state;
	text_view_init(&view, true, true);
	n_lines = 9;
	look_at(&view, 0);
	act(&view, ACTION_UP);
	assert_string_equal(look_at(&view, 0), "5\n6\n7\n");
	n_lines = 200;
	assert_string_equal(look_at(&view, 0), "5\n6\n7\n");
	assert_int_equal(view.below, 192);
	assert_false(view.saw_end);
	/* Old lines go at the front of a long log: the place stays as long as it is there. */
	assert_string_equal(look_at(&view, 5), "5\n6\n7\n");
	assert_string_equal(look_at(&view, 100), "100\n101\n102\n");
	act(&view, ACTION_LAST);
	assert_string_equal(look_at(&view, 100), "197\n198\n199\n");
}

static void test_lines_wrap_and_scroll_by_rows(void **state)
{
	struct text_view view;
	(void)state;
	text_view_init(&view, false, true);
	n_lines = 6;
	look_at(&view, 0);
	for (int i = 0; i < 2; i++)
		act(&view, ACTION_DOWN);
	assert_string_equal(look_at(&view, 0), "2\n3 words of a\n line\n");
	act(&view, ACTION_DOWN);
	act(&view, ACTION_DOWN);
	assert_string_equal(look_at(&view, 0), " line\n4\n5\n");
	act(&view, ACTION_DOWN);
	assert_string_equal(look_at(&view, 0), " line\n4\n5\n");
	act(&view, ACTION_UP);
	assert_string_equal(look_at(&view, 0), "3 words of a\n line\n4\n");
	act(&view, ACTION_WRAP);
	act(&view, ACTION_RIGHT);
	assert_string_equal(look_at(&view, 0), "of a line\n\n\n");
}

static void test_find_goes_round_and_says_when_there_is_nothing(void **state)
{
	struct text_source source = { .end = 50, .line = numbered };
	struct text_view view;
	(void)state;
	n_lines = 50;
	text_view_init(&view, true, true);
	look_at(&view, 0);
	assert_true(text_view_find(&view, &source, "WORDS", true));
	assert_int_equal(view.match, 3);
	assert_true(text_view_find(&view, &source, "4", true));
	assert_int_equal(view.match, 4);
	assert_true(text_view_find(&view, &source, "4", false));
	assert_int_equal(view.match, 49);
	assert_false(text_view_find(&view, &source, "nowhere", true));
}

/* ---- line edit ---- */

static void type(struct line_edit *edit, const char *keys)
{
	for (; *keys; keys++)
		line_edit_key(edit, (struct key){ .code = (unsigned char)*keys });
}

static void test_a_line_is_edited_by_characters_not_bytes(void **state)
{
	struct line_edit edit = { 0 };
	(void)state;
	line_edit_key(&edit, (struct key){ .code = 0x4f60 });
	type(&edit, "ab");
	line_edit_key(&edit, (struct key){ .code = KEYCODE_LEFT });
	line_edit_key(&edit, (struct key){ .code = KEYCODE_LEFT });
	line_edit_key(&edit, (struct key){ .code = KEYCODE_BACKSPACE });
	assert_string_equal(buf_str(&edit.text), "ab");
	type(&edit, "x y ");
	line_edit_key(&edit, (struct key){ .code = 23 });
	assert_string_equal(buf_str(&edit.text), "x ab");
	line_edit_key(&edit, (struct key){ .code = KEYCODE_DELETE });
	assert_string_equal(buf_str(&edit.text), "x b");
	line_edit_release(&edit);
}

static void test_a_paste_is_text_and_never_submits(void **state)
{
	struct line_edit edit = { 0 };
	(void)state;
	for (const char *c = "rm\r\033x"; *c; c++)
		assert_int_equal(line_edit_key(&edit, (struct key){ .code = *c, .pasted = true }), LINE_EDIT_GOES_ON);
	assert_string_equal(buf_str(&edit.text), "rmx");
	for (int i = 0; i < 5000; i++)
		type(&edit, "a");
	assert_true(edit.text.len <= 1024);
	line_edit_release(&edit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_text_is_clipped_to_its_rectangle, open_canvas, close_canvas),
		cmocka_unit_test_setup_teardown(test_controls_become_visible_tokens, open_canvas, close_canvas),
		cmocka_unit_test_setup_teardown(test_tabs_go_to_columns_of_eight_also_between_pieces, open_canvas, close_canvas),
		cmocka_unit_test_setup_teardown(test_a_wide_character_is_whole_or_blank, open_canvas, close_canvas),
		cmocka_unit_test_setup_teardown(test_scrolling_sideways_cuts_a_wide_character_in_half_as_a_blank, open_canvas,
		                                close_canvas),
		cmocka_unit_test_setup_teardown(test_accents_join_their_base_and_never_overflow, open_canvas, close_canvas),
		cmocka_unit_test_setup_teardown(test_fit_cuts_with_an_ellipsis_and_pads, open_canvas, close_canvas),
		cmocka_unit_test_setup_teardown(test_drawing_outside_does_nothing, open_canvas, close_canvas),
		cmocka_unit_test_setup_teardown(test_a_following_view_shows_the_end, open_canvas, close_canvas),
		cmocka_unit_test_setup_teardown(test_what_arrives_does_not_move_what_one_reads, open_canvas, close_canvas),
		cmocka_unit_test_setup_teardown(test_lines_wrap_and_scroll_by_rows, open_canvas, close_canvas),
		cmocka_unit_test_setup_teardown(test_find_goes_round_and_says_when_there_is_nothing, open_canvas, close_canvas),
		cmocka_unit_test(test_a_line_is_edited_by_characters_not_bytes),
		cmocka_unit_test(test_a_paste_is_text_and_never_submits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
