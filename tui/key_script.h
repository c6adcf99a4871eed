/* A list of keys to press, for tests of the whole program: see app.h for its words. Pure. */
#ifndef BELAY_TUI_KEY_SCRIPT_H
#define BELAY_TUI_KEY_SCRIPT_H

#include "tui/canvas.h"
#include "tui/key.h"

struct key_script {
	const char *at; /* borrowed; NULL: there is none */
};

enum key_script_step { KEY_SCRIPT_WAITS, KEY_SCRIPT_KEY, KEY_SCRIPT_DUMP };

void key_script_init(struct key_script *script, const char *keys);
void key_script_release(struct key_script *script);
enum key_script_step key_script_next(struct key_script *script, const struct canvas *canvas, struct key *key);

#endif
