/* What happens when a server fails: which failures are tried again, when, and what the user reads. */
#include "tests/unit.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/thread.h"
#include "io/llm_peer.h"
#include "io/llm_pace.h"
#include "tests/llm_probe.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#define HELLO "{\"chat\":\"hello\"}\n"
#define CANARY "sk-canary-0123456789"

static void test_passing_statuses_are_tried_again(void **state)
{
	(void)state;
	static const int status[] = { 408, 409, 425, 429, 500, 502, 503, 504, 529 };
	for (size_t i = 0; i < sizeof status / sizeof *status; i++) {
		struct probe probe = { .tries = 2 };
		char script[200];
		snprintf(script, sizeof script, "{\"status\":%d,\"body\":{\"error\":{\"message\":\"busy\"}}}\n" HELLO, status[i]);
		probe_ask(&probe, script);
		assert_ok(probe.rc, &probe.err);
		assert_string_equal(buf_str(&probe.text), "hello");
		assert_int_equal(probe.n_retries, 1);
		assert_int_equal(probe.status[0], status[i]);
		assert_contains(buf_str(&probe.reasons), "'local' answered ");
		assert_contains(buf_str(&probe.reasons), ": busy");
		probe_release(&probe);
	}
}

static void test_final_statuses_are_not_tried_again(void **state)
{
	(void)state;
	static const int status[] = { 400, 401, 402, 403, 404, 405, 413, 422, 501 };
	for (size_t i = 0; i < sizeof status / sizeof *status; i++) {
		struct probe probe = { .tries = 5 };
		char script[200];
		snprintf(script, sizeof script, "{\"status\":%d,\"body\":{\"error\":{\"message\":\"no.\"}}}\n" HELLO, status[i]);
		probe_ask(&probe, script);
		assert_int_equal(probe.rc, -1);
		assert_int_equal(probe.err.code, ERR_PROVIDER);
		assert_int_equal(probe.n_requests, 1);
		char expected[64];
		snprintf(expected, sizeof expected, "'local' answered %d: no", status[i]);
		assert_string_equal(probe.err.msg, expected);
		probe_release(&probe);
	}
}

static void test_tries_are_counted_and_then_given_up(void **state)
{
	(void)state;
	struct probe probe = { .tries = 4, .random = UINT64_MAX / 2 };
	probe_ask(&probe, "{\"status\":503,\"repeat\":true,\"body\":\"gone\"}\n");
	assert_int_equal(probe.rc, -1);
	assert_int_equal(probe.err.code, ERR_TRANSPORT);
	assert_int_equal(probe.n_requests, 4);
	assert_int_equal(probe.n_retries, 3);
	assert_string_equal(probe.err.msg, "'local' answered 503: gone (after 4 tries)");
	probe_release(&probe);
}

static void test_what_the_body_says_decides_too(void **state)
{
	(void)state;
	static const struct {
		const char *reply;
		bool is_retried;
	} rows[] = {
		{ "{\"status\":429,\"body\":{\"error\":{\"message\":\"slow down\",\"code\":\"rate_limit_exceeded\"}}}\n", true },
		{ "{\"status\":429,\"body\":{\"error\":{\"message\":\"x\",\"code\":\"insufficient_quota\"}}}\n", false },
		{ "{\"status\":429,\"body\":{\"error\":{\"message\":\"x\",\"type\":\"insufficient_quota\"}}}\n", false },
		{ "{\"status\":429,\"body\":{\"error\":{\"message\":\"You exceeded your current quota\"}}}\n", false },
		{ "{\"status\":429,\"headers\":{\"Retry-After\":\"1\"},"
		  "\"body\":{\"error\":{\"message\":\"You exceeded your current quota\"}}}\n", true },
		{ "{\"status\":500,\"body\":{\"error\":{\"message\":\"Failed to parse input\"}}}\n", false },
		{ "{\"status\":500,\"body\":{\"error\":{\"message\":\"jinja: undefined\"}}}\n", false },
		{ "{\"status\":500,\"body\":{\"error\":\"out of luck\"}}\n", true },
		{ "{\"status\":503,\"headers\":{\"x-should-retry\":\"false\"}}\n", false },
		{ "{\"status\":400,\"headers\":{\"x-should-retry\":\"true\"}}\n", true },
		{ "{\"status\":502,\"headers\":{\"Content-Type\":\"text/html\"},\"body\":\"<html>Bad Gateway</html>\"}\n", true },
		{ "{\"status\":500,\"body\":[{\"error\":{\"code\":500,\"message\":\"list\"}}]}\n", true },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct probe probe = { .tries = 2 };
		struct buf script = { 0 };
		buf_printf(&script, "%s" HELLO, rows[i].reply);
		probe_ask(&probe, buf_str(&script));
		if (probe.rc != (rows[i].is_retried ? 0 : -1) || probe.n_requests != (rows[i].is_retried ? 2 : 1))
			fail_msg("%s gave %zu requests: %s", rows[i].reply, probe.n_requests, probe.err.msg);
		buf_release(&script);
		probe_release(&probe);
	}
}

