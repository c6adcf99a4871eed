#include "tui/key_script.h"

#include <string.h>

void key_script_init(struct key_script *script, const char *keys)
{
	script->at = keys;
}

void key_script_release(struct key_script *script)
{
	script->at = NULL;
}

/* Is the text on screen, "_" standing for a blank? */
static bool is_shown(const struct canvas *canvas, const char *text, size_t n)
{
	struct buf screen = { 0 };
	bool found = false;
	canvas_dump(canvas, &screen);
	for (size_t at = 0; at + n <= screen.len && !found; at++) {
		size_t i = 0;
		while (i < n && (screen.data[at + i] == text[i] || (text[i] == '_' && screen.data[at + i] == ' ')))
			i++;
		found = i == n;
	}
	buf_release(&screen);
	return found;
}

enum key_script_step key_script_next(struct key_script *script, const struct canvas *canvas, struct key *key)
{
	size_t n;
	if (!script->at || !canvas->cell)
		return KEY_SCRIPT_WAITS;
	for (;;) {
		script->at += strspn(script->at, " ");
		n = strcspn(script->at, " ");
		if (*script->at != '=' || n < 2)
			break;
		if (!is_shown(canvas, script->at + 1, n - 1))
			return KEY_SCRIPT_WAITS;
		script->at += n;
	}
	if (!n)
		return KEY_SCRIPT_WAITS;
	bool dump = n == 4 && strncmp(script->at, "dump", 4) == 0;
	int rc = dump ? 0 : key_parse(script->at, n, key);
	script->at += n;
	if (dump)
		return KEY_SCRIPT_DUMP;
	return rc == 0 ? KEY_SCRIPT_KEY : KEY_SCRIPT_WAITS;
}
