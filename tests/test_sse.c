#include "tests/unit.h"

#include "base/buf.h"
#include "base/xalloc.h"
#include "io/sse.h"

/* Events as text: "type|data" or "ping", a line each; a tail has a '~' in front. */
static int write_event(void *arg, const struct sse_event *event, struct err *err)
{
	struct buf *out = arg;
	(void)err;
	if (event->is_ping) {
		buf_add_str(out, "ping\n");
		return 0;
	}
	buf_printf(out, "%s%s|", event->is_tail ? "~" : "", event->type);
	buf_add(out, event->data, event->n);
	buf_add_char(out, '\n');
	return 0;
}

/* Parses in pieces of `step` bytes, the first of `first` bytes. */
static void parse(struct buf *out, enum sse_framing framing, const char *s, size_t n, size_t first, size_t step)
{
	struct sse sse;
	struct err err = { 0 };
	sse_init(&sse, framing, write_event, out);
	for (size_t at = 0, len = first; at < n; at += len, len = step) {
		if (len > n - at)
			len = n - at;
		/* A copy of the exact size, so that a read past the piece is seen by the sanitizers. */
		char *piece = xmemdup(s + at, len);
		assert_ok(sse_feed(&sse, piece, len, &err), &err);
		free(piece);
		if (len == 0)
			break;
	}
	assert_ok(sse_finish(&sse, &err), &err);
	sse_release(&sse);
}

static void expect(enum sse_framing framing, const char *stream, size_t n, const char *expected)
{
	for (size_t first = 1; first <= n; first++) {
		struct buf out = { 0 };
		parse(&out, framing, stream, n, first, n);
		assert_string_equal(buf_str(&out), expected);
		buf_release(&out);
	}
	for (size_t step = 1; step <= 7; step++) {
		struct buf out = { 0 };
		parse(&out, framing, stream, n, step, step);
		assert_string_equal(buf_str(&out), expected);
		buf_release(&out);
	}
}

#define EXPECT(stream, expected) expect(SSE_EVENTS, stream, sizeof(stream) - 1, expected)

static void test_fields_are_read_as_the_standard_says(void **state)
{
	(void)state;
	EXPECT("data: one\n\n", "message|one\n");
	EXPECT("data:one\n\n", "message|one\n");
	EXPECT("data:  two blanks\n\n", "message| two blanks\n");
	EXPECT("data: a\ndata: b\ndata\n\n", "message|a\nb\n\n");
	EXPECT("event: add\ndata: 1\n\ndata: 2\n\n", "add|1\nmessage|2\n");
	EXPECT("event: alone\n\ndata: 2\n\n", "message|2\n");
	EXPECT("id: 7\nretry: 3\nother: x\ndata: 1\n\n", "message|1\n");
	EXPECT("data: a:b: c\n\n", "message|a:b: c\n");
	EXPECT("\n\n\ndata: 1\n\n\n\n", "message|1\n");
}

static void test_every_line_end_gives_the_same_events(void **state)
{
	(void)state;
	EXPECT("data: a\ndata: b\n\ndata: c\n\n", "message|a\nb\nmessage|c\n");
	EXPECT("data: a\r\ndata: b\r\n\r\ndata: c\r\n\r\n", "message|a\nb\nmessage|c\n");
	EXPECT("data: a\rdata: b\r\rdata: c\r\r", "message|a\nb\nmessage|c\n");
	EXPECT("data: a\r\ndata: b\n\r\ndata: c\r\n\n", "message|a\nb\nmessage|c\n");
}

static void test_comments_are_pings(void **state)
{
	(void)state;
	EXPECT(": keep-alive\n\ndata: 1\n:\ndata: 2\n\n", "ping\nping\nmessage|1\n2\n");
}

static void test_byte_order_mark_counts_once(void **state)
{
	(void)state;
	EXPECT("\xef\xbb\xbf" "data: 1\n\ndata: 2\n\n", "message|1\nmessage|2\n");
	EXPECT("data: 1\n\n\xef\xbb\xbf" "data: 2\n\n", "message|1\n");
}

