/*
 * What a run took, from its events alone: time, processor time, tokens, retries, cache hits, bytes and syncs, for each
 * step and together; and its errors by category. Pure; owned by one thread.
 */
#ifndef BELAY_EVENT_STATS_H
#define BELAY_EVENT_STATS_H

#include "base/map.h"
#include "event/event.h"
#include "event/span.h"

/* What adds up. */
struct stats_sum {
	int64_t wall_ms; /* from the start to the end, without the time in the queue */
	int64_t span_ms[SPAN_N_KINDS];
	int64_t cpu_us, syncs;
	int64_t tokens_in, tokens_out, tokens_cached, tokens_reasoning;
	double usd;
	int64_t n_attempts, n_retries;
	int64_t n_answers, n_cached_answers; /* of models */
	int64_t n_checks, n_cached_checks;
	int64_t bytes_read, bytes_written; /* of files; written: as landed */
};

struct step_stats {
	char *id, *verb;   /* owned */
	const char *state; /* "open" until it ends: "done", "failed", "skipped" */
	struct stats_sum sum;
};

struct run_stats {
	char *run, *plan, *mode; /* owned; NULL until run_started */
	int64_t wall_ms;         /* the time between stops is not in it */
	int64_t exit_code;       /* -1 while it has not come to an end */
	uint64_t n_events;
	struct step_stats **step; /* in declared order; owned */
	size_t n_steps, cap_steps;
	struct map by_id;
	struct map n_errors;      /* category -> count: failures, retries, conflicts, notices that are no good news */
	struct spans spans;
	int64_t last_ms;          /* wall clock of the event before */
};

void run_stats_init(struct run_stats *stats);
void run_stats_release(struct run_stats *stats);
void run_stats_take(struct run_stats *stats, const struct event *event); /* in order of seq */
void run_stats_total(const struct run_stats *stats, struct stats_sum *out);

/* Tokens a second while the model's text streamed; 0 when it did not. */
double stats_tokens_per_second(const struct stats_sum *sum);

#endif
