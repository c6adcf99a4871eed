#include "tui/style.h"

enum { DEFAULT = -1, BLACK, RED, GREEN, YELLOW, BLUE, MAGENTA, CYAN, WHITE };

static const struct style mono[ROLE_N] = {
	[ROLE_TEXT] = { DEFAULT, DEFAULT, 0 },
	[ROLE_DIM] = { DEFAULT, DEFAULT, STYLE_DIM },
	[ROLE_BAR] = { DEFAULT, DEFAULT, STYLE_REVERSE },
	[ROLE_BAR_ALERT] = { DEFAULT, DEFAULT, STYLE_REVERSE | STYLE_BOLD },
	[ROLE_FRAME] = { DEFAULT, DEFAULT, STYLE_DIM },
	[ROLE_FOCUS] = { DEFAULT, DEFAULT, STYLE_BOLD },
	[ROLE_KEY] = { DEFAULT, DEFAULT, STYLE_BOLD },
	[ROLE_OK] = { DEFAULT, DEFAULT, 0 },
	[ROLE_RUNNING] = { DEFAULT, DEFAULT, STYLE_BOLD },
	[ROLE_WAITING] = { DEFAULT, DEFAULT, STYLE_BOLD | STYLE_UNDERLINE },
	[ROLE_FAILED] = { DEFAULT, DEFAULT, STYLE_BOLD },
	[ROLE_ADDED] = { DEFAULT, DEFAULT, STYLE_BOLD },
	[ROLE_REMOVED] = { DEFAULT, DEFAULT, 0 },
	[ROLE_ADDED_WORD] = { DEFAULT, DEFAULT, STYLE_BOLD | STYLE_UNDERLINE },
	[ROLE_REMOVED_WORD] = { DEFAULT, DEFAULT, STYLE_UNDERLINE },
	[ROLE_HUNK] = { DEFAULT, DEFAULT, STYLE_DIM },
	[ROLE_FILE] = { DEFAULT, DEFAULT, STYLE_BOLD },
	[ROLE_NOTE] = { DEFAULT, DEFAULT, STYLE_DIM },
	[ROLE_MATCH] = { DEFAULT, DEFAULT, STYLE_REVERSE },
	[ROLE_HEADING] = { DEFAULT, DEFAULT, STYLE_BOLD | STYLE_UNDERLINE },
	[ROLE_STRONG] = { DEFAULT, DEFAULT, STYLE_BOLD },
	[ROLE_EMPHASIS] = { DEFAULT, DEFAULT, STYLE_UNDERLINE },
	[ROLE_CODE] = { DEFAULT, DEFAULT, 0 },
	[ROLE_LINK] = { DEFAULT, DEFAULT, STYLE_UNDERLINE },
};

static const struct style colour[ROLE_N] = {
	[ROLE_TEXT] = { DEFAULT, DEFAULT, 0 },
	[ROLE_DIM] = { DEFAULT, DEFAULT, STYLE_DIM },
	[ROLE_BAR] = { DEFAULT, DEFAULT, STYLE_REVERSE },
	[ROLE_BAR_ALERT] = { BLACK, YELLOW, STYLE_BOLD },
	[ROLE_FRAME] = { DEFAULT, DEFAULT, STYLE_DIM },
	[ROLE_FOCUS] = { CYAN, DEFAULT, STYLE_BOLD },
	[ROLE_KEY] = { CYAN, DEFAULT, 0 },
	[ROLE_OK] = { GREEN, DEFAULT, 0 },
	[ROLE_RUNNING] = { CYAN, DEFAULT, STYLE_BOLD },
	[ROLE_WAITING] = { YELLOW, DEFAULT, STYLE_BOLD },
	[ROLE_FAILED] = { RED, DEFAULT, STYLE_BOLD },
	[ROLE_ADDED] = { GREEN, DEFAULT, 0 },
	[ROLE_REMOVED] = { RED, DEFAULT, 0 },
	[ROLE_ADDED_WORD] = { GREEN, DEFAULT, STYLE_BOLD | STYLE_UNDERLINE },
	[ROLE_REMOVED_WORD] = { RED, DEFAULT, STYLE_BOLD | STYLE_UNDERLINE },
	[ROLE_HUNK] = { CYAN, DEFAULT, 0 },
	[ROLE_FILE] = { DEFAULT, DEFAULT, STYLE_BOLD },
	[ROLE_NOTE] = { MAGENTA, DEFAULT, 0 },
	[ROLE_MATCH] = { BLACK, YELLOW, 0 },
	[ROLE_HEADING] = { DEFAULT, DEFAULT, STYLE_BOLD | STYLE_UNDERLINE },
	[ROLE_STRONG] = { DEFAULT, DEFAULT, STYLE_BOLD },
	[ROLE_EMPHASIS] = { DEFAULT, DEFAULT, STYLE_UNDERLINE },
	[ROLE_CODE] = { CYAN, DEFAULT, 0 },
	[ROLE_LINK] = { BLUE, DEFAULT, STYLE_UNDERLINE },
};

