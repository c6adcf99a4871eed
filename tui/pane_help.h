/* The list of keys that work in a context, made from the keymap. An overlay rather than a pane of the layout. */
#ifndef BELAY_TUI_PANE_HELP_H
#define BELAY_TUI_PANE_HELP_H

#include "base/vec.h"
#include "tui/canvas.h"
#include "tui/keymap.h"
#include "tui/text_view.h"

struct help {
	bool open;
	enum context context; /* whose keys are shown */
	const struct keymap *keymap;
	struct strings line;
	struct text_view text;
};

/* A filter of "" shows all. The keymap may be NULL, as everywhere; it is borrowed until help_close. */
void help_open(struct help *help, const struct keymap *keymap, enum context context, const char *filter);
void help_close(struct help *help);
bool help_handle(struct help *help, enum action action);
void help_draw(struct help *help, struct canvas *canvas, struct rect rect, const char *find);

#endif
