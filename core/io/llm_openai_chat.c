/*
 * OpenAI's chat completions (POST /v1/chat/completions), as OpenAI documents them and as Ollama, llama.cpp, LM Studio,
 * vLLM, SGLang, OpenRouter, Groq, Mistral, DeepSeek and others serve them.
 */
#include "io/llm_ops.h"

#include "io/url.h"

#include <string.h>

static char *make_url(const char *base)
{
	return url_join(base, "v1", "chat/completions");
}

static void put_stream_options(struct json_writer *w)
{
	json_key(w, "stream_options");
	json_begin_object(w);
	json_key(w, "include_usage");
	json_put_bool(w, true);
	json_end_object(w);
}

static void put_body(struct json_writer *w, const struct llm_request *request, const char *model, unsigned without)
{
	json_begin_object(w);
	llm_put_model(w, model);
	json_key(w, "messages");
	llm_put_messages(w, request);
	json_key(w, "stream");
	json_put_bool(w, true);
	if (!(without & LLM_STREAM_OPTIONS))
		put_stream_options(w);
	llm_put_temperature(w, request, without);
	if (request->max_tokens > 0) {
		json_key(w, without & LLM_MAX_TOKENS ? "max_completion_tokens" : "max_tokens");
		json_put_int(w, request->max_tokens);
	}
	json_end_object(w);
}

static void read_usage(struct llm_answer *answer, const struct json *usage)
{
	if (json_kind(usage) != JSON_IS_OBJECT)
		return;
	answer->has_usage = true;
	answer->tokens_in = json_get_int(usage, "prompt_tokens", answer->tokens_in);
	answer->tokens_out = json_get_int(usage, "completion_tokens", answer->tokens_out);
	answer->tokens_cached = json_get_int(json_get(usage, "prompt_tokens_details"), "cached_tokens",
	                                     json_get_int(usage, "prompt_cache_hit_tokens", answer->tokens_cached));
	answer->tokens_reasoning = json_get_int(json_get(usage, "completion_tokens_details"), "reasoning_tokens",
	                                        answer->tokens_reasoning);
}

/* Mistral's reasoning models send a list of {"type": "text" | "thinking"} instead of a text. */
static void read_parts(struct llm_answer *answer, const struct json *parts)
{
	for (size_t i = 0; i < json_len(parts); i++) {
		const struct json *part = json_at(parts, i);
		const struct json *thinking = json_get(part, "thinking");
		llm_answer_text(answer, json_get(part, "text"));
		for (size_t k = 0; json_kind(thinking) == JSON_IS_ARRAY && k < json_len(thinking); k++)
			llm_answer_reasoning(answer, json_get(json_at(thinking, k), "text"));
	}
}

static void read_message(struct llm_answer *answer, const struct json *message)
{
	const struct json *reasoning = json_get(message, "reasoning_content");
	const struct json *content = json_get(message, "content");
	size_t n_refusal;
	llm_answer_reasoning(answer, json_str(reasoning, NULL) ? reasoning : json_get(message, "reasoning"));
	if (json_kind(content) == JSON_IS_ARRAY)
		read_parts(answer, content);
	else
		llm_answer_text(answer, content);
	if (json_str(json_get(message, "refusal"), &n_refusal) && n_refusal) {
		llm_answer_reasoning(answer, json_get(message, "refusal"));
		answer->is_refused = true;
	}
}

static enum llm_finish finish_of(const char *reason)
{
	static const char *const cut[] = { "length", "max_tokens", "model_length", "max_output_tokens" };
	for (size_t i = 0; i < sizeof cut / sizeof *cut; i++)
		if (strcmp(reason, cut[i]) == 0)
			return LLM_LENGTH;
	return strcmp(reason, "content_filter") == 0 ? LLM_REFUSAL : LLM_STOP;
}

static void read_answer(struct llm_answer *answer, const struct json *json)
{
	const struct json *choice = json_at(json_get(json, "choices"), 0);
	const char *reason = json_get_str(choice, "finish_reason");
	const struct json *error = json_get(json, "error");
	if (!error || json_kind(error) == JSON_IS_NULL)
		error = json_get(choice, "error");
	const char *object = json_get_str(json, "object");
	if (error && json_kind(error) != JSON_IS_NULL)
		llm_answer_error(answer, error);
	else if (object && strcmp(object, "error") == 0) /* vLLM's, before it took over OpenAI's form */
		llm_answer_error(answer, json);
	read_message(answer, json_get(choice, "delta"));
	read_message(answer, json_get(choice, "message"));
	if (reason && *reason)
		llm_answer_finish(answer, finish_of(reason));
	read_usage(answer, json_get(json, "usage"));
}

static void read_event(struct llm_answer *answer, const char *type, const struct json *json)
{
	if (strcmp(type, "error") == 0)
		llm_answer_error(answer, json);
	else
		read_answer(answer, json);
}

const struct llm_ops llm_openai_chat = {
	.framing = SSE_EVENTS,
	.terminator = "[DONE]",
	.url = make_url,
	.headers = llm_bearer,
	.body = put_body,
	.event = read_event,
	.whole = read_answer,
};
