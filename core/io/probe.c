#include "io/probe.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/xalloc.h"
#include "edit/apply.h"
#include "io/http.h"
#include "io/url.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BODY_MAX ((size_t)4 << 20)
#define DISCOVER_MS 150
#define ANSWER_MS 120000
#define ANSWER_TOKENS 400
#define FILE_TEXT "int count = 1;\nint limit = 10;\n"

/* A GET on its way. */
struct get {
	struct queue *mail; /* owned; NULL: it could not be started */
	uint64_t id;
	int status;
	struct buf body;
	bool is_over;
	struct err err;
};

static void free_part(void *part)
{
	http_part_free(part);
}

static void get_start(struct get *get, struct http *http, const char *url, const struct strings *header, bool is_secret)
{
	*get = (struct get){ 0 };
	const struct http_request request = {
		.url = url, .header = header, .is_secret = is_secret, .max_bytes = BODY_MAX,
	};
	if (queue_new(&get->mail, &get->err) != 0)
		return;
	if (http_start(http, &request, get->mail, &get->id, &get->err) == 0)
		return;
	queue_free(get->mail, free_part);
	get->mail = NULL;
}

static void take_part(struct get *get, const struct http_part *part)
{
	if (part->kind == HTTP_HEAD)
		get->status = part->status;
	else if (part->kind == HTTP_DATA)
		buf_add(&get->body, part->data, part->n);
	else if (part->kind == HTTP_END) {
		get->is_over = true;
		if (part->end != HTTP_CLEAN)
			get->err = part->err;
	}
}

/* 0 with the whole body of a 200; -1 with *err. */
static int get_finish(struct get *get, struct http *http, int64_t due_ms, struct err *err)
{
	bool is_late = false;
	while (get->mail && !get->is_over) {
		int64_t left_ms = due_ms - clock_mono_ms();
		struct http_part *part = queue_pop(get->mail, is_late ? -1 : left_ms > 0 ? (int)left_ms : 0);
		if (part) {
			take_part(get, part);
		} else if (!is_late) {
			is_late = true;
			http_stop(http, get->id);
		}
		http_part_free(part);
	}
	if (get->mail)
		queue_free(get->mail, free_part);
	get->mail = NULL;
	if (is_late)
		err_set(&get->err, ERR_TRANSPORT, "no answer in time");
	if (get->err.code == ERR_NONE && get->status != 200)
		err_set(&get->err, ERR_PROVIDER, "it answered %d", get->status);
	if (get->err.code == ERR_NONE)
		return 0;
	*err = get->err;
	return -1;
}

/* ---- what servers say of their models ---- */

/* Where the first of these keys that there is holds a number. */
static int64_t first_number(const struct json *object, const char *const *key, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (json_get_int(object, key[i], 0) > 0)
			return json_get_int(object, key[i], 0);
	return 0;
}

static int64_t context_of(const struct json *model)
{
	static const char *const key[] = { "loaded_context_length", "n_ctx", "max_model_len", "context_length",
		                           "context_window", "max_input_tokens" };
	int64_t context = first_number(model, key, sizeof key / sizeof *key);
	return context ? context : first_number(json_get(model, "meta"), key, 2);
}

/* {"data": [{"id": ...}]} of OpenAI's form and Anthropic's, {"models": [{"name": ...}]} of Ollama's. */
static void read_models(struct probe *out, const struct json *root, const char *wanted)
{
	const struct json *list = json_get(root, "data");
	if (!list)
		list = json_get(root, "models");
	for (size_t i = 0; i < json_len(list); i++) {
		const struct json *model = json_at(list, i);
		const char *name = json_get_str(model, "id");
		if (!name)
			name = json_get_str(model, "name");
		if (!name)
			continue;
		if (*wanted ? strcmp(name, wanted) == 0 : out->models.n_items == 0)
			out->context = context_of(model);
		strings_add(&out->models, name);
	}
}

