#include "io/llm_try.h"

#include "base/clock.h"
#include "base/xalloc.h"
#include "io/tape.h"
#include "io/url.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define STREAM_MAX ((size_t)256 << 20) /* bytes of a whole stream */
#define WHOLE_MAX ((size_t)16 << 20)   /* of an answer that does not stream: what one JSON text may have */
#define ERROR_MAX ((size_t)64 << 10)   /* of an error's body that is looked at */
#define PROMPT_CUT_FROM 1000           /* tokens */
#define GRACE_MS 100                   /* for the server to close after its terminator */
#define BACKSTOP_MS 1000               /* libcurl's own limit on connecting comes after ours */

enum body_kind { BODY_UNKNOWN, BODY_STREAM, BODY_WHOLE, BODY_ERROR, BODY_PAGE, BODY_GARBAGE };

/* What the first bytes of a body can be; a body that is a proper beginning of one waits for more. */
static const struct {
	const char *begin;
	enum body_kind kind;
	enum sse_framing framing;
} beginning[] = {
	{ "data:", BODY_STREAM, SSE_EVENTS }, { "event:", BODY_STREAM, SSE_EVENTS }, { "id:", BODY_STREAM, SSE_EVENTS },
	{ "retry:", BODY_STREAM, SSE_EVENTS }, { ":", BODY_STREAM, SSE_EVENTS }, { "error:", BODY_STREAM, SSE_EVENTS },
	{ "{", BODY_WHOLE, SSE_LINES }, { "[", BODY_WHOLE, SSE_LINES }, { "\"", BODY_WHOLE, SSE_LINES },
	{ "<", BODY_PAGE, SSE_EVENTS },
};

struct pump {
	const struct llm_try *try;
	struct llm_answer *answer;
	struct llm_fault *fault;
	struct tape_take *take; /* owned; NULL: nothing is recorded */
	bool failed;           /* *fault is set */
	struct http_part *head; /* owned; NULL until it came */
	enum body_kind kind;
	struct buf body;       /* all of it, unless it is a stream */
	struct sse sse;
	size_t n_events;
	bool has_bytes;
	bool is_sent;
	int64_t since_ms;      /* when the phase that is going on began */
	int64_t byte_ms, content_ms; /* when the last ones came */
	int64_t done_ms;       /* when the terminator came */
};

static const struct llm_limits *limits(const struct pump *pump)
{
	return &pump->try->ask->llm->options.limits;
}

static const char *provider(const struct pump *pump)
{
	return pump->try->ask->request->provider->name;
}

