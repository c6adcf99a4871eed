/*
 * Screens of a recorded run (tests/journals, made by belay itself) at six sizes, in two locales and three colour depths:
 * tests/screens/golden-SCENE-WxH.txt. BELAY_DRAW_SCREENS=1 writes them anew; look at each before it is committed.
 *
 * A picture is the text in UTF-8, then for each depth the looks of each line (cell+cells, then b bold, d dim, u underline,
 * r reverse and fg/bg); then, of the C locale, the lines that differ.
 */
#include "tests/unit.h"

#include "base/text.h"
#include "io/journal_feed.h"
#include "tui/ui.h"

#include <stdio.h>

struct scene {
	const char *name;
	uint64_t seq; /* the event that it has come to */
	bool live;    /* the same events, as a run that goes on */
	const char *keys;
};

static const struct scene scenes[] = {
	{ "stream", 56, true, "" },
	{ "failed", 83, true, "" },
	{ "replay", 70, false, "" },
	{ "replay-help", 70, false, "?" },
};

static const int sizes[][2] = { { 20, 3 }, { 30, 4 }, { 80, 24 }, { 100, 30 }, { 160, 48 }, { 300, 100 } };

/* ---- a run that goes on, from a journal ---- */

struct live {
	struct feed feed; /* first */
	struct feed *journal;
	uint64_t left;
};

static enum feed_got live_next(struct feed *feed, const struct event **event)
{
	struct live *live = (struct live *)(void *)feed;
	if (!live->left)
		return FEED_NONE;
	live->left--;
	return live->journal->ops->next(live->journal, event);
}

static int64_t live_due_ms(struct feed *feed)
{
	(void)feed;
	return -1;
}

static int live_wake_fd(struct feed *feed)
{
	(void)feed;
	return -1;
}

static void live_send(struct feed *feed, const struct command *command)
{
	(void)feed;
	(void)command;
}

static int live_blob(struct feed *feed, const char *sha256, struct buf *out, struct err *err)
{
	struct live *live = (struct live *)(void *)feed;
	return live->journal->ops->blob(live->journal, sha256, out, err);
}

static void live_status(struct feed *feed, struct feed_status *out)
{
	(void)feed;
	*out = (struct feed_status){ .speed = 1000 };
}

static void live_free(struct feed *feed)
{
	(void)feed;
}

static const struct feed_ops live_ops = { live_next, live_due_ms, live_wake_fd, live_send, live_blob,
	                                  live_status, live_free, NULL, NULL };

/* ---- the looks ---- */

static void add_style(struct buf *out, struct style style, bool reverse)
{
	static const char letters[] = "bdur";
	if (reverse)
		style.attrs ^= STYLE_REVERSE;
	for (size_t i = 0; i < sizeof letters - 1; i++)
		if (style.attrs & 1u << i)
			buf_add_char(out, letters[i]);
	if (style.fg >= 0 || style.bg >= 0)
		buf_printf(out, "%d/%d", style.fg, style.bg);
}

static bool same_look(const struct cell *a, const struct cell *b)
{
	return a->role == b->role && a->reverse == b->reverse;
}

static void add_looks(struct buf *out, const struct canvas *canvas, int y, enum palette palette)
{
	for (int x = 0; x < canvas->w;) {
		const struct cell *cell = canvas_cell(canvas, x, y);
		struct buf style = { 0 };
		int end = x + 1;
		while (end < canvas->w && same_look(canvas_cell(canvas, end, y), cell))
			end++;
		add_style(&style, style_of((enum role)cell->role, palette, false), cell->reverse);
		if (style.len)
			buf_printf(out, " %d+%d%s%s", x, end - x, cell->role == ROLE_TEXT ? "" : " ", buf_str(&style));
		buf_release(&style);
		x = end;
	}
}

static void add_row(struct buf *out, const struct canvas *canvas, int y)
{
	for (int x = 0; x < canvas->w; x++)
		buf_add_str(out, canvas_cell(canvas, x, y)->text);
	while (out->len && out->data[out->len - 1] == ' ')
		buf_truncate(out, out->len - 1);
}

#define TEXT_ASPECT PALETTE_N

static void aspect_of_row(struct buf *out, const struct canvas *canvas, int y, int aspect)
{
	if (aspect == TEXT_ASPECT)
		add_row(out, canvas, y);
	else
		add_looks(out, canvas, y, (enum palette)aspect);
}

