/*
 * The price of the way back: what landing a step of ten files adds to plain writes, taking a thousand files back, looking
 * for what a crash left, an undo beside `git stash`, and what a file of BENCH_BIG_MIB (1024) costs in memory and room.
 */
#include "bench/bench.h"

#include "base/clock.h"
#include "base/xalloc.h"
#include "io/journal.h"
#include "run/land.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RUNS 15
#define N_FILES 10
#define FILE_SIZE 8192
#define N_MANY 1000

static void check(int rc, const struct err *err)
{
	if (rc != 0)
		bench_die(err->msg);
}

/* ---- one landing ---- */

struct bench_tree {
	struct root root;
	struct journal *journal;
	struct store *store;
	struct lander lander;
};

static int record(void *arg, struct event *event, bool durable, struct err *err)
{
	struct bench_tree *tree = arg;
	event->seq = journal_next_seq(tree->journal);
	event->at_ms = clock_wall_ms();
	event->run = "0badc0de";
	if (journal_append(tree->journal, event, err) != 0)
		return -1;
	return durable ? journal_sync(tree->journal, err) : 0;
}

static uint64_t next_seq(void *arg)
{
	struct bench_tree *tree = arg;
	return journal_next_seq(tree->journal);
}

static char *text_of(int round, int i)
{
	char *text = xmalloc(FILE_SIZE + 1);
	memset(text, '\n', FILE_SIZE);
	for (int at = 0; at < FILE_SIZE; at += 32)
		snprintf(text + at, 33, "line %08d of %06u in %04u\n", at, (unsigned)i % 1000000, (unsigned)round % 10000);
	return text;
}

static void fill(struct changeset *set, const struct root *root, const char *dir, int round)
{
	struct err err;
	for (int i = 0; i < N_FILES; i++) {
		char path[64];
		snprintf(path, sizeof path, "f%d.txt", i);
		struct change *change = changeset_add(set, path);
		check(file_image(root, path, dir, &change->before, &err), &err);
		image_take_file(&change->after, text_of(round, i), FILE_SIZE, 0644);
	}
}

static double write_plainly(const char *dir, int round)
{
	double from = bench_now_ms();
	for (int i = 0; i < N_FILES; i++) {
		char path[4300];
		char *text = text_of(round, i);
		snprintf(path, sizeof path, "%s/f%d.txt", dir, i);
		bench_write(path, text, FILE_SIZE);
		free(text);
	}
	return bench_now_ms() - from;
}

static void time_landing(void)
{
	struct bench_times land = { .n = 0 }, plain = { .n = 0 }, added = { .n = 0 }, sync = { .n = 0 };
	struct bench_tree tree = { .journal = NULL };
	struct err err = { 0 };
	char *dir = bench_path("ten");
	char *state = bench_path("ten-state");
	char *file = bench_path("ten-state/journal.jsonl");
	if (mkdir(dir, 0755) != 0 || mkdir(state, 0700) != 0)
		bench_die(dir);
	write_plainly(dir, 0);
	check(root_open(&tree.root, dir, &err), &err);
	check(journal_open(&tree.journal, file, &err), &err);
	check(store_open(&tree.store, state, &err), &err);
	tree.lander = (struct lander){ .root = &tree.root, .store = tree.store, .record = record, .next_seq = next_seq, .arg = &tree };
	for (int round = 1; round <= RUNS; round++) {
		struct changeset set = { 0 };
		fill(&set, &tree.root, state, 2 * round);
		double from = bench_now_ms();
		check(land_apply(&tree.lander, "step", 1, &set, &err), &err);
		double took = bench_now_ms() - from;
		double beside = write_plainly(dir, 2 * round + 1);
		int fd = open(file, O_WRONLY | O_CLOEXEC);
		from = bench_now_ms();
		if (pwrite(fd, "{", 1, 0) != 1 || fdatasync(fd) != 0)
			bench_die(file);
		bench_add(&sync, bench_now_ms() - from);
		close(fd);
		bench_add(&land, took);
		bench_add(&plain, beside);
		bench_add(&added, took - beside);
		changeset_release(&set);
	}
	bench_print_times("land_10_files", &land);
	bench_print_times("plain_writes_of_10_files", &plain);
	bench_print_times("land_10_files_added", &added);
	bench_print_times("land_disk_fdatasync", &sync);
	bench_print("land_10_files_in_fdatasyncs", bench_median(&added) / bench_median(&sync), "ratio");
	store_close(tree.store);
	journal_close(tree.journal);
	root_close(&tree.root);
	free(file);
	free(state);
	free(dir);
}

/* ---- whole runs ---- */

static void run_in(const char *repo, const char *const *argv, struct bench_cost *cost)
{
	*cost = bench_measure(argv, repo, 0);
}

static void git(const char *repo, const char *const *args)
{
	const char *argv[16] = { "git", "-c", "user.name=bench", "-c", "user.email=bench@localhost" };
	size_t n = 5;
	while (*args && n < 15)
		argv[n++] = *args++;
	bench_run(argv, repo, 0);
}

