#include "io/llm_ops.h"

#include "base/xalloc.h"

#include <string.h>

const struct llm_ops *llm_ops_of(enum provider_kind kind)
{
	switch (kind) {
	case PROVIDER_OPENAI_CHAT:
		return &llm_openai_chat;
	case PROVIDER_OPENAI_RESPONSES:
	case PROVIDER_ANTHROPIC:
	case PROVIDER_OLLAMA:
	case PROVIDER_RECORDED:
		break;
	}
	return NULL;
}

void llm_put_messages(struct json_writer *w, const struct llm_request *request)
{
	json_begin_array(w);
	for (size_t i = 0; i < request->n_messages; i++) {
		json_begin_object(w);
		json_key(w, "role");
		json_put_cstr(w, request->message[i].role);
		json_key(w, "content");
		json_put_cstr(w, request->message[i].text);
		json_end_object(w);
	}
	json_end_array(w);
}

void llm_bearer(struct strings *out, const char *key)
{
	if (*key)
		strings_take(out, xasprintf("Authorization: Bearer %s", key));
}
