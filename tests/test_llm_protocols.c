/* Each wire protocol against an answer in its form (tests/streams), whole, split, cut, refused and gone wrong. */
#include "tests/unit.h"

#include "base/json.h"
#include "base/xalloc.h"
#include "tests/llm_probe.h"

#include <stdio.h>

#define TEXT "Gr\xc3\xbc\xc3\x9f" "e \xf0\x9f\x98\x80\nint x = 1;\n"

static const struct protocol {
	enum provider_kind kind;
	const char *name, *type;
	const char *path;       /* what the request asks for, from a base that ends in /v1 */
	const char *key_header;
	int64_t cached;
	const char *cut_body;   /* an answer that ends at its limit of tokens */
	const char *refused_body;
	const char *error_body; /* an answer with an error in its middle */
	const char *whole;      /* the same answer from a server that does not stream; NULL: there is no other form */
} protocols[] = {
	{
		PROVIDER_OPENAI_CHAT, "openai-chat", "text/event-stream", "POST /v1/chat/completions ", "Authorization: Bearer ", 20,
		"data: {\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":\"length\"}]}\n\ndata: [DONE]\n\n",
		"data: {\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":\"content_filter\"}]}\n\ndata: [DONE]\n\n",
		"data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\ndata: {\"error\":{\"message\":\"odd\",\"code\":503}}\n\n",
		"{\"choices\":[{\"message\":{\"content\":\"w\"},\"finish_reason\":\"stop\"}]}",
	},
	{
		PROVIDER_ANTHROPIC, "anthropic", "text/event-stream", "POST /v1/messages ", "x-api-key: ", 20,
		"data: {\"type\":\"content_block_delta\",\"delta\":{\"text\":\"a\"}}\n\n"
		"data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"max_tokens\"}}\n\ndata: {\"type\":\"message_stop\"}\n\n",
		"data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"refusal\"}}\n\ndata: {\"type\":\"message_stop\"}\n\n",
		"data: {\"type\":\"content_block_delta\",\"delta\":{\"text\":\"a\"}}\n\n"
		"event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"odd\"}}\n\n",
		"{\"content\":[{\"type\":\"text\",\"text\":\"w\"}],\"stop_reason\":\"end_turn\"}",
	},
	{
		PROVIDER_OLLAMA, "ollama", "application/x-ndjson", "POST /api/chat ", "Authorization: Bearer ", 0,
		"{\"message\":{\"content\":\"a\"}}\n{\"message\":{\"content\":\"\"},\"done\":true,\"done_reason\":\"length\"}\n", NULL,
		"{\"message\":{\"content\":\"a\"}}\n{\"error\":\"odd\"}\n", "{\"message\":{\"content\":\"w\"},\"done\":true}",
	},
	{
		PROVIDER_OPENAI_RESPONSES, "openai-responses", "text/event-stream", "POST /v1/responses ", "Authorization: Bearer ", 20,
		"data: {\"type\":\"response.output_text.delta\",\"delta\":\"a\"}\n\ndata: {\"type\":\"response.incomplete\","
		"\"response\":{\"status\":\"incomplete\",\"incomplete_details\":{\"reason\":\"max_output_tokens\"}}}\n\n",
		"data: {\"type\":\"response.refusal.delta\",\"delta\":\"no\"}\n\ndata: {\"type\":\"response.completed\","
		"\"response\":{\"status\":\"completed\"}}\n\n",
		"data: {\"type\":\"response.output_text.delta\",\"delta\":\"a\"}\n\ndata: {\"type\":\"response.failed\","
		"\"response\":{\"status\":\"failed\",\"error\":{\"code\":\"server_error\",\"message\":\"odd\"}}}\n\n",
		"{\"status\":\"completed\",\"output\":[{\"type\":\"message\",\"content\":[{\"type\":\"output_text\",\"text\":\"w\"}]}]}",
	},
};
#define N_PROTOCOLS (sizeof protocols / sizeof *protocols)

static char *read_stream(const struct protocol *protocol)
{
	char path[512];
	struct buf text = { 0 };
	char chunk[4096];
	size_t n;
	snprintf(path, sizeof path, "%s/%s.txt", STREAMS, protocol->name);
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	while ((n = fread(chunk, 1, sizeof chunk, file)))
		buf_add(&text, chunk, n);
	fclose(file);
	return buf_take(&text, NULL);
}

static void add_line(struct buf *script, const struct protocol *protocol, const char *body, const char *more)
{
	struct json_writer w = { .out = script };
	buf_printf(script, "{\"headers\":{\"Content-Type\":\"%s\"},\"body\":", protocol->type);
	json_put_cstr(&w, body);
	buf_printf(script, "%s}\n", more);
}

static void ask(struct probe *probe, const struct protocol *protocol, const char *body, const char *more)
{
	struct buf script = { 0 };
	add_line(&script, protocol, body, more);
	probe->kind = protocol->kind;
	probe_ask(probe, buf_str(&script));
	buf_release(&script);
}

