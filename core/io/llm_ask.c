#include "io/llm_ask.h"

#include "base/clock.h"
#include "base/xalloc.h"
#include "io/tape.h"

#include <stdlib.h>

#define HOUR_MS 3600000

static void push_note(struct llm_ask *ask, enum llm_note note)
{
	struct http_part *part = xcalloc(1, sizeof *part);
	part->kind = HTTP_NOTE;
	part->note = note;
	if (!queue_push(ask->mail, part))
		free(part);
}

static void free_part(void *part)
{
	http_part_free(part);
}

const char *llm_ask_model(const struct llm_ask *ask)
{
	const struct llm_request *request = ask->request;
	return request->model && *request->model ? request->model : request->provider->model;
}

int llm_ask_begin(struct llm_ask *ask, struct err *err)
{
	struct llm *llm = ask->llm;
	int64_t timeout_ms = ask->request->timeout_ms;
	ask->deadline_ms = timeout_ms > 0 ? clock_mono_ms() + timeout_ms : INT64_MAX;
	if (queue_new(&ask->mail, err) != 0)
		return -1;
	ask->peer = xasprintf("%s/%s", ask->request->provider->name, llm_ask_model(ask));
	pthread_mutex_lock(&llm->lock);
	ask->next = llm->asking;
	llm->asking = ask;
	pthread_mutex_unlock(&llm->lock);
	return 0;
}

void llm_ask_end(struct llm_ask *ask)
{
	struct llm *llm = ask->llm;
	pthread_mutex_lock(&llm->lock);
	struct llm_ask **at = &llm->asking;
	while (*at != ask)
		at = &(*at)->next;
	*at = ask->next;
	pthread_mutex_unlock(&llm->lock);
	queue_free(ask->mail, free_part);
	free(ask->peer);
}

void llm_wake(struct llm *llm, const struct cancel *cancel, bool retry_now)
{
	pthread_mutex_lock(&llm->lock);
	for (struct llm_ask *ask = llm->asking; ask; ask = ask->next)
		if (!cancel || ask->cancel == cancel)
			push_note(ask, retry_now ? LLM_NOTE_GO_ON : LLM_NOTE_LOOK);
	pthread_mutex_unlock(&llm->lock);
}

void llm_ask_tell(const struct llm_ask *ask, const struct llm_event *event)
{
	if (ask->event)
		ask->event(ask->arg, event);
}

int llm_ask_check(const struct llm_ask *ask, struct err *err)
{
	if (cancel_is_set(ask->cancel))
		return err_set(err, ERR_CANCELLED, "stopped while the model was asked");
	if (clock_mono_ms() < ask->deadline_ms)
		return 0;
	err_set(err, ERR_LIMIT, "the model did not finish within the step's %lld s",
	        (long long)(ask->request->timeout_ms / 1000));
	return err_hint(err, "give the step a longer timeout");
}

int llm_ask_pause(struct llm_ask *ask, int64_t ms, struct err *err)
{
	const struct llm_options *options = &ask->llm->options;
	if (tape_plays(options->tape))
		ms = 0; /* a recording has no need of rest */
	else if (options->pause)
		ms = options->pause(options->arg, ms);
	int64_t end_ms = clock_mono_ms() + ms;
	if (end_ms > ask->deadline_ms)
		end_ms = ask->deadline_ms;
	for (bool go_on = false; !go_on;) {
		if (llm_ask_check(ask, err) != 0)
			return -1;
		int64_t left_ms = end_ms - clock_mono_ms();
		struct http_part *part = left_ms > 0 ? queue_pop(ask->mail, left_ms < HOUR_MS ? (int)left_ms : HOUR_MS) : NULL;
		go_on = part ? part->kind == HTTP_NOTE && part->note == LLM_NOTE_GO_ON : end_ms <= clock_mono_ms();
		http_part_free(part);
	}
	return llm_ask_check(ask, err);
}

static bool try_enter(struct llm_ask *ask)
{
	struct llm *llm = ask->llm;
	pthread_mutex_lock(&llm->lock);
	bool is_in = llm_peer_enter(llm_peers_find(&llm->peers, ask->peer));
	pthread_mutex_unlock(&llm->lock);
	return is_in;
}

int llm_ask_enter(struct llm_ask *ask, struct err *err)
{
	const struct llm_event phase = { .kind = LLM_PHASE, .text = "waiting" };
	bool is_told = false;
	for (;;) {
		if (llm_ask_check(ask, err) != 0)
			return -1;
		if (try_enter(ask))
			return 0;
		if (!is_told)
			llm_ask_tell(ask, &phase);
		is_told = true;
		int64_t left_ms = ask->deadline_ms - clock_mono_ms();
		http_part_free(queue_pop(ask->mail, left_ms < HOUR_MS ? (int)left_ms : HOUR_MS));
	}
}

void llm_ask_leave(struct llm_ask *ask, enum llm_passage passage)
{
	struct llm *llm = ask->llm;
	pthread_mutex_lock(&llm->lock);
	llm_peer_leave(llm_peers_find(&llm->peers, ask->peer), passage);
	for (struct llm_ask *other = llm->asking; other; other = other->next)
		if (other != ask)
			push_note(other, LLM_NOTE_LOOK);
	pthread_mutex_unlock(&llm->lock);
}

unsigned llm_ask_refused(struct llm_ask *ask)
{
	struct llm *llm = ask->llm;
	pthread_mutex_lock(&llm->lock);
	unsigned refused = llm_peers_find(&llm->peers, ask->peer)->refused;
	pthread_mutex_unlock(&llm->lock);
	return refused;
}

void llm_ask_refuse(struct llm_ask *ask, unsigned parameter)
{
	struct llm *llm = ask->llm;
	pthread_mutex_lock(&llm->lock);
	llm_peers_find(&llm->peers, ask->peer)->refused |= parameter;
	pthread_mutex_unlock(&llm->lock);
}

const char *llm_keep_origin(struct llm *llm, const char *origin)
{
	pthread_mutex_lock(&llm->lock);
	int at = strings_find(&llm->origin, origin);
	if (at < 0) {
		strings_add(&llm->origin, origin);
		at = (int)llm->origin.n_items - 1;
	}
	const char *kept = llm->origin.item[at];
	pthread_mutex_unlock(&llm->lock);
	return kept;
}