static void test_pages_are_not_repeated_in_messages(void **state)
{
	(void)state;
	struct probe probe = { .tries = 1 };
	probe_ask(&probe, "{\"status\":502,\"headers\":{\"Content-Type\":\"text/html\"},\"body\":\"<html>nginx</html>\"}\n");
	assert_string_equal(probe.err.msg, "'local' answered 502: bad gateway");
	probe_release(&probe);
}

static void test_number_of_the_request_is_kept_for_whoever_asks_the_vendor(void **state)
{
	(void)state;
	struct probe probe = { .tries = 1 };
	probe_ask(&probe, "{\"status\":500,\"headers\":{\"x-request-id\":\"req_7\"},\"body\":{\"error\":\"odd\"}}\n");
	assert_string_equal(probe.err.msg, "'local' answered 500: odd (request req_7)");
	probe_release(&probe);
}

static void test_servers_words_cannot_drive_a_terminal(void **state)
{
	(void)state;
	struct probe probe = { .tries = 1 };
	probe_ask(&probe, "{\"status\":400,\"body\":{\"error\":{\"message\":\"a\\u001b[2Jb\\u202ec\\nd\"}}}\n");
	assert_null(strchr(probe.err.msg, '\033'));
	assert_null(strstr(probe.err.msg, "\xe2\x80\xae"));
	assert_null(strchr(probe.err.msg, '\n'));
	assert_contains(probe.err.msg, "a^[[2Jb<U+202E>c d");
	probe_release(&probe);
}

static void test_server_says_when_to_come_back(void **state)
{
	(void)state;
	static const struct {
		const char *headers;
		int64_t delay_ms;
	} rows[] = {
		{ "\"Retry-After\":\"7\"", 7000 },
		{ "\"Retry-After\":\"0.5\"", 500 },
		{ "\"retry-after-ms\":\"250\",\"Retry-After\":\"7\"", 250 },
		{ "\"Retry-After\":\"3600\"", 120000 },
		{ "\"Retry-After\":\"Tue, 03 Mar 2026 10:00:30 GMT\"", 30000 },
		{ "\"Retry-After\":\"Tue, 03 Mar 2026 09:00:00 GMT\"", 0 },
		{ "\"Retry-After\":\"soon\"", 1000 },
		{ "\"Retry-After\":\"-5\"", 1000 },
		{ "\"Retry-After\":\"1e30\"", 1000 },
		{ "\"Retry-After\":\"\"", 1000 },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		/* 2026-03-03 10:00:00 UTC; the chance makes the backoff the whole second. */
		struct probe probe = { .tries = 2, .wall_ms = 1772532000000, .random = 1000 };
		struct buf script = { 0 };
		buf_printf(&script, "{\"status\":429,\"headers\":{%s}}\n" HELLO, rows[i].headers);
		probe_ask(&probe, buf_str(&script));
		assert_ok(probe.rc, &probe.err);
		if (probe.delay_ms[0] != rows[i].delay_ms)
			fail_msg("%s gave %lld ms", rows[i].headers, (long long)probe.delay_ms[0]);
		assert_int_equal(probe.paused_ms[0], rows[i].delay_ms);
		buf_release(&script);
		probe_release(&probe);
	}
}

