#include "tests/unit.h"

#include "tests/tui_story.h"
#include "tests/ui_stage.h"
#include "tui/cmdline.h"
#include "tui/dialog_confirm.h"
#include "tui/ui_impl.h"

#include <stdio.h>

#define EACH(n, what) .seq = n, .at_ms = STORY_START_MS + n, .run = "00c0ffee", .kind = EVENT_##what
#define STEP(n, name) { EACH(n, STEP_DECLARED), .step = name, .verb = "run", .title = "step " name }
#define ASK(n, level)                                                                                        \
	{ EACH(n, APPROVAL_ASKED), .step = "one", .risk = level, .what = "make install", .word = "install",  \
	  .request = "r1" }

static const struct event asks_low[] = { { EACH(1, RUN_STARTED), .plan = "p.yaml" }, STEP(2, "one"), ASK(3, "low") };
static const struct event asks_medium[] = { { EACH(1, RUN_STARTED), .plan = "p.yaml" }, STEP(2, "one"), ASK(3, "medium") };
static const struct event asks_high[] = { { EACH(1, RUN_STARTED), .plan = "p.yaml" }, STEP(2, "one"), ASK(3, "high") };

static void open_asking(struct ui_stage *stage, const struct event *events)
{
	ui_stage_open(stage, events, 3, 80, 24);
}

static const struct key key_y = { .code = 'y' };
static const struct key key_enter = { .code = KEYCODE_ENTER };

static void assert_sent(const struct ui_stage *stage, enum command_kind kind)
{
	assert_non_null(ui_stage_sent(stage));
	assert_int_equal(ui_stage_sent(stage)->kind, kind);
}

/* ---- approvals ---- */

static void test_an_approval_rings_once_and_takes_no_focus(void **state)
{
	struct ui_stage stage;
	(void)state;
	open_asking(&stage, asks_low);
	assert_contains(ui_stage_look(&stage), "!1 approval");
	assert_null(strstr(ui_stage_look(&stage), "Approve command?"));
	ui_stage_press(&stage, "y Enter Space");
	assert_null(ui_stage_sent(&stage));
	ui_stage_close(&stage);
}

static void test_a_question_is_no_matter_of_risk(void **state)
{
	static const struct event asks[] = {
		{ EACH(1, RUN_STARTED), .plan = "p.yaml" },
		{ EACH(2, STEP_DECLARED), .step = "one", .verb = "ask", .title = "the end" },
		{ EACH(3, APPROVAL_ASKED), .step = "one", .risk = "none", .what = "Is this it?", .request = "r1" },
	};
	struct ui_stage stage;
	(void)state;
	open_asking(&stage, asks);
	assert_contains(ui_stage_look(&stage), "question: Is this it?");
	ui_stage_press(&stage, "a");
	assert_contains(ui_stage_look(&stage), "A question");
	assert_contains(ui_stage_look(&stage), "To say yes press y");
	assert_null(strstr(ui_stage_look(&stage), "risk"));
	assert_null(strstr(ui_stage_look(&stage), "NONE"));
	ui_stage_press(&stage, "y");
	assert_sent(&stage, COMMAND_APPROVE);
	ui_stage_close(&stage);
}

static void test_low_takes_one_y(void **state)
{
	struct ui_stage stage;
	(void)state;
	open_asking(&stage, asks_low);
	ui_stage_press(&stage, "a y");
	assert_sent(&stage, COMMAND_APPROVE);
	assert_string_equal(ui_stage_sent(&stage)->request, "r1");
	assert_string_equal(ui_stage_sent(&stage)->by, "person");
	assert_int_equal(ui_stage_sent(&stage)->shown_ms, 1000);
	ui_stage_close(&stage);
}

static void test_medium_takes_y_and_then_enter(void **state)
{
	struct ui_stage stage;
	(void)state;
	open_asking(&stage, asks_medium);
	ui_stage_press(&stage, "a Enter Space y y y");
	assert_null(ui_stage_sent(&stage));
	assert_contains(ui_stage_look(&stage), "Enter: yes, make install");
	ui_stage_press(&stage, "Enter");
	assert_sent(&stage, COMMAND_APPROVE);
	ui_stage_close(&stage);
}

