#include "tests/unit.h"

#include "base/json.h"
#include "base/xalloc.h"
#include "tests/llm_probe.h"

#include <stdio.h>

static const char hello[] = "{\"chat\":\"hello, world: a text of several pieces\"}\n";
#define HELLO "hello, world: a text of several pieces"

/* A line of a script that sends these bytes as a stream's body. */
static void add_stream(struct buf *script, const char *body, const char *more)
{
	struct json_writer w = { .out = script };
	buf_add_str(script, "{\"headers\":{\"Content-Type\":\"text/event-stream\"},\"body\":");
	json_put_cstr(&w, body);
	buf_printf(script, "%s}\n", more);
}

static void ask_stream(struct probe *probe, const char *body)
{
	struct buf script = { 0 };
	add_stream(&script, body, "");
	probe_ask(probe, buf_str(&script));
	buf_release(&script);
}

static void test_answer_is_streamed_to_its_end(void **state)
{
	(void)state;
	struct probe probe = { 0 };
	probe_ask(&probe, "{\"chat\":\"" HELLO "\",\"usage\":{\"prompt_tokens\":12,\"completion_tokens\":9,"
	                  "\"prompt_tokens_details\":{\"cached_tokens\":4},"
	                  "\"completion_tokens_details\":{\"reasoning_tokens\":2}}}");
	assert_ok(probe.rc, &probe.err);
	assert_string_equal(buf_str(&probe.text), HELLO);
	assert_int_equal(probe.n_pieces, 3);
	assert_string_equal(buf_str(&probe.phases), "connecting waiting streaming ");
	assert_int_equal(probe.result.finish, LLM_STOP);
	assert_int_equal(probe.result.tokens_in, 12);
	assert_int_equal(probe.result.tokens_out, 9);
	assert_int_equal(probe.result.tokens_cached, 4);
	assert_int_equal(probe.result.tokens_reasoning, 2);
	assert_int_equal(probe.n_usages, 1);
	assert_null(probe.result.origin);
	probe_release(&probe);
}

static void test_request_says_what_the_protocol_asks_for(void **state)
{
	(void)state;
	setenv("BELAY_TEST_KEY", "sk-canary-1234567890", 1);
	struct probe probe = {
		.key_env = "BELAY_TEST_KEY", .has_temperature = true, .temperature = 0.5, .max_tokens = 100,
	};
	probe_ask(&probe, hello);
	assert_ok(probe.rc, &probe.err);
	static const char *const expected[] = {
		"POST /v1/chat/completions HTTP/1.1\r\n", "Authorization: Bearer sk-canary-1234567890\r\n",
		"Content-Type: application/json\r\n", "User-Agent: belay/", "\"model\":\"test-model\"", "\"stream\":true",
		"\"stream_options\":{\"include_usage\":true}", "\"temperature\":0.5", "\"max_tokens\":100",
		"{\"role\":\"system\",\"content\":\"Be brief.\"},{\"role\":\"user\",\"content\":\"Say \\\"hello\\\".\"}",
	};
	for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
		assert_contains(probe.request, expected[i]);
	assert_null(strstr(probe.request, "Expect:"));
	assert_null(strstr(probe.request, "Accept-Encoding:"));
	probe_release(&probe);
	struct probe plain = { 0 };
	probe_ask(&plain, hello);
	assert_null(strstr(plain.request, "temperature"));
	assert_null(strstr(plain.request, "max_tokens"));
	assert_null(strstr(plain.request, "Authorization"));
	probe_release(&plain);
	unsetenv("BELAY_TEST_KEY");
}

#define DELTA(text) "data: {\"choices\":[{\"delta\":{\"content\":\"" text "\"}}]}\n\n"
#define FINISH(reason) "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"" reason "\"}]}\n\n"
#define DONE "data: [DONE]\n\n"

static void expect_text(const char *body, const char *text)
{
	struct probe probe = { 0 };
	ask_stream(&probe, body);
	assert_ok(probe.rc, &probe.err);
	assert_string_equal(buf_str(&probe.text), text);
	probe_release(&probe);
}

static void expect_error(const char *body, enum err_code code, const char *message)
{
	struct probe probe = { 0 };
	ask_stream(&probe, body);
	assert_int_equal(probe.rc, -1);
	assert_contains(probe.err.msg, message);
	assert_int_equal(probe.err.code, code);
	probe_release(&probe);
}

