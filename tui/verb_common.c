#include "base/text.h"
#include "io/work_tree.h"
#include "tui/json_lines.h"
#include "tui/verb.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

void verb_put_clean(FILE *to, const struct buf *text)
{
	struct buf clean = { 0 };
	text_sanitise(&clean, buf_str(text), text->len, TEXT_KEEP_NEWLINES | TEXT_KEEP_TABS);
	(void)fwrite(buf_str(&clean), 1, clean.len, to);
	buf_release(&clean);
}

void verb_say(const char *fmt, ...)
{
	struct buf text = { 0 };
	va_list args;
	va_start(args, fmt);
	buf_add_str(&text, "belay: ");
	buf_vprintf(&text, fmt, args);
	buf_add_char(&text, '\n');
	va_end(args);
	verb_put_clean(stderr, &text);
	buf_release(&text);
}

void verb_print(const char *fmt, ...)
{
	struct buf text = { 0 };
	va_list args;
	va_start(args, fmt);
	buf_vprintf(&text, fmt, args);
	va_end(args);
	if (verb_to_terminal())
		verb_put_clean(stdout, &text);
	else
		(void)fwrite(buf_str(&text), 1, text.len, stdout);
	buf_release(&text);
}

void verb_say_error(const struct err *err)
{
	verb_say("%s", err->msg);
	if (err->hint[0])
		verb_say("  %s", err->hint);
}

void verb_print_error(const struct err *err, bool json, const char *run)
{
	struct json_lines lines = { .run = run };
	verb_say_error(err);
	if (!json)
		return;
	json_lines_error(&lines, err);
	json_lines_result(&lines, verb_exit_of(err));
}

int verb_exit_of(const struct err *err)
{
	switch (err->code) {
	case ERR_NONE:
		return EXIT_DONE;
	case ERR_USAGE:
	case ERR_PLAN:
	case ERR_UNSUPPORTED:
	case ERR_NOT_FOUND:
		return EXIT_USAGE;
	case ERR_CORRUPT:
		return EXIT_CORRUPT;
	case ERR_DECLINED:
		return EXIT_DECLINED;
	case ERR_UNANSWERED:
		return EXIT_UNANSWERED;
	case ERR_TRANSPORT:
		return EXIT_UNREACHABLE;
	default:
		return EXIT_FAILED;
	}
}

int verb_fail(const struct cli *cli, const struct err *err)
{
	verb_print_error(err, cli_has(cli, CLI_JSON), NULL);
	return verb_exit_of(err);
}

int verb_root(char **root, struct err *err)
{
	return work_tree_find(".", root, err);
}

int verb_find_run(const struct cli *cli, const char *root, struct run_info *out, struct err *err)
{
	return runs_find(root, cli->n_args ? cli->arg[0] : "@", out, err);
}

static void block(int how, bool with_terminal)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	if (with_terminal) {
		sigaddset(&set, SIGWINCH);
		sigaddset(&set, SIGTSTP);
		sigaddset(&set, SIGCONT);
	}
	sigprocmask(how, &set, NULL);
}

void verb_signals_hold(void)
{
	block(SIG_BLOCK, true);
}

void verb_signals_default(void)
{
	block(SIG_UNBLOCK, true);
}

void verb_signals_block(void)
{
	block(SIG_UNBLOCK, true);
	block(SIG_BLOCK, false);
}

/* Without a screen, C-z stops the program as it does any other. */
int verb_signals_read(struct err *err)
{
	sigset_t set;
	verb_signals_block();
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? err_errno(err, errno, "cannot watch signals") : fd;
}
