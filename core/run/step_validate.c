/* `validate`: judges the tree by the named and inline checks, then by criteria put to a model; proposes nothing. */
#include "run/step.h"

#include "run/accept.h"
#include "run/lsp_judge.h"

int step_validate(struct step_job *job, struct err *err)
{
	const struct strings *names = &job->step->target;
	if (names->n_items && (job->previews ? step_check_in_copy(job, names, err) : step_run_checks(job, names, err)) != 0)
		return -1;
	if (job->step->lsp && lsp_judge(job, err) != 0)
		return -1;
	return job->step->accept.n_items ? accept_judge(job, err) : 0;
}
