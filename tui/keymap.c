#include "tui/keymap.h"

#include "base/text.h"
#include "base/xalloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IN(context) (1u << CONTEXT_##context)
#define MAIN (IN(RUN) | IN(REPLAY))
#define VIEWS (MAIN | IN(HELP))
#define SCROLLING (VIEWS | IN(CONFIRM) | IN(REVIEW))

const struct keymap_row keymap_rows[] = {
	{ ACTION_HELP, "help", VIEWS | IN(CONFIRM) | IN(REVIEW), "? F1", SECTION_EVERYWHERE, "help", "this list", false },
	{ ACTION_COMMAND_LINE, "command", MAIN, ":", SECTION_EVERYWHERE, "command", "every action by its name; a number goes to that step; "
	  "/write and the like grow the plan, save FILE writes it",
	  false },
	{ ACTION_DOWN, "down", SCROLLING, "j Down C-n", SECTION_EVERYWHERE, NULL, "down", false },
	{ ACTION_UP, "up", SCROLLING, "k Up C-p", SECTION_EVERYWHERE, NULL, "up", false },
	{ ACTION_LEFT, "left", IN(RUN) | IN(HELP) | IN(REVIEW), "h Left", SECTION_EVERYWHERE, NULL,
	  "collapse, or scroll to the left", false },
	{ ACTION_RIGHT, "right", IN(RUN) | IN(HELP) | IN(REVIEW), "l Right", SECTION_EVERYWHERE, NULL,
	  "expand, or scroll to the right", false },
	{ ACTION_LEFT, "left", IN(REPLAY), "h", SECTION_REPLAY, NULL, "collapse, or scroll to the left", false },
	{ ACTION_RIGHT, "right", IN(REPLAY), "l", SECTION_REPLAY, NULL, "expand, or scroll to the right", false },
	{ ACTION_FIRST, "first", SCROLLING, "g Home", SECTION_EVERYWHERE, NULL, "to the first line", false },
	{ ACTION_LAST, "last", SCROLLING, "G End", SECTION_EVERYWHERE, NULL, "to the last line, and follow what comes",
	  false },
	{ ACTION_HALF_DOWN, "half-down", SCROLLING, "C-d", SECTION_EVERYWHERE, NULL, "half a page down", false },
	{ ACTION_HALF_UP, "half-up", SCROLLING, "C-u", SECTION_EVERYWHERE, NULL, "half a page up", false },
	{ ACTION_PAGE_DOWN, "page-down", SCROLLING, "PgDn", SECTION_EVERYWHERE, NULL, "a page down", false },
	{ ACTION_PAGE_UP, "page-up", SCROLLING, "PgUp", SECTION_EVERYWHERE, NULL, "a page up", false },
	{ ACTION_FIND, "find", VIEWS | IN(REVIEW), "/", SECTION_EVERYWHERE, "find", "find text in the pane; Enter alone repeats", false },
	{ ACTION_FIND_NEXT, "find-next", VIEWS | IN(REVIEW), "A-n", SECTION_EVERYWHERE, NULL, "the next place found", false },
	{ ACTION_FIND_PREVIOUS, "find-previous", VIEWS | IN(REVIEW), "A-N", SECTION_EVERYWHERE, NULL, "the place found before", false },
	{ ACTION_OPEN, "open", VIEWS, "Enter", SECTION_EVERYWHERE, "open", "open: a step's parts, its approval", false },
	{ ACTION_BACK, "back", VIEWS | IN(CONFIRM) | IN(ASK) | IN(REVIEW), "Esc", SECTION_EVERYWHERE, NULL,
	  "back one level, and nothing else", false },
	{ ACTION_CLOSE, "close", VIEWS | IN(REVIEW), "q", SECTION_EVERYWHERE, "quit", "close the view; on the last one, quit", false },
	{ ACTION_QUIT, "quit", VIEWS | IN(REVIEW), "Q", SECTION_EVERYWHERE, NULL, "quit (asks while the run goes on)", false },
	{ ACTION_NEXT_PANE, "next-pane", MAIN, "Tab", SECTION_EVERYWHERE, "pane", "the next pane", false },
	{ ACTION_PREVIOUS_PANE, "previous-pane", MAIN, "S-Tab", SECTION_EVERYWHERE, NULL, "the pane before", false },
	{ ACTION_PANE_1, "pane-1", IN(RUN), "1", SECTION_EVERYWHERE, NULL, "the plan", false },
	{ ACTION_PANE_2, "pane-2", IN(RUN), "2", SECTION_EVERYWHERE, NULL, "the stream of the step", false },
	{ ACTION_PANE_3, "pane-3", IN(RUN), "3", SECTION_EVERYWHERE, NULL, "its diff", false },
	{ ACTION_PANE_4, "pane-4", IN(RUN), "4", SECTION_EVERYWHERE, NULL, "the workers", false },
	{ ACTION_PANE_5, "pane-5", IN(RUN), "5", SECTION_EVERYWHERE, NULL, "the run: tokens, cost, tree, log", false },
	{ ACTION_ZOOM, "zoom", MAIN, "z", SECTION_EVERYWHERE, "zoom", "the pane alone, and back", false },
	{ ACTION_TOGGLE, "toggle", IN(RUN), "Space", SECTION_EVERYWHERE, NULL, "fold and unfold", false },
	{ ACTION_WRAP, "wrap", MAIN | IN(REVIEW), "w", SECTION_EVERYWHERE, NULL, "wrap long lines", false },
	{ ACTION_SIDE_BY_SIDE, "side-by-side", MAIN | IN(REVIEW), "|", SECTION_EVERYWHERE, NULL, "diff in one column or in two", false },
	{ ACTION_DIFF, "diff", IN(RUN) | IN(CONFIRM), "d", SECTION_EVERYWHERE, "diff", "the diff of the step", false },
	{ ACTION_FOLLOW, "follow", MAIN, "f", SECTION_EVERYWHERE, NULL, "follow the running step and its text", false },
	{ ACTION_REDRAW, "redraw", VIEWS | IN(CONFIRM) | IN(ASK) | IN(REVIEW), "C-l", SECTION_EVERYWHERE, NULL, "draw the screen again",
	  false },

	{ ACTION_APPROVALS, "approvals", IN(RUN), "a", SECTION_RUN, "approvals", "the next approval that waits", true },
	{ ACTION_PAUSE, "pause", IN(RUN) | IN(CONFIRM), "p", SECTION_RUN, "pause", "nothing new starts; again: go on", true },
	{ ACTION_ONE_STEP, "one-step", IN(RUN), ".", SECTION_RUN, NULL, "while paused, start one step", true },
	{ ACTION_RETRY, "retry", IN(RUN), "r", SECTION_RUN, "retry", "try the step again, or at once when it waits", true },
	{ ACTION_SKIP, "skip", IN(RUN), "S", SECTION_RUN, NULL, "skip the step (asks)", true },
	{ ACTION_STOP_STEP, "stop-step", IN(RUN), "x", SECTION_RUN, "stop step", "stop the step (asks)", true },
	{ ACTION_UNDO, "undo", IN(RUN), "u", SECTION_RUN, "rollback",
	  "roll back the selected step or file if it landed, else the last step that did; asks when other things changed since", true },
	{ ACTION_REDO, "redo", IN(RUN), "U", SECTION_RUN, "redo", "take the last rollback back", true },
	{ ACTION_MESSAGE, "message", IN(RUN), "m", SECTION_RUN, NULL, "say something to the model: into the step's next prompt", true },
	{ ACTION_BREAKPOINT, "breakpoint", IN(RUN), "b", SECTION_RUN, NULL, "pause before the step, once; again: do not", true },
	{ ACTION_MORE_WORKERS, "more-workers", IN(RUN), "+", SECTION_RUN, NULL, "one worker more", true },
	{ ACTION_FEWER_WORKERS, "fewer-workers", IN(RUN), "-", SECTION_RUN, NULL, "one worker less", true },

	{ ACTION_YES, "yes", IN(CONFIRM) | IN(ASK), "y", SECTION_CONFIRM, "approve", "yes; what more it takes is said in the dialog",
	  true },
	{ ACTION_NO, "no", IN(CONFIRM) | IN(ASK), "n", SECTION_CONFIRM, "decline", "no", true },
	{ ACTION_NO_WITH_REASON, "no-with-reason", IN(CONFIRM), "N", SECTION_CONFIRM, "+reason",
	  "no, with the reason for the model", true },
	{ ACTION_CONFIRM, "confirm", IN(CONFIRM), "Enter", SECTION_CONFIRM, NULL,
	  "ends a yes that has begun; alone it does nothing", true },

	{ ACTION_YES, "yes", IN(REVIEW), "y", SECTION_REVIEW, "accept", "accept the hunk, or the marked lines", true },
	{ ACTION_NO, "no", IN(REVIEW), "n", SECTION_REVIEW, "reject", "reject the hunk, or the marked lines", true },
	{ ACTION_ACCEPT_REST, "accept-rest", IN(REVIEW), "a", SECTION_REVIEW, "rest of file",
	  "accept what is undecided of the file", true },
	{ ACTION_REJECT_REST, "reject-rest", IN(REVIEW), "d", SECTION_REVIEW, NULL, "reject what is undecided of the file",
	  true },
	{ ACTION_SPLIT, "split", IN(REVIEW), "s", SECTION_REVIEW, "split", "split the hunk into its groups of changes", false },
	{ ACTION_MARK_LINES, "mark-lines", IN(REVIEW), "v", SECTION_REVIEW, "lines", "mark lines, to decide them alone", false },
	{ ACTION_FLIP, "flip", IN(REVIEW), "Space", SECTION_REVIEW, NULL, "the other decision", true },
	{ ACTION_EDIT_HUNK, "edit-hunk", IN(REVIEW), "e", SECTION_REVIEW, "edit", "edit the hunk in $EDITOR", true },
	{ ACTION_EDIT_RESULT, "edit-result", IN(REVIEW), "E", SECTION_REVIEW, NULL,
	  "edit the file as the accepted hunks leave it, in $EDITOR", true },
	{ ACTION_MORE_CONTEXT, "more-context", IN(REVIEW), "}", SECTION_REVIEW, NULL, "more unchanged lines around each hunk", false },
	{ ACTION_LESS_CONTEXT, "less-context", IN(REVIEW), "{", SECTION_REVIEW, NULL, "fewer of them", false },
	{ ACTION_WHITESPACE, "whitespace", IN(REVIEW), "W", SECTION_REVIEW, NULL, "show blanks and tabs", false },
	{ ACTION_NEXT_HUNK, "next-hunk", IN(REVIEW), "J", SECTION_REVIEW, "hunk", "the next hunk", false },
	{ ACTION_PREVIOUS_HUNK, "previous-hunk", IN(REVIEW), "K", SECTION_REVIEW, NULL, "the hunk before", false },
	{ ACTION_NEXT_FILE, "next-file", IN(REVIEW), "]", SECTION_REVIEW, "file", "the next file", false },
	{ ACTION_PREVIOUS_FILE, "previous-file", IN(REVIEW), "[", SECTION_REVIEW, NULL, "the file before", false },
	{ ACTION_HIDE_DECIDED, "hide-decided", IN(REVIEW), "x", SECTION_REVIEW, NULL, "hide and show decided hunks", false },
	{ ACTION_UNDO_DECISION, "undo-decision", IN(REVIEW), "u", SECTION_REVIEW, "undo", "take the last decision back", false },
	{ ACTION_REDO_DECISION, "redo-decision", IN(REVIEW), "U", SECTION_REVIEW, NULL, "decide so again", false },
	{ ACTION_REJECT_ALL, "reject-all", IN(REVIEW), "R", SECTION_REVIEW, "reject all",
	  "reject the whole change, with the reason for the model", true },
	{ ACTION_APPLY, "apply", IN(REVIEW), "A", SECTION_REVIEW, "apply", "apply what is accepted; until then nothing is written",
	  true },

	{ ACTION_PLAY, "play", IN(REPLAY), "Space", SECTION_REPLAY, "play", "play and pause", false },
	{ ACTION_NEXT_EVENT, "next-event", IN(REPLAY), ".", SECTION_REPLAY, NULL, "the next event", false },
	{ ACTION_PREVIOUS_EVENT, "previous-event", IN(REPLAY), ",", SECTION_REPLAY, "event", "the event before", false },
	{ ACTION_PREVIOUS_MARK, "previous-mark", IN(REPLAY), "[", SECTION_REPLAY, NULL, "the mark before", false },
	{ ACTION_NEXT_MARK, "next-mark", IN(REPLAY), "]", SECTION_REPLAY, "mark", "the next mark: step, approval, bookmark, failure",
	  false },
	{ ACTION_FORWARD, "forward", IN(REPLAY), "> Right", SECTION_REPLAY, "5 s", "5 seconds on", false },
	{ ACTION_BACKWARD, "backward", IN(REPLAY), "< Left", SECTION_REPLAY, NULL, "5 seconds back", false },
	{ ACTION_FAR_FORWARD, "far-forward", IN(REPLAY), ")", SECTION_REPLAY, NULL, "a minute on", false },
	{ ACTION_FAR_BACKWARD, "far-backward", IN(REPLAY), "(", SECTION_REPLAY, NULL, "a minute back", false },
	{ ACTION_SEEK_PERCENT, "seek-percent", IN(REPLAY), "0 1 2 3 4 5 6 7 8 9", SECTION_REPLAY, NULL,
	  "to that tenth of the run", false },
	{ ACTION_FASTER, "faster", IN(REPLAY), "+", SECTION_REPLAY, "speed", "twice as fast, up to 64 times", false },
	{ ACTION_SLOWER, "slower", IN(REPLAY), "-", SECTION_REPLAY, NULL, "half as fast, down to an eighth", false },
	{ ACTION_REAL_TIME, "real-time", IN(REPLAY), "=", SECTION_REPLAY, NULL, "as fast as it was", false },
	{ ACTION_GO_TO_TIME, "go-to", IN(REPLAY), "t", SECTION_REPLAY, "goto", "to a time (1:30) or an event (#120)", false },
	{ ACTION_SQUEEZE, "squeeze", IN(REPLAY), "i", SECTION_REPLAY, NULL, "squeeze idle gaps over 2 s", false },
	{ ACTION_NEXT_FAILURE, "next-failure", IN(REPLAY), "}", SECTION_REPLAY, "failure", "the next failure or conflict", false },
	{ ACTION_PREVIOUS_FAILURE, "previous-failure", IN(REPLAY), "{", SECTION_REPLAY, NULL, "the failure before", false },
	{ ACTION_FILTER, "filter", IN(REPLAY), "F", SECTION_REPLAY, NULL,
	  "show only events of a kind or step, or 'errors'; nothing shows all", false },
	{ ACTION_BOOKMARK, "bookmark", IN(REPLAY), "B", SECTION_REPLAY, NULL,
	  "set or remove a bookmark here, in a file beside the journal", false },
	{ ACTION_DIFF, "diff", IN(REPLAY), "d", SECTION_REPLAY, "to now",
	  "what differs between the tree at this event and now, and back to what the run had made of it", false },
	{ ACTION_EXPORT, "export", IN(REPLAY), "x", SECTION_REPLAY, NULL, "how to export the run", false },
};

