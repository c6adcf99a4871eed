#include "io/llm_ops.h"

#include "base/xalloc.h"

#include <string.h>

const struct llm_ops *llm_ops_of(enum provider_kind kind)
{
	static const struct llm_ops *const ops[] = {
		[PROVIDER_OPENAI_CHAT] = &llm_openai_chat,
		[PROVIDER_OPENAI_RESPONSES] = &llm_openai_responses,
		[PROVIDER_ANTHROPIC] = &llm_anthropic,
		[PROVIDER_OLLAMA] = &llm_ollama,
		[PROVIDER_RECORDED] = NULL,
	};
	return ops[kind];
}

void llm_put_model(struct json_writer *w, const char *model)
{
	if (!*model)
		return; /* servers of one model need none */
	json_key(w, "model");
	json_put_cstr(w, model);
}

void llm_put_temperature(struct json_writer *w, const struct llm_request *request, unsigned without)
{
	if (!request->has_temperature || (without & LLM_TEMPERATURE))
		return;
	json_key(w, "temperature");
	json_put_real(w, request->temperature);
}

void llm_put_message(struct json_writer *w, const struct llm_message *message)
{
	json_begin_object(w);
	json_key(w, "role");
	json_put_cstr(w, message->role);
	json_key(w, "content");
	json_put_cstr(w, message->text);
	json_end_object(w);
}

void llm_put_messages(struct json_writer *w, const struct llm_request *request)
{
	json_begin_array(w);
	for (size_t i = 0; i < request->n_messages; i++)
		llm_put_message(w, &request->message[i]);
	json_end_array(w);
}

void llm_bearer(struct strings *out, const char *key)
{
	if (*key)
		strings_take(out, xasprintf("Authorization: Bearer %s", key));
}
