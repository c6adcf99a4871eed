/*
 * The command line, by tables: which options there are, which verb takes which, and what a usage error says. The verbs
 * themselves are rows that main.c gives; belay(1) lists the same tables.
 */
#ifndef BELAY_TUI_CLI_H
#define BELAY_TUI_CLI_H

#include "base/attr.h"
#include "base/err.h"
#include "base/vec.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* X(ID, letter or 0, name, argument or NULL, help). An argument in brackets may be left out:
 * "[=LEVEL]". Words in small letters are what may stand there, those in capitals its kind. */
#define CLI_OPTIONS(X)                                                                                  \
	X(DIR, 'C', NULL, "DIR", "works as if started in DIR")                                           \
	X(SET, 'c', NULL, "KEY=VALUE", "sets a key of the configuration")                                \
	X(COLOR, 0, "color", "auto|always|never", "when to use colours")                               \
	X(QUIET, 'q', "quiet", NULL, "no progress, only results and errors")                             \
	X(VERBOSE, 'v', "verbose", NULL, "says more")                                                    \
	X(HELP, 'h', "help", NULL, "this help")                                                          \
	X(VERSION, 0, "version", NULL, "the program's version")                                          \
	X(JSON, 0, "json", NULL, "one JSON object a line; the last one is the result")                   \
	X(PLAIN, 0, "plain", NULL, "plain lines instead of the terminal UI")                             \
	X(VAR, 0, "var", "NAME=VALUE", "sets a variable of the plan")                                    \
	X(WORKERS, 'j', "workers", "N", "workers; as many as cores when not given")                      \
	X(YES, 0, "yes", "[=low|medium|high]", "approves up to that risk; medium when not given")      \
	X(FROM, 0, "from", "STEP", "leaves out what comes before the step")                                \
	X(UNTIL, 0, "until", "STEP", "the step, and what it needs")                                        \
	X(ONLY, 0, "only", "STEP", "the step alone")                                                       \
	X(MODEL, 0, "model", "MODEL", "the model: NAME, PROVIDER or PROVIDER/NAME")                       \
	X(BREAK_CYCLES, 0, "break-cycles", NULL, "cuts needs that go in a circle")                       \
	X(APPROVE_FROM, 0, "approve-from", "FD", "with --json: reads answers from this descriptor")      \
	X(TRUST, 0, "trust", NULL, "trusts the plan and the repository's own configuration")             \
	X(DRY_RUN, 0, "dry-run", NULL, "proposes everything, writes nothing")                            \
	X(RECORD, 0, "record", "FILE", "records the servers' raw answers")                               \
	X(REPLAY, 0, "replay", "FILE", "answers from a recording")                                       \
	X(CACHE, 0, "cache", "use|refresh|only|off", "answers that were given before")                 \
	X(TRACE, 0, "trace", "FILE", "writes where time went, for chrome://tracing and Perfetto")         \
	X(STEP, 0, "step", "STEP", "this step instead of the last one")                                    \
	X(ALL, 0, "all", NULL, "all steps of the run")                                                   \
	X(FILE, 0, "file", "FILE", "this file alone")                                                    \
	X(CASCADE, 0, "cascade", NULL, "with --step: the later steps that build on it, too")              \
	X(CONFLICTS, 0, "conflicts", "HOW", "files that changed since: keep, restore or beside")          \
	X(KEEP_DAYS, 0, "keep-days", "N", "older runs go; 14 when not given")                              \
	X(KEEP_MIB, 0, "keep-mib", "N", "the oldest runs go until the rest takes less; 1024 when not given") \
	X(PREVIEW, 0, "preview", NULL, "says what would be done, and does nothing")                      \
	X(ERRORS, 0, "errors", NULL, "only what went wrong")                                             \
	X(STATS, 0, "stats", NULL, "where time and tokens went, beside earlier runs of the plan")                                         \
	X(NOTES, 0, "notes", NULL, "the notes of the run")                                               \
	X(OUTPUT, 'o', "format", "gnu|sarif|junit|github", "the form of findings; gnu (file:line:column: ...) when not given") \
	X(SAVE, 'o', "output", "FILE", "where the plan is saved; no file that is there is replaced")       \
	X(FORM, 'o', "format", "patch|md|html|cast|screen|svg|json|junit", "the form; patch when not given")     \
	X(UP, 0, "up", NULL, "with a thumb up")                                                          \
	X(DOWN, 0, "down", NULL, "with a thumb down")                                                    \
	X(FOLLOW, 0, "follow", NULL, "goes on while the run does")                                       \
	X(CONTEXT, 0, "context", "STEP", "what the step of the plan would send to its model")             \
	X(SHOW_ORIGIN, 0, "show-origin", NULL, "says where each value comes from")

