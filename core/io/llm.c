#include "io/llm.h"

#include "base/clock.h"
#include "base/xalloc.h"
#include "io/llm_ask.h"
#include "io/llm_try.h"
#include "io/tape.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define LOADING_MS 2000 /* between two looks at a server that loads its model */

static const struct llm_limits defaults = {
	.connect_ms = 10000, .connect_local_ms = 1000, .first_ms = 90000, .first_local_ms = 15 * 60000,
	.idle_ms = 60000, .pings_ms = 10 * 60000,
};

static void set_limit(int64_t *limit_ms, int64_t fallback_ms)
{
	if (*limit_ms <= 0)
		*limit_ms = fallback_ms;
}

struct llm *llm_new_with(const struct llm_options *options)
{
	struct llm *llm = xcalloc(1, sizeof *llm);
	llm->options = *options;
	struct llm_limits *limits = &llm->options.limits;
	set_limit(&limits->connect_ms, defaults.connect_ms);
	set_limit(&limits->connect_local_ms, defaults.connect_local_ms);
	set_limit(&limits->first_ms, defaults.first_ms);
	set_limit(&limits->first_local_ms, defaults.first_local_ms);
	set_limit(&limits->idle_ms, defaults.idle_ms);
	set_limit(&limits->pings_ms, defaults.pings_ms);
	pthread_mutex_init(&llm->lock, NULL);
	llm->http = http_new();
	return llm;
}

struct llm *llm_new(void)
{
	const struct llm_options options = { 0 };
	return llm_new_with(&options);
}

void llm_free(struct llm *llm)
{
	if (!llm)
		return;
	http_free(llm->http);
	strings_release(&llm->origin);
	llm_peers_release(&llm->peers);
	pthread_mutex_destroy(&llm->lock);
	free(llm);
}

static uint64_t random_bits(const struct llm *llm)
{
	uint64_t bits = 0;
	if (llm->options.random)
		return llm->options.random(llm->options.arg);
	if (getrandom(&bits, sizeof bits, 0) != (ssize_t)sizeof bits)
		bits = (uint64_t)clock_mono_us() * 0x9e3779b97f4a7c15u;
	return bits;
}

/* Before the coming try: what the server asks for, else the backoff; longer when all steps retry at once. */
static int64_t delay_before(struct llm *llm, const struct llm_request *request, const struct llm_fault *fault,
                            int64_t n_failed)
{
	int64_t delay_ms;
	if (fault->after_ms >= 0)
		delay_ms = fault->after_ms < LLM_PACE_SERVER_MS ? fault->after_ms : LLM_PACE_SERVER_MS;
	else if (fault->kind == FAULT_LOADING)
		delay_ms = LOADING_MS;
	else
		delay_ms = llm_pace_backoff(request->first_ms, request->max_ms, n_failed, random_bits(llm));
	if (fault->kind == FAULT_LOADING)
		return delay_ms > 0 ? delay_ms : LOADING_MS;
	pthread_mutex_lock(&llm->lock);
	int64_t token_ms = llm_pace_take(&llm->pace, clock_mono_ms());
	pthread_mutex_unlock(&llm->lock);
	return delay_ms > token_ms ? delay_ms : token_ms;
}

static void tell_usage(const struct llm_ask *ask, const struct llm_answer *answer)
{
	const struct llm_event event = {
		.kind = LLM_USAGE,
		.tokens_in = answer->tokens_in,
		.tokens_out = answer->tokens_out,
		.tokens_cached = answer->tokens_cached,
		.tokens_reasoning = answer->tokens_reasoning,
	};
	if (answer->has_usage)
		llm_ask_tell(ask, &event);
}

static void take_answer(const struct llm_answer *answer, struct llm_result *out)
{
	out->finish = answer->finish;
	out->tokens_in = answer->tokens_in;
	out->tokens_out = answer->tokens_out;
	out->tokens_cached = answer->tokens_cached;
	out->tokens_reasoning = answer->tokens_reasoning;
}

static int give_up(const struct llm_fault *fault, int64_t n_failed, struct llm_result *out, struct err *err)
{
	out->is_too_long = fault->kind == FAULT_TOO_LONG;
	*err = fault->err;
	size_t n = strlen(err->msg);
	if (n_failed > 1)
		snprintf(err->msg + n, sizeof err->msg - n, " (after %lld tries)", (long long)n_failed);
	return -1;
}

/* How the failures of one question add up. */
struct failures {
	int64_t n_counted;
	int64_t loading_ms; /* waited for a model to load */
};

