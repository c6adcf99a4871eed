#include "io/http.h"

#include "base/thread.h"
#include "base/xalloc.h"
#include "io/curl_lib.h"
#include "io/url.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#define DEFAULT_CONNECT_MS 10000
#define MAX_HEADERS 128 /* of a response; more are dropped */
#define MAX_HEADER_BYTES 8192

/* One request, from http_start to HTTP_END: made by the asker, then the network thread's alone. */
struct transfer {
	uint64_t id;
	struct queue *to;         /* borrowed until HTTP_END is pushed */
	char *url;
	struct curl_slist *header; /* wiped before it is freed: one may hold a key */
	char *body;
	size_t n_body;
	bool is_secret;
	int64_t connect_ms;
	size_t max_bytes;
	CURL *easy;
	struct http_part *head;   /* the response's, while its lines come in */
	size_t received;
	struct err why;           /* set by a callback that stops the transfer */
	struct transfer *next;
};

struct command {
	struct transfer *start; /* NULL: stop `id` */
	uint64_t id;
};

struct http {
	pthread_mutex_t lock; /* protects next_id and the start of the thread */
	uint64_t next_id;
	struct thread thread;
	struct queue *inbox;  /* of struct command; closed to end the thread */
	const struct curl_lib *curl;
	CURLM *multi;             /* from here on the network thread's alone */
	struct transfer *running;
};

static void free_headers(struct curl_slist *list, const struct curl_lib *curl)
{
	for (struct curl_slist *at = list; at; at = at->next)
		explicit_bzero(at->data, strlen(at->data));
	curl->slist_free_all(list);
}

static void free_transfer(struct transfer *transfer, const struct curl_lib *curl)
{
	if (transfer->easy)
		curl->easy_cleanup(transfer->easy);
	free_headers(transfer->header, curl);
	http_part_free(transfer->head);
	free(transfer->url);
	free(transfer->body);
	free(transfer);
}

static void push(struct transfer *transfer, struct http_part *part)
{
	if (!queue_push(transfer->to, part))
		http_part_free(part);
}

static struct http_part *new_part(enum http_part_kind kind)
{
	struct http_part *part = xcalloc(1, sizeof *part);
	part->kind = kind;
	return part;
}

/* Pushes the last part; the transfer is gone afterwards. */
static void end(struct http *http, struct transfer *transfer, enum http_end how, const struct err *why)
{
	struct http_part *part = new_part(HTTP_END);
	part->end = how;
	if (why)
		part->err = *why;
	if (transfer->easy)
		http->curl->multi_remove_handle(http->multi, transfer->easy);
	push(transfer, part);
	for (struct transfer **at = &http->running; *at; at = &(*at)->next) {
		if (*at == transfer) {
			*at = transfer->next;
			break;
		}
	}
	free_transfer(transfer, http->curl);
}

/* libcurl's callbacks; all on the network thread. */

static size_t take_data(char *data, size_t size, size_t n, void *arg)
{
	struct transfer *transfer = arg;
	n *= size;
	transfer->received += n;
	if (transfer->received > transfer->max_bytes) {
		err_set(&transfer->why, ERR_LIMIT, "the answer is over the limit of %zu bytes", transfer->max_bytes);
		return CURL_WRITEFUNC_ERROR;
	}
	struct http_part *part = new_part(HTTP_DATA);
	part->data = xstrndup(data, n);
	part->n = n;
	push(transfer, part);
	return n;
}

/* "Name:  value\r\n" to "name: value". */
static void add_header(struct http_part *head, const char *line, size_t n)
{
	const char *colon = memchr(line, ':', n);
	if (!colon || head->header.n_items >= MAX_HEADERS || n > MAX_HEADER_BYTES)
		return;
	const char *value = colon + 1;
	while (n && (line[n - 1] == '\r' || line[n - 1] == '\n' || line[n - 1] == ' '))
		n--;
	while (value < line + n && (*value == ' ' || *value == '\t'))
		value++;
	char *text = xasprintf("%.*s: %.*s", (int)(colon - line), line, (int)(line + n - value), value);
	for (char *p = text; *p && *p != ':'; p++)
		*p = (char)tolower((unsigned char)*p);
	strings_take(&head->header, text);
}

