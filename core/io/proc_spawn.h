/*
 * Starting a child process for proc.c: the program looked up, its environment made from the allow-list, fork and
 * exec with nothing inherited but standard input, output and error.
 */
#ifndef BELAY_IO_PROC_SPAWN_H
#define BELAY_IO_PROC_SPAWN_H

#include "base/attr.h"
#include "base/err.h"
#include "base/vec.h"
#include "io/proc.h"

#include <sys/types.h>

struct proc_child {
	pid_t pid;   /* also its process group and session */
	int pidfd;   /* readable once it has ended; -1 on a kernel without */
	int out[2];  /* read ends of stdout and stderr, by enum proc_stream; non-blocking */
	char *tmp;   /* a folder for its temporary files, to be removed; or NULL */
};

int proc_spawn(struct proc_child *child, const struct proc_spec *spec, struct err *err) MUST_CHECK;
void proc_child_release(struct proc_child *child); /* closes and removes; the process must have been reaped */

/* "NAME=value" words: the allowed ones of this process, then `extra` over them. */
void proc_make_env(struct strings *out, const char *const *extra);
void proc_env_set(struct strings *env, const char *pair); /* replaces a value of the same name */

#endif
