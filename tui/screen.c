#define NCURSES_NOMACROS 1
#define NCURSES_WIDECHAR 1

#include "tui/screen.h"

#include "base/text.h"
#include "base/xalloc.h"

#include <curses.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#define ESC "\033"
#define BEGIN_UPDATE ESC "[?2026h" /* synchronised output: the terminal shows the frame at once */
#define END_UPDATE ESC "[?2026l"
#define MODES_ON ESC "[?2004h" ESC "[?1004h" /* paste brackets, focus reports */
#define KEEP_TITLE ESC "[22;2t"
#define MODES_OFF ESC "[?2026l" ESC "[?2004l" ESC "[?1004l" ESC "]2;\007" ESC "[23;2t"
#define PROGRESS_OFF ESC "]9;4;0;0\007"
#define MAX_SIDE 1000
#define REPLACEMENT 0xfffd

struct screen {
	SCREEN *curses;
	FILE *in, *out; /* owned */
	int fd;
	bool modern;    /* understands the private modes and titles of xterm */
	bool colour;
	bool progress;
	bool left;      /* suspended */
	enum palette palette;
	char note[160];
	char title[128];
	int percent;
	struct buf ahead;    /* title and progress: they go out with the next frame, in one write */
	struct canvas shown; /* what the terminal has */
	bool stale;          /* `shown` is not to be trusted */
	cchar_t *line;       /* owned; one row */
	int line_room;
};

/* ---- the way back, for every end ---- */

/* What a signal handler needs: plain data, written before the handler is set. */
static struct {
	volatile sig_atomic_t armed;
	int fd;
	char bytes[512];
	size_t n;
	struct termios termios;
} rescue;

static const int fatal_signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS, SIGQUIT };
#define N_FATAL (sizeof fatal_signals / sizeof *fatal_signals)
static struct sigaction before_us[N_FATAL];

static void rescue_terminal(void)
{
	if (!rescue.armed)
		return;
	rescue.armed = 0;
	ssize_t done = write(rescue.fd, rescue.bytes, rescue.n);
	(void)done; /* there is nobody left to tell */
	tcsetattr(rescue.fd, TCSANOW, &rescue.termios);
}

/* Puts the terminal back, then lets the signal do what it would have done without us. */
static void on_fatal(int number)
{
	int saved = errno;
	rescue_terminal();
	for (size_t i = 0; i < N_FATAL; i++)
		if (fatal_signals[i] == number)
			sigaction(number, &before_us[i], NULL);
	errno = saved;
	raise(number);
}

/* A terminal may lack any of what tigetstr(3) is asked for. */
static void add_rescue(const char *bytes)
{
	size_t n = bytes && bytes != (char *)-1 ? strlen(bytes) : 0;
	if (!n || rescue.n + n > sizeof rescue.bytes)
		return;
	memcpy(rescue.bytes + rescue.n, bytes, n);
	rescue.n += n;
}

static void arm_rescue(const struct screen *screen)
{
	static bool registered;
	rescue.fd = screen->fd;
	rescue.n = 0;
	if (screen->modern)
		add_rescue(MODES_OFF);
	if (screen->progress)
		add_rescue(PROGRESS_OFF);
	add_rescue(tigetstr("sgr0"));
	add_rescue(tigetstr("rmkx"));
	add_rescue(tigetstr("cnorm"));
	add_rescue(tigetstr("rmcup"));
	rescue.armed = 1;
	struct sigaction action = { .sa_handler = on_fatal };
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < N_FATAL; i++) {
		sigaction(fatal_signals[i], &action, &before_us[i]);
		if (before_us[i].sa_handler == SIG_IGN) /* it ends nothing, then: the screen stays */
			sigaction(fatal_signals[i], &before_us[i], NULL);
	}
	if (!registered)
		registered = atexit(rescue_terminal) == 0;
}

static void disarm_rescue(void)
{
	rescue.armed = 0;
	for (size_t i = 0; i < N_FATAL; i++)
		sigaction(fatal_signals[i], &before_us[i], NULL);
}

/* ---- opening ---- */

/* Not through curses' buffer: for what must not wait for a frame. */
static void send_bytes(const struct screen *screen, const char *bytes)
{
	size_t n = strlen(bytes);
	while (n) {
		ssize_t done = write(screen->fd, bytes, n);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return;
		bytes += done;
		n -= (size_t)done;
	}
}

static void send_ahead(struct screen *screen)
{
	if (screen->ahead.len)
		send_bytes(screen, buf_str(&screen->ahead));
	buf_clear(&screen->ahead);
}

static int open_terminal(struct screen *screen, struct err *err)
{
	static const char *const fallback[] = { "xterm-256color", "xterm", "vt100" };
	const char *term = getenv("TERM");
	screen->curses = term && *term ? newterm(term, screen->out, screen->in) : NULL;
	for (size_t i = 0; !screen->curses && i < sizeof fallback / sizeof *fallback; i++) {
		screen->curses = newterm(fallback[i], screen->out, screen->in);
		if (screen->curses)
			snprintf(screen->note, sizeof screen->note, "the terminal type '%.40s' is unknown here; drawn as %s",
			         term ? term : "", fallback[i]);
	}
	if (!screen->curses)
		return err_set(err, ERR_UNSUPPORTED, "the terminal type '%.40s' is unknown, and so is xterm", term ? term : "");
	const char *move = tigetstr("cup");
	if (!move || move == (char *)-1)
		return err_set(err, ERR_UNSUPPORTED, "a terminal of type '%.40s' cannot move its cursor", term ? term : "");
	return 0;
}

