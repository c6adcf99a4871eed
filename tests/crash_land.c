/*
 * Kills a landing at every system call that touches a file, recovers, and compares the tree byte for byte: each file is
 * old or new at every moment, all are old or all are new after recovery, nothing is left over, and a second recovery
 * changes nothing. The process that is killed is this program again, as `crash_land --drive ACTION DIR SHAPE PLAIN`,
 * under strace(1), whose fault injection needs no change of the code.
 *
 *   crash_land                       the landing of a 3-file step
 *   crash_land --all                 all shapes, undo and redo too, also without rename flags
 *   crash_land ACTION CALL N         one point of a 3-file step, to look into
 *   crash_land --make DIR SHAPE      a world for power_loss.py, which drives the actions itself
 */
#include "base/buf.h"
#include "base/vec.h"
#include "base/xalloc.h"
#include "tests/crash_check.h"
#include "tests/crash_world.h"
#include "tests/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SKIPPED 77

/* Every call by which the code reaches the file system; %file and %desc would bring in what only the loader uses. */
#define CALLS "open,openat,openat2,creat,close,read,pread64,write,pwrite64,lseek,fsync,fdatasync,fstat,newfstatat,stat," \
	"lstat,access,faccessat,faccessat2,mkdir,mkdirat,rename,renameat,renameat2,link,linkat,unlink,unlinkat,rmdir,"   \
	"symlink,symlinkat,readlink,readlinkat,chmod,fchmod,fchmodat,fchown,fchownat,ftruncate,truncate,fallocate,"       \
	"getdents64,mmap,flistxattr,fgetxattr,fsetxattr,fadvise64,fcntl,statfs,fstatfs,copy_file_range,ioctl,getrandom"
/* Marks where the action begins and ends in a trace; nothing else calls it. */
#define MARK "getppid"

struct point {
	char call[24];
	int first, last; /* calls of this kind before the action, and up to its end */
};

struct points {
	struct point point[64];
	size_t n_points;
};

struct totals {
	size_t n_points;
	size_t n_failed;
};

static const char *self; /* the path of this program */

/* ---- the process that is killed ---- */

static int drive(char **argv)
{
	struct world world;
	struct err err = { 0 };
	size_t n_conflicts = 0;
	getppid();
	int rc = world_open(&world, argv[3], strcmp(argv[5], "plain") == 0, &err);
	if (rc == 0) {
		rc = world_act(&world, argv[2], (size_t)atoi(argv[4]), &n_conflicts, &err);
		world_close(&world);
	}
	getppid();
	if (rc != 0)
		fprintf(stderr, "%s: %s\n", argv[2], err.msg);
	return rc != 0 ? 1 : n_conflicts ? 5 : 0;
}

/* ---- running it ---- */

struct job {
	const char *action;
	const char *dir;
	size_t shape;
	bool plain;
};