static void test_high_takes_y_and_a_word_of_the_target(void **state)
{
	struct ui_stage stage;
	(void)state;
	open_asking(&stage, asks_high);
	ui_stage_press(&stage, "a y Enter y e s Enter i n s t a l");
	assert_null(ui_stage_sent(&stage));
	ui_stage_press(&stage, "C-u i n s t a l l");
	assert_sent(&stage, COMMAND_APPROVE);
	assert_int_equal(stage.script.n_sent, 1);
	ui_stage_close(&stage);
}

static void test_the_dialog_is_deaf_at_first_and_until_it_is_quiet(void **state)
{
	struct ui_stage stage;
	(void)state;
	open_asking(&stage, asks_low);
	ui_stage_press(&stage, "a");
	assert_true(ui_wants_flush(stage.ui));
	ui_stage_look(&stage);
	for (int i = 0; i < 20; i++) { /* a key every 50 ms: it stays deaf for as long as they come */
		ui_stage_wait(&stage, 50);
		ui_stage_key(&stage, key_y);
	}
	assert_null(ui_stage_sent(&stage));
	ui_stage_wait(&stage, CONFIRM_SILENCE_MS - 1);
	ui_stage_key(&stage, key_y);
	assert_null(ui_stage_sent(&stage));
	ui_stage_wait(&stage, CONFIRM_SILENCE_MS);
	ui_stage_key(&stage, key_y);
	assert_sent(&stage, COMMAND_APPROVE);
	ui_stage_close(&stage);
}

/* `y` and Enter a thousand times: bracketed, read in one go, or key by key as fast as a terminal sends them. */
static void test_a_thousand_pasted_yes_never_approve(void **state)
{
	static const struct event *const stories[] = { asks_low, asks_medium, asks_high };
	(void)state;
	for (int how = 0; how < 3; how++) {
		for (size_t s = 0; s < 3; s++) {
			struct ui_stage stage;
			open_asking(&stage, stories[s]);
			ui_stage_press(&stage, "a");
			ui_stage_look(&stage);
			for (int i = 0; i < 1000; i++) {
				struct key y = { .code = 'y', .pasted = how == 0, .burst = how == 1 };
				struct key enter = { .code = KEYCODE_ENTER, .pasted = how == 0, .burst = how == 1 };
				ui_stage_wait(&stage, how == 2 ? 20 : 0);
				ui_stage_key(&stage, y);
				ui_stage_wait(&stage, how == 2 ? 20 : i % 3 ? 0 : 1000);
				ui_stage_key(&stage, enter);
			}
			assert_null(ui_stage_sent(&stage));
			ui_stage_close(&stage);
		}
	}
}

static void test_enter_right_behind_y_is_a_paste(void **state)
{
	struct ui_stage stage;
	(void)state;
	open_asking(&stage, asks_medium);
	ui_stage_press(&stage, "a y");
	ui_stage_wait(&stage, CONFIRM_ENTER_MS - 1);
	ui_stage_key(&stage, key_enter);
	assert_null(ui_stage_sent(&stage));
	ui_stage_wait(&stage, CONFIRM_ENTER_MS);
	ui_stage_key(&stage, key_enter);
	assert_sent(&stage, COMMAND_APPROVE);
	ui_stage_close(&stage);
}

static void test_the_dialog_names_keys_as_they_are_bound(void **state)
{
	struct ui_stage stage;
	struct err err = { 0 };
	struct keymap *keymap = keymap_new();
	(void)state;
	assert_int_equal(keymap_bind(keymap, "no-with-reason", "X", &err), 0);
	assert_int_equal(keymap_bind(keymap, "diff", "C-t", &err), 0);
	assert_int_equal(keymap_bind(keymap, "approvals", "o", &err), 0);
	open_asking(&stage, asks_low);
	stage.ui->view.keymap = keymap;
	ui_stage_press(&stage, "o");
	assert_contains(ui_stage_look(&stage), "X decline and say why");
	assert_contains(ui_stage_look(&stage), "C-t diff");
	ui_stage_press(&stage, "Esc 2");
	assert_contains(ui_stage_look(&stage), "o opens the question");
	ui_stage_close(&stage);
	keymap_free(keymap);
}

