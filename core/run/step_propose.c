/* Where a step's proposal comes from: its verb, or the dry run in which it was reviewed. */
#include "run/step.h"

#include "run/review.h"

#include <string.h>

/* ---- what it is made from ---- */

static void add_all(struct strings *out, const struct strings *from)
{
	for (size_t i = 0; i < from->n_items; i++)
		strings_add(out, from->item[i]);
}

/* A pattern that names nothing is an input as well: something may be there the next time. */
static int add_expanded(const struct step_job *job, const struct strings *patterns, struct strings *out, struct err *err)
{
	for (size_t i = 0; i < patterns->n_items; i++) {
		struct strings one = { 0 };
		struct strings found = { 0 };
		strings_add(&one, patterns->item[i]);
		int rc = workspace_expand(job->ws, &one, true, &found, err);
		if (rc != 0 && err->code == ERR_NOT_FOUND) {
			err_clear(err);
			rc = 0;
		}
		add_all(out, &found);
		strings_release(&found);
		strings_release(&one);
		if (rc != 0)
			return -1;
	}
	return 0;
}

static int list_inputs(const struct step_job *job, struct strings *out, struct err *err)
{
	const struct plan_step *step = job->step;
	struct strings patterns = { 0 };
	add_all(&patterns, &step->target);
	add_all(&patterns, &step->paths);
	if (step->prompt)
		add_all(&patterns, &job->plan->context);
	if (step->from)
		strings_add(&patterns, step->from);
	if (step->patch && step->patch_is_file)
		strings_add(&patterns, step->patch);
	if (step->into && *step->into)
		strings_add(&patterns, step->into);
	int rc = add_expanded(job, &patterns, out, err);
	for (size_t i = 0; i < job->n_reads; i++)
		strings_add(out, job->read[i].path);
	strings_sort(out);
	strings_release(&patterns);
	return rc;
}

static void hash_file(struct hasher *hasher, const struct workspace_file *file)
{
	hasher_add(hasher, file->path, strlen(file->path) + 1);
	if (file->err.code != ERR_NONE)
		return;
	unsigned mode = file->is_link ? 1 : (unsigned)file->mode;
	hasher_add(hasher, &mode, sizeof mode);
	hasher_add(hasher, file->hash.byte, sizeof file->hash.byte);
}

int step_inputs(const struct step_job *job, char out[HASH_HEX_SIZE], struct err *err)
{
	struct strings paths = { 0 };
	struct workspace_batch batch = { 0 };
	int rc = list_inputs(job, &paths, err);
	if (rc == 0)
		rc = workspace_read(job->ws, &paths, 0, &job->cancel, &batch, err);
	if (rc == 0) {
		struct hasher *hasher = hasher_new();
		struct hash hash;
		for (size_t i = 0; i < batch.n_files; i++)
			if (!i || strcmp(batch.file[i].path, batch.file[i - 1].path) != 0)
				hash_file(hasher, &batch.file[i]);
		hasher_finish(hasher, &hash);
		hash_format(&hash, out);
	}
	workspace_batch_release(&batch);
	strings_release(&paths);
	return rc;
}

/* ---- where it comes from ---- */

static bool changes_files(enum verb verb)
{
	return verb == VERB_WRITE || verb == VERB_REFACTOR || verb == VERB_SCAFFOLD || verb == VERB_TEST || verb == VERB_DELETE;
}

/* The tree must hold what the change was made on, file by file, whatever the inputs say. */
static int take_reviewed(struct step_job *job, bool *holds, struct err *err)
{
	const struct changeset *set = &job->reviewed->set;
	*holds = true;
	for (size_t i = 0; *holds && i < set->n_changes; i++) {
		const struct change *from = &set->change[i];
		struct change *change = changeset_add(&job->set, from->path);
		if (step_check_writable(job, from->path, err) != 0 || step_load(job, from->path, false, &change->before, err) != 0)
			return -1;
		*holds = image_equal(&change->before, &from->before);
		image_copy(&change->after, &from->after);
	}
	if (!*holds)
		changeset_release(&job->set);
	job->replaces_from_model = *holds && job->reviewed->replaces_from_model;
	return 0;
}

/* Landed before, or made by hand: what the dry run proposed is what the tree holds. */
static int is_there(struct step_job *job, bool *out, struct err *err)
{
	const struct changeset *set = &job->reviewed->set;
	*out = set->n_changes > 0;
	for (size_t i = 0; *out && i < set->n_changes; i++) {
		struct image now = { 0 };
		if (step_load(job, set->change[i].path, false, &now, err) != 0)
			return -1;
		struct image proposed = set->change[i].after; /* borrows */
		if (!proposed.mode) /* the umask made it */
			proposed.mode = now.mode;
		*out = image_equal(&now, &proposed);
		image_release(&now);
	}
	return 0;
}

static int propose_reviewed(struct step_job *job, struct err *err)
{
	bool holds = false;
	const struct review_step *reviewed = job->reviewed;
	if (reviewed->has_proposal) {
		if (step_inputs(job, job->inputs, err) != 0)
			return -1;
		if (strcmp(job->inputs, reviewed->inputs) == 0 && take_reviewed(job, &holds, err) != 0)
			return -1;
	}
	if (holds)
		return 0;
	bool there = false;
	if (reviewed->has_proposal && is_there(job, &there, err) != 0)
		return -1;
	if (there) {
		step_notice(job, "ok", "what the dry run proposed is in the tree already", NULL);
		return 0;
	}
	step_notice(job, reviewed->has_proposal ? "conflict" : "ok",
	            reviewed->has_proposal ? "what the step was made from changed since the dry run: it is proposed again"
	                                   : "the dry run could not see this step: it is proposed now",
	            reviewed->has_proposal ? "what is proposed now was not reviewed yet" : NULL);
	return step_ops(job->step->verb)->propose(job, err);
}

int step_propose(struct step_job *job, struct err *err)
{
	bool changes = changes_files(job->step->verb);
	if (changes && job->reviewed && job->attempt == 1)
		return propose_reviewed(job, err);
	if (changes && job->previews && step_inputs(job, job->inputs, err) != 0)
		return -1;
	return step_ops(job->step->verb)->propose(job, err);
}
