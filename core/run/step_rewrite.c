/* `refactor` by structural rewriting: files are independent, so they are worked on in parallel. */
#include "run/step.h"

#include "base/pool.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "edit/rewrite.h"

#include <stdio.h>
#include <stdlib.h>

struct rewriting {
	const struct rewrite *rewrite;
	const struct cancel *cancel;
	const struct workspace_file *file;
	struct rewritten {
		struct buf text;
		size_t n_matches;
		struct err err;
	} *done;
};

static void rewrite_one(void *arg, size_t i)
{
	struct rewriting *work = arg;
	const struct workspace_file *file = &work->file[i];
	struct rewritten *done = &work->done[i];
	done->err = file->err;
	if (file->err.code != ERR_NONE || file->is_link || text_is_binary(file->data, file->size) ||
	    cancel_is_set(work->cancel))
		return;
	if (rewrite_text(work->rewrite, file->path, file->data, file->size, &done->text, &done->n_matches, &done->err) != 0)
		done->n_matches = 0;
}

/* One file's part of the change set. 1: it cannot be written, and is left out. */
static int take_file(struct step_job *job, const struct workspace_file *file, struct rewritten *done, struct err *err)
{
	if (step_check_writable(job, file->path, err) != 0)
		return 1;
	struct change *change = changeset_add(&job->set, file->path);
	if (step_load(job, file->path, false, &change->before, err) != 0)
		return -1;
	if (!hash_equal(&change->before.hash, &file->hash))
		return err_set(err, ERR_CONFLICT, "'%s' changed while it was being rewritten", file->path);
	size_t n;
	char *text = buf_take(&done->text, &n);
	image_take_file(&change->after, text ? text : xstrdup(""), n, change->before.mode);
	return 0;
}

static void tell_left_out(struct step_job *job, const struct err *why)
{
	step_notice(job, err_category(why->code), why->msg, why->hint[0] ? why->hint : "the step goes on without this file");
}

static int collect(struct step_job *job, struct rewriting *work, size_t n_files, struct err *err)
{
	size_t n_matches = 0;
	size_t n_taken = 0;
	size_t n_left_out = 0;
	for (size_t i = 0; i < n_files; i++) {
		struct rewritten *done = &work->done[i];
		struct err why = done->err;
		int rc = why.code != ERR_NONE;
		if (rc == 0 && done->n_matches)
			rc = take_file(job, &work->file[i], done, &why);
		if (rc < 0) {
			*err = why;
			return -1;
		}
		if (rc > 0) {
			tell_left_out(job, &why);
			n_left_out++;
		} else if (done->n_matches) {
			n_matches += done->n_matches;
			n_taken++;
		}
	}
	if (cancel_is_set(&job->cancel))
		return err_set(err, ERR_CANCELLED, "the rewrite was stopped");
	if (!n_matches && n_left_out)
		return err_set(err, ERR_ACCESS, "none of the files that match can be rewritten");
	if (!n_matches)
		return err_set(err, ERR_NOT_FOUND, "the pattern matches nowhere in %zu file%s", n_files, n_files == 1 ? "" : "s");
	char text[120];
	snprintf(text, sizeof text, "%zu match%s in %zu of %zu files", n_matches, n_matches == 1 ? "" : "es", n_taken,
	         n_files);
	step_notice(job, "ok", text, NULL);
	return 0;
}

int step_rewrite_compile(const struct plan_step *step, struct rewrite **out, struct err *err)
{
	struct rewrite_where *where = xcalloc(step->where.n_pairs, sizeof *where);
	for (size_t i = 0; i < step->where.n_pairs; i++)
		where[i] = (struct rewrite_where){ step->where.pair[i].name, step->where.pair[i].value };
	int rc = rewrite_compile(out, step->rewrite_match, step->rewrite_replace, where, step->where.n_pairs, err);
	free(where);
	return rc;
}

int step_rewrite(struct step_job *job, const struct strings *paths, struct err *err)
{
	struct rewrite *rewrite = NULL;
	struct workspace_batch batch = { 0 };
	if (step_rewrite_compile(job->step, &rewrite, err) != 0)
		return -1;
	int rc = workspace_read(job->ws, paths, 0, &job->cancel, &batch, err);
	if (rc == 0) {
		struct rewriting work = {
			.rewrite = rewrite,
			.cancel = &job->cancel,
			.file = batch.file,
			.done = xcalloc(batch.n_files, sizeof *work.done),
		};
		pool_for_each(batch.n_files, job->ws->n_threads, rewrite_one, &work);
		rc = collect(job, &work, batch.n_files, err);
		for (size_t i = 0; i < batch.n_files; i++)
			buf_release(&work.done[i].text);
		free(work.done);
	}
	workspace_batch_release(&batch);
	rewrite_free(rewrite);
	return rc;
}