const size_t keymap_n_rows = sizeof keymap_rows / sizeof *keymap_rows;

#define N_ROWS (sizeof keymap_rows / sizeof *keymap_rows)

struct keymap {
	char *keys[N_ROWS]; /* of the row, owned; NULL: the table's */
};

struct keymap *keymap_new(void)
{
	return xcalloc(1, sizeof(struct keymap));
}

void keymap_free(struct keymap *map)
{
	for (size_t i = 0; map && i < N_ROWS; i++)
		free(map->keys[i]);
	free(map);
}

const char *keymap_keys(const struct keymap *map, const struct keymap_row *row)
{
	const char *bound = map ? map->keys[row - keymap_rows] : NULL;
	return bound ? bound : row->keys;
}

/* Takes the next name of a list: its bytes in *n, 0 at the end; *at stands behind it. */
static const char *next_name(const char **at, size_t *n)
{
	const char *name = *at + strspn(*at, " ");
	*n = strcspn(name, " ");
	*at = name + *n;
	return name;
}

static bool same_key(struct key a, struct key b)
{
	return a.code == b.code && a.alt == b.alt;
}

static bool has_key(const char *keys, struct key key)
{
	struct key bound;
	size_t n;
	for (const char *name; name = next_name(&keys, &n), n;)
		if (key_parse(name, n, &bound) == 0 && same_key(bound, key))
			return true;
	return false;
}

