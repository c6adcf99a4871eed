/* `belay check` of plans of 100, 1,000 and 5,000 steps, as whole processes, and the exponent over the sizes. */
#include "bench/bench.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define RUNS 21

static void write_plan(const char *path, int n_steps)
{
	FILE *file = fopen(path, "w");
	if (!file)
		bench_die(path);
	fputs("belay: 1\nname: big\ngoal: many steps\nsteps:\n", file);
	for (int i = 0; i < n_steps; i++) {
		fprintf(file, "  - id: s%d\n", i);
		if (i)
			fprintf(file, "    needs: [s%d]\n", i / 2);
		fprintf(file, "    write: out/file%d.txt\n    content: \"text %d\"\n", i, i);
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
