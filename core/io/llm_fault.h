/*
 * Why a try failed, and whether another one may help (llm.md, "Transport"). What a server says reaches messages only
 * cleaned: made visible, shortened, and with the key taken out, which some servers repeat.
 */
#ifndef BELAY_IO_LLM_FAULT_H
#define BELAY_IO_LLM_FAULT_H

#include "base/err.h"
#include "base/json.h"
#include "io/http.h"

#include <stdbool.h>
#include <stdint.h>

/* What an error object says, whatever its form. */
struct llm_fault_facts {
	char message[512]; /* as the server wrote it: not for messages yet */
	char type[64];
	char code[64];
	char parameter[64]; /* the one that is at fault */
	int status;        /* an HTTP status inside the object; 0: none */
};

enum llm_fault_kind {
	FAULT_TRY_AGAIN, /* may pass */
	FAULT_LOADING,   /* the server loads the model: wait, uncounted */
	FAULT_PARAMETER, /* the server does not know `parameter`: again at once, without it */
	FAULT_TOO_LONG,  /* the prompt does not fit the model's context */
	FAULT_FOR_GOOD   /* another try would fail the same way */
};

/* What servers refuse though their protocol has it; bits of a set. */
enum llm_parameter {
	LLM_TEMPERATURE = 1,    /* models that take none */
	LLM_STREAM_OPTIONS = 2, /* older servers */
	LLM_MAX_TOKENS = 4      /* OpenAI's newer models know it as max_completion_tokens */
};

struct llm_fault {
	enum llm_fault_kind kind;
	int status;       /* of HTTP; 0: there was none */
	unsigned parameter; /* of FAULT_PARAMETER: one of enum llm_parameter */
	int64_t after_ms; /* what the server asks to wait; -1: it does not say */
	struct err err;
};

/* Reads {"error": {...}}, {"error": "..."}, {"message": ...}, {"detail": ...}, a list of one of these, or a string. */
void llm_fault_read(struct llm_fault_facts *facts, const struct json *error);

/* Of an answer with an error status; the body may be JSON, text, a page or empty. */
void llm_fault_of_response(struct llm_fault *out, const struct http_part *head, const char *body, size_t n,
                           const char *provider, const char *key, int64_t wall_ms);

/* Of an error that came inside a stream under status 200. */
void llm_fault_of_facts(struct llm_fault *out, const struct llm_fault_facts *facts, const char *provider,
                        const char *key);

/* What retry-after-ms or retry-after (seconds, or an HTTP date) ask for; -1 when they say nothing sensible. */
int64_t llm_fault_retry_after(const struct http_part *head, int64_t wall_ms);

#endif
