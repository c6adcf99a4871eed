/*
 * The matrix of streams: each wire protocol's answer (tests/streams) in every form that servers give it, split and cut
 * at every byte, through the code that reads a server's answer; then the ways in which a connection goes wrong, over
 * raw sockets. The same answer comes out of every split, and no answer of one that is not whole.
 */
#include "tests/unit.h"

#include "base/json.h"
#include "base/xalloc.h"
#include "io/llm_ops.h"
#include "io/tape.h"
#include "tests/llm_probe.h"
#include "tests/scratch.h"

#include <stdio.h>

#define TEXT "Gr\xc3\xbc\xc3\x9f" "e \xf0\x9f\x98\x80\nint x = 1;\n"

static const struct protocol {
	enum provider_kind kind;
	const char *name;
	bool is_lines;       /* one JSON text a line, no events */
	const char *end[2];  /* with what the events begin that say that the answer is over */
	const char *error;   /* an error in the stream */
} protocols[] = {
	{ PROVIDER_OPENAI_CHAT, "openai-chat", false, { "\"finish_reason\":\"stop\"", "[DONE]" },
	  "data: {\"error\":{\"message\":\"went wrong\",\"code\":500}}\n\n" },
	{ PROVIDER_ANTHROPIC, "anthropic", false, { "message_stop", NULL },
	  "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"went wrong\"}}\n\n" },
	{ PROVIDER_OLLAMA, "ollama", true, { "\"done\":true", NULL }, "{\"error\":\"went wrong\"}\n" },
	{ PROVIDER_OPENAI_RESPONSES, "openai-responses", false, { "response.completed", NULL },
	  "data: {\"type\":\"error\",\"code\":\"server_error\",\"message\":\"went wrong\"}\n\n" },
};
#define N_PROTOCOLS (sizeof protocols / sizeof *protocols)

enum form { PLAIN, MARKED, COMMENTED, SEVERAL_LINES, DOUBLED, WITHOUT_END, ERROR_OBJECT, ERROR_FIELD, N_FORMS };

static const char *const line_end[] = { "\n", "\r\n", "\r" };

static char *read_stream(const struct protocol *protocol)
{
	char name[64];
	snprintf(name, sizeof name, "%s.txt", protocol->name);
	char *text = scratch_read(STREAMS, name);
	assert_non_null(text);
	return text;
}

/* The event (or the line) at `at`, with the blank line behind it. */
static size_t event_size(const struct protocol *protocol, const char *at)
{
	const char *blank = protocol->is_lines ? NULL : strstr(at, "\n\n");
	const char *end = blank ? blank + 2 : strchr(at, '\n') ? strchr(at, '\n') + 1 : at + strlen(at);
	return (size_t)(end - at);
}

static bool is_end(const struct protocol *protocol, const char *event, size_t n)
{
	for (size_t i = 0; i < 2 && protocol->end[i]; i++)
		if (memmem(event, n, protocol->end[i], strlen(protocol->end[i])))
			return true;
	return false;
}

static void add_event(struct buf *out, const struct protocol *protocol, enum form form, const char *event, size_t n)
{
	if (form == COMMENTED)
		buf_add_str(out, protocol->is_lines ? "\n" : ": a comment\n\n");
	for (size_t i = 0; i < n; i++) {
		buf_add_char(out, event[i]);
		/* Between two values of a JSON text, white space means nothing. */
		if (form == SEVERAL_LINES && !protocol->is_lines && event[i] == '{' && i && event[i - 1] == ' ')
			buf_add_str(out, "\ndata: ");
	}
}

/* The protocol's answer in that form, with LF. */
static void shape(struct buf *out, const struct protocol *protocol, enum form form)
{
	char *stream = read_stream(protocol);
	buf_clear(out);
	if (form == MARKED)
		buf_add_str(out, "\xef\xbb\xbf");
	for (const char *at = stream; *at;) {
		size_t n = event_size(protocol, at);
		bool last = is_end(protocol, at, n);
		if (last && form == ERROR_OBJECT)
			buf_add_str(out, protocol->error);
		if (last && form == ERROR_FIELD)
			buf_add_str(out, protocol->is_lines ? protocol->error : "error: {\"message\":\"went wrong\",\"code\":500}\n\n");
		if (!last || form < WITHOUT_END)
			add_event(out, protocol, form, at, n);
		if (last && form == DOUBLED)
			add_event(out, protocol, form, at, n);
		at += n;
	}
	free(stream);
}

