#include "tui/notify.h"

#include "base/text.h"
#include "base/vec.h"
#include "base/xalloc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define LAST_WAIT_MS 1000
#define MESSAGE_MAX 200

extern char **environ;

enum focus { FOCUS_UNKNOWN, FOCUS_HERE, FOCUS_AWAY };

struct notify {
	const struct notify_options *options;
	int fd;
	enum focus focus;
	bool looked;
	size_t n_approvals; /* at the last look */
	bool was_finished;
	pid_t child;        /* the command that runs; 0: none */
	char trouble[160];  /* "" when there is none */
};

bool notify_terminal_shows(const char *when)
{
	static const char *const programs[] = { "iTerm.app", "WezTerm", "ghostty", "kitty" };
	const char *program = getenv("TERM_PROGRAM");
	if (strcmp(when, "auto") != 0)
		return strcmp(when, "always") == 0;
	if (getenv("KITTY_WINDOW_ID") || getenv("ConEmuPID"))
		return true;
	for (size_t i = 0; program && i < sizeof programs / sizeof *programs; i++)
		if (strcmp(program, programs[i]) == 0)
			return true;
	return false;
}

struct notify *notify_new(const struct notify_options *options, int fd)
{
	struct notify *notify = xcalloc(1, sizeof *notify);
	notify->options = options;
	notify->fd = fd;
	return notify;
}

void notify_focus(struct notify *notify, bool has_focus)
{
	notify->focus = has_focus ? FOCUS_HERE : FOCUS_AWAY;
}

/* ---- the command ---- */

static void take_status(struct notify *notify, int status)
{
	notify->child = 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
		snprintf(notify->trouble, sizeof notify->trouble, "the command of 'notify' ended with exit status %d",
		         WEXITSTATUS(status));
	else if (WIFSIGNALED(status))
		snprintf(notify->trouble, sizeof notify->trouble, "the command of 'notify' was ended by signal %d",
		         WTERMSIG(status));
}

static void reap(struct notify *notify)
{
	int status;
	if (notify->child && waitpid(notify->child, &status, WNOHANG) == notify->child)
		take_status(notify, status);
}

/* The environment of ours with what the command is told; to be freed with its array. */
static void make_environment(struct strings *out, const struct run_model *model, const char *event,
                             const char *message)
{
	for (char **at = environ; *at; at++)
		strings_add(out, *at);
	strings_take(out, xasprintf("BELAY_EVENT=%s", event));
	strings_take(out, xasprintf("BELAY_MESSAGE=%s", message));
	strings_take(out, xasprintf("BELAY_RUN=%s", model->run ? model->run : ""));
	strings_take(out, xasprintf("BELAY_PLAN=%s", model->plan ? model->plan : ""));
	if (model->finished)
		strings_take(out, xasprintf("BELAY_EXIT=%lld", (long long)model->exit_code));
}

/* In a session of its own, without the terminal, with all signals as a shell gives them. */
static int spawn_command(pid_t *child, const char *command, char **env)
{
	char *argv[] = { (char[]){ "sh" }, (char[]){ "-c" }, xstrdup(command), NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none;
	sigset_t all;
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	int error = posix_spawn(child, "/bin/sh", &files, &attr, argv, env);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	free(argv[2]);
	return error;
}

/* One at a time: while one runs, it stands for what comes next, too. */
static void run_command(struct notify *notify, const struct run_model *model, const char *event, const char *message)
{
	const char *command = notify->options->command;
	struct strings env = { 0 };
	if (!command || !*command || notify->child)
		return;
	make_environment(&env, model, event, message);
	strings_take(&env, NULL); /* ends it for exec(3) */
	int error = spawn_command(&notify->child, command, env.item);
	if (error) {
		notify->child = 0;
		snprintf(notify->trouble, sizeof notify->trouble, "the command of 'notify' cannot be started: %s",
		         strerror(error));
	}
	strings_release(&env);
}

/* ---- telling ---- */

static void send_terminal(const struct notify *notify, const char *message, bool aloud)
{
	struct buf out = { 0 };
	if (notify->options->osc && aloud) {
		struct buf clean = { 0 };
		text_sanitise(&clean, message, strlen(message), TEXT_ASCII);
		buf_printf(&out, "\033]9;%.*s\007", MESSAGE_MAX, buf_str(&clean));
		buf_release(&clean);
	}
	if (notify->options->bell)
		buf_add_char(&out, '\007');
	for (size_t at = 0; notify->fd >= 0 && at < out.len;) {
		ssize_t done = write(notify->fd, out.data + at, out.len - at);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			break; /* a terminal that is gone hears nothing */
		at += (size_t)done;
	}
	buf_release(&out);
}

static void tell(struct notify *notify, const struct run_model *model, const char *event, const char *message)
{
	bool aloud = notify->focus != FOCUS_HERE;
	send_terminal(notify, message, aloud);
	if (aloud)
		run_command(notify, model, event, message);
}

static const char *base_name(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;
	return slash ? slash + 1 : path ? path : "";
}

static void tell_waiting(struct notify *notify, const struct run_model *model)
{
	struct buf message = { 0 };
	const struct model_step *last = NULL;
	for (size_t i = 0; i < model->n_steps; i++) {
		const struct model_step *step = model->step[i];
		if (*step->approval.request && (!last || step->approval.asked_ms >= last->approval.asked_ms))
			last = step;
	}
	buf_printf(&message, "%s waits for you", base_name(model->plan));
	if (last)
		buf_printf(&message, ": %s asks", last->id);
	if (model->n_approvals > 1)
		buf_printf(&message, ", %zu questions in all", model->n_approvals);
	tell(notify, model, "waiting", buf_str(&message));
	buf_release(&message);
}

static void tell_finished(struct notify *notify, const struct run_model *model)
{
	struct buf message = { 0 };
	if (model->exit_code == 0)
		buf_printf(&message, "%s is done, %zu steps", base_name(model->plan), model->n_in_state[STEP_DONE]);
	else
		buf_printf(&message, "%s is not done: exit %lld, %zu steps failed", base_name(model->plan),
		           (long long)model->exit_code, model->n_in_state[STEP_FAILED]);
	tell(notify, model, "finished", buf_str(&message));
	buf_release(&message);
}

void notify_look(struct notify *notify, const struct run_model *model, int64_t since_ms)
{
	reap(notify);
	bool ends = model->finished && !notify->was_finished && notify->looked;
	if (model->n_approvals > notify->n_approvals)
		tell_waiting(notify, model);
	else if (ends && (since_ms >= notify->options->after_ms || notify->focus == FOCUS_AWAY))
		tell_finished(notify, model);
	notify->looked = true;
	notify->n_approvals = model->n_approvals;
	notify->was_finished = model->finished;
}

bool notify_take_trouble(struct notify *notify, struct buf *out)
{
	reap(notify);
	bool is_there = *notify->trouble != '\0';
	buf_add_str(out, notify->trouble);
	notify->trouble[0] = '\0';
	return is_there;
}

void notify_free(struct notify *notify)
{
	if (!notify)
		return;
	int fd = notify->child ? (int)syscall(SYS_pidfd_open, notify->child, 0) : -1;
	struct pollfd ended = { .fd = fd, .events = POLLIN };
	if (fd >= 0) {
		(void)poll(&ended, 1, LAST_WAIT_MS); /* what still runs then goes on by itself */
		close(fd);
	}
	reap(notify);
	free(notify);
}
