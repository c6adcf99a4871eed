#include "run/step.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

#define MERGE_MS 50
#define MERGE_BYTES 4000

static const struct step_ops verb_ops[VERB_N] = {
	[VERB_READ] = { step_read, false },
	[VERB_WRITE] = { step_write, false },
	[VERB_REFACTOR] = { step_refactor, false },
	[VERB_RUN] = { step_run, true },
	[VERB_DELETE] = { step_delete, false },
	[VERB_ASK] = { step_ask, false },
	[VERB_VALIDATE] = { step_validate, true },
};

const struct step_ops *step_ops(enum verb verb)
{
	return verb < VERB_N && verb_ops[verb].propose ? &verb_ops[verb] : NULL;
}

static void send_pending(struct step_job *job, size_t n)
{
	struct event event = {
		.kind = EVENT_OUTPUT,
		.stream = job->pending_stream,
		.text = { .data = buf_str(&job->pending), .len = n },
	};
	job->emit(job, &event);
	buf_consume(&job->pending, n);
}

void step_flush_output(struct step_job *job)
{
	if (job->pending.len)
		send_pending(job, job->pending.len);
}

void step_output(struct step_job *job, const char *stream, const char *text, size_t n)
{
	int64_t now_ms = clock_mono_ms();
	if (job->pending.len && strcmp(job->pending_stream, stream) != 0)
		step_flush_output(job);
	if (!job->pending.len) {
		job->pending_stream = stream;
		job->pending_since_ms = now_ms;
	}
	buf_add(&job->pending, text, n);
	if (job->pending.len < MERGE_BYTES && now_ms - job->pending_since_ms < MERGE_MS)
		return;
	size_t whole = text_whole_prefix(job->pending.data, job->pending.len);
	if (whole)
		send_pending(job, whole);
	job->pending_since_ms = now_ms;
}

void step_notice(struct step_job *job, const char *category, const char *message, const char *hint)
{
	struct event event = { .kind = EVENT_NOTICE, .category = category, .message = message, .hint = hint };
	step_flush_output(job);
	job->emit(job, &event);
}

void step_phase(struct step_job *job, const char *phase, int64_t limit_ms)
{
	struct event event = { .kind = EVENT_PHASE_CHANGED, .phase = phase, .limit_ms = limit_ms };
	step_flush_output(job);
	job->emit(job, &event);
}

int step_load(struct step_job *job, const char *path, bool keep, struct image *out, struct err *err)
{
	char hex[HASH_HEX_SIZE];
	if (file_image(&job->ws->root, path, NULL, out, err) != 0)
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

void step_job_release(struct step_job *job)
{
	strings_release(&job->reads);
	for (size_t i = 0; i < job->n_notes; i++) {
		free(job->note[i].answer);
		free(job->note[i].feedback);
	}
	free(job->note);
	changeset_release(&job->set);
	buf_release(&job->answer);
	buf_release(&job->feedback);
	buf_release(&job->pending);
}
