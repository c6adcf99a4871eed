/*
 * The terminal UI on a plan of 50 steps that waits at its first step: milliseconds from exec to the first frame's
 * first and last byte, memory at rest, and the processor time that idling takes.
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
#define IDLE_MS 3000

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
	pid_t pid = forkpty(fd, NULL, NULL, &size);
	if (pid < 0)
		bench_die("forkpty");
	if (pid == 0) {
		setenv("TERM", "xterm-256color", 1);
		if (chdir(repo) != 0)
			_exit(126);
		execl(bench_belay(), "belay", "run", plan, (char *)NULL);
		_exit(127);
	}
	return pid;
}

/* Reads until `quiet_ms` pass without a byte; *last gets the time of the last byte; returns the number of bytes. */
static size_t drain(int fd, int quiet_ms, double *first, double *last)
{
	char data[65536];
	size_t total = 0;
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	while (poll(&ready, 1, total ? quiet_ms : 5000) > 0) {
		ssize_t n = read(fd, data, sizeof data);
		if (n <= 0)
			break;
		*last = bench_now_ms();
		if (!total)
			*first = *last;
		total += (size_t)n;
	}
	return total;
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
	double a, b;
	kill(pid, SIGTERM);
	drain(fd, 500, &a, &b);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	close(fd);
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
		double from = bench_now_ms(), at_first = 0, at_last = 0;
		pid_t pid = start(repo, plan, &fd);
		bytes = (double)drain(fd, QUIET_MS, &at_first, &at_last);
		bench_add(&first, at_first - from);
		bench_add(&settled, at_last - from);
		if (i == RUNS - 1) {
			double before = cpu_ms(pid);
			drain(fd, IDLE_MS, &at_first, &at_last);
			poll(NULL, 0, IDLE_MS);
			idle = (cpu_ms(pid) - before) / (2.0 * IDLE_MS) * 100.0;
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
