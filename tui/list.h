/* A cursor in a list of n lines of which `height` are on screen. Pure; the lines themselves live elsewhere. */
#ifndef BELAY_TUI_LIST_H
#define BELAY_TUI_LIST_H

#include "tui/keymap.h"

#include <stdbool.h>
#include <stddef.h>

struct list {
	size_t top, cursor, n_items;
	size_t height; /* of the last draw */
};

/* Sets the size; the cursor stays in range and on screen. */
void list_fit(struct list *list, size_t n_items, size_t height);
void list_select(struct list *list, size_t cursor);
bool list_handle(struct list *list, enum action action); /* true when it was a movement */

#endif
