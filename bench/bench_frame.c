/*
 * The terminal UI on a plan of 50 steps that waits at its first step: milliseconds from exec until the first frame is
 * whole and until the screen is at rest, memory at rest, and the processor time that idling takes.
 */
#include "bench/bench.h"

#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define RUNS 11
#define STEPS 50
#define QUIET_MS 120
#define START_MS 5000
#define IDLE_MS 10000

static char *make_plan(const char *repo)
{
	char *path = NULL;
	if (asprintf(&path, "%s/plan.yaml", repo) < 0)
		bench_die("out of memory");
	FILE *file = fopen(path, "w");
	if (!file)
		bench_die(path);
	fputs("belay: 1\nname: fifty\ngoal: wait at the first step\nsteps:\n  - id: s0\n    ask: go on?\n", file);
	for (int i = 1; i < STEPS; i++)
		fprintf(file, "  - id: s%d\n    needs: [s%d]\n    write: out/f%d.txt\n    content: text\n", i, i - 1, i);
	if (fclose(file) != 0)
		bench_die(path);
	return path;
}

static pid_t start(const char *repo, const char *plan, int *fd)
{
	struct winsize size = { .ws_row = 24, .ws_col = 80 };
	const char *belay = bench_belay(); /* looked for here: the child is in another folder */
	pid_t pid = forkpty(fd, NULL, NULL, &size);
	if (pid < 0)
		bench_die("forkpty");
	if (pid == 0) {
		setenv("TERM", "xterm-256color", 1);
		if (chdir(repo) != 0)
			_exit(126);
		execl(belay, "belay", "run", plan, (char *)NULL);
		_exit(127);
	}
	return pid;
}

struct seen {
	double frame_ms; /* when the first frame was whole; 0: never */
	double last_ms;  /* of the last byte */
	size_t bytes;
};

/* Looks for the end of a synchronised update, which ends each frame. A sequence cut in two by a read is put together. */
static void look_for_frame(struct seen *seen, const char *data, size_t n)
{
	static const char end_of_frame[] = "\033[?2026l";
	static size_t matched;
	for (size_t i = 0; i < n && !seen->frame_ms; i++) {
		matched = data[i] == end_of_frame[matched] ? matched + 1 : data[i] == end_of_frame[0];
		if (matched == sizeof end_of_frame - 1) {
			seen->frame_ms = bench_now_ms();
			matched = 0;
		}
	}
}

/* Reads what comes: until nothing came for `quiet_ms`, or for `most_ms`. */
static void drain(int fd, int quiet_ms, int most_ms, struct seen *seen)
{
	char data[65536];
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	double until = bench_now_ms() + most_ms;
	for (double now = bench_now_ms(); now < until; now = bench_now_ms()) {
		int left = (int)(until - now) + 1;
		int wait = seen->bytes && quiet_ms < left ? quiet_ms : left;
		if (poll(&ready, 1, wait) <= 0)
			return;
		ssize_t n = read(fd, data, sizeof data);
		if (n <= 0)
			return;
		seen->last_ms = bench_now_ms();
		look_for_frame(seen, data, (size_t)n);
		seen->bytes += (size_t)n;
	}
}

static double read_kib(pid_t pid, const char *file, const char *key)
{
	char path[64], line[256];
	double kib = -1;
	snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, file);
	FILE *in = fopen(path, "r");
	if (!in)
		bench_die(path);
	while (fgets(line, sizeof line, in))
		if (strncmp(line, key, strlen(key)) == 0)
			kib = atof(line + strlen(key));
	fclose(in);
	return kib;
}

static double cpu_ms(pid_t pid)
{
	char path[64];
	unsigned long user, system;
	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	FILE *in = fopen(path, "r");
	if (!in || fscanf(in, "%*d %*s %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2)
		bench_die(path);
	fclose(in);
	return (double)(user + system) * 1000.0 / (double)sysconf(_SC_CLK_TCK);
}

static void stop(pid_t pid, int fd)
{
	int status;
	struct seen seen = { 0 };
	kill(pid, SIGTERM);
	drain(fd, 500, 1000, &seen);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	close(fd);
}

/* The clock on screen goes on: the terminal is read meanwhile. */
static double idle_percent(pid_t pid, int fd)
{
	struct seen seen = { 0 };
	double before = cpu_ms(pid);
	drain(fd, IDLE_MS, IDLE_MS, &seen);
	return (cpu_ms(pid) - before) / IDLE_MS * 100.0;
}

int main(void)
{
	struct bench_times first = { .n = 0 }, settled = { .n = 0 };
	double bytes = 0, rss = 0, pss = 0, idle = 0;
	char *repo = bench_path("repo");
	mkdir(repo, 0755);
	char *plan = make_plan(repo);
	for (int i = 0; i < RUNS; i++) {
		int fd;
		struct seen seen = { 0 };
		double from = bench_now_ms();
		pid_t pid = start(repo, plan, &fd);
		drain(fd, QUIET_MS, START_MS, &seen);
		if (!seen.frame_ms)
			bench_die("the UI drew no frame");
		bytes = (double)seen.bytes;
		bench_add(&first, seen.frame_ms - from);
		bench_add(&settled, seen.last_ms - from);
		if (i == RUNS - 1) {
			idle = idle_percent(pid, fd);
			rss = read_kib(pid, "status", "VmRSS:");
			pss = read_kib(pid, "smaps_rollup", "Pss:");
		}
		stop(pid, fd);
	}
	bench_print_times("first_frame", &first);
	bench_print_times("settled_frame", &settled);
	bench_print("first_screen", bytes, "bytes");
	bench_print("ui_rss", rss / 1024, "MiB");
	bench_print("ui_pss", pss / 1024, "MiB");
	bench_print("ui_idle_cpu", idle, "percent");
	free(plan);
	free(repo);
	return 0;
}
