#include "tui/app.h"

#include "base/clock.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "tui/editor.h"
#include "tui/input.h"
#include "tui/key_script.h"
#include "tui/screen.h"
#include "tui/summary.h"
#include "tui/ui.h"

#include <errno.h>
#include <langinfo.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define FRAME_MS 33
#define EVENTS_AT_ONCE 5000
#define LONGEST_WAIT_MS (60 * 60 * 1000)

struct app {
	const struct app_options *options;
	struct feed *feed;
	struct ui *ui;
	struct screen *screen;
	struct input *input;
	struct canvas canvas;
	struct key_script script;
	struct notify *notify; /* NULL in a replay */
	int signal_fd;
	int64_t start_ms;  /* monotonic */
	int64_t frame_ms;  /* monotonic, of the last frame */
	int signal;        /* that asked to end, or 0 */
	bool more;         /* the feed has more at once */
};

void app_signals(sigset_t *set)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP, SIGTSTP, SIGCONT, SIGWINCH };
	sigemptyset(set);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		sigaddset(set, numbers[i]);
}

static void tell_time(struct app *app)
{
	ui_set_time(app->ui, clock_wall_ms(), clock_mono_ms());
}

/* ---- frames ---- */

static void notify(struct app *app)
{
	struct buf trouble = { 0 };
	if (!app->notify)
		return;
	notify_look(app->notify, ui_model(app->ui), clock_mono_ms() - app->start_ms);
	if (notify_take_trouble(app->notify, &trouble))
		ui_say(app->ui, ROLE_WAITING, buf_str(&trouble));
	buf_release(&trouble);
}

static void draw(struct app *app)
{
	struct buf title = { 0 };
	int w, h;
	tell_time(app);
	screen_size(app->screen, &w, &h);
	if (w != app->canvas.w || h != app->canvas.h)
		canvas_resize(&app->canvas, w, h);
	ui_draw(app->ui, &app->canvas);
	ui_terminal_title(app->ui, &title);
	screen_title(app->screen, buf_str(&title));
	screen_progress(app->screen, ui_percent(app->ui));
	screen_draw(app->screen, &app->canvas);
	buf_release(&title);
	notify(app);
	app->frame_ms = clock_mono_ms();
}

/* ---- signals ---- */

/* Stops by the default action of TSTP, which the kernel leaves out where nobody could wake us again. */
static void suspend(struct app *app)
{
	sigset_t set;
	sigset_t before;
	struct sigaction stop = { .sa_handler = SIG_DFL };
	struct sigaction old;
	screen_leave(app->screen);
	sigemptyset(&set);
	sigaddset(&set, SIGTSTP);
	sigaction(SIGTSTP, &stop, &old);
	kill(getpid(), SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &set, &before); /* stopped here, until CONT */
	sigprocmask(SIG_SETMASK, &before, NULL);
	sigaction(SIGTSTP, &old, NULL);
	screen_return(app->screen);
	ui_set_dirty(app->ui);
}

static void take_signal(struct app *app, int number)
{
	switch (number) {
	case SIGINT: ui_interrupt(app->ui); break;
	case SIGTSTP: suspend(app); break;
	case SIGCONT:
		screen_return(app->screen);
		ui_set_dirty(app->ui);
		break;
	case SIGWINCH: /* the size may be what it was, after a smaller one that cut off what was shown */
		screen_redraw(app->screen);
		ui_set_dirty(app->ui);
		break;
	default: app->signal = number; break;
	}
}

static void read_signals(struct app *app)
{
	struct signalfd_siginfo info;
	while (read(app->signal_fd, &info, sizeof info) == (ssize_t)sizeof info)
		take_signal(app, (int)info.ssi_signo);
}

/* ---- keys ---- */

/* What was pressed in the editor was meant for it. */
static void drop_editor_signals(struct app *app)
{
	struct signalfd_siginfo info;
	while (read(app->signal_fd, &info, sizeof info) == (ssize_t)sizeof info)
		if (info.ssi_signo != SIGINT && info.ssi_signo != SIGTSTP && info.ssi_signo != SIGCONT)
			take_signal(app, (int)info.ssi_signo);
}

