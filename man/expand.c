/*
 * Makes a manual page from its template: lines such as @events@ are replaced by what the program's own tables say, so
 * that a page cannot tell of a kind, a key or an option that is not there. Prose is wrapped, as mandoc -T lint wants it;
 * what is between .Bd and .Ed stays as it is. usage: expand TEMPLATE >PAGE
 */
#include "event/event.h"
#include "io/config_table.h"
#include "plan/schema.h"
#include "tui/cli.h"
#include "tui/keymap.h"
#include "tui/verb_list.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH 78

static FILE *page; /* in memory, until it is wrapped */

static void put_line(const char *text)
{
	fprintf(page, "%s\n", text);
}

/* roff reads a backslash, and a dot or quote at the start of a line. */
static void put_letter(char c)
{
	if (c == '\\')
		fputs("\\e", page);
	else
		fputc(c, page);
}

static void put_text(const char *text)
{
	if (*text == '.' || *text == '\'')
		fputs("\\&", page);
	for (; *text; text++)
		put_letter(*text);
}

static void put_events(void)
{
	put_line(".Bl -tag -width Ds");
	for (int kind = 0; kind < EVENT_N_KINDS; kind++) {
		const struct event_kind_info *info = event_kind_info((enum event_kind)kind);
		fprintf(page, ".It Va %s\n", info->wire);
		put_text(info->help);
		fputc('\n', page);
		for (size_t i = 0; i < info->n_fields; i++)
			fprintf(page, "%s%s", i ? " , " : ".br\nFields:\n.Va ",
			       event_field_info((enum event_field)info->field[i])->wire);
		put_line(info->n_fields ? " ." : "");
	}
	put_line(".El");
}

static void put_words(const char *const *word)
{
	for (size_t i = 0; word && word[i]; i++)
		fprintf(page, "%s%s", i ? ", " : "One of: ", word[i]);
	put_line(word && word[0] ? "." : "");
}

static void put_key(const struct plan_key *key)
{
	fprintf(page, ".It Ic %s\n", key->name);
	put_text(key->help);
	fprintf(page, "\nExpected: ");
	put_text(plan_value_expected(key->value));
	fprintf(page, "%s.\n", key->required ? "; required" : "");
	if (key->words)
		put_words(key->words);
	if (key->initial)
		fprintf(page, "Default: %s.\n", *key->initial ? key->initial : "empty");
}

static void put_plan_table(const struct plan_table *table, size_t from)
{
	put_line(".Bl -tag -width Ds");
	for (size_t i = from; i < table->n_keys; i++)
		put_key(&table->key[i]);
	put_line(".El");
}

/* mdoc wants each sentence to begin a line. */
static void put_sentences(const char *text)
{
	for (const char *end; (end = strstr(text, ". ")); text = end + 2) {
		for (; text <= end; text++)
			put_letter(*text);
		fputc('\n', page);
	}
	put_text(text);
}

static void put_config(void)
{
	for (size_t i = 0; i < CONFIG_N_TABLES; i++) {
		const struct config_table *table = &config_table[i];
		fprintf(page, ".Ss %s\n.Bl -tag -width Ds\n", table->title);
		for (size_t k = 0; k < table->n_keys; k++) {
			const struct config_key *key = &table->key[k];
			fprintf(page, ".It Ic %s\n", key->name);
			put_sentences(key->help);
			fprintf(page, "\nExpected: ");
			put_text(key->expected);
			fprintf(page, ".\n");
			if (key->initial)
				fprintf(page, "Default: %s.\n", key->initial);
		}
		put_line(".El");
	}
}

static void put_config_variables(void)
{
	put_line(".Bl -tag -width BELAY_UNICODE -compact");
	for (size_t i = 0; i < config_n_variables; i++)
		fprintf(page, ".It Ev %s\n.Ic %s\n", config_variable[i].name, config_variable[i].key);
	put_line(".El");
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
		fprintf(page, ".Ss %s\n", verb->table.key[0].name);
		put_text(verb->help);
		fputc('\n', page);
		put_plan_table(&verb->table, 0);
	}
}

/* mdoc reads brackets and stops among a macro's words as punctuation: the \& in front makes them words. */
static void put_key_names(const char *keys)
{
	for (bool first = true; *keys; keys++) {
		if (first)
			fputs("\\&", page);
		first = *keys == ' ';
		put_letter(*keys);
	}
	fputc('\n', page);
}

static void put_keys(void)
{
	for (int section = 0; section < SECTION_N; section++) {
		fprintf(page, ".Ss %s\n.Bl -tag -width Home_End\n", keymap_section_name((enum keymap_section)section));
		for (size_t i = 0; i < keymap_n_rows; i++) {
			const struct keymap_row *row = &keymap_rows[i];
			if ((int)row->section != section)
				continue;
			fprintf(page, ".It Ic ");
			put_key_names(row->keys);
			put_text(row->help);
			fprintf(page, "\n.Pq %s\n", row->id);
		}
		put_line(".El");
	}
}

static const struct cli_verb verb_table[] = {
#define X(name, args, summary, least, most, options, later) { #name, args, summary, options, NULL, least, most, NULL },
	VERB_LIST(X)
#undef X
};
#define N_VERBS (sizeof verb_table / sizeof *verb_table)

