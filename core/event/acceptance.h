/*
 * How often the answers of models were taken, by model and by verb: from the folds of runs, and the thumbs that people gave.
 * Pure; owned by one thread.
 */
#ifndef BELAY_EVENT_ACCEPTANCE_H
#define BELAY_EVENT_ACCEPTANCE_H

#include "event/run_model.h"

struct acceptance_row {
	char *model, *verb;  /* owned; the provider's name where no model is known */
	int64_t n_asked;     /* steps that a model was asked for */
	int64_t n_accepted;  /* ended as done: checks and people let it pass, and it was not taken back in its run */
	int64_t n_at_once;   /* of these, those that needed one attempt */
	int64_t n_declined;  /* a person said no */
	int64_t n_up, n_down;
};

struct acceptance {
	struct acceptance_row *row; /* in the order first seen; owned */
	size_t n_rows, cap_rows;
};

/* A run, once. Steps that have not ended, and those without a model, do not count. */
void acceptance_take(struct acceptance *acceptance, const struct run_model *run);
/* A thumb on a step of the run, up (1) or down (-1). */
void acceptance_thumb(struct acceptance *acceptance, const struct run_model *run, const char *step, int thumb);
void acceptance_release(struct acceptance *acceptance);

#endif
