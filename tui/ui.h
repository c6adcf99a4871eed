/*
 * The terminal UI without a terminal: events and keys go in, a canvas comes out. It folds the feed's events into its own
 * model and draws from it; it cannot tell a running plan from a replay but for feed_status. Pure but for the feed's
 * calls: no clock, no descriptor, no curses; app.c drives it, and so do the tests. One thread.
 */
#ifndef BELAY_TUI_UI_H
#define BELAY_TUI_UI_H

#include "event/feed.h"
#include "tui/canvas.h"
#include "tui/keymap.h"

#include <stdbool.h>
#include <stdint.h>

struct ui_options {
	const char *plan_title; /* what the title line calls the plan; NULL: the file's name */
	int64_t n_workers;
	double usd_limit;       /* 0: none */
	const struct keymap *keymap; /* NULL: the table's own keys; borrowed */
};

enum ui_end {
	UI_GOES_ON,
	UI_QUIT,       /* leave; the run is over, or it is a replay */
	UI_STOP,       /* leave once the run has ended; COMMAND_STOP was sent */
	UI_INTERRUPTED /* leave at once, exit 130 */
};

struct ui;

struct ui *ui_new(struct feed *feed, const struct ui_options *options); /* feed and strings are borrowed */
void ui_free(struct ui *ui);

/* What time it is, before anything else: wall clock and monotonic milliseconds. */
void ui_set_time(struct ui *ui, int64_t wall_ms, int64_t mono_ms);

/* Takes what the feed has, at most `most` events. True when there may be more at once. */
bool ui_take_events(struct ui *ui, size_t most);
void ui_key(struct ui *ui, struct key key);
void ui_interrupt(struct ui *ui); /* Ctrl-C: pause and ask; again within 2 s: stop; a third time: leave */

/* Has anything changed since the last ui_draw? */
bool ui_is_dirty(const struct ui *ui);
void ui_set_dirty(struct ui *ui);
void ui_draw(struct ui *ui, struct canvas *canvas);

/* Milliseconds until the screen changes by itself (a clock, a message that goes); -1: it does not. */
int64_t ui_due_ms(const struct ui *ui);

/* True once when a text is to be edited: *text is borrowed until ui_edited, which takes what has become of it (NULL: the
 * editor failed). */
bool ui_wants_editor(struct ui *ui, const struct buf **text);
void ui_edited(struct ui *ui, const char *text, size_t n);

enum ui_end ui_end(const struct ui *ui);
const struct run_model *ui_model(const struct ui *ui);
bool ui_wants_flush(struct ui *ui); /* true once: typed-ahead input is to be thrown away */
void ui_say(struct ui *ui, enum role role, const char *text);
int ui_percent(const struct ui *ui); /* steps done, for the terminal's own progress mark; -1: none */
void ui_terminal_title(const struct ui *ui, struct buf *out);

#endif
