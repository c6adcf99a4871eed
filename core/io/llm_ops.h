/*
 * One table per wire protocol, each in its own file (llm_openai_chat.c ...): how a question is put and how the frames
 * of an answer are read. Transport, clocks, retries, truncation and errors are the same for all: llm_try.c, llm.c. Pure.
 */
#ifndef BELAY_IO_LLM_OPS_H
#define BELAY_IO_LLM_OPS_H

#include "base/json.h"
#include "io/llm.h"
#include "io/llm_answer.h"
#include "io/sse.h"

struct llm_ops {
	enum sse_framing framing;
	const char *terminator;          /* data that is no JSON and ends the stream; NULL: an event does it */

	int64_t max_tokens;              /* that the request names when nobody else does; 0: none */
	char *(*url)(const char *base);  /* to be freed */
	/* Adds "name: value" lines; the key is "" when there is none. */
	void (*headers)(struct strings *out, const char *key);
	/* Writes the request's object; `without` is a set of enum llm_parameter that the server refused. */
	void (*body)(struct json_writer *w, const struct llm_request *request, const char *model, unsigned without);
	/* One event of the stream. */
	void (*event)(struct llm_answer *answer, const char *type, const struct json *json);
	/* A whole answer in one object, from a server that does not stream. */
	void (*whole)(struct llm_answer *answer, const struct json *json);
};

extern const struct llm_ops llm_openai_chat, llm_openai_responses, llm_anthropic, llm_ollama;

/* NULL for a provider that speaks no protocol (recorded). */
const struct llm_ops *llm_ops_of(enum provider_kind kind);

/* What several protocols write and read alike. */
void llm_put_model(struct json_writer *w, const char *model);
void llm_put_message(struct json_writer *w, const struct llm_message *message);
void llm_put_messages(struct json_writer *w, const struct llm_request *request);
void llm_put_temperature(struct json_writer *w, const struct llm_request *request, unsigned without);
void llm_bearer(struct strings *out, const char *key);

#endif
