#include "run/step.h"

#include "base/glob.h"
#include "base/hash.h"
#include "base/path.h"
#include "base/vec.h"
#include "base/xalloc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct step_ops verb_ops[VERB_N] = {
	[VERB_READ] = { .propose = step_read },
	[VERB_WRITE] = { .propose = step_write },
	[VERB_REFACTOR] = { .propose = step_refactor },
	[VERB_SCAFFOLD] = { .propose = step_scaffold },
	[VERB_TEST] = { .propose = step_test, .runs_aside = true },
	[VERB_RUN] = { .propose = step_run, .runs_command = true },
	[VERB_DELETE] = { .propose = step_delete },
	[VERB_ASK] = { .propose = step_ask },
	[VERB_VALIDATE] = { .propose = step_validate, .runs_command = true },
};

const struct step_ops *step_ops(enum verb verb)
{
	return verb < VERB_N && verb_ops[verb].propose ? &verb_ops[verb] : NULL;
}

bool step_runs_command(const struct plan_step *step)
{
	const struct step_ops *ops = step_ops(step->verb);
	return ops && ops->runs_command && (step->verb != VERB_VALIDATE || step->target.n_items);
}

void step_output(struct step_job *job, const char *stream, const char *text, size_t n)
{
	if (n)
		job->output(job, stream, text, n);
}

void step_notice(struct step_job *job, const char *category, const char *message, const char *hint)
{
	struct event event = { .kind = EVENT_NOTICE, .category = category, .message = message, .hint = hint };
	job->emit(job, &event);
}

void step_phase(struct step_job *job, const char *phase, int64_t limit_ms)
{
	struct event event = { .kind = EVENT_PHASE_CHANGED, .phase = phase, .limit_ms = limit_ms };
	job->emit(job, &event);
}

int step_load(struct step_job *job, const char *path, bool keep, struct image *out, struct err *err)
{
	char hex[HASH_HEX_SIZE];
	if (file_image(&job->ws->root, path, job->spool_dir, out, err) != 0)
		return -1;
	if (out->kind == IMAGE_ABSENT)
		return 0;
	hash_format(&out->hash, hex);
	struct event event = { .kind = EVENT_FILE_READ, .path = path, .bytes = out->size, .hash = hex };
	if (keep && out->kind == IMAGE_FILE && out->data)
		event.text = (struct event_text){ .data = out->data, .len = (size_t)out->size };
	job->emit(job, &event);
	return 0;
}

/* A file is replaced, so its folder must let us; and one that nobody may write is left alone as its owner meant it. */
static int check_system(const struct step_job *job, const char *path, struct err *err)
{
	const char *base;
	int folder = file_open_parent(&job->ws->root, path, &base, err);
	if (folder < 0 && err->code == ERR_NOT_FOUND)
		return 0; /* it will be made */
	if (folder < 0)
		return -1;
	int why = 0;
	if (faccessat(folder, base, W_OK, AT_EACCESS | AT_SYMLINK_NOFOLLOW) != 0 && errno != ENOENT)
		why = errno;
	if (!why && faccessat(folder, ".", W_OK | X_OK, AT_EACCESS) != 0)
		why = errno;
	close(folder);
	if (!why)
		return 0;
	err_errno(err, why, "'%s' cannot be written", path);
	return err_hint(err, "chmod u+w '%s', or leave it out of the step", path);
}

int step_check_writable(const struct step_job *job, const char *path, struct err *err)
{
	err_clear(err);
	if (path_check_writable(path, err) != 0)
		return -1;
	return check_system(job, path, err);
}

bool step_names(const struct strings *patterns, const char *path)
{
	for (size_t i = 0; i < patterns->n_items; i++) {
		struct glob *glob;
		struct err err;
		if (path_is_below(path, patterns->item[i]))
			return true;
		if (glob_compile(&glob, patterns->item[i], &err) != 0)
			continue; /* the loader refused such a pattern long ago */
		bool match = glob_match(glob, path);
		glob_free(glob);
		if (match)
			return true;
	}
	return false;
}

void step_job_add_read(struct step_job *job, const char *path, const struct plan_step *from)
{
	for (size_t i = 0; i < job->n_reads; i++) {
		const struct read_ref *there = &job->read[i];
		if (strcmp(there->path, path) == 0 && there->first_line == from->first_line &&
		    there->last_line == from->last_line && there->max_bytes == from->max_bytes)
			return;
	}
	job->read = vec_room(job->read, job->n_reads, &job->cap_reads, sizeof *job->read);
	job->read[job->n_reads++] = (struct read_ref){
		.path = xstrdup(path),
		.first_line = from->first_line,
		.last_line = from->last_line,
		.max_bytes = from->max_bytes,
	};
}

void step_job_release(struct step_job *job)
{
	for (size_t i = 0; i < job->n_reads; i++)
		free(job->read[i].path);
	free(job->read);
	for (size_t i = 0; i < job->n_notes; i++) {
		free(job->note[i].answer);
		free(job->note[i].feedback);
	}
	free(job->note);
	changeset_release(&job->set);
	free(job->instruction);
	strings_release(&job->messages);
	strings_release(&job->beside);
	buf_release(&job->answer);
	buf_release(&job->feedback);
}
