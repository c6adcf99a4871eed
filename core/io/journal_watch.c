#include "io/journal_watch.h"

#include "base/xalloc.h"
#include "io/fd.h"
#include "io/runs.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/syscall.h>
#include <unistd.h>

struct journal_watch {
	char *run_dir;  /* owned */
	int epoll_fd, inotify_fd;
	int writer_fd;  /* pidfd; -1: nobody writes */
	bool fresh;     /* nothing was taken yet */
};

static int add(struct journal_watch *watch, int fd)
{
	struct epoll_event event = { .events = EPOLLIN };
	return epoll_ctl(watch->epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

/* Whoever holds the tree for this run. A pidfd of a process that ended meanwhile is readable at once. */
static void find_writer(struct journal_watch *watch)
{
	pid_t pid = tree_lock_owner(watch->run_dir);
	watch->writer_fd = pid > 0 ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
	if (watch->writer_fd >= 0 && add(watch, watch->writer_fd) != 0)
		fd_close(&watch->writer_fd);
}

int journal_watch_open(struct journal_watch **out, const char *run_dir, const char *file, struct err *err)
{
	struct journal_watch *watch = xcalloc(1, sizeof *watch);
	watch->run_dir = xstrdup(run_dir);
	watch->fresh = true;
	watch->writer_fd = -1;
	watch->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	watch->inotify_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (watch->epoll_fd < 0 || watch->inotify_fd < 0 || inotify_add_watch(watch->inotify_fd, file, IN_MODIFY) < 0 ||
	    add(watch, watch->inotify_fd) != 0) {
		int rc = err_errno(err, errno, "cannot follow journal '%s'", file);
		journal_watch_close(watch);
		return rc;
	}
	find_writer(watch);
	*out = watch;
	return 0;
}

void journal_watch_close(struct journal_watch *watch)
{
	if (!watch)
		return;
	fd_close(&watch->writer_fd);
	fd_close(&watch->inotify_fd);
	fd_close(&watch->epoll_fd);
	free(watch->run_dir);
	free(watch);
}

int journal_watch_fd(const struct journal_watch *watch)
{
	return watch->epoll_fd;
}

bool journal_watch_has_writer(struct journal_watch *watch)
{
	struct pollfd fd = { .fd = watch->writer_fd, .events = POLLIN };
	if (watch->writer_fd < 0)
		return false;
	if (poll(&fd, 1, 0) == 0)
		return true;
	fd_close(&watch->writer_fd); /* epoll forgets it, too */
	return false;
}

bool journal_watch_take(struct journal_watch *watch)
{
	char events[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	bool grew = watch->fresh;
	watch->fresh = false;
	while (read(watch->inotify_fd, events, sizeof events) > 0)
		grew = true;
	if (grew && watch->writer_fd < 0) /* a run that is resumed has another writer */
		find_writer(watch);
	return grew;
}
