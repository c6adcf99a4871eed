/*
 * The terminal, through ncurses: a canvas goes out. One screen at a time, one thread. Whatever ends the program, the
 * terminal is put back: screen_close, exit(3), and fatal signals. Signals are not handled here (app.c reads them from a
 * descriptor), so curses' own handlers never run.
 */
#ifndef BELAY_TUI_SCREEN_H
#define BELAY_TUI_SCREEN_H

#include "base/attr.h"
#include "base/err.h"
#include "tui/canvas.h"

#include <stdbool.h>

struct screen_options {
	int in_fd, out_fd;
	bool color;
	bool safe_colours; /* blue and orange */
	bool progress;     /* the terminal is known to show OSC 9;4 */
};

struct screen;

int screen_open(struct screen **out, const struct screen_options *options, struct err *err) MUST_CHECK;
void screen_close(struct screen *screen);

/* What the user should know once: "terminal type 'x' is unknown ..."; NULL: nothing. */
const char *screen_note(const struct screen *screen);

void screen_size(struct screen *screen, int *w, int *h); /* asks the terminal */
void screen_draw(struct screen *screen, const struct canvas *canvas);
void screen_redraw(struct screen *screen); /* the next draw repaints all */
/* Both go out with the next screen_draw, when they changed: a frame is three writes at the most. */
void screen_title(struct screen *screen, const char *title); /* any text */
void screen_progress(struct screen *screen, int percent);    /* -1: none */
void screen_leave(struct screen *screen);  /* as before screen_open, to be suspended */
void screen_return(struct screen *screen);

#endif
