/*
 * What a dry run proposed, step by step, from its journal and its store: what `belay apply` lands. Immutable once read, so
 * that workers share it.
 */
#ifndef BELAY_RUN_REVIEW_H
#define BELAY_RUN_REVIEW_H

#include "base/attr.h"
#include "base/err.h"
#include "edit/changeset.h"

#include <stdbool.h>

#define DRY_RUN_MODE "dry-run"

struct review_step {
	char *id;
	char *inputs;            /* step_inputs() of then */
	struct changeset set;    /* with the bytes; may be empty: the step had nothing to change */
	bool has_proposal;       /* otherwise the dry run could not see what the step would do */
	bool replaces_from_model;
};

struct review;

/* ERR_USAGE when the run in that folder was no dry run. */
int review_read(struct review **out, const char *run_dir, struct err *err) MUST_CHECK;
void review_free(struct review *review);
const char *review_plan_hash(const struct review *review);
const struct review_step *review_find(const struct review *review, const char *step); /* NULL: not a step of it */

#endif
