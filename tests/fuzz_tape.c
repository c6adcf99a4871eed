/*
 * Recordings of servers (`belay run --record`), as files that come from elsewhere: one that cannot be read is refused
 * with words, and what one that can be read plays is an answer with text, or an error with words.
 */
#include "io/llm.h"
#include "io/tape.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void hear(void *arg, const struct llm_event *event)
{
	size_t *n = arg;
	if (event->kind == LLM_TEXT)
		*n += event->n;
	else if (event->kind == LLM_RETRY)
		*n = 0;
}

/* The question that the corpus was recorded with, in each protocol. */
static void ask(struct llm *llm, enum provider_kind kind)
{
	struct provider provider = {
		.name = (char *)"local", .kind = kind, .url = (char *)"http://127.0.0.1:1/v1", .model = (char *)"m",
		.key_env = (char *)"", .key_file = (char *)"", .key_command = (char *)"",
	};
	const struct llm_message message = { "user", "hello" };
	const struct llm_request request = {
		.provider = &provider, .model = "", .message = &message, .n_messages = 1, .step = "s", .attempt = 1, .tries = 3,
		.first_ms = 1, .max_ms = 1,
	};
	struct llm_result result;
	struct err err = { 0 };
	size_t n_text = 0;
	int rc = llm_ask(llm, &request, hear, &n_text, NULL, &result, &err);
	check(rc == 0 || err.msg[0]);
	check(rc != 0 || n_text > 0 || result.finish != LLM_STOP);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[40];
	struct tape *tape = NULL;
	struct err err = { 0 };
	int fd = memfd_create("tape", MFD_CLOEXEC);
	check(fd >= 0 && size < 1 << 20 && write(fd, data, size) == (ssize_t)size);
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if (tape_play(&tape, path, &err) != 0) {
		check(err.msg[0] != '\0');
	} else {
		struct llm *llm = llm_new_with(&(struct llm_options){ .tape = tape });
		for (int kind = 0; kind < PROVIDER_RECORDED; kind++)
			ask(llm, (enum provider_kind)kind);
		llm_free(llm);
		tape_free(tape);
	}
	close(fd);
	return 0;
}
