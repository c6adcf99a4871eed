/*
 * What a frame costs: writes to the terminal and bytes. The program's own write(2) stands before the C library's, so
 * that curses' writes are counted, too.
 */
#include "tests/unit.h"

#include "tests/tui_story.h"
#include "tests/ui_stage.h"
#include "tui/screen.h"

#include <locale.h>
#include <pty.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define WRITES_MOST 3
#define WORD_BYTES 400     /* a frame in which a few words came */
#define REPAINT_BYTES 6000 /* all of 80 by 24 */

static bool counts;
static size_t n_writes, n_bytes;

ssize_t write(int fd, const void *data, size_t n)
{
	if (counts && fd > STDERR_FILENO) {
		n_writes++;
		n_bytes += n;
	}
	return syscall(SYS_write, fd, data, n);
}

/* Somebody must read what a terminal is sent. */
static pid_t start_reader(int fd)
{
	pid_t pid = fork();
	char data[4096];
	assert_true(pid >= 0);
	while (pid == 0)
		if (read(fd, data, sizeof data) <= 0)
			_exit(0);
	return pid;
}

struct theatre {
	int fd, reader_fd;
	pid_t reader;
	struct screen *screen;
	struct ui_stage stage;
};

static void open_theatre(struct theatre *theatre)
{
	struct winsize size = { .ws_col = 80, .ws_row = 24 };
	struct err err;
	assert_int_equal(openpty(&theatre->reader_fd, &theatre->fd, NULL, NULL, &size), 0);
	theatre->reader = start_reader(theatre->reader_fd);
	setenv("TERM", "xterm-256color", 1);
	struct screen_options options = { theatre->fd, theatre->fd, true, false, false };
	assert_ok(screen_open(&theatre->screen, &options, &err), &err);
	ui_stage_open(&theatre->stage, tui_story, 0, 80, 24);
	counts = true;
}

static void close_theatre(struct theatre *theatre)
{
	int status;
	counts = false;
	ui_stage_close(&theatre->stage);
	screen_close(theatre->screen);
	kill(theatre->reader, SIGKILL);
	waitpid(theatre->reader, &status, 0);
	close(theatre->fd);
	close(theatre->reader_fd);
}

/* As app.c does it. */
static void draw_frame(struct theatre *theatre)
{
	struct buf title = { 0 };
	n_writes = n_bytes = 0;
	ui_stage_look(&theatre->stage);
	ui_terminal_title(theatre->stage.ui, &title);
	screen_title(theatre->screen, buf_str(&title));
	screen_draw(theatre->screen, &theatre->stage.canvas);
	buf_release(&title);
}

static void test_a_frame_is_three_writes_at_the_most(void **state)
{
	struct theatre theatre;
	(void)state;
	open_theatre(&theatre);
	for (size_t n = 1; n <= tui_story_n; n++) {
		ui_stage_more(&theatre.stage, n);
		draw_frame(&theatre);
		assert_true(n_writes <= WRITES_MOST);
		assert_true(n_bytes <= REPAINT_BYTES);
	}
	screen_redraw(theatre.screen);
	draw_frame(&theatre);
	assert_in_range(n_writes, 1, WRITES_MOST);
	assert_in_range(n_bytes, 1000, REPAINT_BYTES);
	close_theatre(&theatre);
}

static void test_a_frame_without_news_writes_nothing(void **state)
{
	struct theatre theatre;
	(void)state;
	open_theatre(&theatre);
	ui_stage_more(&theatre.stage, tui_story_at(STORY_ASKING));
	draw_frame(&theatre);
	draw_frame(&theatre);
	assert_int_equal(n_writes, 0);
	close_theatre(&theatre);
}

static void test_words_that_stream_cost_what_they_change(void **state)
{
	struct theatre theatre;
	size_t from = tui_story_at(STORY_STREAMING);
	size_t n_frames = 0;
	size_t sum = 0;
	(void)state;
	open_theatre(&theatre);
	for (size_t n = from - 8; n <= from; n++) {
		ui_stage_more(&theatre.stage, n);
		draw_frame(&theatre);
		if (n == from - 8 || tui_story[n - 1].kind != EVENT_OUTPUT)
			continue;
		n_frames++;
		sum += n_bytes;
	}
	assert_true(n_frames >= 3);
	if (sum > n_frames * WORD_BYTES)
		fail_msg("%zu bytes a frame", sum / n_frames);
	close_theatre(&theatre);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_frame_is_three_writes_at_the_most),
		cmocka_unit_test(test_a_frame_without_news_writes_nothing),
		cmocka_unit_test(test_words_that_stream_cost_what_they_change),
	};
	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
