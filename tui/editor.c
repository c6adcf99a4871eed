#include "tui/editor.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define TEXT_MAX (4 * 1024 * 1024)
#define NAME_SIZE 512

static const char *editor_name(void)
{
	static const char *const names[] = { "GIT_EDITOR", "VISUAL", "EDITOR" };
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const char *value = getenv(names[i]);
		if (value && *value)
			return value;
	}
	return "vi";
}

static int make_file(char name[NAME_SIZE], const struct buf *text, struct err *err)
{
	const char *tmp = getenv("TMPDIR");
	snprintf(name, NAME_SIZE, "%s/belay-hunk.XXXXXX.diff", tmp && *tmp ? tmp : "/tmp");
	int fd = mkstemps(name, (int)strlen(".diff"));
	if (fd < 0)
		return err_errno(err, errno, "cannot make '%s'", name);
	for (size_t at = 0; at < text->len;) {
		ssize_t done = write(fd, text->data + at, text->len - at);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0) {
			int rc = err_errno(err, errno, "cannot write '%s'", name);
			close(fd);
			unlink(name);
			return rc;
		}
		at += (size_t)done;
	}
	if (close(fd) == 0)
		return 0;
	int rc = err_errno(err, errno, "cannot write '%s'", name);
	unlink(name);
	return rc;
}

static int read_file(const char *name, struct buf *out, struct err *err)
{
	char data[4096];
	size_t n;
	FILE *file = fopen(name, "r");
	if (!file)
		return err_errno(err, errno, "cannot read '%s'", name);
	while ((n = fread(data, 1, sizeof data, file)) > 0 && out->len < TEXT_MAX)
		buf_add(out, data, n);
	int rc = ferror(file) ? err_errno(err, errno, "cannot read '%s'", name) : 0;
	fclose(file);
	if (rc == 0 && out->len >= TEXT_MAX)
		rc = err_set(err, ERR_LIMIT, "the edited text is over 4 MiB");
	return rc;
}

/* The child gets the terminal and all signals, as if it had been started by the shell. */
static void become_editor(const char *editor, const char *name)
{
	sigset_t none;
	char command[NAME_SIZE];
	snprintf(command, sizeof command, "%s \"$@\"", editor);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execl("/bin/sh", "sh", "-c", command, editor, name, (char *)NULL);
	_exit(127);
}

static int run(const char *name, struct err *err)
{
	int status;
	const char *editor = editor_name();
	pid_t pid = fork();
	if (pid < 0)
		return err_errno(err, errno, "the editor cannot be started");
	if (pid == 0)
		become_editor(editor, name);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_errno(err, errno, "the editor was lost");
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	err_set(err, ERR_NOT_FOUND, "the editor '%s' failed", editor);
	return err_hint(err, "set EDITOR");
}

int editor_run(const struct buf *text, struct buf *out, struct err *err)
{
	char name[NAME_SIZE];
	if (make_file(name, text, err) != 0)
		return -1;
	int rc = run(name, err);
	if (rc == 0)
		rc = read_file(name, out, err);
	unlink(name);
	return rc;
}
