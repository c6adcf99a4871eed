/*
 * The test framework of a repository, found from what is there: which file new cases for some code go into, and what runs
 * them. One row a framework.
 */
#ifndef BELAY_RUN_TEST_FRAMEWORK_H
#define BELAY_RUN_TEST_FRAMEWORK_H

#include "run/step.h"

struct test_setting {
	const char *framework; /* for the model: "cmocka"; static */
	const char *advice;    /* how cases look in it; static */
	char *into;            /* the file; owned */
	struct plan_command command; /* owned */
	char *example;         /* a test file of the repository; owned; NULL: none */
};

/* `targets` are the files under test. What the step says itself wins; ERR_NOT_FOUND when nothing tells how to test here. */
int test_setting_find(struct step_job *job, const struct strings *targets, struct test_setting *out,
                      struct err *err) MUST_CHECK;
void test_setting_release(struct test_setting *setting);

#endif
