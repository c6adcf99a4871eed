/* A plan of ten steps whose answers are all in the cache, as a whole process, all fsyncs included; no server runs. */
#include "bench/bench.h"
#include "bench/chat.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define STEPS 10
#define RUNS 11

static void make_plan(const char *tree)
{
	char path[4300];
	snprintf(path, sizeof path, "%s/plan.yaml", tree);
	FILE *file = fopen(path, "w");
	if (!file)
		bench_die(path);
	fputs("belay: 1\nsteps:\n", file);
	for (int i = 0; i < STEPS; i++) {
		fprintf(file, "  - { id: s%d, write: out.txt, prompt: Words %d.", i, i);
		if (i)
			fprintf(file, ", needs: [s%d]", i - 1);
		fputs(" }\n", file);
	}
	if (fclose(file) != 0)
		bench_die(path);
}

int main(void)
{
	struct chat chat = { .path = "out.txt", .n_tokens = 200 };
	struct bench_times times = { .n = 0 };
	const char *first[32], *cached[32], *undo[] = { bench_belay(), "undo", "--all", "--yes=high", NULL };
	char *tree = bench_path("tree");
	mkdir(tree, 0755);
	make_plan(tree);
	chat_start(&chat);
	chat_argv(&chat, first, (const char *const[]){ "run", "--plain", "--yes=high", "plan.yaml", NULL });
	chat_argv(&chat, cached, (const char *const[]){ "run", "--plain", "--yes=high", "--cache=only", "plan.yaml", NULL });
	bench_run(first, tree, 0);
	for (int i = 0; i < RUNS; i++) {
		bench_run(undo, tree, 0);
		bench_add(&times, bench_run(cached, tree, 0));
	}
	bench_print_times("run_10_cached_answers", &times);
	free(tree);
	return 0;
}
