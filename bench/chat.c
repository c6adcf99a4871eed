#include "bench/chat.h"

#include "bench/bench.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

struct text {
	char *data;
	size_t n, cap;
};

static pid_t child;

static void end_child(void)
{
	if (child > 0)
		kill(child, SIGTERM);
}

static void add(struct text *text, const char *s)
{
	size_t n = strlen(s);
	while (text->n + n + 1 > text->cap) {
		text->cap = text->cap ? text->cap * 2 : 65536;
		text->data = realloc(text->data, text->cap);
		if (!text->data)
			bench_die("out of memory");
	}
	memcpy(text->data + text->n, s, n + 1);
	text->n += n;
}

static void add_token(struct text *text, const char *token)
{
	add(text, "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"");
	add(text, token);
	add(text, "\"}}]}\n\n");
}

static void make_answer(struct text *text, const struct chat *chat)
{
	char head[256];
	snprintf(head, sizeof head, "FILE 0123456789ab %s\\n", chat->path);
	add(text, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n");
	add_token(text, head);
	for (size_t i = 0; i < chat->n_tokens; i++)
		add_token(text, i % 8 == 7 ? "word\\n" : "word ");
	if (chat->stalls)
		return;
	add_token(text, "\\nEND 0123456789ab\\n");
	add(text, "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n");
}

/* A request to the end of its body, as its length says. */
static void read_request(int fd)
{
	char data[65536];
	size_t n = 0;
	for (;;) {
		ssize_t got = recv(fd, data + n, sizeof data - 1 - n, 0);
		if (got <= 0)
			return;
		n += (size_t)got;
		data[n] = '\0';
		const char *body = strstr(data, "\r\n\r\n");
		const char *length = strcasestr(data, "content-length:");
		if (body && n >= (size_t)(body + 4 - data) + (length && length < body ? strtoul(length + 15, NULL, 10) : 0))
			return;
	}
}

static void serve(int listener, const struct text *answer, const struct chat *chat, int gone)
{
	for (;;) {
		char byte;
		int fd = accept(listener, NULL, NULL);
		if (fd < 0)
			continue;
		read_request(fd);
		for (size_t at = 0; at < answer->n;) {
			ssize_t n = send(fd, answer->data + at, answer->n - at, MSG_NOSIGNAL);
			if (n <= 0)
				break;
			at += (size_t)n;
		}
		if (chat->stalls) {
			while (recv(fd, &byte, 1, 0) > 0)
				;
			if (write(gone, "\n", 1) != 1)
				_exit(1);
		}
		close(fd);
	}
}

void chat_start(struct chat *chat)
{
	struct text answer = { 0 };
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof address;
	int pipe_fd[2];
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	make_answer(&answer, chat);
	if (listener < 0 || bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 16) != 0 ||
	    getsockname(listener, (struct sockaddr *)&address, &size) != 0 || pipe(pipe_fd) != 0)
		bench_die("cannot start a server");
	snprintf(chat->url, sizeof chat->url, "http://127.0.0.1:%d/v1", ntohs(address.sin_port));
	child = fork();
	if (child < 0)
		bench_die("fork");
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		serve(listener, &answer, chat, pipe_fd[1]);
	}
	atexit(end_child);
	close(listener);
	close(pipe_fd[1]);
	chat->gone = pipe_fd[0];
	free(answer.data);
}

void chat_argv(const struct chat *chat, const char **argv, const char *const *more)
{
	static char url[128];
	size_t n = 0;
	snprintf(url, sizeof url, "providers.bench.url=%s", chat->url);
	const char *const first[] = { bench_belay(), "-c", "providers.bench.kind=openai-chat", "-c", url, "-c",
		                      "providers.bench.model=bench" };
	for (size_t i = 0; i < sizeof first / sizeof *first; i++)
		argv[n++] = first[i];
	while (*more && n < 31)
		argv[n++] = *more++;
	argv[n] = NULL;
}