/* ".../api/chat" gives ".../api/tags". */
static char *models_url(const struct provider *provider)
{
	if (provider->kind != PROVIDER_OLLAMA)
		return url_join(provider->url, "v1", "models");
	size_t n = strlen(provider->url);
	static const char *const ending[] = { "/", "/v1", "/api" };
	for (size_t i = 0; i < sizeof ending / sizeof *ending; i++)
		if (n > strlen(ending[i]) && strncmp(provider->url + n - strlen(ending[i]), ending[i], strlen(ending[i])) == 0)
			n -= strlen(ending[i]);
	return xasprintf("%.*s/api/tags", (int)n, provider->url);
}

static void add_headers(struct strings *out, const struct provider *provider, const char *key)
{
	if (provider->kind == PROVIDER_ANTHROPIC)
		strings_add(out, "anthropic-version: 2023-06-01");
	if (*key)
		strings_take(out, provider->kind == PROVIDER_ANTHROPIC ? xasprintf("x-api-key: %s", key)
		                                                       : xasprintf("Authorization: Bearer %s", key));
}

static int read_list(struct probe *out, const struct provider *provider, const struct get *get, struct err *err)
{
	struct json *root = NULL;
	if (json_parse(&root, buf_str(&get->body), get->body.len, NULL) != 0 || json_kind(root) != JSON_IS_OBJECT) {
		json_free(root);
		err_set(err, ERR_PROVIDER, "what it sent is no list of models");
		return err_hint(err, "check the provider's url: most end in /v1");
	}
	read_models(out, root, provider->model);
	json_free(root);
	return 0;
}

int probe_models(struct probe *out, const struct provider *provider, const char *key, int timeout_ms, struct err *err)
{
	struct get get;
	struct strings header = { 0 };
	struct http *http = http_new();
	char *url = models_url(provider);
	add_headers(&header, provider, key);
	get_start(&get, http, url, &header, *key != '\0');
	int rc = get_finish(&get, http, clock_mono_ms() + timeout_ms, err);
	if (rc == 0)
		rc = read_list(out, provider, &get, err);
	for (size_t i = 0; i < header.n_items; i++)
		explicit_bzero(header.item[i], strlen(header.item[i]));
	strings_release(&header);
	buf_release(&get.body);
	http_free(http);
	free(url);
	return rc;
}

/* ---- asking ---- */

struct hearing {
	struct answer_parser *parser;
	int64_t asked_ms, first_ms, last_ms;
	int64_t n_tokens;
};

static void hear(void *arg, const struct llm_event *event)
{
	struct hearing *hearing = arg;
	if (event->kind == LLM_RETRY) {
		answer_parser_free(hearing->parser);
		*hearing = (struct hearing){ .parser = answer_parser_new(NULL, NULL), .asked_ms = clock_mono_ms() };
	}
	if (event->kind != LLM_TEXT && event->kind != LLM_REASONING)
		return;
	hearing->last_ms = clock_mono_ms();
	if (!hearing->first_ms)
		hearing->first_ms = hearing->last_ms;
	hearing->n_tokens += llm_estimate_tokens(event->text, event->n);
	if (event->kind == LLM_TEXT)
		answer_parser_feed(hearing->parser, event->text, event->n);
}

/* Did the one edit that was asked for come, in the form that was asked for? */
static bool edits_well(struct answer_parser *parser)
{
	struct answer answer;
	struct err err = { 0 };
	struct changeset set = { 0 };
	const struct apply_rules rules = { 0 };
	struct change *change = changeset_add(&set, "limits.c");
	image_set_file(&change->before, FILE_TEXT, strlen(FILE_TEXT), 0644);
	answer_parser_finish(parser, &answer);
	bool is_search = answer.n_blocks > 0;
	for (size_t i = 0; i < answer.n_blocks; i++)
		is_search = is_search && answer.block[i].kind == EDIT_SEARCH_REPLACE;
	bool is_good = is_search && !answer.unterminated && apply_answer(&set, &answer, &rules, NULL, &err) == 0 &&
	               strcmp(set.change[0].after.data, "int count = 1;\nint limit = 20;\n") == 0;
	answer_release(&answer);
	changeset_release(&set);
	return is_good;
}

