#include "io/proc.h"

#include "base/clock.h"
#include "base/cost.h"
#include "base/text.h"
#include "base/thread.h"
#include "base/xalloc.h"
#include "io/death_watch.h"
#include "io/proc_spawn.h"
#include "io/sandbox.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define OUTPUT_MAX (64 * 1024 * 1024)
#define CANCEL_POLL_MS 20  /* how late a cancel may be seen */
#define GRACE_MS 2000      /* between TERM and KILL */
#define DRAIN_MS 200       /* what the command left running may still finish its output */
#define READ_SIZE (64 * 1024)
#define EXIT_UNKNOWN 255

/* How far a command is in its end; each state is reached from the one before. */
enum phase {
	PHASE_RUNNING,
	PHASE_DRAINING,    /* it has ended, and somebody still holds its output */
	PHASE_TERMINATING, /* TERM was sent to the group */
	PHASE_KILLED
};

struct watch {
	const struct proc_spec *spec;
	struct proc_result *result;
	struct proc_child child;
	enum phase phase;
	bool ended;          /* the command itself; not yet reaped, so that its group's number stays ours */
	int64_t deadline_ms; /* of the phase; 0: none */
	int64_t room;        /* bytes of output still to be passed on */
	char *data;          /* READ_SIZE */
};

/* The process group of a pid by proc(5): field 5 of stat, counted from behind the name, which may hold anything. */
static pid_t group_of(const char *pid)
{
	char path[64];
	char text[512];
	int group;
	snprintf(path, sizeof path, "/proc/%.20s/stat", pid);
	FILE *file = fopen(path, "re");
	if (!file)
		return -1;
	size_t n = fread(text, 1, sizeof text - 1, file);
	fclose(file);
	text[n] = '\0';
	const char *p = strrchr(text, ')');
	return p && sscanf(p, ") %*c %*d %d", &group) == 1 ? group : -1;
}

/*
 * TERM for bubblewrap would end the whole sandbox at once; the commands in it shall have their time to clean up. Its
 * first process inside ignores what it has no handler for (pid_namespaces(7)).
 */
static void terminate_inside(pid_t group)
{
	DIR *dir = opendir("/proc");
	const struct dirent *entry;
	while (dir && (entry = readdir(dir))) {
		pid_t pid = (pid_t)atoi(entry->d_name);
		if (pid > 0 && pid != group && group_of(entry->d_name) == group)
			kill(pid, SIGTERM);
	}
	if (dir)
		closedir(dir);
}

static void enter(struct watch *watch, enum phase phase, int64_t ms)
{
	watch->phase = phase;
	watch->deadline_ms = clock_mono_ms() + ms;
}

static void terminate(struct watch *watch)
{
	if (watch->spec->sandbox == PROC_SANDBOX_BWRAP)
		terminate_inside(watch->child.pid);
	else
		kill(-watch->child.pid, SIGTERM);
	enter(watch, PHASE_TERMINATING, GRACE_MS);
}

static void kill_group(struct watch *watch)
{
	kill(-watch->child.pid, SIGKILL);
	enter(watch, PHASE_KILLED, DRAIN_MS);
}

static void look_at_clock(struct watch *watch)
{
	bool due = watch->deadline_ms && clock_mono_ms() >= watch->deadline_ms;
	if (watch->phase == PHASE_RUNNING && !watch->ended && cancel_is_set(watch->spec->cancel)) {
		watch->result->cancelled = true;
		terminate(watch);
	} else if (watch->phase == PHASE_RUNNING && !watch->ended && due) {
		watch->result->timed_out = true;
		terminate(watch);
	} else if (watch->phase == PHASE_DRAINING && (due || cancel_is_set(watch->spec->cancel))) {
		terminate(watch);
	} else if (watch->phase == PHASE_TERMINATING && due) {
		kill_group(watch);
	}
}

static void look_at_child(struct watch *watch)
{
	siginfo_t info = { 0 };
	if (watch->ended)
		return;
	int rc = waitid(P_PID, (id_t)watch->child.pid, &info, WEXITED | WNOHANG | WNOWAIT);
	if (rc == 0 ? info.si_pid == 0 : errno != ECHILD)
		return;
	watch->ended = true;
	if (watch->phase == PHASE_RUNNING)
		enter(watch, PHASE_DRAINING, DRAIN_MS);
}

static void pass_on(struct watch *watch, enum proc_stream stream, size_t n)
{
	size_t fits = (int64_t)n <= watch->room ? n : (size_t)watch->room;
	watch->room -= (int64_t)fits;
	watch->result->dropped += (int64_t)(n - fits);
	if (fits && watch->spec->output)
		watch->spec->output(watch->spec->arg, stream, watch->data, fits);
}

/* One read for each poll: neither stream, nor the clock, waits for the other. */
static void read_output(struct watch *watch, enum proc_stream stream)
{
	int *fd = &watch->child.out[stream];
	ssize_t n = read(*fd, watch->data, READ_SIZE);
	if (n > 0) {
		pass_on(watch, stream, (size_t)n);
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		close(*fd);
		*fd = -1;
	}
}

static bool is_over(const struct watch *watch)
{
	bool silent = watch->child.out[0] < 0 && watch->child.out[1] < 0;
	if (watch->ended && silent)
		return true;
	return watch->phase == PHASE_KILLED && watch->ended && clock_mono_ms() >= watch->deadline_ms;
}