static void test_each_protocol_gives_the_same_answer(void **state)
{
	(void)state;
	static const char *const ways[] = {
		"", ",\"framing\":\"chunked\",\"split\":1", ",\"framing\":\"close\",\"split\":3", ",\"split\":7",
	};
	for (size_t i = 0; i < N_PROTOCOLS * 4; i++) {
		const struct protocol *protocol = &protocols[i / 4];
		struct probe probe = { .tries = 1 };
		char *body = read_stream(protocol);
		ask(&probe, protocol, body, ways[i % 4]);
		assert_ok(probe.rc, &probe.err);
		assert_string_equal(buf_str(&probe.text), TEXT);
		assert_string_equal(buf_str(&probe.reasoning), "Short.");
		assert_int_equal(probe.result.finish, LLM_STOP);
		assert_int_equal(probe.result.tokens_in, 120);
		assert_int_equal(probe.result.tokens_out, 9);
		assert_int_equal(probe.result.tokens_cached, protocol->cached);
		assert_int_equal(probe.n_usages, 1);
		free(body);
		probe_release(&probe);
	}
}

static void test_each_protocol_puts_the_question_in_its_form(void **state)
{
	(void)state;
	static const struct {
		enum provider_kind kind;
		const char *part;
	} parts[] = {
		{ PROVIDER_OPENAI_CHAT, "\"max_tokens\":77" },
		{ PROVIDER_OPENAI_CHAT, "{\"role\":\"system\",\"content\":\"Be brief.\"}" },
		{ PROVIDER_ANTHROPIC, "\"max_tokens\":77,\"system\":\"Be brief.\",\"messages\":[{\"role\":\"user\"," },
		{ PROVIDER_ANTHROPIC, "anthropic-version: 2023-06-01\r\n" },
		{ PROVIDER_OLLAMA, "\"options\":{\"num_ctx\":16384,\"num_predict\":77,\"temperature\":0.0}" },
		{ PROVIDER_OPENAI_RESPONSES, "\"input\":[{\"role\":\"system\",\"content\":\"Be brief.\"}" },
		{ PROVIDER_OPENAI_RESPONSES, "\"store\":false,\"temperature\":0.0,\"max_output_tokens\":77" },
	};
	setenv("BELAY_TEST_KEY", "sk-canary-0123456789", 1);
	for (size_t i = 0; i < N_PROTOCOLS; i++) {
		const struct protocol *protocol = &protocols[i];
		char key[80];
		struct probe probe = {
			.tries = 1, .max_tokens = 77, .has_temperature = true, .key_env = "BELAY_TEST_KEY", .tokens_estimated = 6000,
		};
		ask(&probe, protocol, "", "");
		snprintf(key, sizeof key, "%ssk-canary-0123456789\r\n", protocol->key_header);
		assert_contains(probe.request, protocol->path);
		assert_contains(probe.request, key);
		assert_contains(probe.request, "\"model\":\"test-model\"");
		assert_contains(probe.request, "\"stream\":true");
		for (size_t k = 0; k < sizeof parts / sizeof *parts; k++)
			if (parts[k].kind == protocol->kind)
				assert_contains(probe.request, parts[k].part);
		probe_release(&probe);
	}
	unsetenv("BELAY_TEST_KEY");
}

static void test_each_protocol_tells_a_cut_and_a_refused_answer(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_PROTOCOLS; i++) {
		struct probe cut = { .tries = 1 };
		ask(&cut, &protocols[i], protocols[i].cut_body, "");
		assert_ok(cut.rc, &cut.err);
		assert_int_equal(cut.result.finish, LLM_LENGTH);
		probe_release(&cut);
		if (!protocols[i].refused_body)
			continue;
		struct probe refused = { .tries = 1 };
		ask(&refused, &protocols[i], protocols[i].refused_body, "");
		assert_ok(refused.rc, &refused.err);
		assert_int_equal(refused.result.finish, LLM_REFUSAL);
		probe_release(&refused);
	}
}

static void test_each_protocol_hears_an_error_in_the_middle(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_PROTOCOLS; i++) {
		struct probe probe = { .tries = 1 };
		ask(&probe, &protocols[i], protocols[i].error_body, "");
		assert_int_equal(probe.rc, -1);
		assert_int_equal(probe.err.code, ERR_TRANSPORT);
		assert_contains(probe.err.msg, ": odd");
		probe_release(&probe);
	}
}

static void test_each_protocol_understands_a_whole_answer(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_PROTOCOLS; i++) {
		struct probe probe = { .tries = 1 };
		ask(&probe, &protocols[i], protocols[i].whole, "");
		assert_ok(probe.rc, &probe.err);
		assert_string_equal(buf_str(&probe.text), "w");
		probe_release(&probe);
	}
}

