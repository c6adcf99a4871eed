#include "base/queue.h"

#include "base/clock.h"
#include "base/xalloc.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct queue {
	pthread_mutex_t lock; /* protects everything below but fd */
	void **item;          /* a ring of cap_items; owned */
	size_t head;
	size_t n_items;
	size_t cap_items;
	bool closed;
	int fd[2]; /* a pair of sockets: a byte goes in at 1 on empty to non-empty and on close, and is seen at 0 */
};

int queue_new(struct queue **out, struct err *err)
{
	int fd[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fd) != 0)
		return err_errno(err, errno, "cannot make a pair of sockets");
	struct queue *queue = xcalloc(1, sizeof *queue);
	pthread_mutex_init(&queue->lock, NULL);
	queue->fd[0] = fd[0];
	queue->fd[1] = fd[1];
	*out = queue;
	return 0;
}

void queue_free(struct queue *queue, void (*free_item)(void *))
{
	if (!queue)
		return;
	void *item;
	while ((item = queue_try_pop(queue)))
		if (free_item)
			free_item(item);
	pthread_mutex_destroy(&queue->lock);
	close(queue->fd[0]);
	close(queue->fd[1]);
	free(queue->item);
	free(queue);
}

static void signal_fd(const struct queue *queue)
{
	while (send(queue->fd[1], "", 1, MSG_NOSIGNAL) < 0 && errno == EINTR)
		;
}

static void clear_fd(const struct queue *queue)
{
	char byte[16];
	ssize_t n;
	do
		n = recv(queue->fd[0], byte, sizeof byte, 0);
	while (n == (ssize_t)sizeof byte || (n < 0 && errno == EINTR));
}

static void grow_ring(struct queue *queue)
{
	size_t cap = queue->cap_items ? queue->cap_items * 2 : 16;
	void **item = xmalloc(cap * sizeof *item);
	for (size_t i = 0; i < queue->n_items; i++)
		item[i] = queue->item[(queue->head + i) % queue->cap_items];
	free(queue->item);
	queue->item = item;
	queue->cap_items = cap;
	queue->head = 0;
}

bool queue_push(struct queue *queue, void *item)
{
	pthread_mutex_lock(&queue->lock);
	if (queue->closed) {
		pthread_mutex_unlock(&queue->lock);
		return false;
	}
	if (queue->n_items == queue->cap_items)
		grow_ring(queue);
	queue->item[(queue->head + queue->n_items++) % queue->cap_items] = item;
	/* Signalled under the lock: a receiver that empties the queue clears the descriptor under the
	 * same lock, so a wake-up can be neither lost nor left over. */
	if (queue->n_items == 1)
		signal_fd(queue);
	pthread_mutex_unlock(&queue->lock);
	return true;
}

void *queue_try_pop(struct queue *queue)
{
	void *item = NULL;
	pthread_mutex_lock(&queue->lock);
	if (queue->n_items) {
		item = queue->item[queue->head];
		queue->head = (queue->head + 1) % queue->cap_items;
		if (--queue->n_items == 0 && !queue->closed)
			clear_fd(queue);
	}
	pthread_mutex_unlock(&queue->lock);
	return item;
}

void *queue_pop(struct queue *queue, int timeout_ms)
{
	int64_t deadline_ms = clock_mono_ms() + timeout_ms;
	for (;;) {
		void *item = queue_try_pop(queue);
		if (item || queue_is_closed(queue))
			return item ? item : queue_try_pop(queue);
		int64_t left_ms = timeout_ms < 0 ? -1 : deadline_ms - clock_mono_ms();
		if (timeout_ms >= 0 && left_ms <= 0)
			return NULL;
		struct pollfd fd = { .fd = queue->fd[0], .events = POLLIN };
		poll(&fd, 1, (int)left_ms);
	}
}

int queue_fd(const struct queue *queue)
{
	return queue->fd[0];
}

void queue_close(struct queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	queue->closed = true;
	signal_fd(queue);
	pthread_mutex_unlock(&queue->lock);
}

bool queue_is_closed(struct queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	bool closed = queue->closed;
	pthread_mutex_unlock(&queue->lock);
	return closed;
}

size_t queue_len(struct queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	size_t n = queue->n_items;
	pthread_mutex_unlock(&queue->lock);
	return n;
}