static void test_backoff_doubles_with_full_jitter(void **state)
{
	(void)state;
	static const int64_t cap_ms[] = { 1000, 2000, 4000, 8000, 16000, 32000, 32000 };
	for (int64_t n = 1; n <= 7; n++) {
		assert_int_equal(llm_pace_backoff(1000, 32000, n, 0), 0);
		assert_int_equal(llm_pace_backoff(1000, 32000, n, (uint64_t)cap_ms[n - 1]), cap_ms[n - 1]);
		assert_int_equal(llm_pace_backoff(1000, 32000, n, (uint64_t)cap_ms[n - 1] + 1), 0);
	}
	assert_int_equal(llm_pace_backoff(1000, 32000, INT64_MAX, 32000), 32000);
	assert_int_equal(llm_pace_backoff(0, 0, 3, 77), 0);
	assert_int_equal(llm_pace_backoff(INT64_MAX / 2 + 1, INT64_MAX, 3, 5), 5);
}

static void test_retries_of_the_process_come_from_one_bucket(void **state)
{
	(void)state;
	struct llm_pace pace = { 0 };
	for (int i = 0; i < LLM_PACE_BURST; i++)
		assert_int_equal(llm_pace_take(&pace, 1000000), 0);
	assert_int_equal(llm_pace_take(&pace, 1000000), LLM_PACE_REFILL_MS);
	assert_int_equal(llm_pace_take(&pace, 1000000), 2 * LLM_PACE_REFILL_MS);
	assert_int_equal(llm_pace_take(&pace, 1000000 + 3 * LLM_PACE_REFILL_MS), 0);
	assert_int_equal(llm_pace_take(&pace, 9000000), 0);
}

static void test_too_many_requests_lower_what_is_in_flight(void **state)
{
	(void)state;
	struct llm_peer peer = { 0 };
	for (int i = 0; i < 8; i++)
		assert_true(llm_peer_enter(&peer));
	llm_peer_leave(&peer, PASSAGE_TOO_MANY); /* 7 in flight, 4 allowed */
	assert_false(llm_peer_enter(&peer));
	for (int i = 0; i < 4; i++)
		llm_peer_leave(&peer, PASSAGE_FAILED);
	assert_true(llm_peer_enter(&peer));
	assert_false(llm_peer_enter(&peer));
	llm_peer_leave(&peer, PASSAGE_ANSWERED); /* 3 in flight, 5 allowed */
	assert_true(llm_peer_enter(&peer));
	assert_true(llm_peer_enter(&peer));
	assert_false(llm_peer_enter(&peer));
	for (int i = 0; i < 5; i++)
		llm_peer_leave(&peer, PASSAGE_TOO_MANY);
	assert_true(llm_peer_enter(&peer));
	assert_false(llm_peer_enter(&peer)); /* one is always allowed */
}

static void test_retry_after_partial_text_starts_anew(void **state)
{
	(void)state;
	struct probe probe = { .tries = 2 };
	probe_ask(&probe, "{\"chat\":\"first part, then more of it\",\"cut\":350,\"then\":\"reset\"}\n{\"chat\":\"second\"}\n");
	assert_ok(probe.rc, &probe.err);
	assert_string_equal(buf_str(&probe.text), "second");
	assert_int_equal(probe.n_retries, 1);
	assert_string_equal(buf_str(&probe.phases), "connecting waiting streaming connecting waiting streaming ");
	probe_release(&probe);
}

static void test_errors_inside_a_stream_are_classed(void **state)
{
	(void)state;
	static const struct {
		const char *event;
		bool is_retried;
	} rows[] = {
		{ "{\"error\":{\"message\":\"overloaded\",\"code\":503}}", true },
		{ "{\"error\":{\"message\":\"rate\",\"type\":\"rate_limit_error\"}}", true },
		{ "{\"error\":{\"message\":\"odd\"}}", true },
		{ "{\"error\":\"the runner stopped\"}", true },
		{ "{\"choices\":[{\"finish_reason\":\"error\",\"error\":{\"code\":502,\"message\":\"upstream\"}}]}", true },
		{ "{\"error\":{\"message\":\"bad\",\"type\":\"invalid_request_error\"}}", false },
		{ "{\"error\":{\"message\":\"bad\",\"code\":\"401\"}}", false },
		{ "{\"error\":{\"message\":\"empty\",\"code\":\"insufficient_quota\"}}", false },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct probe probe = { .tries = 2 };
		struct buf script = { 0 };
		buf_printf(&script, "{\"events\":[{\"choices\":[{\"delta\":{\"content\":\"part\"}}]},%s,\"[DONE]\"]}\n" HELLO,
		           rows[i].event);
		probe_ask(&probe, buf_str(&script));
		if (probe.rc != (rows[i].is_retried ? 0 : -1) || probe.n_requests != (rows[i].is_retried ? 2 : 1))
			fail_msg("%s gave %zu requests: %s", rows[i].event, probe.n_requests, probe.err.msg);
		buf_release(&script);
		probe_release(&probe);
	}
}

