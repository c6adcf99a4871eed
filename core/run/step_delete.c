/* `delete`: proposes the removal of the files that the patterns name. */
#include "run/step.h"

int step_delete(struct step_job *job, struct err *err)
{
	struct strings paths = { 0 };
	if (workspace_expand(job->ws, &job->step->target, false, &paths, err) != 0)
		return -1;
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < paths.n_items; i++) {
		rc = step_check_writable(job, paths.item[i], err);
		if (rc == 0)
			rc = step_load(job, paths.item[i], false, &changeset_add(&job->set, paths.item[i])->before, err);
	}
	strings_release(&paths);
	return rc;
}
