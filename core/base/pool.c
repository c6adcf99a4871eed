#include "base/pool.h"

#include "base/thread.h"
#include "base/xalloc.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

struct job {
	struct job *next;
	void (*run)(void *arg, size_t worker);
	void *arg;
};

struct worker {
	struct pool *pool;
	size_t number;
	struct thread thread;
};

struct pool {
	pthread_mutex_t lock; /* protects all fields below */
	pthread_cond_t work;  /* a job came, or closing */
	struct job *first;
	struct job *last;
	size_t n_waiting; /* jobs in the list */
	size_t n_idle;    /* threads in pthread_cond_wait */
	size_t n_started;
	bool closing;
	size_t n_workers;
	struct worker *worker;
};

struct pool *pool_new(size_t n_workers)
{
	struct pool *pool = xcalloc(1, sizeof *pool);
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->work, NULL);
	pool->n_workers = n_workers ? n_workers : 1;
	pool->worker = xcalloc(pool->n_workers, sizeof *pool->worker);
	return pool;
}

static struct job *take_job(struct pool *pool)
{
	pthread_mutex_lock(&pool->lock);
	while (!pool->first && !pool->closing) {
		pool->n_idle++;
		pthread_cond_wait(&pool->work, &pool->lock);
		pool->n_idle--;
	}
	struct job *job = pool->first;
	if (job) {
		pool->first = job->next;
		if (!pool->first)
			pool->last = NULL;
		pool->n_waiting--;
	}
	pthread_mutex_unlock(&pool->lock);
	return job;
}

static void *work(void *arg)
{
	struct worker *worker = arg;
	struct job *job;
	while ((job = take_job(worker->pool))) {
		job->run(job->arg, worker->number);
		free(job);
	}
	return NULL;
}

static int start_worker(struct pool *pool, struct err *err)
{
	char name[16];
	struct worker *worker = &pool->worker[pool->n_started];
	worker->pool = pool;
	worker->number = pool->n_started;
	snprintf(name, sizeof name, "worker %u", (unsigned)worker->number % 1000);
	if (thread_start(&worker->thread, name, work, worker, err) != 0)
		return -1;
	pool->n_started++;
	return 0;
}

int pool_submit(struct pool *pool, void (*run)(void *arg, size_t worker), void *arg, struct err *err)
{
	int rc = 0;
	pthread_mutex_lock(&pool->lock);
	if (pool->n_idle <= pool->n_waiting && pool->n_started < pool->n_workers)
		rc = start_worker(pool, err);
	if (rc == 0 || pool->n_started > 0) {
		struct job *job = xmalloc(sizeof *job);
		*job = (struct job){ NULL, run, arg };
		if (pool->last)
			pool->last->next = job;
		else
			pool->first = job;
		pool->last = job;
		pool->n_waiting++;
		pthread_cond_signal(&pool->work);
		rc = 0;
	}
	pthread_mutex_unlock(&pool->lock);
	return rc;
}

void pool_free(struct pool *pool)
{
	if (!pool)
		return;
	pthread_mutex_lock(&pool->lock);
	pool->closing = true;
	pthread_cond_broadcast(&pool->work);
	pthread_mutex_unlock(&pool->lock);
	for (size_t i = 0; i < pool->n_started; i++)
		thread_join(&pool->worker[i].thread);
	pthread_cond_destroy(&pool->work);
	pthread_mutex_destroy(&pool->lock);
	free(pool->worker);
	free(pool);
}

struct share {
	atomic_size_t next;
	size_t n;
	void (*body)(void *arg, size_t i);
	void *arg;
};

static void *take_shares(void *arg)
{
	struct share *share = arg;
	size_t i;
	while ((i = atomic_fetch_add(&share->next, 1)) < share->n)
		share->body(share->arg, i);
	return NULL;
}

void pool_for_each(size_t n, size_t n_threads, void (*body)(void *arg, size_t i), void *arg)
{
	struct share share = { .n = n, .body = body, .arg = arg };
	size_t n_helpers = n_threads > 1 && n > 1 ? (n_threads < n ? n_threads : n) - 1 : 0;
	struct thread *helper = xcalloc(n_helpers, sizeof *helper);
	for (size_t i = 0; i < n_helpers; i++)
		if (thread_start(&helper[i], "share", take_shares, &share, NULL) != 0)
			break; /* fewer threads do the same work */
	take_shares(&share);
	for (size_t i = 0; i < n_helpers; i++)
		thread_join(&helper[i]);
	free(helper);
}
