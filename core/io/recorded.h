/*
 * Recorded answers (journal.md): JSON lines {"step", "attempt", "text", "tokens_per_second", "origin"}, matched by step
 * and attempt. Blank lines and unknown keys are skipped; `attempt` is 1 and `tokens_per_second` is 0 (at once) when
 * they are absent.
 */
#ifndef BELAY_IO_RECORDED_H
#define BELAY_IO_RECORDED_H

#include "base/attr.h"
#include "base/err.h"

#include <stddef.h>

struct recorded {
	char *text; /* owned */
	size_t n;
	double tokens_per_second;
	char *origin; /* owned; "recorded" where the file does not say */
};

/*
 * Reads the whole file each time: a line that is wrong is found whatever is asked for, and the message says which.
 * ERR_PROVIDER when there is no line for the step and attempt, or a line is malformed or stands there twice.
 */
int recorded_find(const char *path, const char *step, int attempt, struct recorded *out, struct err *err) MUST_CHECK;
void recorded_release(struct recorded *recorded);

#endif