static void test_terminator_is_done_or_a_reason_and_a_clean_end(void **state)
{
	(void)state;
	expect_text(DELTA("a") DELTA("b") FINISH("stop") DONE, "ab");
	expect_text(DELTA("a") FINISH("stop"), "a");
	expect_text(DELTA("a") DONE, "a");
	expect_text(DELTA("a") FINISH("stop") DONE DONE, "a");
	expect_text(DELTA("a") FINISH("stop") DONE DELTA("late"), "a");
	expect_text(DELTA("a") "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}", "a");
	expect_text(DELTA("a") FINISH("stop") "data: [DONE]", "a");
	expect_error(DELTA("a") DELTA("b"), ERR_TRANSPORT, "before it was complete");
	expect_error(DELTA("a") "data: {\"choices\":[{\"delta\":{},\"finish_re", ERR_TRANSPORT, "before it was complete");
}

static void test_unusual_streams_are_understood(void **state)
{
	(void)state;
	expect_text(": ping\n\n" DELTA("a") ": ping\n\n" FINISH("stop") DONE, "a");
	expect_text("\xef\xbb\xbf" DELTA("a") DONE, "a");
	expect_text("\r\n\r\n" DELTA("a") DONE, "a");
	expect_text("event: message\nid: 1\n" DELTA("a") DONE, "a");
	expect_text("data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":null}}]}\n\n" DELTA("a") DONE, "a");
	expect_text("data: {\"choices\":[],\"prompt_filter_results\":[{}]}\n\n" DELTA("a") DONE, "a");
	expect_text("data: {\"object\":\"new.thing\"}\n\n" DELTA("a") DONE, "a");
	expect_text("data:\n\n" DELTA("a") DONE, "a");
	expect_text("data: {\"choices\":[{\"delta\":{\"content\":[{\"type\":\"thinking\",\"thinking\":[{\"type\":\"text\","
	            "\"text\":\"hm\"}]},{\"type\":\"text\",\"text\":\"a\"}]}}]}\n\n" DONE, "a");
}

static void test_line_ends_and_splits_change_nothing(void **state)
{
	(void)state;
	static const char *const end[] = { "\n", "\r\n", "\r" };
	static const char *const framing[] = { "chunked", "length", "close" };
	for (size_t i = 0; i < 9; i++) {
		struct buf body = { 0 };
		struct buf script = { 0 };
		struct probe probe = { 0 };
		char more[80];
		for (const char *p = DELTA("a\\u00e4\xf0\x9f\x98\x80") DELTA("b") FINISH("stop") DONE; *p; p++)
			buf_add(&body, *p == '\n' ? end[i / 3] : p, *p == '\n' ? strlen(end[i / 3]) : 1);
		snprintf(more, sizeof more, ",\"framing\":\"%s\",\"split\":1", framing[i % 3]);
		add_stream(&script, buf_str(&body), more);
		probe_ask(&probe, buf_str(&script));
		assert_ok(probe.rc, &probe.err);
		assert_string_equal(buf_str(&probe.text), "a\xc3\xa4\xf0\x9f\x98\x80" "b");
		probe_release(&probe);
		buf_release(&script);
		buf_release(&body);
	}
}

/* A cut answer is never taken for a whole one, wherever the cut is and however the response is framed. */
static void cut_everywhere(const char *framing, size_t *n_whole, size_t *n_cut)
{
	struct fake_server *server;
	struct buf script = { 0 };
	struct err err = { 0 };
	size_t n = 600; /* more than the response has: from there on nothing is cut */
	for (size_t cut = 0; cut < n; cut++)
		buf_printf(&script, "{\"chat\":\"hello, world: \\u00e4 and so on\",\"framing\":\"%s\",\"cut\":%zu,\"then\":\"close\"}\n",
		           framing, cut);
	assert_ok(fake_server_start(&server, buf_str(&script), 0, &err), &err);
	for (size_t cut = 0; cut < n; cut++) {
		struct probe probe = { 0 };
		probe_ask_url(&probe, fake_server_url(server));
		if (probe.rc == 0) {
			assert_string_equal(buf_str(&probe.text), "hello, world: \xc3\xa4 and so on");
			++*n_whole;
		} else {
			assert_int_equal(probe.err.code, ERR_TRANSPORT);
			assert_int_equal(*n_whole, 0);
			++*n_cut;
		}
		probe_release(&probe);
	}
	fake_server_stop(server);
	buf_release(&script);
}

static void test_stream_cut_at_any_byte_is_no_answer(void **state)
{
	(void)state;
	static const char *const framing[] = { "chunked", "length", "close" };
	for (size_t i = 0; i < 3; i++) {
		size_t n_whole = 0, n_cut = 0;
		cut_everywhere(framing[i], &n_whole, &n_cut);
		assert_true(n_whole > 10);
		assert_true(n_cut > 350);
	}
}

