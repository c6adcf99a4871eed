/* One line of text being typed. Pure. A paste is taken as text; its line ends are dropped, so it never submits. */
#ifndef BELAY_TUI_LINE_EDIT_H
#define BELAY_TUI_LINE_EDIT_H

#include "base/buf.h"
#include "tui/canvas.h"
#include "tui/key.h"

struct line_edit {
	struct buf text;
	size_t at; /* byte offset of the caret */
};

enum line_edit_result { LINE_EDIT_GOES_ON, LINE_EDIT_DONE, LINE_EDIT_CANCELLED };

void line_edit_clear(struct line_edit *edit);
void line_edit_release(struct line_edit *edit);
enum line_edit_result line_edit_key(struct line_edit *edit, struct key key);
void line_edit_draw(const struct line_edit *edit, struct pen *pen, int width); /* and sets the canvas' cursor */

#endif
