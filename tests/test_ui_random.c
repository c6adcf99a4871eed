/*
 * Any size, any key, any text: what comes out is a screen whose cells are clean and whose widths are right. The same in
 * each run; BELAY_RANDOM_ROUNDS makes it longer, BELAY_RANDOM_SEED another one.
 */
#include "tests/unit.h"

#include "base/text.h"
#include "io/journal_feed.h"
#include "tests/ui_stage.h"
#include "tui/plain.h"

#include <stdio.h>
#include <unistd.h>

#define ROUNDS 24
#define ACTS 60

static uint64_t seed;

static unsigned pick(unsigned n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed >> 33) % n;
}

#define OF(text) { text, sizeof text - 1 }

static const struct {
	const char *text;
	size_t n;
} naughty[] = {
	OF(""), OF(" "), OF("plain words"), OF("\033[2J\033[H\033[31m"), OF("\033]0;title\007\033]52;c;QUJD\033\\"),
	OF("\033P1$r0m\033\\\033X\033^\033_x\033\\"), OF("\x9b" "31m\x9d" "0;x\x9c\x90q"), OF("\xc2\x9b" "2J\xc2\x9d\xc2\x85"),
	OF("over\rwritten\b\b\b\tand\vdown\f"), OF("nul\0here"), OF("\x7f\x01\x02\x1f"),
	OF("\xe2\x80\xae" "right to left\xe2\x80\xac \xe2\x81\xa6x\xe2\x81\xa9 \xd8\xa7\xd9\x84\xd8\xb9\xd7\xa9\xd7\x9c"),
	OF("zero\xe2\x80\x8bwidth\xef\xbb\xbf\xe2\x81\xa0\xc2\xad\xe2\x80\x8d\xe1\xa0\x8e"),
	OF("A\xcc\x81\xcc\x82\xcc\x83\xcc\x84\xcc\x85\xcc\x86\xcc\x87\xcc\x88\xcc\x89\xcc\x8a\xcc\x8b"), OF("\xcc\x81" "alone"),
	OF("\xe4\xbd\xa0\xe5\xa5\xbd\xef\xbd\x97\xef\xbc\xa1 \xed\x95\x9c\xea\xb8\x80 \xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab"),
	OF("\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7 \xf0\x9f\x91\x8d\xf0\x9f\x8f\xbd \xe2\x9d\xa4\xef\xb8\x8f"),
	OF("\xf0\x9f\x87\xa9\xf0\x9f\x87\xaa\xf0\x9f\x87\xab \xf0\x9f\xab\xa8 1\xef\xb8\x8f\xe2\x83\xa3"),
	OF("\xff\xfe\xc3\xe2\x80\xf0\x9f\x91 \xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80\xf8"),
	OF("\xf3\xa0\x81\x81\xf3\xa0\x84\x80 \xef\xbf\xbe\xef\xbf\xbf\xee\x80\x80\xcd\x8f\xe3\x85\xa4"),
	OF("a\tb\tc\t\t\td"), OF("%s%n%d%100000c"), OF("line\nafter line\r\nand\n\n\nmore\n"),
	OF("src/login.c\n```c\n<<<<<<< SEARCH\nold\n=======\nnew\n>>>>>>> REPLACE\n```\n"),
	OF("| a | b |\n|---|---|\n| \033[1m | **x** |\n\n# head\n> quote\n* [link](http://x\033)\n`code\x9b`\n"),
	OF("diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-\033[0mold\n+new\xe2\x80\xae\n@@ -999999999999 +1 @@\n"),
};

/* One of them, or some in a row, or one that is long. */
static const char *text(size_t *n)
{
	static char kept[64][6000];
	static unsigned at;
	char *out = kept[at++ % 64];
	unsigned parts = pick(10) ? 1 + pick(3) : 40 + pick(60);
	*n = 0;
	for (unsigned i = 0; i < parts; i++) {
		size_t which = pick(sizeof naughty / sizeof *naughty);
		if (*n + naughty[which].n >= sizeof kept[0] - 1)
			break;
		memcpy(out + *n, naughty[which].text, naughty[which].n);
		*n += naughty[which].n;
	}
	out[*n] = '\0';
	return out;
}

static const char *words(void)
{
	size_t n;
	return text(&n);
}

static const char *one_of(const char *const *list, unsigned n)
{
	return list[pick(n)];
}

