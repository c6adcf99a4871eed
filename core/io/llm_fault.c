#include "io/llm_fault.h"

#include "base/text.h"
#include "base/xalloc.h"
#include "io/url.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGE_MAX 240 /* bytes of a server's words in a message */
#define KEY_BEGIN 6     /* so many bytes of a key are too much */

static void keep(char *out, size_t size, const char *s)
{
	if (s)
		snprintf(out, size, "%s", s);
}

/* A code may be a word or a number, which may be an HTTP status. */
static void keep_code(struct llm_fault_facts *facts, const struct json *code)
{
	int64_t number;
	if (json_as_int(code, &number) != 0) {
		keep(facts->code, sizeof facts->code, json_str(code, NULL));
		number = strtol(facts->code, NULL, 10);
	}
	if (number >= 100 && number <= 599)
		facts->status = (int)number;
}

/* FastAPI's form: {"detail": [{"loc": ["body", "stream_options"], "msg": "..."}]}. */
static void read_detail(struct llm_fault_facts *facts, const struct json *detail)
{
	const struct json *place = json_get(detail, "loc");
	keep(facts->message, sizeof facts->message, json_get_str(detail, "msg"));
	if (json_len(place))
		keep(facts->parameter, sizeof facts->parameter, json_str(json_at(place, json_len(place) - 1), NULL));
}

void llm_fault_read(struct llm_fault_facts *facts, const struct json *error)
{
	if (json_kind(error) == JSON_IS_ARRAY)
		error = json_at(error, 0);
	for (int depth = 0; depth < 3; depth++) {
		const struct json *inside = json_get(error, "error");
		if (json_kind(inside) != JSON_IS_OBJECT && json_kind(inside) != JSON_IS_STRING)
			break;
		error = inside;
	}
	if (json_kind(error) == JSON_IS_STRING) {
		keep(facts->message, sizeof facts->message, json_str(error, NULL));
		return;
	}
	const char *message = json_get_str(error, "message");
	keep(facts->message, sizeof facts->message, message ? message : json_get_str(error, "detail"));
	keep(facts->parameter, sizeof facts->parameter, json_get_str(error, "param"));
	read_detail(facts, json_at(json_get(error, "detail"), 0));
	keep(facts->type, sizeof facts->type, json_get_str(error, "type"));
	keep_code(facts, json_get(error, "code"));
	if (!facts->type[0])
		keep(facts->type, sizeof facts->type, json_get_str(error, "status"));
}

static bool speaks_of(const char *text, const char *const *word, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcasestr(text, word[i]))
			return true;
	return false;
}

#define SPEAKS_OF(text, list) speaks_of(text, list, sizeof(list) / sizeof *(list))

static bool is_too_long(const struct llm_fault_facts *facts)
{
	static const char *const code[] = { "context_length_exceeded", "exceed_context_size" };
	static const char *const message[] = {
		"maximum context length", "context length", "context window", "context size", "prompt is too long",
		"input is too long", "too many tokens", "context limit", "maximum model length", "context overflow",
		"context the overflow", "input token count", "maximum number of tokens",
	};
	return SPEAKS_OF(facts->code, code) || SPEAKS_OF(facts->type, code) || SPEAKS_OF(facts->message, message);
}

/* The account is empty, which waiting does not change. */
static bool is_out_of_quota(const struct llm_fault_facts *facts, bool says_when)
{
	static const char *const code[] = { "insufficient_quota", "exceeded_current_quota", "billing", "credit" };
	static const char *const message[] = { "exceeded your current quota", "billing", "credit balance" };
	return SPEAKS_OF(facts->code, code) || SPEAKS_OF(facts->type, code) ||
	       (!says_when && SPEAKS_OF(facts->message, message));
}

static bool is_about_parsing(const struct llm_fault_facts *facts)
{
	static const char *const message[] = { "parse", "parsing", "template", "jinja" };
	return SPEAKS_OF(facts->message, message);
}

static bool is_passing(int status)
{
	static const int passing[] = { 408, 409, 425, 429, 500, 502, 503, 504, 529 };
	for (size_t i = 0; i < sizeof passing / sizeof *passing; i++)
		if (passing[i] == status)
			return true;
	return false;
}

/* The parameter that the server does not take; 0 when that is not what it complains about. */
static unsigned refused_parameter(const struct llm_fault_facts *facts, int status)
{
	static const char *const refusal[] = {
		"unsupported", "not support", "not permitted", "not allowed", "deprecated", "unknown", "unrecognized",
		"unexpected",
	};
	static const struct {
		const char *name;
		unsigned parameter;
	} known[] = {
		{ "temperature", LLM_TEMPERATURE }, { "stream_options", LLM_STREAM_OPTIONS }, { "max_tokens", LLM_MAX_TOKENS },
	};
	if ((status != 400 && status != 422) || !(SPEAKS_OF(facts->message, refusal) || SPEAKS_OF(facts->code, refusal)))
		return 0;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strstr(facts->parameter[0] ? facts->parameter : facts->message, known[i].name))
			return known[i].parameter;
	return 0;
}

