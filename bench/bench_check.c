/* `belay check` of plans of 100, 1,000 and 5,000 steps, as whole processes, and the exponent over the sizes. */
#include "bench/bench.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define RUNS 21

/* One file holds about 1,600 steps at most (10,000 YAML events), so larger plans are made of included ones. */
#define STEPS_IN_A_FILE 1000

static void write_steps(const char *path, int n_steps)
{
	FILE *file = fopen(path, "w");
	if (!file)
		bench_die(path);
	fputs("belay: 1\nsteps:\n", file);
	for (int i = 0; i < n_steps; i++) {
		fprintf(file, "  - { id: s%d, write: out/file%d.txt, content: \"text %d\"", i, i, i);
		if (i && i % 4 == 0)
			fprintf(file, ", needs: s%d", i / 2);
		fputs(" }\n", file);
	}
	if (fclose(file) != 0)
		bench_die(path);
}

static void write_plan(const char *path, int n_steps)
{
	if (n_steps <= STEPS_IN_A_FILE) {
		write_steps(path, n_steps);
		return;
	}
	FILE *file = fopen(path, "w");
	if (!file)
		bench_die(path);
	fputs("belay: 1\nsteps:\n", file);
	for (int i = 0; i < n_steps / STEPS_IN_A_FILE; i++) {
		char name[64];
		snprintf(name, sizeof name, "part%d.yaml", i);
		char *part = bench_path(name);
		write_steps(part, STEPS_IN_A_FILE);
		free(part);
		fprintf(file, "  - { id: g%d, include: %s }\n", i, name);
	}
	if (fclose(file) != 0)
		bench_die(path);
}

static double check_of(int n_steps)
{
	char name[64];
	struct bench_times times = { .n = 0 };
	snprintf(name, sizeof name, "plan%d.yaml", n_steps);
	char *plan = bench_path(name);
	write_plan(plan, n_steps);
	const char *const argv[] = { bench_belay(), "check", plan, NULL };
	for (int i = 0; i < RUNS; i++)
		bench_add(&times, bench_run(argv, bench_scratch(), 0));
	snprintf(name, sizeof name, "check_%d_steps", n_steps);
	bench_print_times(name, &times);
	free(plan);
	return bench_median(&times);
}

int main(void)
{
	struct bench_times start = { .n = 0 };
	const char *const argv[] = { bench_belay(), "--version", NULL };
	bench_scratch();
	for (int i = 0; i < RUNS; i++)
		bench_add(&start, bench_run(argv, NULL, 0));
	bench_print_times("version", &start);
	double base = bench_median(&start);
	check_of(100);
	double small = check_of(1000) - base;
	double large = check_of(5000) - base;
	bench_print("check_exponent", log(large / small) / log(5.0), "power");
	return 0;
}