int probe_answer(struct probe *out, struct llm *llm, const struct provider *provider, struct err *err)
{
	struct buf text = { 0 };
	struct llm_result result;
	struct hearing hearing = { .parser = answer_parser_new(NULL, NULL), .asked_ms = clock_mono_ms() };
	buf_add_str(&text, "File to change:\n\nFILE 0123456789ab limits.c\n" FILE_TEXT
	                   "END 0123456789ab\n\nInstruction: set limit to 20.\n\n");
	answer_describe_format(&text, EDIT_SEARCH_REPLACE, "");
	const struct llm_message message = { "user", buf_str(&text) };
	const struct llm_request request = {
		.provider = provider,
		.model = *provider->model || !out->models.n_items ? provider->model : out->models.item[0],
		.message = &message,
		.n_messages = 1,
		.max_tokens = ANSWER_TOKENS,
		.tokens_estimated = llm_estimate_tokens(buf_str(&text), text.len),
		.timeout_ms = ANSWER_MS,
		.step = "",
		.attempt = 1,
		.tries = 1,
	};
	int rc = llm_ask(llm, &request, hear, &hearing, NULL, &result, err);
	if (rc == 0) {
		int64_t streamed_ms = hearing.last_ms - hearing.first_ms;
		out->first_ms = hearing.first_ms ? hearing.first_ms - hearing.asked_ms : 0;
		out->tokens_per_second = streamed_ms > 20 ? 1000.0 * (double)hearing.n_tokens / (double)streamed_ms : 0;
		out->can_edit = edits_well(hearing.parser);
	}
	answer_parser_free(hearing.parser);
	buf_release(&text);
	return rc;
}

void probe_release(struct probe *probe)
{
	strings_release(&probe->models);
	*probe = (struct probe){ 0 };
}

/* ---- this machine ---- */

static const struct {
	const char *name;
	enum provider_kind kind;
	const char *url;
} local[] = {
	{ "ollama", PROVIDER_OLLAMA, "http://127.0.0.1:11434" },
	{ "llama.cpp", PROVIDER_OPENAI_CHAT, "http://127.0.0.1:8080/v1" },
	{ "lm-studio", PROVIDER_OPENAI_CHAT, "http://127.0.0.1:1234/v1" },
	{ "vllm", PROVIDER_OPENAI_CHAT, "http://127.0.0.1:8000/v1" },
	{ "sglang", PROVIDER_OPENAI_CHAT, "http://127.0.0.1:30000/v1" },
	{ "koboldcpp", PROVIDER_OPENAI_CHAT, "http://127.0.0.1:5001/v1" },
};
#define N_LOCAL (sizeof local / sizeof *local)

static bool has_url(const struct config *config, const char *url)
{
	char *wanted = url_origin(url);
	bool found = false;
	for (size_t i = 0; i < config->n_providers; i++) {
		char *origin = url_origin(config->provider[i].url);
		found = found || strcmp(origin, wanted) == 0;
		free(origin);
	}
	free(wanted);
	return found;
}

static void add_server(struct config *config, size_t i, const struct probe *probe)
{
	struct provider *provider = config_add_provider(config, local[i].name);
	provider->kind = local[i].kind;
	provider->has_kind = true;
	provider->context = local[i].kind == PROVIDER_OLLAMA ? 0 : probe->context;
	free(provider->url);
	provider->url = xstrdup(local[i].url);
	free(provider->model);
	provider->model = xstrdup(probe->models.item[0]);
}

size_t probe_discover(struct config *config)
{
	struct get get[N_LOCAL];
	size_t n = 0;
	struct http *http = http_new();
	for (size_t i = 0; i < N_LOCAL; i++) {
		const struct provider provider = { .kind = local[i].kind, .url = (char *)local[i].url, .model = (char *)"" };
		char *url = models_url(&provider);
		get_start(&get[i], http, url, NULL, false);
		free(url);
	}
	int64_t due_ms = clock_mono_ms() + DISCOVER_MS;
	for (size_t i = 0; i < N_LOCAL; i++) {
		struct probe probe = { 0 };
		struct err err = { 0 };
		const struct provider provider = { .model = (char *)"" };
		if (get_finish(&get[i], http, due_ms, &err) == 0 && read_list(&probe, &provider, &get[i], &err) == 0 &&
		    probe.models.n_items && !has_url(config, local[i].url)) {
			add_server(config, i, &probe);
			n++;
		}
		buf_release(&get[i].body);
		probe_release(&probe);
	}
	http_free(http);
	return n;
}