static void test_error_in_a_field_of_its_own_is_heard(void **state)
{
	(void)state;
	struct probe probe = { .tries = 1 };
	probe_ask(&probe, "{\"body\":\"data: {\\\"choices\\\":[]}\\n\\nerror: {\\\"code\\\":500,\\\"message\\\":\\\"slot\\\"}\\n\\n\"}\n");
	assert_int_equal(probe.rc, -1);
	assert_string_equal(probe.err.msg, "'local' answered 500: slot");
	probe_release(&probe);
	struct probe bare = { .tries = 1 };
	probe_ask(&bare, "{\"body\":\"event: error\\ndata: it broke\\n\\n\"}\n");
	assert_int_equal(bare.rc, -1);
	assert_contains(bare.err.msg, "it broke");
	probe_release(&bare);
}

static void test_context_overflow_is_told_to_the_asker(void **state)
{
	(void)state;
	static const char *const replies[] = {
		"{\"status\":400,\"body\":{\"error\":{\"message\":\"x\",\"code\":\"context_length_exceeded\"}}}\n",
		"{\"status\":400,\"body\":{\"error\":{\"message\":\"too much\",\"type\":\"exceed_context_size_error\"}}}\n",
		"{\"status\":400,\"body\":{\"error\":{\"message\":\"the request exceeds the available context size\"}}}\n",
		"{\"status\":400,\"body\":{\"error\":{\"message\":\"This model's maximum context length is 8192 tokens.\"}}}\n",
		"{\"status\":500,\"body\":{\"error\":{\"message\":\"prompt is too long\"}}}\n",
		"{\"status\":400,\"body\":{\"error\":{\"message\":\"input length and `max_tokens` exceed context limit: 9 + 9 > 10\"}}}\n",
		"{\"status\":400,\"body\":{\"error\":{\"message\":\"The decoder prompt (length 5000) is longer than the maximum model length of 4096\"}}}\n",
		"{\"status\":400,\"body\":{\"error\":{\"message\":\"The input token count (9) exceeds the maximum number of tokens allowed (8)\"}}}\n",
		"{\"status\":400,\"body\":{\"error\":\"Trying to keep the first 9 tokens when context the overflows\"}}\n",
		"{\"events\":[{\"object\":\"error\",\"message\":\"maximum context length is 9\",\"code\":400}]}\n",
	};
	for (size_t i = 0; i < sizeof replies / sizeof *replies; i++) {
		struct probe probe = { .tries = 3 };
		probe_ask(&probe, replies[i]);
		assert_int_equal(probe.rc, -1);
		assert_true(probe.result.is_too_long);
		assert_int_equal(probe.err.code, ERR_PROVIDER);
		assert_int_equal(probe.n_requests, 1);
		assert_contains(probe.err.hint, "fewer or smaller files");
		probe_release(&probe);
	}
}

static void test_loading_model_is_waited_for_uncounted(void **state)
{
	(void)state;
	struct probe probe = { .tries = 1 };
	struct buf script = { 0 };
	for (int i = 0; i < 6; i++)
		buf_add_str(&script, "{\"status\":503,\"body\":{\"error\":{\"code\":503,\"message\":\"Loading model\"}}}\n");
	buf_add_str(&script, HELLO);
	probe_ask(&probe, buf_str(&script));
	assert_ok(probe.rc, &probe.err);
	assert_int_equal(probe.n_retries, 6);
	buf_release(&script);
	probe_release(&probe);
}

static void test_loading_model_is_not_waited_for_for_ever(void **state)
{
	(void)state;
	struct probe probe = { .tries = 1, .limits = { .first_local_ms = 10000 } };
	probe_ask(&probe, "{\"repeat\":true,\"status\":503,\"body\":{\"error\":{\"message\":\"Loading model\"}}}\n");
	assert_int_equal(probe.rc, -1);
	assert_int_equal(probe.err.code, ERR_TRANSPORT);
	assert_int_equal(probe.n_retries, 5);
	probe_release(&probe);
}