/* " , " and stops are macros' punctuation: the last one ends the sentence. */
static void put_option_name(enum cli_option option)
{
	const struct cli_option_info *info = cli_option_info(option);
	if (info->name)
		fprintf(page, "Fl \\-%s", info->name);
	else
		fprintf(page, "Fl %c", info->letter);
}

static void put_verbs(void)
{
	put_line(".Bl -tag -width Ds");
	for (size_t i = 0; i < N_VERBS; i++) {
		const struct cli_verb *verb = &verb_table[i];
		fprintf(page, ".It Cm %s", verb->name);
		if (*verb->args)
			fprintf(page, " Ar %s", verb->args);
		fputc('\n', page);
		put_text(verb->summary);
		put_line(".");
		for (const enum cli_option *option = verb->option; option && *option; option++) {
			fprintf(page, option == verb->option ? "Options:\n." : " ,\n.");
			put_option_name(*option);
		}
		if (verb->option)
			put_line(" .");
	}
	put_line(".El");
}

/* The argument as it is typed: "=NAME", " DIR" or, where it may be left out, "[=LEVEL]". */
static void put_option_head(enum cli_option option)
{
	const struct cli_option_info *info = cli_option_info(option);
	fprintf(page, ".It ");
	if (info->letter)
		fprintf(page, "Fl %c%s", info->letter, info->name ? " , " : "");
	if (info->name)
		fprintf(page, "Fl \\-%s", info->name);
	if (info->arg && *info->arg == '[')
		fprintf(page, " Ns Op = Ns Ar %.*s", (int)strcspn(info->arg + 2, "]"), info->arg + 2);
	else if (info->arg)
		fprintf(page, info->name ? " Ns = Ns Ar %s" : " Ar %s", info->arg);
	fputc('\n', page);
	put_text(info->help);
	put_line(".");
}

static bool has_option(const struct cli_verb *verb, enum cli_option wanted)
{
	for (const enum cli_option *option = verb->option; option && *option; option++)
		if (*option == wanted)
			return true;
	return false;
}

static void put_verbs_with(enum cli_option option)
{
	size_t n = 0;
	for (size_t i = 0; i < N_VERBS; i++)
		if (has_option(&verb_table[i], option))
			fprintf(page, "%sCm %s", n++ ? " , " : "Verbs:\n.", verb_table[i].name);
	if (n)
		put_line(" .");
}

static void put_global_options(void)
{
	put_line(".Bl -tag -width Ds");
	for (const enum cli_option *option = cli_global_options(); *option; option++)
		put_option_head(*option);
	put_line(".El");
}

static void put_options(void)
{
	put_line(".Bl -tag -width Ds");
	for (enum cli_option option = CLI_NONE + 1; option < CLI_N_OPTIONS; option++) {
		bool is_used = false;
		for (size_t i = 0; i < N_VERBS; i++)
			is_used = is_used || has_option(&verb_table[i], option);
		if (!is_used)
			continue;
		put_option_head(option);
		put_verbs_with(option);
	}
	put_line(".El");
}

static const struct {
	const char *mark;
	void (*put)(void);
} table[] = {
	{ "@config@\n", put_config },
	{ "@config-variables@\n", put_config_variables },
	{ "@events@\n", put_events },
	{ "@global-options@\n", put_global_options },
	{ "@keys@\n", put_keys },
	{ "@options@\n", put_options },
	{ "@plan-root@\n", put_plan_root },
	{ "@plan-common@\n", put_plan_common },
	{ "@plan-verbs@\n", put_plan_verbs },
	{ "@verbs@\n", put_verbs },
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

/* Sentences begin lines of their own already; what is longer is cut at blanks. */
static void wrap(const char *line, size_t n)
{
	while (n > WIDTH) {
		size_t cut = WIDTH;
		while (cut > 0 && (line[cut] != ' ' || line[cut + 1] == '.' || line[cut + 1] == '\''))
			cut--;
		if (cut == 0)
			break;
		printf("%.*s\n", (int)cut, line);
		line += cut + 1;
		n -= cut + 1;
	}
	printf("%.*s\n", (int)n, line);
}

static void print_wrapped(const char *text)
{
	bool is_literal = false;
	for (const char *end; (end = strchr(text, '\n')); text = end + 1) {
		is_literal = (is_literal || strncmp(text, ".Bd", 3) == 0) && strncmp(text, ".Ed", 3) != 0;
		if (is_literal || *text == '.')
			printf("%.*s\n", (int)(end - text), text);
		else
			wrap(text, (size_t)(end - text));
	}
}

int main(int argc, char **argv)
{
	char line[1024];
	char *text = NULL;
	size_t size = 0;
	FILE *in = argc == 2 ? fopen(argv[1], "r") : NULL;
	page = open_memstream(&text, &size);
	if (!in || !page) {
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
		fputs(line, page);
	}
	bool failed = ferror(in) || fclose(in) != 0 || fclose(page) != 0;
	if (!failed)
		print_wrapped(text);
	free(text);
	return failed || fflush(stdout) != 0;
}
