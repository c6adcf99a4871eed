/* A step's question to a model: which one, its budget, the stream, and the answer's way into the change set. */
#include "run/prompt.h"

#include "base/xalloc.h"
#include "edit/apply.h"

#include <stdlib.h>
#include <string.h>

#define MAX_PROVIDERS 8
#define OUTPUT_TOKENS 4096  /* that are kept free in the context when the plan names no `max_tokens` */
#define NOTES_IN_FULL 2

struct asking {
	struct step_job *job;
	const struct provider *provider;
	const char *model;       /* as the provider calls it */
	const struct prompt *prompt;
	int64_t tokens;          /* estimated */
	struct answer_parser *parser;
	bool told;               /* prompt_sent was said */
	bool counted;            /* the server counted tokens */
};

/* The conversation: the prompt, then each earlier answer with what was wrong with it, the oldest in short. */
static struct llm_message *make_messages(const struct prompt *prompt, const struct step_job *job, size_t *n)
{
	struct llm_message *message = xcalloc(2 + 2 * job->n_notes, sizeof *message);
	message[0] = (struct llm_message){ "system", buf_str(&prompt->system) };
	message[1] = (struct llm_message){ "user", buf_str(&prompt->user) };
	*n = 2;
	for (size_t i = 0; i < job->n_notes; i++) {
		bool in_full = i + NOTES_IN_FULL >= job->n_notes;
		message[(*n)++] =
			(struct llm_message){ "assistant", in_full ? job->note[i].answer : "(an earlier answer, left out here)" };
		message[(*n)++] = (struct llm_message){ "user", job->note[i].feedback };
	}
	return message;
}

static void tell_prompt(struct asking *asking, const char *origin)
{
	const struct prompt *prompt = asking->prompt;
	struct event event = {
		.kind = EVENT_PROMPT_SENT,
		.provider = asking->provider->name,
		.model = asking->model,
		.origin = origin,
		.format = prompt->format == EDIT_WHOLE_FILE ? "whole-file" : "search-replace",
		.tokens_estimated = asking->tokens,
		.text = { .data = buf_str(&prompt->user), .len = prompt->user.len },
	};
	asking->told = true;
	asking->job->emit(asking->job, &event);
}

static double cost(const struct asking *asking, const struct llm_event *used)
{
	const struct price *price = config_price(asking->job->config, asking->model);
	if (!price)
		return 0;
	return ((double)(used->tokens_in - used->tokens_cached) * price->in + (double)used->tokens_cached * price->cached +
	        (double)used->tokens_out * price->out) / 1e6;
}

static void tell_usage(struct asking *asking, const struct llm_event *from)
{
	struct event event = {
		.kind = EVENT_USAGE_COUNTED,
		.tokens_in = from->tokens_in,
		.tokens_out = from->tokens_out,
		.tokens_cached = from->tokens_cached,
		.tokens_reasoning = from->tokens_reasoning,
		.usd = cost(asking, from),
	};
	asking->counted = true;
	budget_count(asking->job->budget, from->tokens_in + from->tokens_out, event.usd);
	asking->job->emit(asking->job, &event);
}

static void renew_parser(struct asking *asking)
{
	answer_parser_free(asking->parser);
	asking->parser = answer_parser_new(NULL, NULL);
	buf_clear(&asking->job->answer);
}

static void tell_retry(struct asking *asking, const struct llm_event *from)
{
	struct event event = {
		.kind = EVENT_RETRY_SCHEDULED,
		.delay_ms = from->delay_ms,
		.try_no = from->try_no,
		.tries = from->tries,
		.status = from->status,
		.reason = from->text,
	};
	asking->job->emit(asking->job, &event);
	renew_parser(asking);
}

static void tell_phase(struct asking *asking, const struct llm_event *from)
{
	struct event event = {
		.kind = EVENT_PHASE_CHANGED,
		.phase = from->text,
		.limit_ms = from->limit_ms,
		.try_no = from->try_no,
		.tries = from->tries,
	};
	asking->job->emit(asking->job, &event);
}