/* The editor has the terminal; the run goes on meanwhile, and its events wait. */
static void edit(struct app *app, const struct buf *text)
{
	struct buf edited = { 0 };
	struct err err = { 0 };
	screen_leave(app->screen);
	int rc = editor_run(text, &edited, &err);
	screen_return(app->screen);
	drop_editor_signals(app);
	tell_time(app);
	ui_edited(app->ui, rc == 0 ? buf_str(&edited) : NULL, edited.len);
	if (rc != 0)
		ui_say(app->ui, ROLE_FAILED, err.msg);
	buf_release(&edited);
}

static void press(struct app *app, struct key key)
{
	if (app->notify && (key.code == KEYCODE_FOCUS_IN || key.code == KEYCODE_FOCUS_OUT))
		notify_focus(app->notify, key.code == KEYCODE_FOCUS_IN);
	if (!key.pasted && keymap_find(app->options->keymap, CONTEXT_RUN, key) == ACTION_REDRAW)
		screen_redraw(app->screen);
	ui_key(app->ui, key);
	const struct buf *text;
	if (ui_wants_editor(app->ui, &text))
		edit(app, text);
	if (ui_wants_flush(app->ui))
		input_flush(app->input, clock_mono_ms());
}

static void read_keys(struct app *app)
{
	struct key key[INPUT_KEYS];
	size_t n = input_read(app->input, key, clock_mono_ms());
	for (size_t i = 0; i < n; i++)
		press(app, key[i]);
}

/* One step of the key script, after a frame. True when it did something. */
static bool run_script(struct app *app)
{
	struct key key;
	switch (key_script_next(&app->script, &app->canvas, &key)) {
	case KEY_SCRIPT_KEY:
		tell_time(app);
		press(app, key);
		ui_set_dirty(app->ui);
		return true;
	case KEY_SCRIPT_DUMP: {
		struct buf text = { 0 };
		canvas_dump(&app->canvas, &text);
		ssize_t done = write(app->options->dump_fd, buf_str(&text), text.len);
		(void)done; /* the test that reads it sees what is missing */
		buf_release(&text);
		return true;
	}
	default: return false;
	}
}

/* ---- the loop ---- */

static int timeout_of(struct app *app)
{
	int64_t now = clock_mono_ms();
	int64_t due = ui_due_ms(app->ui);
	int64_t feed = app->feed->ops->due_ms(app->feed);
	int64_t frame = app->frame_ms + FRAME_MS - now;
	if (app->more)
		return 0;
	if (ui_is_dirty(app->ui))
		return frame > 0 ? (int)frame : 0;
	if (feed >= 0 && (due < 0 || feed < due))
		due = feed > frame ? feed : frame > 0 ? frame : 0;
	return due < 0 ? -1 : due > LONGEST_WAIT_MS ? LONGEST_WAIT_MS : (int)due;
}

static void wait_and_take(struct app *app)
{
	bool frame_waits = ui_is_dirty(app->ui) && clock_mono_ms() < app->frame_ms + FRAME_MS;
	struct pollfd fd[3] = {
		{ .fd = app->options->in_fd, .events = POLLIN },
		{ .fd = app->signal_fd, .events = POLLIN },
		/* Until the frame is due nothing more is taken: many small events then cost one wake-up. */
		{ .fd = frame_waits ? -1 : app->feed->ops->wake_fd(app->feed), .events = POLLIN },
	};
	int n = poll(fd, 3, timeout_of(app));
	tell_time(app);
	if (n == 0)
		ui_set_dirty(app->ui);
	if (n > 0 && fd[1].revents)
		read_signals(app);
	if (n > 0 && fd[0].revents & (POLLHUP | POLLERR | POLLNVAL))
		app->signal = SIGHUP;
	else if (n > 0 && fd[0].revents)
		read_keys(app);
}

static bool goes_on(const struct app *app)
{
	return !app->signal && ui_end(app->ui) == UI_GOES_ON;
}

static void loop(struct app *app)
{
	for (;;) {
		tell_time(app);
		app->more = ui_take_events(app->ui, EVENTS_AT_ONCE);
		if (!goes_on(app)) /* events end a run that was told to stop */
			return;
		if (ui_is_dirty(app->ui) && clock_mono_ms() >= app->frame_ms + FRAME_MS)
			draw(app);
		if (app->options->keys && !ui_is_dirty(app->ui) && run_script(app))
			continue;
		wait_and_take(app);
	}
}

