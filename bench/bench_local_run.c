/*
 * A plan of ten local edits, run as a whole process in a git repository of 100 and of 10,000 files, all fsyncs
 * included; beside it what the disk's own fdatasync costs.
 */
#include "bench/bench.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define RUNS 11
#define STEPS 10

static const char *make_plan(const char *repo)
{
	static char path[4200];
	snprintf(path, sizeof path, "%s/plan.yaml", repo);
	FILE *file = fopen(path, "w");
	if (!file)
		bench_die(path);
	fputs("belay: 1\nname: ten\ngoal: ten local edits\nsteps:\n", file);
	for (int i = 0; i < STEPS; i++) {
		fprintf(file, "  - id: s%d\n", i);
		if (i)
			fprintf(file, "    needs: [s%d]\n", i - 1);
		fprintf(file, "    refactor: d0/f%d.c\n    rewrite: { match: \"value(:[a])\", replace: \"number(:[a])\" }\n", i);
	}
	if (fclose(file) != 0)
		bench_die(path);
	return path;
}

static void write_file(const char *path, int i)
{
	char text[256];
	int n = snprintf(text, sizeof text, "int f%d(void)\n{\n\treturn value(%d) + value(%d);\n}\n", i, i, i + 1);
	bench_write(path, text, (size_t)n);
}

static void git(const char *repo, const char *const *args)
{
	const char *argv[16] = { "git", "-c", "user.name=bench", "-c", "user.email=bench@localhost" };
	size_t n = 5;
	while (*args && n < 15)
		argv[n++] = *args++;
	bench_run(argv, repo, 0);
}

static char *make_repo(int n_files, int round)
{
	char name[64], path[4300];
	snprintf(name, sizeof name, "repo-%d-%d", n_files, round);
	char *repo = bench_path(name);
	mkdir(repo, 0755);
	for (int i = 0; i < n_files; i++) {
		snprintf(path, sizeof path, "%s/d%d", repo, i / 100);
		if (i % 100 == 0)
			mkdir(path, 0755);
		snprintf(path, sizeof path, "%s/d%d/f%d.c", repo, i / 100, i);
		write_file(path, i);
	}
	make_plan(repo);
	git(repo, (const char *const[]){ "init", "-q", NULL });
	git(repo, (const char *const[]){ "add", "-A", NULL });
	git(repo, (const char *const[]){ "commit", "-qm", "start", NULL });
	return repo;
}

static void undo_all(const char *repo)
{
	const char *const argv[] = { bench_belay(), "undo", "--all", "--yes=high", NULL };
	bench_run(argv, repo, 0);
}

static void time_runs(int n_files)
{
	struct bench_times run = { .n = 0 }, undo = { .n = 0 };
	char name[64];
	char *repo = make_repo(n_files, 0);
	for (int i = 0; i < RUNS; i++) {
		const char *const argv[] = { bench_belay(), "run", "--plain", "--yes=high", "plan.yaml", NULL };
		bench_add(&run, bench_run(argv, repo, 0));
		double from = bench_now_ms();
		undo_all(repo);
		bench_add(&undo, bench_now_ms() - from);
	}
	snprintf(name, sizeof name, "run_10_edits_in_%d_files", n_files);
	bench_print_times(name, &run);
	snprintf(name, sizeof name, "undo_10_edits_in_%d_files", n_files);
	bench_print_times(name, &undo);
	free(repo);
}

static void time_disk(void)
{
	struct bench_times times = { .n = 0 };
	char *path = bench_path("sync");
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0)
		bench_die(path);
	for (int i = 0; i < 100; i++) {
		double from = bench_now_ms();
		if (write(fd, "0123456789\n", 11) != 11 || fdatasync(fd) != 0)
			bench_die(path);
		bench_add(&times, bench_now_ms() - from);
	}
	close(fd);
	free(path);
	bench_print_times("disk_fdatasync", &times);
}

int main(void)
{
	time_disk();
	time_runs(100);
	time_runs(10000);
	return 0;
}
