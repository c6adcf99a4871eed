#include "tests/unit.h"

#include "tui/notify.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ONE .step = "one", .attempt = 1
#define MINUTE 60000

static struct run_model model;
static struct notify *notify;
static int terminal[2]; /* what is told goes in at 1 */
static char told[1024];

static int set_up(void **state)
{
	(void)state;
	run_model_init(&model);
	return pipe2(terminal, O_NONBLOCK | O_CLOEXEC);
}

static int tear_down(void **state)
{
	(void)state;
	notify_free(notify);
	notify = NULL;
	run_model_release(&model);
	close(terminal[0]);
	close(terminal[1]);
	return 0;
}

static void tell(struct event event)
{
	struct err err = { 0 };
	event.seq = model.seq + 1;
	event.at_ms = 1000 * (int64_t)event.seq;
	event.run = "00c0ffee";
	assert_ok(run_model_apply(&model, &event, &err), &err);
}

#define TELL(what, ...) tell((struct event){ .kind = EVENT_##what, __VA_ARGS__ })

static void begin(const struct notify_options *options)
{
	notify = notify_new(options, terminal[1]);
	TELL(RUN_STARTED, .plan = "plans/a.yaml", .mode = "run");
	TELL(STEP_DECLARED, .step = "one", .verb = "run", .title = "One");
	TELL(STEP_STARTED, ONE);
	notify_look(notify, &model, 0);
}

static const char *what_was_told(void)
{
	ssize_t n = read(terminal[0], told, sizeof told - 1);
	told[n > 0 ? n : 0] = '\0';
	return told;
}

static const struct notify_options bell_and_osc = { .bell = true, .osc = true, .after_ms = 10000 };

static void test_a_question_is_told_once(void **state)
{
	(void)state;
	begin(&bell_and_osc);
	assert_string_equal(what_was_told(), "");
	TELL(APPROVAL_ASKED, ONE, .request = "r1", .risk = "high", .what = "rm a");
	notify_look(notify, &model, 5);
	assert_string_equal(what_was_told(), "\033]9;a.yaml waits for you: one asks\007\007");
	notify_look(notify, &model, MINUTE);
	assert_string_equal(what_was_told(), "");
	TELL(APPROVAL_GIVEN, ONE, .request = "r1", .by = "person");
	notify_look(notify, &model, MINUTE);
	assert_string_equal(what_was_told(), "");
}

static void test_who_looks_hears_the_bell_alone(void **state)
{
	(void)state;
	begin(&bell_and_osc);
	notify_focus(notify, true);
	TELL(APPROVAL_ASKED, ONE, .request = "r1", .risk = "high", .what = "rm a");
	notify_look(notify, &model, 5);
	assert_string_equal(what_was_told(), "\007");
}

static void end_after(int64_t ms)
{
	TELL(STEP_DONE, ONE);
	TELL(RUN_FINISHED, .exit_code = 0);
	notify_look(notify, &model, ms);
}

static void test_the_end_of_a_long_run_is_told(void **state)
{
	(void)state;
	begin(&bell_and_osc);
	end_after(10000);
	assert_string_equal(what_was_told(), "\033]9;a.yaml is done, 1 steps\007\007");
	notify_look(notify, &model, MINUTE);
	assert_string_equal(what_was_told(), "");
}

static void test_the_end_of_a_short_run_is_told_only_to_who_looks_elsewhere(void **state)
{
	(void)state;
	begin(&bell_and_osc);
	end_after(9999);
	assert_string_equal(what_was_told(), "");
	notify_free(notify);
	run_model_release(&model);
	run_model_init(&model);
	begin(&bell_and_osc);
	notify_focus(notify, false);
	end_after(1);
	assert_string_equal(what_was_told(), "\033]9;a.yaml is done, 1 steps\007\007");
}

