/* A small question whose answers are letters: quit, skip, stop. Esc answers nothing. Pure. */
#ifndef BELAY_TUI_DIALOG_ASK_H
#define BELAY_TUI_DIALOG_ASK_H

#include "base/vec.h"
#include "tui/canvas.h"
#include "tui/key.h"

#include <stdbool.h>

#define ASK_CHOICES 4

enum ask_answer { ASK_STAYS, ASK_CLOSED, ASK_SKIP, ASK_STOP_STEP, ASK_STOP_RUN, ASK_STOP_AFTER, ASK_GO_ON,
	ASK_APPLY, ASK_DECLINE, ASK_ROLLBACK_MERGE, ASK_ROLLBACK_FORCE };

struct ask_choice {
	char key;
	enum ask_answer answer;
	const char *label; /* static */
};

struct ask {
	bool open;
	char title[64];
	char question[160];
	const struct strings *body; /* lines below the question; borrowed; or NULL */
	struct ask_choice choice[ASK_CHOICES];
	size_t n_choices;
};

enum ask_answer ask_key(struct ask *ask, struct key key); /* closes it, unless ASK_STAYS */
void ask_draw(const struct ask *ask, struct canvas *canvas, struct rect content);

#endif
