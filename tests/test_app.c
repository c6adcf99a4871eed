#include "tests/unit.h"

#include "base/buf.h"
#include "base/clock.h"
#include "tests/feed_script.h"
#include "tests/tui_story.h"
#include "tui/app.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <pty.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h> /* login_tty */

/*
 * The UI on a terminal of its own, in a process of its own: what it writes is read byte by byte, keys are typed, signals
 * sent. What it was asked to do comes back through a pipe, one letter for each command.
 */
struct stage {
	pid_t pid;
	int fd;        /* the terminal's other side */
	int report_fd;
	struct termios before;
	struct buf seen;
};

#define WAIT_MS 20000 /* a busy machine, and valgrind */

struct cast {
	const char *term;
	const struct event *event;
	size_t n_events;
	bool ends;       /* after its events, the feed ends */
	const char *keys;
	const char *locale; /* NULL: UTF-8 */
	bool mono;
};

static void report(int fd, const struct feed_script *script)
{
	for (size_t i = 0; i < script->n_sent; i++) {
		enum command_kind kind = script->sent[i]->kind;
		const char *letter = kind == COMMAND_APPROVE ? "A" : kind == COMMAND_REFUSE ? "R" : kind == COMMAND_STOP ? "S" : ".";
		assert_int_equal(write(fd, letter, 1), 1);
	}
}

/* Who started the test may have told the system to ignore some, as shells do for what runs in the background. */
static void hear_all_signals(void)
{
	static const int numbers[] = { SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGTSTP, SIGCONT, SIGWINCH };
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		signal(numbers[i], SIG_DFL);
}

/* The child never comes back into cmocka. */
static void play(const struct cast *cast, int report_fd)
{
	static const int fatal[] = { SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL };
	struct feed_script script;
	struct app_options options = { .in_fd = 0, .out_fd = 1, .signal_fd = -1, .n_workers = 4, .color = !cast->mono,
		                       .keys = cast->keys, .dump_fd = report_fd };
	struct rlimit none = { 0, 0 };
	struct err err;
	sigset_t signals;
	hear_all_signals();
	setrlimit(RLIMIT_CORE, &none);
	for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++) /* cmocka's handlers are its own affair */
		signal(fatal[i], SIG_DFL);
	setenv("TERM", cast->term, 1);
	if (cast->locale)
		setlocale(LC_ALL, cast->locale);
	setenv("LINES", "5", 1); /* must not freeze the size */
	setenv("COLUMNS", "25", 1);
	app_signals(&signals);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	feed_script_init(&script, cast->event, cast->n_events, cast->n_events);
	script.goes_on = !cast->ends;
	script.blob_of = tui_story_blob;
	int code = app_run(&script.feed, &options, &err);
	if (code == APP_NO_SCREEN)
		dprintf(report_fd, "%s, %zu events taken", err.msg, script.at);
	report(report_fd, &script);
	feed_script_release(&script);
	_exit(code == APP_NO_SCREEN ? 99 : code);
}

static void open_stage(struct stage *stage, const struct cast *cast)
{
	struct winsize size = { .ws_col = 80, .ws_row = 24 };
	int pipe_fd[2];
	int child_fd;
	*stage = (struct stage){ 0 };
	assert_int_equal(pipe(pipe_fd), 0);
	assert_int_equal(openpty(&stage->fd, &child_fd, NULL, NULL, &size), 0);
	assert_int_equal(tcgetattr(stage->fd, &stage->before), 0);
	stage->pid = fork();
	assert_true(stage->pid >= 0);
	if (stage->pid == 0) {
		close(pipe_fd[0]);
		close(stage->fd);
		if (login_tty(child_fd) != 0)
			_exit(98);
		play(cast, pipe_fd[1]);
	}
	close(child_fd);
	close(pipe_fd[1]);
	stage->report_fd = pipe_fd[0];
}

/* Takes what the program writes; false when it has closed the terminal or nothing came in time. */
static bool listen_to(struct stage *stage, int64_t until_ms)
{
	char data[4096];
	struct pollfd fd = { .fd = stage->fd, .events = POLLIN };
	int64_t left = until_ms - clock_mono_ms();
	if (left <= 0 || poll(&fd, 1, (int)left) <= 0)
		return false;
	ssize_t n = read(stage->fd, data, sizeof data);
	if (n <= 0)
		return false;
	buf_add(&stage->seen, data, (size_t)n);
	return true;
}

