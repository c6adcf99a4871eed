/*
 * What a provider's server is like: which models it has, how large their context is, how fast one answers, whether it
 * keeps to a form of edits; and which servers there are on this machine. For `belay doctor`, and for the first run
 * without a configuration. Blocks; any thread.
 */
#ifndef BELAY_IO_PROBE_H
#define BELAY_IO_PROBE_H

#include "base/attr.h"
#include "base/err.h"
#include "base/vec.h"
#include "io/config.h"
#include "io/llm.h"

#include <stdbool.h>
#include <stdint.h>

struct probe {
	struct strings models;    /* as the server lists them */
	int64_t context;          /* tokens of the model that would be asked; 0: the server does not say */
	int64_t first_ms;         /* from the question to the first text */
	double tokens_per_second; /* after it; 0: it was over too soon to tell */
	bool can_edit;            /* it answers with search and replace as asked */
};

/* The list of models, and the context where the server tells it; the key is "" when there is none. */
int probe_models(struct probe *out, const struct provider *provider, const char *key, int timeout_ms,
                 struct err *err) MUST_CHECK;

/* A small question that asks for one edit: the model ("" is the provider's own, else the first of the list). */
int probe_answer(struct probe *out, struct llm *llm, const struct provider *provider, struct err *err) MUST_CHECK;

void probe_release(struct probe *probe);

/* Adds a provider for each server that answers on one of the well-known ports of loopback; returns how many. */
size_t probe_discover(struct config *config);

#endif
