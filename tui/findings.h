/*
 * Diagnostics for other programs: GNU lines, SARIF 2.1.0 (OASIS), JUnit's XML, and the commands of GitHub's workflows.
 */
#ifndef BELAY_TUI_FINDINGS_H
#define BELAY_TUI_FINDINGS_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/diag.h"
#include "base/err.h"

#include <stddef.h>

enum findings_form { FINDINGS_GNU, FINDINGS_SARIF, FINDINGS_JUNIT, FINDINGS_GITHUB };

/* ERR_USAGE with the forms that there are; NULL is GNU. */
int findings_form_parse(const char *name, enum findings_form *out, struct err *err) MUST_CHECK;

/* What was found in one thing that was looked at: a plan, a step's check. Borrowed. */
struct findings {
	const char *name;
	const struct diags *diags;
};

/* All of it in one document (SARIF, JUnit), or line by line. */
void findings_write(struct buf *out, enum findings_form form, const struct findings *list, size_t n);

#endif
