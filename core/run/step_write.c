/* `write`: creates or replaces one file, from the plan, from another file, or from a model's answer. */
#include "run/step.h"

#include "base/path.h"
#include "run/prompt.h"

#include <string.h>

static int take_from(struct step_job *job, struct image *after, struct err *err)
{
	if (step_load(job, job->step->from, false, after, err) != 0)
		return -1;
	if (after->kind == IMAGE_FILE)
		return 0;
	return err_set(err, ERR_NOT_FOUND, "'%s' is no file that can be copied", job->step->from);
}

/* May the step write there, as the tree is now? */
static int check_target(struct step_job *job, const struct change *change, struct err *err)
{
	bool is_there = change->before.kind != IMAGE_ABSENT;
	if (is_there && job->step->exists == EXISTS_FAIL) {
		err_set(err, ERR_EXISTS, "'%s' exists already", change->path);
		return err_hint(err, "'exists: replace' replaces it, 'exists: skip' leaves it");
	}
	if (change->before.kind == IMAGE_LINK)
		return err_set(err, ERR_ACCESS, "'%s' is a symbolic link: belay does not write through links", change->path);
	return is_there ? 0 : path_check_new_name(change->path, err);
}

static int fill(struct step_job *job, struct change *change, struct err *err)
{
	const struct plan_step *step = job->step;
	if (step->content)
		image_set_file(&change->after, step->content, strlen(step->content), 0);
	else if (step->from)
		return take_from(job, &change->after, err);
	else
		return prompt_ask(job, EDIT_WHOLE_FILE, true, err);
	return 0;
}

int step_write(struct step_job *job, struct err *err)
{
	const struct plan_step *step = job->step;
	if (!step->target.n_items)
		return err_set(err, ERR_PLAN, "the step names no path to write");
	const char *path = step->target.item[0];
	struct change *change = changeset_add(&job->set, path);
	if (step_check_writable(job, path, err) != 0 ||
	    step_load(job, path, step->prompt != NULL, &change->before, err) != 0)
		return -1;
	bool is_there = change->before.kind != IMAGE_ABSENT;
	if (is_there && step->exists == EXISTS_SKIP) {
		changeset_release(&job->set);
		step_notice(job, "ok", "the file exists: left as it is", NULL);
		return 0;
	}
	if (check_target(job, change, err) != 0 || fill(job, change, err) != 0)
		return -1;
	change = changeset_find(&job->set, path);
	if (step->mode >= 0)
		change->after.mode = (mode_t)step->mode;
	else if (is_there)
		change->after.mode = change->before.mode;
	return 0;
}
