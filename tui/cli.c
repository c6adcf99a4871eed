#include "tui/cli.h"

#include "base/buf.h"
#include "base/text.h"
#include "base/xalloc.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const struct cli_option_info option_table[CLI_N_OPTIONS] = {
#define X(id, letter, name, arg, help) [CLI_##id] = { letter, name, arg, help },
	CLI_OPTIONS(X)
#undef X
};

static const enum cli_option global[] = { CLI_DIR, CLI_SET, CLI_COLOR, CLI_QUIET, CLI_VERBOSE, CLI_HELP, CLI_VERSION,
	                                  CLI_NONE };

const struct cli_option_info *cli_option_info(enum cli_option option)
{
	return &option_table[option];
}

const enum cli_option *cli_global_options(void)
{
	return global;
}

static bool arg_is_optional(const struct cli_option_info *option)
{
	return option->arg && *option->arg == '[';
}

static bool is_in(const enum cli_option *list, enum cli_option wanted)
{
	for (; list && *list; list++)
		if (*list == wanted)
			return true;
	return false;
}

bool cli_takes(const struct cli_verb *verb, enum cli_option option)
{
	return is_in(global, option) || (verb && is_in(verb->option, option));
}

enum cli_option cli_find_option(const struct cli_verb *verb, const char *name, size_t n, char letter)
{
	enum cli_option first = CLI_NONE;
	for (enum cli_option i = CLI_NONE + 1; i < CLI_N_OPTIONS; i++) {
		const struct cli_option_info *info = &option_table[i];
		bool is_it = name ? info->name && strlen(info->name) == n && strncmp(info->name, name, n) == 0
		                  : info->letter == letter;
		if (is_it && cli_takes(verb, i))
			return i;
		if (is_it && !first)
			first = i;
	}
	return first;
}

/* ---- verbs ---- */

static const struct cli_verb *verb_named(const struct cli_verb *table, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(table[i].name, name) == 0)
			return &table[i];
	return NULL;
}

const struct cli_verb *cli_find_verb(const struct cli_verb *table, size_t n_verbs, const char *name, struct err *err)
{
	const char **word = xcalloc(n_verbs, sizeof *word);
	size_t n = 0;
	const struct cli_verb *verb = verb_named(table, n_verbs, name);
	for (size_t i = 0; i < n_verbs; i++)
		if (table[i].run)
			word[n++] = table[i].name;
	const char *nearest = text_nearest(name, word, n);
	if (verb && !verb->run) {
		err_set(err, ERR_UNSUPPORTED, "'belay %s' is not in this version", name);
		verb = NULL;
	} else if (!verb) {
		err_set(err, ERR_USAGE, "there is no verb '%s'", name);
		if (nearest)
			err_hint(err, "did you mean 'belay %s'?", nearest);
		else
			err_hint(err, "'belay help' lists them");
	}
	free(word);
	return verb;
}

/* ---- options ---- */

static int refuse_option(const struct cli *cli, const char *shown, struct err *err)
{
	const char *word[CLI_N_OPTIONS];
	size_t n = 0;
	for (enum cli_option i = CLI_NONE + 1; i < CLI_N_OPTIONS; i++)
		if (option_table[i].name && cli_takes(cli->verb, i))
			word[n++] = option_table[i].name;
	const char *nearest = strncmp(shown, "--", 2) == 0 ? text_nearest(shown + 2, word, n) : NULL;
	if (cli->verb)
		err_set(err, ERR_USAGE, "'belay %s' has no option '%s'", cli->verb->name, shown);
	else
		err_set(err, ERR_USAGE, "there is no option '%s' before a verb", shown);
	if (nearest)
		return err_hint(err, "did you mean '--%s'?", nearest);
	return err_hint(err, "'belay help%s%s' lists them", cli->verb ? " " : "", cli->verb ? cli->verb->name : "");
}

/* May it stand here? Before the verb only global ones may. */
static int admit(const struct cli *cli, enum cli_option option, const char *shown, struct err *err)
{
	if (cli_takes(cli->verb, option))
		return 0;
	if (cli->verb && is_in(cli->verb->later, option))
		return err_set(err, ERR_UNSUPPORTED, "'%s' is not in this version", shown);
	return refuse_option(cli, shown, err);
}