enum cli_option {
	CLI_NONE, /* ends a list */
#define X(id, letter, name, arg, help) CLI_##id,
	CLI_OPTIONS(X)
#undef X
	CLI_N_OPTIONS
};

struct cli_option_info {
	char letter;      /* or 0 */
	const char *name; /* or NULL */
	const char *arg;  /* NULL: it takes none; in brackets: it may be left out */
	const char *help;
};
const struct cli_option_info *cli_option_info(enum cli_option option);
const enum cli_option *cli_global_options(void); /* what every verb has; CLI_NONE at the end */

struct cli;

struct cli_verb {
	const char *name;
	const char *args;    /* as usage shows them: "PLAN..." */
	const char *summary;
	const enum cli_option *option; /* besides the global ones; CLI_NONE at the end; may be NULL */
	const enum cli_option *later;  /* options that a later version will have: refused by name; may be NULL */
	size_t min_args, max_args;
	int (*run)(const struct cli *cli); /* returns the exit status; NULL: a later version will have it */
};

/* The global ones too, which are all that there are before a verb (NULL). */
bool cli_takes(const struct cli_verb *verb, enum cli_option option);

/*
 * By a name of n bytes or, when it is NULL, by the letter. Two options may share one: the one that the verb takes is
 * found, else the first; CLI_NONE when there is none.
 */
enum cli_option cli_find_option(const struct cli_verb *verb, const char *name, size_t n, char letter);

struct cli_value {
	enum cli_option option;
	const char *value; /* borrowed from argv; NULL without one */
};

struct cli {
	const struct cli_verb *table;
	size_t n_verbs;
	const struct cli_verb *verb;
	struct cli_value *value; /* in the order given; owned */
	size_t n_values, cap_values;
	const char **arg;        /* owned; the strings are borrowed from argv */
	size_t n_args, cap_args;
	bool wants_help, wants_version;
};

/* Fills *cli from argv; the program's name is skipped. ERR_USAGE, or ERR_UNSUPPORTED for what is not there yet. */
int cli_parse(struct cli *cli, const struct cli_verb *table, size_t n_verbs, int argc, char **argv,
              struct err *err) MUST_CHECK;
void cli_release(struct cli *cli);

bool cli_has(const struct cli *cli, enum cli_option option);
const char *cli_get(const struct cli *cli, enum cli_option option); /* the last one's argument, or NULL */
/* The values of an option that may be given several times, in order: i counts from 0; NULL at the end. */
const char *cli_get_nth(const struct cli *cli, enum cli_option option, size_t i);
/* A whole number from low to high; `fallback` when the option was not given. */
int cli_get_int(const struct cli *cli, enum cli_option option, int64_t low, int64_t high, int64_t fallback,
                int64_t *out, struct err *err) MUST_CHECK;

/* Was --json asked for? Looks at argv alone, for errors that come before it is parsed. */
bool cli_wants_json(int argc, char **argv);

struct buf;
void cli_help(struct buf *out, const struct cli_verb *table, size_t n_verbs, const struct cli_verb *verb); /* NULL: all */
const struct cli_verb *cli_find_verb(const struct cli_verb *table, size_t n_verbs, const char *name, struct err *err);

#endif
