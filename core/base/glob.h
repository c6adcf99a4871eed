/*
 * The globs of plans, over paths in the form of path.h: * and ? within a component, ** over any number of
 * components including none, [...] sets (! or ^ negates), {a,b} alternatives (nested too), \ before a special
 * character. A compiled glob may be shared by threads. Matching takes time at most the product of both lengths.
 */
#ifndef BELAY_BASE_GLOB_H
#define BELAY_BASE_GLOB_H

#include "base/err.h"

#include <stdbool.h>

struct glob;

int glob_compile(struct glob **out, const char *pattern, struct err *err) MUST_CHECK;
void glob_free(struct glob *glob);
bool glob_match(const struct glob *glob, const char *path);

/* Could anything below this folder match? Lets a walk skip whole folders. */
bool glob_may_match_below(const struct glob *glob, const char *dir);

/* True when the pattern has no special characters: it names one path. */
bool glob_is_literal(const char *pattern);

/* Could one path match both? Decides overlap of write sets; never a false "no". */
bool glob_may_overlap(const char *pattern_a, const char *pattern_b);

#endif
