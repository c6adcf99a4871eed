/*
 * From the output of a check to diagnostics. A matcher is a row of the table: a name, as `errors:` of a check gives it,
 * and what reads a line, or the whole output.
 */
#ifndef BELAY_RUN_MATCHER_H
#define BELAY_RUN_MATCHER_H

#include "base/diag.h"

#include <stdbool.h>
#include <stddef.h>

#define MATCHER_MAX_DIAGS 1000

/*
 * Adds what the output tells, at most MATCHER_MAX_DIAGS. "" and names without a row are read as "gnu". Paths below
 * `root` (absolute) become relative to it.
 */
void matcher_read(const char *name, const char *output, size_t n, const char *root, struct diags *diags);
bool matcher_is_known(const char *name);

#endif
