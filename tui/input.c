#define NCURSES_NOMACROS 1
#define NCURSES_WIDECHAR 1

#include "tui/input.h"

#include "base/xalloc.h"

#include <curses.h>
#include <stdlib.h>

#define PASTE_LOST_MS 1000 /* a paste whose end never came is over then */

/* Beyond curses' own key codes. */
enum { KEY_PASTE_BEGIN = KEY_MAX + 1, KEY_PASTE_END, KEY_FOCUS_GAINED, KEY_FOCUS_LOST };

struct input {
	WINDOW *pad;
	bool pasting;
	int64_t last_ms; /* of the last key of a paste */
};

struct input *input_new(void)
{
	struct input *input = xcalloc(1, sizeof *input);
	input->pad = newpad(1, 1);
	if (input->pad) {
		keypad(input->pad, TRUE);
		nodelay(input->pad, TRUE);
	}
	define_key("\033[200~", KEY_PASTE_BEGIN);
	define_key("\033[201~", KEY_PASTE_END);
	define_key("\033[I", KEY_FOCUS_GAINED);
	define_key("\033[O", KEY_FOCUS_LOST);
	return input;
}

void input_free(struct input *input)
{
	if (!input)
		return;
	if (input->pad)
		delwin(input->pad);
	free(input);
}

static const struct {
	int curses;
	int32_t code;
} codes[] = {
	{ KEY_UP, KEYCODE_UP },           { KEY_DOWN, KEYCODE_DOWN },         { KEY_LEFT, KEYCODE_LEFT },
	{ KEY_RIGHT, KEYCODE_RIGHT },     { KEY_HOME, KEYCODE_HOME },         { KEY_END, KEYCODE_END },
	{ KEY_PPAGE, KEYCODE_PAGE_UP },   { KEY_NPAGE, KEYCODE_PAGE_DOWN },   { KEY_DC, KEYCODE_DELETE },
	{ KEY_BTAB, KEYCODE_BACKTAB },    { KEY_F(1), KEYCODE_F1 },           { KEY_BACKSPACE, KEYCODE_BACKSPACE },
	{ KEY_ENTER, KEYCODE_ENTER },     { KEY_FOCUS_GAINED, KEYCODE_FOCUS_IN }, { KEY_FOCUS_LOST, KEYCODE_FOCUS_OUT },
};

static int32_t code_of(int result, wint_t got)
{
	if (result != KEY_CODE_YES)
		return got == L'\n' ? KEYCODE_ENTER : (int32_t)got;
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
		if (codes[i].curses == (int)got)
			return codes[i].code;
	return KEYCODE_OTHER;
}

/* Reads one key; false when there is none. Esc with a byte right behind it is Alt and that key. */
static bool read_key(struct input *input, struct key *out)
{
	wint_t got;
	int result = wget_wch(input->pad, &got);
	*out = (struct key){ 0 };
	if (result == ERR)
		return false;
	out->code = code_of(result, got);
	if (out->code == KEYCODE_ESC && !input->pasting) {
		result = wget_wch(input->pad, &got);
		if (result != ERR) {
			out->code = code_of(result, got);
			out->alt = out->code < KEYCODE_UP;
		}
	}
	if (result == KEY_CODE_YES && (got == KEY_PASTE_BEGIN || got == KEY_PASTE_END))
		input->pasting = got == KEY_PASTE_BEGIN;
	return true;
}

size_t input_read(struct input *input, struct key out[INPUT_KEYS], int64_t now_ms)
{
	size_t n = 0;
	size_t n_typed = 0;
	struct key key;
	if (input->pasting && now_ms - input->last_ms > PASTE_LOST_MS)
		input->pasting = false;
	while (input->pad && n < INPUT_KEYS && read_key(input, &key)) {
		key.pasted = input->pasting;
		if (input->pasting)
			input->last_ms = now_ms;
		if (key.code == KEYCODE_OTHER)
			continue;
		n_typed += key.code < KEYCODE_FOCUS_IN;
		out[n++] = key;
	}
	for (size_t i = 0; n_typed > 1 && i < n; i++)
		out[i].burst = true;
	return n;
}

void input_flush(struct input *input, int64_t now_ms)
{
	struct key key;
	while (input->pad && read_key(input, &key))
		input->last_ms = now_ms;
	flushinp();
}