static void test_an_open_question_is_not_offered_to_be_opened(void **state)
{
	struct ui_stage stage;
	(void)state;
	open_asking(&stage, asks_low);
	assert_contains(ui_stage_look(&stage), "a opens");
	ui_stage_press(&stage, "a");
	assert_null(strstr(ui_stage_look(&stage), "a opens"));
	assert_contains(ui_stage_look(&stage), "the run waits for this answer");
	ui_stage_press(&stage, "Esc");
	assert_contains(ui_stage_look(&stage), "a opens");
	ui_stage_close(&stage);
}

static void test_a_long_command_must_have_been_read_to_its_end(void **state)
{
	char what[4000] = "";
	struct event events[3] = { asks_low[0], asks_low[1], asks_low[2] };
	struct ui_stage stage;
	(void)state;
	for (int i = 0; i < 200; i++)
		strcat(what, "rm -rf /tmp/x &&\n");
	events[2].what = what;
	open_asking(&stage, events);
	ui_stage_press(&stage, "a y");
	assert_null(ui_stage_sent(&stage));
	assert_contains(ui_stage_look(&stage), "read it to its end first");
	ui_stage_press(&stage, "G y");
	assert_sent(&stage, COMMAND_APPROVE);
	ui_stage_close(&stage);
}

static void test_a_screen_that_cannot_show_the_question_cannot_approve_it(void **state)
{
	struct ui_stage stage;
	(void)state;
	open_asking(&stage, asks_low);
	ui_stage_resize(&stage, 80, 2);
	ui_stage_press(&stage, "a G y y");
	assert_null(ui_stage_sent(&stage));
	ui_stage_resize(&stage, 30, 6);
	ui_stage_press(&stage, "G y");
	assert_sent(&stage, COMMAND_APPROVE);
	ui_stage_close(&stage);
}

static void test_focus_that_comes_back_makes_the_dialog_deaf_again(void **state)
{
	struct ui_stage stage;
	(void)state;
	open_asking(&stage, asks_medium);
	ui_stage_press(&stage, "a y");
	ui_stage_key(&stage, (struct key){ .code = KEYCODE_FOCUS_IN });
	ui_stage_wait(&stage, CONFIRM_DEAF_MS - 1);
	ui_stage_key(&stage, key_enter);
	ui_stage_key(&stage, key_y);
	assert_null(ui_stage_sent(&stage));
	ui_stage_close(&stage);
}

static void test_escape_leaves_the_question_open(void **state)
{
	struct ui_stage stage;
	(void)state;
	open_asking(&stage, asks_high);
	ui_stage_press(&stage, "a y Esc");
	assert_contains(ui_stage_look(&stage), "then type the word  install");
	ui_stage_press(&stage, "Esc");
	assert_null(strstr(ui_stage_look(&stage), "Approve command?"));
	assert_contains(ui_stage_look(&stage), "!1 approval");
	assert_null(ui_stage_sent(&stage));
	ui_stage_close(&stage);
}

static void test_a_refusal_carries_its_reason(void **state)
{
	struct ui_stage stage;
	(void)state;
	open_asking(&stage, asks_high);
	ui_stage_press(&stage, "a N n o Space y Enter");
	assert_sent(&stage, COMMAND_REFUSE);
	assert_string_equal(ui_stage_sent(&stage)->text, "no y");
	ui_stage_close(&stage);
	open_asking(&stage, asks_high);
	ui_stage_press(&stage, "a n");
	assert_sent(&stage, COMMAND_REFUSE);
	assert_null(ui_stage_sent(&stage)->text);
	ui_stage_close(&stage);
}

static void test_a_question_answered_elsewhere_closes(void **state)
{
	const struct event events[] = { asks_low[0], asks_low[1], asks_low[2],
		                        { EACH(4, APPROVAL_GIVEN), .step = "one", .request = "r1", .by = "flag" } };
	struct ui_stage stage;
	(void)state;
	open_asking(&stage, events);
	ui_stage_press(&stage, "a");
	ui_stage_more(&stage, 4);
	assert_contains(ui_stage_look(&stage), "no longer open");
	ui_stage_press(&stage, "y");
	assert_null(ui_stage_sent(&stage));
	ui_stage_close(&stage);
}

