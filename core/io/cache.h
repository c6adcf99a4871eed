/*
 * Finished answers of models, kept in $XDG_CACHE_HOME/belay/answers: one file an answer, named by the key, a line of
 * JSON (form, size, SHA-256, counts) and then the text. Only what parsed and passed its checks is to be put here. A
 * file that does not match its own line is a miss, and is removed. Any thread, any number of processes.
 */
#ifndef BELAY_IO_CACHE_H
#define BELAY_IO_CACHE_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "io/llm.h"

#include <stdbool.h>
#include <stdint.h>

#define CACHE_MAX_BYTES (256 * 1024 * 1024)
#define CACHE_MAX_AGE_MS (30LL * 24 * 60 * 60 * 1000)

struct cache_answer {
	struct buf text; /* owned */
	int64_t tokens_in, tokens_out, tokens_cached, tokens_reasoning;
	char *model;     /* that gave it, which need not be the one that was asked first; owned; NULL: not known */
};

/*
 * The key: SHA-256 of the canonical JSON of all that shapes the answer: protocol, base URL, model, messages,
 * parameters, the form asked for and the attempt. Never keys, ids or times. Requests with different answers differ in
 * it; equal requests give equal keys on every machine.
 */
void cache_key(const struct llm_request *request, const char *model, const char *format, char out[HASH_HEX_SIZE]);

/* May an answer to this request be used again without being asked for: the temperature is not above 0. */
bool cache_is_repeatable(const struct llm_request *request);

/* 1 and the answer (release it), 0 when there is none, -1 when the cache cannot be read at all. */
int cache_get(const char key[HASH_HEX_SIZE], struct cache_answer *out, struct err *err) MUST_CHECK;
int cache_put(const char key[HASH_HEX_SIZE], const struct cache_answer *answer, struct err *err) MUST_CHECK;
void cache_answer_release(struct cache_answer *answer);

/* Removes what is older than max_age_ms, then the oldest until max_bytes are left. Touches nothing but answers. */
int cache_sweep(int64_t max_bytes, int64_t max_age_ms, int64_t now_ms, struct err *err) MUST_CHECK;

#endif
