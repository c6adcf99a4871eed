#include "tests/fake_server.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/thread.h"
#include "base/vec.h"
#include "base/xalloc.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define PIECE 16

/* One line of the script. */
struct reply {
	struct json *json; /* owned */
	bool is_used;
};

struct connection {
	struct fake_server *server;
	int fd;
	struct thread thread;
	struct connection *next;
};

struct fake_server {
	struct reply *reply;
	size_t n_replies, cap_replies;
	char *url;
	int fd;
	int stop_fd; /* readable once the server stops */
	struct thread thread;
	pthread_mutex_t lock; /* protects what follows, and is_used of the replies */
	pthread_cond_t gone;
	struct strings request;
	size_t n_connections, n_gone;
	struct connection *connection;
};

/* The script. */

static int read_script(struct fake_server *server, const char *script, struct err *err)
{
	size_t number = 0;
	while (*script) {
		size_t n = strcspn(script, "\n");
		struct json *json = NULL;
		number++;
		if (n && *script != '#' && script[strspn(script, " \t\r")] != '\n') {
			if (json_parse(&json, script, n, err) != 0)
				return err_prefix(err, "script, line %zu", number);
			server->reply = vec_room(server->reply, server->n_replies, &server->cap_replies,
			                         sizeof *server->reply);
			server->reply[server->n_replies++] = (struct reply){ .json = json };
		}
		script += n + (script[n] == '\n');
	}
	return 0;
}

static bool get_bool(const struct json *json, const char *key)
{
	bool value = false;
	return json_as_bool(json_get(json, key), &value) == 0 && value;
}

static const struct json *find_reply(struct fake_server *server, const char *request)
{
	const struct json *found = NULL;
	pthread_mutex_lock(&server->lock);
	strings_add(&server->request, request);
	for (size_t i = 0; !found && i < server->n_replies; i++) {
		struct reply *reply = &server->reply[i];
		const char *expect = json_get_str(reply->json, "expect");
		if (reply->is_used || (expect && !strstr(request, expect)))
			continue;
		found = reply->json;
		reply->is_used = !get_bool(reply->json, "repeat");
	}
	pthread_mutex_unlock(&server->lock);
	return found;
}

/* What a reply sends. */

static void put_json(struct json_writer *w, const struct json *value);

static int put_pair(void *arg, const char *key, const struct json *value)
{
	json_key(arg, key);
	put_json(arg, value);
	return 0;
}

static void put_json(struct json_writer *w, const struct json *value)
{
	int64_t integer = 0;
	double real = 0;
	bool is_true = false;
	size_t n = 0;
	const char *s = json_str(value, &n);
	if (s)
		json_put_str(w, s, n);
	else if (json_as_int(value, &integer) == 0)
		json_put_int(w, integer);
	else if (json_as_real(value, &real) == 0)
		json_put_real(w, real);
	else if (json_as_bool(value, &is_true) == 0)
		json_put_bool(w, is_true);
	else if (json_kind(value) == JSON_IS_OBJECT) {
		json_begin_object(w);
		json_each(value, put_pair, w);
		json_end_object(w);
	} else if (json_kind(value) == JSON_IS_ARRAY) {
		json_begin_array(w);
		for (size_t i = 0; i < json_len(value); i++)
			put_json(w, json_at(value, i));
		json_end_array(w);
	} else
		json_put_null(w);
}

static void add_text(struct buf *out, const struct json *value)
{
	struct json_writer w = { .out = out };
	size_t n;
	const char *s = json_str(value, &n);
	if (s)
		buf_add(out, s, n);
	else
		put_json(&w, value);
}

static void add_events(struct buf *out, const struct json *events)
{
	for (size_t i = 0; i < json_len(events); i++) {
		buf_add_str(out, "data: ");
		add_text(out, json_at(events, i));
		buf_add_str(out, "\n\n");
	}
}