static void add_value(struct cli *cli, enum cli_option option, const char *value)
{
	cli->value = vec_room(cli->value, cli->n_values, &cli->cap_values, sizeof *cli->value);
	cli->value[cli->n_values++] = (struct cli_value){ option, value };
	cli->wants_help = cli->wants_help || option == CLI_HELP;
	cli->wants_version = cli->wants_version || option == CLI_VERSION;
}

/* What is left of argv. */
struct words {
	char **at;
	char **end;
};

static int take_value(struct cli *cli, enum cli_option option, const char *shown, const char *value, struct words *words,
                      struct err *err)
{
	const struct cli_option_info *info = &option_table[option];
	if (admit(cli, option, shown, err) != 0)
		return -1;
	if (!info->arg && value)
		return err_set(err, ERR_USAGE, "'%s' takes no argument", shown);
	if (info->arg && !arg_is_optional(info) && !value) {
		if (words->at == words->end)
			return err_set(err, ERR_USAGE, "'%s' needs an argument: %s", shown, info->arg);
		value = *words->at++;
	}
	add_value(cli, option, value);
	return 0;
}

static int take_long(struct cli *cli, const char *word, struct words *words, struct err *err)
{
	const char *equals = strchr(word, '=');
	char *shown = xstrndup(word, equals ? (size_t)(equals - word) : strlen(word));
	int rc = -1;
	enum cli_option i = cli_find_option(cli->verb, shown + 2, strlen(shown + 2), 0);
	if (i == CLI_NONE)
		refuse_option(cli, shown, err);
	else
		rc = take_value(cli, i, shown, equals ? equals + 1 : NULL, words, err);
	free(shown);
	return rc;
}

/* "-qv", "-j4", "-C DIR": the first that takes an argument has the rest of the word, or the next one. */
static int take_letters(struct cli *cli, const char *word, struct words *words, struct err *err)
{
	for (const char *letter = word + 1; *letter; letter++) {
		char shown[3] = { '-', *letter, '\0' };
		enum cli_option i = cli_find_option(cli->verb, NULL, 0, *letter);
		if (i == CLI_NONE)
			return refuse_option(cli, shown, err);
		bool takes_rest = option_table[i].arg && !arg_is_optional(&option_table[i]) && letter[1];
		if (take_value(cli, i, shown, takes_rest ? letter + 1 : NULL, words, err) != 0)
			return -1;
		if (takes_rest)
			break;
	}
	return 0;
}

static int take_word(struct cli *cli, const char *word, struct err *err)
{
	if (!cli->verb) {
		cli->verb = cli_find_verb(cli->table, cli->n_verbs, word, err);
		return cli->verb ? 0 : -1;
	}
	cli->arg = vec_room(cli->arg, cli->n_args, &cli->cap_args, sizeof *cli->arg);
	cli->arg[cli->n_args++] = word;
	return 0;
}

static int check_count(const struct cli *cli, struct err *err)
{
	const struct cli_verb *verb = cli->verb;
	if (cli->wants_help || cli->wants_version)
		return 0;
	if (!verb) {
		err_set(err, ERR_USAGE, "a verb is missing");
		return err_hint(err, "'belay help' lists them");
	}
	if (cli->n_args < verb->min_args)
		err_set(err, ERR_USAGE, "'belay %s' needs %s", verb->name, verb->args);
	else if (cli->n_args > verb->max_args)
		err_set(err, ERR_USAGE, "'belay %s' does not take '%s'", verb->name, cli->arg[verb->max_args]);
	else
		return 0;
	return err_hint(err, "usage: belay %s%s%s", verb->name, *verb->args ? " " : "", verb->args);
}

