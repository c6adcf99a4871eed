#include "tests/unit.h"

#include "base/json.h"
#include "io/http.h"
#include "tests/fake_server.h"

#include <stdio.h>

/* What came of one request, as text: "sending", "head STATUS", "data", "end HOW". */
struct outcome {
	struct buf parts, data;
	struct http_part *head;
	enum http_end end;
	struct err err;
};

static void take_all(struct queue *queue, struct outcome *outcome)
{
	bool is_over = false;
	while (!is_over) {
		struct http_part *part = queue_pop(queue, 30000);
		assert_non_null(part);
		is_over = part->kind == HTTP_END;
		if (part->kind == HTTP_SENDING)
			buf_add_str(&outcome->parts, "sending ");
		else if (part->kind == HTTP_DATA)
			buf_add(&outcome->data, part->data, part->n);
		if (part->kind == HTTP_HEAD) {
			buf_printf(&outcome->parts, "head %d ", part->status);
			http_part_free(outcome->head);
			outcome->head = part;
			continue;
		}
		if (is_over) {
			outcome->end = part->end;
			outcome->err = part->err;
		}
		http_part_free(part);
	}
}

static void release(struct outcome *outcome)
{
	buf_release(&outcome->parts);
	buf_release(&outcome->data);
	http_part_free(outcome->head);
}

static void get(struct http *http, const char *url, size_t max_bytes, struct outcome *outcome)
{
	struct queue *queue;
	struct err err = { 0 };
	uint64_t id;
	const struct http_request request = { .url = url, .max_bytes = max_bytes };
	*outcome = (struct outcome){ 0 };
	assert_ok(queue_new(&queue, &err), &err);
	assert_ok(http_start(http, &request, queue, &id, &err), &err);
	take_all(queue, outcome);
	queue_free(queue, NULL);
}

static struct fake_server *serve(const char *script)
{
	struct fake_server *server;
	struct err err = { 0 };
	assert_ok(fake_server_start(&server, script, 0, &err), &err);
	return server;
}

static void test_response_comes_in_parts(void **state)
{
	(void)state;
	struct fake_server *server = serve("{\"headers\":{\"X-Request-Id\":\"  seven \",\"Retry-After\":3},\"body\":\"hello\"}\n");
	struct http *http = http_new();
	struct outcome outcome;
	get(http, fake_server_url(server), 100, &outcome);
	assert_int_equal(outcome.end, HTTP_CLEAN);
	assert_string_equal(buf_str(&outcome.parts), "sending head 200 ");
	assert_string_equal(buf_str(&outcome.data), "hello");
	assert_string_equal(http_header(outcome.head, "x-request-id"), "seven");
	assert_string_equal(http_header(outcome.head, "retry-after"), "3");
	assert_null(http_header(outcome.head, "x-request"));
	assert_contains(fake_server_request(server, 0), "GET /v1 HTTP/1.1\r\n");
	release(&outcome);
	http_free(http);
	fake_server_stop(server);
}

static void test_interim_responses_are_passed_over(void **state)
{
	(void)state;
	struct fake_server *server = serve("{\"raw\":\"HTTP/1.1 103 Early Hints\\r\\nLink: x\\r\\n\\r\\nHTTP/1.1 200 OK\\r\\n"
	                                   "Content-Length: 2\\r\\n\\r\\nhi\"}\n");
	struct http *http = http_new();
	struct outcome outcome;
	get(http, fake_server_url(server), 100, &outcome);
	assert_string_equal(buf_str(&outcome.parts), "sending head 200 ");
	assert_null(http_header(outcome.head, "link"));
	assert_string_equal(buf_str(&outcome.data), "hi");
	release(&outcome);
	http_free(http);
	fake_server_stop(server);
}

static void test_connection_is_used_again(void **state)
{
	(void)state;
	struct fake_server *server = serve("{\"body\":\"a\",\"repeat\":true}\n");
	struct http *http = http_new();
	for (int i = 0; i < 3; i++) {
		struct outcome outcome;
		get(http, fake_server_url(server), 100, &outcome);
		assert_int_equal(outcome.end, HTTP_CLEAN);
		release(&outcome);
	}
	assert_int_equal(fake_server_n_connections(server), 1);
	http_free(http);
	fake_server_stop(server);
}

static void test_kept_connection_that_was_closed_meanwhile_is_no_error(void **state)
{
	(void)state;
	struct fake_server *server = serve("{\"body\":\"a\",\"then\":\"close\"}\n{\"body\":\"b\"}\n");
	struct http *http = http_new();
	struct outcome outcome;
	get(http, fake_server_url(server), 100, &outcome);
	assert_string_equal(buf_str(&outcome.data), "a");
	release(&outcome);
	assert_int_equal(fake_server_wait_gone(server, 1, 30000), 1);
	get(http, fake_server_url(server), 100, &outcome);
	assert_int_equal(outcome.end, HTTP_CLEAN);
	assert_string_equal(buf_str(&outcome.data), "b");
	release(&outcome);
	http_free(http);
	fake_server_stop(server);
}

static void test_body_has_a_limit(void **state)
{
	(void)state;
	struct fake_server *server = serve("{\"body\":\"0123456789\"}\n{\"body\":\"0123456789\"}\n");
	struct http *http = http_new();
	struct outcome outcome;
	get(http, fake_server_url(server), 10, &outcome);
	assert_int_equal(outcome.end, HTTP_CLEAN);
	release(&outcome);
	get(http, fake_server_url(server), 9, &outcome);
	assert_int_equal(outcome.end, HTTP_REFUSED);
	assert_int_equal(outcome.err.code, ERR_LIMIT);
	release(&outcome);
	http_free(http);
	fake_server_stop(server);
}

