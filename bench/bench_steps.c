/*
 * Plans of 10, 100 and 1,000 writes as whole processes, all fsyncs included: what each further step costs, the exponent
 * over the sizes, and taking it all back.
 */
#include "bench/bench.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define N_SIZES 3

static const int sizes[N_SIZES] = { 10, 100, 1000 };

static void write_plan(const char *repo, int n_steps)
{
	char path[4300];
	snprintf(path, sizeof path, "%s/plan.yaml", repo);
	FILE *file = fopen(path, "w");
	if (!file)
		bench_die(path);
	fputs("belay: 1\nsteps:\n", file);
	for (int i = 0; i < n_steps; i++)
		fprintf(file, "  - { id: s%d, write: out/file%d.txt, content: \"text %d\" }\n", i, i, i);
	if (fclose(file) != 0)
		bench_die(path);
}

static double measure(int n_steps)
{
	char name[64];
	const char *const run[] = { bench_belay(), "run", "--plain", "--yes=high", "plan.yaml", NULL };
	const char *const undo[] = { bench_belay(), "undo", "--all", "--yes=high", NULL };
	snprintf(name, sizeof name, "steps%d", n_steps);
	char *repo = bench_path(name);
	mkdir(repo, 0755);
	write_plan(repo, n_steps);
	double ms = bench_run(run, repo, 0);
	snprintf(name, sizeof name, "steps_%d_run", n_steps);
	bench_print(name, ms, "ms");
	snprintf(name, sizeof name, "steps_%d_undo", n_steps);
	bench_print(name, bench_run(undo, repo, 0), "ms");
	free(repo);
	return ms;
}

int main(void)
{
	double ms[N_SIZES];
	bench_scratch();
	for (int i = 0; i < N_SIZES; i++)
		ms[i] = measure(sizes[i]);
	bench_print("steps_each_further", (ms[2] - ms[0]) / (sizes[2] - sizes[0]), "ms");
	bench_print("steps_exponent", log(ms[2] / ms[1]) / log((double)sizes[2] / sizes[1]), "power");
	return 0;
}