#define ONE_OF(...) one_of((const char *const[]){ __VA_ARGS__ }, sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

/* An event with every field that its kind may have, in words from above. */
static struct event any_event(uint64_t seq)
{
	static struct event_file files[3];
	static struct diag diag;
	static const char *list[2];
	size_t n;
	struct event event = { .seq = seq, .at_ms = 1772460000000 + (int64_t)seq * pick(4000), .run = "00c0ffee",
		               .kind = seq == 1 ? EVENT_RUN_STARTED : (enum event_kind)(1 + pick(EVENT_N_KINDS - 1)) };
	list[0] = words();
	list[1] = words();
	event.step = ONE_OF("a", "b", "c", "\033[31md");
	event.attempt = (int)pick(4);
	event.plan = event.root = event.head = event.title = event.path = event.hash = event.model = event.what = words();
	event.parent = pick(2) ? "a" : NULL;
	event.verb = ONE_OF("read", "write", "run", "ask", "\x9b");
	event.risk = ONE_OF("low", "medium", "high", "\033");
	event.phase = ONE_OF("", "connecting", "streaming", "\rx");
	event.stream = ONE_OF("model", "reasoning", "stdout", "stderr", "\x07");
	event.request = pick(2) ? "r" : words();
	event.by = event.why = event.reason = event.message = event.hint = event.category = words();
	event.word = event.check = event.provider = event.origin = event.expected = event.found = event.answer = words();
	event.try_no = event.tries = pick(9);
	event.limit_ms = event.delay_ms = (int64_t)pick(100000);
	event.exit_code = pick(300);
	event.needs = event.covered = event.not_covered = event.env = event.reach = (struct event_list){ list, pick(3) };
	for (int i = 0; i < 3; i++)
		files[i] = (struct event_file){ .path = words(), .change = (enum event_change)pick(3), .added = pick(99) };
	event.files = (struct event_files){ files, pick(4) };
	diag = (struct diag){ .file = (char *)(uintptr_t)words(), .message = (char *)(uintptr_t)words(), .line = (int)pick(99) };
	event.diagnostics = (struct event_diags){ &diag, pick(2) };
	event.text.data = text(&n);
	event.text.len = n;
	return event;
}

static void assert_clean(const struct canvas *canvas)
{
	for (int y = 0; y < canvas->h; y++) {
		int width = 0;
		for (int x = 0; x < canvas->w; x++) {
			const struct cell *cell = canvas_cell(canvas, x, y);
			size_t n = strlen(cell->text);
			width += cell->width;
			assert_true(cell->width == 0 || n);
			if (n)
				assert_int_equal(text_width(cell->text, n), cell->width);
			for (size_t at = 0; at < n;) {
				int32_t cp;
				at += text_decode(cell->text + at, n - at, &cp);
				assert_true(cp >= 0x20 && !(cp >= 0x7f && cp < 0xa0));
				assert_false((cp >= 0x200b && cp <= 0x200f) || (cp >= 0x2028 && cp <= 0x202e));
				assert_false((cp >= 0x2060 && cp <= 0x206f) || cp == 0xfeff || cp >= 0xe0000);
			}
		}
		assert_int_equal(width, canvas->w);
	}
}

static struct key any_key(void)
{
	static const int32_t often[] = { 'j', 'k', 'G', 'g', '\t', 'z', '?', 27, KEYCODE_ENTER, 'd', 'a', 'y', 'n', '/', ':', 'w', '|' };
	struct key key = { .code = pick(2) ? often[pick(sizeof often / sizeof *often)] : (int32_t)(1 + pick(0x17f)) };
	if (!pick(12))
		key.code = KEYCODE_UP + (int32_t)pick(16);
	key.pasted = !pick(20);
	key.burst = !pick(20);
	key.alt = !pick(20);
	return key;
}

static void any_size(struct canvas *canvas)
{
	unsigned most = pick(2) ? 300 : 90;
	canvas->unicode = pick(2);
	canvas->text_flags = pick(3) ? 0 : pick(2) ? TEXT_ASCII : TEXT_UNICODE_NATIVE;
	canvas_resize(canvas, 1 + (int)pick(most), 1 + (int)pick(most));
}

static unsigned rounds(void)
{
	const char *set = getenv("BELAY_RANDOM_ROUNDS");
	const char *from = getenv("BELAY_RANDOM_SEED");
	seed = 0x9e3779b97f4a7c15u ^ (from ? strtoull(from, NULL, 10) : 0);
	return set ? (unsigned)strtoul(set, NULL, 10) : ROUNDS;
}

