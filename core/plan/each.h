/* `each` over files: one step for every path, once the paths are known. */
#ifndef BELAY_PLAN_EACH_H
#define BELAY_PLAN_EACH_H

#include "base/attr.h"
#include "base/err.h"
#include "plan/plan.h"

/*
 * Makes the step for one value of a step whose each.glob is set: id "id[number]", {{name}} replaced, paths checked as
 * the loader checks them. To be released with plan_step_release; places and their files stay the plan's.
 */
int plan_each_make(struct plan_step *out, const struct plan_step *each, size_t number, const char *value,
                   struct err *err) MUST_CHECK;

#endif