static void test_field_named_error_is_an_event(void **state)
{
	(void)state;
	EXPECT("error: {\"code\":500}\n\n", "error|{\"code\":500}\n");
}

static void test_undispatched_rest_is_a_tail(void **state)
{
	(void)state;
	EXPECT("data: 1\n\ndata: 2", "message|1\n~message|2\n");
	EXPECT("data: 1\n\ndata: 2\n", "message|1\n~message|2\n");
	EXPECT("data: 1\n\ndat", "message|1\n");
	EXPECT("data: 1\n\n: comment", "message|1\nping\n");
}

static void test_bytes_of_every_kind_pass(void **state)
{
	(void)state;
	EXPECT("data: \xc3\xa4\xf0\x9f\x98\x80\n\n", "message|\xc3\xa4\xf0\x9f\x98\x80\n");
	EXPECT("data: \xff\xfe\n\n", "message|\xff\xfe\n");
}

static void test_lines_are_events_of_their_own(void **state)
{
	(void)state;
	static const char stream[] = "{\"a\":1}\r\n\n{\"b\":2}\n{\"c\":3}";
	expect(SSE_LINES, stream, sizeof stream - 1, "message|{\"a\":1}\nmessage|{\"b\":2}\n~message|{\"c\":3}\n");
}

static int feed_blanks(struct sse *sse, const char *begin, size_t n, struct err *err)
{
	static const char blanks[65536] = { 0 };
	int rc = sse_feed(sse, begin, strlen(begin), err);
	for (size_t fed = 0; rc == 0 && fed < n; fed += sizeof blanks)
		rc = sse_feed(sse, blanks, sizeof blanks, err);
	return rc;
}

static void test_lines_and_events_have_a_limit(void **state)
{
	(void)state;
	struct buf out = { 0 };
	struct sse sse;
	struct err err = { 0 };
	sse_init(&sse, SSE_EVENTS, write_event, &out);
	assert_int_equal(feed_blanks(&sse, "data: ", SSE_LINE_MAX, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_true(sse.line.len <= SSE_LINE_MAX);
	sse_release(&sse);
	sse_init(&sse, SSE_EVENTS, write_event, &out);
	int rc = 0;
	for (int i = 0; rc == 0 && i < 3; i++)
		rc = feed_blanks(&sse, "data: ", SSE_LINE_MAX - 65536 - 6, &err) != 0 || sse_feed(&sse, "\n", 1, &err) != 0;
	assert_int_equal(rc, 1);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_contains(err.msg, "event");
	sse_release(&sse);
	buf_release(&out);
}

static int refuse(void *arg, const struct sse_event *event, struct err *err)
{
	(void)event;
	++*(int *)arg;
	return err_set(err, ERR_ANSWER, "enough");
}

static void test_callback_ends_the_parse(void **state)
{
	(void)state;
	struct sse sse;
	struct err err = { 0 };
	int n_calls = 0;
	sse_init(&sse, SSE_EVENTS, refuse, &n_calls);
	assert_int_equal(sse_feed(&sse, "data: 1\n\ndata: 2\n\n", 18, &err), -1);
	assert_string_equal(err.msg, "enough");
	assert_int_equal(n_calls, 1);
	sse_release(&sse);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields_are_read_as_the_standard_says),
		cmocka_unit_test(test_every_line_end_gives_the_same_events),
		cmocka_unit_test(test_comments_are_pings),
		cmocka_unit_test(test_byte_order_mark_counts_once),
		cmocka_unit_test(test_field_named_error_is_an_event),
		cmocka_unit_test(test_undispatched_rest_is_a_tail),
		cmocka_unit_test(test_bytes_of_every_kind_pass),
		cmocka_unit_test(test_lines_are_events_of_their_own),
		cmocka_unit_test(test_lines_and_events_have_a_limit),
		cmocka_unit_test(test_callback_ends_the_parse),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
