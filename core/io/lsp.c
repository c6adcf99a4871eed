#include "io/lsp.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/queue.h"
#include "base/xalloc.h"
#include "io/lsp_frame.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define POLL_MS 20      /* how late a cancel may be seen */
#define GOODBYE_MS 1000 /* for the server to end by itself */

/* What the reader passes on: a message, or the end with its reason. */
struct incoming {
	struct buf body;
	bool is_end;
	struct err err;
};

struct lsp {
	struct lsp_spec spec;
	int to_server;          /* -1 once closed */
	int its_input;          /* its end, until it is started */
	struct queue *inbox;    /* struct incoming */
	struct thread reader;
	struct cancel stop;     /* ends the process */
	struct err end;         /* why nothing more can be said; ERR_NONE: it lives */
	struct json *message;   /* the last one; owned */
	struct incoming *next;  /* seen, and not taken yet; owned; or NULL */
	int64_t last_id;
	bool pulls;
	/* The reader's own. */
	struct buf in;
	struct buf complaint;   /* the end of what it wrote to stderr */
	bool is_garbage;
};

/* ---- the reader ---- */

static void pass(struct lsp *lsp, struct incoming *incoming)
{
	if (queue_push(lsp->inbox, incoming))
		return;
	buf_release(&incoming->body);
	free(incoming);
}

static void pass_end(struct lsp *lsp, const struct err *why)
{
	struct incoming *incoming = xcalloc(1, sizeof *incoming);
	incoming->is_end = true;
	incoming->err = *why;
	pass(lsp, incoming);
}

static void take_output(void *arg, enum proc_stream stream, const char *data, size_t n)
{
	struct lsp *lsp = arg;
	struct err err = { 0 };
	struct incoming *incoming;
	int rc;
	if (lsp->is_garbage)
		return;
	if (stream == PROC_STDERR) {
		buf_add(&lsp->complaint, data, n);
		if (lsp->complaint.len > 2048)
			buf_consume(&lsp->complaint, lsp->complaint.len - 1024);
		return;
	}
	buf_add(&lsp->in, data, n);
	do {
		incoming = xcalloc(1, sizeof *incoming);
		rc = lsp_frame_take(&lsp->in, &incoming->body, &err);
		if (rc == 1)
			pass(lsp, incoming);
		else
			free(incoming);
	} while (rc == 1);
	if (rc == 0)
		return;
	lsp->is_garbage = true;
	pass_end(lsp, &err);
	cancel_set(&lsp->stop);
}

/* The last whole line that it complained of, for the message. */
static void add_complaint(const struct buf *complaint, struct err *err)
{
	size_t n = complaint->len;
	while (n && strchr("\r\n ", complaint->data[n - 1]))
		n--;
	size_t start = n;
	while (start && complaint->data[start - 1] != '\n')
		start--;
	if (n > start)
		err_hint(err, "it said: %.*s", (int)(n - start < 150 ? n - start : 150), complaint->data + start);
}

static void *read_server(void *arg)
{
	struct lsp *lsp = arg;
	struct err err = { 0 };
	struct proc_result result;
	struct proc_spec proc = {
		.argv = lsp->spec.argv,
		.cwd = lsp->spec.root,
		.output_max = INT64_MAX,
		.stdin_fd = lsp->its_input,
		.sandbox = lsp->spec.sandbox,
		.readable = lsp->spec.copy ? NULL : lsp->spec.root,
		.writable = lsp->spec.copy,
		.shown_at = lsp->spec.copy ? lsp->spec.root : NULL,
		.output = take_output,
		.arg = lsp,
		.cancel = &lsp->stop,
	};
	int rc = proc_run(&proc, &result, &err);
	int signal = result.signal;
	if (!signal && result.exit_code > 128) /* as a sandbox passes it on */
		signal = result.exit_code - 128;
	if (rc == 0 && signal)
		err_set(&err, ERR_PROVIDER, "it was ended by signal %d", signal);
	else if (rc == 0)
		err_set(&err, ERR_PROVIDER, "it ended with exit status %d", result.exit_code);
	add_complaint(&lsp->complaint, &err);
	pass_end(lsp, &err);
	return NULL;
}

