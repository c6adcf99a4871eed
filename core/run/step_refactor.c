/* `refactor`: edits existing files in place: by a model, by structural rewriting, or by a patch. */
#include "run/step.h"

#include "edit/patch.h"
#include "run/prompt.h"

#include <string.h>

static int load_target(struct step_job *job, const char *path, bool keep, struct err *err)
{
	if (step_check_writable(job, path, err) != 0)
		return -1;
	return step_load(job, path, keep, &changeset_add(&job->set, path)->before, err);
}

static int refactor_by_model(struct step_job *job, const struct strings *paths, struct err *err)
{
	for (size_t i = 0; i < paths->n_items; i++)
		if (load_target(job, paths->item[i], true, err) != 0)
			return -1;
	return prompt_ask(job, EDIT_SEARCH_REPLACE, false, err);
}

/* A patch may touch only what the step names. */
static int load_for_patch(void *arg, const char *path, struct image *out, struct err *err)
{
	struct step_job *job = arg;
	if (!step_names(&job->step->target, path)) {
		err_set(err, ERR_ACCESS, "the patch changes '%s', which the step does not name", path);
		return err_hint(err, "add it to 'refactor' in the plan if this is wanted");
	}
	if (step_check_writable(job, path, err) != 0)
		return -1;
	return step_load(job, path, false, out, err);
}

static int refactor_by_patch(struct step_job *job, struct err *err)
{
	struct image file = { 0 };
	const char *patch = job->step->patch;
	size_t n = strlen(patch);
	if (job->step->patch_is_file) {
		if (step_load(job, patch, false, &file, err) != 0)
			return -1;
		if (file.kind != IMAGE_FILE || !file.data) {
			image_release(&file);
			return err_set(err, ERR_NOT_FOUND, "the patch '%s' is not there", patch);
		}
		patch = file.data;
		n = (size_t)file.size;
	}
	int rc = patch_apply(&job->set, patch, n, load_for_patch, job, err);
	image_release(&file);
	return rc;
}

int step_refactor(struct step_job *job, struct err *err)
{
	const struct plan_step *step = job->step;
	struct strings paths = { 0 };
	if (step->patch)
		return refactor_by_patch(job, err);
	if (workspace_expand(job->ws, &step->target, false, &paths, err) != 0)
		return -1;
	int rc;
	if (step->rewrite_match)
		rc = step_rewrite(job, &paths, err);
	else if (step->rename_from)
		rc = step_rename(job, &paths, err);
	else
		rc = refactor_by_model(job, &paths, err);
	strings_release(&paths);
	return rc;
}
