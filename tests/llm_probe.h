/* Asks a scripted server once, and keeps all that is heard: what the tests of protocols look at. */
#ifndef BELAY_TESTS_LLM_PROBE_H
#define BELAY_TESTS_LLM_PROBE_H

#include "base/buf.h"
#include "io/llm.h"
#include "tests/fake_server.h"

#define PROBE_MAX_RETRIES 16

struct probe {
	/* Set before probe_ask; all have sensible values when zero. */
	enum provider_kind kind;
	const char *key_env;
	int64_t tries, max_tokens, tokens_estimated, timeout_ms;
	bool has_temperature;
	double temperature;
	struct llm_limits limits;
	bool real_pauses;          /* else pauses are counted, not waited for */
	int64_t wall_ms;           /* 0: the real one */
	uint64_t random;
	int questions;             /* asks so many times, of one llm; 0: once */
	size_t cancel_after;       /* pieces of text; 0: never */
	bool cancel_on_retry, retry_now;

	/* What was heard. */
	int rc;
	struct err err;
	struct llm_result result;
	struct buf text, reasoning, phases, reasons;
	size_t n_pieces, n_retries, n_usages;
	int64_t delay_ms[PROBE_MAX_RETRIES], status[PROBE_MAX_RETRIES], paused_ms[PROBE_MAX_RETRIES];
	size_t n_pauses;
	int64_t took_ms;
	char *request;             /* the first one, head and body; owned */
	size_t n_requests;

	struct llm *llm;
	struct cancel cancel;
};

/* Starts a server with the script, asks it, stops it. rc, err and the rest say what came of it. */
void probe_ask(struct probe *probe, const char *script);
/* The same, of a server that is there already. */
void probe_ask_url(struct probe *probe, const char *url);
void probe_release(struct probe *probe);

#endif