static void test_redirects_are_not_followed(void **state)
{
	(void)state;
	struct fake_server *other;
	struct err err = { 0 };
	struct buf script = { 0 };
	setenv("BELAY_TEST_KEY", CANARY, 1);
	assert_ok(fake_server_start(&other, HELLO, 0, &err), &err);
	buf_printf(&script, "{\"status\":307,\"headers\":{\"Location\":\"%s/chat/completions?k=secret\"}}\n" HELLO,
	           fake_server_url(other));
	struct probe probe = { .tries = 3, .key_env = "BELAY_TEST_KEY" };
	probe_ask(&probe, buf_str(&script));
	assert_int_equal(probe.rc, -1);
	assert_int_equal(probe.err.code, ERR_PROVIDER);
	assert_int_equal(fake_server_n_requests(other), 0);
	assert_int_equal(probe.n_requests, 1);
	assert_contains(probe.err.msg, "answered 307");
	assert_contains(probe.err.msg, "http://127.0.0.1:");
	assert_null(strstr(probe.err.msg, "secret"));
	fake_server_stop(other);
	unsetenv("BELAY_TEST_KEY");
	buf_release(&script);
	probe_release(&probe);
}

/* Servers that repeat the key, whole or in a text that we cut. */
static void test_key_is_in_no_message(void **state)
{
	(void)state;
	setenv("BELAY_TEST_KEY", CANARY, 1);
	for (size_t n = 0; n < 600; n += 7) {
		struct probe probe = { .tries = 2, .key_env = "BELAY_TEST_KEY" };
		struct buf script = { 0 };
		buf_printf(&script, "{\"status\":401,\"body\":{\"error\":{\"message\":\"%0*d" CANARY " is wrong, " CANARY
		           "\"}}}\n", (int)n, 0);
		probe_ask(&probe, buf_str(&script));
		assert_int_equal(probe.rc, -1);
		assert_contains(probe.request, "Bearer " CANARY);
		assert_null(strstr(probe.err.msg, "sk-can"));
		assert_null(strstr(probe.err.hint, "sk-can"));
		assert_null(strstr(buf_str(&probe.reasons), "sk-can"));
		buf_release(&script);
		probe_release(&probe);
	}
	unsetenv("BELAY_TEST_KEY");
}

static void test_key_goes_over_plain_http_to_this_machine_only(void **state)
{
	(void)state;
	setenv("BELAY_TEST_KEY", CANARY, 1);
	static const char *const urls[] = { "http://192.0.2.1/v1", "http://10.255.255.1/v1", "http://gpu.local/v1" };
	for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
		struct probe probe = { .tries = 3, .key_env = "BELAY_TEST_KEY" };
		probe_ask_url(&probe, urls[i]);
		assert_int_equal(probe.rc, -1);
		assert_int_equal(probe.err.code, ERR_PROVIDER);
		assert_contains(probe.err.msg, "not sent over plain http");
		assert_int_equal(probe.n_retries, 0);
		probe_release(&probe);
	}
	unsetenv("BELAY_TEST_KEY");
	struct probe probe = { .tries = 3 };
	probe_ask_url(&probe, "http://192.0.2.1/v1");
	assert_contains(probe.err.msg, "not sent over plain http");
	probe_release(&probe);
}

static void test_proxy_is_not_used_for_this_machine(void **state)
{
	(void)state;
	setenv("http_proxy", "http://127.0.0.1:1", 1);
	setenv("all_proxy", "http://127.0.0.1:1", 1);
	struct probe probe = { .tries = 1 };
	probe_ask(&probe, HELLO);
	assert_ok(probe.rc, &probe.err);
	unsetenv("http_proxy");
	unsetenv("all_proxy");
	probe_release(&probe);
}

static void test_server_that_is_down_is_a_matter_of_transport(void **state)
{
	(void)state;
	struct fake_server *server;
	struct err err = { 0 };
	char url[64];
	assert_ok(fake_server_start(&server, HELLO, 0, &err), &err);
	snprintf(url, sizeof url, "%s", fake_server_url(server));
	fake_server_stop(server);
	struct probe probe = { .tries = 3 };
	probe_ask_url(&probe, url);
	assert_int_equal(probe.rc, -1);
	assert_int_equal(probe.err.code, ERR_TRANSPORT);
	assert_int_equal(probe.n_retries, 2);
	assert_contains(probe.err.msg, "cannot reach 'http://127.0.0.1:");
	assert_contains(probe.err.msg, "connection refused (after 3 tries)");
	probe_release(&probe);
}

