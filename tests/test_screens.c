#include "tests/unit.h"

#include "base/buf.h"
#include "base/text.h"
#include "tests/tui_story.h"
#include "tests/ui_stage.h"

#include <stdio.h>

/*
 * Golden pictures: tests/screens/NAME.txt. BELAY_DRAW_SCREENS=1 writes them anew; look at each before it is committed.
 */
struct scene {
	const char *name;
	enum tui_story_place place;
	int w, h;
	const char *keys;
	bool replay, unicode, review;
};

static const struct scene scenes[] = {
	{ "run-20x3", STORY_STREAMING, 20, 3, "", false, false, false },
	{ "run-30x4", STORY_ASKING, 30, 4, "", false, false, false },
	{ "run-39x12", STORY_STREAMING, 39, 12, "", false, false, false },
	{ "run-80x24", STORY_STREAMING, 80, 24, "", false, false, false },
	{ "run-80x24-unicode", STORY_STREAMING, 80, 24, "", false, true, false },
	{ "run-100x30", STORY_STREAMING, 100, 30, "", false, false, false },
	{ "run-120x50", STORY_STREAMING, 120, 50, "", false, false, false },
	{ "run-160x48", STORY_STREAMING, 160, 48, "", false, false, false },
	{ "run-300x100", STORY_STREAMING, 300, 100, "", false, false, false },
	{ "begin-80x24", STORY_DECLARED, 80, 24, "", false, false, false },
	{ "asking-80x24", STORY_ASKING, 80, 24, "", false, false, false },
	{ "asking-160x48", STORY_ASKING, 160, 48, "", false, false, false },
	{ "confirm-30x4", STORY_ASKING, 30, 4, "a", false, false, false },
	{ "confirm-80x24", STORY_ASKING, 80, 24, "a", false, false, false },
	{ "confirm-80x24-word", STORY_ASKING, 80, 24, "a y l e g", false, false, false },
	{ "confirm-160x48", STORY_ASKING, 160, 48, "a", false, false, false },
	{ "over-80x24", STORY_OVER, 80, 24, "", false, false, false },
	{ "over-160x48", STORY_OVER, 160, 48, "", false, false, false },
	{ "open-80x24", STORY_ASKING, 80, 24, "G k Enter k k k k k Enter", false, false, false },
	{ "diff-80x24", STORY_ASKING, 80, 24, "d z", false, false, false },
	{ "diff-160x48-two-columns", STORY_ASKING, 160, 48, "d z", false, false, false },
	{ "workers-80x24", STORY_ASKING, 80, 24, "4", false, false, false },
	{ "log-80x24", STORY_ASKING, 80, 24, "5", false, false, false },
	{ "help-80x24", STORY_ASKING, 80, 24, "?", false, false, false },
	{ "quit-80x24", STORY_ASKING, 80, 24, "Q", false, false, false },
	{ "find-80x24", STORY_ASKING, 80, 24, "2 / r o u t e Enter", false, false, false },
	{ "review-80x24", STORY_ASKING, 80, 24, "a s y n", false, false, true },
	{ "review-160x48", STORY_ASKING, 160, 48, "a v", false, false, true },
	{ "review-40x10", STORY_ASKING, 40, 10, "a", false, false, true },
	{ "replay-80x24", STORY_STREAMING, 80, 24, "", true, false, false },
	{ "replay-160x48", STORY_STREAMING, 160, 48, "", true, false, false },
	{ "replay-30x4", STORY_STREAMING, 30, 4, "", true, false, false },
};

static const struct feed_mark marks[] = {
	{ FEED_MARK_STEP, STORY_START_MS + 21000, 15 },    { FEED_MARK_FAILURE, STORY_START_MS + 24001, 20 },
	{ FEED_MARK_STEP, STORY_START_MS + 69030, 24 },    { FEED_MARK_STEP, STORY_START_MS + 161040, 28 },
	{ FEED_MARK_APPROVAL, STORY_START_MS + 219011, 41 }, { FEED_MARK_END, STORY_START_MS + 236030, 49 },
};

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

