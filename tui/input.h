/*
 * Keys from the terminal, through ncurses; after screen_open, by the same thread. Reading is done through a pad of one
 * cell, since reading through a window would draw it. Pastes are marked as such, and so are keys that came together.
 */
#ifndef BELAY_TUI_INPUT_H
#define BELAY_TUI_INPUT_H

#include "tui/key.h"

#include <stddef.h>

struct input;

struct input *input_new(void);
void input_free(struct input *input);

#define INPUT_KEYS 128

/* What has been typed, without waiting; at most INPUT_KEYS at once. `now_ms` is monotonic. */
size_t input_read(struct input *input, struct key out[INPUT_KEYS], int64_t now_ms);
void input_flush(struct input *input, int64_t now_ms); /* throws typed-ahead keys away */

#endif
