/* `{{name}}` in the strings of a plan. */
#ifndef BELAY_PLAN_VARS_H
#define BELAY_PLAN_VARS_H

#include "base/buf.h"
#include "base/err.h"
#include "plan/plan.h"

/*
 * Appends text with each {{name}} replaced by the value from `first`, else from `second` (either may be NULL).
 * `\{{` gives a literal `{{`. -1 names the unknown variable, or the nearest known one.
 */
int vars_expand(struct buf *out, const char *text, const struct name_values *first, const struct name_values *second,
                struct err *err) MUST_CHECK;

const char *name_values_get(const struct name_values *list, const char *name); /* or NULL */
void name_values_set(struct name_values *list, const char *name, const char *value);
void name_values_release(struct name_values *list);

#endif
