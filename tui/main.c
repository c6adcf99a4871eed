/*
 * belay: signals, locale, the verbs' table, dispatch. Installed as git-belay too, so that `git belay` works.
 */
#include "base/buf.h"
#include "tui/json_lines.h"
#include "tui/verb.h"
#include "tui/verb_list.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct cli_verb verb_table[] = {
#define X(name, args, summary, least, most, options, later) \
	{ #name, args, summary, options, later, least, most, verb_##name },
	VERB_LIST(X)
#undef X
#define X(later_name) { .name = #later_name },
	VERB_LIST_LATER(X)
#undef X
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
	bool is_whole = (fflush(stdout) == 0 && !ferror(stdout)) || errno == EPIPE || reader_is_gone();
	int why = errno;
	verb_page_end();
	if (is_whole)
		return code;
	errno = why;
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
	setlocale(LC_CTYPE, ""); /* the character set alone: messages, numbers and order are the same everywhere */
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