/* ---- sending ---- */

static int tell_end(struct lsp *lsp, const struct err *why, struct err *err)
{
	if (lsp->end.code == ERR_NONE)
		lsp->end = *why;
	err_set(err, lsp->end.code == ERR_CANCELLED ? ERR_CANCELLED : ERR_PROVIDER, "the language server '%s': %.250s",
	        lsp->spec.argv[0], lsp->end.msg);
	if (lsp->end.hint[0])
		err_hint(err, "%.190s", lsp->end.hint);
	return -1;
}

static int send_all(struct lsp *lsp, const struct buf *frame, struct err *err)
{
	struct err why = { 0 };
	for (size_t at = 0; at < frame->len && lsp->end.code == ERR_NONE;) {
		ssize_t n = send(lsp->to_server, frame->data + at, frame->len - at, MSG_NOSIGNAL);
		if (n > 0) {
			at += (size_t)n;
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			err_set(&why, ERR_PROVIDER, "it does not read what it is told");
			return tell_end(lsp, &why, err);
		} else if (errno == EPIPE || errno == ECONNRESET) {
			return 0; /* it has ended; the reader will say how */
		} else if (errno != EINTR) {
			err_errno(&why, errno, "it cannot be written to");
			return tell_end(lsp, &why, err);
		}
	}
	return 0;
}

/* {"jsonrpc":"2.0", what, "method":..., "params":...} */
static int send_message(struct lsp *lsp, const char *what, const char *method, const char *params, struct err *err)
{
	struct buf body = { 0 };
	struct buf frame = { 0 };
	if (lsp->end.code != ERR_NONE)
		return tell_end(lsp, &lsp->end, err);
	buf_printf(&body, "{\"jsonrpc\":\"2.0\"%s", what);
	if (method)
		buf_printf(&body, ",\"method\":\"%s\"", method);
	if (params)
		buf_printf(&body, ",\"params\":%s", params);
	buf_add_char(&body, '}');
	lsp_frame_add(&frame, buf_str(&body), body.len);
	int rc = send_all(lsp, &frame, err);
	buf_release(&frame);
	buf_release(&body);
	return rc;
}

int lsp_notify(struct lsp *lsp, const char *method, const char *params, struct err *err)
{
	return send_message(lsp, "", method, params, err);
}

/* ---- receiving ---- */

/* The next message into lsp->message. */
static int receive(struct lsp *lsp, int64_t deadline_ms, struct err *err)
{
	struct incoming *incoming = NULL;
	struct err why = { 0 };
	json_free(lsp->message);
	lsp->message = NULL;
	while (!incoming) {
		int64_t left = deadline_ms - clock_mono_ms();
		if (cancel_is_set(lsp->spec.cancel))
			err_set(&why, ERR_CANCELLED, "it was stopped");
		else if (left <= 0)
			err_set(&why, ERR_PROVIDER, "it did not answer within %lld s", (long long)(lsp->spec.timeout_ms / 1000));
		if (why.code != ERR_NONE)
			return tell_end(lsp, &why, err);
		incoming = lsp->next ? lsp->next : queue_pop(lsp->inbox, left < POLL_MS ? (int)left : POLL_MS);
		lsp->next = NULL;
	}
	why = incoming->err;
	bool is_end = incoming->is_end;
	int rc = is_end ? -1 : json_parse(&lsp->message, buf_str(&incoming->body), incoming->body.len, &why);
	if (rc != 0 && !is_end)
		err_prefix(&why, "its message is no JSON");
	buf_release(&incoming->body);
	free(incoming);
	return rc == 0 ? 0 : tell_end(lsp, &why, err);
}

