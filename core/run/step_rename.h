/* The parts of renaming (step_rename.c). */
#ifndef BELAY_RUN_STEP_RENAME_H
#define BELAY_RUN_STEP_RENAME_H

#include "run/step.h"

/* Are they names, and two? Known before the run. */
int step_rename_check(const struct plan_step *step, struct err *err) MUST_CHECK;

/*
 * Has the language server of the files rename the symbol that the name means at its first place in their code. Any
 * failure leaves the change set to be released, and nothing else behind.
 */
int rename_by_server(struct step_job *job, const struct strings *paths, struct err *err) MUST_CHECK;

#endif
