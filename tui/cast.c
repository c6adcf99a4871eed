#include "tui/cast.h"

#include "base/json.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "tui/ui.h"

#include <stdlib.h>
#include <string.h>

#define FRAME_MS 50     /* what happens within it is one frame */
#define MOST_WAITS 1000 /* without anything new: the feed has come to its end, or will not */

struct cast {
	struct feed *feed;
	const struct cast_options *options;
	struct ui *ui;
	struct canvas canvas;
	char **row;       /* what each line of the screen holds, as it was written; owned */
	int64_t at_ms;    /* of the recording */
	struct buf *out;  /* NULL: no frames are wanted */
};

/* ---- a line of the canvas with its colours ---- */

static void add_colour(struct buf *out, int base, short colour)
{
	if (colour >= 0 && colour < 8)
		buf_printf(out, ";%d", base + colour);
	else if (colour >= 8)
		buf_printf(out, ";%d;5;%d", base + 8, colour);
}

static void add_style(struct buf *out, const struct cell *cell)
{
	struct style style = style_of((enum role)cell->role, PALETTE_256, false);
	buf_add_str(out, "\x1b[0");
	if (style.attrs & STYLE_BOLD)
		buf_add_str(out, ";1");
	if (style.attrs & STYLE_DIM)
		buf_add_str(out, ";2");
	if (style.attrs & STYLE_UNDERLINE)
		buf_add_str(out, ";4");
	if (((style.attrs & STYLE_REVERSE) != 0) != (cell->reverse != 0))
		buf_add_str(out, ";7");
	add_colour(out, 30, style.fg);
	add_colour(out, 40, style.bg);
	buf_add_char(out, 'm');
}

static void add_row(struct buf *out, const struct canvas *canvas, int y)
{
	const struct cell *last = NULL;
	for (int x = 0; x < canvas->w; x++) {
		const struct cell *cell = canvas_cell(canvas, x, y);
		if (!cell->width)
			continue;
		if (!last || last->role != cell->role || last->reverse != cell->reverse)
			add_style(out, cell);
		buf_add_str(out, cell->text);
		last = cell;
	}
	buf_add_str(out, "\x1b[0m");
}

/* ---- frames ---- */

static void put_line(struct cast *cast, const struct buf *text)
{
	struct json_writer w = { .out = cast->out };
	json_begin_array(&w);
	json_put_real(&w, (double)cast->at_ms / 1000);
	json_put_cstr(&w, "o");
	json_put_str(&w, buf_str(text), text->len);
	json_end_array(&w);
	buf_add_char(cast->out, '\n');
}

/* Only lines that changed, each whole. */
static void put_frame(struct cast *cast)
{
	struct buf frame = { 0 };
	ui_draw(cast->ui, &cast->canvas);
	for (int y = 0; cast->out && y < cast->canvas.h; y++) {
		struct buf row = { 0 };
		add_row(&row, &cast->canvas, y);
		if (cast->row[y] && strcmp(cast->row[y], buf_str(&row)) == 0) {
			buf_release(&row);
			continue;
		}
		buf_printf(&frame, "%s\x1b[%d;1H%s", cast->row[y] ? "" : "\x1b[?25l", y + 1, buf_str(&row));
		free(cast->row[y]);
		cast->row[y] = buf_take(&row, NULL);
	}
	if (frame.len)
		put_line(cast, &frame);
	buf_release(&frame);
}

static bool is_there(const struct cast *cast)
{
	const char *id = cast->options->until_step;
	const struct model_step *step = id ? run_model_step(ui_model(cast->ui), id) : NULL;
	return step && (step->n_files || step_state_is_final(step->state));
}

static void play(struct cast *cast)
{
	int waits = 0;
	while (waits < MOST_WAITS && ui_end(cast->ui) == UI_GOES_ON && !is_there(cast)) {
		ui_set_time(cast->ui, 0, *cast->options->mono_ms);
		while (!is_there(cast) && ui_take_events(cast->ui, 1))
			;
		if (ui_is_dirty(cast->ui)) {
			put_frame(cast);
			waits = 0;
		}
		int64_t due = cast->feed->ops->due_ms(cast->feed);
		if (due < 0)
			break;
		if (due < FRAME_MS)
			due = FRAME_MS;
		*cast->options->mono_ms += due;
		cast->at_ms += due < cast->options->pause_max_ms ? due : cast->options->pause_max_ms;
		waits++;
	}
}

static void begin(struct cast *cast, struct feed *feed, const struct cast_options *options)
{
	static const struct ui_options ui_options = { .n_workers = 0 };
	*cast = (struct cast){ .feed = feed, .options = options };
	cast->ui = ui_new(feed, &ui_options);
	cast->canvas.unicode = options->unicode;
	cast->canvas.text_flags = options->unicode ? 0 : TEXT_ASCII;
	canvas_resize(&cast->canvas, options->width, options->height);
	cast->row = xcalloc((size_t)options->height, sizeof *cast->row);
}

static void end(struct cast *cast)
{
	for (int y = 0; y < cast->canvas.h; y++)
		free(cast->row[y]);
	free(cast->row);
	canvas_release(&cast->canvas);
	ui_free(cast->ui);
}