enum action keymap_find(const struct keymap *map, enum context context, struct key key)
{
	for (size_t i = 0; i < N_ROWS; i++)
		if (keymap_rows[i].contexts & 1u << context && has_key(keymap_keys(map, &keymap_rows[i]), key))
			return keymap_rows[i].action;
	return ACTION_NONE;
}

const struct keymap_row *keymap_row(enum action action)
{
	for (size_t i = 0; i < keymap_n_rows; i++)
		if (keymap_rows[i].action == action)
			return &keymap_rows[i];
	return NULL;
}

const struct keymap_row *keymap_row_in(enum context context, enum action action)
{
	for (size_t i = 0; i < keymap_n_rows; i++)
		if (keymap_rows[i].action == action && keymap_rows[i].contexts & 1u << context)
			return &keymap_rows[i];
	return keymap_row(action);
}

const char *keymap_section_name(enum keymap_section section)
{
	static const char *const names[SECTION_N] = { "Everywhere", "Run", "Approvals", "Review", "Replay" };
	return names[section];
}

const char *keymap_context_name(enum context context)
{
	static const char *const names[CONTEXT_N] = { "a run", "a replay", "an approval", "a question", "the help" };
	return names[context];
}

struct key_name keymap_name(const struct keymap *map, enum action action)
{
	struct key_name out = { "-" };
	const struct keymap_row *row = keymap_row(action);
	const char *at = row ? keymap_keys(map, row) : "";
	size_t n;
	const char *name = next_name(&at, &n);
	if (n)
		snprintf(out.text, sizeof out.text, "%.*s", (int)n, name);
	return out;
}

