/*
 * What a cell means, and how that looks: panes name roles, never colours. A palette gives each role its colours
 * and attributes; in the mono palette every difference that matters is kept by bold, underline, reverse or a sign.
 * Glyphs are the drawing characters, in ASCII and in Unicode. Pure.
 */
#ifndef BELAY_TUI_STYLE_H
#define BELAY_TUI_STYLE_H

#include "event/run_model.h"

#include <stdbool.h>
#include <stddef.h>

enum role {
	ROLE_TEXT,
	ROLE_DIM,       /* secondary: times, line numbers, what has not begun */
	ROLE_BAR,       /* the title line */
	ROLE_BAR_ALERT, /* in the title line: what waits for the user */
	ROLE_FRAME,     /* rules and headers */
	ROLE_FOCUS,     /* the header of the pane with the focus */
	ROLE_KEY,       /* a key's name */
	ROLE_OK,
	ROLE_RUNNING,
	ROLE_WAITING,
	ROLE_FAILED,
	ROLE_ADDED,
	ROLE_REMOVED,
	ROLE_ADDED_WORD,
	ROLE_REMOVED_WORD,
	ROLE_HUNK,
	ROLE_FILE,
	ROLE_NOTE,      /* belay's own words among a model's or a command's */
	ROLE_MATCH,     /* what find found */
	ROLE_HEADING,   /* these five: of a model's Markdown */
	ROLE_STRONG,
	ROLE_EMPHASIS,
	ROLE_CODE,
	ROLE_LINK,
	ROLE_N
};

/* A stretch of a line's bytes in another role. */
struct text_span {
	size_t at, n;
	enum role role;
};

enum palette { PALETTE_MONO, PALETTE_8, PALETTE_256, PALETTE_N };

enum style_attr { STYLE_BOLD = 1, STYLE_DIM = 2, STYLE_UNDERLINE = 4, STYLE_REVERSE = 8 };

struct style {
	short fg, bg; /* -1: the terminal's own */
	unsigned attrs;
};

/* `safe_colours` exchanges green and red for blue and orange. */
struct style style_of(enum role role, enum palette palette, bool safe_colours);

enum glyph {
	GLYPH_HLINE,
	GLYPH_VLINE,
	GLYPH_CORNER_TL,
	GLYPH_CORNER_TR,
	GLYPH_CORNER_BL,
	GLYPH_CORNER_BR,
	GLYPH_TEE,
	GLYPH_CURSOR,
	GLYPH_OPEN,
	GLYPH_CLOSED,
	GLYPH_ELLIPSIS,
	GLYPH_HALF,
	GLYPH_PENDING,
	GLYPH_RUNNING,
	GLYPH_WAITING,
	GLYPH_DONE,
	GLYPH_FAILED,
	GLYPH_SKIPPED,
	GLYPH_DECLINED,
	GLYPH_CANCELLED,
	GLYPH_TAKEN_BACK,
	GLYPH_N
};

const char *glyph_text(enum glyph glyph, bool unicode);

/* A step's mark, and the role that it is drawn in. */
enum glyph style_state_glyph(enum step_state state);
enum role style_state_role(enum step_state state);

#endif
