/* `validate`: judges the tree by the named and inline checks; proposes nothing. */
#include "run/step.h"

int step_validate(struct step_job *job, struct err *err)
{
	if (job->step->lsp || job->step->accept.n_items)
		return err_set(err, ERR_UNSUPPORTED, "'%s' of validate cannot be run by this version",
		               job->step->lsp ? "lsp" : "accept");
	return step_run_checks(job, &job->step->target, err);
}
