#include "tests/fault.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static struct fault armed;
static bool counting;
static long n_calls;
static const char *hit = "";

void fault_arm(const struct fault *fault)
{
	armed = *fault;
	n_calls = 0;
	hit = "";
	counting = true;
}

long fault_disarm(void)
{
	counting = false;
	return n_calls;
}

const char *fault_name(void)
{
	return hit;
}

/* True when the call is to fail, with errno set. */
static bool strikes(const char *name)
{
	if (!counting)
		return false;
	n_calls++;
	if (armed.kind == FAULT_NONE || n_calls < armed.at || (n_calls > armed.at && armed.kind != FAULT_ERRORS))
		return false;
	if (n_calls == armed.at)
		hit = name;
	switch (armed.kind) {
	case FAULT_DIE:
		_exit(FAULT_DEAD);
	case FAULT_EDIT:
		counting = false;
		armed.edit(armed.arg);
		counting = true;
		return false;
	case FAULT_ERROR:
	case FAULT_ERRORS:
		errno = armed.errnum;
		return true;
	default:
		return false;
	}
}

static size_t shortened(size_t n)
{
	return counting && armed.kind == FAULT_SHORT && n_calls == armed.at && n > 1 ? 1 : n;
}

#define WRAP(type, name, params, args)                    \
	type __real_##name params;                        \
	type __wrap_##name params;                        \
	type __wrap_##name params                         \
	{                                                 \
		return strikes(#name) ? -1 : __real_##name args; \
	}

WRAP(int, fsync, (int fd), (fd))
WRAP(int, fdatasync, (int fd), (fd))
WRAP(int, rename, (const char *from, const char *to), (from, to))
WRAP(int, renameat2, (int from_dir, const char *from, int to_dir, const char *to, unsigned flags),
     (from_dir, from, to_dir, to, flags))
WRAP(int, linkat, (int from_dir, const char *from, int to_dir, const char *to, int flags),
     (from_dir, from, to_dir, to, flags))
WRAP(int, link, (const char *from, const char *to), (from, to))
WRAP(int, unlink, (const char *path), (path))
WRAP(int, unlinkat, (int dir, const char *path, int flags), (dir, path, flags))
WRAP(int, mkdir, (const char *path, mode_t mode), (path, mode))
WRAP(int, mkdirat, (int dir, const char *path, mode_t mode), (dir, path, mode))
WRAP(int, symlinkat, (const char *target, int dir, const char *path), (target, dir, path))
WRAP(ssize_t, readlinkat, (int dir, const char *path, char *out, size_t n), (dir, path, out, n))
WRAP(int, fchmod, (int fd, mode_t mode), (fd, mode))
WRAP(int, fstat, (int fd, struct stat *st), (fd, st))
WRAP(int, fstatat, (int dir, const char *path, struct stat *st, int flags), (dir, path, st, flags))
WRAP(int, ftruncate, (int fd, off_t n), (fd, n))
WRAP(off_t, lseek, (int fd, off_t at, int whence), (fd, at, whence))
WRAP(ssize_t, read, (int fd, void *data, size_t n), (fd, data, shortened(n)))
WRAP(ssize_t, pread, (int fd, void *data, size_t n, off_t at), (fd, data, shortened(n), at))
WRAP(ssize_t, write, (int fd, const void *data, size_t n), (fd, data, shortened(n)))
WRAP(ssize_t, pwrite, (int fd, const void *data, size_t n, off_t at), (fd, data, shortened(n), at))

/* What takes its last arguments only at times. */
int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list args;
	va_start(args, flags);
	if (flags & O_CREAT)
		mode = va_arg(args, mode_t);
	va_end(args);
	return strikes("open") ? -1 : __real_open(path, flags, mode);
}

int __real_openat(int dir, const char *path, int flags, ...);
int __wrap_openat(int dir, const char *path, int flags, ...);
int __wrap_openat(int dir, const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list args;
	va_start(args, flags);
	if (flags & O_CREAT)
		mode = va_arg(args, mode_t);
	va_end(args);
	return strikes("openat") ? -1 : __real_openat(dir, path, flags, mode);
}

/* openat2, the only call that is made this way: four arguments. */
long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);
long __wrap_syscall(long number, ...)
{
	va_list args;
	va_start(args, number);
	long dir = va_arg(args, int);
	void *path = va_arg(args, void *);
	void *how = va_arg(args, void *);
	size_t size = va_arg(args, size_t);
	va_end(args);
	return strikes("openat2") ? -1 : __real_syscall(number, dir, path, how, size);
}
