/*
 * What one try of a question gathers while its stream is parsed, whatever the wire protocol. Protocols call the
 * functions; text and reasoning go on to the asker as they come. Reasoning that a model writes into its text as
 * <think>...</think> at the beginning is told apart here, so that the parser of edits sees text only.
 */
#ifndef BELAY_IO_LLM_ANSWER_H
#define BELAY_IO_LLM_ANSWER_H

#include "base/buf.h"
#include "base/json.h"
#include "io/llm.h"
#include "io/llm_fault.h"

struct llm_ask;

enum llm_think { THINK_UNDECIDED, THINK_INSIDE, THINK_OVER };

struct llm_answer {
	const struct llm_ask *ask; /* whom to tell */
	bool has_text;
	int64_t n_content;        /* pieces of text or reasoning so far */
	bool is_finished;         /* the model said why it ends */
	bool is_done;             /* the protocol's terminator was seen */
	enum llm_finish finish;
	bool is_refused;          /* the model said no, whatever its reason to end */
	bool has_usage;
	int64_t tokens_in, tokens_out, tokens_cached, tokens_reasoning; /* 0 where the server does not say */
	bool has_fault;           /* the stream holds an error of the server */
	struct llm_fault_facts fault;
	enum llm_think think;
	struct buf held;          /* text that may yet turn out to be a tag, or half a character */
	bool has_halves;          /* surrogates came one by one; see llm_answer_json */
};

void llm_answer_init(struct llm_answer *answer, const struct llm_ask *ask);
void llm_answer_release(struct llm_answer *answer);

/*
 * Parses one JSON text of the stream. A "\ud83d" whose partner comes with the next event (servers cut text between
 * tokens) is kept as a stand-in that llm_answer_text joins.
 */
int llm_answer_json(struct llm_answer *answer, struct json **out, const char *s, size_t n, struct err *err) MUST_CHECK;

/* The values may be NULL or of another kind: then there is nothing to add. */
void llm_answer_text(struct llm_answer *answer, const struct json *value);
void llm_answer_reasoning(struct llm_answer *answer, const struct json *value);
void llm_answer_finish(struct llm_answer *answer, enum llm_finish finish);
void llm_answer_error(struct llm_answer *answer, const struct json *error);

/* The stream is over: what was held back goes out. */
void llm_answer_flush(struct llm_answer *answer);

#endif