static void stop_run(struct app *app)
{
	struct command stop = { .kind = COMMAND_STOP, .by = "person" };
	app->feed->ops->send(app->feed, &stop);
}

static int exit_status(struct app *app)
{
	const struct run_model *model = ui_model(app->ui);
	struct feed_status status = { 0 };
	app->feed->ops->status(app->feed, &status);
	if (app->signal)
		return 128 + app->signal;
	if (ui_end(app->ui) == UI_INTERRUPTED)
		return 128 + SIGINT;
	if (status.replay)
		return status.corrupt ? 8 : 0;
	return model->finished ? (int)model->exit_code : 1;
}

static void say_summary(struct app *app, int code)
{
	struct feed_status status = { 0 };
	struct buf text = { 0 };
	app->feed->ops->status(app->feed, &status);
	summary_write(&text, ui_model(app->ui), code, status.replay);
	for (size_t at = 0; at < text.len;) {
		ssize_t done = write(app->options->out_fd, text.data + at, text.len - at);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			break;
		at += (size_t)done;
	}
	buf_release(&text);
}

/* Terminals that show OSC 9;4; elsewhere the sequence may pop up as a message. */
static bool shows_progress(void)
{
	static const char *const programs[] = { "ghostty", "WezTerm" };
	const char *program = getenv("TERM_PROGRAM");
	if (getenv("WT_SESSION") || getenv("ConEmuPID"))
		return true;
	for (size_t i = 0; program && i < sizeof programs / sizeof *programs; i++)
		if (strcmp(program, programs[i]) == 0)
			return true;
	return false;
}

static void set_text_mode(struct app *app)
{
	bool utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	app->canvas.unicode = utf8 && !app->options->ascii;
	app->canvas.text_flags = (utf8 ? 0 : TEXT_ASCII) | (app->options->unicode_native ? TEXT_UNICODE_NATIVE : 0);
}

static int open_signals(const struct app_options *options, struct err *err)
{
	sigset_t set;
	if (options->signal_fd >= 0)
		return options->signal_fd;
	app_signals(&set);
	int fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return fd < 0 ? err_errno(err, errno, "signals cannot be read") : fd;
}

/* A replay has nothing new to tell. */
static struct notify *make_notify(struct feed *feed, const struct app_options *options)
{
	struct feed_status status = { 0 };
	feed->ops->status(feed, &status);
	return options->notify && !status.replay ? notify_new(options->notify, options->out_fd) : NULL;
}

int app_run(struct feed *feed, const struct app_options *options, struct err *err)
{
	struct app app = { .options = options, .feed = feed, .signal_fd = open_signals(options, err) };
	struct ui_options ui_options = { options->plan_title, options->n_workers, options->usd_limit, options->keymap };
	struct screen_options screen_options = { options->in_fd, options->out_fd, options->color, options->safe_colours,
		                                 shows_progress() };
	if (app.signal_fd < 0)
		return APP_NO_SCREEN;
	if (screen_open(&app.screen, &screen_options, err) != 0) {
		if (options->signal_fd < 0)
			close(app.signal_fd);
		return APP_NO_SCREEN;
	}
	set_text_mode(&app);
	app.ui = ui_new(feed, &ui_options);
	app.input = input_new();
	app.start_ms = clock_mono_ms();
	app.notify = make_notify(feed, options);
	key_script_init(&app.script, options->keys);
	tell_time(&app);
	if (screen_note(app.screen))
		ui_say(app.ui, ROLE_WAITING, screen_note(app.screen));
	loop(&app);
	int code = exit_status(&app);
	if (app.signal || ui_end(app.ui) == UI_INTERRUPTED)
		stop_run(&app);
	input_free(app.input);
	screen_close(app.screen);
	notify_free(app.notify);
	say_summary(&app, code);
	ui_free(app.ui);
	canvas_release(&app.canvas);
	key_script_release(&app.script);
	if (options->signal_fd < 0)
		close(app.signal_fd);
	return code;
}
