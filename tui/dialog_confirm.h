/*
 * The dialog that asks for a yes to something risky. It opens only by a user's key, and it is hard to approve by
 * accident: it is deaf for 400 ms and until no key has come for 250 ms, it ignores what is pasted, its whole text must
 * have been on screen, and Enter alone never says yes. LOW takes `y`; MEDIUM takes `y`, then Enter on a second line; HIGH
 * takes `y`, then a word from the target. Esc closes it and answers nothing. Pure: time comes in as an argument.
 */
#ifndef BELAY_TUI_DIALOG_CONFIRM_H
#define BELAY_TUI_DIALOG_CONFIRM_H

#include "event/run_model.h"
#include "tui/canvas.h"
#include "tui/keymap.h"
#include "tui/line_edit.h"
#include "tui/text_view.h"

#include <stdbool.h>
#include <stdint.h>

#define CONFIRM_DEAF_MS 400
#define CONFIRM_SILENCE_MS 250
#define CONFIRM_ENTER_MS 120 /* between `y` and the Enter that ends it: no hand is faster, a paste is */

enum confirm_stage { CONFIRM_FIRST, CONFIRM_SECOND, CONFIRM_WORD, CONFIRM_REASON };
enum confirm_risk { CONFIRM_LOW, CONFIRM_MEDIUM, CONFIRM_HIGH };
enum confirm_result { CONFIRM_STAYS, CONFIRM_LATER, CONFIRM_APPROVED, CONFIRM_REFUSED };

struct confirm_line {
	char *text; /* owned */
	const char *label; /* static: "why", or "" */
	enum role role;
};

struct confirm {
	bool open;
	char *step, *request, *word; /* owned */
	char title[96];
	enum confirm_risk risk;
	enum confirm_stage stage;
	int64_t opened_ms;   /* monotonic, as all times here */
	int64_t deaf_ms;     /* since when it is deaf: opened, or the terminal got the focus back */
	int64_t last_key_ms;
	bool armed;          /* it has been quiet for long enough once: `n` is heard; each `y` needs silence anew */
	bool saw_end;
	bool question;       /* an `ask` step: a yes or a no, and no risk */
	const char *hint;    /* why the last key did nothing; static, or NULL */
	struct text_view text;
	struct confirm_line *line; /* owned */
	size_t n_lines, cap_lines;
	struct line_edit edit; /* the word, or the reason */
	const struct keymap *keymap; /* set by the owner once it is open; NULL: the table's own keys */
};

/* `number` of `n_steps`, for the title. Copies what it shows. */
void confirm_open(struct confirm *confirm, const struct model_step *step, size_t number, size_t n_steps, int64_t now_ms);
void confirm_close(struct confirm *confirm);
void confirm_rearm(struct confirm *confirm, int64_t now_ms); /* the terminal has the focus again */

bool confirm_is_armed(const struct confirm *confirm, int64_t now_ms);
int64_t confirm_due_ms(const struct confirm *confirm, int64_t now_ms); /* until it looks different; -1: it will not */

/* After CONFIRM_REFUSED the reason is in edit.text, perhaps empty. */
enum confirm_result confirm_key(struct confirm *confirm, struct key key, int64_t now_ms);
void confirm_draw(struct confirm *confirm, struct canvas *canvas, struct rect content, int64_t now_ms);

#endif
