/*
 * The command line of the UI: every action of the keymap by its name, found fuzzily, with its key, what it does, and why it
 * cannot be done now. What was run before comes first while nothing is typed; Up goes back through it. Pure.
 */
#ifndef BELAY_TUI_CMDLINE_H
#define BELAY_TUI_CMDLINE_H

#include "base/vec.h"
#include "tui/canvas.h"
#include "tui/keymap.h"
#include "tui/line_edit.h"
#include "tui/list.h"

#include <stdbool.h>

struct cmdline {
	bool open;
	enum context context;      /* whose actions are offered */
	const struct keymap *keymap;
	struct line_edit edit;
	struct strings history;    /* what was run, the newest last */
	size_t history_at;         /* while going back through it; n_items: not */
	const struct keymap_row **found; /* owned; the best first */
	size_t n_found, cap_found;
	struct list list;          /* over found */
	/* Why an action cannot be done now; NULL: it can. Static texts. */
	const char *(*why_not)(const void *arg, enum action action);
	const void *arg;
};

enum cmdline_result { CMDLINE_STAYS, CMDLINE_CLOSED, CMDLINE_ACTION, CMDLINE_TEXT };

void cmdline_open(struct cmdline *self, const struct keymap *keymap, enum context context);
void cmdline_release(struct cmdline *self);

/* CMDLINE_ACTION: *action is to be done. CMDLINE_TEXT: what was typed names no action, but begins with a digit, '#', '/' or "save ", and
 * is in edit.text. Both close it. */
enum cmdline_result cmdline_key(struct cmdline *self, struct key key, enum action *action);
void cmdline_draw(struct cmdline *self, struct canvas *canvas, struct rect content, struct rect line);

/* How well a text fits what was typed: 0 not at all, more is better. */
int cmdline_score(const char *typed, const struct keymap_row *row);

#endif
