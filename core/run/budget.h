/*
 * The run's limits on tokens and money, asked before each send. Shared by the workers: the one thing that threads
 * share beside queues and cancel tokens, since a limit that each worker counts by itself is
 * passed by as many times as there are workers.
 */
#ifndef BELAY_RUN_BUDGET_H
#define BELAY_RUN_BUDGET_H

#include "base/attr.h"
#include "base/err.h"
#include "base/thread.h"

#include <stdint.h>

struct budget {
	pthread_mutex_t lock; /* protects all below */
	int64_t tokens, tokens_max; /* used and promised; 0: no limit */
	double usd, usd_max;
};

void budget_init(struct budget *budget, int64_t tokens_max, double usd_max);
void budget_release(struct budget *budget);

/* Promises tokens to a request that is about to be sent; -1 with ERR_LIMIT when that would pass a limit. */
int budget_take(struct budget *budget, int64_t tokens, double usd, struct err *err) MUST_CHECK;
/* What is to be counted, or (negative) given back. */
void budget_count(struct budget *budget, int64_t tokens, double usd);

#endif
