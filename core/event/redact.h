/*
 * Secrets (keys, tokens) that must never be written or shown: each occurrence becomes "[redacted]". Used where an
 * event is recorded, before it reaches the store, the journal, the model or a listener, so that all of them agree.
 * Owned by one thread.
 */
#ifndef BELAY_EVENT_REDACT_H
#define BELAY_EVENT_REDACT_H

#include "base/buf.h"
#include "base/vec.h"
#include "event/event.h"

#include <stdbool.h>
#include <stddef.h>

/* Shorter values are no secrets but what stands for one at servers that want none: "none", "ollama". */
#define REDACT_MIN_BYTES 8

struct redactor {
	struct strings secret; /* the longest first */
};

void redactor_add(struct redactor *redactor, const char *secret); /* copies; NULL and short ones are ignored */
void redactor_release(struct redactor *redactor);

/*
 * Appends the text, cleaned, to *out. With `more`, a tail that may be the beginning of a secret is held back until
 * what follows is known. Returns the bytes of s that were used.
 */
size_t redactor_clean(const struct redactor *redactor, const char *s, size_t n, bool more, struct buf *out);

bool redactor_finds(const struct redactor *redactor, const char *s, size_t n);

/*
 * The event without secrets: itself when it holds none, else a copy in *owned, to be freed (NULL otherwise). What
 * recovery must find again stays as it is: paths of `files`, hashes, ids.
 */
const struct event *redactor_event(const struct redactor *redactor, const struct event *event, struct event **owned);

#endif
