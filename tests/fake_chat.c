/*
 * The scripted server as a program, for tests from a shell: tests/fake_server.h says how scripts look.
 *
 *     tests/fake_chat SCRIPT [--port N] [--log FILE]
 *
 * Prints its base URL on stdout, then serves until its stdin ends or a signal comes; --log gets the requests, each
 * after a line "--- request N", when it ends. Start it with a fifo or a coprocess as stdin, so that it cannot outlive
 * the test.
 */
#include "tests/fake_server.h"

#include "base/buf.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t is_over;

static void end(int signal)
{
	(void)signal;
	is_over = 1;
}

static int read_file(const char *path, struct buf *out)
{
	FILE *file = fopen(path, "r");
	char chunk[4096];
	size_t n;
	if (!file)
		return -1;
	while ((n = fread(chunk, 1, sizeof chunk, file)))
		buf_add(out, chunk, n);
	return fclose(file);
}

static int write_log(struct fake_server *server, const char *path)
{
	FILE *file = fopen(path, "w");
	if (!file)
		return -1;
	for (size_t i = 0; i < fake_server_n_requests(server); i++)
		fprintf(file, "--- request %zu\n%s\n", i + 1, fake_server_request(server, i));
	return fclose(file);
}

int main(int argc, char **argv)
{
	struct fake_server *server = NULL;
	struct buf script = { 0 };
	struct err err = { 0 };
	const char *log = NULL;
	int port = 0;
	char byte;
	for (int i = 2; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "--port") == 0)
			port = atoi(argv[i + 1]);
		else if (strcmp(argv[i], "--log") == 0)
			log = argv[i + 1];
	}
	if (argc < 2 || argc % 2 || read_file(argv[1], &script) != 0) {
		fprintf(stderr, "usage: fake_chat SCRIPT [--port N] [--log FILE]\n");
		return 2;
	}
	struct sigaction action = { .sa_handler = end };
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	if (fake_server_start(&server, buf_str(&script), port, &err) != 0) {
		fprintf(stderr, "fake_chat: %s\n", err.msg);
		return 1;
	}
	puts(fake_server_url(server));
	fflush(stdout);
	while (!is_over && read(0, &byte, 1) > 0)
		;
	int rc = log ? write_log(server, log) : 0;
	fake_server_stop(server);
	buf_release(&script);
	return rc == 0 ? 0 : 1;
}
