#include "io/death_watch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_FD 4096 /* where close_range(2) is missing */
#define MAX_GROUPS 512 /* more than a plan's workers: one that is not noted would outlive us */
#define PATIENCE_MS 50 /* for the processes of a group to be gone once they are killed */

static void close_from(unsigned first)
{
	if (syscall(SYS_close_range, first, ~0U, 0U) == 0)
		return;
	for (int fd = (int)first; fd < MAX_FD; fd++)
		close(fd);
}

/* Where those that join tell it; -1 while there is no watch. */
static atomic_int current_fd = -1;

static void kill_groups(const pid_t *group, size_t n)
{
	for (size_t i = 0; i < n; i++)
		kill(-group[i], SIGKILL);
}

static void await_groups(const pid_t *group, size_t n)
{
	const struct timespec moment = { .tv_nsec = 1000 * 1000 };
	for (size_t i = 0; i < n; i++)
		for (int turn = 0; turn < PATIENCE_MS && kill(-group[i], 0) == 0; turn++)
			nanosleep(&moment, NULL);
}

/* Positive: has joined; negative: has left. */
static void note_group(pid_t *group, size_t *n, pid_t pid)
{
	size_t kept = 0;
	if (pid > 0 && *n < MAX_GROUPS) {
		group[(*n)++] = pid;
		return;
	}
	for (size_t i = 0; pid < 0 && i < *n; i++)
		if (group[i] != -pid)
			group[kept++] = group[i];
	if (pid < 0)
		*n = kept;
}

/*
 * System calls only: other threads may have held any lock at the fork. No other descriptor stays open, least of all
 * the lock of the tree, which would outlive its owner with us.
 */
static _Noreturn void watch_other_end(int fd, int held, const char *file)
{
	pid_t group[MAX_GROUPS];
	size_t n_groups = 0;
	pid_t pid;
	ssize_t n;
	sigset_t all;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	setsid();
	if (dup2(fd, 0) != 0 || dup2(held, 1) != 1)
		_exit(1);
	close_from(2);
	while ((n = recv(0, &pid, sizeof pid, 0)) == (ssize_t)sizeof pid || (n < 0 && errno == EINTR))
		if (n > 0)
			note_group(group, &n_groups, pid);
	if (n == 0) {
		/* The moment first: what somebody does from now on is not the commands'. */
		kill_groups(group, n_groups);
		utimensat(AT_FDCWD, file, NULL, 0);
		await_groups(group, n_groups);
	}
	_exit(0);
}

void death_watch_join(void)
{
	pid_t pid = getpid();
	int fd = atomic_load(&current_fd);
	if (fd >= 0 && send(fd, &pid, sizeof pid, MSG_NOSIGNAL) < 0)
		return; /* the watch is gone: we die with the one who started us, as far as the system does that */
}

void death_watch_leave(pid_t pid)
{
	pid_t left = -pid;
	int fd = atomic_load(&current_fd);
	if (fd >= 0 && send(fd, &left, sizeof left, MSG_NOSIGNAL) < 0)
		return;
}

int death_watch_start(struct death_watch *watch, const char *file, struct err *err)
{
	int end[2];
	*watch = (struct death_watch){ .fd = -1 };
	int held = open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (held < 0)
		return err_errno(err, errno, "cannot open '%s'", file);
	/* Where the file system has no locks, recovery finds none to wait for. */
	flock(held, LOCK_SH | LOCK_NB);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, end) != 0) {
		int why = errno;
		close(held);
		return err_errno(err, why, "cannot make a socket");
	}
	pid_t pid = fork();
	if (pid == 0)
		watch_other_end(end[1], held, file);
	int why = errno;
	close(held);
	close(end[1]);
	if (pid < 0) {
		close(end[0]);
		return err_errno(err, why, "cannot make a process");
	}
	*watch = (struct death_watch){ .pid = pid, .fd = end[0] };
	atomic_store(&current_fd, end[0]);
	return 0;
}

void death_watch_end(struct death_watch *watch)
{
	if (!watch->pid)
		return;
	atomic_store(&current_fd, -1);
	/* When it cannot be told it has ended already, and what follows finds that out. */
	ssize_t ignored = send(watch->fd, "", 1, MSG_NOSIGNAL);
	(void)ignored;
	close(watch->fd);
	while (waitpid(watch->pid, NULL, 0) < 0 && errno == EINTR)
		;
	*watch = (struct death_watch){ .fd = -1 };
}