static void take_event(void *arg, const struct llm_event *from)
{
	struct asking *asking = arg;
	struct step_job *job = asking->job;
	if (!asking->told)
		tell_prompt(asking, from->origin);
	switch (from->kind) {
	case LLM_PHASE:
		tell_phase(asking, from);
		break;
	case LLM_TEXT:
		buf_add(&job->answer, from->text, from->n);
		answer_parser_feed(asking->parser, from->text, from->n);
		step_output(job, "model", from->text, from->n);
		break;
	case LLM_REASONING:
		step_output(job, "reasoning", from->text, from->n);
		break;
	case LLM_USAGE:
		tell_usage(asking, from);
		break;
	case LLM_RETRY:
		tell_retry(asking, from);
		break;
	}
}

static void take_secret(void *arg, const char *key)
{
	struct asking *asking = arg;
	asking->job->secret(asking->job, key);
}

static int64_t max_output(const struct step_job *job)
{
	return job->step->model.max_tokens ? job->step->model.max_tokens : job->plan->model.max_tokens;
}

static int send(struct asking *asking, const struct llm_message *message, size_t n, struct llm_result *result,
                struct err *err)
{
	struct step_job *job = asking->job;
	const struct model_options *own = &job->step->model;
	const struct model_options *shared = &job->plan->model;
	struct llm_request request = {
		.provider = asking->provider,
		.model = asking->model,
		.message = message,
		.n_messages = n,
		.temperature = own->has_temperature ? own->temperature : shared->temperature,
		.has_temperature = own->has_temperature || shared->has_temperature,
		.max_tokens = max_output(job),
		.tokens_estimated = asking->tokens,
		.timeout_ms = job->step->timeout_ms,
		.step = job->step->id,
		.attempt = job->attempt,
		.tries = job->plan->retry.tries,
		.first_ms = job->plan->retry.first_ms,
		.max_ms = job->plan->retry.max_ms,
		.secret = take_secret,
	};
	renew_parser(asking);
	return llm_ask(job->llm, &request, take_event, asking, &job->cancel, result, err);
}

/* The run's limits stand before each send. What the server does not count is counted by our estimate. */
static int send_within_budget(struct asking *asking, const struct llm_message *message, size_t n,
                              struct llm_result *result, struct err *err)
{
	struct step_job *job = asking->job;
	const struct llm_event estimate = { .tokens_in = asking->tokens };
	double usd = cost(asking, &estimate);
	if (budget_take(job->budget, asking->tokens, usd, err) != 0) {
		job->limit_reached = true;
		return -1;
	}
	int rc = send(asking, message, n, result, err);
	if (asking->counted || !asking->told)
		budget_count(job->budget, -asking->tokens, -usd);
	else
		budget_count(job->budget, llm_estimate_tokens(buf_str(&job->answer), job->answer.len), 0);
	return rc;
}

static void tell_dropped(struct step_job *job, const struct prompt *prompt)
{
	struct buf text = { 0 };
	if (!prompt->dropped.n_items)
		return;
	buf_printf(&text, "no room in the prompt for %zu file%s:", prompt->dropped.n_items,
	           prompt->dropped.n_items == 1 ? "" : "s");
	for (size_t i = 0; i < prompt->dropped.n_items && text.len < 300; i++)
		buf_printf(&text, " %s", prompt->dropped.item[i]);
	step_notice(job, "limit", buf_str(&text), "read less, or use a model with a larger context");
	buf_release(&text);
}

static int ask_with(struct asking *asking, enum edit_kind format, bool bare, struct llm_result *result, struct err *err)
{
	struct step_job *job = asking->job;
	struct prompt prompt;
	size_t n;
	int64_t window = asking->provider->context;
	int64_t output = max_output(job) ? max_output(job) : OUTPUT_TOKENS;
	int64_t room = window > 0 ? window - window / 20 - output : 0;
	if (window > 0 && room < 1)
		room = 1;
	if (prompt_make(&prompt, job, format, room, bare, err) != 0)
		return -1;
	tell_dropped(job, &prompt);
	struct llm_message *message = make_messages(&prompt, job, &n);
	asking->prompt = &prompt;
	asking->tokens = 0;
	asking->told = asking->counted = false;
	for (size_t i = 0; i < n; i++)
		asking->tokens += llm_estimate_tokens(message[i].text, strlen(message[i].text));
	int rc = send_within_budget(asking, message, n, result, err);
	free(message);
	prompt_release(&prompt);
	return rc;
}

