/*
 * A queue of owned pointers between threads: any number of senders, one receiver. A push on an empty
 * queue makes the queue's descriptor readable, so that a receiver may sit in poll(2); later pushes
 * cost no system call. Order is kept.
 */
#ifndef BELAY_BASE_QUEUE_H
#define BELAY_BASE_QUEUE_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct queue;

int queue_new(struct queue **out, struct err *err) MUST_CHECK;

/* Items still inside are given to free_item (which may be NULL when none can be). */
void queue_free(struct queue *queue, void (*free_item)(void *));

/* The queue owns the item. False, and the item stays the caller's, once the queue is closed. */
bool queue_push(struct queue *queue, void *item) MUST_CHECK;

/* The oldest item, now the caller's; NULL when empty. Never blocks. */
void *queue_try_pop(struct queue *queue);

/* Waits until an item is there: NULL after timeout_ms (-1: for ever), or once closed and empty. */
void *queue_pop(struct queue *queue, int timeout_ms);

/* Readable (POLLIN) while the queue may have items or is closed. Borrowed. */
int queue_fd(const struct queue *queue);

void queue_close(struct queue *queue);
bool queue_is_closed(struct queue *queue);
size_t queue_len(struct queue *queue);

#endif
