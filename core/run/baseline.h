/*
 * What a check had to say before the change: found out in a copy of the tree that has the change taken back, and only when
 * the check has refused. Findings are the same when file, rule and message are; lines move.
 */
#ifndef BELAY_RUN_BASELINE_H
#define BELAY_RUN_BASELINE_H

#include "base/diag.h"
#include "run/step.h"

/*
 * Leaves those of `diags` that were not there before; *n_old counts the others. Before: before the step, for a `validate`
 * before the run. Where the change is not known (after a crash) all are new.
 */
int baseline_subtract(struct step_job *job, const struct plan_check *check, struct diags *diags, size_t *n_old,
                      struct err *err) MUST_CHECK;

/* The part of it that needs no tree: each finding of `before` takes one equal to it out of `diags`. */
size_t diags_subtract(struct diags *diags, const struct diags *before);

#endif
