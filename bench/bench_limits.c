/*
 * The machine's own limits, beside which the other figures are to be read: a process that does nothing, a synced
 * append, a new name made durable, reading, copying, hashing, a pipe.
 */
#include "bench/bench.h"

#include "base/hash.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define RUNS 21
#define SYNCS 100
#define BIG_BYTES (64 * 1024 * 1024)
#define PIPE_WRITES 4096
#define PIPE_CHUNK 65536

static void time_process(void)
{
	static const char *const argv[] = { "true", NULL };
	struct bench_times times = { .n = 0 };
	for (int i = 0; i < RUNS; i++)
		bench_add(&times, bench_run(argv, NULL, 0));
	bench_print_times("limit_process", &times);
}

static void time_appends(void)
{
	struct bench_times times = { .n = 0 };
	char *path = bench_path("append");
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	for (int i = 0; i < SYNCS; i++) {
		double from = bench_now_ms();
		if (fd < 0 || write(fd, "0123456789\n", 11) != 11 || fdatasync(fd) != 0)
			bench_die(path);
		bench_add(&times, bench_now_ms() - from);
	}
	close(fd);
	free(path);
	bench_print_times("limit_synced_append", &times);
}

/* What a file costs that must be there after a power cut: its bytes and its folder are synced. */
static void time_new_files(void)
{
	struct bench_times times = { .n = 0 };
	char name[32];
	int folder = open(bench_scratch(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (int i = 0; i < SYNCS; i++) {
		snprintf(name, sizeof name, "new%d", i);
		double from = bench_now_ms();
		int fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (fd < 0 || write(fd, "text\n", 5) != 5 || fsync(fd) != 0 || close(fd) != 0 || fsync(folder) != 0)
			bench_die(name);
		bench_add(&times, bench_now_ms() - from);
	}
	close(folder);
	bench_print_times("limit_durable_file", &times);
}

static void print_rate(const char *name, double ms)
{
	bench_print(name, BIG_BYTES / 1e6 / (ms / 1e3), "MB/s");
}

static double read_whole(const char *path, char *data)
{
	double from = bench_now_ms();
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	for (size_t at = 0; at < BIG_BYTES;) {
		ssize_t n = fd < 0 ? -1 : read(fd, data + at, BIG_BYTES - at);
		if (n <= 0)
			bench_die(path);
		at += (size_t)n;
	}
	close(fd);
	return bench_now_ms() - from;
}

static void time_bytes(void)
{
	struct bench_times reading = { .n = 0 }, copying = { .n = 0 }, hashing = { .n = 0 };
	char *path = bench_path("big");
	char *data = malloc(BIG_BYTES), *copy = malloc(BIG_BYTES);
	struct hash hash;
	if (!data || !copy)
		bench_die("out of memory");
	for (size_t i = 0; i < BIG_BYTES; i++)
		data[i] = (char)(i * 2654435761u >> 24);
	bench_write(path, data, BIG_BYTES);
	for (int i = 0; i < 5; i++) {
		bench_add(&reading, read_whole(path, data));
		double from = bench_now_ms();
		memcpy(copy, data, BIG_BYTES);
		bench_add(&copying, bench_now_ms() - from);
		from = bench_now_ms();
		hash_data(&hash, copy, BIG_BYTES);
		bench_add(&hashing, bench_now_ms() - from);
	}
	print_rate("limit_read", bench_median(&reading));
	print_rate("limit_copy", bench_median(&copying));
	print_rate("limit_sha256", bench_median(&hashing));
	free(path);
	free(data);
	free(copy);
}

static void time_pipe(void)
{
	static char chunk[PIPE_CHUNK];
	int fd[2];
	int status;
	if (pipe(fd) != 0)
		bench_die("pipe");
	double from = bench_now_ms();
	pid_t pid = fork();
	if (pid < 0)
		bench_die("fork");
	if (pid == 0) {
		for (int i = 0; i < PIPE_WRITES; i++)
			if (write(fd[1], chunk, sizeof chunk) != (ssize_t)sizeof chunk)
				_exit(1);
		_exit(0);
	}
	close(fd[1]);
	while (read(fd[0], chunk, sizeof chunk) > 0)
		;
	close(fd[0]);
	if (waitpid(pid, &status, 0) != pid || status != 0)
		bench_die("the pipe broke");
	bench_print("limit_pipe", (double)PIPE_WRITES * PIPE_CHUNK / 1e6 / ((bench_now_ms() - from) / 1e3), "MB/s");
}

int main(void)
{
	bench_scratch();
	time_process();
	time_appends();
	time_new_files();
	time_bytes();
	time_pipe();
	return 0;
}