/* "HTTP/1.1 200 OK" gives 200. */
static int status_of(const char *line, size_t n)
{
	const char *blank = memchr(line, ' ', n);
	int status = 0;
	for (const char *p = blank ? blank + 1 : line + n; p < line + n && isdigit((unsigned char)*p) && status < 100; p++)
		status = status * 10 + (*p - '0');
	return status;
}

static size_t take_header(char *line, size_t size, size_t n, void *arg)
{
	struct transfer *transfer = arg;
	n *= size;
	if (n >= 5 && strncmp(line, "HTTP/", 5) == 0) {
		http_part_free(transfer->head);
		transfer->head = new_part(HTTP_HEAD);
		transfer->head->status = status_of(line, n);
	} else if (!transfer->head) {
		return n; /* a trailer */
	} else if (n > 2 || (n && *line != '\r' && *line != '\n')) {
		add_header(transfer->head, line, n);
	} else if (transfer->head->status >= 200) {
		push(transfer, transfer->head);
		transfer->head = NULL;
	}
	return n;
}

static bool is_loopback_address(const char *ip)
{
	return strncmp(ip, "127.", 4) == 0 || strcmp(ip, "::1") == 0 || strncasecmp(ip, "::ffff:127.", 11) == 0;
}

/* No child that a step starts meanwhile inherits the connection. */
static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	(void)arg;
	(void)purpose;
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* Connected, nothing sent yet: the name "localhost" must not have led a key elsewhere. */
static int check_peer(void *arg, char *peer_ip, char *local_ip, int peer_port, int local_port)
{
	struct transfer *transfer = arg;
	(void)local_ip;
	(void)peer_port;
	(void)local_port;
	if (transfer->is_secret && !url_is_https(transfer->url) && !is_loopback_address(peer_ip ? peer_ip : "")) {
		err_set(&transfer->why, ERR_PROVIDER, "the key was not sent: plain http, and '%.60s' is not this machine",
		        peer_ip ? peer_ip : "");
		return CURL_PREREQFUNC_ABORT;
	}
	push(transfer, new_part(HTTP_SENDING));
	return CURL_PREREQFUNC_OK;
}

static void set_callbacks(const struct curl_lib *curl, CURL *easy, struct transfer *transfer)
{
	curl->easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_data);
	curl->easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
	curl->easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
	curl->easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
	curl->easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl->easy_setopt(easy, CURLOPT_PREREQFUNCTION, check_peer);
	curl->easy_setopt(easy, CURLOPT_PREREQDATA, transfer);
	curl->easy_setopt(easy, CURLOPT_PRIVATE, transfer);
}

/* What safety hangs on must be set; what only serves comfort may be unknown to the library. */
static int set_rules(const struct curl_lib *curl, CURL *easy, const struct transfer *transfer)
{
	CURLcode rc[] = {
		curl->easy_setopt(easy, CURLOPT_URL, transfer->url),
		curl->easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https"),
		curl->easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L),
		curl->easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L),
		curl->easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L),
		curl->easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED),
		curl->easy_setopt(easy, CURLOPT_NOSIGNAL, 1L),
		curl->easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->header),
		url_is_loopback(transfer->url) ? curl->easy_setopt(easy, CURLOPT_PROXY, "") : CURLE_OK,
	};
	for (size_t i = 0; i < sizeof rc / sizeof *rc; i++)
		if (rc[i] != CURLE_OK)
			return -1;
	curl->easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl->easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	curl->easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)transfer->connect_ms);
	curl->easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	curl->easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); /* a stop does not wait for a name server */
	const char *ca_file = getenv("SSL_CERT_FILE");
	if (ca_file && *ca_file)
		curl->easy_setopt(easy, CURLOPT_CAINFO, ca_file);
	if (transfer->body) {
		curl->easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)transfer->n_body);
		curl->easy_setopt(easy, CURLOPT_POSTFIELDS, transfer->body);
	}
	return 0;
}

static void begin(struct http *http, struct transfer *transfer)
{
	transfer->next = http->running;
	http->running = transfer;
	transfer->easy = http->curl->easy_init();
	struct err why = { 0 };
	if (!transfer->easy || set_rules(http->curl, transfer->easy, transfer) != 0) {
		err_set(&why, ERR_UNSUPPORTED, "libcurl cannot make such a request");
		end(http, transfer, HTTP_REFUSED, &why);
		return;
	}
	set_callbacks(http->curl, transfer->easy, transfer);
	CURLMcode rc = http->curl->multi_add_handle(http->multi, transfer->easy);
	if (rc != CURLM_OK) {
		err_set(&why, ERR_INTERNAL, "libcurl: %s", http->curl->multi_strerror(rc));
		end(http, transfer, HTTP_REFUSED, &why);
	}
}

