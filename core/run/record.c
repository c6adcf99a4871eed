/* What happened becomes an event: numbered, journaled, folded, told. And text that streams, merged on its way. */
#include "run/engine.h"

#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

#define MERGE_MS 50

int engine_node_of(const struct executor *ex, const char *step)
{
	return step ? (int)(uintptr_t)map_get(&ex->node_by_id, step) - 1 : -1;
}

void engine_fail(struct executor *ex, const struct err *why)
{
	if (ex->fatal.code == ERR_NONE)
		ex->fatal = *why;
}

static int put_blob(struct executor *ex, const struct event_text *text, char hex[HASH_HEX_SIZE], struct err *err)
{
	struct hash hash;
	if (!ex->store)
		return err_set(err, ERR_INTERNAL, "a text came before the store was open");
	if (store_put(ex->store, text->data, text->len, &hash, err) != 0)
		return -1;
	hash_format(&hash, hex);
	return 0;
}

/*
 * Texts over the limit go into the store; the journal holds their hash. So does the text of a file that a prompt
 * shows, whatever its length: the live diff of a replay wants it, and the event has no field for it.
 */
static int store_text(struct executor *ex, struct event *event, char hex[HASH_HEX_SIZE], struct err *err)
{
	bool is_read = event->kind == EVENT_FILE_READ;
	if (!event->text.data || (event->text.len <= EVENT_TEXT_INLINE_MAX && !is_read))
		return 0;
	if (put_blob(ex, &event->text, hex, err) != 0)
		return -1;
	if (!is_read)
		event->text.blob = hex;
	return 0;
}

static void number(struct executor *ex, struct event *event, uint64_t seq)
{
	event->seq = seq;
	event->at_ms = clock_wall_ms();
	event->run = ex->options.run_id;
}

/* After the journal: the model, then what hangs on it. */
static int fold(struct executor *ex, const struct event *event, struct err *err)
{
	if (run_model_apply(&ex->model, event, err) != 0)
		return -1;
	rollback_note(ex, event);
	ex->last_kind = event->kind;
	ex->ended = event->kind == EVENT_RUN_FINISHED;
	return 0;
}

static int record(struct executor *ex, struct event *event, bool durable, struct err *err)
{
	char hex[HASH_HEX_SIZE];
	if (store_text(ex, event, hex, err) != 0)
		return -1;
	if (journal_append(ex->journal, event, err) != 0 || (durable && journal_sync(ex->journal, err) != 0)) {
		ex->journal_failed = true;
		return -1;
	}
	event->text.blob = NULL; /* listeners get the text itself */
	if (fold(ex, event, err) != 0)
		return -1;
	live_feed_publish(ex->feed, event);
	return 0;
}

/* Secrets leave the event before anything else sees it, so that the journal, the model and the screen agree. */
int engine_record(struct executor *ex, struct event *event, bool durable, struct err *err)
{
	struct event *owned;
	int node = event->kind == EVENT_OUTPUT ? -1 : engine_node_of(ex, event->step);
	if (node >= 0)
		output_flush(ex, (size_t)node);
	number(ex, event, journal_next_seq(ex->journal));
	redactor_event(journal_redactor(ex->journal), event, &owned);
	int rc = record(ex, owned ? owned : event, durable, err);
	free(owned);
	return rc;
}

int engine_record_all(struct executor *ex, struct event_batch *batch, struct err *err)
{
	uint64_t seq = journal_next_seq(ex->journal);
	if (!batch->n_events)
		return 0;
	for (size_t i = 0; i < batch->n_events; i++) {
		struct event *owned;
		number(ex, batch->event[i], seq + i);
		if (redactor_event(journal_redactor(ex->journal), batch->event[i], &owned) == batch->event[i])
			continue;
		free(batch->event[i]);
		batch->event[i] = owned;
	}
	if (journal_append_all(ex->journal, batch->event, batch->n_events, err) != 0) {
		ex->journal_failed = true;
		return -1;
	}
	for (size_t i = 0; i < batch->n_events; i++) {
		if (fold(ex, batch->event[i], err) != 0)
			return -1;
		live_feed_give(ex->feed, batch->event[i]);
		batch->event[i] = NULL;
	}
	batch->n_events = 0;
	return 0;
}

void engine_tell(struct executor *ex, struct event *event)
{
	struct err err = { 0 };
	if (ex->fatal.code == ERR_NONE && engine_record(ex, event, false, &err) != 0)
		engine_fail(ex, &err);
}

/* Few texts go into the store; the rest, thousands of files that were read, is one write. */
void engine_tell_all(struct executor *ex, struct event_batch *batch)
{
	struct err err = { 0 };
	bool plain = true;
	for (size_t i = 0; i < batch->n_events; i++)
		plain = plain && !batch->event[i]->text.data;
	if (plain && batch->n_events > 1) {
		if (ex->fatal.code == ERR_NONE && engine_record_all(ex, batch, &err) != 0)
			engine_fail(ex, &err);
		return;
	}
	for (size_t i = 0; i < batch->n_events; i++)
		engine_tell(ex, batch->event[i]);
}

void engine_notice(struct executor *ex, const char *step, const char *category, const char *message, const char *hint)
{
	struct event event = {
		.kind = EVENT_NOTICE, .step = step, .category = category, .message = message, .hint = hint,
	};
	engine_tell(ex, &event);
}

static void tell_output(struct executor *ex, size_t node)
{
	struct engine_node *state = &ex->state[node];
	struct event event = {
		.kind = EVENT_OUTPUT,
		.step = ex->graph.node[node].step->id,
		.attempt = state->attempt,
		.stream = state->stream,
	};
	while (event_output_next(&state->output, &event.text))
		engine_tell(ex, &event);
	state->sent_ms = clock_mono_ms();
	state->holds_output = false;
}

/* All of it, to the last byte: the stream has ended, or something else is to be told. */
void output_flush(struct executor *ex, size_t node)
{
	if (!ex->journal || !ex->state[node].stream)
		return;
	event_output_flush(&ex->state[node].output, journal_redactor(ex->journal));
	tell_output(ex, node);
	ex->state[node].stream = NULL;
}

/* The first text after a pause goes at once; what follows within 50 ms goes together. */
void output_take(struct executor *ex, struct message *message)
{
	struct engine_node *state = &ex->state[message->node];
	if (state->stream && strcmp(state->stream, message->stream) != 0)
		output_flush(ex, message->node);
	state->stream = message->stream;
	event_output_add(&state->output, journal_redactor(ex->journal), message->text.data, message->text.len);
	int64_t due_ms = state->sent_ms + MERGE_MS;
	if (clock_mono_ms() >= due_ms || state->output.clean.len >= EVENT_TEXT_INLINE_MAX) {
		tell_output(ex, message->node);
		return;
	}
	state->holds_output = true;
	if (!ex->output_due_ms || due_ms < ex->output_due_ms)
		ex->output_due_ms = due_ms;
}

void output_flush_due(struct executor *ex, int64_t now_ms)
{
	if (!ex->output_due_ms || now_ms < ex->output_due_ms)
		return;
	ex->output_due_ms = 0;
	for (size_t i = 0; i < ex->graph.n_nodes; i++)
		if (ex->state[i].holds_output)
			tell_output(ex, i);
}
