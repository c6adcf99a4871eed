/*
 * Acceptance criteria put to a model over the whole change of the run so far. Its verdict is advice, unless the step is
 * strict; a criterion that it did not judge is told as such, and never passes.
 */
#ifndef BELAY_RUN_ACCEPT_H
#define BELAY_RUN_ACCEPT_H

#include "run/step.h"

enum verdict_kind { VERDICT_NOT_JUDGED, VERDICT_MET, VERDICT_UNMET, VERDICT_UNSURE };

struct accept_verdict {
	enum verdict_kind kind;
	char *reason; /* owned; or NULL */
};

/* The verdicts in a model's answer: {"verdicts":[{"criterion":1,"verdict":"met","reason":"..."}]}, other text around it.
 * n of them; what is not there, out of range, or said twice and differently is not judged. */
struct accept_verdict *accept_read(const char *answer, size_t len, size_t n);
void accept_free(struct accept_verdict *verdict, size_t n);

int accept_judge(struct step_job *job, struct err *err) MUST_CHECK;

#endif