static bool is_modern(void)
{
	const char *name = termname();
	static const char *const like_xterm[] = { "xterm", "tmux", "screen", "rxvt" };
	if (tigetflag("XT") > 0)
		return true;
	for (size_t i = 0; i < sizeof like_xterm / sizeof *like_xterm; i++)
		if (strncmp(name, like_xterm[i], strlen(like_xterm[i])) == 0)
			return true;
	return false;
}

static void open_colours(struct screen *screen, const struct screen_options *options)
{
	screen->palette = PALETTE_MONO;
	if (!options->color || !has_colors() || start_color() == ERR)
		return;
	bool own = use_default_colors() == OK;
	screen->colour = true;
	screen->palette = COLORS >= 256 ? PALETTE_256 : PALETTE_8;
	for (int role = 0; role < ROLE_N; role++) {
		struct style style = style_of((enum role)role, screen->palette, options->safe_colours);
		short fg = style.fg < 0 && !own ? COLOR_WHITE : style.fg;
		short bg = style.bg < 0 && !own ? COLOR_BLACK : style.bg;
		init_pair((short)(role + 1), fg, bg);
	}
}

/* The size is asked from the terminal, never taken from LINES and COLUMNS, which would freeze it. */
static void prepare_modes(void)
{
	cbreak();
	noecho();
	nonl();
	set_escdelay(25);
	typeahead(-1);
}

static void enter(struct screen *screen)
{
	if (screen->modern)
		send_bytes(screen, KEEP_TITLE MODES_ON);
	screen->left = false;
	screen->stale = true;
	screen->title[0] = '\0';
	screen->percent = -1;
}

int screen_open(struct screen **out, const struct screen_options *options, struct err *err)
{
	struct screen *screen = xcalloc(1, sizeof *screen);
	screen->fd = options->out_fd;
	screen->percent = -1;
	screen->progress = options->progress;
	screen->in = fdopen(dup(options->in_fd), "r");
	screen->out = fdopen(dup(options->out_fd), "w");
	if (!screen->in || !screen->out || tcgetattr(screen->fd, &rescue.termios) != 0) {
		int rc = err_errno(err, errno, "the terminal cannot be opened");
		screen_close(screen);
		return rc;
	}
	use_env(FALSE);
	use_tioctl(TRUE);
	if (open_terminal(screen, err) != 0) {
		screen_close(screen);
		return -1;
	}
	screen->modern = is_modern();
	arm_rescue(screen);
	prepare_modes();
	open_colours(screen, options);
	endwin(); /* once: what cbreak and the others set is now what curses comes back to */
	refresh();
	enter(screen);
	*out = screen;
	return 0;
}

void screen_leave(struct screen *screen)
{
	if (screen->left || !screen->curses)
		return;
	screen->left = true;
	screen_progress(screen, -1);
	if (screen->modern)
		buf_add_str(&screen->ahead, MODES_OFF);
	send_ahead(screen);
	endwin();
}

void screen_return(struct screen *screen)
{
	if (screen->left) {
		refresh();
		enter(screen);
		return;
	}
	/* Stopped without a word, as SIGSTOP does: whoever had the terminal meanwhile may have changed it. */
	reset_prog_mode();
	if (screen->modern)
		send_bytes(screen, MODES_ON);
	screen->stale = true;
}

void screen_close(struct screen *screen)
{
	if (!screen)
		return;
	screen_leave(screen);
	if (screen->curses) {
		disarm_rescue();
		delscreen(screen->curses);
	}
	if (screen->in)
		fclose(screen->in);
	if (screen->out)
		fclose(screen->out);
	canvas_release(&screen->shown);
	buf_release(&screen->ahead);
	free(screen->line);
	free(screen);
}

const char *screen_note(const struct screen *screen)
{
	return *screen->note ? screen->note : NULL;
}

void screen_size(struct screen *screen, int *w, int *h)
{
	struct winsize size = { 0 };
	*w = 80;
	*h = 24;
	if (ioctl(screen->fd, TIOCGWINSZ, &size) == 0 && size.ws_col && size.ws_row) {
		*w = size.ws_col < MAX_SIDE ? size.ws_col : MAX_SIDE;
		*h = size.ws_row < MAX_SIDE ? size.ws_row : MAX_SIDE;
	}
	int max_y, max_x;
	getmaxyx(stdscr, max_y, max_x);
	if (max_y == *h && max_x == *w)
		return;
	resize_term(*h, *w);
	screen->stale = true;
}

/* ---- drawing ---- */

