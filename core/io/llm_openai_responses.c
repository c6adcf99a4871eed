/* OpenAI's responses (POST /v1/responses), as OpenAI documents them; llama.cpp and vLLM serve them too. Nothing is kept
 * on the server. */
#include "io/llm_ops.h"

#include "io/url.h"

#include <string.h>

static char *make_url(const char *base)
{
	return url_join(base, "v1", "responses");
}

static void put_body(struct json_writer *w, const struct llm_request *request, const char *model, unsigned without)
{
	json_begin_object(w);
	llm_put_model(w, model);
	json_key(w, "input");
	llm_put_messages(w, request);
	json_key(w, "stream");
	json_put_bool(w, true);
	json_key(w, "store");
	json_put_bool(w, false);
	llm_put_temperature(w, request, without);
	if (request->max_tokens > 0) {
		json_key(w, "max_output_tokens");
		json_put_int(w, request->max_tokens);
	}
	json_end_object(w);
}

static void read_usage(struct llm_answer *answer, const struct json *usage)
{
	if (json_kind(usage) != JSON_IS_OBJECT)
		return;
	answer->has_usage = true;
	answer->tokens_in = json_get_int(usage, "input_tokens", 0);
	answer->tokens_out = json_get_int(usage, "output_tokens", 0);
	answer->tokens_cached = json_get_int(json_get(usage, "input_tokens_details"), "cached_tokens", 0);
	answer->tokens_reasoning = json_get_int(json_get(usage, "output_tokens_details"), "reasoning_tokens", 0);
}

/* The response as its terminal event, or a server that does not stream, gives it: all but the text. */
static void read_response(struct llm_answer *answer, const struct json *response)
{
	const struct json *error = json_get(response, "error");
	const char *status = json_get_str(response, "status");
	const char *reason = json_get_str(json_get(response, "incomplete_details"), "reason");
	read_usage(answer, json_get(response, "usage"));
	if (json_kind(error) == JSON_IS_OBJECT || json_kind(error) == JSON_IS_STRING)
		llm_answer_error(answer, error);
	else if (status && strcmp(status, "failed") == 0)
		llm_answer_error(answer, response);
	if (status && strcmp(status, "incomplete") == 0)
		llm_answer_finish(answer, reason && strcmp(reason, "content_filter") == 0 ? LLM_REFUSAL : LLM_LENGTH);
	else
		llm_answer_finish(answer, LLM_STOP);
	answer->is_done = true;
}

static void read_refusal(struct llm_answer *answer, const struct json *text)
{
	size_t n;
	if (!json_str(text, &n) || n == 0)
		return;
	llm_answer_reasoning(answer, text);
	answer->is_refused = true;
}

static void read_item(struct llm_answer *answer, const struct json *item)
{
	const struct json *content = json_get(item, "content");
	const struct json *summary = json_get(item, "summary");
	const char *kind = json_get_str(item, "type");
	bool is_reasoning = kind && strcmp(kind, "reasoning") == 0;
	for (size_t i = 0; json_kind(summary) == JSON_IS_ARRAY && i < json_len(summary); i++)
		llm_answer_reasoning(answer, json_get(json_at(summary, i), "text"));
	for (size_t i = 0; json_kind(content) == JSON_IS_ARRAY && i < json_len(content); i++) {
		const struct json *part = json_at(content, i);
		if (is_reasoning)
			llm_answer_reasoning(answer, json_get(part, "text"));
		else
			llm_answer_text(answer, json_get(part, "text"));
		read_refusal(answer, json_get(part, "refusal"));
	}
}

static void read_output(struct llm_answer *answer, const struct json *response)
{
	const struct json *output = json_get(response, "output");
	for (size_t i = 0; json_kind(output) == JSON_IS_ARRAY && i < json_len(output); i++)
		read_item(answer, json_at(output, i));
	read_response(answer, response);
}

/* Its terminal event repeats the text; it counts where no piece came before. */
static void read_terminal(struct llm_answer *answer, const struct json *response)
{
	if (answer->n_content)
		read_response(answer, response);
	else
		read_output(answer, response);
}

static void read_event(struct llm_answer *answer, const char *type, const struct json *json)
{
	static const char *const reasoning[] = { "response.reasoning_summary_text.delta", "response.reasoning_text.delta" };
	static const char *const terminal[] = { "response.completed", "response.incomplete", "response.failed" };
	const char *kind = json_get_str(json, "type");
	const struct json *delta = json_get(json, "delta");
	if (!kind)
		kind = type;
	if (strcmp(kind, "response.output_text.delta") == 0)
		llm_answer_text(answer, delta);
	else if (strcmp(kind, reasoning[0]) == 0 || strcmp(kind, reasoning[1]) == 0)
		llm_answer_reasoning(answer, delta);
	else if (strcmp(kind, "response.refusal.delta") == 0)
		read_refusal(answer, delta);
	else if (strcmp(kind, "error") == 0 || json_get(json, "error"))
		llm_answer_error(answer, json);
	for (size_t i = 0; i < sizeof terminal / sizeof *terminal; i++)
		if (strcmp(kind, terminal[i]) == 0)
			read_terminal(answer, json_get(json, "response"));
}

const struct llm_ops llm_openai_responses = {
	.framing = SSE_EVENTS,
	.url = make_url,
	.headers = llm_bearer,
	.body = put_body,
	.event = read_event,
	.whole = read_output,
};
