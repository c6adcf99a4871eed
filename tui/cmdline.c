#include "tui/cmdline.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_MAX 10
#define HISTORY_MAX 100
#define ID_WIDTH 16
#define KEY_WIDTH 9
#define FORM_WIDTH 26

/* ---- finding ---- */

static int lower(char c)
{
	return tolower((unsigned char)c);
}

/* All of `typed` in order within `text`: more for runs and for beginnings of words. 0: not there. */
static int score_in_order(const char *typed, const char *text)
{
	int score = 1;
	bool run = true;
	const char *at = text;
	for (; *typed; typed++) {
		if (*typed == ' ')
			continue;
		const char *from = at;
		while (*at && lower(*at) != lower(*typed))
			at++;
		if (!*at)
			return 0;
		run = run && at == from;
		bool begins = at == text || strchr("- ", at[-1]);
		score += 1 + 3 * begins + 2 * (at == from) + 4 * run;
		at++;
	}
	return score;
}

int cmdline_score(const char *typed, const struct keymap_row *row)
{
	if (!*typed)
		return 1;
	if (strcasecmp(typed, row->id) == 0)
		return 1000;
	int id = score_in_order(typed, row->id);
	if (id)
		return 100 + id;
	return strcasestr(row->help, typed) ? 50 : 0;
}

static bool is_offered(const struct cmdline *self, const struct keymap_row *row)
{
	/* Keys that only move are no commands, and digits are places. */
	static const enum action not[] = { ACTION_DOWN, ACTION_UP, ACTION_LEFT, ACTION_RIGHT, ACTION_HALF_DOWN, ACTION_HALF_UP,
		ACTION_PAGE_DOWN, ACTION_PAGE_UP, ACTION_COMMAND_LINE, ACTION_BACK, ACTION_SEEK_PERCENT };
	for (size_t i = 0; i < sizeof not / sizeof *not; i++)
		if (row->action == not[i])
			return false;
	return row->contexts & 1u << self->context;
}

static int score_of(const struct cmdline *self, const char *typed, const struct keymap_row *row)
{
	int score = cmdline_score(typed, row);
	if (score && !*typed && row->section != SECTION_EVERYWHERE)
		score++; /* what the run is about, before what moves the view */
	for (size_t i = 0; score && !*typed && i < self->history.n_items; i++)
		if (strcmp(self->history.item[i], row->id) == 0)
			score = 10 + (int)i;
	return score;
}

/* Few rows: each goes to its place behind those that are as good. */
static void look(struct cmdline *self)
{
	const char *typed = buf_str(&self->edit.text);
	self->n_found = 0;
	for (size_t i = 0; i < keymap_n_rows; i++) {
		const struct keymap_row *row = &keymap_rows[i];
		int score = is_offered(self, row) ? score_of(self, typed, row) : 0;
		if (!score)
			continue;
		self->found = vec_room(self->found, self->n_found, &self->cap_found, sizeof(struct keymap_row *));
		size_t at = self->n_found++;
		for (; at > 0 && score_of(self, typed, self->found[at - 1]) < score; at--)
			self->found[at] = self->found[at - 1];
		self->found[at] = row;
	}
	self->list.cursor = 0;
	list_fit(&self->list, self->n_found, self->list.height ? self->list.height : ROWS_MAX);
}

void cmdline_open(struct cmdline *self, const struct keymap *keymap, enum context context)
{
	self->open = true;
	self->keymap = keymap;
	self->context = context;
	self->history_at = self->history.n_items;
	line_edit_clear(&self->edit);
	look(self);
}

void cmdline_release(struct cmdline *self)
{
	line_edit_release(&self->edit);
	strings_release(&self->history);
	free(self->found);
	*self = (struct cmdline){ 0 };
}

/* ---- keys ---- */

static void set_text(struct cmdline *self, const char *text)
{
	line_edit_clear(&self->edit);
	buf_add_str(&self->edit.text, text);
	self->edit.at = self->edit.text.len;
	look(self);
}

static void forget(struct strings *list, const char *text)
{
	int at = strings_find(list, text);
	if (at < 0)
		return;
	free(list->item[at]);
	list->n_items--;
	memmove(list->item + at, list->item + at + 1, (list->n_items - (size_t)at) * sizeof *list->item);
}

static void remember(struct cmdline *self, const char *id)
{
	forget(&self->history, id);
	if (self->history.n_items == HISTORY_MAX)
		forget(&self->history, self->history.item[0]);
	strings_add(&self->history, id);
}

/* Up in an empty line, and on from there, is what was run before; elsewhere it is the line above. */
static bool go_through_history(struct cmdline *self, bool back)
{
	size_t n = self->history.n_items;
	bool there = self->history_at < n;
	if (!n || (!there && (self->edit.text.len || !back)))
		return false;
	if (back)
		self->history_at -= self->history_at > 0;
	else
		self->history_at++;
	set_text(self, self->history_at < n ? self->history.item[self->history_at] : "");
	return true;
}

/* What is no name of an action, but is said with words of its own. */
static const struct {
	const char *begins, *usage, *help;
} forms[] = {
	{ "/read", "/read PATH...", "a step more: its files, for the steps that need them" },
	{ "/write", "/write PATH: what", "a step more: a file by a model" },
	{ "/refactor", "/refactor PATH...: what", "a step more: files changed by a model" },
	{ "/scaffold", "/scaffold TEMPLATE INTO", "a step more: a folder from a template" },
	{ "/test", "/test PATH", "a step more: tests for it" },
	{ "/validate", "/validate [CHECK...]", "a step more: the plan's checks" },
	{ "save ", "save FILE", "the plan with the steps that were added, as a new file" },
};

#define N_FORMS (sizeof forms / sizeof *forms)

