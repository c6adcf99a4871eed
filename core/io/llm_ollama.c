/* Ollama's own protocol (POST /api/chat, one JSON object a line), as Ollama documents it: the only one in which a
 * request says how large the context must be. */
#include "io/llm_ops.h"

#include "base/xalloc.h"
#include "io/url.h"

#include <stdlib.h>
#include <string.h>

#define LEAST_CONTEXT 8192
#define OUTPUT_TOKENS 4096 /* room for the answer where no limit is set */

/* The base may be the one of its chat/completions, or of its own protocol. */
static char *make_url(const char *base)
{
	static const char *const ending[] = { "/v1", "/api" };
	size_t n = strlen(base);
	while (n && base[n - 1] == '/')
		n--;
	for (size_t i = 0; i < sizeof ending / sizeof *ending; i++) {
		size_t n_ending = strlen(ending[i]);
		if (n > n_ending && strncmp(base + n - n_ending, ending[i], n_ending) == 0)
			n -= n_ending;
	}
	return xasprintf("%.*s/api/chat", (int)n, base);
}

/* Powers of two: a model is loaded anew whenever its context changes. */
static int64_t context_for(const struct llm_request *request)
{
	int64_t out = request->max_tokens > 0 ? request->max_tokens : OUTPUT_TOKENS;
	int64_t need = request->tokens_estimated + request->tokens_estimated / 2 + out;
	int64_t context = LEAST_CONTEXT;
	if (request->provider->context > 0)
		return request->provider->context;
	while (context < need && context < INT64_MAX / 2)
		context *= 2;
	return context;
}

static void put_body(struct json_writer *w, const struct llm_request *request, const char *model, unsigned without)
{
	json_begin_object(w);
	llm_put_model(w, model);
	json_key(w, "messages");
	llm_put_messages(w, request);
	json_key(w, "stream");
	json_put_bool(w, true);
	json_key(w, "options");
	json_begin_object(w);
	json_key(w, "num_ctx");
	json_put_int(w, context_for(request));
	if (request->max_tokens > 0) {
		json_key(w, "num_predict");
		json_put_int(w, request->max_tokens);
	}
	llm_put_temperature(w, request, without);
	json_end_object(w);
	json_end_object(w);
}

static void read_line(struct llm_answer *answer, const struct json *json)
{
	const struct json *message = json_get(json, "message");
	const char *reason = json_get_str(json, "done_reason");
	bool is_done = false;
	if (json_get(json, "error") || json_kind(json) == JSON_IS_STRING)
		llm_answer_error(answer, json);
	llm_answer_reasoning(answer, json_get(message, "thinking"));
	llm_answer_text(answer, json_get(message, "content"));
	if (json_as_bool(json_get(json, "done"), &is_done) != 0 || !is_done)
		return;
	llm_answer_finish(answer, reason && strcmp(reason, "length") == 0 ? LLM_LENGTH : LLM_STOP);
	answer->is_done = true;
	answer->has_usage = json_get(json, "eval_count") || json_get(json, "prompt_eval_count");
	answer->tokens_in = json_get_int(json, "prompt_eval_count", 0);
	answer->tokens_out = json_get_int(json, "eval_count", 0);
}

static void read_event(struct llm_answer *answer, const char *type, const struct json *json)
{
	(void)type;
	read_line(answer, json);
}

const struct llm_ops llm_ollama = {
	.framing = SSE_LINES,
	.url = make_url,
	.headers = llm_bearer,
	.body = put_body,
	.event = read_event,
	.whole = read_line,
};
