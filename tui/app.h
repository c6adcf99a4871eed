/*
 * The terminal UI as a front end: one loop over the terminal, the signals and the feed, at most 30 frames a second. It
 * starts no thread and touches no file. The caller has set the locale (setlocale) and blocked the signals of
 * app_signals() before any thread was started.
 */
#ifndef BELAY_TUI_APP_H
#define BELAY_TUI_APP_H

#include "event/feed.h"
#include "tui/keymap.h"
#include "tui/notify.h"

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

struct app_options {
	int in_fd, out_fd;      /* the terminal: 0 and 1 */
	int signal_fd;          /* signalfd(2) of app_signals(), or -1: app_run makes its own */
	const char *plan_title; /* NULL: the plan file's name, from the run's first event */
	int64_t n_workers;
	double usd_limit;       /* 0: none */
	const struct notify_options *notify; /* NULL: nobody is told of anything */
	const struct keymap *keymap; /* NULL: the keys that belay-keys(7) lists */
	bool color;
	bool safe_colours;      /* blue and orange for diffs */
	bool ascii;             /* draw with ASCII, also where the locale has more */
	bool unicode_native;    /* config `unicode: native` */
	/* For tests: keys to press (names separated by blanks), each once the screen has settled. "=TEXT" waits until
	 * TEXT is on screen ("_" for a blank), "dump" writes the screen as text to dump_fd. */
	const char *keys;
	int dump_fd;
};

#define APP_NO_SCREEN (-1)

/* INT, TERM, HUP, TSTP, CONT, WINCH. */
void app_signals(sigset_t *set);

/*
 * Runs until the user leaves. Returns the exit status: that of the run, 130 after Ctrl-C, 143 and 129 after TERM and HUP;
 * after these the run has been told to stop and the caller waits for it. APP_NO_SCREEN when the terminal cannot be
 * driven: no event has been taken then, and another front end may go on. *err says why.
 */
int app_run(struct feed *feed, const struct app_options *options, struct err *err);

#endif
