/* Edits that need no model, over many files: they are independent, so they are worked on in parallel. */
#include "run/step_edit.h"

#include "base/pool.h"
#include "base/text.h"
#include "base/xalloc.h"

#include <stdio.h>
#include <stdlib.h>

struct editing {
	const struct step_edit *edit;
	const struct cancel *cancel;
	const struct workspace_file *file;
	struct edited {
		struct buf text;
		size_t n_matches;
		const char *passed; /* why the file is none that is edited; or NULL */
		struct err err;
	} *done;
};

static void edit_one(void *arg, size_t i)
{
	struct editing *work = arg;
	const struct workspace_file *file = &work->file[i];
	struct edited *done = &work->done[i];
	done->err = file->err;
	if (file->err.code != ERR_NONE || cancel_is_set(work->cancel))
		return;
	if (file->is_link || text_is_binary(file->data, file->size)) {
		done->passed = file->is_link ? "a symbolic link" : "no text";
		return;
	}
	if (work->edit->text(work->edit->arg, file, &done->text, &done->n_matches, &done->err) != 0)
		done->n_matches = 0;
}

/* One file's part of the change set. 1: it cannot be written, and is left out. */
static int take_file(struct step_job *job, const struct workspace_file *file, struct edited *done, struct err *err)
{
	if (step_check_writable(job, file->path, err) != 0)
		return 1;
	struct change *change = changeset_add(&job->set, file->path);
	if (step_load(job, file->path, false, &change->before, err) != 0)
		return -1;
	if (!hash_equal(&change->before.hash, &file->hash))
		return err_set(err, ERR_CONFLICT, "'%s' changed while it was being edited", file->path);
	size_t n;
	char *text = buf_take(&done->text, &n);
	image_take_file(&change->after, text ? text : xstrdup(""), n, change->before.mode);
	return 0;
}

static void tell_left_out(struct step_job *job, const struct err *why)
{
	step_notice(job, err_category(why->code), why->msg, why->hint[0] ? why->hint : "the step goes on without this file");
}

/* Names the first of the files that could not have a match. */
static int nothing_found(const struct editing *work, size_t n_files, struct err *err)
{
	size_t n_passed = 0;
	size_t first = 0;
	for (size_t i = n_files; i > 0; i--)
		if (work->done[i - 1].passed) {
			first = i - 1;
			n_passed++;
		}
	if (n_files == 1 && n_passed)
		return err_set(err, ERR_ACCESS, "'%s' is %s, and is not edited", work->file[0].path, work->done[0].passed);
	err_set(err, ERR_NOT_FOUND, "%s nowhere in %zu file%s", work->edit->nothing, n_files, n_files == 1 ? "" : "s");
	if (n_passed)
		err_hint(err, "%zu of them cannot be edited: '%s' is %s", n_passed, work->file[first].path,
		         work->done[first].passed);
	return -1;
}

static int collect(struct step_job *job, struct editing *work, size_t n_files, struct err *err)
{
	size_t n_matches = 0;
	size_t n_taken = 0;
	size_t n_left_out = 0;
	for (size_t i = 0; i < n_files; i++) {
		struct edited *done = &work->done[i];
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
		return err_set(err, ERR_CANCELLED, "the step was stopped");
	if (!n_matches && n_left_out)
		return err_set(err, ERR_ACCESS, "none of the files that match can be written");
	if (!n_matches)
		return nothing_found(work, n_files, err);
	char text[120];
	snprintf(text, sizeof text, "%zu %s in %zu of %zu files", n_matches,
	         n_matches == 1 ? work->edit->one : work->edit->many, n_taken, n_files);
	step_notice(job, "ok", text, NULL);
	return 0;
}

int step_edit_files(struct step_job *job, const struct strings *paths, const struct step_edit *edit, struct err *err)
{
	struct workspace_batch batch = { 0 };
	int rc = workspace_read(job->ws, paths, 0, &job->cancel, &batch, err);
	if (rc == 0) {
		struct editing work = {
			.edit = edit,
			.cancel = &job->cancel,
			.file = batch.file,
			.done = xcalloc(batch.n_files, sizeof *work.done),
		};
		pool_for_each(batch.n_files, job->ws->n_threads, edit_one, &work);
		rc = collect(job, &work, batch.n_files, err);
		for (size_t i = 0; i < batch.n_files; i++)
			buf_release(&work.done[i].text);
		free(work.done);
	}
	workspace_batch_release(&batch);
	return rc;
}