static void end_lines(struct buf *out, const struct buf *text, const char *end)
{
	buf_clear(out);
	for (size_t i = 0; i < text->len; i++)
		buf_add(out, text->data[i] == '\n' ? end : &text->data[i], text->data[i] == '\n' ? strlen(end) : 1);
}

/* A llm that is asked the same question again and again, and gets its answers from a recording. */
struct player {
	struct provider provider;
	struct llm_message message;
	struct llm_request request;
	struct tape *tape;
	struct llm *llm;
	char *dir, *file; /* owned */
	struct buf text, reasoning;
};

static void player_begin(struct player *player, const struct protocol *protocol)
{
	struct err err = { 0 };
	*player = (struct player){ .dir = scratch_make() };
	player->file = xasprintf("%s/tape", player->dir);
	player->provider = (struct provider){
		.name = (char *)"local", .kind = protocol->kind, .url = (char *)"http://127.0.0.1:1/v1", .model = (char *)"m",
		.key_env = (char *)"", .key_file = (char *)"", .key_command = (char *)"",
	};
	player->message = (struct llm_message){ "user", "hello" };
	player->request = (struct llm_request){
		.provider = &player->provider, .model = "", .message = &player->message, .n_messages = 1, .step = "s", .attempt = 1,
		.tries = 1,
	};
	assert_ok(tape_record(&player->tape, player->file, &err), &err);
}

/* One answer more: the text up to `cut`, in two pieces, and how the connection ends. */
static void player_add(struct player *player, const struct protocol *protocol, const struct buf *text, size_t split,
                       size_t cut, enum http_end end)
{
	struct buf body = { 0 };
	struct json_writer w = { .out = &body };
	llm_ops_of(protocol->kind)->body(&w, &player->request, "m", 0);
	const struct tape_request asked = {
		.protocol = provider_kind_name(protocol->kind), .model = "m", .step = "s", .attempt = 1,
		.body = buf_str(&body), .n_body = body.len,
	};
	struct tape_take *take = tape_take_new(&asked);
	tape_take_part(take, &(struct http_part){ .kind = HTTP_HEAD, .status = 200 });
	if (split > cut)
		split = cut;
	if (split)
		tape_take_part(take, &(struct http_part){ .kind = HTTP_DATA, .data = text->data, .n = split });
	if (cut > split)
		tape_take_part(take, &(struct http_part){ .kind = HTTP_DATA, .data = text->data + split, .n = cut - split });
	struct http_part last = { .kind = HTTP_END, .end = end };
	if (end == HTTP_BROKEN)
		err_set(&last.err, ERR_TRANSPORT, "lost");
	tape_take_part(take, &last);
	tape_take_end(player->tape, take, "");
	buf_release(&body);
}

static void player_play(struct player *player)
{
	struct err err = { 0 };
	assert_ok(tape_close(player->tape, &err), &err);
	assert_ok(tape_play(&player->tape, player->file, &err), &err);
	player->llm = llm_new_with(&(struct llm_options){ .tape = player->tape });
}

static void hear(void *arg, const struct llm_event *event)
{
	struct player *player = arg;
	if (event->kind == LLM_TEXT)
		buf_add(&player->text, event->text, event->n);
	else if (event->kind == LLM_REASONING)
		buf_add(&player->reasoning, event->text, event->n);
}

static int player_ask(struct player *player, struct llm_result *result, struct err *err)
{
	buf_clear(&player->text);
	buf_clear(&player->reasoning);
	err_clear(err);
	return llm_ask(player->llm, &player->request, hear, player, NULL, result, err);
}

static void player_end(struct player *player)
{
	llm_free(player->llm);
	tape_free(player->tape);
	scratch_remove(player->dir);
	free(player->file);
	buf_release(&player->text);
	buf_release(&player->reasoning);
}

/* One cell of the matrix: split at every byte, or at every so many. */
static void split_everywhere(const struct protocol *protocol, enum form form, const struct buf *text, size_t step)
{
	struct player player;
	player_begin(&player, protocol);
	for (size_t split = 0; split < text->len; split += step)
		player_add(&player, protocol, text, split, text->len, HTTP_CLEAN);
	player_play(&player);
	for (size_t split = 0; split < text->len; split += step) {
		struct llm_result result;
		struct err err = { 0 };
		int rc = player_ask(&player, &result, &err);
		if (form >= WITHOUT_END) {
			if (rc == 0)
				fail_msg("%s: form %d, split at %zu: an answer", protocol->name, (int)form, split);
			assert_contains(err.msg, form == WITHOUT_END ? "ended its answer before it was complete" : "went wrong");
			continue;
		}
		if (rc != 0)
			fail_msg("%s: form %d, split at %zu: %s", protocol->name, (int)form, split, err.msg);
		assert_string_equal(buf_str(&player.text), TEXT);
		assert_string_equal(buf_str(&player.reasoning), "Short.");
		assert_int_equal(result.finish, LLM_STOP);
		assert_int_equal(result.tokens_in, 120);
		assert_int_equal(result.tokens_out, 9);
	}
	player_end(&player);
}

