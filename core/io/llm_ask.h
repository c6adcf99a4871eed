/* One question in progress, and the llm that it belongs to: what the files llm*.c share. */
#ifndef BELAY_IO_LLM_ASK_H
#define BELAY_IO_LLM_ASK_H

#include "base/queue.h"
#include "io/http.h"
#include "io/llm.h"
#include "io/llm_peer.h"
#include "io/llm_pace.h"



enum llm_note { LLM_NOTE_LOOK, LLM_NOTE_GO_ON }; /* of HTTP_NOTE: look at the cancel token; end a pause */

/* On the stack of llm_ask's caller. */
struct llm_ask {
	struct llm *llm;
	const struct llm_request *request;
	void (*event)(void *arg, const struct llm_event *event);
	void *arg;
	const struct cancel *cancel; /* may be NULL */
	char *peer;                  /* "PROVIDER/MODEL"; owned */
	struct queue *mail;          /* of struct http_part; owned */
	int64_t deadline_ms;         /* monotonic; INT64_MAX: none */
	struct llm_ask *next;
};

struct llm {
	struct llm_options options;
	struct http *http;
	pthread_mutex_t lock;        /* protects what follows */
	struct llm_ask *asking;
	struct llm_pace pace;
	struct llm_peers peers;
	struct strings origin;       /* those that results point at */
};

int llm_ask_begin(struct llm_ask *ask, struct err *err) MUST_CHECK; /* from here on llm_wake reaches it */
void llm_ask_end(struct llm_ask *ask);

void llm_ask_tell(const struct llm_ask *ask, const struct llm_event *event);

/* ERR_CANCELLED, or ERR_LIMIT once the step's time is over. */
int llm_ask_check(const struct llm_ask *ask, struct err *err) MUST_CHECK;

/* Waits; a cancel ends it with an error, "retry now" without one. Nothing else may be on its way to the mail. */
int llm_ask_pause(struct llm_ask *ask, int64_t ms, struct err *err) MUST_CHECK;

/* What the model was found to refuse: enum llm_parameter. */
unsigned llm_ask_refused(struct llm_ask *ask);
void llm_ask_refuse(struct llm_ask *ask, unsigned parameter);

/* The model that the request means: its own, else the provider's. */
const char *llm_ask_model(const struct llm_ask *ask);

/* Waits until the provider may be asked one more question; every one that entered leaves. */
int llm_ask_enter(struct llm_ask *ask, struct err *err) MUST_CHECK;
void llm_ask_leave(struct llm_ask *ask, enum llm_passage passage);

/* The same text, for as long as the llm lives. */
const char *llm_keep_origin(struct llm *llm, const char *origin);

/* Plays a recorded answer at its speed. */
int llm_recorded(struct llm_ask *ask, struct llm_result *out, struct err *err) MUST_CHECK;

#endif