static void fail(struct pump *pump, enum llm_fault_kind kind, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* "'local' ..." as the try's fault; the first one counts. */
static void fail(struct pump *pump, enum llm_fault_kind kind, const char *fmt, ...)
{
	if (pump->failed)
		return;
	struct buf text = { 0 };
	va_list args;
	va_start(args, fmt);
	buf_vprintf(&text, fmt, args);
	va_end(args);
	pump->failed = true;
	*pump->fault = (struct llm_fault){ .kind = kind, .after_ms = -1 };
	if (pump->head && pump->head->status != 200)
		pump->fault->status = pump->head->status;
	err_set(&pump->fault->err, kind == FAULT_TRY_AGAIN ? ERR_TRANSPORT : ERR_PROVIDER, "'%s' %s", provider(pump),
	        buf_str(&text));
	buf_release(&text);
}

static void tell_phase(const struct pump *pump, const char *phase, int64_t limit_ms)
{
	const struct llm_event event = {
		.kind = LLM_PHASE,
		.text = phase,
		.limit_ms = limit_ms,
		.try_no = pump->try->try_no,
		.tries = pump->try->tries,
	};
	llm_ask_tell(pump->try->ask, &event);
}

static int64_t connect_ms(const struct pump *pump)
{
	return url_is_loopback(pump->try->url) ? limits(pump)->connect_local_ms : limits(pump)->connect_ms;
}

/* A long prompt takes long to read; a local server may load its model first. */
static int64_t first_ms(const struct pump *pump)
{
	int64_t tokens = pump->try->ask->request->tokens_estimated;
	if (url_is_loopback(pump->try->url))
		return limits(pump)->first_local_ms;
	return limits(pump)->first_ms + limits(pump)->first_ms * (tokens > 0 ? tokens : 0) / 150000;
}

/* The stream's events. */

static void take_fault(struct pump *pump)
{
	if (!pump->answer->has_fault || pump->failed)
		return;
	pump->failed = true;
	llm_fault_of_facts(pump->fault, &pump->answer->fault, provider(pump), pump->try->key);
}

static bool is_terminator(const struct pump *pump, const struct sse_event *event)
{
	const char *terminator = pump->try->ops->terminator;
	size_t n = event->n;
	while (n && event->data[n - 1] == ' ')
		n--;
	return terminator && n == strlen(terminator) && memcmp(event->data, terminator, n) == 0;
}

/* Words without quotes in an event of type error. */
static void take_bare_error(struct pump *pump, const struct sse_event *event)
{
	struct llm_fault_facts *facts = &pump->answer->fault;
	size_t n = event->n < sizeof facts->message - 1 ? event->n : sizeof facts->message - 1;
	memcpy(facts->message, event->data, n);
	pump->answer->has_fault = true;
}

static int take_event(void *arg, const struct sse_event *event, struct err *err)
{
	struct pump *pump = arg;
	struct json *json = NULL;
	struct err why = { 0 };
	if (event->is_ping || pump->answer->is_done || event->n == 0)
		return 0;
	if (is_terminator(pump, event)) {
		pump->n_events++;
		pump->answer->is_done = true;
		return 0;
	}
	if (llm_answer_json(pump->answer, &json, event->data, event->n, &why) != 0) {
		if (event->is_tail)
			return 0;
		if (strcmp(event->type, "error") == 0)
			take_bare_error(pump, event);
		else
			return err_set(err, ERR_TRANSPORT, "sent an event that is no JSON (%.100s)", why.msg);
	}
	pump->n_events++;
	if (json)
		pump->try->ops->event(pump->answer, event->type, json);
	json_free(json);
	return 0;
}

static void note_progress(struct pump *pump, int64_t n_before)
{
	int64_t now_ms = clock_mono_ms();
	if (pump->answer->n_content != n_before) {
		if (!pump->content_ms)
			tell_phase(pump, "streaming", limits(pump)->idle_ms);
		pump->content_ms = now_ms;
	}
	if (pump->answer->is_done && !pump->done_ms)
		pump->done_ms = now_ms;
}

static void feed_stream(struct pump *pump, const char *data, size_t n)
{
	struct err why = { 0 };
	int64_t n_before = pump->answer->n_content;
	if (sse_feed(&pump->sse, data, n, &why) != 0)
		fail(pump, why.code == ERR_LIMIT ? FAULT_FOR_GOOD : FAULT_TRY_AGAIN, "%s", why.msg);
	note_progress(pump, n_before);
	take_fault(pump);
}

/* What the body is, by its first bytes: content types are wrong too often. */
static void recognise(struct pump *pump)
{
	const char *s = buf_str(&pump->body);
	size_t n = pump->body.len;
	if (n >= 3 && memcmp(s, "\xef\xbb\xbf", 3) == 0) {
		s += 3;
		n -= 3;
	}
	while (n && isspace((unsigned char)*s)) {
		s++;
		n--;
	}
	bool may_become = n == 0 || (n < 3 && memcmp(s, "\xef\xbb\xbf", n) == 0);
	for (size_t i = 0; n && i < sizeof beginning / sizeof *beginning; i++) {
		size_t n_begin = strlen(beginning[i].begin);
		if (n >= n_begin && memcmp(s, beginning[i].begin, n_begin) == 0) {
			bool is_lines = pump->try->ops->framing == SSE_LINES && beginning[i].kind == BODY_WHOLE;
			pump->kind = is_lines ? BODY_STREAM : beginning[i].kind;
			sse_init(&pump->sse, beginning[i].framing, take_event, pump);
			return;
		}
		may_become |= n < n_begin && memcmp(s, beginning[i].begin, n) == 0;
	}
	if (!may_become)
		pump->kind = BODY_GARBAGE;
}

static void take_data(struct pump *pump, const char *data, size_t n)
{
	pump->has_bytes = true;
	pump->byte_ms = clock_mono_ms();
	if (pump->failed)
		return;
	if (pump->kind == BODY_STREAM) {
		feed_stream(pump, data, n);
		return;
	}
	if (buf_add(&pump->body, data, n) != 0 && pump->kind != BODY_ERROR)
		fail(pump, FAULT_FOR_GOOD, "sent an answer that is over the limit of %zu bytes", pump->body.max);
	if (pump->kind != BODY_UNKNOWN)
		return;
	recognise(pump);
	if (pump->kind == BODY_STREAM)
		feed_stream(pump, buf_str(&pump->body), pump->body.len);
}

static void take_head(struct pump *pump, struct http_part *head)
{
	http_part_free(pump->head);
	pump->head = head;
	if (head->status < 200 || head->status > 299) {
		pump->kind = BODY_ERROR;
		pump->body.max = ERROR_MAX;
	}
}

/* The end of the response. */

/* An empty body that says it is whole is an empty answer; else it was cut before its first byte. */
static bool is_empty_on_purpose(const struct pump *pump)
{
	const char *length = http_header(pump->head, "content-length");
	return pump->head->status != 200 || (length && strcmp(length, "0") == 0) ||
	       http_header(pump->head, "transfer-encoding");
}

static void read_whole(struct pump *pump)
{
	struct json *json = NULL;
	struct err why = { 0 };
	int64_t n_before = pump->answer->n_content;
	if (llm_answer_json(pump->answer, &json, buf_str(&pump->body), pump->body.len, &why) != 0) {
		fail(pump, FAULT_TRY_AGAIN, "sent JSON that is broken or cut (%.100s)", why.msg);
		return;
	}
	if (json_kind(json) == JSON_IS_OBJECT)
		pump->try->ops->whole(pump->answer, json);
	else
		llm_answer_error(pump->answer, json);
	note_progress(pump, n_before);
	take_fault(pump);
	pump->answer->is_done = true;
	json_free(json);
}

static void end_stream(struct pump *pump)
{
	struct err why = { 0 };
	int64_t n_before = pump->answer->n_content;
	if (sse_finish(&pump->sse, &why) != 0)
		fail(pump, FAULT_TRY_AGAIN, "%s", why.msg);
	note_progress(pump, n_before);
	take_fault(pump);
	/* A reason to end is as good as the terminator only where the protocol's terminator says nothing more. */
	if (!pump->answer->is_done && !(pump->answer->is_finished && pump->try->ops->terminator))
		fail(pump, FAULT_TRY_AGAIN, "ended its answer before it was complete");
}

static void fail_as_page(struct pump *pump, const char *what)
{
	fail(pump, FAULT_FOR_GOOD, "sent %s instead of an answer", what);
	err_hint(&pump->fault->err, "check the provider's url: most end in /v1");
}

static void end_clean(struct pump *pump)
{
	if (!pump->head) {
		fail(pump, FAULT_TRY_AGAIN, "closed the connection before it answered");
		return;
	}
	switch (pump->kind) {
	case BODY_UNKNOWN:
		if (pump->has_bytes || !is_empty_on_purpose(pump))
			fail(pump, FAULT_TRY_AGAIN, "closed the connection before its answer began");
		break;
	case BODY_STREAM:
		end_stream(pump);
		break;
	case BODY_WHOLE:
		read_whole(pump);
		break;
	case BODY_PAGE:
		fail_as_page(pump, "an HTML page");
		break;
	case BODY_GARBAGE:
		fail_as_page(pump, "neither a stream of events nor JSON");
		break;
	case BODY_ERROR:
		break;
	}
}

/* A count far below any estimate's error. Small prompts are cut by no server, and estimates of them mean little. */
static bool is_prompt_cut(int64_t counted, int64_t estimated)
{
	return counted > 0 && estimated >= PROMPT_CUT_FROM && counted * 100 < estimated * 70;
}

static void check_answer(struct pump *pump)
{
	struct llm_answer *answer = pump->answer;
	const struct llm_request *request = pump->try->ask->request;
	llm_answer_flush(answer);
	if (is_prompt_cut(answer->tokens_in, request->tokens_estimated)) {
		fail(pump, FAULT_TOO_LONG, "dropped part of the prompt: it counted %lld tokens of about %lld",
		     (long long)answer->tokens_in, (long long)request->tokens_estimated);
		err_hint(&pump->fault->err, "start the server with a larger context, or name fewer files");
		return;
	}
	int64_t limit = request->max_tokens > 0 ? request->max_tokens : pump->try->ops->max_tokens;
	if (limit > 0 && answer->tokens_out >= limit)
		answer->finish = LLM_LENGTH;
	if (answer->is_refused)
		answer->finish = LLM_REFUSAL;
	if (!answer->has_text && answer->finish == LLM_STOP)
		fail(pump, FAULT_FOR_GOOD, "answered without any text");
}

static void take_error_status(struct pump *pump)
{
	const struct llm_options *options = &pump->try->ask->llm->options;
	int64_t wall_ms = options->wall_ms ? options->wall_ms(options->arg) : clock_wall_ms();
	pump->failed = true;
	llm_fault_of_response(pump->fault, pump->head, buf_str(&pump->body), pump->body.len, provider(pump),
	                      pump->try->key, wall_ms);
}

static void take_end(struct pump *pump, const struct http_part *part)
{
	if (!pump->failed && pump->kind == BODY_ERROR)
		take_error_status(pump);
	else if (!pump->failed && !pump->answer->is_done && part->end == HTTP_CLEAN)
		end_clean(pump);
	else if (!pump->failed && !pump->answer->is_done) {
		pump->failed = true;
		*pump->fault = (struct llm_fault){ .after_ms = -1, .err = part->err };
		pump->fault->kind = part->end == HTTP_REFUSED ? FAULT_FOR_GOOD : FAULT_TRY_AGAIN;
	}
	if (!pump->failed)
		check_answer(pump);
}

/* Clocks. */

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* When the phase that is going on has lasted too long. */
static int64_t due_ms(const struct pump *pump)
{
	if (pump->done_ms)
		return pump->done_ms + GRACE_MS;
	if (!pump->is_sent)
		return pump->since_ms + connect_ms(pump);
	if (!pump->content_ms)
		return pump->since_ms + first_ms(pump);
	return earlier(pump->byte_ms + limits(pump)->idle_ms, pump->content_ms + limits(pump)->pings_ms);
}

static double seconds(int64_t ms)
{
	return (double)ms / 1000;
}

static void fail_late(struct pump *pump)
{
	if (pump->done_ms || pump->failed)
		return;
	if (!pump->is_sent)
		fail(pump, FAULT_TRY_AGAIN, "could not be reached within %g s", seconds(connect_ms(pump)));
	else if (!pump->content_ms)
		fail(pump, FAULT_TRY_AGAIN, "sent no text within %g s", seconds(first_ms(pump)));
	else if (clock_mono_ms() >= pump->byte_ms + limits(pump)->idle_ms)
		fail(pump, FAULT_TRY_AGAIN, "fell silent in the middle of its answer for %g s", seconds(limits(pump)->idle_ms));
	else
		fail(pump, FAULT_TRY_AGAIN, "sent nothing but signs of life for %g s", seconds(limits(pump)->pings_ms));
}

/* False when the part was the last. Frees the part. */
static bool take_part(struct pump *pump, struct http_part *part)
{
	bool goes_on = part->kind != HTTP_END;
	if (pump->take)
		tape_take_part(pump->take, part);
	switch (part->kind) {
	case HTTP_SENDING:
		pump->is_sent = true;
		pump->since_ms = clock_mono_ms();
		tell_phase(pump, "waiting", first_ms(pump));
		break;
	case HTTP_HEAD:
		take_head(pump, part);
		return true;
	case HTTP_DATA:
		take_data(pump, part->data, part->n);
		break;
	case HTTP_END:
		take_end(pump, part);
		break;
	case HTTP_NOTE:
		break;
	}
	http_part_free(part);
	return goes_on;
}

static void stop(struct pump *pump, uint64_t id)
{
	struct queue *mail = pump->try->ask->mail;
	bool ended = false;
	if (!tape_plays(pump->try->ask->llm->options.tape))
		http_stop(pump->try->ask->llm->http, id);
	while (!ended) {
		struct http_part *part = queue_pop(mail, -1);
		ended = part->kind == HTTP_END;
		if (pump->take)
			tape_take_part(pump->take, part);
		http_part_free(part);
	}
}

/* Until the end of the response, a clock, or the asker. -1 with *err for the asker. */
static int pump_all(struct pump *pump, uint64_t id, struct err *err)
{
	struct llm_ask *ask = pump->try->ask;
	for (;;) {
		int64_t left_ms = earlier(due_ms(pump), ask->deadline_ms) - clock_mono_ms();
		struct http_part *part =
			left_ms > 0 && !pump->failed ? queue_pop(ask->mail, (int)earlier(left_ms, 3600000)) : NULL;
		if (part && !take_part(pump, part))
			return 0;
		if (!pump->done_ms && llm_ask_check(ask, err) != 0) {
			stop(pump, id);
			return -1;
		}
		if (!pump->failed && due_ms(pump) > clock_mono_ms())
			continue;
		fail_late(pump);
		stop(pump, id);
		if (!pump->failed)
			check_answer(pump);
		return 0;
	}
}

static int start_http(const struct pump *pump, const struct buf *body, uint64_t *id, struct err *err)
{
	const struct llm_try *try = pump->try;
	struct strings header = { 0 };
	strings_add(&header, "Content-Type: application/json");
	try->ops->headers(&header, try->key);
	const struct http_request request = {
		.url = try->url,
		.header = &header,
		.body = buf_str(body),
		.n_body = body->len,
		.is_secret = try->key[0] != '\0',
		.connect_ms = connect_ms(pump) + BACKSTOP_MS,
		.max_bytes = STREAM_MAX,
	};
	int rc = http_start(try->ask->llm->http, &request, try->ask->mail, id, err);
	for (size_t i = 0; i < header.n_items; i++)
		explicit_bzero(header.item[i], strlen(header.item[i]));
	strings_release(&header);
	return rc;
}

/* To the server, whose answer may be recorded, or to a recording. */
static int start(struct pump *pump, uint64_t *id, struct err *err)
{
	const struct llm_try *try = pump->try;
	const struct llm_request *request = try->ask->request;
	struct tape *tape = try->ask->llm->options.tape;
	struct buf body = { 0 };
	struct json_writer w = { .out = &body };
	try->ops->body(&w, request, try->model, try->without);
	const struct tape_request asked = {
		.protocol = provider_kind_name(request->provider->kind),
		.model = try->model,
		.step = request->step ? request->step : "",
		.attempt = request->attempt,
		.body = buf_str(&body),
		.n_body = body.len,
	};
	int rc = tape_plays(tape) ? tape_answer(tape, &asked, try->ask->mail, err) : start_http(pump, &body, id, err);
	if (rc == 0 && tape && !tape_plays(tape))
		pump->take = tape_take_new(&asked);
	buf_release(&body);
	return rc;
}

enum llm_outcome llm_try(const struct llm_try *try, struct llm_answer *answer, struct llm_fault *fault, struct err *err)
{
	struct pump pump = { .try = try, .answer = answer, .fault = fault };
	uint64_t id = 0;
	buf_init(&pump.body, WHOLE_MAX);
	tell_phase(&pump, "connecting", connect_ms(&pump));
	int rc = start(&pump, &id, err);
	pump.since_ms = clock_mono_ms(); /* the first request of all loads the library */
	if (rc == 0)
		rc = pump_all(&pump, id, err);
	if (pump.take)
		tape_take_end(try->ask->llm->options.tape, pump.take, try->key);
	http_part_free(pump.head);
	buf_release(&pump.body);
	sse_release(&pump.sse);
	return rc != 0 ? TRY_ENDED : pump.failed ? TRY_FAILED : TRY_COMPLETE;
}
