/*
 * What the attempts of one step at asking a model have in common. The executor keeps it from attempt to attempt; while
 * a worker has the step's job, it is that worker's alone.
 */
#ifndef BELAY_RUN_DIALOGUE_H
#define BELAY_RUN_DIALOGUE_H

#include "event/redact.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "edit/apply.h"
#include "io/cache.h"
#include "run/forms.h"

#include <stdbool.h>

struct dialogue {
	struct forms forms;            /* n_forms is 0 until the first question */
	char marker[24];               /* of whole files */
	struct apply_stage *stage;     /* the good edits of answers that were refused for others; owned; NULL: none */
	char cache_key[HASH_HEX_SIZE]; /* of the first attempt's question; "" when its answer is not to be kept */
	bool is_cached;                /* the last answer came from there */
	bool is_from_server;           /* the last answer is fresh: what it is like says something about the model */
	struct cache_answer counts;    /* of the last answer: what it cost, and who gave it */
};

void dialogue_clear(struct dialogue *dialogue);

/* The step is done: its answer, together with the edits that earlier ones had right, is kept for the same question; not
 * one that says a secret back. */
int dialogue_keep(const struct dialogue *dialogue, const struct buf *answer, const struct redactor *secrets,
                  struct err *err) MUST_CHECK;

/* The same fault again: the next form, asked for at the end of the feedback; false when there is none left. */
bool dialogue_next_form(struct dialogue *dialogue, struct buf *feedback);

#endif