/* Waits for a text in what comes after `from`. */
static void wait_for(struct stage *stage, const char *text, size_t from)
{
	int64_t until = clock_mono_ms() + WAIT_MS;
	while (stage->seen.len < from || !strstr(buf_str(&stage->seen) + from, text))
		if (!listen_to(stage, until))
			fail_msg("'%s' did not come; the terminal got '%s'", text, buf_str(&stage->seen) + from);
}

static void type(struct stage *stage, const char *text)
{
	size_t n = strlen(text);
	while (n) { /* a terminal takes 4 KiB at once; what the program writes must be read meanwhile */
		size_t part = n < 1024 ? n : 1024;
		ssize_t done = write(stage->fd, text, part);
		assert_true(done > 0);
		text += done;
		n -= (size_t)done;
		while (listen_to(stage, clock_mono_ms() + 1))
			;
	}
}

/* The exit status, or 1000 and the signal that killed it: 1000 + SIGKILL when it did not end by itself. */
static int finish(struct stage *stage)
{
	int status;
	int64_t until = clock_mono_ms() + WAIT_MS;
	while (listen_to(stage, until))
		;
	if (clock_mono_ms() >= until)
		kill(stage->pid, SIGKILL);
	assert_int_equal(waitpid(stage->pid, &status, 0), stage->pid);
	return WIFSIGNALED(status) ? 1000 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void close_stage(struct stage *stage)
{
	close(stage->fd);
	close(stage->report_fd);
	buf_release(&stage->seen);
}

static const char *report_of(struct stage *stage)
{
	static char text[65536];
	size_t n = 0;
	ssize_t got;
	while ((got = read(stage->report_fd, text + n, sizeof text - 1 - n)) > 0)
		n += (size_t)got;
	text[n] = '\0';
	return text;
}

static const char *last_of(const char *text, const char *part)
{
	const char *last = NULL;
	for (const char *at = text; (at = strstr(at, part)); at++)
		last = at;
	return last;
}

/* The alternate screen is left, the modes are off, and the line discipline is as it was. */
static void assert_terminal_is_restored(struct stage *stage)
{
	struct termios now;
	const char *seen = buf_str(&stage->seen);
	assert_true(last_of(seen, "\033[?1049l") > last_of(seen, "\033[?1049h"));
	assert_true(last_of(seen, "\033[?2004l") > last_of(seen, "\033[?2004h"));
	assert_true(last_of(seen, "\033[?1004l") > last_of(seen, "\033[?1004h"));
	assert_contains(last_of(seen, "\033]2;"), "\033]2;\007");
	if (tcgetattr(stage->fd, &now) == 0) {
		assert_int_equal(now.c_lflag, stage->before.c_lflag);
		assert_int_equal(now.c_iflag, stage->before.c_iflag);
		assert_int_equal(now.c_oflag, stage->before.c_oflag);
	}
}

static struct cast story(enum tui_story_place place)
{
	return (struct cast){ .term = "xterm-256color", .event = tui_story, .n_events = tui_story_at(place) };
}

static void test_quitting_restores_the_terminal_and_leaves_the_summary(void **state)
{
	struct cast cast = story(STORY_OVER);
	struct stage stage;
	(void)state;
	open_stage(&stage, &cast);
	wait_for(&stage, "inventory call sites", 0);
	type(&stage, "Q");
	assert_int_equal(finish(&stage), 3);
	assert_terminal_is_restored(&stage);
	assert_contains(last_of(buf_str(&stage.seen), "\033[?1049l"), "undo:    belay undo 7f3a5be1 --all");
	close_stage(&stage);
}

static void test_signals_end_it_with_their_status_and_stop_the_run(void **state)
{
	static const struct {
		int number, status;
	} cases[] = { { SIGTERM, 143 }, { SIGHUP, 129 } };
	struct cast cast = story(STORY_ASKING);
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct stage stage;
		open_stage(&stage, &cast);
		wait_for(&stage, "inventory call sites", 0);
		kill(stage.pid, cases[i].number);
		assert_int_equal(finish(&stage), cases[i].status);
		assert_terminal_is_restored(&stage);
		assert_string_equal(report_of(&stage), "S");
		close_stage(&stage);
	}
}

