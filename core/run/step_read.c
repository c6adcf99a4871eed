/*
 * `read`: loads files in parallel, for the context of the steps that need it. Changes nothing. Files go by in portions,
 * so that ten thousand of them need neither the memory of all nor an event's journey each.
 */
#include "run/step.h"

#include "base/hash.h"

#include <stdio.h>

#define PORTION 512
#define READ_MAX (4 * 1024 * 1024) /* of one file, where the step gives no `max_bytes`; no prompt holds more */

struct tally {
	size_t n_good;
	int64_t n_bytes;
	struct err first;
};

static void tell_file(const struct workspace_file *file, struct event_batch *batch, struct tally *tally)
{
	char hex[HASH_HEX_SIZE];
	struct event event = { .kind = EVENT_NOTICE };
	if (file->err.code != ERR_NONE) {
		if (tally->first.code == ERR_NONE)
			tally->first = file->err;
		event.category = err_category(file->err.code);
		event.message = file->err.msg;
		event.hint = file->err.hint[0] ? file->err.hint : "the step goes on without this file";
		event_batch_add(batch, &event);
		return;
	}
	hash_format(&file->hash, hex);
	event.kind = EVENT_FILE_READ;
	event.path = file->path;
	event.bytes = (int64_t)file->size;
	event.hash = hex;
	event_batch_add(batch, &event);
	tally->n_good++;
	tally->n_bytes += (int64_t)file->size;
}

static int read_portion(struct step_job *job, const struct strings *paths, struct tally *tally, struct err *err)
{
	struct workspace_batch files = { 0 };
	struct event_batch batch = { 0 };
	int64_t max = job->step->max_bytes ? job->step->max_bytes : READ_MAX;
	if (workspace_read(job->ws, paths, max, &job->cancel, &files, err) != 0)
		return -1;
	for (size_t i = 0; i < files.n_files; i++)
		tell_file(&files.file[i], &batch, tally);
	job->emit_all(job, &batch);
	event_batch_release(&batch);
	workspace_batch_release(&files);
	return 0;
}

int step_read(struct step_job *job, struct err *err)
{
	struct strings paths = { 0 };
	struct tally tally = { 0 };
	char text[80];
	if (workspace_expand(job->ws, &job->step->target, false, &paths, err) != 0)
		return -1;
	int rc = 0;
	for (size_t at = 0; rc == 0 && at < paths.n_items; at += PORTION) {
		size_t n = paths.n_items - at < PORTION ? paths.n_items - at : PORTION;
		struct strings portion = { .item = paths.item + at, .n_items = n };
		rc = read_portion(job, &portion, &tally, err);
	}
	if (rc == 0 && paths.n_items && !tally.n_good)
		rc = err_set(err, tally.first.code, "none of %zu files can be read; the first: %.300s", paths.n_items,
		             tally.first.msg);
	int n = snprintf(text, sizeof text, "%zu file%s, %lld bytes\n", tally.n_good, tally.n_good == 1 ? "" : "s",
	                 (long long)tally.n_bytes);
	if (rc == 0)
		step_output(job, "stdout", text, (size_t)n);
	strings_release(&paths);
	return rc;
}