static void test_every_form_gives_the_same_for_every_split(void **state)
{
	(void)state;
	for (size_t cell = 0; cell < N_PROTOCOLS * N_FORMS * 3; cell++) {
		const struct protocol *protocol = &protocols[cell / 3 / N_FORMS];
		enum form form = (enum form)(cell / 3 % N_FORMS);
		struct buf shaped = { 0 };
		struct buf text = { 0 };
		shape(&shaped, protocol, form);
		end_lines(&text, &shaped, line_end[cell % 3]);
		split_everywhere(protocol, form, &text, form == PLAIN || cell % 3 == 0 ? 1 : 11);
		buf_release(&shaped);
		buf_release(&text);
	}
}

/* Cut at every byte, and closed in order or broken off: the whole answer, or none. */
static void test_no_cut_is_taken_for_an_answer(void **state)
{
	(void)state;
	static const enum http_end ends[] = { HTTP_CLEAN, HTTP_BROKEN };
	for (size_t cell = 0; cell < N_PROTOCOLS * 3 * 2; cell++) {
		const struct protocol *protocol = &protocols[cell / 6];
		size_t step = cell % 6 < 2 ? 1 : 7;
		struct buf shaped = { 0 };
		struct buf text = { 0 };
		struct player player;
		size_t n_whole = 0;
		shape(&shaped, protocol, PLAIN);
		end_lines(&text, &shaped, line_end[cell / 2 % 3]);
		player_begin(&player, protocol);
		for (size_t cut = 0; cut <= text.len; cut += step)
			player_add(&player, protocol, &text, cut / 2, cut, ends[cell % 2]);
		player_play(&player);
		for (size_t cut = 0; cut <= text.len; cut += step) {
			struct llm_result result;
			struct err err = { 0 };
			int rc = player_ask(&player, &result, &err);
			if (rc == 0)
				assert_string_equal(buf_str(&player.text), TEXT);
			else
				assert_int_equal(n_whole, 0); /* once there is enough of it, more is no less */
			n_whole += rc == 0;
		}
		assert_true(n_whole < text.len / 2 && (n_whole > 0 || step > 1));
		player_end(&player);
		buf_release(&shaped);
		buf_release(&text);
	}
}

static void test_no_recording_holds_a_key_that_chunks_cut(void **state)
{
	(void)state;
	static const char *const chunk[] = { "data: sk-se", "cr", "et-one\n\n", "data: sk-secret", " and more\n\n" };
	const struct tape_request asked = { .protocol = "openai-chat", .model = "m", .step = "s", .attempt = 1, .body = "" };
	char *dir = scratch_make();
	char *path = xasprintf("%s/tape", dir);
	struct tape *tape;
	struct err err = { 0 };
	assert_ok(tape_record(&tape, path, &err), &err);
	struct tape_take *take = tape_take_new(&asked);
	for (size_t i = 0; i < sizeof chunk / sizeof *chunk; i++)
		tape_take_part(take, &(struct http_part){ .kind = HTTP_DATA, .data = (char *)(uintptr_t)chunk[i], .n = strlen(chunk[i]) });
	tape_take_part(take, &(struct http_part){ .kind = HTTP_END, .end = HTTP_CLEAN });
	tape_take_end(tape, take, "sk-secret-one");
	assert_ok(tape_close(tape, &err), &err);
	char *text = scratch_read(dir, "tape");
	assert_null(strstr(text, "et-one"));
	assert_contains(text, "data: sk-secret"); /* no key, but the beginning of one */
	assert_contains(text, " and more");
	free(text);
	free(path);
	scratch_remove(dir);
}

/* ---- connections ---- */