static void test_reasoning_is_told_apart(void **state)
{
	(void)state;
	static const struct {
		const char *body, *text, *reasoning;
	} rows[] = {
		{ "data: {\"choices\":[{\"delta\":{\"reasoning_content\":\"hm\"}}]}\n\n" DELTA("a") DONE, "a", "hm" },
		{ "data: {\"choices\":[{\"delta\":{\"reasoning\":\"hm\",\"content\":\"\"}}]}\n\n" DELTA("a") DONE, "a", "hm" },
		{ DELTA("<think>hm</think>a") DONE, "a", "hm" },
		{ DELTA("\\n<th") DELTA("ink>h") DELTA("m</thi") DELTA("nk") DELTA(">a</think>") DONE, "a</think>", "hm" },
		{ DELTA("a<think>b</think>") DONE, "a<think>b</think>", "" },
		{ DELTA("<thin") DELTA("g>a") DONE, "<thing>a", "" },
		{ DELTA("<think>h</thi") DELTA("s>m</think>a") DONE, "a", "h</this>m" },
		{ DELTA("<thi") DONE, "<thi", "" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct probe probe = { 0 };
		ask_stream(&probe, rows[i].body);
		assert_ok(probe.rc, &probe.err);
		assert_string_equal(buf_str(&probe.text), rows[i].text);
		assert_string_equal(buf_str(&probe.reasoning), rows[i].reasoning);
		probe_release(&probe);
	}
}

static void test_characters_cut_between_events_are_joined(void **state)
{
	(void)state;
	expect_text(DELTA("a\\ud83d") DELTA("\\ude00b") DONE, "a\xf0\x9f\x98\x80" "b");
	expect_text(DELTA("\\ud83d\\ude00") DONE, "\xf0\x9f\x98\x80");
	expect_text(DELTA("\\ud83d") DELTA("x") DONE, "\xef\xbf\xbdx");
	expect_text(DELTA("x\\ude00") DONE, "x\xef\xbf\xbd");
	expect_text(DELTA("x\\ud83d") DONE, "x\xef\xbf\xbd");
	expect_text(DELTA("\\\\ud83d") DONE, "\\ud83d");
}

static void test_truncation_has_several_signs(void **state)
{
	(void)state;
	static const struct {
		const char *script;
		int64_t max_tokens;
		enum llm_finish finish;
	} rows[] = {
		{ "{\"chat\":\"abc\",\"finish\":\"length\"}", 0, LLM_LENGTH },
		{ "{\"chat\":\"abc\",\"finish\":\"stop\",\"usage\":{\"completion_tokens\":50}}", 50, LLM_LENGTH },
		{ "{\"chat\":\"abc\",\"finish\":\"stop\",\"usage\":{\"completion_tokens\":49}}", 50, LLM_STOP },
		{ "{\"chat\":\"\",\"finish\":\"length\"}", 0, LLM_LENGTH },
		{ "{\"chat\":\"abc\",\"finish\":\"content_filter\"}", 0, LLM_REFUSAL },
		{ "{\"events\":[{\"choices\":[{\"delta\":{\"refusal\":\"no\"}}]},{\"choices\":[{\"finish_reason\":\"stop\"}]}]}", 0,
		  LLM_REFUSAL },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct probe probe = { .max_tokens = rows[i].max_tokens };
		probe_ask(&probe, rows[i].script);
		assert_ok(probe.rc, &probe.err);
		assert_int_equal(probe.result.finish, rows[i].finish);
		probe_release(&probe);
	}
}

static void test_prompt_cut_by_the_server_is_an_error(void **state)
{
	(void)state;
	static const struct {
		int64_t estimated;
		bool fails;
	} rows[] = { { 6000, true }, { 5800, true }, { 5600, false }, { 0, false } };
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct probe probe = { .tokens_estimated = rows[i].estimated, .tries = 3 };
		probe_ask(&probe, "{\"chat\":\"abc\",\"usage\":{\"prompt_tokens\":3981}}\n");
		assert_int_equal(probe.rc, rows[i].fails ? -1 : 0);
		assert_int_equal(probe.n_requests, 1);
		assert_int_equal(probe.result.is_too_long, rows[i].fails);
		if (rows[i].fails)
			assert_contains(probe.err.msg, "dropped part of the prompt");
		probe_release(&probe);
	}
}

