#include "tui/ui_guard.h"

#include "base/thread.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined __x86_64__
#define THIS_ARCH AUDIT_ARCH_X86_64
#elif defined __aarch64__
#define THIS_ARCH AUDIT_ARCH_AARCH64
#else
#define THIS_ARCH 0
#endif

#define WRITES (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)

/* A call that is trapped: always, or by one of its arguments. */
struct trap {
	long call;
	enum { ALWAYS, ANY_OF, NONE_OF, EQUAL } when;
	int arg;
	unsigned bits;
};

static const struct trap traps[] = {
	{ SYS_fsync, ALWAYS, 0, 0 },           { SYS_fdatasync, ALWAYS, 0, 0 },
	{ SYS_syncfs, ALWAYS, 0, 0 },          { SYS_sync, ALWAYS, 0, 0 },
	{ SYS_sync_file_range, ALWAYS, 0, 0 }, { SYS_msync, ALWAYS, 0, 0 },
	{ SYS_openat, ANY_OF, 2, WRITES },     { SYS_renameat2, ALWAYS, 0, 0 },
	{ SYS_unlinkat, ALWAYS, 0, 0 },        { SYS_mkdirat, ALWAYS, 0, 0 },
	{ SYS_ftruncate, ALWAYS, 0, 0 },       { SYS_flock, ALWAYS, 0, 0 },
	{ SYS_fcntl, EQUAL, 1, F_SETLKW },     { SYS_fcntl, EQUAL, 1, F_OFD_SETLKW },
	{ SYS_connect, ALWAYS, 0, 0 },         { SYS_accept4, ALWAYS, 0, 0 },
	{ SYS_nanosleep, ALWAYS, 0, 0 },       { SYS_clock_nanosleep, ALWAYS, 0, 0 },
	{ SYS_wait4, NONE_OF, 2, WNOHANG },    { SYS_waitid, NONE_OF, 3, WNOHANG },
	{ SYS_execve, ALWAYS, 0, 0 },
#ifdef SYS_open
	{ SYS_open, ANY_OF, 1, WRITES },       { SYS_creat, ALWAYS, 0, 0 },
	{ SYS_rename, ALWAYS, 0, 0 },          { SYS_unlink, ALWAYS, 0, 0 },
	{ SYS_mkdir, ALWAYS, 0, 0 },           { SYS_pause, ALWAYS, 0, 0 },
	{ SYS_fork, ALWAYS, 0, 0 },            { SYS_vfork, ALWAYS, 0, 0 },
#endif
};

#define N_TRAPS (sizeof traps / sizeof *traps)
#define MOST (N_TRAPS * 6 + 5)

struct filter {
	struct sock_filter op[MOST];
	unsigned short n;
};

static void add(struct filter *filter, struct sock_filter op)
{
	filter->op[filter->n++] = op;
}

static void load(struct filter *filter, size_t offset)
{
	add(filter, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)offset));
}

static void give(struct filter *filter, unsigned action)
{
	add(filter, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, action));
}

/* The number of the call is loaded; so it is afterwards, when the call is another one or may pass. */
static void add_trap(struct filter *filter, const struct trap *trap)
{
	unsigned char length = trap->when == ALWAYS ? 1 : 4;
	bool sets = trap->when == NONE_OF;
	add(filter, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)trap->call, 0, length));
	if (trap->when != ALWAYS) {
		unsigned short test = trap->when == EQUAL ? BPF_JEQ : BPF_JSET;
		load(filter, offsetof(struct seccomp_data, args) + (size_t)trap->arg * sizeof(__u64)); /* low half: little endian */
		add(filter, (struct sock_filter)BPF_JUMP((unsigned short)(BPF_JMP | test | BPF_K), trap->bits, sets, !sets));
	}
	give(filter, SECCOMP_RET_TRAP);
	if (trap->when != ALWAYS)
		load(filter, offsetof(struct seccomp_data, nr));
}

static int set_guard(struct err *err)
{
	struct filter filter = { .n = 0 };
	load(&filter, offsetof(struct seccomp_data, arch));
	add(&filter, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, THIS_ARCH, 1, 0));
	give(&filter, SECCOMP_RET_ALLOW);
	load(&filter, offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < N_TRAPS; i++)
		add_trap(&filter, &traps[i]);
	give(&filter, SECCOMP_RET_ALLOW);
	struct sock_fprog program = { filter.n, filter.op };
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
		return err_errno(err, errno, "the calls of the UI cannot be guarded");
	return 0;
}

struct guarded {
	int (*run)(void *arg);
	void *arg;
	int result;
	int rc;
	struct err err;
};

static void *be_guarded(void *arg)
{
	struct guarded *guarded = arg;
	guarded->rc = set_guard(&guarded->err);
	if (guarded->rc == 0)
		guarded->result = guarded->run(guarded->arg);
	return NULL;
}

/* A filter stays as long as its thread, and what comes after the UI may write: hence a thread of its own. */
int ui_guard_run(int (*run)(void *arg), void *arg, int *result, struct err *err)
{
	struct guarded guarded = { .run = run, .arg = arg };
	struct thread thread = { .started = false };
	if (thread_start(&thread, "ui", be_guarded, &guarded, err) != 0)
		return -1;
	thread_join(&thread);
	*result = guarded.result;
	if (guarded.rc != 0 && err)
		*err = guarded.err;
	return guarded.rc;
}
