/* How long a cancelled request keeps its server: from the signal to the moment at which the server sees the client go. */
#include "bench/bench.h"
#include "bench/chat.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define RUNS 9

/* Starts belay, and waits until it has said that text comes in. */
static pid_t start(const char *const *argv, const char *tree)
{
	int fd[2];
	char line[1 << 16];
	if (pipe(fd) != 0)
		bench_die("pipe");
	pid_t pid = fork();
	if (pid < 0)
		bench_die("fork");
	if (pid == 0) {
		dup2(fd[1], 1);
		dup2(open("/dev/null", O_RDWR), 2);
		if (chdir(tree) != 0)
			_exit(126);
		execvp(argv[0], (char *const *)argv);
		_exit(127);
	}
	close(fd[1]);
	FILE *out = fdopen(fd[0], "r");
	while (out && fgets(line, sizeof line, out))
		if (strstr(line, "\"type\":\"output\"") || strstr(line, "\"streaming\""))
			return pid; /* the descriptor stays open, so that belay is not told that nobody reads */
	bench_die("belay said nothing of a stream");
}

int main(void)
{
	static const char plan[] = "belay: 1\nsteps:\n  - { id: a, write: out.txt, prompt: Words. }\n";
	struct chat chat = { .path = "out.txt", .n_tokens = 50, .stalls = 1 };
	struct bench_times times = { .n = 0 };
	const char *argv[32];
	char path[4300], byte;
	char *tree = bench_path("tree");
	mkdir(tree, 0755);
	snprintf(path, sizeof path, "%s/plan.yaml", tree);
	bench_write(path, plan, strlen(plan));
	chat_start(&chat);
	chat_argv(&chat, argv, (const char *const[]){ "run", "--json", "--yes=high", "--cache=off", "plan.yaml", NULL });
	for (int i = 0; i < RUNS; i++) {
		pid_t pid = start(argv, tree);
		double from = bench_now_ms();
		kill(pid, SIGINT);
		if (read(chat.gone, &byte, 1) != 1)
			bench_die("the server is gone");
		bench_add(&times, bench_now_ms() - from);
		waitpid(pid, NULL, 0);
	}
	bench_print_times("cancel_to_closed_socket", &times);
	free(tree);
	return 0;
}
