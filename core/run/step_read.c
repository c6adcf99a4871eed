/* `read`: loads files in parallel, for the context of the steps that need it. Changes nothing. */
#include "run/step.h"

#include "base/hash.h"

#include <stdio.h>

static void tell_file(struct step_job *job, const struct workspace_file *file)
{
	char hex[HASH_HEX_SIZE];
	if (file->err.code == ERR_NONE) {
		hash_format(&file->hash, hex);
		struct event event = {
			.kind = EVENT_FILE_READ, .path = file->path, .bytes = (int64_t)file->size, .hash = hex,
		};
		job->emit(job, &event);
		return;
	}
	step_notice(job, err_category(file->err.code), file->err.msg,
	            file->err.hint[0] ? file->err.hint : "the step goes on without this file");
}

int step_read(struct step_job *job, struct err *err)
{
	struct strings paths = { 0 };
	struct workspace_batch batch = { 0 };
	if (workspace_expand(job->ws, &job->step->target, false, &paths, err) != 0)
		return -1;
	int rc = workspace_read(job->ws, &paths, job->step->max_bytes, &job->cancel, &batch, err);
	size_t n_good = 0;
	for (size_t i = 0; rc == 0 && i < batch.n_files; i++) {
		tell_file(job, &batch.file[i]);
		n_good += batch.file[i].err.code == ERR_NONE;
	}
	if (rc == 0 && batch.n_files && !n_good)
		rc = err_set(err, batch.file[0].err.code, "none of %zu files can be read; the first: %.300s", batch.n_files,
		             batch.file[0].err.msg);
	workspace_batch_release(&batch);
	strings_release(&paths);
	return rc;
}
