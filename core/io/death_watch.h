/*
 * A process that tells when ours died: it waits for that, touches a file, and ends. The file's time of modification
 * is then the moment of death, also after SIGKILL. It is killed by nothing that is sent to our process group.
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

#endif