static void test_answer_without_text_is_an_error(void **state)
{
	(void)state;
	expect_error(DONE, ERR_PROVIDER, "without any text");
	expect_error(FINISH("stop") DONE, ERR_PROVIDER, "without any text");
	static const char *const scripts[] = {
		"{\"status\":204,\"framing\":\"close\"}", "{\"body\":\"\"}", "{\"events\":[]}",
		"{\"body\":{\"choices\":[{\"message\":{\"content\":\"\"},\"finish_reason\":\"stop\"}]}}",
	};
	for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
		struct probe probe = { .tries = 3 };
		probe_ask(&probe, scripts[i]);
		assert_int_equal(probe.rc, -1);
		assert_contains(probe.err.msg, "without any text");
		assert_int_equal(probe.n_requests, 1);
		probe_release(&probe);
	}
}

static void test_server_that_does_not_stream_is_understood(void **state)
{
	(void)state;
	struct probe probe = { 0 };
	probe_ask(&probe, "{\"body\":{\"choices\":[{\"message\":{\"content\":\"<think>hm</think>whole\"},"
	                  "\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":1}}}\n");
	assert_ok(probe.rc, &probe.err);
	assert_string_equal(buf_str(&probe.text), "whole");
	assert_string_equal(buf_str(&probe.reasoning), "hm");
	assert_int_equal(probe.result.tokens_in, 3);
	probe_release(&probe);
}

static void test_pages_and_garbage_are_named(void **state)
{
	(void)state;
	expect_error("<!doctype html><html>hello</html>", ERR_PROVIDER, "an HTML page");
	expect_error("hello", ERR_PROVIDER, "neither a stream of events nor JSON");
	expect_error("\x01\x02\x03", ERR_PROVIDER, "neither a stream of events nor JSON");
	expect_error("{\"choices\":", ERR_TRANSPORT, "broken or cut");
	expect_error("data: {\"choices\":\n\n" DONE, ERR_TRANSPORT, "no JSON");
}

/* Counted with cl100k_base. */
static void test_estimate_of_tokens_is_near_the_count(void **state)
{
	(void)state;
	static const struct {
		int64_t count;
		const char *text;
	} rows[] = {
		{ 77, "static int take_field(struct sse *sse, const char *line, size_t n, struct err *err)\n{\n"
		      "\tconst char *colon = memchr(line, ':', n);\n\tsize_t n_name = colon ? (size_t)(colon - line) : n;\n"
		      "\treturn n_name == 4 && memcmp(line, \"data\", 4) == 0;\n}\n" },
		{ 38, "The loader says all that is wrong with a plan at once, with line and column, so that a person can put it "
		      "right in one go instead of running the program again and again.\n" },
		{ 42, "{\"steps\": [{\"id\": \"a1\", \"needs\": [], \"ms\": 1204}, {\"id\": \"b2\", \"needs\": [\"a1\"], "
		      "\"ms\": 88}]}\n" },
		{ 57, "def read_lines(path, limit=None):\n    with open(path, encoding=\"utf-8\") as stream:\n"
		      "        for number, line in enumerate(stream, 1):\n            if limit is not None and number > limit:\n"
		      "                return\n            yield number, line.rstrip(\"\\n\")\n" },
		{ 23, "Der Pr\xc3\xbc" "fer sagt, was am Plan nicht stimmt, und nennt dazu Zeile und Spalte.\n" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		int64_t estimate = llm_estimate_tokens(rows[i].text, strlen(rows[i].text));
		if (estimate * 100 < rows[i].count * 75 || estimate * 100 > rows[i].count * 140)
			fail_msg("%lld instead of %lld for '%.30s'", (long long)estimate, (long long)rows[i].count, rows[i].text);
	}
	assert_int_equal(llm_estimate_tokens("", 0), 0);
	assert_int_equal(llm_estimate_tokens("\xff\xfe\0x", 4), 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answer_is_streamed_to_its_end),
		cmocka_unit_test(test_request_says_what_the_protocol_asks_for),
		cmocka_unit_test(test_terminator_is_done_or_a_reason_and_a_clean_end),
		cmocka_unit_test(test_unusual_streams_are_understood),
		cmocka_unit_test(test_line_ends_and_splits_change_nothing),
		cmocka_unit_test(test_stream_cut_at_any_byte_is_no_answer),
		cmocka_unit_test(test_reasoning_is_told_apart),
		cmocka_unit_test(test_characters_cut_between_events_are_joined),
		cmocka_unit_test(test_truncation_has_several_signs),
		cmocka_unit_test(test_prompt_cut_by_the_server_is_an_error),
		cmocka_unit_test(test_answer_without_text_is_an_error),
		cmocka_unit_test(test_server_that_does_not_stream_is_understood),
		cmocka_unit_test(test_pages_and_garbage_are_named),
		cmocka_unit_test(test_estimate_of_tokens_is_near_the_count),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