/* Wherever it is cut, and however that looks to the client: an answer is whole or it is none. */
static void test_no_protocol_takes_a_cut_answer_for_a_whole_one(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_PROTOCOLS; i++) {
		struct fake_server *server;
		struct buf script = { 0 };
		struct err err = { 0 };
		char *body = read_stream(&protocols[i]);
		size_t n = strlen(body) + 110, n_whole = 0;
		for (size_t cut = 0; cut < n; cut += 3) {
			char more[80];
			snprintf(more, sizeof more, ",\"framing\":\"%s\",\"cut\":%zu,\"then\":\"%s\"", cut % 2 ? "close" : "length", cut,
			         cut % 4 < 2 ? "close" : "reset");
			add_line(&script, &protocols[i], body, more);
		}
		assert_ok(fake_server_start(&server, buf_str(&script), 0, &err), &err);
		for (size_t cut = 0; cut < n; cut += 3) {
			struct probe probe = { .kind = protocols[i].kind, .tries = 1 };
			probe_ask_url(&probe, fake_server_url(server));
			if (probe.rc == 0)
				assert_string_equal(buf_str(&probe.text), TEXT);
			else
				assert_int_equal(probe.err.code, ERR_TRANSPORT);
			n_whole += probe.rc == 0;
			probe_release(&probe);
		}
		assert_in_range(n_whole, 1, n / 3 / 4);
		fake_server_stop(server);
		buf_release(&script);
		free(body);
	}
}

static void test_refused_parameters_are_left_out(void **state)
{
	(void)state;
	static const struct {
		const char *refusal, *gone, *instead;
	} rows[] = {
		{ "{\"error\":{\"message\":\"Unsupported parameter: 'max_tokens' is not supported with this model.\","
		  "\"param\":\"max_tokens\",\"code\":\"unsupported_parameter\"}}", "\"max_tokens\"", "\"max_completion_tokens\":77" },
		{ "{\"error\":{\"message\":\"Unsupported value: 'temperature' does not support 0.0.\",\"param\":\"temperature\","
		  "\"code\":\"unsupported_value\"}}", "\"temperature\"", "\"max_tokens\":77" },
		{ "{\"detail\":[{\"loc\":[\"body\",\"stream_options\"],\"msg\":\"Extra inputs are not permitted\"}]}",
		  "\"stream_options\"", "\"max_tokens\":77" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct fake_server *server;
		struct buf script = { 0 };
		struct err err = { 0 };
		struct probe probe = { .tries = 1, .max_tokens = 77, .has_temperature = true };
		buf_printf(&script, "{\"status\":400,\"body\":%s}\n{\"chat\":\"fine\"}\n", rows[i].refusal);
		assert_ok(fake_server_start(&server, buf_str(&script), 0, &err), &err);
		probe_ask_url(&probe, fake_server_url(server));
		assert_ok(probe.rc, &probe.err);
		assert_int_equal(fake_server_n_requests(server), 2);
		assert_contains(fake_server_request(server, 0), rows[i].gone);
		assert_null(strstr(fake_server_request(server, 1), rows[i].gone));
		assert_contains(fake_server_request(server, 1), rows[i].instead);
		fake_server_stop(server);
		buf_release(&script);
		probe_release(&probe);
	}
}

static void test_refused_parameter_is_remembered(void **state)
{
	(void)state;
	struct probe probe = { .tries = 1, .has_temperature = true, .questions = 3 };
	probe_ask(&probe, "{\"expect\":\"temperature\",\"status\":400,\"body\":{\"error\":{\"message\":\"unknown temperature\"}}}\n"
	                  "{\"chat\":\"a\",\"repeat\":true}\n");
	assert_ok(probe.rc, &probe.err);
	assert_string_equal(buf_str(&probe.text), "aaa");
	assert_int_equal(probe.n_requests, 4);
	probe_release(&probe);
}

static void test_parameter_refused_twice_is_an_error(void **state)
{
	(void)state;
	struct probe probe = { .tries = 3, .has_temperature = true };
	probe_ask(&probe, "{\"repeat\":true,\"status\":400,\"body\":{\"error\":{\"message\":\"unknown field temperature\"}}}\n");
	assert_int_equal(probe.rc, -1);
	assert_int_equal(probe.err.code, ERR_PROVIDER);
	assert_int_equal(probe.n_requests, 2);
	probe_release(&probe);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_protocol_gives_the_same_answer),
		cmocka_unit_test(test_each_protocol_puts_the_question_in_its_form),
		cmocka_unit_test(test_each_protocol_tells_a_cut_and_a_refused_answer),
		cmocka_unit_test(test_each_protocol_hears_an_error_in_the_middle),
		cmocka_unit_test(test_each_protocol_understands_a_whole_answer),
		cmocka_unit_test(test_no_protocol_takes_a_cut_answer_for_a_whole_one),
		cmocka_unit_test(test_refused_parameters_are_left_out),
		cmocka_unit_test(test_refused_parameter_is_remembered),
		cmocka_unit_test(test_parameter_refused_twice_is_an_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
