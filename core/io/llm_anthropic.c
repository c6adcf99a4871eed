/* Anthropic's messages (POST /v1/messages, version 2023-06-01), as Anthropic documents them; llama.cpp, OpenRouter and
 * LM Studio serve them too. */
#include "io/llm_ops.h"

#include "base/xalloc.h"
#include "io/url.h"

#include <string.h>

#define MAX_TOKENS 32000 /* the protocol wants a limit; the current models allow this much */

static char *make_url(const char *base)
{
	return url_join(base, "v1", "messages");
}

static void put_headers(struct strings *out, const char *key)
{
	strings_add(out, "anthropic-version: 2023-06-01");
	if (*key)
		strings_take(out, xasprintf("x-api-key: %s", key));
}

static bool is_system(const struct llm_message *message)
{
	return strcmp(message->role, "system") == 0;
}

/* The rules stand beside the conversation, not in it. */
static void put_system(struct json_writer *w, const struct llm_request *request)
{
	struct buf text = { 0 };
	for (size_t i = 0; i < request->n_messages; i++)
		if (is_system(&request->message[i]))
			buf_printf(&text, "%s%s", text.len ? "\n\n" : "", request->message[i].text);
	if (text.len) {
		json_key(w, "system");
		json_put_str(w, text.data, text.len);
	}
	buf_release(&text);
}

static void put_conversation(struct json_writer *w, const struct llm_request *request)
{
	json_key(w, "messages");
	json_begin_array(w);
	for (size_t i = 0; i < request->n_messages; i++)
		if (!is_system(&request->message[i]))
			llm_put_message(w, &request->message[i]);
	json_end_array(w);
}

static void put_body(struct json_writer *w, const struct llm_request *request, const char *model, unsigned without)
{
	json_begin_object(w);
	llm_put_model(w, model);
	json_key(w, "max_tokens");
	json_put_int(w, request->max_tokens > 0 ? request->max_tokens : MAX_TOKENS);
	put_system(w, request);
	put_conversation(w, request);
	json_key(w, "stream");
	json_put_bool(w, true);
	llm_put_temperature(w, request, without);
	json_end_object(w);
}

/* Input comes in three counts that do not overlap; output is the sum so far. */
static void read_usage(struct llm_answer *answer, const struct json *usage)
{
	int64_t fresh;
	if (json_kind(usage) != JSON_IS_OBJECT)
		return;
	answer->has_usage = true;
	answer->tokens_out = json_get_int(usage, "output_tokens", answer->tokens_out);
	if (json_as_int(json_get(usage, "input_tokens"), &fresh) != 0 || fresh <= 0)
		return;
	answer->tokens_cached = json_get_int(usage, "cache_read_input_tokens", 0);
	answer->tokens_in = fresh + answer->tokens_cached + json_get_int(usage, "cache_creation_input_tokens", 0);
}

static void read_reason(struct llm_answer *answer, const char *reason)
{
	if (!reason)
		return;
	if (strcmp(reason, "max_tokens") == 0 || strcmp(reason, "model_context_window_exceeded") == 0)
		llm_answer_finish(answer, LLM_LENGTH);
	else
		llm_answer_finish(answer, strcmp(reason, "refusal") == 0 ? LLM_REFUSAL : LLM_STOP);
}

/* A block of the content, or a piece of one: each kind has its own key. */
static void read_block(struct llm_answer *answer, const struct json *block)
{
	llm_answer_text(answer, json_get(block, "text"));
	llm_answer_reasoning(answer, json_get(block, "thinking"));
}

static void read_event(struct llm_answer *answer, const char *type, const struct json *json)
{
	const char *kind = json_get_str(json, "type");
	if (!kind)
		kind = type;
	if (strcmp(kind, "content_block_delta") == 0)
		read_block(answer, json_get(json, "delta"));
	else if (strcmp(kind, "content_block_start") == 0)
		read_block(answer, json_get(json, "content_block"));
	else if (strcmp(kind, "message_start") == 0)
		read_usage(answer, json_get(json_get(json, "message"), "usage"));
	else if (strcmp(kind, "message_delta") == 0) {
		read_reason(answer, json_get_str(json_get(json, "delta"), "stop_reason"));
		read_usage(answer, json_get(json, "usage"));
	} else if (strcmp(kind, "message_stop") == 0)
		answer->is_done = true;
	else if (strcmp(kind, "error") == 0 || json_kind(json) == JSON_IS_STRING)
		llm_answer_error(answer, json);
}

static void read_whole(struct llm_answer *answer, const struct json *json)
{
	const struct json *content = json_get(json, "content");
	if (json_get(json, "error"))
		llm_answer_error(answer, json);
	for (size_t i = 0; json_kind(content) == JSON_IS_ARRAY && i < json_len(content); i++)
		read_block(answer, json_at(content, i));
	read_reason(answer, json_get_str(json, "stop_reason"));
	read_usage(answer, json_get(json, "usage"));
}

const struct llm_ops llm_anthropic = {
	.framing = SSE_EVENTS,
	.max_tokens = MAX_TOKENS,
	.url = make_url,
	.headers = put_headers,
	.body = put_body,
	.event = read_event,
	.whole = read_whole,
};
