/*
 * A process that sees to what is left when ours dies, also by SIGKILL: it kills the commands that joined, touches a file,
 * and ends. The file's time of modification is then the moment of death. Until nothing of the commands is left it has a
 * shared flock(2) on the file. It is killed by nothing that is sent to our process group. One at a time.
 */
#ifndef BELAY_IO_DEATH_WATCH_H
#define BELAY_IO_DEATH_WATCH_H

#include "base/attr.h"
#include "base/err.h"

#include <sys/types.h>

struct death_watch {
	pid_t pid; /* 0: none */
	int fd;
};

/* `file` must be there by then, and be absolute. */
int death_watch_start(struct death_watch *watch, const char *file, struct err *err) MUST_CHECK;
/* Nothing is touched. Does nothing when there is none. */
void death_watch_end(struct death_watch *watch);

/* In a forked child that leads a process group, before exec: the group dies with us. System calls only. */
void death_watch_join(void);
/* The group that `pid` led is no more. Any thread. */
void death_watch_leave(pid_t pid);

#endif
