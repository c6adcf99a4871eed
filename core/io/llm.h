/*
 * Asking a model. The network thread (io/http.h) moves bytes; each caller blocks on its own queue, reads its stream
 * and keeps its own clocks. One table (struct llm_ops) per wire protocol, each in its own file.
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
	/* Called with the provider's key before it is used, so that it can be kept out of what is written; may be NULL. */
	void (*secret)(void *arg, const char *key);
};

enum llm_event_kind {
	LLM_PHASE,     /* text: "connecting", "waiting", "streaming"; limit_ms, try_no, tries */
	LLM_TEXT,
	LLM_REASONING,
	LLM_USAGE,     /* the four counts */
	LLM_RETRY,     /* delay_ms, try_no (the coming one), tries, status, text: the reason; what came so far is void */
};

/* Borrowed during the callback. */
struct llm_event {
	enum llm_event_kind kind;
	const char *text;
	size_t n;
	int64_t limit_ms, delay_ms, status, try_no, tries;
	int64_t tokens_in, tokens_out, tokens_cached, tokens_reasoning;
	const char *origin; /* with LLM_PHASE: as in struct llm_result, known before the answer begins */
};

enum llm_finish { LLM_STOP, LLM_LENGTH, LLM_REFUSAL };

struct llm_result {
	enum llm_finish finish;
	int64_t tokens_in, tokens_out, tokens_cached, tokens_reasoning;
	const char *origin; /* "written by hand" and the like for recorded answers, valid as long as the llm; NULL for servers */
	bool is_too_long;   /* llm_ask failed because the prompt does not fit: another try with less of it may do */
};

/* How long each phase of a try may take (llm.md, "Transport"); 0 is the default. */
struct llm_limits {
	int64_t connect_ms, connect_local_ms; /* "local": on loopback */
	int64_t first_ms, first_local_ms;     /* until the first text or reasoning */
	int64_t idle_ms;                      /* no byte, once text has come */
	int64_t pings_ms;                     /* bytes but no text */
};

struct tape;

/* What stands in the place of time, chance and servers; a zeroed struct is the real world. */
struct llm_options {
	struct llm_limits limits;
	uint64_t (*random)(void *arg);             /* any thread */
	int64_t (*pause)(void *arg, int64_t ms);   /* how long a pause of ms takes; any thread */
	int64_t (*wall_ms)(void *arg);
	void *arg;
	struct tape *tape; /* what servers answer is recorded, or comes from a recording (io/tape.h); borrowed; or NULL */
};

struct llm; /* the network thread; started by the first request to a server */

struct llm *llm_new(void);
struct llm *llm_new_with(const struct llm_options *options);
void llm_free(struct llm *llm); /* waits for the thread; accepts NULL */

/*
 * Asks and blocks until the answer is complete; events come on the calling thread. Retries by the rules of llm.md
 * ("Transport"): a retry after partial text restarts. Complete means that the protocol's terminator was seen. A server
 * that is not reached, is overloaded or cuts its stream is ERR_TRANSPORT (once the tries are used up), one that refuses
 * ERR_PROVIDER, a cancel ERR_CANCELLED, the end of timeout_ms ERR_LIMIT. Any thread, several at once.
 */
int llm_ask(struct llm *llm, const struct llm_request *request, void (*event)(void *arg, const struct llm_event *event),
            void *arg, const struct cancel *cancel, struct llm_result *out, struct err *err) MUST_CHECK;

/* Wakes waits of llm_ask after a cancel token was set, or (retry_now) cuts a backoff short. Any thread. */
void llm_wake(struct llm *llm, const struct cancel *cancel, bool retry_now);

/* About how many tokens a text has: by words and punctuation. */
int64_t llm_estimate_tokens(const char *text, size_t n);

#endif
