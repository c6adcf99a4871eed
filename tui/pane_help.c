#include "tui/pane_help.h"

#include "base/xalloc.h"

#include <stdio.h>
#include <string.h>

#define KEYS_WIDTH 18 /* of the lines that describe a key; the others begin in the first column */

static bool shows(const struct keymap_row *row, const char *keys, const char *filter)
{
	return !*filter || strcasestr(row->help, filter) || strcasestr(keys, filter) || strcasestr(row->id, filter);
}

static void add_section(struct help *help, enum keymap_section section, const char *filter)
{
	bool headed = false;
	for (size_t i = 0; i < keymap_n_rows; i++) {
		const struct keymap_row *row = &keymap_rows[i];
		const char *keys = keymap_keys(help->keymap, row);
		if (row->section != section || !(row->contexts & 1u << help->context) || !shows(row, keys, filter))
			continue;
		if (!headed && help->line.n_items)
			strings_add(&help->line, "");
		if (!headed)
			strings_add(&help->line, keymap_section_name(section));
		headed = true;
		bool digits = row->action == ACTION_SEEK_PERCENT;
		strings_take(&help->line, xasprintf("  %-16s%s", digits ? "0 - 9" : *keys ? keys : "-", row->help));
	}
}

void help_open(struct help *help, const struct keymap *keymap, enum context context, const char *filter)
{
	help_close(help);
	help->open = true;
	help->context = context;
	help->keymap = keymap;
	text_view_init(&help->text, false, true);
	/* What is special here comes first. */
	for (int section = SECTION_N - 1; section >= 0; section--)
		add_section(help, (enum keymap_section)section, filter);
	if (!help->line.n_items)
		strings_add(&help->line, "no key is described so");
}

void help_close(struct help *help)
{
	strings_release(&help->line);
	help->open = false;
}

static void help_line(void *arg, size_t i, struct text_line *out)
{
	const struct help *help = arg;
	const char *text = help->line.item[i];
	bool is_key = *text == ' ';
	size_t keys = is_key ? KEYS_WIDTH : 0;
	out->text = text + keys;
	out->n = strlen(text) - keys;
	out->role = is_key ? ROLE_TEXT : ROLE_FILE;
	out->gutter_role = ROLE_KEY;
	snprintf(out->gutter, sizeof out->gutter, "%.*s", (int)keys, text);
}

static struct text_source source_of(struct help *help)
{
	return (struct text_source){ .end = help->line.n_items, .line = help_line, .arg = help };
}

bool help_handle(struct help *help, enum action action)
{
	struct text_source source = source_of(help);
	return text_view_handle(&help->text, &source, action);
}

void help_draw(struct help *help, struct canvas *canvas, struct rect rect, const char *find)
{
	struct text_source source = source_of(help);
	text_view_draw(&help->text, &source, canvas, rect, find);
}