static void test_server_that_speaks_no_http_is_named(void **state)
{
	(void)state;
	struct probe probe = { .tries = 1 };
	probe_ask(&probe, "{\"raw\":\"SSH-2.0-server\\r\\n\"}\n");
	assert_int_equal(probe.rc, -1);
	assert_contains(probe.err.msg, "does not speak HTTP");
	probe_release(&probe);
}

static void test_each_clock_ends_its_phase(void **state)
{
	(void)state;
	static const struct {
		const char *script;
		struct llm_limits limits;
		const char *message;
	} rows[] = {
		{ "{\"delay_ms\":60000,\"chat\":\"x\"}\n", { .first_local_ms = 60 }, "sent no text within 0.06 s" },
		{ "{\"chat\":\"x\",\"cut\":110,\"then\":\"stall\"}\n", { .first_local_ms = 60 }, "sent no text within 0.06 s" },
		{ "{\"raw\":\"HTTP/1.1 200 OK\\r\\nA: 1\\r\\nA: 2\\r\\nA: 3\\r\\n\",\"split\":1,\"delay_ms\":5,\"then\":\"stall\"}\n",
		  { .first_local_ms = 100 }, "sent no text within 0.1 s" },
		{ "{\"chat\":\"x\",\"cut\":230,\"then\":\"stall\"}\n", { .idle_ms = 60 }, "fell silent in the middle" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct probe probe = { .tries = 1, .limits = rows[i].limits };
		probe_ask(&probe, rows[i].script);
		assert_int_equal(probe.rc, -1);
		assert_int_equal(probe.err.code, ERR_TRANSPORT);
		assert_contains(probe.err.msg, rows[i].message);
		assert_true(probe.took_ms < 30000);
		probe_release(&probe);
	}
}

/* A listener whose queue is full answers no further connection: the system drops them without a word. */
static void test_server_that_does_not_take_connections_is_given_up(void **state)
{
	(void)state;
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof address;
	struct probe probe = { .tries = 1, .limits = { .connect_local_ms = 60 } };
	int fd[4];
	char url[64];
	for (size_t i = 0; i < 4; i++)
		fd[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd[0], (struct sockaddr *)&address, n), 0);
	assert_int_equal(listen(fd[0], 0), 0);
	assert_int_equal(getsockname(fd[0], (struct sockaddr *)&address, &n), 0);
	for (size_t i = 1; i < 4; i++)
		assert_true(connect(fd[i], (struct sockaddr *)&address, n) == 0 || errno == EINPROGRESS);
	snprintf(url, sizeof url, "http://127.0.0.1:%d/v1", ntohs(address.sin_port));
	probe_ask_url(&probe, url);
	assert_int_equal(probe.rc, -1);
	assert_int_equal(probe.err.code, ERR_TRANSPORT);
	assert_contains(probe.err.msg, "could not be reached within 0.06 s");
	for (size_t i = 0; i < 4; i++)
		close(fd[i]);
	probe_release(&probe);
}

/* Signs of life hold the idle clock off; the clock of content runs. */
static void test_pings_alone_do_not_keep_a_stream_alive(void **state)
{
	(void)state;
	struct probe probe = { .tries = 1, .limits = { .idle_ms = 20000, .pings_ms = 80 } };
	struct buf script = { 0 };
	buf_add_str(&script, "{\"framing\":\"close\",\"split\":40,\"delay_ms\":2,\"body\":\""
	            "data: {\\\"choices\\\":[{\\\"delta\\\":{\\\"content\\\":\\\"a\\\"}}]}\\n\\n");
	for (int i = 0; i < 1000; i++)
		buf_add_str(&script, ": a sign of life that says nothing\\n\\n");
	buf_add_str(&script, "\"}\n");
	probe_ask(&probe, buf_str(&script));
	assert_int_equal(probe.rc, -1);
	assert_contains(probe.err.msg, "nothing but signs of life");
	buf_release(&script);
	probe_release(&probe);
}

static void test_slow_stream_within_its_clocks_is_whole(void **state)
{
	(void)state;
	struct probe probe = { .tries = 1, .limits = { .idle_ms = 5000 } };
	probe_ask(&probe, "{\"chat\":\"drip by drip\",\"split\":9,\"delay_ms\":1}\n");
	assert_ok(probe.rc, &probe.err);
	assert_string_equal(buf_str(&probe.text), "drip by drip");
	probe_release(&probe);
}

