/*
 * Asking a model. One network thread per process owns the curl multi handle and the stream parsers; callers block on
 * their own queue of llm_events. One table (struct llm_ops) per wire protocol, each in its own file.
 */
#ifndef BELAY_IO_LLM_H
#define BELAY_IO_LLM_H

#include "base/attr.h"
#include "base/err.h"
#include "base/thread.h"
#include "io/config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct llm_message {
	const char *role; /* "system", "user", "assistant" */
	const char *text;
};

struct llm_request {
	const struct provider *provider;
	const char *model;        /* "" is the provider's own */
	const struct llm_message *message;
	size_t n_messages;
	double temperature;
	bool has_temperature;
	int64_t max_tokens;       /* 0: the model's own */
	int64_t tokens_estimated;
	int64_t timeout_ms;       /* total, over all tries; 0: none */
	const char *step;         /* recorded answers are matched by step and attempt */
	int attempt;
	int64_t tries, first_ms, max_ms; /* of the plan's retry */
};

enum llm_event_kind {
	LLM_PHASE,     /* text: "connecting", "waiting", "streaming"; limit_ms, try_no, tries */
	LLM_TEXT,
	LLM_REASONING,
	LLM_USAGE,     /* the four counts */
	LLM_RETRY,     /* delay_ms, try_no, tries, status, text: the reason; what came so far is void */
};

/* Borrowed during the callback. */
struct llm_event {
	enum llm_event_kind kind;
	const char *text;
	size_t n;
	int64_t limit_ms, delay_ms, status, try_no, tries;
	int64_t tokens_in, tokens_out, tokens_cached, tokens_reasoning;
};

enum llm_finish { LLM_STOP, LLM_LENGTH, LLM_REFUSAL };

struct llm_result {
	enum llm_finish finish;
	int64_t tokens_in, tokens_out, tokens_cached, tokens_reasoning;
	const char *origin; /* static or of the provider: "written by hand" for recorded answers; NULL for servers */
};

struct llm; /* the network thread; started by the first request */

struct llm *llm_new(void);
void llm_free(struct llm *llm); /* waits for the thread; accepts NULL */

/*
 * Asks and blocks until the answer is complete; events come on the calling thread. Retries by the rules of llm.md
 * ("Transport"): a retry after partial text restarts. Complete means that the protocol's terminator was seen; a cut
 * stream is ERR_TRANSPORT, a refusal of the server ERR_PROVIDER, a cancel ERR_CANCELLED. Any thread, several at
 * once.
 */
int llm_ask(struct llm *llm, const struct llm_request *request, void (*event)(void *arg, const struct llm_event *event),
            void *arg, const struct cancel *cancel, struct llm_result *out, struct err *err) MUST_CHECK;

/* Wakes waits of llm_ask after a cancel token was set, or (retry_now) cuts a backoff short. Any thread. */
void llm_wake(struct llm *llm, const struct cancel *cancel, bool retry_now);

/* About how many tokens a text has: by words and punctuation. */
int64_t llm_estimate_tokens(const char *text, size_t n);

#endif