static int wait_ms(const struct watch *watch)
{
	int64_t ms = watch->deadline_ms ? watch->deadline_ms - clock_mono_ms() : 60 * 1000;
	if (ms > CANCEL_POLL_MS && (watch->spec->cancel || (watch->child.pidfd < 0 && !watch->ended)))
		ms = CANCEL_POLL_MS;
	/* After KILL only the end is waited for, however long the system takes for it. */
	if (watch->phase == PHASE_KILLED && ms <= 0)
		ms = CANCEL_POLL_MS;
	return ms < 0 ? 0 : (int)ms;
}

static void follow(struct watch *watch)
{
	while (!is_over(watch)) {
		struct pollfd poll_fd[3] = {
			{ .fd = watch->child.out[PROC_STDOUT], .events = POLLIN },
			{ .fd = watch->child.out[PROC_STDERR], .events = POLLIN },
			{ .fd = watch->ended ? -1 : watch->child.pidfd, .events = POLLIN },
		};
		if (poll(poll_fd, 3, wait_ms(watch)) > 0) {
			if (poll_fd[0].revents)
				read_output(watch, PROC_STDOUT);
			if (poll_fd[1].revents)
				read_output(watch, PROC_STDERR);
		}
		look_at_child(watch);
		look_at_clock(watch);
	}
	/* What it left behind would go on changing the tree. */
	kill(-watch->child.pid, SIGKILL);
}

static int64_t used_us(const struct rusage *usage)
{
	int64_t sec = (int64_t)usage->ru_utime.tv_sec + usage->ru_stime.tv_sec;
	return sec * 1000000 + usage->ru_utime.tv_usec + usage->ru_stime.tv_usec;
}

static void reap(struct watch *watch)
{
	int status = 0;
	struct rusage usage;
	pid_t pid;
	death_watch_leave(watch->child.pid); /* before its number can be another's */
	do
		pid = wait4(watch->child.pid, &status, 0, &usage);
	while (pid < 0 && errno == EINTR);
	struct proc_result *result = watch->result;
	if (pid > 0)
		cost_count_child(used_us(&usage));
	if (pid < 0) {
		result->exit_code = EXIT_UNKNOWN; /* somebody else has waited for it */
	} else if (WIFSIGNALED(status)) {
		result->signal = WTERMSIG(status);
		result->exit_code = 128 + result->signal;
	} else {
		result->exit_code = WEXITSTATUS(status);
	}
}

int proc_run(const struct proc_spec *spec, struct proc_result *out, struct err *err)
{
	int64_t start_ms = clock_mono_ms();
	struct watch watch = {
		.spec = spec,
		.result = out,
		.deadline_ms = spec->timeout_ms ? start_ms + spec->timeout_ms : 0,
		.room = spec->output_max ? spec->output_max : OUTPUT_MAX,
	};
	*out = (struct proc_result){ 0 };
	if (proc_spawn(&watch.child, spec, err) != 0)
		return -1;
	watch.data = xmalloc(READ_SIZE);
	follow(&watch);
	reap(&watch);
	proc_child_release(&watch.child);
	free(watch.data);
	out->ms = clock_mono_ms() - start_ms;
	return 0;
}

static enum proc_sandbox best = PROC_SANDBOX_NONE;
static pthread_once_t best_once = PTHREAD_ONCE_INIT; /* guards best */

/* Only a try tells: user namespaces may be forbidden, or /proc masked, although the program is there. */
static void probe(void)
{
	struct err err;
	struct proc_result result;
	struct proc_spec spec = {
		.argv = (const char *const[]){ "true", NULL },
		.cwd = "/",
		.timeout_ms = 5000,
		.sandbox = PROC_SANDBOX_BWRAP,
	};
	if (proc_run(&spec, &result, &err) == 0 && result.exit_code == 0)
		best = PROC_SANDBOX_BWRAP;
	else if (sandbox_landlock_abi() > 0)
		best = PROC_SANDBOX_LANDLOCK;
}

enum proc_sandbox proc_best_sandbox(void)
{
	pthread_once(&best_once, probe);
	return best;
}

const char *proc_sandbox_name(enum proc_sandbox sandbox)
{
	switch (sandbox) {
	case PROC_SANDBOX_BWRAP:
		return "bubblewrap";
	case PROC_SANDBOX_LANDLOCK:
	case PROC_SANDBOX_LANDLOCK_OPEN:
		return "landlock";
	case PROC_SANDBOX_NONE:
		break;
	}
	return "none";
}

static bool is_plain_word(const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-";
	return *word && word[strspn(word, plain)] == '\0';
}

void proc_quote(struct buf *out, const char *const *argv)
{
	struct buf line = { 0 };
	for (size_t i = 0; argv[i]; i++) {
		const char *word = argv[i];
		if (i)
			buf_add_char(&line, ' ');
		/* As the first word, NAME=value would be an assignment. */
		if (is_plain_word(word) && !(i == 0 && strchr(word, '='))) {
			buf_add_str(&line, word);
			continue;
		}
		buf_add_char(&line, '\'');
		for (; *word; word++)
			buf_add(&line, *word == '\'' ? "'\\''" : word, *word == '\'' ? 4 : 1);
		buf_add_char(&line, '\'');
	}
	text_sanitise(out, buf_str(&line), line.len, 0);
	buf_release(&line);
}
