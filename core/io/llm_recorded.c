#include "io/llm_ask.h"

#include "io/recorded.h"

#include <string.h>

#define TICK_MS 20 /* text comes in pieces no smaller than what this time brings */

/* The end of the word (with the blanks after it) that begins at s: one piece of a stream. */
static size_t piece(const char *s, size_t n)
{
	size_t at = 0;
	while (at < n && !strchr(" \n\t", s[at]))
		at++;
	while (at < n && strchr(" \n\t", s[at]) && s[at])
		at++;
	return at ? at : 1;
}

static void tell_text(const struct llm_ask *ask, const char *text, size_t n)
{
	const struct llm_event event = { .kind = LLM_TEXT, .text = text, .n = n };
	if (n)
		llm_ask_tell(ask, &event);
}

/* Word by word; a word takes as long as its tokens would. */
static int play(struct llm_ask *ask, const struct recorded *recorded, struct err *err)
{
	double due_ms = 0, played_ms = 0;
	size_t from = 0, to = 0;
	while (to < recorded->n) {
		size_t n = piece(recorded->text + to, recorded->n - to);
		due_ms += 1000.0 * (double)llm_estimate_tokens(recorded->text + to, n) / recorded->tokens_per_second;
		to += n;
		if (due_ms - played_ms < TICK_MS && to < recorded->n)
			continue;
		int64_t wait_ms = due_ms - played_ms < INT32_MAX ? (int64_t)(due_ms - played_ms) : INT32_MAX;
		if (llm_ask_pause(ask, wait_ms, err) != 0)
			return -1;
		played_ms += (double)wait_ms;
		tell_text(ask, recorded->text + from, to - from);
		from = to;
	}
	return 0;
}

int llm_recorded(struct llm_ask *ask, struct llm_result *out, struct err *err)
{
	const struct llm_request *request = ask->request;
	struct recorded recorded;
	const char *step = request->step ? request->step : "";
	if (recorded_find(request->provider->file, step, request->attempt, &recorded, err) != 0)
		return -1;
	out->origin = llm_keep_origin(ask->llm, recorded.origin);
	const struct llm_event phase = {
		.kind = LLM_PHASE, .text = "streaming", .try_no = 1, .tries = 1, .origin = out->origin,
	};
	llm_ask_tell(ask, &phase);
	int rc = llm_ask_check(ask, err);
	if (rc == 0 && recorded.tokens_per_second > 0)
		rc = play(ask, &recorded, err);
	else if (rc == 0)
		tell_text(ask, recorded.text, recorded.n);
	recorded_release(&recorded);
	return rc;
}