static bool is_for_good(CURLcode code)
{
	switch (code) {
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CIPHER:
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_URL_MALFORMAT:
	case CURLE_WRITE_ERROR:
	case CURLE_ABORTED_BY_CALLBACK:
		return true;
	default:
		return false;
	}
}

/* Did the transfer get as far as a connection? */
static bool is_about_connecting(CURLcode code)
{
	return code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_RESOLVE_PROXY ||
	       code == CURLE_SSL_CONNECT_ERROR || code == CURLE_OPERATION_TIMEDOUT || code == CURLE_PEER_FAILED_VERIFICATION ||
	       code == CURLE_SSL_CACERT_BADFILE;
}

static const char *reason(const struct curl_lib *curl, CURL *easy, CURLcode code)
{
	long number = 0;
	curl->easy_getinfo(easy, CURLINFO_OS_ERRNO, &number);
	if (code == CURLE_OPERATION_TIMEDOUT)
		return "no connection in time";
	if (code == CURLE_PEER_FAILED_VERIFICATION)
		return "its certificate is not trusted";
	if (code == CURLE_SSL_CACERT_BADFILE)
		return "the file of trusted certificates cannot be read";
	if (code == CURLE_UNSUPPORTED_PROTOCOL)
		return "it does not speak HTTP";
	if (code == CURLE_COULDNT_CONNECT && number == ECONNREFUSED)
		return "connection refused";
	if (code == CURLE_COULDNT_RESOLVE_HOST)
		return "the name is not known";
	if (code == CURLE_RECV_ERROR && number == ECONNRESET)
		return "connection reset";
	if (code == CURLE_PARTIAL_FILE || code == CURLE_GOT_NOTHING)
		return "the connection was closed before the end of the answer";
	return curl->easy_strerror(code);
}

static void finish(struct http *http, struct transfer *transfer, CURLcode code)
{
	struct err why = transfer->why;
	if (code == CURLE_OK) {
		end(http, transfer, HTTP_CLEAN, NULL);
		return;
	}
	if (why.code == ERR_NONE) {
		char *origin = url_origin(transfer->url);
		err_set(&why, ERR_TRANSPORT, "%s '%.150s': %s", is_about_connecting(code) ? "cannot reach" : "lost",
		        origin, reason(http->curl, transfer->easy, code));
		if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE)
			err_hint(&why, "SSL_CERT_FILE names the file of trusted authorities");
		free(origin);
	}
	end(http, transfer, is_for_good(code) ? HTTP_REFUSED : HTTP_BROKEN, &why);
}

static struct transfer *find(const struct http *http, uint64_t id)
{
	struct transfer *transfer = http->running;
	while (transfer && transfer->id != id)
		transfer = transfer->next;
	return transfer;
}

static void take_commands(struct http *http)
{
	struct command *command;
	while ((command = queue_try_pop(http->inbox))) {
		struct transfer *stopped = command->start ? NULL : find(http, command->id);
		if (command->start)
			begin(http, command->start);
		else if (stopped)
			end(http, stopped, HTTP_STOPPED, NULL);
		free(command);
	}
}

static void take_ends(struct http *http)
{
	CURLMsg *message;
	int n_left;
	while ((message = http->curl->multi_info_read(http->multi, &n_left))) {
		char *transfer = NULL;
		CURLcode code = message->data.result;
		if (message->msg != CURLMSG_DONE)
			continue;
		http->curl->easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
		finish(http, (struct transfer *)(void *)transfer, code);
	}
}

static void *run(void *arg)
{
	struct http *http = arg;
	struct curl_waitfd inbox = { .fd = queue_fd(http->inbox), .events = CURL_WAIT_POLLIN };
	while (!queue_is_closed(http->inbox)) {
		int n_running;
		take_commands(http);
		http->curl->multi_perform(http->multi, &n_running);
		take_ends(http);
		http->curl->multi_poll(http->multi, &inbox, 1, 60000, NULL);
	}
	take_commands(http);
	while (http->running)
		end(http, http->running, HTTP_STOPPED, NULL);
	return NULL;
}

