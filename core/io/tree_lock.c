#include "base/xalloc.h"
#include "io/runs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/*
 * The lock is flock(2) on a file that stays: the kernel lets go of it with the process, however that ends. What is
 * written inside ("run pid start boot") says who holds it or, after a crash, whose it was. It counts also where the
 * file system has no working flock: a process that lives, since the same moment of the same boot, is still the owner.
 */
struct tree_lock {
	int fd;
};

struct owner {
	char run[64]; /* "" when the last owner ended in order */
	long pid;
	long long start; /* clock ticks since the boot; 0: not known */
	char boot[64];
};

/* 0 when there is no such process. */
static long long process_start(pid_t pid)
{
	char path[64];
	char text[1024];
	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	FILE *file = fopen(path, "re");
	if (!file)
		return 0;
	size_t n = fread(text, 1, sizeof text - 1, file);
	fclose(file);
	text[n] = '\0';
	/* proc(5): field 22, counted from behind the name, which may hold anything. */
	const char *p = strrchr(text, ')');
	if (p && (p[2] == 'Z' || p[2] == 'X'))
		return 0; /* it has ended, and only waits for its parent to look */
	for (int field = 2; p && field < 22; field++)
		p = strchr(p + 1, ' ');
	return p ? atoll(p) : 0;
}

static void boot_id(char out[64])
{
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");
	out[0] = '\0';
	if (file && !fgets(out, 64, file))
		out[0] = '\0';
	if (file)
		fclose(file);
	out[strcspn(out, "\n")] = '\0';
	if (!*out)
		snprintf(out, 64, "-");
}

static void read_owner(int fd, struct owner *owner)
{
	char text[256];
	ssize_t n = pread(fd, text, sizeof text - 1, 0);
	*owner = (struct owner){ 0 };
	text[n > 0 ? n : 0] = '\0';
	if (sscanf(text, "%63s %ld %lld %63s", owner->run, &owner->pid, &owner->start, owner->boot) != 4)
		*owner = (struct owner){ 0 };
}

static int write_owner(int fd, const char *run, struct err *err)
{
	char boot[64];
	char text[256];
	boot_id(boot);
	int n = snprintf(text, sizeof text, "%.63s %d %lld %s\n", run, (int)getpid(), process_start(getpid()), boot);
	if (ftruncate(fd, 0) != 0 || pwrite(fd, text, (size_t)n, 0) != n || fsync(fd) != 0)
		return err_errno(err, errno, "cannot write the lock of the tree");
	return 0;
}

/* A number is used again by other processes: only with its start and boot does it name one. */
static bool owner_lives(const struct owner *owner)
{
	char boot[64];
	boot_id(boot);
	return owner->pid > 0 && owner->pid != getpid() && owner->start > 0 && strcmp(owner->boot, boot) == 0 &&
	       process_start((pid_t)owner->pid) == owner->start;
}

static int refuse(const struct owner *owner, struct err *err)
{
	if (!*owner->run)
		return err_set(err, ERR_CONFLICT, "another run is working in this tree");
	err_set(err, ERR_CONFLICT, "run '%s' (process %ld) is working in this tree", owner->run, owner->pid);
	return err_hint(err, "wait for it, or look at it with 'belay replay %.32s'", owner->run);
}

static int lock_file(int fd, struct owner *owner, struct err *err)
{
	bool held = flock(fd, LOCK_EX | LOCK_NB) != 0;
	if (held && errno != EWOULDBLOCK)
		return err_errno(err, errno, "cannot lock the tree");
	read_owner(fd, owner);
	return held || owner_lives(owner) ? refuse(owner, err) : 0;
}

int tree_lock_take(struct tree_lock **out, const char *root, const char *run, char **stale, struct err *err)
{
	struct buf path = { 0 };
	struct owner owner;
	if (stale)
		*stale = NULL;
	int rc = runs_repo_dir(root, true, &path, err);
	buf_add_str(&path, "/lock");
	int fd = rc == 0 ? open(buf_str(&path), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600) : -1;
	if (rc == 0 && fd < 0)
		rc = err_errno(err, errno, "cannot open lock '%s'", buf_str(&path));
	buf_release(&path);
	if (rc == 0)
		rc = lock_file(fd, &owner, err);
	if (rc == 0)
		rc = write_owner(fd, run, err);
	if (rc != 0) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	if (stale && *owner.run)
		*stale = xstrdup(owner.run);
	*out = xcalloc(1, sizeof **out);
	(*out)->fd = fd;
	return 0;
}

/* An empty file says that the owner ended in order. */
void tree_lock_release(struct tree_lock *lock)
{
	if (!lock)
		return;
	int ignored = ftruncate(lock->fd, 0);
	(void)ignored;
	close(lock->fd);
	free(lock);
}

pid_t tree_lock_owner(const char *run_dir)
{
	struct owner owner = { 0 };
	const char *slash = strrchr(run_dir, '/');
	char *path = xasprintf("%s/../../lock", run_dir);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	free(path);
	if (fd >= 0) {
		read_owner(fd, &owner);
		close(fd);
	}
	bool same = slash && strcmp(owner.run, slash + 1) == 0;
	return same && owner_lives(&owner) ? (pid_t)owner.pid : 0;
}
