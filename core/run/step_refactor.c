/* `refactor`: edits existing files in place: by a model, by structural rewriting, or by a patch. */
#include "run/step.h"

#include "base/path.h"
#include "base/pool.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "edit/patch.h"
#include "edit/rewrite.h"
#include "run/prompt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int load_target(struct step_job *job, const char *path, bool keep, struct err *err)
{
	if (path_check_writable(path, err) != 0)
		return -1;
	struct change *change = changeset_add(&job->set, path);
	return step_load(job, path, keep, &change->before, err);
}

static void keep_as_it_is(struct change *change)
{
	image_release(&change->after);
	image_copy(&change->after, &change->before);
}

static int refactor_by_model(struct step_job *job, const struct strings *paths, struct err *err)
{
	for (size_t i = 0; i < paths->n_items; i++)
		if (load_target(job, paths->item[i], true, err) != 0)
			return -1;
	return prompt_ask(job, EDIT_SEARCH_REPLACE, false, err);
}

/* One file of a rewrite; files are independent, so they are worked on in parallel. */
struct rewriting {
	const struct rewrite *rewrite;
	struct workspace_file *file;
	struct buf *out;
	size_t *n_matches;
	struct err *err;
};

static void rewrite_one(void *arg, size_t i)
{
	struct rewriting *work = arg;
	const struct workspace_file *file = &work->file[i];
	if (file->err.code != ERR_NONE || file->is_link || text_is_binary(file->data, file->size))
		return;
	if (rewrite_text(work->rewrite, file->path, file->data, file->size, &work->out[i], &work->n_matches[i],
	                 &work->err[i]) != 0)
		work->n_matches[i] = 0;
}

static int collect_rewrites(struct step_job *job, struct rewriting *work, size_t n_files, struct err *err)
{
	size_t n_matches = 0;
	size_t n_files_changed = 0;
	for (size_t i = 0; i < n_files; i++) {
		const struct workspace_file *file = &work->file[i];
		if (file->err.code != ERR_NONE) {
			step_notice(job, err_category(file->err.code), file->err.msg, "the step goes on without this file");
			continue;
		}
		if (work->err[i].code != ERR_NONE) {
			*err = work->err[i];
			return err_prefix(err, "%s", file->path);
		}
		if (!work->n_matches[i])
			continue;
		if (path_check_writable(file->path, err) != 0)
			return -1;
		struct change *change = changeset_add(&job->set, file->path);
		if (step_load(job, file->path, false, &change->before, err) != 0)
			return -1;
		if (!hash_equal(&change->before.hash, &file->hash))
			return err_set(err, ERR_CONFLICT, "'%s' changed while it was being rewritten", file->path);
		image_set_file(&change->after, buf_str(&work->out[i]), work->out[i].len, change->before.mode);
		n_matches += work->n_matches[i];
		n_files_changed++;
	}
	if (!n_matches)
		return err_set(err, ERR_NOT_FOUND, "the pattern matches nowhere in %zu files", n_files);
	char text[120];
	snprintf(text, sizeof text, "%zu matches in %zu of %zu files", n_matches, n_files_changed, n_files);
	step_notice(job, "ok", text, NULL);
	return 0;
}

static int refactor_by_rewrite(struct step_job *job, const struct strings *paths, struct err *err)
{
	const struct plan_step *step = job->step;
	struct rewrite *rewrite = NULL;
	struct workspace_batch batch = { 0 };
	struct rewrite_where *where = xcalloc(step->where.n_pairs, sizeof *where);
	for (size_t i = 0; i < step->where.n_pairs; i++)
		where[i] = (struct rewrite_where){ step->where.pair[i].name, step->where.pair[i].value };
	int rc = rewrite_compile(&rewrite, step->rewrite_match, step->rewrite_replace, where, step->where.n_pairs, err);
	free(where);
	if (rc == 0)
		rc = workspace_read(job->ws, paths, 0, &job->cancel, &batch, err);
	if (rc == 0) {
		struct rewriting work = {
			.rewrite = rewrite,
			.file = batch.file,
			.out = xcalloc(batch.n_files, sizeof *work.out),
			.n_matches = xcalloc(batch.n_files, sizeof *work.n_matches),
			.err = xcalloc(batch.n_files, sizeof *work.err),
		};
		pool_for_each(batch.n_files, job->ws->n_threads, rewrite_one, &work);
		rc = collect_rewrites(job, &work, batch.n_files, err);
		for (size_t i = 0; i < batch.n_files; i++)
			buf_release(&work.out[i]);
		free(work.out);
		free(work.n_matches);
		free(work.err);
	}
	workspace_batch_release(&batch);
	rewrite_free(rewrite);
	return rc;
}

static int load_for_patch(void *arg, const char *path, struct image *out, struct err *err)
{
	if (path_check_writable(path, err) != 0)
		return -1;
	return step_load(arg, path, false, out, err);
}

/* A patch may touch only what the step names. */
static int check_patched_paths(const struct step_job *job, const struct strings *paths, struct err *err)
{
	for (size_t i = 0; i < job->set.n_changes; i++)
		if (strings_find(paths, job->set.change[i].path) < 0)
			return err_set(err, ERR_ACCESS, "the patch changes '%s', which the step does not name",
			               job->set.change[i].path);
	return 0;
}

static int refactor_by_patch(struct step_job *job, const struct strings *paths, struct err *err)
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
	return rc == 0 ? check_patched_paths(job, paths, err) : rc;
}

int step_refactor(struct step_job *job, struct err *err)
{
	const struct plan_step *step = job->step;
	struct strings paths = { 0 };
	if (step->rename_from)
		return err_set(err, ERR_UNSUPPORTED, "'rename' of refactor cannot be run by this version");
	if (workspace_expand(job->ws, &step->target, false, &paths, err) != 0)
		return -1;
	int rc;
	if (step->rewrite_match)
		rc = refactor_by_rewrite(job, &paths, err);
	else if (step->patch)
		rc = refactor_by_patch(job, &paths, err);
	else
		rc = refactor_by_model(job, &paths, err);
	for (size_t i = 0; rc == 0 && i < job->set.n_changes; i++)
		if (job->set.change[i].after.kind == IMAGE_ABSENT && !step->patch)
			keep_as_it_is(&job->set.change[i]);
	strings_release(&paths);
	return rc;
}