static void put_header(struct buf *out, const struct cast_options *options, int64_t started_ms)
{
	struct json_writer w = { .out = out };
	json_begin_object(&w);
	json_key(&w, "version");
	json_put_int(&w, 2);
	json_key(&w, "width");
	json_put_int(&w, options->width);
	json_key(&w, "height");
	json_put_int(&w, options->height);
	json_key(&w, "timestamp");
	json_put_int(&w, started_ms / 1000);
	if (options->title) {
		json_key(&w, "title");
		json_put_cstr(&w, options->title);
	}
	json_end_object(&w);
	buf_add_char(out, '\n');
}

void cast_write(struct buf *out, struct feed *feed, const struct cast_options *options)
{
	struct cast cast;
	struct feed_status status;
	struct buf last = { 0 };
	feed->ops->status(feed, &status);
	put_header(out, options, status.start_ms);
	begin(&cast, feed, options);
	cast.out = out;
	play(&cast);
	put_frame(&cast);
	buf_printf(&last, "\x1b[%d;1H\r\n\x1b[?25h", options->height);
	put_line(&cast, &last);
	buf_release(&last);
	end(&cast);
}

void cast_write_text(struct buf *out, struct feed *feed, const struct cast_options *options)
{
	struct cast cast;
	begin(&cast, feed, options);
	play(&cast);
	put_frame(&cast);
	canvas_dump(&cast.canvas, out);
	end(&cast);
}

/* ---- a picture ---- */

#define CELL_W 8.4
#define CELL_H 17

/* Colours of xterm's palette, for a dark ground. */
static void add_rgb(struct buf *out, short colour)
{
	static const char *const base[] = { "#1c1c1c", "#ff7b72", "#7ee787", "#e3b341", "#79c0ff", "#d2a8ff", "#76e3ea", "#d0d7de" };
	static const int level[] = { 0, 95, 135, 175, 215, 255 };
	if (colour < 8)
		buf_add_str(out, base[colour]);
	else if (colour >= 232)
		buf_printf(out, "#%02x%02x%02x", 8 + 10 * (colour - 232), 8 + 10 * (colour - 232), 8 + 10 * (colour - 232));
	else
		buf_printf(out, "#%02x%02x%02x", level[(colour - 16) / 36 % 6], level[(colour - 16) / 6 % 6], level[(colour - 16) % 6]);
}

static void add_escaped(struct buf *out, const char *text)
{
	for (; *text; text++) {
		if (strchr("&<>\"", *text))
			buf_printf(out, "&#%d;", *text);
		else
			buf_add_char(out, *text);
	}
}

/* Cells of one look, from x on; returns where they end. */
static int add_span(struct buf *out, const struct canvas *canvas, int x, int y)
{
	const struct cell *first = canvas_cell(canvas, x, y);
	struct style style = style_of((enum role)first->role, PALETTE_256, false);
	bool reverse = ((style.attrs & STYLE_REVERSE) != 0) != (first->reverse != 0);
	struct buf text = { 0 };
	int to = x;
	for (; to < canvas->w; to++) {
		const struct cell *cell = canvas_cell(canvas, to, y);
		if (cell->role != first->role || cell->reverse != first->reverse)
			break;
		add_escaped(&text, cell->text);
	}
	short fg = style.fg < 0 ? 7 : style.fg;
	short bg = style.bg < 0 ? 0 : style.bg;
	if (reverse || style.bg >= 0) {
		buf_printf(out, "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"", x * CELL_W, y * CELL_H,
		           (to - x) * CELL_W, CELL_H);
		add_rgb(out, reverse ? fg : bg);
		buf_add_str(out, "\"/>");
	}
	if (text.len && text.data[strspn(text.data, " ")]) {
		buf_printf(out, "<text x=\"%.1f\" y=\"%d\" textLength=\"%.1f\"%s%s fill=\"", x * CELL_W, y * CELL_H + 13, (to - x) * CELL_W,
		           style.attrs & STYLE_BOLD ? " font-weight=\"bold\"" : "",
		           style.attrs & STYLE_DIM ? " opacity=\"0.6\"" : "");
		add_rgb(out, reverse ? bg : fg);
		buf_printf(out, "\">%s</text>", buf_str(&text));
	}
	buf_release(&text);
	return to;
}

void cast_write_svg(struct buf *out, struct feed *feed, const struct cast_options *options)
{
	struct cast cast;
	begin(&cast, feed, options);
	play(&cast);
	put_frame(&cast);
	buf_printf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.1f %d\" font-family=\"ui-monospace, monospace\" "
	                "font-size=\"14\" xml:space=\"preserve\">\n<rect width=\"100%%\" height=\"100%%\" fill=\"#1c1c1c\"/>\n",
	           options->width * CELL_W, options->height * CELL_H);
	for (int y = 0; y < cast.canvas.h; y++) {
		for (int x = 0; x < cast.canvas.w;)
			x = add_span(out, &cast.canvas, x, y);
		buf_add_char(out, '\n');
	}
	buf_add_str(out, "</svg>\n");
	end(&cast);
}