static void test_three_interrupts_leave_at_once(void **state)
{
	struct cast cast = story(STORY_ASKING);
	struct stage stage;
	(void)state;
	open_stage(&stage, &cast);
	wait_for(&stage, "inventory call sites", 0);
	type(&stage, "\003");
	wait_for(&stage, "What now?", 0);
	type(&stage, "\003");
	wait_for(&stage, "running steps are cancelled", stage.seen.len);
	type(&stage, "\003");
	assert_int_equal(finish(&stage), 130);
	assert_terminal_is_restored(&stage);
	close_stage(&stage);
}

static void test_a_crash_restores_the_terminal(void **state)
{
	struct cast cast = story(STORY_ASKING);
	struct stage stage;
	(void)state;
	open_stage(&stage, &cast);
	wait_for(&stage, "inventory call sites", 0);
	kill(stage.pid, SIGQUIT);
	assert_int_equal(finish(&stage), 1000 + SIGQUIT);
	assert_terminal_is_restored(&stage);
	close_stage(&stage);
}

/* The kernel does not stop a process that nobody could wake: the session gets a shell's place first. */
static void test_suspend_leaves_the_screen_and_comes_back_to_it(void **state)
{
	struct cast cast = story(STORY_ASKING);
	struct stage stage;
	int status;
	(void)state;
	open_stage(&stage, &cast);
	wait_for(&stage, "inventory call sites", 0);
	kill(stage.pid, SIGSTOP);
	assert_int_equal(waitpid(stage.pid, &status, WUNTRACED), stage.pid);
	assert_true(WIFSTOPPED(status));
	size_t before = stage.seen.len;
	kill(stage.pid, SIGCONT);
	wait_for(&stage, "inventory call sites", before);
	before = stage.seen.len;
	kill(stage.pid, SIGTSTP); /* orphaned: it leaves the screen, is not stopped, and comes back */
	wait_for(&stage, "\033[?1049l", before);
	wait_for(&stage, "\033[?1049h", before);
	wait_for(&stage, "inventory call sites", before);
	type(&stage, "Qx");
	kill(stage.pid, SIGTERM);
	assert_int_equal(finish(&stage), 143);
	assert_terminal_is_restored(&stage);
	close_stage(&stage);
}

static void test_a_new_size_is_drawn(void **state)
{
	struct cast cast = story(STORY_ASKING);
	struct winsize size = { .ws_col = 160, .ws_row = 48 };
	struct stage stage;
	(void)state;
	open_stage(&stage, &cast);
	wait_for(&stage, "inventory call sites", 0);
	for (unsigned short i = 1; i < 60; i++) { /* a storm first */
		struct winsize small = { .ws_col = i, .ws_row = (unsigned short)(61 - i) };
		assert_int_equal(ioctl(stage.fd, TIOCSWINSZ, &small), 0);
		listen_to(&stage, clock_mono_ms() + 2);
	}
	assert_int_equal(ioctl(stage.fd, TIOCSWINSZ, &size), 0);
	wait_for(&stage, "4 Workers", 0); /* only wide screens have it beside the plan */
	kill(stage.pid, SIGTERM);
	assert_int_equal(finish(&stage), 143);
	close_stage(&stage);
}

/* A window that shrank and grew again between two looks: of the size nothing is new, but the terminal cut the lines off. */
static void test_a_size_that_came_back_is_painted_anew(void **state)
{
	struct cast cast = story(STORY_ASKING);
	struct stage stage;
	(void)state;
	open_stage(&stage, &cast);
	wait_for(&stage, "inventory call sites", 0);
	kill(stage.pid, SIGWINCH);
	wait_for(&stage, "inventory call sites", stage.seen.len);
	kill(stage.pid, SIGTERM);
	assert_int_equal(finish(&stage), 143);
	close_stage(&stage);
}

static void test_pastes_approve_nothing(void **state)
{
	static const char *const brackets[][2] = { { "\033[200~", "\033[201~" }, { "", "" } };
	struct cast cast = story(STORY_ASKING);
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct stage stage;
		struct buf paste = { 0 };
		buf_add_str(&paste, "a");
		buf_add_str(&paste, brackets[i][0]);
		for (int n = 0; n < 1000; n++)
			buf_add_str(&paste, "y\n");
		buf_add_str(&paste, brackets[i][1]);
		open_stage(&stage, &cast);
		wait_for(&stage, "inventory call sites", 0);
		type(&stage, buf_str(&paste));
		kill(stage.pid, SIGTERM);
		assert_int_equal(finish(&stage), 143);
		assert_string_equal(report_of(&stage), "S");
		buf_release(&paste);
		close_stage(&stage);
	}
}

