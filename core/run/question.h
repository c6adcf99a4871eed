/*
 * What a step would send, by the code that sends it: the step is proposed as in a run, up to the moment at which the
 * question would go to the model. Nothing is sent, run or written.
 */
#ifndef BELAY_RUN_QUESTION_H
#define BELAY_RUN_QUESTION_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/vec.h"
#include "io/config.h"
#include "io/llm.h"
#include "plan/dag.h"
#include "plan/plan.h"

/* One question. */
struct question {
	struct buf system, user; /* the messages, byte for byte */
	struct buf body;         /* of the HTTP request; "" where a recording answers */
	char *provider, *model, *protocol; /* owned */
	const char *format;      /* of the answer that is asked for; static */
	int64_t tokens;          /* estimated */
	int64_t context;         /* of the model's window; 0: not known */
};

struct questions {
	struct question *question; /* owned; more than one where a step asks in parts */
	size_t n_questions, cap_questions;
	struct strings notice;   /* what the run would say on the way, as what was left out */
};

struct questions_request {
	const struct plan *plan;
	const struct dag *dag;
	const struct config *config;
	const char *root;
	const char *model;       /* --model, or NULL */
	const char *step;        /* its id; a member of an `each` over files by its number: "id[2]" */
};

/* ERR_USAGE when there is no such step, or it asks no model. Release in every case. */
int questions_make(struct questions *out, const struct questions_request *request, struct err *err) MUST_CHECK;
void questions_release(struct questions *questions);

/* Takes the question that would be sent now. -1 with ERR_CANCELLED: the step goes no further. For prompt_ask. */
int questions_take(struct questions *questions, const struct llm_request *request, const char *model, const char *format,
                 struct err *err);

#endif
