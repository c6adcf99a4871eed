/* Readers of the forms that single tools have, for the table in matcher.c. */
#ifndef BELAY_RUN_MATCHER_TOOLS_H
#define BELAY_RUN_MATCHER_TOOLS_H

#include "base/diag.h"

#include <stddef.h>

/* What earlier lines said. A zeroed one is the beginning. */
struct matching {
	char *file;    /* that the coming lines are of; owned */
	char *message; /* that waits for its place; owned */
	enum diag_severity severity;
};

void matching_release(struct matching *state);

void matcher_tsc(struct matching *state, const char *line, struct diags *diags);
void matcher_eslint(struct matching *state, const char *line, struct diags *diags);
void matcher_pytest(struct matching *state, const char *line, struct diags *diags);
void matcher_go(struct matching *state, const char *line, struct diags *diags);
void matcher_cargo(struct matching *state, const char *line, struct diags *diags);
void matcher_shellcheck(struct matching *state, const char *line, struct diags *diags);

/* Whole documents. */
void matcher_junit(const char *output, size_t n, struct diags *diags);
void matcher_sarif(const char *output, size_t n, struct diags *diags);

#endif
