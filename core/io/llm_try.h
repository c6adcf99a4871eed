/*
 * One try of a question over HTTP: sends, reads the stream while its clocks run, and says what came of it. Blocks the
 * calling thread on its own mail.
 */
#ifndef BELAY_IO_LLM_TRY_H
#define BELAY_IO_LLM_TRY_H

#include "io/llm_answer.h"
#include "io/llm_ask.h"
#include "io/llm_fault.h"
#include "io/llm_ops.h"

enum llm_outcome {
	TRY_COMPLETE, /* the terminator was seen; *answer is whole */
	TRY_FAILED,   /* *fault says why */
	TRY_ENDED     /* cancelled, or out of time: *err */
};

struct llm_try {
	struct llm_ask *ask;
	const struct llm_ops *ops;
	const char *url;
	const char *model;
	const char *key; /* "" when there is none */
	unsigned without; /* parameters that the server refused: enum llm_parameter */
	int64_t try_no, tries;
};

enum llm_outcome llm_try(const struct llm_try *try, struct llm_answer *answer, struct llm_fault *fault,
                         struct err *err) MUST_CHECK;

#endif