static char *make_repo(const char *name, int n_files, int n_changed)
{
	char path[4300];
	char *repo = bench_path(name);
	mkdir(repo, 0755);
	for (int i = 0; i < n_files; i++) {
		char *text = text_of(0, i);
		snprintf(path, sizeof path, "%s/d%d", repo, i / 100);
		if (i % 100 == 0)
			mkdir(path, 0755);
		snprintf(path, sizeof path, "%s/d%d/f%d.%s", repo, i / 100, i, i < n_changed ? "txt" : "c");
		bench_write(path, text, FILE_SIZE);
		free(text);
	}
	static const char plan[] = "belay: 1\nsteps:\n  - id: all\n    refactor: \"**/*.txt\"\n"
		"    rewrite: { match: \"line 00000032\", replace: \"row! 00000032\" }\n";
	snprintf(path, sizeof path, "%s/plan.yaml", repo);
	bench_write(path, plan, sizeof plan - 1);
	git(repo, (const char *const[]){ "init", "-q", NULL });
	git(repo, (const char *const[]){ "add", "-A", NULL });
	git(repo, (const char *const[]){ "commit", "-qm", "start", NULL });
	return repo;
}

static const char *const *argv_of(const char *verb)
{
	static const char *argv[8];
	size_t n = 0;
	argv[n++] = bench_belay();
	argv[n++] = verb;
	if (strcmp(verb, "run") == 0) {
		argv[n++] = "--plain";
		argv[n++] = "--trust";
	} else {
		argv[n++] = "--all";
	}
	argv[n++] = "--yes=high";
	if (strcmp(verb, "run") == 0)
		argv[n++] = "plan.yaml";
	argv[n] = NULL;
	return argv;
}

/* Bytes that the files below a folder take on the disk. */
static double room_below(const char *dir)
{
	double sum = 0;
	struct dirent *entry;
	DIR *folder = opendir(dir);
	while (folder && (entry = readdir(folder))) {
		char path[4300];
		struct stat st;
		snprintf(path, sizeof path, "%s/%s", dir, entry->d_name);
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 || lstat(path, &st) != 0)
			continue;
		sum += S_ISDIR(st.st_mode) ? room_below(path) : (double)st.st_size;
	}
	if (folder)
		closedir(folder);
	return sum;
}

static double state_room(void)
{
	const char *state = getenv("XDG_STATE_HOME");
	char path[4200];
	snprintf(path, sizeof path, "%s/belay/repos", state ? state : "");
	return room_below(path);
}

static void time_many(void)
{
	struct bench_cost cost;
	struct bench_times undo = { .n = 0 }, scan = { .n = 0 };
	char *repo = make_repo("many", N_MANY, N_MANY);
	for (int i = 0; i < 5; i++) {
		double before = state_room();
		run_in(repo, argv_of("run"), &cost);
		if (i == 0)
			bench_print("state_of_1000_files", (state_room() - before) / (2.0 * N_MANY * FILE_SIZE), "ratio");
		run_in(repo, argv_of("undo"), &cost);
		bench_add(&undo, cost.wall_ms);
	}
	bench_print_times("undo_1000_files", &undo);
	for (int i = 0; i < RUNS; i++) {
		run_in(repo, (const char *const[]){ bench_belay(), "undo", "--preview", NULL }, &cost);
		bench_add(&scan, cost.wall_ms);
	}
	bench_print_times("recovery_scan", &scan);
	free(repo);
}

static void time_beside_stash(void)
{
	struct bench_cost cost;
	struct bench_times undo = { .n = 0 }, stash = { .n = 0 };
	char *repo = make_repo("stash", 10000, N_FILES);
	for (int i = 0; i < RUNS; i++) {
		run_in(repo, argv_of("run"), &cost);
		run_in(repo, argv_of("undo"), &cost);
		bench_add(&undo, cost.wall_ms);
		run_in(repo, argv_of("run"), &cost);
		double from = bench_now_ms();
		git(repo, (const char *const[]){ "stash", "-q", NULL });
		bench_add(&stash, bench_now_ms() - from);
	}
	bench_print_times("undo_in_10000_files", &undo);
	bench_print_times("git_stash_in_10000_files", &stash);
	bench_print("undo_beside_git_stash", bench_median(&undo) / bench_median(&stash), "ratio");
	free(repo);
}

static void measure_big(void)
{
	static char chunk[1 << 20];
	static const char plan[] = "belay: 1\nsteps:\n  - { id: big, delete: big.bin }\n";
	const char *wanted = getenv("BENCH_BIG_MIB");
	int mib = wanted ? atoi(wanted) : 1024;
	struct bench_cost cost;
	char *repo = make_repo("big", 10, 1);
	char path[4300];
	snprintf(path, sizeof path, "%s/plan.yaml", repo);
	bench_write(path, plan, sizeof plan - 1);
	snprintf(path, sizeof path, "%s/big.bin", repo);
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	for (int i = 0; i < mib; i++) {
		for (size_t at = 0; at < sizeof chunk; at += 64)
			snprintf(chunk + at, 64, "%d %zu", i, at);
		if (write(fd, chunk, sizeof chunk) != (ssize_t)sizeof chunk)
			bench_die(path);
	}
	close(fd);
	double before = state_room();
	run_in(repo, argv_of("run"), &cost);
	bench_print("big_file", mib, "MiB");
	bench_print("big_file_run", cost.wall_ms, "ms");
	bench_print("big_file_run_memory", cost.max_mib, "MiB");
	bench_print("big_file_state", (state_room() - before) / (1048576.0 * mib), "ratio");
	run_in(repo, argv_of("undo"), &cost);
	bench_print("big_file_undo", cost.wall_ms, "ms");
	bench_print("big_file_undo_memory", cost.max_mib, "MiB");
	unlink(path);
	free(repo);
}

int main(void)
{
	time_landing();
	time_many();
	time_beside_stash();
	measure_big();
	return 0;
}