/* ---- the run ---- */

static void open_story(struct ui_stage *stage, enum tui_story_place place)
{
	ui_stage_open(stage, tui_story, tui_story_at(place), 80, 24);
	stage->script.blob_of = tui_story_blob;
}

static void test_undo_takes_the_last_step_while_following_and_the_chosen_one_after(void **state)
{
	struct ui_stage stage;
	(void)state;
	open_story(&stage, STORY_ASKING);
	ui_stage_press(&stage, "u");
	assert_sent(&stage, COMMAND_UNDO);
	assert_string_equal(ui_stage_sent(&stage)->step, "store.session");
	ui_stage_press(&stage, "g j j u");
	assert_string_equal(ui_stage_sent(&stage)->step, "store.head");
	ui_stage_press(&stage, "G u"); /* the last one has not landed */
	assert_string_equal(ui_stage_sent(&stage)->step, "store.session");
	ui_stage_close(&stage);
}

static void test_a_rollback_beside_other_changes_is_shown_before_it_is_done(void **state)
{
	static const char *const put[] = { "src/a.c changed since: merged with that change" };
	static const char *const left[] = { "src/b.c changed since: left as it is" };
	static const char *const later[] = { "step 'login' builds on it" };
	struct ui_stage stage;
	struct event event[64];
	size_t n = tui_story_at(STORY_ASKING);
	(void)state;
	assert_true(n < 64);
	memcpy(event, tui_story, n * sizeof *event);
	event[n] = event[n - 1];
	event[n] = (struct event){ .seq = event[n - 1].seq + 1, .at_ms = event[n - 1].at_ms, .run = event[n - 1].run,
		                   .kind = EVENT_ROLLBACK_ASKED, .step = "store.session", .mode = "undo",
		                   .covered = { put, 1 }, .not_covered = { left, 1 }, .reach = { later, 1 } };
	ui_stage_open(&stage, event, n, 80, 24);
	ui_stage_press(&stage, "u");
	assert_int_equal(ui_stage_sent(&stage)->number, ROLLBACK_ASK);
	ui_stage_more(&stage, n + 1);
	assert_contains(ui_stage_look(&stage), "src/a.c changed since: merged");
	assert_contains(ui_stage_look(&stage), "step 'login' builds on it");
	ui_stage_press(&stage, "Esc Enter");
	assert_int_equal(ui_stage_sent(&stage)->number, ROLLBACK_ASK); /* nothing more was sent */
	ui_stage_close(&stage);
	ui_stage_open(&stage, event, n, 80, 24);
	ui_stage_press(&stage, "u");
	ui_stage_more(&stage, n + 1);
	ui_stage_press(&stage, "o");
	assert_sent(&stage, COMMAND_UNDO);
	assert_int_equal(ui_stage_sent(&stage)->number, ROLLBACK_FORCE);
	assert_string_equal(ui_stage_sent(&stage)->step, "store.session");
	ui_stage_close(&stage);
}

static void test_a_message_is_typed_and_a_breakpoint_is_marked(void **state)
{
	struct ui_stage stage;
	(void)state;
	open_story(&stage, STORY_ASKING);
	ui_stage_press(&stage, "m");
	assert_contains(ui_stage_look(&stage), "to the model:");
	ui_stage_press(&stage, "t a b s Enter");
	assert_sent(&stage, COMMAND_MESSAGE);
	assert_string_equal(ui_stage_sent(&stage)->text, "tabs");
	assert_string_equal(ui_stage_sent(&stage)->step, "login");
	ui_stage_press(&stage, "G b");
	assert_sent(&stage, COMMAND_BREAK);
	assert_int_equal(ui_stage_sent(&stage)->number, 1);
	assert_contains(ui_stage_look(&stage), "> b ");
	ui_stage_press(&stage, "b");
	assert_int_equal(ui_stage_sent(&stage)->number, 0);
	ui_stage_close(&stage);
}