static void add_delta(struct buf *out, const char *text, size_t n)
{
	struct json_writer w = { .out = out };
	buf_add_str(out, "data: {\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":{\"content\":");
	json_put_str(&w, text, n);
	buf_add_str(out, "},\"finish_reason\":null}]}\n\n");
}

/* Pieces end at whole characters, as those of most servers. */
static size_t piece(const char *text, size_t n)
{
	size_t len = n < PIECE ? n : PIECE;
	while (len < n && ((unsigned char)text[len] & 0xc0) == 0x80)
		len++;
	return len;
}

static void add_chat(struct buf *out, const struct json *reply)
{
	size_t n;
	const char *text = json_str(json_get(reply, "chat"), &n);
	const char *finish = json_get_str(reply, "finish");
	const struct json *usage = json_get(reply, "usage");
	for (size_t len; n; text += len, n -= len) {
		len = piece(text, n);
		add_delta(out, text, len);
	}
	buf_printf(out, "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"%s\"}]}\n\n",
	           finish ? finish : "stop");
	if (usage) {
		buf_add_str(out, "data: {\"choices\":[],\"usage\":");
		add_text(out, usage);
		buf_add_str(out, "}\n\n");
	}
	buf_add_str(out, "data: [DONE]\n\n");
}

static int add_header(void *arg, const char *key, const struct json *value)
{
	buf_printf(arg, "%s: ", key);
	add_text(arg, value);
	buf_add_str(arg, "\r\n");
	return 0;
}

static void frame(struct buf *out, const struct json *reply, const struct buf *body, bool is_stream)
{
	const char *framing = json_get_str(reply, "framing");
	const struct json *headers = json_get(reply, "headers");
	if (!framing)
		framing = is_stream ? "chunked" : "length";
	buf_printf(out, "HTTP/1.1 %d Scripted\r\n", (int)json_get_int(reply, "status", 200));
	if (!json_get(headers, "Content-Type"))
		buf_printf(out, "Content-Type: %s\r\n", is_stream ? "text/event-stream" : "application/json");
	json_each(headers, add_header, out);
	if (strcmp(framing, "length") == 0)
		buf_printf(out, "Content-Length: %zu\r\n\r\n", body->len);
	else if (strcmp(framing, "close") == 0)
		buf_add_str(out, "Connection: close\r\n\r\n");
	else
		buf_add_str(out, "Transfer-Encoding: chunked\r\n\r\n");
	if (strcmp(framing, "chunked") != 0) {
		buf_add(out, buf_str(body), body->len);
		return;
	}
	if (body->len) {
		buf_printf(out, "%zx\r\n", body->len);
		buf_add(out, body->data, body->len);
		buf_add_str(out, "\r\n");
	}
	buf_add_str(out, "0\r\n\r\n");
}

static void make_response(struct buf *out, const struct json *reply)
{
	struct buf body = { 0 };
	bool is_stream = json_get(reply, "chat") || json_get(reply, "events");
	if (json_get(reply, "raw")) {
		add_text(out, json_get(reply, "raw"));
		return;
	}
	if (json_get(reply, "chat"))
		add_chat(&body, reply);
	else if (json_get(reply, "events"))
		add_events(&body, json_get(reply, "events"));
	else if (json_get(reply, "body"))
		add_text(&body, json_get(reply, "body"));
	frame(out, reply, &body, is_stream);
	buf_release(&body);
}

/* Connections. */

static bool wait_stop(const struct fake_server *server, int64_t ms)
{
	struct pollfd fd = { .fd = server->stop_fd, .events = POLLIN };
	return poll(&fd, 1, (int)ms) > 0;
}

/* False once the server stops or the client is gone. */
static bool wait_readable(const struct connection *connection)
{
	struct pollfd fd[2] = { { .fd = connection->server->stop_fd, .events = POLLIN },
		                { .fd = connection->fd, .events = POLLIN } };
	while (poll(fd, 2, -1) < 0 && errno == EINTR)
		;
	return !fd[0].revents;
}

static size_t body_length(const char *head)
{
	const char *at = strcasestr(head, "\ncontent-length:");
	return at ? strtoul(at + 16, NULL, 10) : 0;
}

static bool read_request(const struct connection *connection, struct buf *request)
{
	char chunk[16384];
	for (;;) {
		const char *end = strstr(buf_str(request), "\r\n\r\n");
		if (end && request->len >= (size_t)(end + 4 - request->data) + body_length(request->data))
			return true;
		if (!wait_readable(connection))
			return false;
		ssize_t n = recv(connection->fd, chunk, sizeof chunk, 0);
		if (n <= 0)
			return false;
		buf_add(request, chunk, (size_t)n);
	}
}

static bool send_all(const struct connection *connection, const char *data, size_t n)
{
	while (n) {
		ssize_t sent = send(connection->fd, data, n, MSG_NOSIGNAL);
		if (sent < 0 && errno != EINTR)
			return false;
		if (sent > 0) {
			data += sent;
			n -= (size_t)sent;
		}
	}
	return true;
}

/* Closes so that the client sees a reset, not an end. */
static void reset(const struct connection *connection)
{
	struct linger linger = { .l_onoff = 1, .l_linger = 0 };
	setsockopt(connection->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}

static void stall(const struct connection *connection)
{
	char chunk[256];
	while (wait_readable(connection) && recv(connection->fd, chunk, sizeof chunk, 0) > 0)
		;
}

/* True when the connection may be used again. */
static bool answer(const struct connection *connection, const struct json *reply)
{
	struct buf response = { 0 };
	make_response(&response, reply);
	int64_t cut = json_get_int(reply, "cut", -1);
	int64_t split = json_get_int(reply, "split", 0);
	int64_t delay_ms = json_get_int(reply, "delay_ms", 0);
	const char *then = json_get_str(reply, "then");
	const char *framing = json_get_str(reply, "framing");
	size_t n = cut >= 0 && (size_t)cut < response.len ? (size_t)cut : response.len;
	bool keeps = n == response.len && !then && !json_get(reply, "raw") && !(framing && strcmp(framing, "close") == 0);
	bool goes_on = true;
	for (size_t at = 0; goes_on && at < n;) {
		size_t len = split > 0 && (size_t)split < n - at ? (size_t)split : n - at;
		goes_on = !(delay_ms > 0 && wait_stop(connection->server, delay_ms)) &&
		          send_all(connection, response.data + at, len);
		at += len;
	}
	buf_release(&response);
	if (goes_on && then && strcmp(then, "stall") == 0)
		stall(connection);
	else if (then && strcmp(then, "reset") == 0)
		reset(connection);
	return goes_on && keeps;
}

static const char no_line[] = "{\"status\":500,\"body\":{\"error\":{\"message\":\"no line of the script is left for this\"}}}";

static bool serve_one(struct connection *connection)
{
	struct buf request = { 0 };
	struct json *unknown = NULL;
	bool keeps = false;
	if (read_request(connection, &request)) {
		const struct json *reply = find_reply(connection->server, request.data);
		if (!reply && json_parse(&unknown, no_line, sizeof no_line - 1, NULL) == 0)
			reply = unknown;
		keeps = answer(connection, reply);
	}
	json_free(unknown);
	buf_release(&request);
	return keeps;
}

static void *serve(void *arg)
{
	struct connection *connection = arg;
	struct fake_server *server = connection->server;
	int on = 1;
	setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	while (serve_one(connection))
		;
	close(connection->fd);
	pthread_mutex_lock(&server->lock);
	server->n_gone++;
	pthread_cond_broadcast(&server->gone);
	pthread_mutex_unlock(&server->lock);
	return NULL;
}

static void *accept_all(void *arg)
{
	struct fake_server *server = arg;
	struct connection listener = { .server = server, .fd = server->fd };
	while (wait_readable(&listener)) {
		int fd = accept4(server->fd, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0)
			continue;
		struct connection *connection = xcalloc(1, sizeof *connection);
		connection->server = server;
		connection->fd = fd;
		connection->next = server->connection;
		server->connection = connection;
		pthread_mutex_lock(&server->lock);
		server->n_connections++;
		pthread_mutex_unlock(&server->lock);
		if (thread_start(&connection->thread, "fake", serve, connection, NULL) != 0)
			close(fd);
	}
	return NULL;
}

/* The server. */

static int listen_on(struct fake_server *server, int port, struct err *err)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	socklen_t n = sizeof address;
	int on = 1;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	server->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	server->stop_fd = eventfd(0, EFD_CLOEXEC);
	setsockopt(server->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (server->fd < 0 || server->stop_fd < 0 || bind(server->fd, (struct sockaddr *)&address, n) != 0 ||
	    listen(server->fd, 64) != 0 || getsockname(server->fd, (struct sockaddr *)&address, &n) != 0)
		return err_errno(err, errno, "cannot listen on port %d", port);
	server->url = xasprintf("http://127.0.0.1:%d/v1", ntohs(address.sin_port));
	return 0;
}

int fake_server_start(struct fake_server **out, const char *script, int port, struct err *err)
{
	struct fake_server *server = xcalloc(1, sizeof *server);
	pthread_mutex_init(&server->lock, NULL);
	pthread_cond_init(&server->gone, NULL);
	server->fd = server->stop_fd = -1;
	if (read_script(server, script, err) != 0 || listen_on(server, port, err) != 0 ||
	    thread_start(&server->thread, "fake", accept_all, server, err) != 0) {
		fake_server_stop(server);
		return -1;
	}
	*out = server;
	return 0;
}

void fake_server_stop(struct fake_server *server)
{
	uint64_t one = 1;
	if (!server)
		return;
	if (server->stop_fd >= 0 && write(server->stop_fd, &one, sizeof one) < 0)
		abort();
	thread_join(&server->thread);
	for (struct connection *next, *at = server->connection; at; at = next) {
		next = at->next;
		thread_join(&at->thread);
		free(at);
	}
	if (server->fd >= 0)
		close(server->fd);
	if (server->stop_fd >= 0)
		close(server->stop_fd);
	for (size_t i = 0; i < server->n_replies; i++)
		json_free(server->reply[i].json);
	free(server->reply);
	strings_release(&server->request);
	pthread_mutex_destroy(&server->lock);
	pthread_cond_destroy(&server->gone);
	free(server->url);
	free(server);
}

const char *fake_server_url(const struct fake_server *server)
{
	return server->url;
}

size_t fake_server_n_requests(struct fake_server *server)
{
	pthread_mutex_lock(&server->lock);
	size_t n = server->request.n_items;
	pthread_mutex_unlock(&server->lock);
	return n;
}

const char *fake_server_request(struct fake_server *server, size_t i)
{
	pthread_mutex_lock(&server->lock);
	const char *request = i < server->request.n_items ? server->request.item[i] : "";
	pthread_mutex_unlock(&server->lock);
	return request;
}

size_t fake_server_n_connections(struct fake_server *server)
{
	pthread_mutex_lock(&server->lock);
	size_t n = server->n_connections;
	pthread_mutex_unlock(&server->lock);
	return n;
}

size_t fake_server_wait_gone(struct fake_server *server, size_t n, int ms)
{
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += ms / 1000;
	until.tv_nsec += (long)(ms % 1000) * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	pthread_mutex_lock(&server->lock);
	while (server->n_gone < n && pthread_cond_timedwait(&server->gone, &server->lock, &until) == 0)
		;
	size_t n_gone = server->n_gone;
	pthread_mutex_unlock(&server->lock);
	return n_gone;
}