static bool is_form(const struct cmdline *self)
{
	const char *typed = buf_str(&self->edit.text);
	return self->context == CONTEXT_RUN && (*typed == '/' || strncmp(typed, "save ", 5) == 0);
}

static enum cmdline_result run(struct cmdline *self, enum action *action)
{
	char first = buf_str(&self->edit.text)[0];
	self->open = false;
	if (isdigit((unsigned char)first) || first == '#')
		return CMDLINE_TEXT;
	if (is_form(self)) {
		remember(self, buf_str(&self->edit.text));
		return CMDLINE_TEXT;
	}
	if (!self->n_found) {
		self->open = true;
		return CMDLINE_STAYS;
	}
	*action = self->found[self->list.cursor]->action;
	remember(self, self->found[self->list.cursor]->id);
	return CMDLINE_ACTION;
}

enum cmdline_result cmdline_key(struct cmdline *self, struct key key, enum action *action)
{
	bool up = key.code == KEYCODE_UP || key.code == 'p' - 'a' + 1;
	bool down = key.code == KEYCODE_DOWN || key.code == 'n' - 'a' + 1;
	if ((up || down) && !key.pasted) {
		if (!go_through_history(self, up))
			list_handle(&self->list, up ? ACTION_UP : ACTION_DOWN);
		return CMDLINE_STAYS;
	}
	if (key.code == KEYCODE_TAB && self->n_found) {
		set_text(self, self->found[self->list.cursor]->id);
		return CMDLINE_STAYS;
	}
	switch (line_edit_key(&self->edit, key)) {
	case LINE_EDIT_DONE: return run(self, action);
	case LINE_EDIT_CANCELLED: self->open = false; return CMDLINE_CLOSED;
	default: break;
	}
	self->history_at = self->history.n_items;
	look(self);
	return CMDLINE_STAYS;
}

/* ---- drawing ---- */

static void draw_row(const struct cmdline *self, struct canvas *canvas, struct rect line, size_t i)
{
	const struct keymap_row *row = self->found[i];
	const char *why_not = self->why_not ? self->why_not(self->arg, row->action) : NULL;
	struct pen pen = pen_at(canvas, line, 0, 0);
	pen_str(&pen, ROLE_FOCUS, i == self->list.cursor ? " > " : "   ");
	pen_fit(&pen, why_not ? ROLE_DIM : ROLE_FILE, row->id, ID_WIDTH);
	pen_str(&pen, ROLE_TEXT, " ");
	pen_fit(&pen, ROLE_KEY, keymap_name(self->keymap, row->action).text, KEY_WIDTH);
	if (why_not)
		pen_printf(&pen, ROLE_WAITING, "%s: ", why_not);
	pen_fit(&pen, why_not ? ROLE_DIM : ROLE_TEXT, row->help, pen_room(&pen));
}

/* The forms that begin with what was typed, or whose beginning was. */
static void draw_forms(const struct cmdline *self, struct canvas *canvas, struct rect content)
{
	const char *typed = buf_str(&self->edit.text);
	const char *found[N_FORMS], *help[N_FORMS];
	size_t n = 0;
	for (size_t i = 0; i < N_FORMS; i++) {
		size_t typed_n = strcspn(typed, " ");
		size_t form_n = strcspn(forms[i].begins, " ");
		bool is = typed_n <= form_n && strncmp(typed, forms[i].begins, typed_n) == 0;
		if (is && (int)n + 2 < content.h) {
			found[n] = forms[i].usage;
			help[n++] = forms[i].help;
		}
	}
	struct rect box = { content.x, content.y + content.h - (int)n - 1, content.w, (int)n + 1 };
	canvas_fill(canvas, box, ROLE_TEXT);
	struct pen rule = pen_at(canvas, box, 0, 0);
	pen_repeat(&rule, ROLE_FRAME, GLYPH_HLINE, content.w);
	for (size_t i = 0; i < n; i++) {
		struct pen pen = pen_at(canvas, rect_row(box, (int)i + 1), 3, 0);
		pen_fit(&pen, ROLE_FILE, found[i], FORM_WIDTH);
		pen_fit(&pen, ROLE_TEXT, help[i], pen_room(&pen));
	}
}

void cmdline_draw(struct cmdline *self, struct canvas *canvas, struct rect content, struct rect line)
{
	size_t most = content.h > 2 ? (size_t)content.h - 1 : 0;
	size_t rows = self->n_found < ROWS_MAX ? self->n_found : ROWS_MAX;
	if (is_form(self)) {
		draw_forms(self, canvas, content);
		rows = 0;
	}
	rows = rows < most ? rows : most;
	list_fit(&self->list, self->n_found, rows ? rows : 1);
	struct rect box = { content.x, content.y + content.h - (int)rows - 1, content.w, (int)rows + 1 };
	if (rows) {
		canvas_fill(canvas, box, ROLE_TEXT);
		struct pen rule = pen_at(canvas, box, 0, 0);
		pen_repeat(&rule, ROLE_FRAME, GLYPH_HLINE, 2);
		pen_printf(&rule, ROLE_DIM, " %zu command%s, Tab completes, Up goes back ", self->n_found,
		           self->n_found == 1 ? "" : "s");
		pen_repeat(&rule, ROLE_FRAME, GLYPH_HLINE, pen_room(&rule));
	}
	for (size_t y = 0; y < rows; y++)
		draw_row(self, canvas, rect_row(box, (int)y + 1), self->list.top + y);
	canvas_fill(canvas, line, ROLE_TEXT);
	struct pen pen = pen_at(canvas, line, 0, 0);
	pen_str(&pen, ROLE_KEY, " :");
	line_edit_draw(&self->edit, &pen, pen_room(&pen) - 1);
}
