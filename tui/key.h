/*
 * A key as a person pressed it: a code point, or one of the names below, perhaps with Alt. Control keys have their
 * control code (C-c is 3), Enter is 13. The terminal library's own numbers stay in input.c.
 */
#ifndef BELAY_TUI_KEY_H
#define BELAY_TUI_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum key_code {
	KEYCODE_TAB = 9,
	KEYCODE_ENTER = 13,
	KEYCODE_ESC = 27,
	KEYCODE_SPACE = 32,
	KEYCODE_BACKSPACE = 127,
	KEYCODE_UP = 0x110000, /* above every code point */
	KEYCODE_DOWN,
	KEYCODE_LEFT,
	KEYCODE_RIGHT,
	KEYCODE_HOME,
	KEYCODE_END,
	KEYCODE_PAGE_UP,
	KEYCODE_PAGE_DOWN,
	KEYCODE_DELETE,
	KEYCODE_BACKTAB,
	KEYCODE_F1,
	KEYCODE_FOCUS_IN, /* reports of the terminal, not keys */
	KEYCODE_FOCUS_OUT,
	KEYCODE_OTHER     /* a key that has no meaning here */
};

struct key {
	int32_t code;
	bool alt;
	bool pasted; /* came in a bracketed paste: only text fields take it */
	bool burst;  /* was read together with others: a hand does not do that, a paste without brackets does */
};

#define KEY_NAME_SIZE 16

/* "j", "Down", "C-n", "S-Tab", "A-x", "F1" */
void key_to_name(struct key key, char out[KEY_NAME_SIZE]);
int key_parse(const char *name, size_t n, struct key *out); /* -1 when it names no key */
bool key_is_text(struct key key); /* a printable character, to be put into a text field */

#endif