/* What it asks of us: nothing that we would do, so it gets the answer of a client that can do nothing. */
static int answer_request(struct lsp *lsp, const char *method, struct err *err)
{
	struct buf what = { 0 };
	struct json_writer w = { .out = &what };
	const struct json *id = json_get(lsp->message, "id");
	int64_t number;
	buf_add_str(&what, ",\"id\":");
	if (json_as_int(id, &number) == 0)
		json_put_int(&w, number);
	else
		json_put_cstr(&w, json_str(id, NULL));
	buf_add_str(&what, ",\"result\":");
	size_t n_items = json_len(json_get(json_get(lsp->message, "params"), "items"));
	if (strcmp(method, "workspace/configuration") == 0) {
		buf_add_char(&what, '[');
		for (size_t i = 0; i < n_items; i++)
			buf_add_str(&what, i ? ",null" : "null");
		buf_add_char(&what, ']');
	} else {
		buf_add_str(&what, "null");
	}
	int rc = send_message(lsp, buf_str(&what), NULL, NULL, err);
	buf_release(&what);
	return rc;
}

/* Takes one message; true in *is_answer when it is the answer to `id`. */
static int take_message(struct lsp *lsp, int64_t deadline_ms, int64_t id, bool *is_answer, struct err *err)
{
	*is_answer = false;
	if (receive(lsp, deadline_ms, err) != 0)
		return -1;
	const char *method = json_get_str(lsp->message, "method");
	if (method && json_get(lsp->message, "id"))
		return answer_request(lsp, method, err);
	if (method && lsp->spec.notified)
		lsp->spec.notified(lsp->spec.arg, method, json_get(lsp->message, "params"));
	*is_answer = !method && json_get_int(lsp->message, "id", -1) == id;
	return 0;
}

int lsp_call(struct lsp *lsp, const char *method, const char *params, const struct json **result, struct err *err)
{
	char what[40];
	bool is_answer = false;
	int64_t id = ++lsp->last_id;
	int64_t deadline_ms = clock_mono_ms() + lsp->spec.timeout_ms;
	snprintf(what, sizeof what, ",\"id\":%lld", (long long)id);
	if (send_message(lsp, what, method, params, err) != 0)
		return -1;
	while (!is_answer)
		if (take_message(lsp, deadline_ms, id, &is_answer, err) != 0)
			return -1;
	const char *fault = json_get_str(json_get(lsp->message, "error"), "message");
	if (json_get(lsp->message, "error"))
		return err_set(err, ERR_PROVIDER, "the language server '%s' refuses: %.250s", lsp->spec.argv[0],
		               fault ? fault : "it gives no reason");
	*result = json_get(lsp->message, "result");
	return 0;
}

int lsp_wait(struct lsp *lsp, bool (*done)(void *arg), struct err *err)
{
	bool is_answer;
	int64_t deadline_ms = clock_mono_ms() + lsp->spec.timeout_ms;
	while (!done(lsp->spec.arg))
		if (take_message(lsp, deadline_ms, -1, &is_answer, err) != 0)
			return -1;
	return 0;
}

/* The next message is there, or nothing has come for that long. */
static bool comes_within(struct lsp *lsp, int64_t quiet_ms)
{
	if (!lsp->next)
		lsp->next = queue_pop(lsp->inbox, (int)quiet_ms);
	return lsp->next != NULL;
}

int lsp_settle(struct lsp *lsp, int64_t quiet_ms, struct err *err)
{
	bool is_answer;
	int64_t deadline_ms = clock_mono_ms() + lsp->spec.timeout_ms;
	while (comes_within(lsp, quiet_ms))
		if (take_message(lsp, deadline_ms, -1, &is_answer, err) != 0)
			return -1;
	return 0;
}

bool lsp_pulls(const struct lsp *lsp)
{
	return lsp->pulls;
}

/* ---- beginning and end ---- */

