/*
 * The one table of what keys do: it drives the keys, the help pane, the footer, the manual page and the README. An
 * action is looked up by key and context; `y` and `n` mean yes and no wherever they are bound, and nothing else.
 */
#ifndef BELAY_TUI_KEYMAP_H
#define BELAY_TUI_KEYMAP_H

#include "base/attr.h"
#include "base/err.h"
#include "tui/key.h"

#include <stdbool.h>
#include <stddef.h>

enum context {
	CONTEXT_RUN,
	CONTEXT_REPLAY,
	CONTEXT_CONFIRM, /* an approval is on screen */
	CONTEXT_ASK,     /* a small question with letters for answers */
	CONTEXT_HELP,
	CONTEXT_REVIEW,  /* a proposed change, hunk by hunk */
	CONTEXT_N
};

enum keymap_section { SECTION_EVERYWHERE, SECTION_RUN, SECTION_CONFIRM, SECTION_REVIEW, SECTION_REPLAY, SECTION_N };

enum action {
	ACTION_NONE,
	ACTION_HELP,
	ACTION_COMMAND_LINE,
	ACTION_DOWN,
	ACTION_UP,
	ACTION_LEFT,
	ACTION_RIGHT,
	ACTION_FIRST,
	ACTION_LAST,
	ACTION_HALF_DOWN,
	ACTION_HALF_UP,
	ACTION_PAGE_DOWN,
	ACTION_PAGE_UP,
	ACTION_FIND,
	ACTION_FIND_NEXT,
	ACTION_FIND_PREVIOUS,
	ACTION_OPEN,
	ACTION_BACK,
	ACTION_CLOSE,
	ACTION_QUIT,
	ACTION_NEXT_PANE,
	ACTION_PREVIOUS_PANE,
	ACTION_PANE_1,
	ACTION_PANE_2,
	ACTION_PANE_3,
	ACTION_PANE_4,
	ACTION_PANE_5,
	ACTION_ZOOM,
	ACTION_TOGGLE,
	ACTION_WRAP,
	ACTION_REDRAW,
	ACTION_APPROVALS,
	ACTION_PAUSE,
	ACTION_ONE_STEP,
	ACTION_RETRY,
	ACTION_SKIP,
	ACTION_STOP_STEP,
	ACTION_UNDO,
	ACTION_REDO,
	ACTION_DIFF,
	ACTION_SIDE_BY_SIDE,
	ACTION_MESSAGE,
	ACTION_BREAKPOINT,
	ACTION_MORE_WORKERS,
	ACTION_FEWER_WORKERS,
	ACTION_FOLLOW,
	ACTION_YES,
	ACTION_NO,
	ACTION_NO_WITH_REASON,
	ACTION_CONFIRM, /* the second step of a yes */
	ACTION_ACCEPT_REST,
	ACTION_REJECT_REST,
	ACTION_SPLIT,
	ACTION_MARK_LINES,
	ACTION_FLIP,
	ACTION_EDIT_HUNK,
	ACTION_EDIT_RESULT,
	ACTION_MORE_CONTEXT,
	ACTION_LESS_CONTEXT,
	ACTION_WHITESPACE,
	ACTION_NEXT_HUNK,
	ACTION_PREVIOUS_HUNK,
	ACTION_NEXT_FILE,
	ACTION_PREVIOUS_FILE,
	ACTION_HIDE_DECIDED,
	ACTION_UNDO_DECISION,
	ACTION_REDO_DECISION,
	ACTION_REJECT_ALL,
	ACTION_APPLY,
	ACTION_PLAY,
	ACTION_NEXT_EVENT,
	ACTION_PREVIOUS_EVENT,
	ACTION_NEXT_MARK,
	ACTION_PREVIOUS_MARK,
	ACTION_FORWARD,
	ACTION_BACKWARD,
	ACTION_FAR_FORWARD,
	ACTION_FAR_BACKWARD,
	ACTION_SEEK_PERCENT,
	ACTION_FASTER,
	ACTION_SLOWER,
	ACTION_REAL_TIME,
	ACTION_GO_TO_TIME,
	ACTION_SQUEEZE,
	ACTION_NEXT_FAILURE,
	ACTION_PREVIOUS_FAILURE,
	ACTION_FILTER,
	ACTION_BOOKMARK,
	ACTION_EXPORT,
	ACTION_N
};

struct keymap_row {
	enum action action;
	const char *id;         /* for configuration: "undo" */
	unsigned contexts;      /* 1 << enum context */
	const char *keys;       /* separated by spaces */
	enum keymap_section section;
	const char *label;      /* for the footer; NULL: not shown there */
	const char *help;
	bool mutates;           /* changes the run: not in a replay */
};

extern const struct keymap_row keymap_rows[];
extern const size_t keymap_n_rows;

/* The keys in force: those of the table, but for what was bound. NULL, wherever one is taken, is the table alone. */
struct keymap;
struct keymap *keymap_new(void);
void keymap_free(struct keymap *map);

/*
 * Gives an action other keys: names with blanks between them, "" for none. ERR_USAGE for an id that there is not, a name
 * that is no key, and for what is fixed: y, n, Esc and the digits mean the same everywhere, C-c and C-z are signals.
 */
int keymap_bind(struct keymap *map, const char *id, const char *keys, struct err *err) MUST_CHECK;

/* Calls `each` for every other action that has a key of this one in a context of this one; once for each pair. */
struct keymap_clash {
	const char *key; /* its name; borrowed until the call returns */
	const char *other;
	enum context context;
};
void keymap_each_clash(const struct keymap *map, const char *id, void (*each)(void *arg, const struct keymap_clash *clash),
                       void *arg);

/* ACTION_NONE when the key means nothing in that context. */
enum action keymap_find(const struct keymap *map, enum context context, struct key key);
const struct keymap_row *keymap_row(enum action action);
const struct keymap_row *keymap_row_in(enum context context, enum action action); /* what it means there; or keymap_row */
const char *keymap_section_name(enum keymap_section section);
const char *keymap_context_name(enum context context); /* "the run", "a replay" ... */

/* All keys of a row, separated by blanks; "" when it has none. */
const char *keymap_keys(const struct keymap *map, const struct keymap_row *row);

/* The first key of an action, to be shown: "?"; "-" when it has none. */
struct key_name {
	char text[KEY_NAME_SIZE];
};
struct key_name keymap_name(const struct keymap *map, enum action action);

#endif
