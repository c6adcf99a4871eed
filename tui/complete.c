#include "tui/complete.h"

#include "base/vec.h"
#include "base/xalloc.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

void complete_add(struct complete *out, const char *word, const char *help)
{
	if (strncmp(word, out->prefix, strlen(out->prefix)) != 0)
		return;
	for (const char *c = word; *c; c++)
		if (iscntrl((unsigned char)*c))
			return;
	buf_add(&out->text, out->kept, out->n_kept);
	buf_add_str(&out->text, word);
	if (help && *help)
		buf_printf(&out->text, "\t%.*s", (int)strcspn(help, "\t\n"), help);
	buf_add_char(&out->text, '\n');
}

/* ---- what was typed before ---- */

struct reading {
	const struct complete_table *table;
	struct complete_line line;
	const char **arg, **dir; /* owned; `line` shows them */
	size_t cap_args, cap_dirs;
	enum cli_option waiting; /* an option whose argument is the next word */
	bool only_words;         /* "--" was there */
	bool is_help;            /* `belay help` */
};

/* Only what may stand here. */
static enum cli_option find_option(const struct cli_verb *verb, const char *name, size_t n, char letter)
{
	enum cli_option option = cli_find_option(verb, name, n, letter);
	return option && cli_takes(verb, option) ? option : CLI_NONE;
}

static bool needs_argument(enum cli_option option)
{
	const char *arg = cli_option_info(option)->arg;
	return arg && *arg != '[';
}

static void read_value(struct reading *reading, enum cli_option option, const char *value)
{
	if (option != CLI_DIR)
		return;
	reading->dir = vec_room(reading->dir, reading->line.n_dirs, &reading->cap_dirs, sizeof *reading->dir);
	reading->dir[reading->line.n_dirs++] = value;
}

/* "-qC" waits for its argument, "-Cdir" has it. */
static void read_letters(struct reading *reading, const char *word)
{
	for (const char *letter = word + 1; *letter; letter++) {
		enum cli_option option = find_option(reading->line.verb, NULL, 0, *letter);
		if (option == CLI_NONE || !needs_argument(option))
			continue;
		if (letter[1])
			read_value(reading, option, letter + 1);
		else
			reading->waiting = option;
		return;
	}
}

static void read_option(struct reading *reading, const char *word)
{
	if (strcmp(word, "--") == 0) {
		reading->only_words = true;
	} else if (word[1] != '-') {
		read_letters(reading, word);
	} else {
		size_t n = strcspn(word + 2, "=");
		enum cli_option option = find_option(reading->line.verb, word + 2, n, 0);
		if (option == CLI_NONE || !needs_argument(option))
			return;
		if (word[2 + n])
			read_value(reading, option, word + 2 + n + 1);
		else
			reading->waiting = option;
	}
}

static void read_verb(struct reading *reading, const char *word)
{
	const struct complete_table *table = reading->table;
	if (strcmp(word, "help") == 0)
		reading->is_help = true;
	for (size_t i = 0; i < table->n_verbs; i++)
		if (table->verb[i].run && strcmp(table->verb[i].name, word) == 0)
			reading->line.verb = &table->verb[i];
}

static void read_word(struct reading *reading, const char *word)
{
	if (reading->waiting) {
		read_value(reading, reading->waiting, word);
		reading->waiting = CLI_NONE;
	} else if (!reading->only_words && word[0] == '-' && word[1]) {
		read_option(reading, word);
	} else if (!reading->line.verb && !reading->is_help) {
		read_verb(reading, word);
	} else {
		reading->arg = vec_room(reading->arg, reading->line.n_args, &reading->cap_args, sizeof *reading->arg);
		reading->arg[reading->line.n_args++] = word;
	}
}

/* ---- what may stand there ---- */

/* `spec` names what may stand at a place: "PLAN|RUN", "auto|always|never". */
static void add_spec(struct complete *out, const struct reading *reading, const char *spec, size_t n)
{
	while (n > 0) {
		size_t length = 0;
		while (length < n && spec[length] != '|')
			length++;
		char *word = xstrndup(spec, length);
		if (islower((unsigned char)*word))
			complete_add(out, word, NULL);
		else
			reading->table->list(reading->table->arg, word, &reading->line, out);
		free(word);
		length += length < n;
		spec += length;
		n -= length;
	}
}

static void add_values(struct complete *out, const struct reading *reading, enum cli_option option)
{
	const char *spec = cli_option_info(option)->arg;
	spec += strspn(spec, "[=");
	add_spec(out, reading, spec, strcspn(spec, "]"));
}

static void add_verbs(struct complete *out, const struct complete_table *table)
{
	for (size_t i = 0; i < table->n_verbs; i++)
		if (table->verb[i].run)
			complete_add(out, table->verb[i].name, table->verb[i].summary);
	complete_add(out, "help", "what the verbs take");
}

static void add_options(struct complete *out, const struct cli_verb *verb)
{
	for (enum cli_option i = CLI_NONE + 1; i < CLI_N_OPTIONS; i++) {
		const struct cli_option_info *info = cli_option_info(i);
		if (!cli_takes(verb, i))
			continue;
		char *word = info->name ? xasprintf("--%s%s", info->name, needs_argument(i) ? "=" : "")
		                        : xasprintf("-%c", info->letter);
		complete_add(out, word, info->help);
		free(word);
	}
}

/* The part of "[RUN|FILE]" or "RUN TEXT" or "PLAN..." that is about the argument to come; the last one repeats with "...". */
static void add_argument(struct complete *out, const struct reading *reading)
{
	const char *args = reading->line.verb->args;
	for (size_t i = 0; i < reading->line.n_args; i++) {
		const char *next = strchr(args, ' ');
		if (next)
			args = next + 1;
		else if (!strstr(args, "..."))
			return;
	}
	args += *args == '[';
	add_spec(out, reading, args, strcspn(args, " ]."));
}

static void set_kept(struct complete *out, const char *word, size_t n)
{
	out->kept = word;
	out->n_kept = n;
	out->prefix = word + n;
}

static void add_all(struct complete *out, const struct reading *reading, const char *word)
{
	size_t n_name = strcspn(word, "=");
	set_kept(out, word, 0);
	if (reading->waiting) {
		add_values(out, reading, reading->waiting);
	} else if (!reading->only_words && *word == '-') {
		enum cli_option option = strncmp(word, "--", 2) == 0 && word[n_name]
			? find_option(reading->line.verb, word + 2, n_name - 2, 0) : CLI_NONE;
		if (option == CLI_NONE) {
			add_options(out, reading->line.verb);
		} else if (cli_option_info(option)->arg) {
			set_kept(out, word, n_name + 1);
			add_values(out, reading, option);
		}
	} else if (!reading->line.verb) {
		if (!reading->is_help || !reading->line.n_args)
			add_verbs(out, reading->table);
	} else {
		add_argument(out, reading);
	}
}

void complete_words(struct complete *out, const struct complete_table *table, const char *const *word, size_t n_words)
{
	struct reading reading = { .table = table };
	*out = (struct complete){ 0 };
	for (size_t i = 0; i + 1 < n_words; i++)
		read_word(&reading, word[i]);
	reading.line.arg = reading.arg;
	reading.line.dir = reading.dir;
	add_all(out, &reading, n_words ? word[n_words - 1] : "");
	free(reading.arg);
	free(reading.dir);
}
