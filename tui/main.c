/*
 * belay: signals, locale, the verbs' table, dispatch. Installed as git-belay too, so that `git belay` works.
 */
#include "base/buf.h"
#include "tui/json_lines.h"
#include "tui/verb.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LIST(...) (const enum cli_option[]){ __VA_ARGS__, CLI_NONE }

static const struct cli_verb verb_table[] = {
	{ "run", "PLAN", "runs a plan",
	  LIST(CLI_VAR, CLI_WORKERS, CLI_YES, CLI_FROM, CLI_UNTIL, CLI_ONLY, CLI_MODEL, CLI_BREAK_CYCLES, CLI_PLAIN,
	       CLI_JSON, CLI_APPROVE_FROM, CLI_TRUST),
	  LIST(CLI_DRY_RUN, CLI_RECORD, CLI_REPLAY, CLI_CACHE, CLI_TRACE), 1, 1, verb_run },
	{ "check", "PLAN...", "says all that is wrong with plans", LIST(CLI_VAR, CLI_JSON, CLI_OUTPUT), NULL, 1, SIZE_MAX,
	  verb_check },
	{ "show", "PLAN|RUN", "the tree of steps", LIST(CLI_VAR, CLI_JSON), LIST(CLI_CONTEXT), 1, 1, verb_show },
	{ "runs", "", "past runs, newest first", LIST(CLI_JSON), NULL, 0, 0, verb_runs },
	{ "log", "[RUN]", "a run's events, one a line", LIST(CLI_ERRORS, CLI_JSON, CLI_OUTPUT), LIST(CLI_STATS, CLI_NOTES),
	  0, 1, verb_log },
	{ "replay", "[RUN|FILE]", "a recorded run in the same panes, read-only", LIST(CLI_PLAIN, CLI_JSON), LIST(CLI_FOLLOW),
	  0, 1, verb_replay },
	{ "undo", "[RUN]", "rolls back the last step landed",
	  LIST(CLI_STEP, CLI_ALL, CLI_PREVIEW, CLI_YES, CLI_JSON), LIST(CLI_FILE), 0, 1, verb_undo },
	{ "redo", "[RUN]", "takes the last undo back", LIST(CLI_PREVIEW, CLI_YES, CLI_JSON), NULL, 0, 1, verb_redo },
	{ "resume", "[RUN]", "goes on after a crash, a stop or a failure",
	  LIST(CLI_WORKERS, CLI_YES, CLI_MODEL, CLI_PLAIN, CLI_JSON, CLI_APPROVE_FROM, CLI_TRUST), NULL, 0, 1, verb_resume },
	{ "doctor", "", "terminal, repository, providers, sandbox: what works", LIST(CLI_JSON), NULL, 0, 0, verb_doctor },
	{ "config", "", "the configuration in force", LIST(CLI_JSON), LIST(CLI_SHOW_ORIGIN), 0, 0, verb_config },
	{ "schema", "", "the plan format as JSON Schema", LIST(CLI_JSON), NULL, 0, 0, verb_schema },
	{ .name = "apply" },  { .name = "draft" },  { .name = "take" },   { .name = "verify" }, { .name = "export" },
	{ .name = "init" },   { .name = "trust" },  { .name = "note" },   { .name = "report" }, { .name = "gc" },
	{ .name = "completion" },
};
#define N_VERBS (sizeof verb_table / sizeof *verb_table)

static int print_help(const struct cli_verb *verb)
{
	struct buf text = { 0 };
	cli_help(&text, verb_table, N_VERBS, verb);
	(void)fwrite(buf_str(&text), 1, text.len, stdout);
	buf_release(&text);
	return EXIT_DONE;
}

/* `belay help [VERB]`: before the table, since it prints the table. */
static int help(int argc, char **argv)
{
	struct err err = { 0 };
	if (argc < 3)
		return print_help(NULL);
	const struct cli_verb *verb = cli_find_verb(verb_table, N_VERBS, argv[2], &err);
	if (verb)
		return print_help(verb);
	verb_say_error(&err);
	return EXIT_USAGE;
}

static int start(const struct cli *cli)
{
	struct err err = { 0 };
	const char *when = cli_get(cli, CLI_COLOR);
	const char *dir;
	if (cli->wants_version)
		return printf("belay %s\n", VERSION) < 0;
	if (cli->wants_help)
		return print_help(cli->verb);
	if (when && strcmp(when, "auto") != 0 && strcmp(when, "always") != 0 && strcmp(when, "never") != 0) {
		err_set(&err, ERR_USAGE, "'--color' is auto, always or never, not '%.40s'", when);
		return verb_fail(cli, &err);
	}
	for (size_t i = 0; (dir = cli_get_nth(cli, CLI_DIR, i)); i++) {
		if (chdir(dir) != 0) {
			err_errno(&err, errno, "cannot go to '%s'", dir);
			err.code = ERR_USAGE;
			return verb_fail(cli, &err);
		}
	}
	return cli->verb->run(cli);
}

/* A closed 0, 1 or 2 would be taken by the first file that is opened, and be written to as if it were the terminal. */
static void fill_standard_fds(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
			_exit(EXIT_FAILED);
}

static bool reader_is_gone(void)
{
	struct pollfd fd = { .fd = STDOUT_FILENO, .events = POLLOUT };
	return poll(&fd, 1, 0) == 1 && (fd.revents & POLLERR);
}

/* What could not be printed is an error, unless nobody reads any more. */
static int close_stdout(int code)
{
	errno = 0;
	if ((fflush(stdout) == 0 && !ferror(stdout)) || errno == EPIPE || reader_is_gone())
		return code;
	verb_say("cannot write to stdout%s%s", errno ? ": " : "", errno ? strerror(errno) : "");
	return code ? code : EXIT_FAILED;
}

int main(int argc, char **argv)
{
	struct cli cli;
	struct err err = { 0 };
	int code;
	verb_signals_hold();
	signal(SIGPIPE, SIG_IGN);
	fill_standard_fds();
	setlocale(LC_ALL, "");
	setlocale(LC_NUMERIC, "C");
	if (argc > 1 && strcmp(argv[1], "help") == 0)
		return close_stdout(help(argc, argv));
	if (cli_parse(&cli, verb_table, N_VERBS, argc, argv, &err) == 0) {
		code = start(&cli);
	} else {
		verb_print_error(&err, cli_wants_json(argc, argv), NULL);
		code = EXIT_USAGE;
	}
	cli_release(&cli);
	return close_stdout(code);
}