static void test_endless_headers_do_not_fill_the_memory(void **state)
{
	(void)state;
	struct buf script = { 0 };
	struct outcome outcome;
	buf_add_str(&script, "{\"raw\":\"HTTP/1.1 200 OK\\r\\n");
	for (int i = 0; i < 5000; i++)
		buf_printf(&script, "X-%d: %050d\\r\\n", i, i);
	buf_add_str(&script, "Content-Length: 0\\r\\n\\r\\n\"}\n");
	struct fake_server *server = serve(buf_str(&script));
	struct http *http = http_new();
	get(http, fake_server_url(server), 100, &outcome);
	if (outcome.head)
		assert_in_range(outcome.head->header.n_items, 1, 200);
	release(&outcome);
	http_free(http);
	fake_server_stop(server);
	buf_release(&script);
}

static void test_stop_closes_the_socket(void **state)
{
	(void)state;
	struct fake_server *server = serve("{\"body\":\"0123456789\",\"cut\":80,\"then\":\"stall\"}\n");
	struct http *http = http_new();
	struct outcome outcome = { 0 };
	struct queue *queue;
	struct err err = { 0 };
	uint64_t id;
	const struct http_request request = { .url = fake_server_url(server), .max_bytes = 100 };
	assert_ok(queue_new(&queue, &err), &err);
	assert_ok(http_start(http, &request, queue, &id, &err), &err);
	struct http_part *part = queue_pop(queue, 30000);
	assert_int_equal(part->kind, HTTP_SENDING);
	http_part_free(part);
	http_stop(http, id);
	take_all(queue, &outcome);
	assert_int_equal(outcome.end, HTTP_STOPPED);
	assert_int_equal(fake_server_wait_gone(server, 1, 30000), 1);
	http_stop(http, id); /* a stop that comes late is nothing */
	release(&outcome);
	queue_free(queue, NULL);
	http_free(http);
	fake_server_stop(server);
}

static void test_freeing_ends_what_runs(void **state)
{
	(void)state;
	struct fake_server *server = serve("{\"body\":\"0123456789\",\"cut\":80,\"then\":\"stall\",\"repeat\":true}\n");
	struct http *http = http_new();
	struct queue *queue;
	struct err err = { 0 };
	uint64_t id;
	const struct http_request request = { .url = fake_server_url(server), .max_bytes = 100 };
	assert_ok(queue_new(&queue, &err), &err);
	for (int i = 0; i < 5; i++)
		assert_ok(http_start(http, &request, queue, &id, &err), &err);
	http_free(http);
	for (int i = 0; i < 5; i++) {
		struct outcome outcome = { 0 };
		take_all(queue, &outcome);
		assert_int_equal(outcome.end, HTTP_STOPPED);
		release(&outcome);
	}
	queue_free(queue, NULL);
	fake_server_stop(server);
}

static void test_unsafe_addresses_are_refused_before_a_byte_is_sent(void **state)
{
	(void)state;
	static const struct {
		const char *url;
		bool is_secret;
	} rows[] = {
		{ "http://192.0.2.1/", false }, { "http://192.0.2.1/", true }, { "http://10.0.0.1/", true },
		{ "http://localhost.example.org/", true }, { "http://user:pass@127.0.0.1/", false }, { "file:///etc/passwd", false },
		{ "gopher://127.0.0.1/", false }, { "http://", false }, { "", false },
	};
	struct http *http = http_new();
	struct queue *queue;
	struct err err = { 0 };
	assert_ok(queue_new(&queue, &err), &err);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		uint64_t id;
		const struct http_request request = { .url = rows[i].url, .is_secret = rows[i].is_secret, .max_bytes = 100 };
		if (http_start(http, &request, queue, &id, &err) == 0)
			fail_msg("'%s' was not refused", rows[i].url);
		assert_null(strstr(err.msg, "pass"));
	}
	assert_null(queue_try_pop(queue));
	queue_free(queue, NULL);
	http_free(http);
}

static void test_dates_of_http_are_read(void **state)
{
	(void)state;
	assert_int_equal(http_date("Sun, 06 Nov 1994 08:49:37 GMT"), 784111777);
	assert_int_equal(http_date("Sunday, 06-Nov-94 08:49:37 GMT"), 784111777);
	assert_int_equal(http_date("Sun Nov  6 08:49:37 1994"), 784111777);
	assert_int_equal(http_date("soon"), -1);
	assert_int_equal(http_date(""), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_response_comes_in_parts),
		cmocka_unit_test(test_interim_responses_are_passed_over),
		cmocka_unit_test(test_connection_is_used_again),
		cmocka_unit_test(test_kept_connection_that_was_closed_meanwhile_is_no_error),
		cmocka_unit_test(test_body_has_a_limit),
		cmocka_unit_test(test_endless_headers_do_not_fill_the_memory),
		cmocka_unit_test(test_stop_closes_the_socket),
		cmocka_unit_test(test_freeing_ends_what_runs),
		cmocka_unit_test(test_unsafe_addresses_are_refused_before_a_byte_is_sent),
		cmocka_unit_test(test_dates_of_http_are_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