static void test_slash_forms_grow_the_plan_and_save_writes_it(void **state)
{
	struct ui_stage stage;
	(void)state;
	open_story(&stage, STORY_ASKING);
	ui_stage_press(&stage, ": / w");
	assert_contains(ui_stage_look(&stage), "/write PATH: what");
	assert_null(strstr(ui_stage_look(&stage), "/read PATH"));
	ui_stage_press(&stage, "r i t e Space a : Space b Enter");
	assert_sent(&stage, COMMAND_GROW);
	assert_string_equal(ui_stage_sent(&stage)->text, "/write a: b");
	ui_stage_press(&stage, ": Up"); /* it is in the history */
	assert_contains(ui_stage_look(&stage), ":/write a: b");
	ui_stage_press(&stage, "Esc : s a v e Space f Enter");
	assert_sent(&stage, COMMAND_SAVE);
	assert_string_equal(ui_stage_sent(&stage)->text, "f");
	ui_stage_close(&stage);
}

static void test_skip_and_stop_ask_and_escape_answers_nothing(void **state)
{
	struct ui_stage stage;
	(void)state;
	open_story(&stage, STORY_ASKING);
	ui_stage_press(&stage, "x Esc x n");
	assert_null(ui_stage_sent(&stage));
	ui_stage_press(&stage, "x y");
	assert_sent(&stage, COMMAND_STOP_STEP);
	assert_string_equal(ui_stage_sent(&stage)->step, "login");
	ui_stage_press(&stage, "G S y");
	assert_sent(&stage, COMMAND_SKIP);
	assert_string_equal(ui_stage_sent(&stage)->step, "sum");
	ui_stage_close(&stage);
}

static void test_keys_of_the_run_send_their_commands(void **state)
{
	static const struct {
		const char *keys;
		enum command_kind kind;
	} cases[] = { { "p", COMMAND_PAUSE },   { "p p", COMMAND_UNPAUSE }, { "p .", COMMAND_ONE_STEP },
		      { "+", COMMAND_WORKERS }, { "-", COMMAND_WORKERS },   { "G k r", COMMAND_RETRY } };
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct ui_stage stage;
		open_story(&stage, STORY_ASKING);
		ui_stage_press(&stage, cases[i].keys);
		assert_sent(&stage, cases[i].kind);
		ui_stage_close(&stage);
	}
}

static void test_escape_never_stops_anything(void **state)
{
	struct ui_stage stage;
	(void)state;
	open_story(&stage, STORY_ASKING);
	ui_stage_press(&stage, "d z Esc Esc Esc Esc Esc Esc");
	assert_null(ui_stage_sent(&stage));
	assert_int_equal(ui_end(stage.ui), UI_GOES_ON);
	ui_stage_close(&stage);
}

static void test_q_closes_views_before_it_asks_to_quit(void **state)
{
	struct ui_stage stage;
	(void)state;
	open_story(&stage, STORY_ASKING);
	ui_stage_press(&stage, "2 z ? q q q");
	assert_null(strstr(ui_stage_look(&stage), "The run goes on"));
	ui_stage_press(&stage, "q");
	assert_contains(ui_stage_look(&stage), "The run goes on");
	ui_stage_press(&stage, "g");
	assert_int_equal(ui_end(stage.ui), UI_GOES_ON);
	ui_stage_press(&stage, "Q x");
	assert_sent(&stage, COMMAND_STOP);
	assert_int_equal(ui_end(stage.ui), UI_GOES_ON); /* until the run has ended */
	ui_stage_more(&stage, tui_story_n);
	assert_int_equal(ui_end(stage.ui), UI_QUIT);
	ui_stage_close(&stage);
}

static void test_quit_leaves_at_once_when_the_run_is_over(void **state)
{
	struct ui_stage stage;
	(void)state;
	open_story(&stage, STORY_OVER);
	ui_stage_press(&stage, "Q");
	assert_int_equal(ui_end(stage.ui), UI_QUIT);
	ui_stage_close(&stage);
}

