/* `{{name}}` in the strings of a plan. */
#ifndef BELAY_PLAN_VARS_H
#define BELAY_PLAN_VARS_H

#include "base/buf.h"
#include "base/err.h"
#include "plan/plan.h"

#include <stdbool.h>

/*
 * Appends text with each {{name}} replaced by the value from `first`, else from `second` (either may be NULL).
 * `\{{` gives a literal `{{`, and so do braces around anything but a name. -1 names the unknown variable, and the
 * nearest known one.
 */
int vars_expand(struct buf *out, const char *text, const struct name_values *first, const struct name_values *second,
                struct err *err) MUST_CHECK;

/*
 * The same, for a text that vars_expand will see once more when the value of `keep` is known: {{keep}} and escapes
 * stay, and braces in values are escaped, but for those of `first`, which are such texts themselves.
 */
int vars_expand_template(struct buf *out, const char *text, const struct name_values *first,
                         const struct name_values *second, const char *keep, struct err *err) MUST_CHECK;

/* A letter or '_', then letters, digits, '_' and '-'. */
bool vars_is_name(const char *text);

const char *name_values_get(const struct name_values *list, const char *name); /* or NULL */
void name_values_set(struct name_values *list, const char *name, const char *value);
void name_values_copy(struct name_values *out, const struct name_values *list); /* into what is there */
void name_values_release(struct name_values *list);

#endif
