#include "io/proc_spawn.h"

#include "base/path.h"
#include "base/xalloc.h"
#include "io/death_watch.h"
#include "io/file.h"
#include "io/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * All that the child needs, made before fork(2): between fork and exec it may only make system calls, because other
 * threads may have held any lock.
 */
struct launch {
	char *program;          /* absolute, or relative to cwd */
	struct strings word;    /* argv */
	struct strings env;
	char **argv;            /* borrow from word and env, NULL-terminated */
	char **envp;
	char **script_argv;     /* ["/bin/sh", program, words...] for a script without "#!" */
	const char *cwd;        /* NULL: stays */
	int input;              /* becomes descriptor 0 */
	int output[2][2];       /* pipes: read end, write end */
	int report[2];          /* the child writes errno here when it cannot start */
	int args;               /* bwrap's arguments, becomes descriptor 3; -1 when none */
	int rules;              /* Landlock; -1 when none */
	pid_t parent;
};

#define ARGS_FD 3

static bool is_program(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

/* The file that execvp(3) would run, seen from cwd. */
static char *find_program(const char *name, const char *cwd, const char *path)
{
	struct buf file = { 0 };
	bool is_path = strchr(name, '/') != NULL;
	for (const char *p = is_path ? "" : path; p; p = *p ? p + 1 : NULL) {
		size_t n = strcspn(p, ":");
		buf_clear(&file);
		if ((is_path ? *name : *p) != '/' && cwd)
			buf_printf(&file, "%s/", cwd);
		if (n)
			buf_printf(&file, "%.*s/", (int)n, p);
		buf_add_str(&file, name);
		if (is_program(buf_str(&file)))
			return buf_take(&file, NULL);
		p += n;
	}
	buf_release(&file);
	return NULL;
}

static const char *env_value(const struct strings *env, const char *name)
{
	size_t n = strlen(name);
	for (size_t i = 0; i < env->n_items; i++)
		if (strncmp(env->item[i], name, n) == 0 && env->item[i][n] == '=')
			return env->item[i] + n + 1;
	return NULL;
}

static int resolve(struct launch *launch, const struct proc_spec *spec, struct err *err)
{
	struct stat st;
	const char *path = env_value(&launch->env, "PATH");
	if (!spec->argv[0] || !*spec->argv[0])
		return err_set(err, ERR_USAGE, "a command has no words");
	if (spec->cwd && (stat(spec->cwd, &st) != 0 || !S_ISDIR(st.st_mode))) {
		err_set(err, ERR_NOT_FOUND, "there is no folder '%.300s' to run '%.60s' in", spec->cwd, spec->argv[0]);
		return -1;
	}
	launch->program = find_program(spec->argv[0], spec->cwd, path ? path : "/usr/local/bin:/usr/bin:/bin");
	if (launch->program)
		return 0;
	err_set(err, ERR_NOT_FOUND, "cannot find the program '%.300s'", spec->argv[0]);
	return err_hint(err, strchr(spec->argv[0], '/') ? "is it there, and executable?" : "install it, or correct PATH");
}

/* A file in memory with these bytes, at its start: it cannot block, and it cannot be written into by the child. */
static int memory_file(const char *name, const void *data, size_t n, struct err *err)
{
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	size_t done = 0;
	while (fd >= 0 && done < n) {
		ssize_t k = write(fd, (const char *)data + done, n - done);
		if (k < 0 && errno != EINTR) {
			err_errno(err, errno, "cannot hold the input of a command");
			close(fd);
			return -1;
		}
		done += k > 0 ? (size_t)k : 0;
	}
	if (fd < 0)
		return err_errno(err, errno, "cannot hold the input of a command");
	fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
	lseek(fd, 0, SEEK_SET);
	return fd;
}

static int put_in_bwrap(struct launch *launch, const struct proc_spec *spec, struct err *err)
{
	struct strings args = { 0 };
	struct buf text = { 0 };
	char *bwrap = find_program("bwrap", NULL, "/usr/local/bin:/usr/bin:/bin");
	if (!bwrap)
		return err_set(err, ERR_NOT_FOUND, "cannot find the program 'bwrap'");
	free(launch->program);
	launch->program = bwrap;
	launch->cwd = "/";
	if (sandbox_bwrap_args(spec, &args, err) != 0) {
		strings_release(&args);
		return -1;
	}
	for (size_t i = 0; i < args.n_items; i++)
		buf_add(&text, args.item[i], strlen(args.item[i]) + 1);
	launch->args = memory_file("bwrap-args", buf_str(&text), text.len, err);
	strings_add(&launch->word, "bwrap");
	strings_add(&launch->word, "--args");
	strings_add(&launch->word, "3");
	strings_add(&launch->word, "--");
	strings_release(&args);
	buf_release(&text);
	return launch->args < 0 ? -1 : 0;
}

static int put_in_landlock(struct launch *launch, struct proc_child *child, const struct proc_spec *spec,
                           struct err *err)
{
	child->tmp = xstrdup("/tmp/belay-command-XXXXXX");
	if (!mkdtemp(child->tmp)) {
		err_errno(err, errno, "cannot make a folder for temporary files in '/tmp'");
		free(child->tmp);
		child->tmp = NULL;
		return -1;
	}
	char *pair = xasprintf("TMPDIR=%s", child->tmp);
	char *cache = xasprintf("XDG_CACHE_HOME=%s/.cache", child->tmp);
	proc_env_set(&launch->env, pair);
	proc_env_set(&launch->env, cache);
	free(pair);
	free(cache);
	return sandbox_landlock_rules(spec, child->tmp, &launch->rules, err);
}

static int confine(struct launch *launch, struct proc_child *child, const struct proc_spec *spec, struct err *err)
{
	launch->cwd = spec->cwd;
	switch (spec->sandbox) {
	case PROC_SANDBOX_BWRAP:
		return put_in_bwrap(launch, spec, err);
	case PROC_SANDBOX_LANDLOCK:
	case PROC_SANDBOX_LANDLOCK_OPEN:
		return put_in_landlock(launch, child, spec, err);
	case PROC_SANDBOX_NONE:
		break;
	}
	return 0;
}

static char **as_vector(const struct strings *list)
{
	char **vector = xcalloc(list->n_items + 1, sizeof *vector);
	if (list->n_items)
		memcpy(vector, list->item, list->n_items * sizeof *vector);
	return vector;
}

static void make_vectors(struct launch *launch, const struct proc_spec *spec)
{
	for (const char *const *word = spec->argv; *word; word++)
		strings_add(&launch->word, *word);
	launch->argv = as_vector(&launch->word);
	launch->envp = as_vector(&launch->env);
	launch->script_argv = xcalloc(launch->word.n_items + 2, sizeof *launch->script_argv);
	launch->script_argv[0] = (char *)"/bin/sh";
	launch->script_argv[1] = launch->program;
	memcpy(launch->script_argv + 2, launch->argv + 1, launch->word.n_items * sizeof *launch->argv);
}

static int open_ends(struct launch *launch, const struct proc_spec *spec, struct err *err)
{
	launch->input = spec->stdin_fd > 0 ? fcntl(spec->stdin_fd, F_DUPFD_CLOEXEC, 3)
	                : spec->stdin_data ? memory_file("input", spec->stdin_data, spec->stdin_n, err)
	                                 : open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (launch->input < 0)
		return spec->stdin_data ? -1 : err_errno(err, errno, "cannot open what the command reads");
	if (pipe2(launch->output[0], O_CLOEXEC) != 0 || pipe2(launch->output[1], O_CLOEXEC) != 0 ||
	    pipe2(launch->report, O_CLOEXEC) != 0)
		return err_errno(err, errno, "cannot make a pipe");
	fcntl(launch->output[0][0], F_SETFL, O_NONBLOCK);
	fcntl(launch->output[1][0], F_SETFL, O_NONBLOCK);
	return 0;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void launch_release(struct launch *launch)
{
	close_fd(&launch->input);
	for (size_t i = 0; i < 2; i++) {
		close_fd(&launch->output[i][0]);
		close_fd(&launch->output[i][1]);
		close_fd(&launch->report[i]);
	}
	close_fd(&launch->args);
	close_fd(&launch->rules);
	free(launch->program);
	free(launch->argv);
	free(launch->envp);
	free(launch->script_argv);
	strings_release(&launch->word);
	strings_release(&launch->env);
}

/* System calls only, from here to the end of run_child. */
static void reset_signals(void)
{
	struct sigaction action = { .sa_handler = SIG_DFL };
	sigset_t none;
	for (int signo = 1; signo < NSIG; signo++)
		sigaction(signo, &action, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Nothing but 0, 1, 2 (and bwrap's arguments) survives exec, whatever a library forgot. */
static void close_on_exec(unsigned first)
{
	if (syscall(SYS_close_range, first, ~0U, 4U /* CLOSE_RANGE_CLOEXEC */) == 0)
		return;
	for (int fd = (int)first; fd < 4096; fd++)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
}

/* Puts the descriptor at its number; one that is in the way was moved up before. */
static int place(int from, int to)
{
	return from < 0 || dup2(from, to) >= 0 ? 0 : -1;
}

static int move_up(int fd)
{
	return fd >= 0 && fd <= ARGS_FD ? fcntl(fd, F_DUPFD_CLOEXEC, ARGS_FD + 1) : fd;
}

static void run_child(struct launch *launch)
{
	int report = move_up(launch->report[1]);
	int input = move_up(launch->input);
	int out = move_up(launch->output[PROC_STDOUT][1]);
	int errors = move_up(launch->output[PROC_STDERR][1]);
	int args = move_up(launch->args);
	int rules = move_up(launch->rules);
	reset_signals();
	bool leads = setsid() >= 0;
	if (leads)
		death_watch_join();
	if (leads && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == launch->parent &&
	    place(input, 0) == 0 && place(out, 1) == 0 && place(errors, 2) == 0 && place(args, ARGS_FD) == 0 &&
	    (!launch->cwd || chdir(launch->cwd) == 0) && (rules < 0 || sandbox_landlock_enter(rules) == 0)) {
		close_on_exec(args >= 0 ? ARGS_FD + 1 : ARGS_FD);
		execve(launch->program, launch->argv, launch->envp);
		if (errno == ENOEXEC)
			execve("/bin/sh", launch->script_argv, launch->envp);
	}
	int why = errno;
	ssize_t ignored = write(report, &why, sizeof why);
	(void)ignored;
	_exit(127);
}

/* Nothing comes from the report pipe when exec succeeded: it closed with it. */
static int await_exec(struct launch *launch, pid_t pid, const char *name, struct err *err)
{
	int why = 0;
	ssize_t n;
	close_fd(&launch->report[1]);
	do
		n = read(launch->report[0], &why, sizeof why);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return 0;
	death_watch_leave(pid);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return err_errno(err, why, "cannot start '%.300s'", name);
}

/* Who started us may have left it ignored; then the system would throw away how children end. */
static void heed_children(void)
{
	struct sigaction action;
	if (sigaction(SIGCHLD, NULL, &action) == 0 && action.sa_handler == SIG_IGN) {
		action = (struct sigaction){ .sa_handler = SIG_DFL };
		sigaction(SIGCHLD, &action, NULL);
	}
}

static int start(struct launch *launch, struct proc_child *child, const char *name, struct err *err)
{
	launch->parent = getpid();
	heed_children();
	pid_t pid = fork();
	if (pid < 0)
		return err_errno(err, errno, "cannot start '%.300s'", name);
	if (pid == 0)
		run_child(launch);
	if (await_exec(launch, pid, name, err) != 0)
		return -1;
	child->pid = pid;
	child->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	for (size_t i = 0; i < 2; i++) {
		child->out[i] = launch->output[i][0];
		launch->output[i][0] = -1;
	}
	return 0;
}

int proc_spawn(struct proc_child *child, const struct proc_spec *spec, struct err *err)
{
	struct launch launch = {
		.input = -1, .output = { { -1, -1 }, { -1, -1 } }, .report = { -1, -1 }, .args = -1, .rules = -1,
	};
	*child = (struct proc_child){ .pidfd = -1, .out = { -1, -1 } };
	proc_make_env(&launch.env, spec->env);
	int rc = resolve(&launch, spec, err);
	if (rc == 0)
		rc = confine(&launch, child, spec, err);
	if (rc == 0)
		rc = open_ends(&launch, spec, err);
	if (rc == 0) {
		make_vectors(&launch, spec);
		rc = start(&launch, child, spec->argv[0], err);
	}
	launch_release(&launch);
	if (rc != 0)
		proc_child_release(child);
	return rc;
}

void proc_child_release(struct proc_child *child)
{
	close_fd(&child->pidfd);
	close_fd(&child->out[0]);
	close_fd(&child->out[1]);
	if (child->tmp)
		file_remove_all(child->tmp);
	free(child->tmp);
	child->tmp = NULL;
}
