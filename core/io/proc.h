/*
 * Child processes: own process group, death signal, an allow-list of the environment, no terminal, output capped,
 * a time limit (TERM, then KILL to the group after 2 s). Blocks the calling thread; any thread may cancel.
 */
#ifndef BELAY_IO_PROC_H
#define BELAY_IO_PROC_H

#include "base/attr.h"
#include "base/err.h"
#include "base/thread.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum proc_stream { PROC_STDOUT, PROC_STDERR };

/* Landlock gives rights to folders and takes none away below them, so a command either cannot make files beside a .git, or
 * (LANDLOCK_OPEN) can reach into it. */
enum proc_sandbox { PROC_SANDBOX_NONE, PROC_SANDBOX_BWRAP, PROC_SANDBOX_LANDLOCK, PROC_SANDBOX_LANDLOCK_OPEN };

struct proc_spec {
	const char *const *argv;  /* NULL-terminated; argv[0] is looked up in PATH */
	const char *cwd;          /* absolute */
	const char *const *env;   /* extra "NAME=value", NULL-terminated; may be NULL */
	int64_t timeout_ms;       /* 0: none */
	int64_t output_max;       /* bytes over both streams; 0: 64 MiB; what is over is counted and dropped */
	const char *stdin_data;   /* NULL: /dev/null */
	size_t stdin_n;
	int stdin_fd;             /* what it reads, in place of stdin_data; stays the caller's; 0: none */
	enum proc_sandbox sandbox;
	const char *writable;     /* the root that a sandboxed command may write; every .git below it read-only, if not open */
	const char *shown_at;     /* where a sandbox that can shows `writable`, in the place of what is there; NULL: as it is */
	const char *readable;     /* a folder that a sandboxed command must see, wherever it is; may be NULL */
	bool network;             /* a sandboxed command may use the network */
	/* Called on the calling thread as output comes. */
	void (*output)(void *arg, enum proc_stream stream, const char *data, size_t n);
	void *arg;
	const struct cancel *cancel;
};

struct proc_result {
	int exit_code;        /* 128 + signal when it was killed */
	int signal;           /* 0 when it exited */
	bool timed_out;
	bool cancelled;
	int64_t dropped;      /* bytes of output over the cap */
	int64_t ms;
};

/* -1 only when the command could not be started (ERR_NOT_FOUND names the program). */
int proc_run(const struct proc_spec *spec, struct proc_result *out, struct err *err) MUST_CHECK;

/* What is there: bubblewrap that works here, else Landlock, else none. Probed once; any thread. */
enum proc_sandbox proc_best_sandbox(void);
const char *proc_sandbox_name(enum proc_sandbox sandbox);

struct strings;

/* The names of our environment that a child gets to see, in the order of the environment. */
void proc_env_names(struct strings *out);

/* argv as one line that a POSIX shell would read back as the same words; invisible characters as tokens. */
struct buf;
void proc_quote(struct buf *out, const char *const *argv);

#endif
