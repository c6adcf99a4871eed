/*
 * What a command of a plan may touch. bubblewrap(1): the root read-only, the work tree writable but for every `.git`
 * that is in it, /tmp, /run, /proc and /dev of its own, no network unless asked for. Where it does not work,
 * landlock(7): the same for writing, in the private folder of the command instead of /tmp; it has only rules that
 * allow, so that no new file can be made directly in a folder that holds a `.git`, and it keeps TCP away from Linux
 * 6.7 on, other protocols never.
 */
#ifndef BELAY_IO_SANDBOX_H
#define BELAY_IO_SANDBOX_H

#include "base/attr.h"
#include "base/err.h"
#include "base/vec.h"
#include "io/proc.h"

/* Every `.git` (folder, file or link) below root, relative to it; none below another. */
int sandbox_find_git(const char *root, struct strings *out, struct err *err) MUST_CHECK;

/* bwrap's own arguments for spec, without its name and without the command. */
int sandbox_bwrap_args(const struct proc_spec *spec, struct strings *out, struct err *err) MUST_CHECK;

/* The version of Landlock that the kernel speaks; 0 when there is none. */
int sandbox_landlock_abi(void);

/* A descriptor with the rules for spec; tmp is the command's own folder for temporary files. */
int sandbox_landlock_rules(const struct proc_spec *spec, const char *tmp, int *fd, struct err *err) MUST_CHECK;

/* Confines the calling thread for good; only makes system calls, so that it may follow fork(2). -1 with errno. */
int sandbox_landlock_enter(int fd);

#endif