static int shake_hands(struct lsp *lsp, struct err *err)
{
	static const char capabilities[] =
		"{\"workspace\":{\"workspaceEdit\":{\"documentChanges\":true},\"configuration\":true},"
		"\"textDocument\":{\"rename\":{\"prepareSupport\":true},\"publishDiagnostics\":{},\"diagnostic\":{},"
		"\"synchronization\":{}}}";
	struct buf params = { 0 };
	const struct json *result;
	/* No process id: in a sandbox it means nothing, and servers that look for it end. They end with their input, too. */
	buf_add_str(&params, "{\"processId\":null,\"rootUri\":\"");
	lsp_put_uri(&params, lsp->spec.root, "");
	buf_printf(&params, "\",\"capabilities\":%s", capabilities);
	if (lsp->spec.options)
		buf_printf(&params, ",\"initializationOptions\":%s", lsp->spec.options);
	buf_add_char(&params, '}');
	int rc = lsp_call(lsp, "initialize", buf_str(&params), &result, err);
	if (rc == 0)
		lsp->pulls = json_get(json_get(result, "capabilities"), "diagnosticProvider") != NULL;
	if (rc == 0)
		rc = lsp_notify(lsp, "initialized", "{}", err);
	buf_release(&params);
	return rc;
}

static int open_pair(struct lsp *lsp, struct err *err)
{
	int pair[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return err_errno(err, errno, "cannot make a pair of sockets");
	struct timeval limit = { .tv_sec = lsp->spec.timeout_ms / 1000, .tv_usec = lsp->spec.timeout_ms % 1000 * 1000 };
	setsockopt(pair[0], SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
	lsp->to_server = pair[0];
	lsp->its_input = pair[1];
	return 0;
}

int lsp_start(struct lsp **out, const struct lsp_spec *spec, struct err *err)
{
	struct lsp *lsp = xcalloc(1, sizeof *lsp);
	lsp->spec = *spec;
	lsp->to_server = lsp->its_input = -1;
	buf_init(&lsp->in, LSP_BODY_MAX + 2 * LSP_HEADER_MAX);
	*out = NULL;
	int rc = queue_new(&lsp->inbox, err);
	if (rc == 0)
		rc = open_pair(lsp, err);
	if (rc == 0)
		rc = thread_start(&lsp->reader, "lsp", read_server, lsp, err);
	if (rc == 0)
		rc = shake_hands(lsp, err);
	if (rc != 0) {
		lsp_stop(lsp);
		return -1;
	}
	*out = lsp;
	return 0;
}

/* Waits until it has ended, so that it need not be killed. */
static void say_goodbye(struct lsp *lsp)
{
	struct err err = { 0 };
	const struct json *result;
	lsp->spec.timeout_ms = GOODBYE_MS;
	lsp->spec.notified = NULL;
	if (lsp->end.code != ERR_NONE || lsp_call(lsp, "shutdown", "null", &result, &err) != 0 ||
	    lsp_notify(lsp, "exit", "null", &err) != 0)
		return;
	int64_t deadline_ms = clock_mono_ms() + GOODBYE_MS;
	while (receive(lsp, deadline_ms, &err) == 0)
		;
}

static void free_incoming(void *item)
{
	struct incoming *incoming = item;
	buf_release(&incoming->body);
	free(incoming);
}

void lsp_stop(struct lsp *lsp)
{
	if (!lsp)
		return;
	if (lsp->reader.started)
		say_goodbye(lsp);
	cancel_set(&lsp->stop);
	thread_join(&lsp->reader);
	if (lsp->to_server >= 0)
		close(lsp->to_server);
	if (lsp->its_input >= 0)
		close(lsp->its_input);
	if (lsp->next)
		free_incoming(lsp->next);
	queue_free(lsp->inbox, free_incoming);
	json_free(lsp->message);
	buf_release(&lsp->in);
	buf_release(&lsp->complaint);
	free(lsp);
}
