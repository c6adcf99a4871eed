/*
 * The screen under load: eight steps stream 1,000 tokens a second each into the terminal UI, and keys are pressed
 * meanwhile. From the key until the terminal has its answer (help opens, Esc closes it); the bytes and the processor time
 * that a token costs at 100 tokens a second; and 20,000 tokens at once, from exec until the screen says that all is done.
 */
#include "bench/bench.h"

#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define STREAMS 8
#define KEYS 60
#define PATIENCE_MS 20000
#define SLOW_RATE 100
#define SLOW_MS 8000
#define AT_ONCE 20000

struct terminal {
	pid_t pid;
	int fd;
	char seen[1 << 20]; /* since the last mark */
	size_t n_seen;
	size_t n_bytes;
};

static char *make_file(const char *dir, const char *name)
{
	char *path = NULL;
	if (asprintf(&path, "%s/%s", dir, name) < 0)
		bench_die("out of memory");
	return path;
}

/* Each step answers with so many words, at a pace; 0: at once. Written by hand, as the lines say. */
static void make_run(const char *dir, int n_steps, int n_tokens, int rate)
{
	char *plan = make_file(dir, "plan.yaml");
	char *answers = make_file(dir, "answers.jsonl");
	FILE *p = fopen(plan, "w");
	FILE *a = fopen(answers, "w");
	if (!p || !a)
		bench_die(plan);
	fputs("belay: 1\nname: load\ngoal: stream\npolicy: { confirm: never }\nsteps:\n", p);
	for (int i = 0; i < n_steps; i++) {
		fprintf(p, "  - id: s%d\n    write: out%d.txt\n    prompt: many words\n", i, i);
		fprintf(a, "{\"step\": \"s%d\", \"attempt\": 1, \"origin\": \"written by hand\", ", i);
		if (rate)
			fprintf(a, "\"tokens_per_second\": %d, ", rate);
		fputs("\"text\": \"", a);
		for (int t = 0; t < n_tokens; t++)
			fputs(t % 12 == 11 ? "word.\\n" : "word ", a);
		fprintf(a, "\\n\\nout%d.txt\\n```\\ntext\\n```\\n\"}\n", i);
	}
	if (fclose(p) != 0 || fclose(a) != 0)
		bench_die(plan);
	free(plan);
	free(answers);
}

static void start(struct terminal *terminal, const char *dir)
{
	struct winsize size = { .ws_row = 24, .ws_col = 80 };
	const char *belay = bench_belay();
	char file[600];
	snprintf(file, sizeof file, "providers.sample.file=%s/answers.jsonl", dir);
	terminal->n_seen = terminal->n_bytes = 0;
	terminal->pid = forkpty(&terminal->fd, NULL, NULL, &size);
	if (terminal->pid < 0)
		bench_die("forkpty");
	if (terminal->pid > 0)
		return;
	setenv("TERM", "xterm-256color", 1);
	setenv("XDG_CACHE_HOME", dir, 1);
	if (chdir(dir) != 0)
		_exit(126);
	execl(belay, "belay", "-c", "providers.sample.kind=recorded", "-c", file, "run", "plan.yaml", "-j", "8", (char *)NULL);
	_exit(127);
}

/* Reads until the text was seen since the mark, or for so long. */
static bool listen_for(struct terminal *terminal, const char *text, double most_ms)
{
	struct pollfd ready = { .fd = terminal->fd, .events = POLLIN };
	double until = bench_now_ms() + most_ms;
	for (double now = bench_now_ms(); now < until; now = bench_now_ms()) {
		if (text && memmem(terminal->seen, terminal->n_seen, text, strlen(text)))
			return true;
		if (poll(&ready, 1, (int)(until - now) + 1) <= 0)
			break;
		if (terminal->n_seen > sizeof terminal->seen / 2) { /* keep the end: a text may be cut in two */
			memmove(terminal->seen, terminal->seen + terminal->n_seen - 256, 256);
			terminal->n_seen = 256;
		}
		ssize_t n = read(terminal->fd, terminal->seen + terminal->n_seen, sizeof terminal->seen - terminal->n_seen);
		if (n <= 0)
			break;
		terminal->n_seen += (size_t)n;
		terminal->n_bytes += (size_t)n;
	}
	return text && memmem(terminal->seen, terminal->n_seen, text, strlen(text));
}

