/*
 * How fast tries follow each other: the delay before one try (exponential backoff with full jitter), and a token
 * bucket over all retries of the process, so that a parallel plan does not storm a server that is down. Pure: time and
 * chance are given.
 */
#ifndef BELAY_IO_LLM_PACE_H
#define BELAY_IO_LLM_PACE_H

#include <stdint.h>

#define LLM_PACE_BURST 8        /* retries at once */
#define LLM_PACE_REFILL_MS 500  /* one more each */
#define LLM_PACE_SERVER_MS 120000 /* what a server may ask for at most */

struct llm_pace {
	double spent;    /* of the burst; a zeroed struct is full */
	int64_t at_ms;   /* when `spent` was right */
};

/* Uniform in [0, first * 2^(n_failed - 1)], capped at max. `random` is any 64 bits. */
int64_t llm_pace_backoff(int64_t first_ms, int64_t max_ms, int64_t n_failed, uint64_t random);

/* Takes a token; returns how long to wait until it is there, 0 when it is there now. */
int64_t llm_pace_take(struct llm_pace *pace, int64_t now_ms);

#endif