static const struct {
	const char *line;        /* of the script; %s: the answer as a JSON text */
	struct llm_limits limits;
	const char *why;         /* what is said; NULL: the answer comes */
	enum err_code code;
} rows[] = {
	{ "{\"body\":%s,\"framing\":\"chunked\",\"split\":1}", { 0 }, NULL, ERR_NONE },
	{ "{\"body\":%s,\"framing\":\"length\",\"split\":5}", { 0 }, NULL, ERR_NONE },
	{ "{\"body\":%s,\"framing\":\"close\",\"split\":11}", { 0 }, NULL, ERR_NONE },
	{ "{\"body\":%s,\"headers\":{\"Content-Type\":\"text/plain\"}}", { 0 }, NULL, ERR_NONE },
	{ "{\"body\":%s,\"split\":100,\"delay_ms\":2}", { .idle_ms = 5000 }, NULL, ERR_NONE },
	{ "{\"body\":%s,\"framing\":\"chunked\",\"then\":\"stall\"}", { .idle_ms = 5000 }, NULL, ERR_NONE },
	{ "{\"body\":%s,\"framing\":\"length\",\"cut\":400,\"then\":\"close\"}", { 0 }, "closed before the end", ERR_TRANSPORT },
	{ "{\"body\":%s,\"framing\":\"chunked\",\"cut\":400,\"then\":\"close\"}", { 0 }, "lost", ERR_TRANSPORT },
	{ "{\"body\":%s,\"framing\":\"close\",\"cut\":400,\"then\":\"close\"}", { 0 }, "before it was complete", ERR_TRANSPORT },
	{ "{\"body\":%s,\"framing\":\"close\",\"cut\":400,\"then\":\"reset\"}", { 0 }, "lost", ERR_TRANSPORT },
	{ "{\"body\":%s,\"framing\":\"chunked\",\"cut\":500,\"then\":\"stall\"}", { .idle_ms = 60, .first_local_ms = 60 }, "", ERR_TRANSPORT },
	{ "{\"body\":%s,\"cut\":10,\"then\":\"stall\"}", { .first_local_ms = 60 }, "sent no text within", ERR_TRANSPORT },
	{ "{\"body\":%s,\"delay_ms\":400}", { .first_local_ms = 60 }, "sent no text within", ERR_TRANSPORT },
	{ "{\"body\":%s,\"split\":1,\"delay_ms\":400}", { .first_local_ms = 60 }, "sent no text within", ERR_TRANSPORT },
	{ "{\"status\":204,\"framing\":\"close\"}", { 0 }, "without any text", ERR_PROVIDER },
	{ "{\"body\":\"\",\"framing\":\"length\"}", { 0 }, "without any text", ERR_PROVIDER },
	{ "{\"status\":502,\"body\":\"<html>bad gateway</html>\"}", { 0 }, "502: bad gateway", ERR_TRANSPORT },
	{ "{\"body\":\"<!doctype html><p>welcome\"}", { 0 }, "an HTML page", ERR_PROVIDER },
	{ "{\"status\":307,\"headers\":{\"Location\":\"http://127.0.0.1:1/\"}}", { 0 }, "not followed", ERR_PROVIDER },
	{ "{\"raw\":\"SSH-2.0-x\\r\\n\",\"then\":\"close\"}", { 0 }, "", ERR_TRANSPORT },
};

static void test_every_connection_ends_in_an_answer_or_its_reason(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_PROTOCOLS * (sizeof rows / sizeof *rows); i++) {
		size_t row = i / N_PROTOCOLS;
		const struct protocol *protocol = &protocols[i % N_PROTOCOLS];
		struct probe probe = { .kind = protocol->kind, .tries = 1, .limits = rows[row].limits };
		struct buf body = { 0 };
		struct json_writer w = { .out = &body };
		char *stream = read_stream(protocol);
		const char *gap = strstr(rows[row].line, "%s");
		json_put_cstr(&w, stream);
		char *script = gap ? xasprintf("%.*s%s%s\n", (int)(gap - rows[row].line), rows[row].line, buf_str(&body), gap + 2)
		                   : xasprintf("%s\n", rows[row].line);
		probe_ask(&probe, script);
		if (rows[row].why) {
			if (probe.rc == 0)
				fail_msg("%s: an answer to row %zu", protocol->name, row);
			assert_int_equal(probe.err.code, rows[row].code);
			assert_contains(probe.err.msg, rows[row].why);
		} else {
			assert_ok(probe.rc, &probe.err);
			assert_string_equal(buf_str(&probe.text), TEXT);
		}
		free(script);
		free(stream);
		buf_release(&body);
		probe_release(&probe);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_form_gives_the_same_for_every_split),
		cmocka_unit_test(test_no_cut_is_taken_for_an_answer),
		cmocka_unit_test(test_no_recording_holds_a_key_that_chunks_cut),
		cmocka_unit_test(test_every_connection_ends_in_an_answer_or_its_reason),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
