/*
 * Diagnostics: findings with a place, as compilers print them. Plan and configuration loaders add
 * all that they find to one list instead of stopping at the first. A zeroed list is empty.
 */
#ifndef BELAY_BASE_DIAG_H
#define BELAY_BASE_DIAG_H

#include "base/attr.h"
#include "base/buf.h"

#include <stddef.h>

enum diag_severity { DIAG_ERROR, DIAG_WARNING, DIAG_NOTE };

struct diag {
	char *file;    /* owned; may be NULL */
	int line;      /* from 1; 0 is unknown */
	int column;    /* from 1, in characters; 0 is unknown */
	enum diag_severity severity;
	char *code;    /* owned; a rule's name; may be NULL */
	char *message; /* owned */
};

struct diags {
	struct diag *diag;
	size_t n_diags;
	size_t cap_diags;
	size_t n_errors;
};

void diags_add(struct diags *list, enum diag_severity severity, const char *file, int line, int column,
               const char *fmt, ...) PRINTF_LIKE(6, 7);
void diags_sort(struct diags *list); /* by file, line, column; stable */

/* "file:line:column: error: message" and a line end (GNU coding standards, 4.4). */
void diag_format(struct buf *out, const struct diag *diag);
void diags_release(struct diags *list);

#endif