/* Counts the failure, and waits when another try may help; -1 with *err when this was the last. */
static int wait_for_next(struct llm_ask *ask, const struct llm_fault *fault, struct failures *failures, int64_t tries,
                         struct llm_result *out, struct err *err)
{
	struct llm *llm = ask->llm;
	bool is_loading = fault->kind == FAULT_LOADING && failures->loading_ms < llm->options.limits.first_local_ms;
	failures->n_counted += !is_loading;
	if (!is_loading && (fault->kind != FAULT_TRY_AGAIN || failures->n_counted >= tries))
		return give_up(fault, failures->n_counted, out, err);
	int64_t delay_ms = delay_before(llm, ask->request, fault, failures->n_counted);
	if (delay_ms > ask->deadline_ms - clock_mono_ms())
		return give_up(fault, failures->n_counted, out, err);
	failures->loading_ms += is_loading ? delay_ms : 0;
	const struct llm_event event = {
		.kind = LLM_RETRY,
		.text = fault->err.msg,
		.n = strlen(fault->err.msg),
		.delay_ms = delay_ms,
		.status = fault->status,
		.try_no = failures->n_counted + 1,
		.tries = tries,
	};
	llm_ask_tell(ask, &event);
	return llm_ask_pause(ask, delay_ms, err);
}

static enum llm_passage passage_of(enum llm_outcome outcome, const struct llm_fault *fault)
{
	if (outcome == TRY_COMPLETE)
		return PASSAGE_ANSWERED;
	return outcome == TRY_FAILED && fault->status == 429 ? PASSAGE_TOO_MANY : PASSAGE_FAILED;
}

static int try_until_done(struct llm_try *try, struct llm_result *out, struct err *err)
{
	struct llm_ask *ask = try->ask;
	struct failures failures = { 0 };
	for (;;) {
		struct llm_answer answer;
		struct llm_fault fault = { 0 };
		if (llm_ask_enter(ask, err) != 0)
			return -1;
		try->try_no = failures.n_counted + 1;
		try->without = llm_ask_refused(ask);
		llm_answer_init(&answer, ask);
		enum llm_outcome outcome = llm_try(try, &answer, &fault, err);
		llm_ask_leave(ask, passage_of(outcome, &fault));
		tell_usage(ask, &answer);
		take_answer(&answer, out);
		llm_answer_release(&answer);
		if (outcome == TRY_COMPLETE)
			return 0;
		if (outcome == TRY_FAILED && fault.kind == FAULT_PARAMETER && !(try->without & fault.parameter)) {
			llm_ask_refuse(ask, fault.parameter);
			continue;
		}
		if (outcome == TRY_ENDED || wait_for_next(ask, &fault, &failures, try->tries, out, err) != 0)
			return -1;
	}
}

static int ask_server(struct llm_ask *ask, struct llm_result *out, struct err *err)
{
	const struct llm_request *request = ask->request;
	const struct provider *provider = request->provider;
	const struct llm_ops *ops = llm_ops_of(provider->kind);
	char *key = NULL;
	if (!ops)
		return err_set(err, ERR_UNSUPPORTED, "providers of kind '%s' cannot be asked yet",
		               provider_kind_name(provider->kind));
	if (tape_plays(ask->llm->options.tape))
		key = xstrdup(""); /* nobody is asked */
	else if (config_key(provider, &key, err) != 0)
		return -1;
	if (request->secret && *key)
		request->secret(ask->arg, key);
	char *url = ops->url(provider->url);
	struct llm_try try = {
		.ask = ask,
		.ops = ops,
		.url = url,
		.model = llm_ask_model(ask),
		.key = key,
		.tries = request->tries > 0 ? request->tries : 1,
	};
	int rc = llm_ask_check(ask, err);
	if (rc == 0)
		rc = try_until_done(&try, out, err);
	explicit_bzero(key, strlen(key));
	free(key);
	free(url);
	return rc;
}

int llm_ask(struct llm *llm, const struct llm_request *request, void (*event)(void *arg, const struct llm_event *event),
            void *arg, const struct cancel *cancel, struct llm_result *out, struct err *err)
{
	struct llm_ask ask = { .llm = llm, .request = request, .event = event, .arg = arg, .cancel = cancel };
	*out = (struct llm_result){ 0 };
	if (llm_ask_begin(&ask, err) != 0)
		return -1;
	int rc = request->provider->kind == PROVIDER_RECORDED ? llm_recorded(&ask, out, err) : ask_server(&ask, out, err);
	llm_ask_end(&ask);
	return rc;
}