/* `status` is that of HTTP, or what an error inside a stream amounts to. */
static enum llm_fault_kind classify(const struct llm_fault_facts *facts, int status, bool says_when)
{
	static const char *const loading[] = { "loading model", "model is loading" };
	if (status == 503 && SPEAKS_OF(facts->message, loading))
		return FAULT_LOADING;
	if (status != 429 && status != 401 && status != 403 && is_too_long(facts))
		return FAULT_TOO_LONG;
	if (!is_passing(status))
		return FAULT_FOR_GOOD;
	if (is_out_of_quota(facts, says_when) || (status == 500 && is_about_parsing(facts)))
		return FAULT_FOR_GOOD;
	return FAULT_TRY_AGAIN;
}

/* Takes the key out of what a server wrote, before anything shortens it. */
static void without_key(struct buf *out, const char *text, const char *key)
{
	size_t n_key = key ? strlen(key) : 0;
	const char *at;
	while (n_key && (at = strstr(text, key))) {
		buf_add(out, text, (size_t)(at - text));
		buf_add_str(out, "[key]");
		text = at + n_key;
	}
	size_t n = strlen(text);
	size_t back = n_key < n ? n_key : n;
	while (back >= KEY_BEGIN && strncmp(text + n - back, key, back) != 0)
		back--;
	buf_add(out, text, back >= KEY_BEGIN ? n - back : n); /* a text cut in the middle of the key */
}

/* One line, fit for a terminal and a log. */
static void clean(struct buf *out, const char *text, const char *key)
{
	struct buf kept = { 0 };
	struct buf shown = { 0 };
	without_key(&kept, text, key);
	for (size_t i = 0; i < kept.len; i++)
		if (strchr("\r\n\t", kept.data[i]) && kept.data[i])
			kept.data[i] = ' ';
	text_sanitise(&shown, buf_str(&kept), kept.len, 0);
	size_t n = shown.len < MESSAGE_MAX ? shown.len : text_whole_prefix(buf_str(&shown), MESSAGE_MAX);
	buf_add(out, buf_str(&shown), n);
	if (n < shown.len)
		buf_add_str(out, "...");
	while (out->len && strchr(" .", out->data[out->len - 1]) && n == shown.len)
		buf_truncate(out, out->len - 1);
	buf_release(&kept);
	buf_release(&shown);
}

