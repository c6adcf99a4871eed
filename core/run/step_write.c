/* `write`: creates or replaces one file, from the plan, from another file, or from a model's answer. */
#include "run/step.h"

#include "base/path.h"
#include "run/prompt.h"

#include <string.h>

static int take_from(struct step_job *job, struct image *after, struct err *err)
{
	struct image from = { 0 };
	if (step_load(job, job->step->from, false, &from, err) != 0)
		return -1;
	int rc = 0;
	if (from.kind != IMAGE_FILE || !from.data)
		rc = err_set(err, ERR_NOT_FOUND, "'%s' is no file that can be copied", job->step->from);
	else
		image_set_file(after, from.data, (size_t)from.size, from.mode);
	image_release(&from);
	return rc;
}

int step_write(struct step_job *job, struct err *err)
{
	const struct plan_step *step = job->step;
	if (!step->target.n_items)
		return err_set(err, ERR_PLAN, "the step names no path to write");
	const char *path = step->target.item[0];
	struct change *change = changeset_add(&job->set, path);
	if (path_check_writable(path, err) != 0 || step_load(job, path, step->prompt != NULL, &change->before, err) != 0)
		return -1;
	bool is_there = change->before.kind != IMAGE_ABSENT;
	if (is_there && step->exists == EXISTS_SKIP) {
		changeset_release(&job->set);
		step_notice(job, "ok", "the file exists: left as it is", NULL);
		return 0;
	}
	if (is_there && step->exists == EXISTS_FAIL)
		return err_set(err, ERR_EXISTS, "'%s' exists already", path);
	if (change->before.kind == IMAGE_LINK)
		return err_set(err, ERR_ACCESS, "'%s' is a symbolic link: belay does not write through links", path);
	if (!is_there && path_check_new_name(path, err) != 0)
		return -1;
	mode_t mode = step->mode >= 0 ? (mode_t)step->mode : is_there ? change->before.mode : 0;
	int rc = 0;
	if (step->content)
		image_set_file(&change->after, step->content, strlen(step->content), mode);
	else if (step->from)
		rc = take_from(job, &change->after, err);
	else
		rc = prompt_ask(job, EDIT_WHOLE_FILE, true, err);
	change = changeset_find(&job->set, path);
	if (rc == 0 && change && change->after.kind == IMAGE_FILE && (step->mode >= 0 || is_there))
		change->after.mode = mode;
	return rc;
}
