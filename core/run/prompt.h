/*
 * What a step sends to a model: the rules, the map of the repository (run/prompt_map.h), the files that `context` and
 * the needed `read` steps name, the targets in full, the instruction, and the form of the answer. File
 * text is fenced with a marker derived from its hash and declared as data. Equal inputs give equal bytes.
 */
#ifndef BELAY_RUN_PROMPT_H
#define BELAY_RUN_PROMPT_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "edit/answer.h"
#include "io/llm.h"
#include "run/step.h"

struct prompt {
	struct buf system;
	struct buf user;
	enum edit_kind format;
	struct strings dropped; /* files, and parts of the map, that there was no room for */
	bool has_context;       /* there is more than the targets: a shorter prompt can be made */
};

/*
 * The change set holds the targets with their before images; the context is read from the tree. max_tokens is what the
 * prompt may have (0: no limit): where it is more, the map goes
 * first, then the oldest reads, then the plan's context, never a target.
 * ERR_LIMIT when the targets alone are too much; `bare` leaves all of the context out.
 */
int prompt_make(struct prompt *out, struct step_job *job, enum edit_kind format, int64_t max_tokens, bool bare,
                struct err *err) MUST_CHECK;
void prompt_release(struct prompt *prompt);

/* Asks the model (and, when it cannot be reached, the next one in line) and applies the answer to job->set. */
int prompt_ask(struct step_job *job, enum edit_kind format, bool may_create, struct err *err) MUST_CHECK;

/* Asks for text: the answer is in job->answer. A refusal, or an answer that was cut, is ERR_ANSWER. */
int prompt_ask_text(struct step_job *job, const char *system, const char *user, struct err *err) MUST_CHECK;

/* An answer that came whole into the change set; what is wrong with it goes to job->feedback. Ends the parser. */
int prompt_use(struct step_job *job, struct answer_parser *parser, const struct llm_result *result, bool may_create,
               struct err *err) MUST_CHECK;

#endif