struct http *http_new(void)
{
	struct http *http = xcalloc(1, sizeof *http);
	pthread_mutex_init(&http->lock, NULL);
	return http;
}

void http_free(struct http *http)
{
	if (!http)
		return;
	if (http->thread.started) {
		queue_close(http->inbox);
		thread_join(&http->thread);
	}
	if (http->multi)
		http->curl->multi_cleanup(http->multi);
	queue_free(http->inbox, free);
	pthread_mutex_destroy(&http->lock);
	free(http);
}

/* With the lock held. */
static int start_thread(struct http *http, struct err *err)
{
	if (http->thread.started)
		return 0;
	if (!http->curl && !(http->curl = curl_lib(err)))
		return -1;
	if (!http->multi && !(http->multi = http->curl->multi_init()))
		return err_set(err, ERR_INTERNAL, "cannot start libcurl");
	if (!http->inbox && queue_new(&http->inbox, err) != 0)
		return -1;
	return thread_start(&http->thread, "network", run, http, err);
}

static int check_rules(const struct http_request *request, struct err *err)
{
	if (url_check_base(request->url, err) != 0)
		return -1;
	if (url_is_https(request->url) || url_is_loopback(request->url))
		return 0;
	char *origin = url_origin(request->url);
	int rc = 0;
	if (request->is_secret)
		rc = err_set(err, ERR_PROVIDER, "a key is not sent over plain http to '%.200s'", origin);
	else if (!url_is_private(request->url))
		rc = err_set(err, ERR_PROVIDER, "source code is not sent over plain http to '%.200s'", origin);
	if (rc != 0)
		err_hint(err, "use https");
	free(origin);
	return rc;
}

static void add_headers(struct transfer *transfer, const struct http_request *request, const struct curl_lib *curl)
{
	static const char *const ours[] = { "User-Agent: belay/" PACKAGE_VERSION, "Expect:" };
	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
		transfer->header = curl->slist_append(transfer->header, ours[i]);
	for (size_t i = 0; request->header && i < request->header->n_items; i++)
		transfer->header = curl->slist_append(transfer->header, request->header->item[i]);
}

int http_start(struct http *http, const struct http_request *request, struct queue *to, uint64_t *id, struct err *err)
{
	if (check_rules(request, err) != 0)
		return -1;
	pthread_mutex_lock(&http->lock);
	int rc = start_thread(http, err);
	*id = ++http->next_id;
	pthread_mutex_unlock(&http->lock);
	if (rc != 0)
		return -1;
	struct transfer *transfer = xcalloc(1, sizeof *transfer);
	transfer->id = *id;
	transfer->to = to;
	transfer->url = xstrdup(request->url);
	transfer->body = request->body ? xstrndup(request->body, request->n_body) : NULL;
	transfer->n_body = request->n_body;
	transfer->is_secret = request->is_secret;
	transfer->connect_ms = request->connect_ms ? request->connect_ms : DEFAULT_CONNECT_MS;
	transfer->max_bytes = request->max_bytes;
	add_headers(transfer, request, http->curl);
	struct command *command = xcalloc(1, sizeof *command);
	command->start = transfer;
	if (queue_push(http->inbox, command))
		return 0;
	free_transfer(transfer, http->curl);
	free(command);
	return err_set(err, ERR_CANCELLED, "the network is shut down");
}

void http_stop(struct http *http, uint64_t id)
{
	struct command *command = xcalloc(1, sizeof *command);
	command->id = id;
	if (!queue_push(http->inbox, command))
		free(command);
}

void http_part_free(struct http_part *part)
{
	if (!part)
		return;
	strings_release(&part->header);
	free(part->data);
	free(part);
}

const char *http_header(const struct http_part *head, const char *name)
{
	size_t n = strlen(name);
	for (size_t i = 0; i < head->header.n_items; i++) {
		const char *line = head->header.item[i];
		if (strncmp(line, name, n) == 0 && line[n] == ':')
			return line + n + 2;
	}
	return NULL;
}

int64_t http_date(const char *text)
{
	const struct curl_lib *curl = curl_lib(NULL);
	return curl ? (int64_t)curl->getdate(text, NULL) : -1;
}