static void write_picture(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static void set_replay(struct ui_stage *stage, size_t n_events)
{
	const struct event *last = &tui_story[n_events - 1];
	stage->script.status = (struct feed_status){ .replay = true,
		                                     .playing = true,
		                                     .squeeze = true,
		                                     .speed = 4000,
		                                     .seq = last->seq,
		                                     .last_seq = tui_story[tui_story_n - 1].seq,
		                                     .start_ms = STORY_START_MS,
		                                     .now_ms = last->at_ms,
		                                     .end_ms = tui_story[tui_story_n - 1].at_ms,
		                                     .mark = marks,
		                                     .n_marks = sizeof marks / sizeof *marks };
}

/* The story up to there, and then step 4 asks: its change is reviewed. */
static const struct event *with_review(size_t n)
{
	static struct event event[64];
	assert_true(n + 1 < sizeof event / sizeof *event);
	memcpy(event, tui_story, n * sizeof *event);
	event[n] = (struct event){ .seq = tui_story[n - 1].seq + 1, .at_ms = tui_story[n - 1].at_ms + 1,
		                   .run = tui_story[n - 1].run, .kind = EVENT_APPROVAL_ASKED, .step = "login", .risk = "low",
		                   .what = "refactor src/auth/login.c", .request = "7f3a5be1-2" };
	return event;
}

static void stage_scene(struct ui_stage *stage, const struct scene *scene)
{
	size_t n = tui_story_at(scene->place);
	ui_stage_open(stage, scene->review ? with_review(n++) : tui_story, 0, scene->w, scene->h);
	stage->script.blob_of = tui_story_blob;
	if (scene->unicode) {
		stage->canvas.unicode = true;
		stage->canvas.text_flags = 0;
	}
	if (scene->replay)
		set_replay(stage, n);
	ui_stage_more(stage, n);
	ui_stage_press(stage, scene->keys);
}

static void test_screens_look_as_their_pictures(void **state)
{
	const char *dir = getenv("srcdir");
	(void)state;
	for (size_t i = 0; i < sizeof scenes / sizeof *scenes; i++) {
		struct ui_stage stage;
		struct buf picture = { 0 };
		char path[512];
		snprintf(path, sizeof path, "%s/tests/screens/%s.txt", dir ? dir : ".", scenes[i].name);
		stage_scene(&stage, &scenes[i]);
		const char *screen = ui_stage_look(&stage);
		if (getenv("BELAY_DRAW_SCREENS"))
			write_picture(path, screen);
		read_picture(path, &picture);
		if (strcmp(buf_str(&picture), screen) != 0)
			print_error("%s is\n%s", scenes[i].name, screen);
		assert_string_equal(buf_str(&picture), screen);
		buf_release(&picture);
		ui_stage_close(&stage);
	}
}

/* Every size is drawn, and whatever is drawn stays within the canvas (a sanitizer build watches). */
static void test_any_size_is_drawn(void **state)
{
	static const enum tui_story_place places[] = { STORY_DECLARED, STORY_STREAMING, STORY_ASKING, STORY_OVER };
	static const char *const keys[] = { "", "a", "?", "Q", "d z", "5", "2 /" };
	unsigned seed = 12345;
	(void)state;
	for (int round = 0; round < 28; round++) {
		struct ui_stage stage;
		struct scene scene = { .place = places[round % 4], .w = 80, .h = 24, .keys = keys[round % 7], .replay = round % 5 == 4 };
		stage_scene(&stage, &scene);
		for (int i = 0; i < 60; i++) {
			seed = seed * 1103515245 + 12345;
			int w = 1 + (int)(seed >> 16) % (i % 2 ? 300 : 60);
			seed = seed * 1103515245 + 12345;
			int h = 1 + (int)(seed >> 16) % (i % 2 ? 300 : 30);
			ui_stage_resize(&stage, w, h);
			ui_stage_look(&stage);
			ui_stage_press(&stage, i % 3 ? "j" : "G");
		}
		ui_stage_close(&stage);
	}
}

static void test_every_width_and_height_up_to_60_is_drawn(void **state)
{
	struct ui_stage stage;
	struct scene scene = { .place = STORY_ASKING, .w = 80, .h = 24, .keys = "a" };
	(void)state;
	stage_scene(&stage, &scene);
	for (int w = 1; w <= 60; w++) {
		for (int h = 1; h <= 60; h += w % 3 + 1) {
			ui_stage_resize(&stage, w, h);
			ui_stage_look(&stage);
		}
	}
	ui_stage_close(&stage);
}

static const char naughty[] = "\033[2J\033]0;pwned\007\x9b" "31m\rover\b\b\ttab\x7f\xff\xfe\xc3"
			      "\xe2\x80\xae" "evil\xe2\x80\xac\xe2\x81\xa6 \xe2\x80\x8b\xef\xbb\xbf\xc2\x9b"
			      "A\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81 "
			      "\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9 \xe4\xbd\xa0\xe5\xa5\xbd \xf3\xa0\x81\x81";

#define EACH(n, what) .seq = n, .at_ms = STORY_START_MS + n, .run = naughty, .kind = EVENT_##what
#define NAUGHTY { naughty, sizeof naughty - 1, NULL }

static const char *const naughty_list[] = { naughty };

static const struct event naughty_story[] = {
	{ EACH(1, RUN_STARTED), .plan = naughty, .root = naughty, .head = naughty, .mode = "run" },
	{ EACH(2, STEP_DECLARED), .step = naughty, .parent = naughty, .verb = naughty, .title = naughty, .needs = { naughty_list, 1 } },
	{ EACH(3, STEP_DECLARED), .step = "asks", .verb = "run", .title = naughty, .needs = { naughty_list, 1 } },
	{ EACH(4, STEP_STARTED), .step = naughty, .attempt = 2, .reason = naughty },
	{ EACH(5, FILE_READ), .step = naughty, .path = naughty },
	{ EACH(6, PROMPT_SENT), .step = naughty, .provider = naughty, .model = naughty, .origin = naughty },
	{ EACH(7, PHASE_CHANGED), .step = naughty, .phase = naughty, .try_no = 2, .tries = 3 },
	{ EACH(8, OUTPUT), .step = naughty, .stream = "model", .text = NAUGHTY },
	{ EACH(9, OUTPUT), .step = naughty, .stream = "stderr", .text = NAUGHTY },
	{ EACH(10, OUTPUT), .step = naughty, .stream = naughty, .text = NAUGHTY },
	{ EACH(11, CHECK_FINISHED), .step = naughty, .check = naughty, .exit_code = 1,
	  .diagnostics = { (const struct diag[]){ { .file = (char *)(uintptr_t)naughty, .message = (char *)(uintptr_t)naughty } }, 1 } },
	{ EACH(12, CHANGE_PROPOSED), .step = naughty,
	  .files = { (const struct event_file[]){ { .path = naughty, .change = EVENT_MODIFIED, .added = 1 } }, 1 },
	  .text = NAUGHTY },
	{ EACH(13, NOTICE), .step = naughty, .category = naughty, .message = naughty, .hint = naughty },
	{ EACH(14, CONFLICT), .step = naughty, .path = naughty, .answer = naughty },
	{ EACH(15, STEP_STARTED), .step = "asks", .attempt = 1 },
	{ EACH(16, APPROVAL_ASKED), .step = "asks", .risk = "high", .what = naughty, .why = naughty, .word = naughty,
	  .request = naughty, .covered = { naughty_list, 1 }, .not_covered = { naughty_list, 1 } },
	{ EACH(17, STEP_FAILED), .step = naughty, .category = naughty, .message = naughty, .hint = naughty },
};

/* No control, no bidirectional or invisible character, no broken sequence in any cell. */
static void assert_cells_are_clean(const struct canvas *canvas)
{
	for (int y = 0; y < canvas->h; y++) {
		for (int x = 0; x < canvas->w; x++) {
			const struct cell *cell = canvas_cell(canvas, x, y);
			size_t n = strlen(cell->text);
			for (size_t at = 0; at < n;) {
				int32_t cp;
				at += text_decode(cell->text + at, n - at, &cp);
				assert_true(cp >= 0x20 && !(cp >= 0x7f && cp < 0xa0));
				assert_false((cp >= 0x200b && cp <= 0x200f) || (cp >= 0x202a && cp <= 0x202e));
				assert_false((cp >= 0x2060 && cp <= 0x206f) || cp == 0xfeff || cp >= 0xe0000);
			}
			assert_true(n || cell->width == 0);
		}
	}
}

static void test_no_text_reaches_a_cell_unsanitised(void **state)
{
	static const char *const keys[] = { "", "a", "1 Enter", "2", "3", "4", "5", "?", "/ x Enter", "x", "G a y z z" };
	static const int sizes[][2] = { { 20, 3 }, { 30, 4 }, { 80, 24 }, { 100, 30 }, { 160, 48 }, { 7, 50 } };
	(void)state;
	for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
		for (size_t i = 0; i < sizeof keys / sizeof *keys * 2; i++) {
			struct ui_stage stage;
			ui_stage_open(&stage, naughty_story, 0, sizes[s][0], sizes[s][1]);
			stage.script.status.replay = i % 2;
			stage.script.blob = naughty;
			stage.canvas.text_flags = i % 3 ? 0 : TEXT_ASCII;
			stage.canvas.unicode = i % 3;
			ui_stage_more(&stage, sizeof naughty_story / sizeof *naughty_story);
			ui_stage_press(&stage, keys[i / 2]);
			ui_stage_look(&stage);
			assert_cells_are_clean(&stage.canvas);
			ui_stage_close(&stage);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_screens_look_as_their_pictures),
		cmocka_unit_test(test_any_size_is_drawn),
		cmocka_unit_test(test_every_width_and_height_up_to_60_is_drawn),
		cmocka_unit_test(test_no_text_reaches_a_cell_unsanitised),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