static void test_an_unknown_terminal_is_drawn_and_said(void **state)
{
	struct cast cast = story(STORY_ASKING);
	struct stage stage;
	(void)state;
	cast.term = "no-such-terminal";
	open_stage(&stage, &cast);
	wait_for(&stage, "'no-such-terminal' is unknown here", 0);
	kill(stage.pid, SIGTERM);
	assert_int_equal(finish(&stage), 143);
	close_stage(&stage);
}

static void test_a_terminal_that_cannot_move_its_cursor_is_left_to_another_front_end(void **state)
{
	struct cast cast = story(STORY_ASKING);
	struct stage stage;
	(void)state;
	cast.term = "dumb";
	open_stage(&stage, &cast);
	assert_int_equal(finish(&stage), 99);
	assert_contains(report_of(&stage), "0 events taken");
	close_stage(&stage);
}

#define NASTY "\033[2J\033]0;x\007\x9b" "31m\xc2\x9b" "7m\r\b\xe2\x80\xae\xff"

static const struct event nasty[] = {
	{ .seq = 1, .at_ms = 1, .kind = EVENT_RUN_STARTED, .run = NASTY, .plan = NASTY },
	{ .seq = 2, .at_ms = 2, .kind = EVENT_STEP_DECLARED, .step = "s", .verb = NASTY, .title = "marker " NASTY },
	{ .seq = 3, .at_ms = 3, .kind = EVENT_STEP_STARTED, .step = "s", .attempt = 1 },
	{ .seq = 4, .at_ms = 4, .kind = EVENT_OUTPUT, .step = "s", .stream = "stdout", .text = { NASTY, sizeof NASTY - 1, NULL } },
};

/* Skips one escape sequence of curses; returns the bytes, 0 when it is not one that curses sends. */
static size_t own_sequence(const char *at)
{
	size_t n = 2;
	if (at[1] == ']' && at[2] == 'R') /* terminfo's `oc` of the console: the palette as it was */
		return 3;
	if (at[1] == ']') { /* the title, which is plain text */
		const char *end = strchr(at, '\007');
		return end ? (size_t)(end - at) + 1 : 0;
	}
	if (at[1] != '[')
		return at[1] == '(' || at[1] == ')' ? 3 : at[1] == '=' || at[1] == '>' ? 2 : 0;
	while (at[n] && strchr("0123456789;?", at[n]))
		n++;
	return n + 1;
}

/* Every byte is text or a sequence that curses sends; with `ascii` nothing else is text. */
static void assert_bytes_parse(const char *seen, bool ascii, const char *what)
{
	for (const char *at = seen; *at;) {
		unsigned char c = (unsigned char)*at;
		size_t n = c != 033 ? 1 : strchr("78MDEHc", at[1]) ? 2 : own_sequence(at);
		if (!n || (c < 0x20 && c != 033 && !strchr("\a\r\n\b\017\016", c)) || c == 0x7f || (ascii && c >= 0x80))
			fail_msg("%s: byte %02x %02x at %zu", what, c, (unsigned char)at[1], (size_t)(at - seen));
		at += n;
	}
}

static bool sets_a_colour(const char *seen)
{
	for (const char *at = seen; (at = strstr(at, "\033[3")); at++)
		if (at[3] >= '0' && at[3] <= '8' && (at[4] == 'm' || at[4] == ';') && strspn(at + 4, ";0123456789m") > 0 &&
		    at[4 + strspn(at + 4, ";0123456789")] == 'm')
			return true;
	return false;
}

