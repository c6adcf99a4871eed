/*
 * An answer of 20,000 tokens that comes without delay (provider `recorded`) as a whole process, beside one of a single
 * token: the processor time of a token from the provider to journal and output, and the memory of the run.
 */
#include "bench/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define TOKENS 20000
#define RUNS 5

static void write_text(const char *repo, const char *name, const char *text, int n_tokens)
{
	char path[4300];
	snprintf(path, sizeof path, "%s/%s", repo, name);
	FILE *file = fopen(path, "w");
	if (!file)
		bench_die(path);
	fputs(text, file);
	if (n_tokens) {
		fputs("{\"step\":\"s\",\"attempt\":1,\"origin\":\"made by bench_stream\",\"text\":\"out.txt\\n```\\n", file);
		for (int i = 0; i < n_tokens; i++)
			fprintf(file, i % 10 == 9 ? "tok%d\\n" : "tok%d ", i % 100);
		fputs("\\n```\\n\"}\n", file);
	}
	if (fclose(file) != 0)
		bench_die(path);
}

static struct bench_cost run_once(const char *repo)
{
	const char *const argv[] = { bench_belay(), "-c", "providers.sample.kind=recorded", "-c",
		"providers.sample.file=answers.jsonl", "-c", "use=[sample]", "run", "--plain", "--yes=high", "--cache=off",
		"plan.yaml", NULL };
	return bench_measure(argv, repo, 0);
}

static struct bench_cost measure(int n_tokens)
{
	struct bench_times wall = { .n = 0 }, cpu = { .n = 0 };
	struct bench_cost run = { 0 };
	char name[32];
	for (int i = 0; i < RUNS; i++) {
		snprintf(name, sizeof name, "stream%d-%d", n_tokens, i);
		char *repo = bench_path(name);
		mkdir(repo, 0755);
		write_text(repo, "plan.yaml", "belay: 1\nsteps:\n  - { id: s, write: out.txt, prompt: say it }\n", 0);
		write_text(repo, "answers.jsonl", "", n_tokens);
		run = run_once(repo);
		bench_add(&wall, run.wall_ms);
		bench_add(&cpu, run.cpu_ms);
		free(repo);
	}
	return (struct bench_cost){ bench_median(&wall), bench_median(&cpu), run.max_mib };
}

int main(void)
{
	bench_scratch();
	struct bench_cost one = measure(1);
	struct bench_cost many = measure(TOKENS);
	bench_print("stream_1_token_run", one.wall_ms, "ms");
	bench_print("stream_20000_tokens_run", many.wall_ms, "ms");
	bench_print("stream_20000_tokens_cpu", many.cpu_ms, "ms");
	bench_print("stream_cpu_per_token", (many.cpu_ms - one.cpu_ms) * 1e3 / TOKENS, "us");
	bench_print("stream_memory_for_20000_tokens", many.max_mib - one.max_mib, "MiB");
	return 0;
}
