/*
 * What a piece of work took: processor time, and syncs to the disk. Counted for each thread by itself, so that work is
 * measured where it is done: take the cost before, add what came since after. What a thread has waited for and reaped
 * (a command) counts as its own.
 */
#ifndef BELAY_BASE_COST_H
#define BELAY_BASE_COST_H

#include <stdint.h>

struct cost {
	int64_t cpu_us;
	int64_t syncs;
};

void cost_now(struct cost *out);                            /* of the calling thread, since it began */
void cost_add_since(struct cost *total, struct cost *from); /* adds what came after `from`, which moves to now */
void cost_add(struct cost *total, const struct cost *more);

/* For the places that do it. */
void cost_count_sync(void);
void cost_count_child(int64_t cpu_us);

#endif
