/* A server of models for benchmarks: a child process on loopback that answers each request with the same bytes. */
#ifndef BELAY_BENCH_CHAT_H
#define BELAY_BENCH_CHAT_H

#include <stddef.h>

/*
 * Starts it, to be killed at exit; the answer is a stream of `n_tokens` words in the form of chat/completions, as a
 * whole file `path`. With `stalls` it keeps still after the last word, and each time a client goes it writes a line to
 * the descriptor that *gone gets.
 */
struct chat {
	const char *path;
	size_t n_tokens;
	int stalls;
	int gone;      /* out: of a pipe; -1 without `stalls` */
	char url[64];  /* out: "http://127.0.0.1:PORT/v1" */
};

void chat_start(struct chat *chat);

/* "-c" words that make it belay's provider, and then `more`; argv has room for 32. */
void chat_argv(const struct chat *chat, const char **argv, const char *const *more);

#endif