static void test_time_of_the_step_spans_all_tries(void **state)
{
	(void)state;
	struct probe probe = { .tries = 5, .timeout_ms = 150 };
	probe_ask(&probe, "{\"status\":503}\n{\"chat\":\"x\",\"cut\":230,\"then\":\"stall\"}\n");
	assert_int_equal(probe.rc, -1);
	assert_int_equal(probe.err.code, ERR_LIMIT);
	assert_true(probe.took_ms >= 150 && probe.took_ms < 30000);
	probe_release(&probe);
}

static void test_no_wait_is_begun_that_the_step_has_no_time_for(void **state)
{
	(void)state;
	struct probe probe = { .tries = 5, .timeout_ms = 60000, .real_pauses = true };
	probe_ask(&probe, "{\"status\":503,\"headers\":{\"Retry-After\":\"100\"}}\n" HELLO);
	assert_int_equal(probe.rc, -1);
	assert_int_equal(probe.err.code, ERR_TRANSPORT);
	assert_contains(probe.err.msg, "answered 503");
	assert_int_equal(probe.n_retries, 0);
	probe_release(&probe);
}

static void test_cancel_ends_a_stream_and_closes_its_socket(void **state)
{
	(void)state;
	struct fake_server *server;
	struct err err = { 0 };
	assert_ok(fake_server_start(&server, "{\"chat\":\"a text of more than one piece\",\"cut\":250,\"then\":\"stall\"}\n", 0,
	                            &err), &err);
	struct probe probe = { .tries = 3, .cancel_after = 1 };
	probe_ask_url(&probe, fake_server_url(server));
	assert_int_equal(probe.rc, -1);
	assert_int_equal(probe.err.code, ERR_CANCELLED);
	assert_int_equal(probe.n_retries, 0);
	assert_int_equal(fake_server_wait_gone(server, 1, 10000), 1);
	assert_int_equal(fake_server_n_requests(server), 1);
	fake_server_stop(server);
	probe_release(&probe);
}

static void test_cancel_ends_a_wait(void **state)
{
	(void)state;
	struct probe probe = { .tries = 3, .real_pauses = true, .cancel_on_retry = true };
	probe_ask(&probe, "{\"status\":503,\"headers\":{\"Retry-After\":\"100\"}}\n" HELLO);
	assert_int_equal(probe.rc, -1);
	assert_int_equal(probe.err.code, ERR_CANCELLED);
	assert_int_equal(probe.n_requests, 1);
	assert_true(probe.took_ms < 30000);
	probe_release(&probe);
}

static void test_retry_now_cuts_a_wait_short(void **state)
{
	(void)state;
	struct probe probe = { .tries = 3, .real_pauses = true, .retry_now = true };
	probe_ask(&probe, "{\"status\":503,\"headers\":{\"Retry-After\":\"100\"}}\n" HELLO);
	assert_ok(probe.rc, &probe.err);
	assert_int_equal(probe.n_requests, 2);
	assert_true(probe.took_ms < 30000);
	probe_release(&probe);
}

/* Several questions at once over one llm, each with an answer of its own. */
struct asker {
	struct llm *llm;
	const struct provider *provider;
	char name[16];
	struct buf text;
	int rc;
	struct err err;
	struct thread thread;
};

static void collect(void *arg, const struct llm_event *event)
{
	struct asker *asker = arg;
	if (event->kind == LLM_TEXT)
		buf_add(&asker->text, event->text, event->n);
}

static void *ask_one(void *arg)
{
	struct asker *asker = arg;
	const struct llm_message message = { "user", asker->name };
	const struct llm_request request = {
		.provider = asker->provider, .model = "m", .message = &message, .n_messages = 1, .tries = 5,
		.first_ms = 1, .max_ms = 1,
	};
	struct llm_result result;
	asker->rc = llm_ask(asker->llm, &request, collect, asker, NULL, &result, &asker->err);
	return NULL;
}

