/*
 * Threads and cancel tokens. Every thread starts with all signals blocked: main blocks them too,
 * before the first thread, and reads them through signalfd.
 */
#ifndef BELAY_BASE_THREAD_H
#define BELAY_BASE_THREAD_H

#include "base/err.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

struct thread {
	pthread_t id;
	bool started;
};

/* `name` (15 bytes at most) shows in debuggers and top. */
int thread_start(struct thread *thread, const char *name, void *(*body)(void *), void *arg,
                 struct err *err) MUST_CHECK;
void thread_join(struct thread *thread); /* accepts one that never started */

/*
 * Set once, by anybody; looked at by the worker between units of work. Waiters that sleep in poll
 * learn of it through whoever set it (a queue or a wake-up of the network thread).
 */
struct cancel {
	atomic_bool set;
};

void cancel_set(struct cancel *cancel);
bool cancel_is_set(const struct cancel *cancel); /* NULL is never set */

#endif