static void draw(struct ui *ui, struct canvas *canvas)
{
	ui_draw(ui, canvas);
	if (!(canvas->text_flags & TEXT_UNICODE_NATIVE)) /* there, clusters keep their joiners */
		assert_clean(canvas);
}

static void test_any_events_and_keys_at_any_size_make_a_clean_screen(void **state)
{
	static struct event events[ACTS];
	unsigned n_rounds = rounds();
	(void)state;
	for (unsigned round = 0; round < n_rounds; round++) {
		struct ui_stage stage;
		const struct buf *edited;
		for (uint64_t i = 0; i < ACTS; i++)
			events[i] = any_event(i + 1);
		ui_stage_open(&stage, events, 0, 80, 24);
		stage.script.status.replay = !pick(4);
		stage.script.blob = words();
		for (size_t i = 1; i <= ACTS; i++) {
			ui_stage_more(&stage, i);
			any_size(&stage.canvas);
			draw(stage.ui, &stage.canvas);
			stage.mono_ms += pick(900);
			ui_stage_key(&stage, any_key());
			if (ui_wants_editor(stage.ui, &edited))
				ui_edited(stage.ui, pick(2) ? words() : NULL, 3);
			draw(stage.ui, &stage.canvas);
		}
		ui_stage_close(&stage);
	}
}

/* No control but the line end, no C1 as a character, nothing that is not UTF-8, nothing that turns the text round. */
static void assert_prose(const char *text, size_t n)
{
	for (size_t at = 0; at < n;) {
		int32_t cp;
		at += text_decode(text + at, n - at, &cp);
		assert_true(cp == '\n' || (cp >= 0x20 && !(cp >= 0x7f && cp < 0xa0)));
		assert_false((cp >= 0x202a && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069));
	}
}

static void test_plain_lines_of_any_events_drive_no_terminal(void **state)
{
	static struct event events[ACTS];
	static char said[1 << 20];
	unsigned n_rounds = rounds() / 2 + 1;
	(void)state;
	for (unsigned round = 0; round < n_rounds; round++) {
		struct feed_script script;
		FILE *out = tmpfile();
		FILE *err = tmpfile();
		assert_true(out && err);
		for (uint64_t i = 0; i < ACTS; i++)
			events[i] = any_event(i + 1);
		feed_script_init(&script, events, ACTS, ACTS);
		script.blob = words();
		struct plain_options options = { .out_fd = fileno(out), .err_fd = fileno(err), .in_fd = -1, .signal_fd = -1 };
		(void)plain_run(&script.feed, &options);
		rewind(err);
		size_t n = fread(said, 1, sizeof said, err);
		assert_true(n > 0);
		assert_prose(said, n);
		feed_script_release(&script);
		fclose(out);
		fclose(err);
	}
}

static int64_t mono_ms;

static int64_t now(void)
{
	return mono_ms;
}

static void test_a_recorded_run_is_replayed_under_any_keys(void **state)
{
	const char *dir = getenv("srcdir");
	struct ui_options options = { .n_workers = 2 };
	unsigned n_rounds = rounds() / 8 + 1;
	struct canvas canvas = { 0 };
	struct feed *feed;
	struct err err;
	char path[512];
	(void)state;
	snprintf(path, sizeof path, "%s/tests/journals/migrate", dir ? dir : ".");
	for (unsigned round = 0; round < n_rounds; round++) {
		assert_ok(journal_feed_new(&feed, path, now, &err), &err);
		struct ui *ui = ui_new(feed, &options);
		for (int i = 0; i < 4 * ACTS && ui_end(ui) == UI_GOES_ON; i++) {
			mono_ms += pick(400);
			ui_set_time(ui, mono_ms, mono_ms);
			ui_take_events(ui, 1 + pick(100));
			any_size(&canvas);
			draw(ui, &canvas);
			ui_key(ui, any_key());
		}
		assert_true(ui_model(ui)->seq <= 84);
		ui_free(ui);
		feed->ops->free(feed);
	}
	canvas_release(&canvas);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_events_and_keys_at_any_size_make_a_clean_screen),
		cmocka_unit_test(test_plain_lines_of_any_events_drive_no_terminal),
		cmocka_unit_test(test_a_recorded_run_is_replayed_under_any_keys),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