/* ---- other keys ---- */

/* Whose keys stand: what the house rules promise, and the digits, which say what they do. */
static bool is_fixed(enum action action)
{
	return action == ACTION_YES || action == ACTION_NO || action == ACTION_CONFIRM || action == ACTION_BACK ||
	       action == ACTION_SEEK_PERCENT;
}

static int no_such_action(const char *id, struct err *err)
{
	const char *known[N_ROWS];
	for (size_t i = 0; i < N_ROWS; i++)
		known[i] = keymap_rows[i].id;
	const char *nearest = text_nearest(id, known, N_ROWS);
	if (nearest)
		return err_set(err, ERR_USAGE, "there is no action '%.40s'; did you mean '%s'?", id, nearest);
	return err_set(err, ERR_USAGE, "there is no action '%.40s'; '?' in the UI and belay-keys(7) list them", id);
}

static int check_key(const char *id, const char *name, size_t n, struct err *err)
{
	static const char *const rules[] = { "y", "n", "Esc" };
	static const char *const signals[] = { "C-c", "C-z" };
	struct key key;
	if (key_parse(name, n, &key) != 0)
		return err_set(err, ERR_USAGE, "'%.*s' is no key; keys are written as u, C-d, A-n, Enter or PgUp",
		               (int)(n < 40 ? n : 40), name);
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
		if (has_key(rules[i], key))
			return err_set(err, ERR_USAGE, "'%s' means the same everywhere and cannot be given to '%s'", rules[i],
			               id);
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		if (has_key(signals[i], key))
			return err_set(err, ERR_USAGE, "'%s' is a signal and cannot be given to '%s'", signals[i], id);
	return 0;
}