static double press(struct terminal *terminal, const char *key, const char *answer)
{
	terminal->n_seen = 0;
	double from = bench_now_ms();
	if (write(terminal->fd, key, strlen(key)) < 0 || !listen_for(terminal, answer, PATIENCE_MS))
		bench_die("a key had no answer");
	return bench_now_ms() - from;
}

static void stop(struct terminal *terminal)
{
	int status;
	kill(terminal->pid, SIGTERM);
	listen_for(terminal, NULL, 500);
	kill(terminal->pid, SIGKILL);
	waitpid(terminal->pid, &status, 0);
	close(terminal->fd);
}

static double cpu_ms(pid_t pid)
{
	char path[64];
	unsigned long user, system;
	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	FILE *in = fopen(path, "r");
	if (!in || fscanf(in, "%*d %*s %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2)
		bench_die(path);
	fclose(in);
	return (double)(user + system) * 1000.0 / (double)sysconf(_SC_CLK_TCK);
}

static int by_size(const void *a, const void *b)
{
	double left = *(const double *)a;
	double right = *(const double *)b;
	return left < right ? -1 : left > right;
}

static void print_keys(const char *name, double *ms, size_t n)
{
	char line[64];
	qsort(ms, n, sizeof *ms, by_size);
	snprintf(line, sizeof line, "%s_median", name);
	bench_print(line, ms[n / 2], "ms");
	snprintf(line, sizeof line, "%s_p99", name);
	bench_print(line, ms[n * 99 / 100], "ms");
}

static char *make_repo(const char *name, int n_steps, int n_tokens, int rate)
{
	char *dir = bench_path(name);
	mkdir(dir, 0755);
	make_run(dir, n_steps, n_tokens, rate);
	return dir;
}

static void measure_keys(struct terminal *terminal)
{
	static double help[KEYS], esc[KEYS];
	char *dir = make_repo("keys", STREAMS, 60000, 1000);
	start(terminal, dir);
	if (!listen_for(terminal, "tok/s", PATIENCE_MS))
		bench_die("nothing streams");
	for (int i = 0; i < KEYS; i++) {
		help[i] = press(terminal, "?", "Help");
		esc[i] = press(terminal, "\033", "Plan");
		listen_for(terminal, NULL, 7 * (i % 9)); /* not in step with the frames */
	}
	print_keys("key_to_paint", help, KEYS);
	print_keys("esc_to_paint", esc, KEYS);
	stop(terminal);
	free(dir);
}

static void measure_pace(struct terminal *terminal)
{
	char *dir = make_repo("pace", 1, 20000, SLOW_RATE);
	start(terminal, dir);
	if (!listen_for(terminal, "tok/s", PATIENCE_MS))
		bench_die("nothing streams");
	double from = cpu_ms(terminal->pid);
	terminal->n_bytes = 0;
	listen_for(terminal, NULL, SLOW_MS);
	bench_print("pace_cpu", (cpu_ms(terminal->pid) - from) / SLOW_MS * 100, "percent");
	bench_print("pace_bytes_per_token", (double)terminal->n_bytes / (SLOW_RATE * SLOW_MS / 1000.0), "bytes");
	stop(terminal);
	free(dir);
}

static void measure_at_once(struct terminal *terminal)
{
	struct bench_times times = { 0 };
	for (int i = 0; i < 5; i++) {
		char name[16];
		snprintf(name, sizeof name, "once%d", i);
		char *dir = make_repo(name, 1, AT_ONCE, 0);
		double from = bench_now_ms();
		start(terminal, dir);
		if (!listen_for(terminal, "DONE", PATIENCE_MS))
			bench_die("the run did not end");
		bench_add(&times, bench_now_ms() - from);
		stop(terminal);
		free(dir);
	}
	bench_print_times("screen_20000_tokens", &times);
}

int main(void)
{
	static struct terminal terminal;
	measure_keys(&terminal);
	measure_pace(&terminal);
	measure_at_once(&terminal);
	return 0;
}
