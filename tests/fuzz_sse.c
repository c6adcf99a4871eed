/* Streams of models, cut in two ways: the same events, text and reasoning must come out of both. */
#include "base/buf.h"
#include "io/llm_ask.h"
#include "io/llm_ops.h"
#include "io/sse.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct reading {
	const struct llm_ops *ops;
	struct llm_answer answer;
	struct buf events, text;
};

static void hear(void *arg, const struct llm_event *event)
{
	struct reading *reading = arg;
	if (event->kind != LLM_TEXT && event->kind != LLM_REASONING)
		abort();
	/* A character whose halves come apart is given out in pieces that depend on events alone, never on splits. */
	buf_add_char(&reading->text, event->kind == LLM_TEXT ? 't' : 'r');
	buf_add(&reading->text, event->text, event->n);
}

static int take_event(void *arg, const struct sse_event *event, struct err *err)
{
	struct reading *reading = arg;
	struct json *json = NULL;
	(void)err;
	buf_printf(&reading->events, "%d%d%s|", event->is_ping, event->is_tail, event->type);
	buf_add(&reading->events, event->data, event->n);
	if (event->data[event->n] != '\0')
		abort();
	if (llm_answer_json(&reading->answer, &json, event->data, event->n, NULL) == 0)
		reading->ops->event(&reading->answer, event->type, json);
	json_free(json);
	return 0;
}

static void read_stream(struct reading *reading, enum sse_framing framing, const struct llm_ops *ops,
                        const uint8_t *data, size_t size, size_t step)
{
	struct llm_ask ask = { .event = hear, .arg = reading };
	struct sse sse;
	struct err err;
	*reading = (struct reading){ .ops = ops };
	llm_answer_init(&reading->answer, &ask);
	sse_init(&sse, framing, take_event, reading);
	for (size_t at = 0; at < size; at += step) {
		size_t n = step < size - at ? step : size - at;
		if (sse_feed(&sse, (const char *)data + at, n, &err) != 0)
			abort();
	}
	if (sse_finish(&sse, &err) != 0)
		abort();
	llm_answer_flush(&reading->answer);
	sse_release(&sse);
}

static void release(struct reading *reading)
{
	llm_answer_release(&reading->answer);
	buf_release(&reading->events);
	buf_release(&reading->text);
}

static void compare(enum sse_framing framing, const struct llm_ops *ops, const uint8_t *data, size_t size, size_t step)
{
	struct reading whole, parts;
	read_stream(&whole, framing, ops, data, size, size);
	read_stream(&parts, framing, ops, data, size, step);
	if (whole.events.len != parts.events.len || whole.text.len != parts.text.len)
		abort();
	if (whole.events.len && memcmp(whole.events.data, parts.events.data, whole.events.len) != 0)
		abort();
	if (whole.text.len && memcmp(whole.text.data, parts.text.data, whole.text.len) != 0)
		abort();
	release(&whole);
	release(&parts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > 1 << 20)
		return 0;
	for (int kind = 0; kind < PROVIDER_RECORDED; kind++) {
		const struct llm_ops *ops = llm_ops_of((enum provider_kind)kind);
		if (!ops)
			continue;
		compare(ops->framing, ops, data, size, 1);
		compare(ops->framing, ops, data, size, 1 + size % 13);
	}
	return 0;
}
