#include "bench/bench.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char scratch[4096];

double bench_now_ms(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

double bench_cpu_ms(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

void bench_add(struct bench_times *times, double ms)
{
	if (times->n < BENCH_MAX_RUNS)
		times->ms[times->n++] = ms;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;
	return (x > y) - (x < y);
}

double bench_median(struct bench_times *times)
{
	if (!times->n)
		bench_die("no run was timed");
	qsort(times->ms, times->n, sizeof *times->ms, by_value);
	return times->ms[times->n / 2];
}

double bench_min(const struct bench_times *times)
{
	double min = times->ms[0];
	for (size_t i = 1; i < times->n; i++)
		if (times->ms[i] < min)
			min = times->ms[i];
	return min;
}

void bench_print(const char *name, double value, const char *unit)
{
	printf("%s %.3f %s\n", name, value, unit);
	fflush(stdout);
}

void bench_print_times(const char *name, struct bench_times *times)
{
	char long_name[128];
	double median = bench_median(times);
	bench_print(name, median, "ms");
	snprintf(long_name, sizeof long_name, "%s_min", name);
	bench_print(long_name, times->ms[0], "ms");
	snprintf(long_name, sizeof long_name, "%s_max", name);
	bench_print(long_name, times->ms[times->n - 1], "ms");
}

void bench_die(const char *what)
{
	fprintf(stderr, "bench: %s%s%s\n", what, errno ? ": " : "", errno ? strerror(errno) : "");
	exit(1);
}

static void remove_scratch(void)
{
	const char *const argv[] = { "rm", "-rf", scratch, NULL };
	bench_run(argv, NULL, 0);
}

const char *bench_scratch(void)
{
	if (scratch[0])
		return scratch;
	const char *tmp = getenv("TMPDIR");
	snprintf(scratch, sizeof scratch, "%s/belay-bench.XXXXXX", tmp && *tmp ? tmp : "/tmp");
	if (!mkdtemp(scratch))
		bench_die("cannot make a scratch folder");
	atexit(remove_scratch);
	setenv("XDG_STATE_HOME", scratch, 1);
	setenv("XDG_CACHE_HOME", scratch, 1);
	setenv("XDG_CONFIG_HOME", scratch, 1);
	return scratch;
}

char *bench_path(const char *name)
{
	char *path = NULL;
	if (asprintf(&path, "%s/%s", bench_scratch(), name) < 0)
		bench_die("out of memory");
	return path;
}

void bench_write(const char *path, const void *data, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, data, n) != (ssize_t)n || close(fd) != 0)
		bench_die(path);
}

const char *bench_belay(void)
{
	static char real[4096];
	const char *given = getenv("BELAY");
	if (!realpath(given && *given ? given : "./belay", real))
		bench_die("there is no ./belay: build it first, or set BELAY");
	return real;
}

static double ms_of(const struct timeval *time)
{
	return (double)time->tv_sec * 1e3 + (double)time->tv_usec / 1e3;
}

struct bench_cost bench_measure(const char *const *argv, const char *cwd, int expected)
{
	int status;
	struct rusage usage;
	double from = bench_now_ms();
	pid_t pid = fork();
	if (pid < 0)
		bench_die("fork");
	if (pid == 0) {
		int null = open("/dev/null", O_RDWR);
		dup2(null, 0);
		dup2(null, 1);
		dup2(null, 2);
		if (cwd && chdir(cwd) != 0)
			_exit(126);
		execvp(argv[0], (char *const *)argv);
		_exit(127);
	}
	while (wait4(pid, &status, 0, &usage) < 0)
		if (errno != EINTR)
			bench_die("wait4");
	double ms = bench_now_ms() - from;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != expected) {
		fprintf(stderr, "bench: '%s %s' ended with status %d, not %d\n", argv[0], argv[1] ? argv[1] : "",
		        WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), expected);
		exit(1);
	}
	return (struct bench_cost){
		.wall_ms = ms,
		.cpu_ms = ms_of(&usage.ru_utime) + ms_of(&usage.ru_stime),
		.max_mib = (double)usage.ru_maxrss / 1024,
	};
}

double bench_run(const char *const *argv, const char *cwd, int expected)
{
	return bench_measure(argv, cwd, expected).wall_ms;
}
