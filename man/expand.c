/*
 * Makes a manual page from its template: lines such as @events@ are replaced by what the program's own tables say, so
 * that a page cannot tell of a kind, a key or an option that is not there. usage: expand TEMPLATE >PAGE
 */
#include "event/event.h"
#include "plan/schema.h"
#include "tui/keymap.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* roff reads a backslash, and a dot or quote at the start of a line. */
static void put_letter(char c)
{
	if (c == '\\')
		fputs("\\e", stdout);
	else
		putchar(c);
}

static void put_text(const char *text)
{
	if (*text == '.' || *text == '\'')
		fputs("\\&", stdout);
	for (; *text; text++)
		put_letter(*text);
}

static void put_events(void)
{
	puts(".Bl -tag -width Ds");
	for (int kind = 0; kind < EVENT_N_KINDS; kind++) {
		const struct event_kind_info *info = event_kind_info((enum event_kind)kind);
		printf(".It Va %s\n", info->wire);
		put_text(info->help);
		putchar('\n');
		for (size_t i = 0; i < info->n_fields; i++)
			printf("%s%s", i ? " , " : ".br\nFields:\n.Va ",
			       event_field_info((enum event_field)info->field[i])->wire);
		puts(info->n_fields ? " ." : "");
	}
	puts(".El");
}

static void put_words(const char *const *word)
{
	for (size_t i = 0; word && word[i]; i++)
		printf("%s%s", i ? ", " : "One of: ", word[i]);
	puts(word && word[0] ? "." : "");
}

static void put_key(const struct plan_key *key)
{
	printf(".It Ic %s\n", key->name);
	put_text(key->help);
	printf("\nExpected: ");
	put_text(plan_value_expected(key->value));
	printf("%s.\n", key->required ? "; required" : "");
	if (key->words)
		put_words(key->words);
	if (key->initial)
		printf("Default: %s.\n", *key->initial ? key->initial : "empty");
}

static void put_plan_table(const struct plan_table *table, size_t from)
{
	puts(".Bl -tag -width Ds");
	for (size_t i = from; i < table->n_keys; i++)
		put_key(&table->key[i]);
	puts(".El");
}

static void put_plan_root(void)
{
	put_plan_table(&plan_root_table, 0);
}

static void put_plan_common(void)
{
	put_plan_table(&plan_common_table, 0);
}

static void put_plan_verbs(void)
{
	for (size_t i = 0; i < plan_n_verbs; i++) {
		const struct plan_verb *verb = &plan_verb_schema[i];
		printf(".Ss %s\n", verb->table.key[0].name);
		put_text(verb->help);
		putchar('\n');
		put_plan_table(&verb->table, 0);
	}
}

/* mdoc reads brackets and stops among a macro's words as punctuation: the \& in front makes them words. */
static void put_key_names(const char *keys)
{
	for (bool first = true; *keys; keys++) {
		if (first)
			fputs("\\&", stdout);
		first = *keys == ' ';
		put_letter(*keys);
	}
	putchar('\n');
}

static void put_keys(void)
{
	for (int section = 0; section < SECTION_N; section++) {
		printf(".Ss %s\n.Bl -tag -width Home_End\n", keymap_section_name((enum keymap_section)section));
		for (size_t i = 0; i < keymap_n_rows; i++) {
			const struct keymap_row *row = &keymap_rows[i];
			if ((int)row->section != section)
				continue;
			printf(".It Ic ");
			put_key_names(row->keys);
			put_text(row->help);
			printf("\n.Pq %s\n", row->id);
		}
		puts(".El");
	}
}

static const struct {
	const char *mark;
	void (*put)(void);
} table[] = {
	{ "@events@\n", put_events },
	{ "@keys@\n", put_keys },
	{ "@plan-root@\n", put_plan_root },
	{ "@plan-common@\n", put_plan_common },
	{ "@plan-verbs@\n", put_plan_verbs },
};

static bool put_table(const char *line)
{
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (strcmp(line, table[i].mark) == 0) {
			table[i].put();
			return true;
		}
	return false;
}

int main(int argc, char **argv)
{
	char line[1024];
	FILE *in = argc == 2 ? fopen(argv[1], "r") : NULL;
	if (!in) {
		fprintf(stderr, "usage: expand TEMPLATE\n");
		return 2;
	}
	while (fgets(line, sizeof line, in)) {
		if (put_table(line))
			continue;
		if (line[0] == '@') {
			fprintf(stderr, "%s: unknown table %s", argv[1], line);
			return 1;
		}
		fputs(line, stdout);
	}
	return ferror(in) || fclose(in) != 0 || fflush(stdout) != 0;
}