static void ask_together(const char *first_lines)
{
	enum { N = 12 };
	struct asker asker[N] = { 0 };
	struct fake_server *server;
	struct err err = { 0 };
	struct buf script = { 0 };
	buf_add_str(&script, first_lines);
	for (int i = 0; i < N; i++)
		buf_printf(&script, "{\"expect\":\"asker-%02d\",\"chat\":\"an answer for asker-%02d alone\",\"split\":%d,\"delay_ms\":1}\n",
		           i, i, 20 + i);
	assert_ok(fake_server_start(&server, buf_str(&script), 0, &err), &err);
	char *url = (char *)(uintptr_t)fake_server_url(server);
	const struct provider provider = { .name = "local", .url = url, .model = "", .key_env = "", .key_file = "",
		                           .key_command = "" };
	struct llm *llm = llm_new();
	for (int i = 0; i < N; i++) {
		asker[i].llm = llm;
		asker[i].provider = &provider;
		snprintf(asker[i].name, sizeof asker[i].name, "asker-%02d", i);
		assert_ok(thread_start(&asker[i].thread, "asker", ask_one, &asker[i], &err), &err);
	}
	for (int i = 0; i < N; i++) {
		char expected[64];
		thread_join(&asker[i].thread);
		assert_ok(asker[i].rc, &asker[i].err);
		snprintf(expected, sizeof expected, "an answer for %s alone", asker[i].name);
		assert_string_equal(buf_str(&asker[i].text), expected);
		buf_release(&asker[i].text);
	}
	llm_free(llm);
	fake_server_stop(server);
	buf_release(&script);
}

static void test_questions_do_not_wait_for_each_other(void **state)
{
	(void)state;
	ask_together("");
}

/* Those that must wait for the crowd to thin out are all answered in the end. */
static void test_questions_of_a_crowd_are_all_answered(void **state)
{
	(void)state;
	ask_together("{\"status\":429}\n{\"status\":429}\n{\"status\":429}\n{\"status\":429}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_passing_statuses_are_tried_again),
		cmocka_unit_test(test_final_statuses_are_not_tried_again),
		cmocka_unit_test(test_tries_are_counted_and_then_given_up),
		cmocka_unit_test(test_what_the_body_says_decides_too),
		cmocka_unit_test(test_pages_are_not_repeated_in_messages),
		cmocka_unit_test(test_number_of_the_request_is_kept_for_whoever_asks_the_vendor),
		cmocka_unit_test(test_servers_words_cannot_drive_a_terminal),
		cmocka_unit_test(test_server_says_when_to_come_back),
		cmocka_unit_test(test_backoff_doubles_with_full_jitter),
		cmocka_unit_test(test_retries_of_the_process_come_from_one_bucket),
		cmocka_unit_test(test_too_many_requests_lower_what_is_in_flight),
		cmocka_unit_test(test_retry_after_partial_text_starts_anew),
		cmocka_unit_test(test_errors_inside_a_stream_are_classed),
		cmocka_unit_test(test_error_in_a_field_of_its_own_is_heard),
		cmocka_unit_test(test_context_overflow_is_told_to_the_asker),
		cmocka_unit_test(test_loading_model_is_waited_for_uncounted),
		cmocka_unit_test(test_loading_model_is_not_waited_for_for_ever),
		cmocka_unit_test(test_redirects_are_not_followed),
		cmocka_unit_test(test_key_is_in_no_message),
		cmocka_unit_test(test_key_goes_over_plain_http_to_this_machine_only),
		cmocka_unit_test(test_proxy_is_not_used_for_this_machine),
		cmocka_unit_test(test_server_that_is_down_is_a_matter_of_transport),
		cmocka_unit_test(test_server_that_speaks_no_http_is_named),
		cmocka_unit_test(test_each_clock_ends_its_phase),
		cmocka_unit_test(test_server_that_does_not_take_connections_is_given_up),
		cmocka_unit_test(test_pings_alone_do_not_keep_a_stream_alive),
		cmocka_unit_test(test_slow_stream_within_its_clocks_is_whole),
		cmocka_unit_test(test_time_of_the_step_spans_all_tries),
		cmocka_unit_test(test_no_wait_is_begun_that_the_step_has_no_time_for),
		cmocka_unit_test(test_cancel_ends_a_stream_and_closes_its_socket),
		cmocka_unit_test(test_cancel_ends_a_wait),
		cmocka_unit_test(test_retry_now_cuts_a_wait_short),
		cmocka_unit_test(test_questions_do_not_wait_for_each_other),
		cmocka_unit_test(test_questions_of_a_crowd_are_all_answered),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