static void test_interrupts_pause_then_stop_then_leave(void **state)
{
	struct ui_stage stage;
	(void)state;
	open_story(&stage, STORY_ASKING);
	ui_interrupt(stage.ui);
	assert_sent(&stage, COMMAND_PAUSE);
	assert_contains(ui_stage_look(&stage), "What now?");
	ui_stage_wait(&stage, 1000);
	ui_interrupt(stage.ui);
	assert_sent(&stage, COMMAND_STOP);
	assert_int_equal(ui_end(stage.ui), UI_GOES_ON);
	ui_stage_wait(&stage, 1000);
	ui_interrupt(stage.ui);
	assert_int_equal(ui_end(stage.ui), UI_INTERRUPTED);
	ui_stage_close(&stage);
}

static void test_interrupts_far_apart_only_pause(void **state)
{
	struct ui_stage stage;
	(void)state;
	open_story(&stage, STORY_ASKING);
	for (int i = 0; i < 5; i++) {
		ui_interrupt(stage.ui);
		ui_stage_wait(&stage, 3000);
	}
	assert_sent(&stage, COMMAND_PAUSE);
	assert_int_equal(ui_end(stage.ui), UI_GOES_ON);
	ui_stage_close(&stage);
}

static void test_pasted_text_is_no_command(void **state)
{
	struct ui_stage stage;
	(void)state;
	open_story(&stage, STORY_ASKING);
	for (const char *c = "uUxySQqp+-r.\r"; *c; c++)
		ui_stage_key(&stage, (struct key){ .code = *c, .pasted = true });
	assert_null(ui_stage_sent(&stage));
	assert_int_equal(ui_end(stage.ui), UI_GOES_ON);
	ui_stage_close(&stage);
}

static void test_a_run_that_is_over_wakes_nobody(void **state)
{
	struct ui_stage stage;
	(void)state;
	open_story(&stage, STORY_OVER);
	ui_stage_look(&stage);
	assert_int_equal(ui_due_ms(stage.ui), -1);
	assert_false(ui_is_dirty(stage.ui));
	ui_stage_close(&stage);
}

/* ---- replay ---- */

static void open_replay(struct ui_stage *stage)
{
	open_story(stage, STORY_ASKING);
	stage->script.status = (struct feed_status){ .replay = true, .speed = 1000, .seq = 41, .last_seq = 49 };
	ui_stage_look(stage);
}

static void test_a_replay_is_read_only(void **state)
{
	struct ui_stage stage;
	(void)state;
	open_replay(&stage);
	ui_stage_press(&stage, "u");
	assert_contains(ui_stage_look(&stage), "read-only replay");
	ui_stage_press(&stage, "U p r S x a Enter");
	assert_null(ui_stage_sent(&stage));
	ui_stage_close(&stage);
}

static void test_two_keys_at_once_build_on_each_other(void **state)
{
	struct ui_stage stage;
	(void)state;
	open_replay(&stage);
	ui_stage_key(&stage, (struct key){ .code = '+' });
	ui_stage_key(&stage, (struct key){ .code = '+' });
	assert_int_equal(ui_stage_sent(&stage)->number, 4000);
	ui_stage_close(&stage);
}

static void test_replay_keys_send_their_commands(void **state)
{
	static const struct {
		const char *keys;
		enum command_kind kind;
		int64_t number;
	} cases[] = {
		{ "Space", COMMAND_PLAY, 0 },         { ".", COMMAND_STEP_EVENT, 1 },  { ",", COMMAND_STEP_EVENT, -1 },
		{ "]", COMMAND_STEP_MARK, 1 },        { "[", COMMAND_STEP_MARK, -1 },  { ">", COMMAND_SEEK_MS, 5000 },
		{ "<", COMMAND_SEEK_MS, -5000 },      { ")", COMMAND_SEEK_MS, 60000 }, { "(", COMMAND_SEEK_MS, -60000 },
		{ "3", COMMAND_SEEK_PERCENT, 30 },    { "+", COMMAND_SPEED, 2000 },    { "-", COMMAND_SPEED, 500 },
		{ "=", COMMAND_SPEED, 1000 },         { "i", COMMAND_SQUEEZE, 0 },     { "t 1 : 3 0 Enter", COMMAND_SEEK_TO_MS, 90000 },
		{ "t # 4 0 Enter", COMMAND_SEEK_SEQ, 40 },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct ui_stage stage;
		open_replay(&stage);
		ui_stage_press(&stage, cases[i].keys);
		assert_sent(&stage, cases[i].kind);
		assert_int_equal(ui_stage_sent(&stage)->number, cases[i].number);
		ui_stage_close(&stage);
	}
}