static const char *words_for(int status)
{
	static const struct {
		int status;
		const char *words;
	} table[] = {
		{ 400, "bad request" }, { 401, "the key is missing or wrong" }, { 402, "payment required" },
		{ 403, "forbidden" }, { 404, "not found" }, { 405, "method not allowed" }, { 408, "request timeout" },
		{ 413, "the request is too large" }, { 422, "unprocessable request" }, { 429, "too many requests" },
		{ 500, "internal error" }, { 501, "not implemented" }, { 502, "bad gateway" },
		{ 503, "service unavailable" }, { 504, "gateway timeout" }, { 529, "overloaded" },
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (table[i].status == status)
			return table[i].words;
	return "no reason given";
}

static void give_hint(struct llm_fault *out)
{
	if (out->kind == FAULT_TOO_LONG)
		err_hint(&out->err, "name fewer or smaller files, or a model with a larger context");
	else if (out->status == 401 || out->status == 403)
		err_hint(&out->err, "check the provider's key_env, key_file or key_command");
	else if (out->status == 404 || out->status == 405)
		err_hint(&out->err, "check the provider's url (most end in /v1) and model");
	else if (out->status == 402 || (out->status == 429 && out->kind == FAULT_FOR_GOOD))
		err_hint(&out->err, "check the account's balance and limits, or use another provider");
}

static enum err_code code_for(enum llm_fault_kind kind)
{
	return kind == FAULT_TRY_AGAIN || kind == FAULT_LOADING ? ERR_TRANSPORT : ERR_PROVIDER;
}

static void say(struct llm_fault *out, const char *provider, const char *message, const char *key)
{
	struct buf text = { 0 };
	clean(&text, message, key);
	if (out->status)
		err_set(&out->err, code_for(out->kind), "'%s' answered %d: %s", provider, out->status,
		        text.len ? buf_str(&text) : words_for(out->status));
	else
		err_set(&out->err, code_for(out->kind), "'%s' reported an error in its answer: %s", provider,
		        text.len ? buf_str(&text) : "no reason given");
	give_hint(out);
	buf_release(&text);
}

int64_t llm_fault_retry_after(const struct http_part *head, int64_t wall_ms)
{
	const char *ms = http_header(head, "retry-after-ms");
	const char *after = http_header(head, "retry-after");
	char *rest;
	if (ms && isdigit((unsigned char)*ms)) {
		double value = strtod(ms, &rest);
		if (*rest == '\0' && value < 1e12)
			return (int64_t)value;
	}
	if (!after)
		return -1;
	if (isdigit((unsigned char)*after)) {
		double value = strtod(after, &rest);
		return *rest == '\0' && value < 1e9 ? (int64_t)(value * 1000) : -1;
	}
	int64_t at = http_date(after);
	if (at < 0)
		return -1;
	return at * 1000 > wall_ms ? at * 1000 - wall_ms : 0;
}

/* A page says nothing that a message should repeat. */
static void read_body(struct llm_fault_facts *facts, const char *body, size_t n)
{
	struct json *json = NULL;
	size_t blanks = 0;
	while (blanks < n && isspace((unsigned char)body[blanks]))
		blanks++;
	if (json_parse(&json, body, n, NULL) == 0)
		llm_fault_read(facts, json);
	else if (blanks < n && body[blanks] != '<')
		snprintf(facts->message, sizeof facts->message, "%.*s", (int)(n > 500 ? 500 : n), body);
	json_free(json);
}

static void say_redirect(struct llm_fault *out, const struct http_part *head, const char *provider)
{
	const char *location = http_header(head, "location");
	char *origin = url_origin(location ? location : "");
	struct buf where = { 0 };
	clean(&where, origin, NULL);
	err_set(&out->err, ERR_PROVIDER, "'%s' answered %d: it sends to %s, which is not followed", provider, out->status,
	        location && strstr(location, "://") ? buf_str(&where) : "another address");
	err_hint(&out->err, "name the final address in the provider's url");
	buf_release(&where);
	free(origin);
}

/* The server's own number of the request, which its makers ask for. */
static void add_request_id(struct llm_fault *out, const struct http_part *head, const char *key)
{
	const char *id = http_header(head, "x-request-id");
	struct buf text = { 0 };
	if (!id)
		id = http_header(head, "request-id");
	if (id && *id && strlen(id) <= 64) {
		size_t n = strlen(out->err.msg);
		clean(&text, id, key);
		snprintf(out->err.msg + n, sizeof out->err.msg - n, " (request %s)", buf_str(&text));
	}
	buf_release(&text);
}

void llm_fault_of_response(struct llm_fault *out, const struct http_part *head, const char *body, size_t n,
                           const char *provider, const char *key, int64_t wall_ms)
{
	struct llm_fault_facts facts = { 0 };
	const char *advice = http_header(head, "x-should-retry");
	*out = (struct llm_fault){ .status = head->status, .after_ms = llm_fault_retry_after(head, wall_ms) };
	out->kind = FAULT_FOR_GOOD;
	if (head->status < 400) {
		say_redirect(out, head, provider);
		return;
	}
	read_body(&facts, body, n);
	out->kind = classify(&facts, head->status, out->after_ms >= 0);
	out->parameter = refused_parameter(&facts, head->status);
	if (out->parameter && out->kind == FAULT_FOR_GOOD)
		out->kind = FAULT_PARAMETER;
	if (advice && strcmp(advice, "false") == 0 && out->kind == FAULT_TRY_AGAIN)
		out->kind = FAULT_FOR_GOOD;
	else if (advice && strcmp(advice, "true") == 0 && out->kind == FAULT_FOR_GOOD)
		out->kind = FAULT_TRY_AGAIN;
	say(out, provider, facts.message, key);
	add_request_id(out, head, key);
}

/* What an error without a status amounts to. One that nobody can name may pass. */
static int status_of(const struct llm_fault_facts *facts)
{
	static const char *const refused[] = { "invalid_", "not_found", "permission", "unsupported" };
	static const char *const unknown_caller[] = { "authentication", "invalid_api_key" };
	if (facts->status)
		return facts->status;
	if (SPEAKS_OF(facts->type, unknown_caller) || SPEAKS_OF(facts->code, unknown_caller))
		return 401;
	if (SPEAKS_OF(facts->type, refused) || SPEAKS_OF(facts->code, refused))
		return 400;
	if (strcasestr(facts->type, "rate_limit") || strcasestr(facts->code, "rate_limit") ||
	    strstr(facts->code, "insufficient_quota"))
		return 429;
	return 500;
}

void llm_fault_of_facts(struct llm_fault *out, const struct llm_fault_facts *facts, const char *provider,
                        const char *key)
{
	int status = status_of(facts);
	*out = (struct llm_fault){ .kind = classify(facts, status, false), .status = facts->status, .after_ms = -1 };
	say(out, provider, facts->message[0] ? facts->message : facts->type, key);
}
