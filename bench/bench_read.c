/*
 * 10,000 small files, read as a `read` step reads them: with one thread and with the pool, from the page cache and
 * from the disk, beside `cat` of the same files.
 */
#include "bench/bench.h"

#include "io/workspace.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define N_FILES 10000
#define FILE_BYTES 2000
#define RUNS 9

static void make_files(const char *root)
{
	char path[4300], text[FILE_BYTES];
	for (int i = 0; i < N_FILES; i++) {
		if (i % 100 == 0) {
			snprintf(path, sizeof path, "%s/d%02d", root, i / 100);
			mkdir(path, 0755);
		}
		memset(text, 'a' + i % 26, sizeof text);
		text[sizeof text - 1] = '\n';
		snprintf(path, sizeof path, "%s/d%02d/f%05d.txt", root, i / 100, i);
		bench_write(path, text, sizeof text);
	}
}

/* Drops the files from the page cache: the inodes and folders stay, which a user without root cannot drop. */
static void make_cold(const char *root, const struct strings *paths)
{
	char path[4300];
	for (size_t i = 0; i < paths->n_items; i++) {
		snprintf(path, sizeof path, "%s/%s", root, paths->item[i]);
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0 || posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED) != 0)
			bench_die(path);
		close(fd);
	}
}

static double read_all(const char *root, size_t n_threads, const struct strings *paths)
{
	struct workspace ws = { 0 };
	struct workspace_batch batch = { 0 };
	struct err err = { 0 };
	double from = bench_now_ms();
	if (workspace_open(&ws, root, n_threads, &err) != 0 ||
	    workspace_read(&ws, paths, 0, NULL, &batch, &err) != 0)
		bench_die(err.msg);
	double ms = bench_now_ms() - from;
	for (size_t i = 0; i < batch.n_files; i++)
		if (batch.file[i].err.code != ERR_NONE || batch.file[i].size != FILE_BYTES)
			bench_die("a file was not read whole");
	workspace_batch_release(&batch);
	workspace_close(&ws);
	return ms;
}

static double cat_all(const char *root)
{
	const char *const argv[] = { "sh", "-c", "find . -name '*.txt' -print0 | xargs -0 cat", NULL };
	return bench_run(argv, root, 0);
}

static void time_reads(const char *root, const struct strings *paths, bool cold)
{
	struct bench_times one = { .n = 0 }, pool = { .n = 0 }, cat = { .n = 0 };
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	size_t n_threads = cores > 2 ? (size_t)cores : 2;
	const char *how = cold ? "cold" : "warm";
	char name[64];
	for (int i = 0; i < RUNS; i++) {
		if (cold)
			make_cold(root, paths);
		bench_add(&one, read_all(root, 1, paths));
		if (cold)
			make_cold(root, paths);
		bench_add(&pool, read_all(root, n_threads, paths));
		if (cold)
			make_cold(root, paths);
		bench_add(&cat, cat_all(root));
	}
	snprintf(name, sizeof name, "read_10000_%s_one_thread", how);
	bench_print_times(name, &one);
	snprintf(name, sizeof name, "read_10000_%s_pool", how);
	bench_print_times(name, &pool);
	snprintf(name, sizeof name, "read_10000_%s_cat", how);
	bench_print_times(name, &cat);
	snprintf(name, sizeof name, "read_10000_%s_one_thread_over_pool", how);
	bench_print(name, bench_median(&one) / bench_median(&pool), "ratio");
	snprintf(name, sizeof name, "read_10000_%s_cat_over_pool", how);
	bench_print(name, bench_median(&cat) / bench_median(&pool), "ratio");
}

int main(void)
{
	struct workspace ws = { 0 };
	struct strings all = { 0 }, paths = { 0 };
	struct err err = { 0 };
	char *root = bench_path("files");
	mkdir(root, 0755);
	make_files(root);
	strings_add(&all, "**/*.txt");
	if (workspace_open(&ws, root, 2, &err) != 0 || workspace_expand(&ws, &all, false, &paths, &err) != 0)
		bench_die(err.msg);
	workspace_close(&ws);
	sync();
	time_reads(root, &paths, true);
	time_reads(root, &paths, false);
	strings_release(&all);
	strings_release(&paths);
	free(root);
	return 0;
}