/* Exit status; 128 + signal when killed. */
static int spawn(const struct job *job, const char *trace, const char *inject, const char *output)
{
	char shape[16];
	const char *argv[24];
	size_t n = 0;
	int status;
	snprintf(shape, sizeof shape, "%zu", job->shape);
	if (trace) {
		argv[n++] = "strace";
		argv[n++] = "-qqq";
		argv[n++] = "-o";
		argv[n++] = output;
		argv[n++] = "-e";
		argv[n++] = trace;
		if (inject) {
			argv[n++] = "-e";
			argv[n++] = inject;
		}
	}
	argv[n++] = self;
	argv[n++] = "--drive";
	argv[n++] = job->action;
	argv[n++] = job->dir;
	argv[n++] = shape;
	argv[n++] = job->plain ? "plain" : "flags";
	argv[n] = NULL;
	pid_t pid = fork();
	if (pid == 0) {
		int null = open("/dev/null", O_WRONLY);
		dup2(null, 1);
		if (!getenv("BELAY_CRASH_LOUD"))
			dup2(null, 2);
		execvp(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return 127;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static struct point *point_of(struct points *points, const char *call)
{
	for (size_t i = 0; i < points->n_points; i++)
		if (strcmp(points->point[i].call, call) == 0)
			return &points->point[i];
	struct point *point = &points->point[points->n_points++];
	*point = (struct point){ 0 };
	snprintf(point->call, sizeof point->call, "%s", call);
	return point;
}

/* Which calls the action makes, and how often. */
static int count_calls(const struct job *job, struct points *out)
{
	char line[4096];
	char call[24];
	int marks = 0;
	char *file = xasprintf("%s/trace", job->dir);
	out->n_points = 0;
	int status = spawn(job, "trace=" CALLS "," MARK, NULL, file);
	FILE *trace = fopen(file, "re");
	while (trace && fgets(line, sizeof line, trace)) {
		if (sscanf(line, "%23[a-z0-9_](", call) != 1)
			continue;
		if (strcmp(call, MARK) == 0) {
			marks++;
			continue;
		}
		struct point *point = point_of(out, call);
		if (marks == 0)
			point->first++;
		if (marks < 2)
			point->last++;
	}
	if (trace)
		fclose(trace);
	unlink(file);
	free(file);
	return status == 0 && marks == 2 ? 0 : -1;
}

static void must(const struct job *job)
{
	int status = spawn(job, NULL, NULL, NULL);
	if (status != 0) {
		fprintf(stderr, "crash_land: '%s' of '%s' ends with %d\n", job->action, world_shape_name(job->shape), status);
		exit(1);
	}
}

/* A world in which the action can begin: an undo needs something landed. */
static void make_world(const struct job *job, char *dir)
{
	static const char *const way[] = { "land", "undo", "redo" };
	struct job step = { .dir = dir, .shape = job->shape };
	world_make(dir, job->shape);
	for (size_t i = 0; i < 3 && strcmp(job->action, way[i]) != 0; i++) {
		step.action = way[i];
		must(&step);
	}
}

static char *new_world(const struct job *job)
{
	char *dir = scratch_make();
	make_world(job, dir);
	return dir;
}

static void learn(const struct job *job, struct expected *out, struct points *points)
{
	char *dir = new_world(job);
	struct job here = *job;
	here.dir = dir;
	out->before = crash_tree(dir);
	if (count_calls(&here, points) != 0) {
		fprintf(stderr, "crash_land: '%s' cannot be traced\n", job->action);
		exit(1);
	}
	out->after = crash_tree(dir);
	scratch_remove(dir);
	if (strcmp(out->before, out->after) == 0) {
		fprintf(stderr, "crash_land: '%s' changes nothing\n", job->action);
		exit(1);
	}
}

/* What was recovered can be worked on: the action succeeds when it is tried again, or has nothing to do. */
static void check_again(const struct job *job, const struct expected *expected, struct buf *why)
{
	char *now = crash_tree(job->dir);
	if (!why->len && strcmp(now, expected->before) == 0 && strcmp(job->action, "recover") != 0) {
		int status = spawn(job, NULL, NULL, NULL);
		char *again = crash_tree(job->dir);
		if (status != 0 || strcmp(again, expected->after) != 0)
			buf_printf(why, "tried again it ends with %d:\n%s", status, again);
		free(again);
	}
	free(now);
}

static void report(struct totals *totals, const struct job *job, const char *inject, struct buf *why)
{
	totals->n_points++;
	if (why->len) {
		totals->n_failed++;
		printf("FAILED %s of '%s'%s, %s: %s\n  in %s\n", job->action, world_shape_name(job->shape),
		       job->plain ? " without flags" : "", inject, buf_str(why), job->dir);
	}
	buf_release(why);
}

static void kill_at(const struct job *model, const char *call, int n, const struct expected *expected,
                    struct totals *totals)
{
	struct buf why = { 0 };
	char *dir = new_world(model);
	struct job job = *model;
	job.dir = dir;
	char *trace = xasprintf("trace=%s", call);
	char *inject = xasprintf("inject=%s:signal=SIGKILL:when=%d", call, n);
	int status = spawn(&job, trace, inject, "/dev/null");
	char *list = crash_tree(dir);
	if (status != 128 + SIGKILL)
		buf_printf(&why, "was not killed but ends with %d", status);
	else if (!model->plain && !crash_is_old_or_new(list, expected))
		buf_printf(&why, "a file is neither old nor new:\n%s", list);
	else
		crash_check_recovery(dir, expected, &why);
	check_again(&job, expected, &why);
	bool failed = why.len > 0;
	report(totals, &job, inject, &why);
	free(list);
	free(inject);
	free(trace);
	if (failed)
		free(dir);
	else
		scratch_remove(dir);
}

static void kill_everywhere(const struct job *job, struct totals *totals)
{
	struct expected expected;
	struct points points;
	learn(job, &expected, &points);
	for (size_t i = 0; i < points.n_points; i++)
		for (int n = points.point[i].first + 1; n <= points.point[i].last; n++)
			kill_at(job, points.point[i].call, n, &expected, totals);
	expected_release(&expected);
}

/* ---- all of it ---- */

static bool can_inject(void)
{
	struct job job = { .action = "land" };
	char *dir = new_world(&job);
	job.dir = dir;
	int status = spawn(&job, "trace=fsync", "inject=fsync:signal=SIGKILL:when=1", "/dev/null");
	scratch_remove(dir);
	return status == 128 + SIGKILL;
}

static void do_all(struct totals *totals)
{
	static const char *const action[] = { "land", "undo", "redo" };
	for (size_t shape = 0; shape < WORLD_N_SHAPES; shape++)
		for (size_t a = 0; a < 3; a++)
			for (int plain = 0; plain < 2; plain++) {
				struct job job = { .action = action[a], .shape = shape, .plain = plain };
				struct totals before = *totals;
				kill_everywhere(&job, totals);
				printf("%s of '%s'%s: %zu points, %zu failed\n", action[a], world_shape_name(shape),
				       plain ? " without flags" : "", totals->n_points - before.n_points,
				       totals->n_failed - before.n_failed);
				fflush(stdout);
			}
}

int main(int argc, char **argv)
{
	struct totals totals = { 0 };
	char path[PATH_MAX];
	if (argc == 6 && strcmp(argv[1], "--drive") == 0)
		return drive(argv);
	if (argc == 4 && strcmp(argv[1], "--make") == 0) {
		world_make(argv[2], (size_t)atoi(argv[3]) % WORLD_N_SHAPES);
		return 0;
	}
	ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
	if (n < 0)
		return 1;
	path[n] = '\0';
	self = path;
	if (!getenv("TMPDIR") && access("/dev/shm", W_OK) == 0)
		setenv("TMPDIR", "/dev/shm", 1); /* a kill is the same there, and a sync is free */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	printf("sanitizers cannot be traced: test_land_fault does the same within the process\n");
	return SKIPPED;
#endif
	if (!can_inject()) {
		printf("strace cannot inject faults here: skipped\n");
		return SKIPPED;
	}
	struct job job = { .action = "land" };
	if (argc == 4) {
		struct expected expected;
		struct points points;
		job.action = argv[1];
		learn(&job, &expected, &points);
		kill_at(&job, argv[2], atoi(argv[3]), &expected, &totals);
		expected_release(&expected);
	} else if (argc == 2 && strcmp(argv[1], "--all") == 0) {
		do_all(&totals);
	} else {
		kill_everywhere(&job, &totals);
	}
	printf("%zu points, %zu failed\n", totals.n_points, totals.n_failed);
	return totals.n_failed || !totals.n_points ? 1 : 0;
}
