/*
 * Steps as they are typed: "/read PATH...", "/write PATH: what", "/refactor PATH...: what", "/scaffold TEMPLATE INTO",
 * "/test PATH", "/validate [CHECK...]". Pure.
 */
#ifndef BELAY_PLAN_SLASH_H
#define BELAY_PLAN_SLASH_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/vec.h"

/*
 * Appends the step as one line of YAML in its flow form, with the id given. `checks`: what "/validate" alone names. What
 * the step says is for the loader to judge; -1 when it is no such form.
 */
int slash_to_step(const char *text, const char *id, const struct strings *checks, struct buf *out, struct err *err) MUST_CHECK;

#endif
