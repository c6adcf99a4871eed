/*
 * A plan by a model that has seen the map of the repository: asked for, checked with the loader and all that `belay
 * check` checks, and corrected by the exact findings until nothing is wrong or no further attempt helps. Nothing of it
 * is run or written.
 */
#ifndef BELAY_RUN_DRAFT_H
#define BELAY_RUN_DRAFT_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/diag.h"
#include "base/err.h"
#include "io/config.h"
#include "io/tape.h"
#include "plan/dag.h"
#include "plan/plan.h"

#define DRAFT_ATTEMPTS 4

struct draft_request {
	const char *goal;
	const char *root;
	const char *file;            /* what the plan is called in findings */
	const struct config *config;
	const char *model;           /* --model, or NULL */
	enum cache_mode cache;
	struct tape *tape;           /* or NULL */
	void (*say)(void *arg, const char *text); /* what happens, a line each; any time before the return */
	void *arg;
};

struct draft {
	struct buf text;      /* of the plan, or of the last attempt at one */
	struct diags diags;   /* what is wrong with it, warnings included */
	struct plan *plan;    /* NULL: it cannot be used */
	int attempts;
};

/* -1: the model cannot be asked, or (ERR_ANSWER) gives no plan that holds; the draft has the last one. Release it. */
int draft_make(struct draft *out, const struct draft_request *request, struct err *err) MUST_CHECK;

/* Loads and checks a text anew, as after an edit: 0 when the plan can be used. */
int draft_check(struct draft *draft, const char *file) MUST_CHECK;
void draft_release(struct draft *draft);

#endif