static void test_what_had_ended_before_is_not_told(void **state)
{
	(void)state;
	notify = notify_new(&bell_and_osc, terminal[1]);
	TELL(RUN_STARTED, .plan = "a.yaml", .mode = "run");
	TELL(RUN_FINISHED, .exit_code = 1);
	notify_look(notify, &model, MINUTE);
	assert_string_equal(what_was_told(), "");
}

static void test_the_bell_can_be_off(void **state)
{
	static const struct notify_options silent = { .after_ms = 0 };
	(void)state;
	begin(&silent);
	end_after(MINUTE);
	assert_string_equal(what_was_told(), "");
}

/* A name that a plan chose is text, whatever is in it. */
static void test_a_name_cannot_drive_the_terminal(void **state)
{
	(void)state;
	notify = notify_new(&bell_and_osc, terminal[1]);
	TELL(RUN_STARTED, .plan = "a\033]52;c;eA==\007.yaml", .mode = "run");
	notify_look(notify, &model, 0);
	TELL(RUN_FINISHED, .exit_code = 0);
	notify_look(notify, &model, MINUTE);
	assert_null(strstr(what_was_told() + 1, "\033"));
	assert_non_null(strstr(told, "is done"));
}

static void test_the_command_gets_its_words_by_the_environment(void **state)
{
	static char file[] = "/tmp/belay-notify-XXXXXX";
	char command[128];
	char text[256];
	(void)state;
	int fd = mkstemp(file);
	assert_true(fd >= 0);
	snprintf(command, sizeof command,
	         "printf '%%s|' \"$BELAY_EVENT\" \"$BELAY_MESSAGE\" \"$BELAY_RUN\" \"$BELAY_EXIT\" >%s", file);
	struct notify_options options = { .command = command };
	begin(&options);
	end_after(MINUTE);
	notify_free(notify); /* waits */
	notify = NULL;
	ssize_t n = read(fd, text, sizeof text - 1);
	text[n > 0 ? n : 0] = '\0';
	close(fd);
	unlink(file);
	assert_string_equal(text, "finished|a.yaml is done, 1 steps|00c0ffee|0|");
}

static void test_a_command_that_fails_is_told_of_once(void **state)
{
	static const struct notify_options options = { .command = "exit 3" };
	struct buf trouble = { 0 };
	(void)state;
	begin(&options);
	end_after(MINUTE);
	while (!notify_take_trouble(notify, &trouble))
		(void)poll(NULL, 0, 1); /* the child ends by itself, or the harness ends the test */
	assert_string_equal(buf_str(&trouble), "the command of 'notify' ended with exit status 3");
	buf_clear(&trouble);
	assert_false(notify_take_trouble(notify, &trouble));
	buf_release(&trouble);
}

static void test_only_terminals_that_are_known_to_show_it_are_sent_a_notification(void **state)
{
	(void)state;
	unsetenv("KITTY_WINDOW_ID");
	unsetenv("ConEmuPID");
	unsetenv("TERM_PROGRAM");
	assert_false(notify_terminal_shows("auto"));
	assert_true(notify_terminal_shows("always"));
	setenv("TERM_PROGRAM", "WezTerm", 1);
	assert_true(notify_terminal_shows("auto"));
	assert_false(notify_terminal_shows("never"));
	unsetenv("TERM_PROGRAM");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_a_question_is_told_once),
		TEST(test_who_looks_hears_the_bell_alone),
		TEST(test_the_end_of_a_long_run_is_told),
		TEST(test_the_end_of_a_short_run_is_told_only_to_who_looks_elsewhere),
		TEST(test_what_had_ended_before_is_not_told),
		TEST(test_the_bell_can_be_off),
		TEST(test_a_name_cannot_drive_the_terminal),
		TEST(test_the_command_gets_its_words_by_the_environment),
		TEST(test_a_command_that_fails_is_told_of_once),
		TEST(test_only_terminals_that_are_known_to_show_it_are_sent_a_notification),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
