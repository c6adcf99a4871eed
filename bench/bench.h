/*
 * What the benchmarks share: time, medians, children, scratch folders. A benchmark prints lines `name value unit`;
 * claims are ratios of two lines of one run. The program under test is $BELAY, or ./belay.
 */
#ifndef BELAY_BENCH_BENCH_H
#define BELAY_BENCH_BENCH_H

#include <stddef.h>
#include <stdint.h>

#define BENCH_MAX_RUNS 200

struct bench_times {
	double ms[BENCH_MAX_RUNS];
	size_t n;
};

double bench_now_ms(void); /* monotonic */
double bench_cpu_ms(void); /* of this process: for what only computes, on a machine that others use too */
void bench_add(struct bench_times *times, double ms);
double bench_median(struct bench_times *times); /* sorts */
double bench_min(const struct bench_times *times);

void bench_print(const char *name, double value, const char *unit);
void bench_print_times(const char *name, struct bench_times *times); /* NAME median, NAME_min and NAME_max, in ms */

/* Prints what went wrong and exits 1: a benchmark that did not run has no figure. */
void bench_die(const char *what) __attribute__((noreturn));

/* A scratch folder below $TMPDIR or /tmp, removed at exit; state, cache and configuration of belay live in it. */
const char *bench_scratch(void);
char *bench_path(const char *name); /* below the scratch folder; to be freed */
void bench_write(const char *path, const void *data, size_t n);

const char *bench_belay(void);

/* What one process took. */
struct bench_cost {
	double wall_ms, cpu_ms; /* cpu: user and system */
	double max_mib;         /* resident, at the most */
};

/* Runs argv with stdout and stderr thrown away; dies when the exit status is not `expected`. */
struct bench_cost bench_measure(const char *const *argv, const char *cwd, int expected);
double bench_run(const char *const *argv, const char *cwd, int expected); /* the wall milliseconds of it */

#endif
