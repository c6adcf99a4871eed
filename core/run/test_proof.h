/*
 * Whether new tests are worth having, found out in a copy of the tree before they land: they pass; they are run at all; and
 * they fail when the code under test is broken on purpose.
 */
#ifndef BELAY_RUN_TEST_PROOF_H
#define BELAY_RUN_TEST_PROOF_H

#include "run/step.h"
#include "run/test_framework.h"

/* job->set holds the tests. -1 with ERR_CHECK and job->feedback when they are not good enough. */
int test_prove(struct step_job *job, const struct test_setting *setting, const struct strings *targets,
               struct err *err) MUST_CHECK;

#endif
