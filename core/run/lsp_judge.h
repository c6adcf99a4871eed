/*
 * What language servers say of files: those that a `validate` step names, or that the run has changed. What they said of the
 * tree before the run does not count. A server that is not there, dies or hangs has judged nothing, and the step fails.
 */
#ifndef BELAY_RUN_LSP_JUDGE_H
#define BELAY_RUN_LSP_JUDGE_H

#include "run/step.h"

/* -1 with ERR_CHECK when there are errors that are new. */
int lsp_judge(struct step_job *job, struct err *err) MUST_CHECK;

#endif
