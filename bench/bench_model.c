/*
 * An answer of 20,000 tokens without delay: a whole run of belay, from the socket to the journal and the tree, against
 * `curl -N` from the same server; and the processor time that one token costs.
 */
#include "bench/bench.h"
#include "bench/chat.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define TOKENS 20000
#define RUNS 5

static double child_cpu_us(void)
{
	struct rusage usage;
	getrusage(RUSAGE_CHILDREN, &usage);
	return 1e6 * (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static char *make_tree(const char *name, size_t n_tokens, struct chat *chat)
{
	static const char plan[] = "belay: 1\nsteps:\n  - { id: a, write: out.txt, prompt: Words. }\n";
	char *tree = bench_path(name);
	char path[4300];
	mkdir(tree, 0755);
	snprintf(path, sizeof path, "%s/plan.yaml", tree);
	bench_write(path, plan, strlen(plan));
	*chat = (struct chat){ .path = "out.txt", .n_tokens = n_tokens };
	return tree;
}

static double run_belay(const struct chat *chat, const char *tree, const char *front)
{
	const char *argv[32];
	char path[4300];
	snprintf(path, sizeof path, "%s/out.txt", tree);
	unlink(path); /* else it is part of the next question */
	chat_argv(chat, argv, (const char *const[]){ "run", front, "--yes=high", "--cache=off", "plan.yaml", NULL });
	return bench_run(argv, tree, 0);
}

static double run_curl(const struct chat *chat)
{
	char url[128];
	snprintf(url, sizeof url, "%s/chat/completions", chat->url);
	return bench_run((const char *const[]){ "curl", "-sN", "-d", "{}", url, NULL }, NULL, 0);
}

/* What the run costs besides its tokens is taken off: a run with few of them. */
int main(void)
{
	struct chat many, few;
	struct bench_times run = { .n = 0 }, small = { .n = 0 }, curl = { .n = 0 };
	double many_us = 0, few_us = 0;
	char *tree = make_tree("many", TOKENS, &many);
	char *other = make_tree("few", 10, &few);
	chat_start(&few);
	chat_start(&many);
	for (int i = 0; i < RUNS; i++) {
		double at = child_cpu_us();
		bench_add(&small, run_belay(&few, other, "--json"));
		few_us += child_cpu_us() - at;
		at = child_cpu_us();
		bench_add(&run, run_belay(&many, tree, "--json"));
		many_us += child_cpu_us() - at;
		bench_add(&curl, run_curl(&many));
	}
	bench_print_times("stream_20000_tokens", &run);
	bench_print_times("stream_10_tokens", &small);
	bench_print_times("curl_20000_tokens", &curl);
	bench_print("stream_against_curl", (bench_median(&run) - bench_median(&small)) / bench_median(&curl), "times");
	bench_print("stream_cpu_per_token", (many_us - few_us) / RUNS / (TOKENS - 10), "us");
	free(tree);
	free(other);
	return 0;
}
