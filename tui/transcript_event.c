/* What each event adds to a step's transcript. */
#include "base/buf.h"
#include "base/xalloc.h"
#include "tui/transcript_impl.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void add_note(struct transcript *self, enum line_kind kind, char *text)
{
	prose_close(self);
	transcript_add_line(self, kind, text, strlen(text));
	free(text);
}

static void add_output(struct transcript *self, const struct event *event, const char *text, size_t n)
{
	const char *stream = event->stream ? event->stream : "";
	if (strcmp(stream, "model") == 0)
		transcript_add_answer(self, event->at_ms, text, n);
	else if (strcmp(stream, "reasoning") == 0)
		transcript_add_text(self, LINE_REASONING, text, n);
	else
		transcript_add_text(self, strcmp(stream, "stderr") == 0 ? LINE_STDERR : LINE_STDOUT, text, n);
}

static void note_attempt(struct transcript *self, const struct event *event)
{
	transcript_end_answer(self);
	self->model_bytes = self->model_first_ms = self->model_last_ms = 0;
	if (event->attempt > 1)
		add_note(self, LINE_NOTE, xasprintf("attempt %d%s%s", event->attempt, event->reason ? ": " : "",
		                                    event->reason ? event->reason : ""));
}

static void note_prompt(struct transcript *self, const struct event *event)
{
	transcript_end_answer(self);
	if (event->origin)
		add_note(self, LINE_ALERT, xasprintf("sample answer, %s: no model is asked", event->origin));
	else
		add_note(self, LINE_NOTE, xasprintf("asked %s %s%s", event->provider ? event->provider : "",
		                                    event->model ? event->model : "", event->cached ? " (cached)" : ""));
}

static void note_check(struct transcript *self, const struct event *event)
{
	const char *name = event->check ? event->check : "";
	if (event->kind == EVENT_CHECK_STARTED) {
		add_note(self, LINE_NOTE, xasprintf("check %s", name));
		return;
	}
	if (event->exit_code == 0)
		add_note(self, LINE_NOTE, xasprintf("check %s passed%s", name, event->cached ? " (cached)" : ""));
	else
		add_note(self, LINE_ALERT, xasprintf("check %s failed, exit %" PRId64, name, event->exit_code));
	for (size_t i = 0; i < event->diagnostics.n_diags; i++) {
		struct buf line = { 0 };
		diag_format(&line, &event->diagnostics.diag[i]);
		size_t n = line.len && line.data[line.len - 1] == '\n' ? line.len - 1 : line.len;
		transcript_add_line(self, LINE_ALERT, buf_str(&line), n);
		buf_release(&line);
	}
}

static void note_end(struct transcript *self, const struct event *event)
{
	transcript_end_answer(self);
	if (event->kind == EVENT_STEP_FAILED) {
		add_note(self, LINE_ALERT, xasprintf("failed: %s", event->message ? event->message : ""));
		if (event->hint && *event->hint)
			add_note(self, LINE_NOTE, xstrdup(event->hint));
	} else if (event->kind == EVENT_STEP_SKIPPED) {
		add_note(self, LINE_NOTE, xasprintf("skipped: %s", event->reason ? event->reason : ""));
	}
}

static void note_files(struct transcript *self, const struct event *event)
{
	for (size_t i = 0; i < event->files.n_files; i++) {
		const struct event_file *file = &event->files.file[i];
		const char *verb = event->kind == EVENT_LANDED ? "landed" : "rolled back";
		if (file->added < 0 || event->kind != EVENT_LANDED)
			add_note(self, LINE_NOTE, xasprintf("%s %s", verb, file->path));
		else
			add_note(self, LINE_NOTE, xasprintf("%s %s +%" PRId64 " -%" PRId64, verb, file->path, file->added,
			                                    file->removed));
	}
}

static void note_notice(struct transcript *self, const struct event *event)
{
	bool good = event->category && strcmp(event->category, "ok") == 0;
	add_note(self, good ? LINE_NOTE : LINE_ALERT, xstrdup(event->message ? event->message : ""));
	if (event->hint && *event->hint)
		add_note(self, LINE_NOTE, xstrdup(event->hint));
}

void transcript_add(struct transcript *transcript, const struct event *event, const char *text, size_t n)
{
	transcript_hide_tail(transcript);
	switch (event->kind) {
	case EVENT_STEP_STARTED: note_attempt(transcript, event); break;
	case EVENT_PROMPT_SENT: note_prompt(transcript, event); break;
	case EVENT_OUTPUT: add_output(transcript, event, text, n); break;
	case EVENT_FILE_READ:
		if (event->left_out)
			add_note(transcript, LINE_NOTE, xasprintf("read %" PRId64 " files", event->left_out));
		add_note(transcript, LINE_NOTE, xasprintf("read %s, %" PRId64 " bytes", event->path ? event->path : "",
		                                          event->bytes));
		break;
	case EVENT_RETRY_SCHEDULED:
		transcript_end_answer(transcript);
		add_note(transcript, LINE_ALERT, xasprintf("%s; tried again, %" PRId64 " of %" PRId64,
		                                           event->reason ? event->reason : "the transport failed",
		                                           event->try_no, event->tries));
		break;
	case EVENT_CHANGE_PROPOSED: transcript_end_answer(transcript); break;
	case EVENT_CHECK_STARTED:
	case EVENT_CHECK_FINISHED: note_check(transcript, event); break;
	case EVENT_LANDED:
	case EVENT_TAKEN_BACK: note_files(transcript, event); break;
	case EVENT_NOTICE:
		note_notice(transcript, event);
		break;
	case EVENT_MESSAGE_GIVEN:
		add_note(transcript, LINE_NOTE, xasprintf("%s to the model: %s", event->by ? event->by : "a person",
		                                          event->message ? event->message : ""));
		break;
	case EVENT_ROLLBACK_ASKED:
		add_note(transcript, LINE_NOTE, xasprintf("%s: other things changed since", event->mode ? event->mode : "undo"));
		break;
	case EVENT_CONFLICT:
		add_note(transcript, LINE_ALERT, xasprintf("conflict: '%s' is not what it was", event->path ? event->path : ""));
		break;
	case EVENT_STEP_FAILED:
	case EVENT_STEP_SKIPPED: note_end(transcript, event); break;
	default: break;
	}
}