static attr_t attributes_of(const struct screen *screen, const struct cell *cell)
{
	struct style style = style_of((enum role)cell->role, screen->palette, false);
	attr_t attrs = A_NORMAL;
	if (style.attrs & STYLE_BOLD)
		attrs |= A_BOLD;
	if (style.attrs & STYLE_DIM)
		attrs |= A_DIM;
	if (style.attrs & STYLE_UNDERLINE)
		attrs |= A_UNDERLINE;
	if (!(style.attrs & STYLE_REVERSE) != !cell->reverse)
		attrs |= A_REVERSE;
	return attrs;
}

/* A cell as curses wants it. Where the C library's idea of the width differs from ours, U+FFFD stands for the text:
 * better an honest mark than a line that runs out of step. */
static void convert(const struct screen *screen, const struct cell *cell, cchar_t *out)
{
	wchar_t text[CCHARW_MAX + 1] = { 0 };
	size_t n = 0;
	size_t bytes = strlen(cell->text);
	for (size_t at = 0; at < bytes && n < CCHARW_MAX;) {
		int32_t cp;
		at += text_decode(cell->text + at, bytes - at, &cp);
		text[n++] = (wchar_t)cp;
	}
	if (text[0] > 0x7f && wcwidth(text[0]) != cell->width) {
		text[0] = wcwidth(REPLACEMENT) == 1 && cell->width == 1 ? REPLACEMENT : L'?';
		text[1] = 0;
	}
	setcchar(out, text, attributes_of(screen, cell), screen->colour ? (short)(cell->role + 1) : 0, NULL);
}

static void draw_row(struct screen *screen, const struct canvas *canvas, int y)
{
	int n = 0;
	for (int x = 0; x < canvas->w; x++) {
		const struct cell *cell = canvas_cell(canvas, x, y);
		if (cell->width == 0)
			continue;
		convert(screen, cell, &screen->line[n++]);
		if (cell->width == 2 && wcwidth(screen->line[n - 1].chars[0]) != 2) {
			struct cell space = { .text = " ", .width = 1, .role = cell->role, .reverse = cell->reverse };
			convert(screen, &space, &screen->line[n++]);
		}
	}
	mvadd_wchnstr(y, 0, screen->line, n);
}

static bool row_differs(const struct screen *screen, const struct canvas *canvas, int y)
{
	size_t bytes = (size_t)canvas->w * sizeof *canvas->cell;
	size_t at = (size_t)y * (size_t)canvas->w;
	return screen->stale || memcmp(canvas->cell + at, screen->shown.cell + at, bytes) != 0;
}

static void keep_shown(struct screen *screen, const struct canvas *canvas)
{
	if (screen->shown.w != canvas->w || screen->shown.h != canvas->h)
		canvas_resize(&screen->shown, canvas->w, canvas->h);
	screen->shown.cursor_x = canvas->cursor_x;
	screen->shown.cursor_y = canvas->cursor_y;
	memcpy(screen->shown.cell, canvas->cell, (size_t)canvas->w * (size_t)canvas->h * sizeof *canvas->cell);
}

void screen_draw(struct screen *screen, const struct canvas *canvas)
{
	if (screen->left)
		return;
	if (screen->shown.w != canvas->w || screen->shown.h != canvas->h)
		screen->stale = true;
	if (screen->line_room < canvas->w) {
		screen->line_room = canvas->w;
		screen->line = xrealloc(screen->line, (size_t)canvas->w * sizeof *screen->line);
	}
	if (screen->stale)
		clearok(curscr, TRUE);
	int n_drawn = 0;
	for (int y = 0; y < canvas->h; y++) {
		if (!row_differs(screen, canvas, y))
			continue;
		draw_row(screen, canvas, y);
		n_drawn++;
	}
	bool moved = canvas->cursor_x != screen->shown.cursor_x || canvas->cursor_y != screen->shown.cursor_y;
	if (!n_drawn && !moved && !screen->stale) {
		send_ahead(screen);
		return;
	}
	keep_shown(screen, canvas);
	screen->stale = false;
	move(canvas->cursor_y, canvas->cursor_x);
	wnoutrefresh(stdscr);
	if (screen->modern)
		buf_add_str(&screen->ahead, BEGIN_UPDATE);
	send_ahead(screen);
	doupdate();
	if (screen->modern)
		send_bytes(screen, END_UPDATE);
}

void screen_redraw(struct screen *screen)
{
	screen->stale = true;
}

void screen_title(struct screen *screen, const char *title)
{
	struct buf clean = { 0 };
	text_sanitise(&clean, title, strlen(title), TEXT_ASCII);
	buf_truncate(&clean, clean.len < sizeof screen->title ? clean.len : sizeof screen->title - 1);
	if (screen->modern && strcmp(screen->title, buf_str(&clean)) != 0) {
		snprintf(screen->title, sizeof screen->title, "%s", buf_str(&clean));
		buf_printf(&screen->ahead, ESC "]2;%s\007", screen->title);
	}
	buf_release(&clean);
}

void screen_progress(struct screen *screen, int percent)
{
	if (!screen->progress || screen->percent == percent)
		return;
	screen->percent = percent;
	buf_printf(&screen->ahead, ESC "]9;4;%d;%d\007", percent >= 0, percent >= 0 ? percent : 0);
}