static void test_a_feed_that_begins_again_gives_the_same_screen(void **state)
{
	struct ui_stage stage;
	(void)state;
	open_replay(&stage);
	char *before = strdup(ui_stage_look(&stage));
	stage.script.restart = true;
	ui_stage_more(&stage, tui_story_at(STORY_ASKING));
	assert_string_equal(before, ui_stage_look(&stage));
	free(before);
	ui_stage_close(&stage);
}

/* ---- the command line ---- */

static void test_an_action_is_found_by_parts_of_its_name(void **state)
{
	const struct keymap_row *undo = keymap_row(ACTION_UNDO);
	(void)state;
	assert_int_equal(cmdline_score("undo", undo), 1000);
	assert_true(cmdline_score("ud", undo) > 0);
	assert_true(cmdline_score("roll back", undo) > 0);
	assert_int_equal(cmdline_score("xyzzy", undo), 0);
	assert_true(cmdline_score("sbs", keymap_row(ACTION_SIDE_BY_SIDE)) > cmdline_score("sbs", undo));
	assert_true(cmdline_score("pa", keymap_row(ACTION_PAUSE)) > 0);
}

static void test_the_command_line_does_what_the_key_does(void **state)
{
	struct ui_stage stage;
	(void)state;
	open_story(&stage, STORY_ASKING);
	ui_stage_press(&stage, ": p a u s e");
	assert_contains(ui_stage_look(&stage), "> pause            p        nothing new starts");
	assert_null(ui_stage_sent(&stage));
	ui_stage_press(&stage, "Enter");
	assert_sent(&stage, COMMAND_PAUSE);
	ui_stage_press(&stage, ": Up Enter"); /* what was run last */
	assert_sent(&stage, COMMAND_UNPAUSE);
	ui_stage_close(&stage);
}

static void test_what_cannot_be_done_now_says_why(void **state)
{
	struct ui_stage stage;
	(void)state;
	open_story(&stage, STORY_ASKING);
	ui_stage_press(&stage, ": r e d o");
	assert_contains(ui_stage_look(&stage), "nothing was rolled back: ");
	ui_stage_press(&stage, "Esc");
	assert_null(strstr(ui_stage_look(&stage), "Tab completes"));
	assert_null(ui_stage_sent(&stage));
	ui_stage_close(&stage);
}

static void test_a_number_goes_to_that_step(void **state)
{
	struct ui_stage stage;
	(void)state;
	open_story(&stage, STORY_ASKING);
	ui_stage_press(&stage, ": 3 Enter");
	assert_contains(ui_stage_look(&stage), "Stream: step 3");
	ui_stage_press(&stage, ": 9 9 Enter");
	assert_contains(ui_stage_look(&stage), "there is no step '99'");
	ui_stage_press(&stage, ": q q q q Enter"); /* nothing is so named: it stays open */
	assert_contains(ui_stage_look(&stage), ":qqqq");
	ui_stage_close(&stage);
}

static void test_a_replay_offers_nothing_that_changes_a_run(void **state)
{
	struct ui_stage stage;
	(void)state;
	open_replay(&stage);
	ui_stage_press(&stage, ": u n d o");
	assert_null(strstr(ui_stage_look(&stage), "roll back"));
	ui_stage_press(&stage, "Enter Esc");
	assert_null(ui_stage_sent(&stage));
	ui_stage_close(&stage);
}