int keymap_bind(struct keymap *map, const char *id, const char *keys, struct err *err)
{
	bool known = false;
	size_t n;
	for (size_t i = 0; i < N_ROWS; i++) {
		if (strcmp(keymap_rows[i].id, id) != 0)
			continue;
		known = true;
		if (is_fixed(keymap_rows[i].action))
			return err_set(err, ERR_USAGE, "the keys of '%s' cannot be changed", id);
	}
	if (!known)
		return no_such_action(id, err);
	const char *at = keys;
	for (const char *name; name = next_name(&at, &n), n;)
		if (check_key(id, name, n, err) != 0)
			return -1;
	for (size_t i = 0; i < N_ROWS; i++) {
		if (strcmp(keymap_rows[i].id, id) != 0)
			continue;
		free(map->keys[i]);
		map->keys[i] = xstrdup(keys);
	}
	return 0;
}

/* A context in which both rows have the key; -1: none. */
static int shared_context(const struct keymap_row *a, const struct keymap_row *b)
{
	unsigned both = a->contexts & b->contexts;
	for (int context = 0; context < CONTEXT_N; context++)
		if (both & 1u << context)
			return context;
	return -1;
}

static bool shared_key(const char *a, const char *b, struct key_name *out)
{
	struct key key;
	size_t n;
	for (const char *name; name = next_name(&a, &n), n;) {
		if (key_parse(name, n, &key) != 0 || !has_key(b, key))
			continue;
		key_to_name(key, out->text);
		return true;
	}
	return false;
}

void keymap_each_clash(const struct keymap *map, const char *id, void (*each)(void *arg, const struct keymap_clash *clash),
                       void *arg)
{
	for (size_t i = 0; i < N_ROWS; i++) {
		const struct keymap_row *row = &keymap_rows[i];
		for (size_t j = 0; j < N_ROWS && strcmp(row->id, id) == 0; j++) {
			const struct keymap_row *other = &keymap_rows[j];
			int context = shared_context(row, other);
			struct key_name key;
			if (context < 0 || other->action == row->action ||
			    !shared_key(keymap_keys(map, row), keymap_keys(map, other), &key))
				continue;
			struct keymap_clash clash = { key.text, other->id, (enum context)context };
			each(arg, &clash);
		}
	}
}
