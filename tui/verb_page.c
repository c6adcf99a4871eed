/* The pager: what is long goes through it when stdout is a terminal. */
#include "tui/verb.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t pager; /* 0: there is none */

/* BELAY_PAGER, GIT_PAGER, PAGER, else less. NULL: none, which "" and "cat" mean. */
static const char *pager_name(void)
{
	static const char *const names[] = { "BELAY_PAGER", "GIT_PAGER", "PAGER" };
	const char *value = NULL;
	for (size_t i = 0; !value && i < sizeof names / sizeof *names; i++)
		value = getenv(names[i]);
	if (!value)
		value = "less";
	return *value && strcmp(value, "cat") != 0 ? value : NULL;
}

/* One screen ends by itself, and what was shown stays (F, X), as git has it; a user's own LESS is left alone. */
static void become_pager(const char *name, int in)
{
	sigset_t none;
	if (in != STDIN_FILENO) {
		dup2(in, STDIN_FILENO);
		close(in);
	}
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	setenv("LESS", "FRX", 0);
	execl("/bin/sh", "sh", "-c", name, (char *)NULL);
	_exit(127);
}

void verb_page(const struct cli *cli)
{
	const char *term = getenv("TERM");
	const char *name = pager_name();
	int end[2];
	if (pager || !name || cli_has(cli, CLI_JSON) || !isatty(STDOUT_FILENO) || !term || strcmp(term, "dumb") == 0)
		return;
	if (pipe(end) != 0)
		return; /* without one, then */
	(void)fflush(stdout);
	pager = fork();
	if (pager == 0) {
		close(end[1]);
		become_pager(name, end[0]);
	}
	if (pager > 0 && dup2(end[1], STDOUT_FILENO) >= 0)
		signal(SIGINT, SIG_IGN); /* it is the pager's: less goes on after C-c */
	else
		pager = 0;
	close(end[0]);
	close(end[1]);
}

bool verb_to_terminal(void)
{
	return pager || isatty(STDOUT_FILENO);
}

void verb_page_end(void)
{
	int status = 0;
	if (!pager)
		return;
	(void)fclose(stdout);
	while (waitpid(pager, &status, 0) < 0 && errno == EINTR)
		continue;
	pager = 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		verb_say("the pager '%s' cannot be started; set BELAY_PAGER, or make it empty", pager_name());
}