static void test_a_thousand_notices_later_what_one_reads_stays(void **state)
{
	static struct event event[1400];
	struct ui_stage stage;
	(void)state;
	event[0] = (struct event){ EACH(1, RUN_STARTED), .plan = "p.yaml" };
	for (size_t i = 1; i < 1400; i++) {
		static char text[1400][16];
		snprintf(text[i], sizeof text[i], "news-%04zu", i);
		event[i] = (struct event){ EACH(i + 1, NOTICE), .category = "limit", .message = text[i] };
	}
	ui_stage_open(&stage, event, 900, 80, 24);
	ui_stage_press(&stage, "5 z g G k k k k k");
	ui_stage_look(&stage);
	const char *line = strstr(ui_stage_look(&stage), "news-0");
	assert_non_null(line);
	char seen[10] = "";
	memcpy(seen, line, 9);
	ui_stage_more(&stage, 1100); /* 250 old ones are dropped; those on screen are still there */
	assert_contains(ui_stage_look(&stage), seen);
	assert_true(strstr(ui_stage_look(&stage), "news-0") == strstr(ui_stage_look(&stage), seen));
	ui_stage_close(&stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_approval_rings_once_and_takes_no_focus),
		cmocka_unit_test(test_a_question_is_no_matter_of_risk),
		cmocka_unit_test(test_low_takes_one_y),
		cmocka_unit_test(test_medium_takes_y_and_then_enter),
		cmocka_unit_test(test_high_takes_y_and_a_word_of_the_target),
		cmocka_unit_test(test_the_dialog_is_deaf_at_first_and_until_it_is_quiet),
		cmocka_unit_test(test_a_thousand_pasted_yes_never_approve),
		cmocka_unit_test(test_enter_right_behind_y_is_a_paste),
		cmocka_unit_test(test_the_dialog_names_keys_as_they_are_bound),
		cmocka_unit_test(test_an_open_question_is_not_offered_to_be_opened),
		cmocka_unit_test(test_a_long_command_must_have_been_read_to_its_end),
		cmocka_unit_test(test_a_screen_that_cannot_show_the_question_cannot_approve_it),
		cmocka_unit_test(test_focus_that_comes_back_makes_the_dialog_deaf_again),
		cmocka_unit_test(test_escape_leaves_the_question_open),
		cmocka_unit_test(test_a_refusal_carries_its_reason),
		cmocka_unit_test(test_a_question_answered_elsewhere_closes),
		cmocka_unit_test(test_undo_takes_the_last_step_while_following_and_the_chosen_one_after),
		cmocka_unit_test(test_a_rollback_beside_other_changes_is_shown_before_it_is_done),
		cmocka_unit_test(test_a_message_is_typed_and_a_breakpoint_is_marked),
		cmocka_unit_test(test_slash_forms_grow_the_plan_and_save_writes_it),
		cmocka_unit_test(test_skip_and_stop_ask_and_escape_answers_nothing),
		cmocka_unit_test(test_keys_of_the_run_send_their_commands),
		cmocka_unit_test(test_escape_never_stops_anything),
		cmocka_unit_test(test_q_closes_views_before_it_asks_to_quit),
		cmocka_unit_test(test_quit_leaves_at_once_when_the_run_is_over),
		cmocka_unit_test(test_interrupts_pause_then_stop_then_leave),
		cmocka_unit_test(test_interrupts_far_apart_only_pause),
		cmocka_unit_test(test_pasted_text_is_no_command),
		cmocka_unit_test(test_a_run_that_is_over_wakes_nobody),
		cmocka_unit_test(test_a_replay_is_read_only),
		cmocka_unit_test(test_two_keys_at_once_build_on_each_other),
		cmocka_unit_test(test_replay_keys_send_their_commands),
		cmocka_unit_test(test_a_feed_that_begins_again_gives_the_same_screen),
		cmocka_unit_test(test_an_action_is_found_by_parts_of_its_name),
		cmocka_unit_test(test_the_command_line_does_what_the_key_does),
		cmocka_unit_test(test_what_cannot_be_done_now_says_why),
		cmocka_unit_test(test_a_number_goes_to_that_step),
		cmocka_unit_test(test_a_replay_offers_nothing_that_changes_a_run),
		cmocka_unit_test(test_a_thousand_notices_later_what_one_reads_stays),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
