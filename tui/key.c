#include "tui/key.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	int32_t code;
} named[] = {
	{ "Tab", KEYCODE_TAB },         { "Enter", KEYCODE_ENTER },       { "Esc", KEYCODE_ESC },
	{ "Space", KEYCODE_SPACE },     { "Backspace", KEYCODE_BACKSPACE }, { "Up", KEYCODE_UP },
	{ "Down", KEYCODE_DOWN },       { "Left", KEYCODE_LEFT },         { "Right", KEYCODE_RIGHT },
	{ "Home", KEYCODE_HOME },       { "End", KEYCODE_END },           { "PgUp", KEYCODE_PAGE_UP },
	{ "PgDn", KEYCODE_PAGE_DOWN },  { "Del", KEYCODE_DELETE },        { "S-Tab", KEYCODE_BACKTAB },
	{ "F1", KEYCODE_F1 },
};
#define N_NAMED (sizeof named / sizeof *named)

void key_to_name(struct key key, char out[KEY_NAME_SIZE])
{
	const char *alt = key.alt ? "A-" : "";
	for (size_t i = 0; i < N_NAMED; i++) {
		if (named[i].code == key.code) {
			snprintf(out, KEY_NAME_SIZE, "%s%s", alt, named[i].name);
			return;
		}
	}
	if (key.code > 0 && key.code < 27) {
		snprintf(out, KEY_NAME_SIZE, "%sC-%c", alt, (char)('a' + key.code - 1));
		return;
	}
	char text[5] = { 0 };
	if (key.code >= 0x20 && key.code < KEYCODE_UP)
		text_encode(key.code, text);
	snprintf(out, KEY_NAME_SIZE, "%s%s", alt, text);
}

int key_parse(const char *name, size_t n, struct key *out)
{
	*out = (struct key){ 0 };
	if (n > 2 && strncmp(name, "A-", 2) == 0) {
		out->alt = true;
		name += 2;
		n -= 2;
	}
	for (size_t i = 0; i < N_NAMED; i++) {
		if (strlen(named[i].name) == n && strncmp(named[i].name, name, n) == 0) {
			out->code = named[i].code;
			return 0;
		}
	}
	if (n == 3 && strncmp(name, "C-", 2) == 0 && name[2] >= 'a' && name[2] <= 'z') {
		out->code = name[2] - 'a' + 1;
		return 0;
	}
	if (n && text_decode(name, n, &out->code) == n && out->code >= 0x20)
		return 0;
	return -1;
}

bool key_is_text(struct key key)
{
	return !key.alt && key.code >= 0x20 && key.code < KEYCODE_UP && key.code != KEYCODE_BACKSPACE &&
	       text_cp_width(key.code) >= 0;
}
