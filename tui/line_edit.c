#include "tui/line_edit.h"

#include "base/text.h"

#include <string.h>

#define LINE_MAX_BYTES 1024

enum { CTRL_A = 1, CTRL_E = 5, CTRL_H = 8, CTRL_U = 21, CTRL_W = 23 };

void line_edit_clear(struct line_edit *edit)
{
	buf_clear(&edit->text);
	edit->at = 0;
}

void line_edit_release(struct line_edit *edit)
{
	buf_release(&edit->text);
	edit->at = 0;
}

static size_t next_char(const struct line_edit *edit)
{
	int32_t cp;
	if (edit->at >= edit->text.len)
		return edit->at;
	return edit->at + text_decode(edit->text.data + edit->at, edit->text.len - edit->at, &cp);
}

static size_t previous_char(const struct line_edit *edit)
{
	size_t at = edit->at;
	while (at && ((unsigned char)edit->text.data[--at] & 0xc0) == 0x80)
		;
	return at;
}

static size_t previous_word(const struct line_edit *edit)
{
	size_t at = edit->at;
	while (at && edit->text.data[at - 1] == ' ')
		at--;
	while (at && edit->text.data[at - 1] != ' ')
		at--;
	return at;
}

static void cut(struct line_edit *edit, size_t from, size_t to)
{
	if (from == to)
		return;
	memmove(edit->text.data + from, edit->text.data + to, edit->text.len - to);
	buf_truncate(&edit->text, edit->text.len - (to - from));
	edit->at = from;
}

static void insert(struct line_edit *edit, int32_t cp)
{
	char text[4];
	size_t n = text_encode(cp, text);
	if (edit->text.len + n > LINE_MAX_BYTES || buf_add(&edit->text, text, n) != 0)
		return;
	memmove(edit->text.data + edit->at + n, edit->text.data + edit->at, edit->text.len - n - edit->at);
	memcpy(edit->text.data + edit->at, text, n);
	edit->at += n;
}

enum line_edit_result line_edit_key(struct line_edit *edit, struct key key)
{
	if (key.pasted && !key_is_text(key))
		return LINE_EDIT_GOES_ON;
	switch (key.code) {
	case KEYCODE_ENTER: return LINE_EDIT_DONE;
	case KEYCODE_ESC: return LINE_EDIT_CANCELLED;
	case KEYCODE_LEFT: edit->at = previous_char(edit); break;
	case KEYCODE_RIGHT: edit->at = next_char(edit); break;
	case KEYCODE_HOME:
	case CTRL_A: edit->at = 0; break;
	case KEYCODE_END:
	case CTRL_E: edit->at = edit->text.len; break;
	case KEYCODE_BACKSPACE:
	case CTRL_H: cut(edit, previous_char(edit), edit->at); break;
	case KEYCODE_DELETE: cut(edit, edit->at, next_char(edit)); break;
	case CTRL_U: cut(edit, 0, edit->at); break;
	case CTRL_W: cut(edit, previous_word(edit), edit->at); break;
	default:
		if (key_is_text(key))
			insert(edit, key.code);
		break;
	}
	return LINE_EDIT_GOES_ON;
}

void line_edit_draw(const struct line_edit *edit, struct pen *pen, int width)
{
	const char *text = buf_str(&edit->text);
	size_t before = text_width(text, edit->at);
	struct pen inner = *pen;
	if (inner.clip.x + inner.clip.w > pen->x + width)
		inner.clip.w = pen->x + width - inner.clip.x;
	inner.column = 0;
	inner.skip = before >= (size_t)width ? before - (size_t)width + 1 : 0;
	pen->canvas->cursor_x = pen->x + (int)(before - inner.skip);
	pen->canvas->cursor_y = pen->y;
	pen_put(&inner, ROLE_TEXT, text, edit->text.len);
	pen_to(pen, ROLE_TEXT, pen->x - pen->clip.x); /* the caller goes on after the field */
	pen->x += width;
}