int cli_parse(struct cli *cli, const struct cli_verb *table, size_t n_verbs, int argc, char **argv, struct err *err)
{
	struct words words = { argv + (argc > 0), argv + argc };
	bool only_words = false;
	*cli = (struct cli){ .table = table, .n_verbs = n_verbs };
	while (words.at < words.end) {
		const char *word = *words.at++;
		int rc;
		if (!only_words && strcmp(word, "--") == 0) {
			only_words = true;
			continue;
		}
		if (only_words || *word != '-' || !word[1])
			rc = take_word(cli, word, err);
		else if (word[1] == '-')
			rc = take_long(cli, word, &words, err);
		else
			rc = take_letters(cli, word, &words, err);
		if (rc != 0)
			return -1;
	}
	return check_count(cli, err);
}

void cli_release(struct cli *cli)
{
	free(cli->value);
	free(cli->arg);
	*cli = (struct cli){ 0 };
}

bool cli_has(const struct cli *cli, enum cli_option option)
{
	for (size_t i = 0; i < cli->n_values; i++)
		if (cli->value[i].option == option)
			return true;
	return false;
}

const char *cli_get(const struct cli *cli, enum cli_option option)
{
	for (size_t i = cli->n_values; i > 0; i--)
		if (cli->value[i - 1].option == option)
			return cli->value[i - 1].value;
	return NULL;
}

const char *cli_get_nth(const struct cli *cli, enum cli_option option, size_t nth)
{
	for (size_t i = 0; i < cli->n_values; i++)
		if (cli->value[i].option == option && nth-- == 0)
			return cli->value[i].value;
	return NULL;
}

int cli_get_int(const struct cli *cli, enum cli_option option, int64_t low, int64_t high, int64_t fallback,
                int64_t *out, struct err *err)
{
	const struct cli_option_info *info = &option_table[option];
	const char *text = cli_get(cli, option);
	char *end = NULL;
	*out = fallback;
	if (!text)
		return 0;
	errno = 0;
	long long value = strtoll(text, &end, 10);
	if (errno || end == text || *end || value < low || value > high)
		return err_set(err, ERR_USAGE, "'%.40s' is no %s for '%s%s': it must be from %" PRId64 " to %" PRId64, text,
		               info->arg, info->name ? "--" : "-",
		               info->name ? info->name : (char[]){ info->letter, '\0' }, low, high);
	*out = value;
	return 0;
}

bool cli_wants_json(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--json") == 0)
			return true;
	return false;
}

/* ---- help ---- */

static void help_option(struct buf *out, enum cli_option option)
{
	const struct cli_option_info *info = &option_table[option];
	struct buf left = { 0 };
	const char *arg = info->arg ? info->arg : "";
	if (info->letter && info->name)
		buf_printf(&left, "-%c, --%s", info->letter, info->name);
	else if (info->name)
		buf_printf(&left, "    --%s", info->name);
	else
		buf_printf(&left, "-%c", info->letter);
	buf_printf(&left, "%s%s", !*arg || *arg == '[' ? "" : info->name ? "=" : " ", arg);
	buf_printf(out, "  %-32s  %s\n", buf_str(&left), info->help);
	buf_release(&left);
}

static void help_options(struct buf *out, const char *title, const enum cli_option *list)
{
	if (list && *list)
		buf_printf(out, "\n%s\n", title);
	for (; list && *list; list++)
		help_option(out, *list);
}

void cli_help(struct buf *out, const struct cli_verb *table, size_t n_verbs, const struct cli_verb *verb)
{
	if (verb) {
		buf_printf(out, "usage: belay %s%s%s%s\n\n%s\n", verb->name, verb->option ? " [OPTION...]" : "",
		           *verb->args ? " " : "", verb->args, verb->summary);
		help_options(out, "Options:", verb->option);
		help_options(out, "Options of every verb:", global);
		return;
	}
	buf_add_str(out, "usage: belay [OPTION...] VERB [ARGUMENT...]\n\n"
	                 "Drives a plan of code changes against a repository, with a way back.\n\nVerbs:\n");
	for (size_t i = 0; i < n_verbs; i++)
		if (table[i].run)
			buf_printf(out, "  %-10s %-16s  %s\n", table[i].name, table[i].args, table[i].summary);
	help_options(out, "Options:", global);
	buf_add_str(out, "\nRUN is a run's id, a unique beginning of it, @ for the newest, @~1 for the one before.\n"
	                 "'belay help VERB' says more; the manual is belay(1).\n");
}
