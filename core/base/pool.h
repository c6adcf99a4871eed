/*
 * A pool of worker threads that take jobs in the order of submission. Threads start with the first
 * jobs, not with the pool.
 */
#ifndef BELAY_BASE_POOL_H
#define BELAY_BASE_POOL_H

#include "base/err.h"

#include <stddef.h>

struct pool;

struct pool *pool_new(size_t n_workers); /* at least 1 */

/* Lets running and waiting jobs finish, then ends the threads. Accepts NULL. */
void pool_free(struct pool *pool);

/* Runs job(arg, worker) on some worker, numbered from 0. Never blocks. */
int pool_submit(struct pool *pool, void (*job)(void *arg, size_t worker), void *arg,
                struct err *err) MUST_CHECK;

/*
 * Calls body(arg, i) for each i in [0, n) from up to n_threads threads, this one among them, and
 * returns when all are done. Needs no pool. Falls back to fewer threads when none can be started.
 */
void pool_for_each(size_t n, size_t n_threads, void (*body)(void *arg, size_t i), void *arg);

#endif
