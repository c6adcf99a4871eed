/* A step's question to a model: which one, its budget, the stream, and the answer's way into the change set. */
#include "run/prompt.h"

#include "base/xalloc.h"
#include "io/cache.h"
#include "run/question.h"

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
	const char *system, *user; /* what is asked, where it is no edit; NULL: the step's prompt is made */
	int64_t tokens;          /* estimated */
	struct answer_parser *parser;
	bool told;               /* prompt_sent was said */
	bool is_reordered;       /* another form comes first than by the table: the cache may have an answer in that one */
	bool is_bare;            /* the prompt leaves the context out: it did not fit */
	bool has_context;        /* there is something that can be left out */
	bool is_miss;            /* the cache has no answer, and nobody else may be asked */
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

/* What is asked for now; the prompt's own form is that of the first attempt. */
static enum edit_kind asked_form(const struct asking *asking)
{
	const struct forms *forms = &asking->job->dialogue->forms;
	return forms->form[forms->at];
}

static void tell_prompt(struct asking *asking, const char *origin, const struct cache_answer *cached)
{
	const struct prompt *prompt = asking->prompt;
	struct event event = {
		.kind = EVENT_PROMPT_SENT,
		.provider = asking->provider->name,
		.model = cached && cached->model ? cached->model : asking->model,
		.origin = origin,
		.cached = cached != NULL,
		.format = forms_name(asked_form(asking)),
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
	double cached = price->cached < 0 ? price->in : price->cached;
	return ((double)(used->tokens_in - used->tokens_cached) * price->in + (double)used->tokens_cached * cached +
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
		tell_prompt(asking, from->origin, NULL);
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

static struct llm_request make_request(const struct asking *asking, const struct llm_message *message, size_t n)
{
	const struct step_job *job = asking->job;
	const struct model_options *own = &job->step->model;
	const struct model_options *shared = &job->plan->model;
	return (struct llm_request){
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
}

/* What the cache needs to know of an answer when it turns out to be good. */
static void note_counts(const struct asking *asking, const struct llm_result *result)
{
	struct cache_answer *counts = &asking->job->dialogue->counts;
	cache_answer_release(counts);
	asking->job->dialogue->is_cached = false;
	asking->job->dialogue->is_from_server = asking->provider->kind != PROVIDER_RECORDED;
	*counts = (struct cache_answer){
		.tokens_in = result->tokens_in,
		.tokens_out = result->tokens_out,
		.tokens_cached = result->tokens_cached,
		.tokens_reasoning = result->tokens_reasoning,
		.model = xstrdup(asking->model),
	};
}

/* The run's limits stand before each send. What the server does not count is counted by our estimate. */
static int send_within_budget(struct asking *asking, const struct llm_request *request, struct llm_result *result,
                              struct err *err)
{
	struct step_job *job = asking->job;
	const struct llm_event estimate = { .tokens_in = asking->tokens, .tokens_out = request->max_tokens };
	int64_t tokens = asking->tokens + request->max_tokens;
	double usd = cost(asking, &estimate);
	if (budget_take(job->budget, tokens, usd, err) != 0) {
		job->limit_reached = true;
		return -1;
	}
	renew_parser(asking);
	int rc = llm_ask(job->llm, request, take_event, asking, &job->cancel, result, err);
	budget_count(job->budget, -tokens, -usd);
	if (!asking->counted && asking->told) {
		const struct llm_event used = {
			.tokens_in = asking->tokens, .tokens_out = llm_estimate_tokens(buf_str(&job->answer), job->answer.len),
		};
		budget_count(job->budget, used.tokens_in + used.tokens_out, cost(asking, &used));
	}
	if (rc == 0)
		note_counts(asking, result);
	return rc;
}

static void play_cached(struct asking *asking, const struct cache_answer *cached)
{
	struct step_job *job = asking->job;
	renew_parser(asking);
	tell_prompt(asking, NULL, cached);
	buf_add(&job->answer, buf_str(&cached->text), cached->text.len);
	answer_parser_feed(asking->parser, buf_str(&cached->text), cached->text.len);
	step_output(job, "model", buf_str(&cached->text), cached->text.len);
}

static int miss(struct asking *asking, struct err *err)
{
	asking->is_miss = true;
	err_set(err, ERR_NOT_FOUND, "the cache has no answer of '%s' to this question", asking->provider->name);
	return err_hint(err, "run it once with '--cache use', so that the answers are kept");
}

/*
 * Answers are kept for the first question of a step, whatever it took to get a good one: 1 when there is one and it was
 * played, 0 when the model is to be asked. A cache that cannot be read is one more reason to ask.
 */
static int look_in_cache(struct asking *asking, const struct llm_request *request, struct err *err)
{
	struct step_job *job = asking->job;
	struct dialogue *dialogue = job->dialogue;
	struct cache_answer cached;
	bool is_first = job->attempt == 1 && !asking->is_bare;
	bool may_reuse = job->cache == CACHE_ONLY || (job->cache == CACHE_USE &&
	                 (job->reuses_any || cache_is_repeatable(request)));
	if (job->cache == CACHE_OFF || request->provider->kind == PROVIDER_RECORDED)
		return 0;
	if (is_first)
		cache_key(request, asking->model, forms_name(asking->prompt->format), dialogue->cache_key);
	if (!is_first || !may_reuse)
		return job->cache == CACHE_ONLY ? miss(asking, err) : 0;
	if (cache_get(dialogue->cache_key, &cached, job->cache == CACHE_ONLY ? err : NULL) != 1)
		return job->cache == CACHE_ONLY ? miss(asking, err) : 0;
	play_cached(asking, &cached);
	dialogue->is_cached = true;
	dialogue->is_from_server = false;
	cache_answer_release(&cached);
	return 1;
}

/* The question as it stands, with its earlier answers; the tokens are counted. Frees nothing of the prompt. */
static struct llm_request put_question(struct asking *asking, const struct prompt *prompt, struct llm_message **message)
{
	size_t n;
	*message = make_messages(prompt, asking->job, &n);
	asking->prompt = prompt;
	asking->tokens = 0;
	for (size_t i = 0; i < n; i++)
		asking->tokens += llm_estimate_tokens((*message)[i].text, strlen((*message)[i].text));
	return make_request(asking, *message, n);
}

static int make_prompt(struct asking *asking, enum edit_kind format, struct prompt *prompt, struct err *err);

/* An answer in one of the other forms does as well: 1 when there is one, and it was played. */
static int look_in_other_forms(struct asking *asking, struct err *err)
{
	struct dialogue *dialogue = asking->job->dialogue;
	char first_key[HASH_HEX_SIZE];
	int found = 0;
	memcpy(first_key, dialogue->cache_key, sizeof first_key);
	for (size_t i = 1; i < dialogue->forms.n_forms && found == 0; i++) {
		struct prompt prompt;
		struct llm_message *message;
		if (make_prompt(asking, dialogue->forms.form[i], &prompt, err) != 0)
			return -1;
		struct forms before = dialogue->forms;
		forms_begin_with(&dialogue->forms, i);
		const struct llm_request request = put_question(asking, &prompt, &message);
		found = look_in_cache(asking, &request, NULL) > 0;
		if (!found)
			dialogue->forms = before;
		free(message);
		prompt_release(&prompt);
	}
	if (!found)
		memcpy(dialogue->cache_key, first_key, sizeof first_key);
	return found;
}

static int ask_or_reuse(struct asking *asking, const struct prompt *prompt, struct llm_result *result, struct err *err)
{
	struct step_job *job = asking->job;
	struct llm_message *message;
	struct llm_request request = put_question(asking, prompt, &message);
	if (job->questions) {
		int rc = questions_take(job->questions, &request, asking->model, forms_name(asked_form(asking)), err);
		free(message);
		return rc;
	}
	bool has_others = job->attempt == 1 && !asking->is_bare && !asking->user && job->cache != CACHE_OFF &&
	                  request.provider->kind != PROVIDER_RECORDED;
	int found = look_in_cache(asking, &request, err);
	if (found <= 0 && has_others && (asking->is_reordered || job->cache == CACHE_ONLY)) {
		struct err why = { 0 };
		int other = look_in_other_forms(asking, &why);
		found = other > 0 ? other : found;
		if (other > 0) {
			asking->is_miss = false;
			err_clear(err);
		} else {
			free(message);
			request = put_question(asking, prompt, &message);
		}
	}
	int rc = found == 0 ? send_within_budget(asking, &request, result, err) : found > 0 ? 0 : -1;
	free(message);
	return rc;
}

static void tell_dropped(struct step_job *job, const struct prompt *prompt)
{
	struct buf text = { 0 };
	if (!prompt->dropped.n_items)
		return;
	buf_add_str(&text, "no room in the prompt for");
	for (size_t i = 0; i < prompt->dropped.n_items && text.len < 300; i++)
		buf_printf(&text, "%s %s", i ? "," : "", prompt->dropped.item[i]);
	step_notice(job, "limit", buf_str(&text), "read less, or use a model with a larger context");
	buf_release(&text);
}

static struct prompt own_words(const struct asking *asking, enum edit_kind format)
{
	struct prompt prompt = { .format = format };
	buf_add_str(&prompt.system, asking->system);
	buf_add_str(&prompt.user, asking->user);
	return prompt;
}

static int make_prompt(struct asking *asking, enum edit_kind format, struct prompt *prompt, struct err *err)
{
	const struct step_job *job = asking->job;
	int64_t window = asking->provider->context;
	int64_t output = max_output(job) ? max_output(job) : OUTPUT_TOKENS;
	int64_t room = window > 0 ? window - window / 20 - output : 0;
	if (window > 0 && room < 1)
		room = 1;
	return prompt_make(prompt, asking->job, format, room, asking->is_bare, err);
}

/* By the table, and by what the model got right before. */
static void choose_forms(struct asking *asking, enum edit_kind format)
{
	struct step_job *job = asking->job;
	struct forms *forms = &job->dialogue->forms;
	struct habits habits;
	struct err err = { 0 };
	asking->is_reordered = false;
	if (job->attempt > 1 && forms->n_forms)
		return;
	forms_choose(forms, format, &job->set, asking->provider, asking->model);
	if (!job->habits || forms->n_forms < 2 || asking->provider->kind == PROVIDER_RECORDED)
		return;
	if (habits_load(&habits, job->habits, &err) != 0)
		step_notice(job, "access", err.msg, "the form of the answer is chosen without it");
	else
		asking->is_reordered = forms_prefer(forms, &habits, asking->model, forms_size(&job->set));
	habits_release(&habits);
}

static int ask_with(struct asking *asking, enum edit_kind format, struct llm_result *result, struct err *err)
{
	struct step_job *job = asking->job;
	struct prompt prompt;
	if (!asking->user)
		choose_forms(asking, format);
	if (asking->user)
		prompt = own_words(asking, format);
	else if (make_prompt(asking, job->dialogue->forms.form[0], &prompt, err) != 0)
		return -1;
	tell_dropped(job, &prompt);
	asking->has_context = prompt.has_context;
	asking->told = asking->counted = false;
	int rc = ask_or_reuse(asking, &prompt, result, err);
	prompt_release(&prompt);
	return rc;
}

/* A prompt that does not fit is tried once more without its context. */
static int ask_one(struct asking *asking, enum edit_kind format, struct llm_result *result, struct err *err)
{
	asking->is_bare = asking->is_miss = false;
	int rc = ask_with(asking, format, result, err);
	if (rc == 0 || !result->is_too_long || !asking->has_context)
		return rc;
	step_notice(asking->job, "limit", err->msg, "trying again without the files for reference");
	err_clear(err);
	asking->is_bare = true;
	return ask_with(asking, format, result, err);
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
		if (rc == 0 || (err->code != ERR_TRANSPORT && !asking->is_miss) || i + 1 == n)
			break;
		if (!asking->is_miss)
			step_notice(job, "transport", err->msg, "trying the next provider in line");
		err_clear(err);
	}
	free(model);
	return rc;
}

int prompt_ask(struct step_job *job, enum edit_kind format, bool may_create, struct err *err)
{
	struct asking asking = { .job = job };
	struct llm_result result = { 0 };
	int rc = ask_in_line(&asking, format, &result, err);
	if (rc == 0)
		rc = prompt_use(job, asking.parser, &result, may_create, err);
	answer_parser_free(asking.parser);
	return rc;
}

int prompt_ask_text(struct step_job *job, const char *system, const char *user, struct err *err)
{
	struct asking asking = { .job = job, .system = system, .user = user };
	struct llm_result result = { 0 };
	int rc = ask_in_line(&asking, EDIT_WHOLE_FILE, &result, err);
	if (rc == 0 && result.finish == LLM_REFUSAL)
		rc = err_set(err, ERR_ANSWER, "the model refused to answer");
	else if (rc == 0 && result.finish == LLM_LENGTH)
		rc = err_set(err, ERR_ANSWER, "the answer was cut before its end");
	answer_parser_free(asking.parser);
	return rc;
}
