/* `scaffold`: makes a component from templates, has a model fill what they made, or has it make all of it. */
#include "run/scaffold.h"

#include "base/path.h"
#include "run/prompt.h"

#include <string.h>

#define EXAMPLES_MAX 4
#define EXAMPLE_BYTES 8192

static const char *ending_of(const char *path)
{
	const char *dot = strrchr(path_base(path), '.');
	return dot ? dot : "";
}

/* Does the component have files of that kind? One that has no files yet may have any. */
static bool is_of_kind(const struct changeset *set, const char *path)
{
	for (size_t i = 0; i < set->n_changes; i++)
		if (strcmp(ending_of(set->change[i].path), ending_of(path)) == 0)
			return true;
	return !set->n_changes;
}

/* Files beside the new component show how things are done here. */
static int add_examples(struct step_job *job, struct err *err)
{
	struct buf folder = { 0 };
	struct strings pattern = { 0 };
	struct strings paths = { 0 };
	struct plan_step part = { .max_bytes = EXAMPLE_BYTES };
	size_t n = 0;
	path_dir(job->step->into, &folder);
	if (folder.len)
		strings_add(&pattern, buf_str(&folder));
	else
		strings_add(&pattern, "*"); /* the whole tree would be no neighbourhood */
	int rc = workspace_expand(job->ws, &pattern, true, &paths, err);
	if (rc != 0 && err->code == ERR_NOT_FOUND) { /* the first component of its kind */
		err_clear(err);
		rc = 0;
	}
	for (size_t i = 0; i < paths.n_items && n < EXAMPLES_MAX; i++) {
		const char *path = paths.item[i];
		if (changeset_find(&job->set, path) || (*job->step->into && path_is_below(path, job->step->into)) ||
		    !is_of_kind(&job->set, path))
			continue;
		step_job_add_read(job, path, &part);
		n++;
	}
	strings_release(&paths);
	strings_release(&pattern);
	buf_release(&folder);
	return rc;
}

/* The model is shown what the templates made as if it were there; the tree's own images come back afterwards. */
static void show_as_there(struct changeset *set, struct changeset *real)
{
	for (size_t i = 0; i < set->n_changes; i++) {
		struct change *change = &set->change[i];
		if (change->after.kind == IMAGE_ABSENT)
			continue;
		changeset_add(real, change->path)->before = change->before;
		image_copy(&change->before, &change->after);
	}
}

static void bring_back(struct changeset *set, struct changeset *real)
{
	for (size_t i = 0; i < set->n_changes; i++) {
		struct change *change = &set->change[i];
		struct change *own = changeset_find(real, change->path);
		if (!own)
			continue;
		image_release(&change->before);
		change->before = own->before;
		own->before = (struct image){ 0 };
	}
}

static int fill_by_model(struct step_job *job, struct err *err)
{
	struct changeset real = { 0 };
	if (add_examples(job, err) != 0)
		return -1;
	show_as_there(&job->set, &real);
	job->may_make = true;
	job->may_make_below = job->step->into;
	int rc = prompt_ask(job, EDIT_WHOLE_FILE, true, err);
	bring_back(&job->set, &real);
	changeset_release(&real);
	job->replaces_from_model = false;
	for (size_t i = 0; i < job->set.n_changes; i++)
		if (job->set.change[i].before.kind != IMAGE_ABSENT)
			job->replaces_from_model = true;
	return rc;
}

int step_scaffold(struct step_job *job, struct err *err)
{
	struct scaffold scaffold = { 0 };
	int rc = scaffold_load(job, &scaffold, err);
	if (rc == 0)
		rc = scaffold_make(job, &scaffold, err);
	if (rc == 0 && job->step->prompt)
		rc = fill_by_model(job, err);
	scaffold_release(&scaffold);
	return rc;
}