/* A prompt that does not fit is tried once more without its context. */
static int ask_one(struct asking *asking, enum edit_kind format, struct llm_result *result, struct err *err)
{
	int rc = ask_with(asking, format, false, result, err);
	if (rc == 0 || !result->is_too_long || (!asking->job->n_reads && !asking->job->plan->context.n_items))
		return rc;
	step_notice(asking->job, "limit", err->msg, "trying again without the files for reference");
	err_clear(err);
	return ask_with(asking, format, true, result, err);
}

/* --model, then the step's own word, then the plan's; `escalate` names one for each attempt. */
static const char *choose_use(const struct step_job *job)
{
	const struct model_options *from[] = { &job->step->model, &job->plan->model };
	if (job->model)
		return job->model;
	for (size_t i = 0; i < 2; i++) {
		size_t n = from[i]->escalate.n_items;
		size_t at = (size_t)job->attempt - 1;
		if (n)
			return from[i]->escalate.item[at < n ? at : n - 1];
		if (from[i]->use && from[i]->use[0])
			return from[i]->use;
	}
	return "auto";
}

static int ask_in_line(struct asking *asking, enum edit_kind format, struct llm_result *result, struct err *err)
{
	struct step_job *job = asking->job;
	const struct provider *provider[MAX_PROVIDERS];
	size_t n;
	char *model = NULL;
	if (config_choose(job->config, choose_use(job), provider, MAX_PROVIDERS, &n, &model, err) != 0)
		return -1;
	int rc = -1;
	for (size_t i = 0; i < n; i++) {
		asking->provider = provider[i];
		asking->model = model && model[0] ? model : provider[i]->model;
		*result = (struct llm_result){ 0 };
		rc = ask_one(asking, format, result, err);
		if (rc == 0 || err->code != ERR_TRANSPORT || i + 1 == n)
			break;
		step_notice(job, "transport", err->msg, "trying the next provider in line");
		err_clear(err);
	}
	free(model);
	return rc;
}

static int load_other(void *arg, const char *path, struct image *out, struct err *err)
{
	(void)arg;
	(void)out;
	return err_set(err, ERR_ANSWER, "the answer edits '%.200s', which the step does not name", path);
}

static bool replaces_whole_file(const struct step_job *job, const struct answer *answer)
{
	for (size_t i = 0; i < answer->n_blocks; i++) {
		const struct change *change =
			answer->block[i].kind == EDIT_WHOLE_FILE ? changeset_find(&job->set, answer->block[i].path) : NULL;
		if (change && change->before.kind != IMAGE_ABSENT)
			return true;
	}
	return false;
}

/* What is wrong with an answer before it is applied. -1 with feedback where another attempt may help. */
static int check_answer(struct step_job *job, const struct llm_result *result, const struct answer *answer,
                        struct err *err)
{
	if (result->finish == LLM_REFUSAL)
		return err_set(err, ERR_ANSWER, "the model refused to answer");
	if (result->finish == LLM_LENGTH || answer->unterminated) {
		buf_add_str(&job->feedback, "Your answer was cut before its end. Answer again, with fewer or smaller edits.\n");
		return err_set(err, ERR_ANSWER, "the answer was cut before its end");
	}
	if (!answer->n_blocks) {
		buf_add_str(&job->feedback, "Your answer holds no edit in the form that was asked for. Answer again in that form.\n");
		return err_set(err, ERR_ANSWER, "the answer holds no edit");
	}
	return 0;
}

static int use_answer(struct asking *asking, const struct llm_result *result, bool may_create, struct err *err)
{
	struct step_job *job = asking->job;
	struct answer answer = { 0 };
	struct apply_rules apply = { .may_create = may_create, .load = load_other };
	answer_parser_finish(asking->parser, &answer);
	int rc = check_answer(job, result, &answer, err);
	if (rc == 0) {
		step_phase(job, "matching", 0);
		rc = apply_answer(&job->set, &answer, &apply, &job->feedback, err);
		job->replaces_from_model = rc == 0 && replaces_whole_file(job, &answer);
	}
	answer_release(&answer);
	return rc;
}

int prompt_ask(struct step_job *job, enum edit_kind format, bool may_create, struct err *err)
{
	struct asking asking = { .job = job };
	struct llm_result result = { 0 };
	int rc = ask_in_line(&asking, format, &result, err);
	if (rc == 0)
		rc = use_answer(&asking, &result, may_create, err);
	answer_parser_free(asking.parser);
	return rc;
}