/* The lines of one aspect; with `other` only those that differ from it, and their numbers. */
static void add_aspect(struct buf *out, const char *locale, const struct canvas *canvas, const struct canvas *other, int aspect)
{
	static const char *const names[] = { "mono", "8 colours", "256 colours", "text" };
	buf_printf(out, "== %s, %s\n", locale, names[aspect]);
	for (int y = 0; y < canvas->h; y++) {
		struct buf row = { 0 };
		struct buf same = { 0 };
		aspect_of_row(&row, canvas, y, aspect);
		if (other)
			aspect_of_row(&same, other, y, aspect);
		bool is_news = other ? strcmp(buf_str(&row), buf_str(&same)) != 0 : row.len || aspect == TEXT_ASPECT;
		if (is_news && (other || aspect != TEXT_ASPECT))
			buf_printf(out, "%d:", y);
		if (is_news)
			buf_printf(out, "%s\n", buf_str(&row));
		buf_release(&row);
		buf_release(&same);
	}
}

/* ---- the pictures ---- */

static void press(struct ui *ui, const char *keys)
{
	struct key key;
	if (*keys && key_parse(keys, strlen(keys), &key) == 0)
		ui_key(ui, key);
}

static int64_t standing_still(void)
{
	return 1000;
}

static void draw(const struct scene *scene, const char *path, bool utf8, int w, int h, struct canvas *canvas)
{
	struct live live = { .feed = { &live_ops }, .left = scene->seq };
	struct ui_options options = { .n_workers = 4, .usd_limit = 2 };
	struct command to = { .kind = COMMAND_SEEK_SEQ, .number = (int64_t)scene->seq };
	struct err err;
	assert_ok(journal_feed_new(&live.journal, path, standing_still, &err), &err);
	if (scene->live)
		journal_feed_rush(live.journal);
	else
		live.journal->ops->send(live.journal, &to);
	struct ui *ui = ui_new(scene->live ? &live.feed : live.journal, &options);
	ui_set_time(ui, 0, 1000);
	while (ui_take_events(ui, 1000) || (!scene->live && !ui_is_dirty(ui)))
		ui_set_time(ui, 0, 1000);
	ui_set_time(ui, ui_model(ui)->now_ms + 1500, 1000);
	press(ui, scene->keys);
	*canvas = (struct canvas){ .unicode = utf8, .text_flags = utf8 ? 0 : TEXT_ASCII };
	canvas_resize(canvas, w, h);
	ui_draw(ui, canvas);
	ui_free(ui);
	live.journal->ops->free(live.journal);
}

static void write_picture(const char *path, const struct buf *text)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(text->data, 1, text->len, file), text->len);
	assert_int_equal(fclose(file), 0);
}

static void read_picture(const char *path, struct buf *out)
{
	char data[4096];
	size_t n;
	FILE *file = fopen(path, "r");
	if (!file)
		fail_msg("there is no picture '%s'; BELAY_DRAW_SCREENS=1 draws it", path);
	while ((n = fread(data, 1, sizeof data, file)) > 0)
		buf_add(out, data, n);
	fclose(file);
}

static void check_size(const struct scene *scene, const char *dir, int w, int h)
{
	struct canvas utf8, c;
	struct buf drawn = { 0 }, wanted = { 0 };
	char journal[512], path[512];
	snprintf(journal, sizeof journal, "%s/tests/journals/migrate", dir);
	snprintf(path, sizeof path, "%s/tests/screens/golden-%s-%dx%d.txt", dir, scene->name, w, h);
	draw(scene, journal, true, w, h, &utf8);
	draw(scene, journal, false, w, h, &c);
	add_aspect(&drawn, "UTF-8", &utf8, NULL, TEXT_ASPECT);
	for (int palette = 0; palette < PALETTE_N; palette++)
		add_aspect(&drawn, "UTF-8", &utf8, NULL, palette);
	add_aspect(&drawn, "C", &c, &utf8, TEXT_ASPECT);
	for (int palette = 0; palette < PALETTE_N; palette++)
		add_aspect(&drawn, "C", &c, &utf8, palette);
	if (getenv("BELAY_DRAW_SCREENS"))
		write_picture(path, &drawn);
	read_picture(path, &wanted);
	if (strcmp(buf_str(&drawn), buf_str(&wanted)) != 0)
		print_error("%s is\n%s", path, buf_str(&drawn));
	assert_string_equal(buf_str(&drawn), buf_str(&wanted));
	buf_release(&drawn);
	buf_release(&wanted);
	canvas_release(&utf8);
	canvas_release(&c);
}

static void test_a_recorded_run_looks_as_its_pictures(void **state)
{
	const char *dir = getenv("srcdir");
	(void)state;
	for (size_t i = 0; i < sizeof scenes / sizeof *scenes; i++)
		for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
			check_size(&scenes[i], dir ? dir : ".", sizes[s][0], sizes[s][1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_recorded_run_looks_as_its_pictures),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
