#include "tui/dialog_ask.h"

#include <string.h>

enum ask_answer ask_key(struct ask *ask, struct key key)
{
	enum ask_answer answer = ASK_STAYS;
	if (key.pasted || key.burst || key.alt)
		return ASK_STAYS;
	if (key.code == KEYCODE_ESC)
		answer = ASK_CLOSED;
	for (size_t i = 0; i < ask->n_choices; i++)
		if (key.code == ask->choice[i].key)
			answer = ask->choice[i].answer;
	if (answer != ASK_STAYS)
		ask->open = false;
	return answer;
}

static void draw_choice(struct canvas *canvas, struct rect inner, int y, const struct ask_choice *choice)
{
	struct pen pen = pen_at(canvas, inner, 0, y);
	pen_put(&pen, ROLE_KEY, &choice->key, 1);
	pen_printf(&pen, ROLE_TEXT, "    %s", choice->label);
}

/* As much of the body as there is room for. */
static int draw_body(const struct ask *ask, struct canvas *canvas, struct rect inner, int y, int rows)
{
	int n = ask->body ? (int)ask->body->n_items : 0;
	for (int i = 0; i < n && i < rows; i++) {
		struct pen pen = pen_at(canvas, inner, 0, y + i);
		if (i + 1 == rows && n > rows)
			pen_printf(&pen, ROLE_DIM, "and %d more lines", n - i);
		else
			pen_fit(&pen, ask->body->item[i][0] == ' ' ? ROLE_TEXT : ROLE_DIM, ask->body->item[i], inner.w);
	}
	return n < rows ? n : rows;
}

void ask_draw(const struct ask *ask, struct canvas *canvas, struct rect content)
{
	int lines = (int)ask->n_choices + 1;
	int wide = ask->body ? 76 : 64;
	int w = canvas->w - 2 < wide ? canvas->w - 2 : wide;
	int body = ask->body ? (int)ask->body->n_items : 0;
	int room = content.h - lines - 5;
	body = body < room ? body : room > 0 ? room : 0;
	int h = lines + 5 + body;
	bool framed = content.h >= h && w >= 30;
	struct rect box = { (canvas->w - w) / 2, content.y + (content.h - h) / 2, w, h };
	if (!framed)
		box = (struct rect){ 0, 0, canvas->w, canvas->h };
	struct rect inner = framed ? rect_inset(box, 3, 2) : box;
	canvas_fill(canvas, box, ROLE_TEXT);
	if (framed) {
		canvas_frame(canvas, box);
		struct pen title = pen_at(canvas, box, 2, 0);
		pen_printf(&title, ROLE_FOCUS, " %s ", ask->title);
	}
	struct pen question = pen_at(canvas, inner, 0, 0);
	pen_fit(&question, ROLE_TEXT, ask->question, inner.w);
	canvas->cursor_x = inner.x;
	canvas->cursor_y = inner.y;
	int y = 1 + draw_body(ask, canvas, inner, 1, framed ? body : 0);
	int gap = framed && inner.h > lines;
	for (size_t i = 0; i < ask->n_choices; i++)
		draw_choice(canvas, inner, y + (int)i + gap, &ask->choice[i]);
	struct pen later = pen_at(canvas, inner, 0, y + lines - 1 + gap);
	if (inner.h > lines)
		pen_str(&later, ROLE_DIM, "Esc  close");
}