static void test_each_terminal_gets_what_it_understands_and_is_restored(void **state)
{
	static const struct {
		const char *term, *locale;
		bool mono, modern;
	} cases[] = {
		{ "xterm", NULL, false, true },  { "xterm-256color", "C", false, true }, { "xterm-256color", NULL, true, true },
		{ "tmux", NULL, false, true },   { "screen", "C", false, true },         { "linux", NULL, false, false },
		{ "linux", "C", true, false },   { "vt100", "C", false, false },         { "vt100", NULL, false, false },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct cast cast = story(STORY_ASKING);
		struct stage stage;
		struct termios now;
		cast.term = cases[i].term;
		cast.locale = cases[i].locale;
		cast.mono = cases[i].mono;
		open_stage(&stage, &cast);
		wait_for(&stage, "inventory call sites", 0);
		kill(stage.pid, SIGTERM);
		assert_int_equal(finish(&stage), 143);
		const char *seen = buf_str(&stage.seen);
		assert_bytes_parse(seen, cases[i].locale != NULL, cases[i].term);
		assert_true(cases[i].modern == (strstr(seen, "\033[?2004h") != NULL));
		assert_true(cases[i].modern == (strstr(seen, "\033]2;") != NULL));
		bool colour = !cases[i].mono && strcmp(cases[i].term, "vt100") != 0;
		assert_true(colour == sets_a_colour(seen));
		if (tcgetattr(stage.fd, &now) == 0)
			assert_int_equal(now.c_lflag, stage.before.c_lflag);
		close_stage(&stage);
	}
}

/* By the program's own fault, too, not only by a signal from outside. */
static void test_every_kind_of_crash_restores_the_terminal(void **state)
{
	static const int numbers[] = { SIGSEGV, SIGABRT, SIGBUS, SIGFPE };
	struct cast cast = story(STORY_ASKING);
	(void)state;
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		struct stage stage;
		open_stage(&stage, &cast);
		wait_for(&stage, "inventory call sites", 0);
		kill(stage.pid, numbers[i]);
		assert_int_equal(finish(&stage), 1000 + numbers[i]);
		assert_terminal_is_restored(&stage);
		close_stage(&stage);
	}
}

static void test_hostile_text_drives_no_terminal(void **state)
{
	struct cast cast = { .term = "xterm-256color", .event = nasty, .n_events = 4 };
	struct stage stage;
	(void)state;
	open_stage(&stage, &cast);
	wait_for(&stage, "marker", 0);
	kill(stage.pid, SIGTERM);
	assert_int_equal(finish(&stage), 143);
	const char *seen = buf_str(&stage.seen);
	assert_null(strstr(seen, "\033]0;"));
	assert_null(strstr(seen, "\xe2\x80\xae"));
	for (const char *at = seen; *at;) {
		unsigned char c = (unsigned char)*at;
		size_t n = c == 033 ? own_sequence(at) : 1;
		if (!n || (c < 0x20 && c != 033 && !strchr("\r\n\b\017\016", c)) || c == 0x7f || (c == 0xc2 && (unsigned char)at[1] < 0xa0))
			fail_msg("byte %02x %02x at %zu reached the terminal", c, (unsigned char)at[1], (size_t)(at - seen));
		at += n;
	}
	close_stage(&stage);
}

static void test_a_key_script_presses_keys_and_dumps_the_screen(void **state)
{
	struct cast cast = story(STORY_OVER);
	struct stage stage;
	(void)state;
	cast.keys = "=inventory_call_sites ? =Help dump Esc Q";
	open_stage(&stage, &cast);
	assert_int_equal(finish(&stage), 3);
	assert_contains(report_of(&stage), "the next approval that waits");
	close_stage(&stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quitting_restores_the_terminal_and_leaves_the_summary),
		cmocka_unit_test(test_signals_end_it_with_their_status_and_stop_the_run),
		cmocka_unit_test(test_three_interrupts_leave_at_once),
		cmocka_unit_test(test_a_crash_restores_the_terminal),
		cmocka_unit_test(test_suspend_leaves_the_screen_and_comes_back_to_it),
		cmocka_unit_test(test_a_new_size_is_drawn),
		cmocka_unit_test(test_a_size_that_came_back_is_painted_anew),
		cmocka_unit_test(test_pastes_approve_nothing),
		cmocka_unit_test(test_an_unknown_terminal_is_drawn_and_said),
		cmocka_unit_test(test_a_terminal_that_cannot_move_its_cursor_is_left_to_another_front_end),
		cmocka_unit_test(test_each_terminal_gets_what_it_understands_and_is_restored),
		cmocka_unit_test(test_every_kind_of_crash_restores_the_terminal),
		cmocka_unit_test(test_hostile_text_drives_no_terminal),
		cmocka_unit_test(test_a_key_script_presses_keys_and_dumps_the_screen),
	};
	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
