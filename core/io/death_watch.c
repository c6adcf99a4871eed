#include "io/death_watch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_FD 4096 /* where close_range(2) is missing */

static void close_from(unsigned first)
{
	if (syscall(SYS_close_range, first, ~0U, 0U) == 0)
		return;
	for (int fd = (int)first; fd < MAX_FD; fd++)
		close(fd);
}

/*
 * System calls only: other threads may have held any lock at the fork. No other descriptor stays open, least of all
 * the lock of the tree, which would outlive its owner with us.
 */
static _Noreturn void watch_other_end(int fd, const char *file)
{
	char byte;
	ssize_t n;
	sigset_t all;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	setsid();
	if (dup2(fd, 0) != 0)
		_exit(1);
	close_from(1);
	do
		n = read(0, &byte, 1);
	while (n < 0 && errno == EINTR);
	if (n == 0)
		utimensat(AT_FDCWD, file, NULL, 0);
	_exit(0);
}

int death_watch_start(struct death_watch *watch, const char *file, struct err *err)
{
	int end[2];
	*watch = (struct death_watch){ .fd = -1 };
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, end) != 0)
		return err_errno(err, errno, "cannot make a socket");
	pid_t pid = fork();
	if (pid == 0)
		watch_other_end(end[1], file);
	int why = errno;
	close(end[1]);
	if (pid < 0) {
		close(end[0]);
		return err_errno(err, why, "cannot make a process");
	}
	*watch = (struct death_watch){ .pid = pid, .fd = end[0] };
	return 0;
}

void death_watch_end(struct death_watch *watch)
{
	if (!watch->pid)
		return;
	/* When it cannot be told it has ended already, and what follows finds that out. */
	ssize_t ignored = send(watch->fd, "", 1, MSG_NOSIGNAL);
	(void)ignored;
	close(watch->fd);
	while (waitpid(watch->pid, NULL, 0) < 0 && errno == EINTR)
		;
	*watch = (struct death_watch){ .fd = -1 };
}