/* Tints of the 256-colour cube; roles that are not here look as with 8 colours. */
static const struct {
	enum role role;
	struct style style;
} tint[] = {
	{ ROLE_DIM, { 245, DEFAULT, 0 } },
	{ ROLE_FRAME, { 241, DEFAULT, 0 } },
	{ ROLE_ADDED_WORD, { 16, 114, 0 } },
	{ ROLE_REMOVED_WORD, { 16, 210, 0 } },
};

static short safe_colour(short colour_of, enum palette palette)
{
	switch (colour_of) {
	case GREEN: return BLUE;
	case RED: return palette == PALETTE_256 ? 208 : YELLOW;
	case 114: return 111;
	case 210: return 215;
	default: return colour_of;
	}
}

struct style style_of(enum role role, enum palette palette, bool safe_colours)
{
	if (palette == PALETTE_MONO)
		return mono[role];
	struct style style = colour[role];
	for (size_t i = 0; palette == PALETTE_256 && i < sizeof tint / sizeof *tint; i++)
		if (tint[i].role == role)
			style = tint[i].style;
	if (safe_colours) {
		style.fg = safe_colour(style.fg, palette);
		style.bg = safe_colour(style.bg, palette);
	}
	return style;
}

static const char *const glyphs[GLYPH_N][2] = {
	[GLYPH_HLINE] = { "-", "\u2500" },
	[GLYPH_VLINE] = { "|", "\u2502" },
	[GLYPH_CORNER_TL] = { "+", "\u250c" },
	[GLYPH_CORNER_TR] = { "+", "\u2510" },
	[GLYPH_CORNER_BL] = { "+", "\u2514" },
	[GLYPH_CORNER_BR] = { "+", "\u2518" },
	[GLYPH_TEE] = { "|", "\u253c" },
	[GLYPH_CURSOR] = { ">", ">" },
	[GLYPH_OPEN] = { "-", "\u25be" },
	[GLYPH_CLOSED] = { "+", "\u25b8" },
	[GLYPH_ELLIPSIS] = { "~", "\u2026" },
	[GLYPH_HALF] = { ":", "\u250a" },
	[GLYPH_PENDING] = { ".", "\u00b7" },
	[GLYPH_RUNNING] = { "*", "*" },
	[GLYPH_WAITING] = { "!", "!" },
	[GLYPH_DONE] = { "v", "\u2713" },
	[GLYPH_FAILED] = { "x", "\u2717" },
	[GLYPH_SKIPPED] = { "/", "/" },
	[GLYPH_DECLINED] = { "n", "n" },
	[GLYPH_CANCELLED] = { "c", "c" },
	[GLYPH_TAKEN_BACK] = { "u", "u" },
};

const char *glyph_text(enum glyph glyph, bool unicode)
{
	return glyphs[glyph][unicode];
}

static const struct {
	enum glyph glyph;
	enum role role;
} state_style[STEP_N_STATES] = {
	[STEP_PENDING] = { GLYPH_PENDING, ROLE_DIM },
	[STEP_READY] = { GLYPH_PENDING, ROLE_TEXT },
	[STEP_RUNNING] = { GLYPH_RUNNING, ROLE_RUNNING },
	[STEP_WAITING] = { GLYPH_WAITING, ROLE_WAITING },
	[STEP_LANDED] = { GLYPH_RUNNING, ROLE_RUNNING },
	[STEP_DONE] = { GLYPH_DONE, ROLE_OK },
	[STEP_FAILED] = { GLYPH_FAILED, ROLE_FAILED },
	[STEP_SKIPPED] = { GLYPH_SKIPPED, ROLE_DIM },
	[STEP_DECLINED] = { GLYPH_DECLINED, ROLE_WAITING },
	[STEP_CANCELLED] = { GLYPH_CANCELLED, ROLE_DIM },
	[STEP_TAKEN_BACK] = { GLYPH_TAKEN_BACK, ROLE_NOTE },
};

enum glyph style_state_glyph(enum step_state state)
{
	return state_style[state].glyph;
}

enum role style_state_role(enum step_state state)
{
	return state_style[state].role;
}
