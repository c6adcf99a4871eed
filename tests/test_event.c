#include "tests/unit.h"

#include "event/event_json.h"
#include "event/output.h"
#include "event/redact.h"

#include <stdio.h>

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define NOT_UTF8 "a\xff\"\n\x80z"
#define SECRET "sk-canary-0123456789"

static const char *const list_item[] = { "one", "two \\ \"", NOT_UTF8 };
static struct diag diag_item[] = {
	{ "src/a.c", 3, 7, DIAG_ERROR, "E1", "expected ';'" },
	{ NULL, 0, 0, DIAG_WARNING, NULL, NOT_UTF8 },
	{ NOT_UTF8, 1, 0, DIAG_NOTE, NULL, "" },
};
static const struct event_state state_item[] = { { "one", "done" }, { "g.two[1]", "failed" } };

static void fill_files(struct event_file file[4])
{
	struct hash hash;
	hash_data(&hash, "x", 1);
	struct event_image plain = { .present = true, .hash = hash, .mode = 0755, .bytes = 1 };
	struct event_image link = { .present = true, .link = "../" NOT_UTF8 };
	hash_data(&link.hash, link.link, strlen(link.link));
	file[0] = (struct event_file){ .path = "new", .change = EVENT_CREATED, .after = plain, .added = 1, .temp = ".t1" };
	file[1] = (struct event_file){ .path = NOT_UTF8, .change = EVENT_MODIFIED, .before = plain, .after = link,
		                       .added = -1, .removed = -1 };
	file[2] = (struct event_file){ .path = "b64:YQ==", .change = EVENT_DELETED, .before = link, .removed = 4 };
	file[3] = (struct event_file){ .path = "to", .old_path = "from", .change = EVENT_RENAMED, .before = plain,
		                       .after = plain };
}

/* An event of the kind with something in each of its fields. */
static void fill(struct event *event, enum event_kind kind, struct event_file file[4], bool text_in_store)
{
	const struct event_kind_info *info = event_kind_info(kind);
	*event = (struct event){ .seq = 7, .at_ms = 1772460063120, .kind = kind, .run = "00c0ffee", .step = "one",
		                 .attempt = 2 };
	for (size_t i = 0; i < info->n_fields; i++) {
		const struct event_field_info *field = event_field_info((enum event_field)info->field[i]);
		void *member = (char *)event + field->offset;
		switch (field->type) {
		case EVENT_TYPE_STR: *(const char **)member = i % 2 ? NOT_UTF8 : "text \xc3\xa9 \001"; break;
		case EVENT_TYPE_INT: *(int64_t *)member = (int64_t)1 << (8 * (i % 7)); break;
		case EVENT_TYPE_REAL: *(double *)member = 0.1; break;
		case EVENT_TYPE_BOOL: *(bool *)member = true; break;
		case EVENT_TYPE_TEXT:
			*(struct event_text *)member = text_in_store ? (struct event_text){ NULL, 5000, HEX }
			                                             : (struct event_text){ "a\0b" NOT_UTF8, 9, NULL };
			break;
		case EVENT_TYPE_LIST: *(struct event_list *)member = (struct event_list){ list_item, 3 }; break;
		case EVENT_TYPE_STATES: *(struct event_states *)member = (struct event_states){ state_item, 2 }; break;
		case EVENT_TYPE_DIAGS: *(struct event_diags *)member = (struct event_diags){ diag_item, 3 }; break;
		case EVENT_TYPE_FILES:
		case EVENT_TYPE_FILE_MAP:
		case EVENT_TYPE_EVIDENCE: event->files = (struct event_files){ file, 4 }; break;
		}
	}
}

static void test_every_kind_is_read_back_as_it_was_written(void **state)
{
	struct event_file file[4];
	(void)state;
	fill_files(file);
	for (int kind = 0; kind < EVENT_N_KINDS * 2; kind++) {
		struct event event;
		struct event_line line;
		struct buf first = { 0 };
		struct buf second = { 0 };
		struct err err;
		fill(&event, (enum event_kind)(kind / 2), file, kind % 2);
		event_write(&first, &event, HEX);
		if (event_read(&line, first.data, first.len, &err) != 0)
			fail_msg("%s: %s", buf_str(&first), err.msg);
		assert_int_equal(line.event.kind, kind / 2);
		assert_string_equal(line.prev, HEX);
		struct event *clone = event_clone(&line.event);
		event_line_release(&line);
		event_write(&second, clone, HEX);
		assert_string_equal(buf_str(&first), buf_str(&second));
		free(clone);
		buf_release(&first);
		buf_release(&second);
	}
}

static void read_one(struct event_line *line, const char *text)
{
	struct err err;
	assert_ok(event_read(line, text, strlen(text), &err), &err);
}

#define HEAD(type) "{\"v\":1,\"seq\":1,\"ts\":\"2026-03-02T14:01:03.120Z\",\"run\":\"r\",\"type\":\"" type "\","

static void test_paths_that_differ_in_bytes_alone_stay_apart_in_the_result(void **state)
{
	const struct event_file file[] = { { .path = "\xff", .change = EVENT_CREATED },
		                           { .path = "\xfe", .change = EVENT_DELETED },
		                           { .path = "\xff", .change = EVENT_DELETED } };
	struct event event = { .kind = EVENT_RUN_FINISHED, .seq = 1, .at_ms = 1, .files = { file, 3 } };
	struct event_line line;
	struct buf text = { 0 };
	(void)state;
	event_write(&text, &event, NULL);
	read_one(&line, buf_str(&text));
	assert_int_equal(line.event.files.n_files, 2);
	assert_string_equal(line.event.files.file[0].path, "\xff");
	assert_int_equal(line.event.files.file[0].change, EVENT_CREATED);
	assert_string_equal(line.event.files.file[1].path, "\xfe");
	event_line_release(&line);
	buf_release(&text);
}

static void test_a_bad_file_of_the_evidence_shifts_no_hash(void **state)
{
	struct event_line line;
	(void)state;
	read_one(&line, HEAD("step_done") "\"evidence\":{\"exit\":0,\"files\":[{\"path\":7,\"change\":\"created\"},"
	         "{\"path\":\"a\",\"change\":\"created\",\"hash\":\"" HEX "\"}]}}");
	assert_int_equal(line.event.files.n_files, 1);
	assert_true(line.event.files.file[0].after.present);
	assert_int_equal(line.event.files.file[0].after.hash.byte[1], 0x23);
	event_line_release(&line);
}

static void test_a_reference_to_the_store_must_be_a_hash(void **state)
{
	static const char *const bad[] = { "\"../../etc/passwd\"", "\"\"", "7", "\"" HEX "0\"" };
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct event_line line;
		char text[400];
		snprintf(text, sizeof text, HEAD("output") "\"text\":{\"blob\":%s,\"bytes\":5}}", bad[i]);
		read_one(&line, text);
		assert_null(line.event.text.blob);
		event_line_release(&line);
	}
}

static void test_unknown_types_and_keys_are_skipped(void **state)
{
	static const char later[] = HEAD("later_kind") "\"x\":[1]}";
	struct event_line line;
	struct err err;
	(void)state;
	assert_int_equal(event_read(&line, later, sizeof later - 1, &err), 1);
	assert_int_equal(line.event.seq, 1);
	event_line_release(&line);
	read_one(&line, HEAD("edge_cut") "\"later\":{},\"from\":\"a\",\"to\":\"b\"}");
	assert_string_equal(line.event.from, "a");
	event_line_release(&line);
}

/* The line with a blank, which is left to the JSON parser. */
static int read_slowly(struct event_line *out, const char *line, size_t n)
{
	struct buf slow = { 0 };
	struct err err;
	buf_add(&slow, line, 1);
	buf_add_char(&slow, ' ');
	buf_add(&slow, line + 1, n - 1);
	int rc = event_read(out, slow.data, slow.len, &err);
	buf_release(&slow);
	return rc;
}

static void assert_read_alike(const char *line, size_t n)
{
	struct event_line quick, slow;
	struct buf a = { 0 }, b = { 0 };
	struct err err;
	int rc = event_read(&quick, line, n, &err);
	assert_int_equal(rc, read_slowly(&slow, line, n));
	assert_string_equal(quick.prev, slow.prev);
	if (rc == 0) {
		event_write(&a, &quick.event, NULL);
		event_write(&b, &slow.event, NULL);
		assert_string_equal(buf_str(&a), buf_str(&b));
		assert_int_equal(quick.event.text.len, slow.event.text.len);
	}
	buf_release(&a);
	buf_release(&b);
	event_line_release(&quick);
	event_line_release(&slow);
}

static void test_the_quick_way_to_read_output_says_what_the_parser_says(void **state)
{
	(void)state;
	static const char *const text[] = { "", "plain", "a\"b\\c/\b\f\n\r\t", "\x01\x1f\x7f", "h\xc3\xa9 \xe2\x82\xac",
		                            "\xff\xc3", "\xed\xa0\x80", "\xf0\x9f\x98\x80" };
	static const char other[] = { '"', '\\', ' ', '0', '9', 'u', '{', '}', ',', '\0', '\x1f', '\x80', '\xff' };
	for (size_t i = 0; i < sizeof text / sizeof *text; i++) {
		struct event event = { .seq = 7, .at_ms = 1772460063120, .kind = EVENT_OUTPUT, .run = "00c0ffee",
			               .step = i % 2 ? "one" : NULL, .attempt = (int)i, .stream = "model",
			               .text = { text[i], strlen(text[i]), NULL } };
		struct buf line = { 0 };
		event_write(&line, &event, "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
		assert_read_alike(line.data, line.len);
		for (size_t at = 1; at < line.len; at++) {
			char was = line.data[at];
			for (size_t j = 0; j < sizeof other; j++) {
				line.data[at] = other[j];
				assert_read_alike(line.data, line.len);
			}
			line.data[at] = was;
			assert_read_alike(line.data, at);
		}
		buf_release(&line);
	}
}

static void test_what_is_no_event_is_refused(void **state)
{
	static const char *const bad[] = {
		"", "{}", "[]", "nonsense", HEAD("notice") "\"message\":\"a\",\"message\":\"b\"}",
		"{\"v\":2,\"seq\":1,\"ts\":\"2026-03-02T14:01:03.120Z\",\"type\":\"notice\"}",
		"{\"v\":1,\"seq\":0,\"ts\":\"2026-03-02T14:01:03.120Z\",\"type\":\"notice\"}",
		"{\"v\":1,\"seq\":1,\"ts\":\"yesterday\",\"type\":\"notice\"}",
		"{\"v\":1,\"seq\":1,\"ts\":\"2026-03-02T14:01:03.120Z\"}",
	};
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct event_line line;
		struct err err = { 0 };
		assert_int_equal(event_read(&line, bad[i], strlen(bad[i]), &err), -1);
		assert_int_equal(err.code, ERR_CORRUPT);
		event_line_release(&line);
	}
}

/* Feeds `text` in chunks of `step` bytes and puts the pieces together; each must fit a line. */
static void pass(const struct redactor *redactor, const char *text, size_t n, size_t step, struct buf *out)
{
	struct event_output output = { 0 };
	struct event_text piece;
	for (size_t at = 0; at < n; at += step) {
		event_output_add(&output, redactor, text + at, n - at < step ? n - at : step);
		while (event_output_next(&output, &piece)) {
			assert_true(piece.len > 0 && piece.len <= EVENT_TEXT_INLINE_MAX);
			assert_false(redactor_finds(redactor, piece.data, piece.len));
			buf_add(out, piece.data, piece.len);
		}
	}
	event_output_flush(&output, redactor);
	while (event_output_next(&output, &piece))
		buf_add(out, piece.data, piece.len);
	assert_false(event_output_next(&output, &piece));
	event_output_release(&output);
}

static void test_output_leaves_without_a_secret_however_it_was_cut(void **state)
{
	static const char text[] = "sk-can sk-canary-01 " SECRET SECRET " sk-canary-sk-canary-0123456789\xe2\x82\xac sk-canary-";
	static const char want[] = "sk-can sk-canary-01 [redacted][redacted] sk-canary-[redacted]\xe2\x82\xac sk-canary-";
	struct redactor redactor = { 0 };
	(void)state;
	redactor_add(&redactor, SECRET);
	for (size_t step = 1; step < sizeof text; step++) {
		struct buf out = { 0 };
		pass(&redactor, text, sizeof text - 1, step, &out);
		assert_string_equal(buf_str(&out), want);
		buf_release(&out);
	}
	redactor_release(&redactor);
}

static void test_long_output_comes_in_inline_pieces_between_characters(void **state)
{
	struct redactor none = { 0 };
	struct buf text = { 0 };
	struct buf out = { 0 };
	struct event_output output = { 0 };
	struct event_text piece;
	(void)state;
	for (int i = 0; i < 10000; i++)
		buf_add_str(&text, "\xe2\x82\xac");
	pass(&none, text.data, text.len, text.len, &out);
	assert_string_equal(buf_str(&out), buf_str(&text));
	event_output_add(&output, &none, text.data, text.len);
	while (event_output_next(&output, &piece))
		assert_int_equal(piece.len % 3, 0);
	event_output_release(&output);
	buf_release(&text);
	buf_release(&out);
}

static void test_a_longer_secret_that_begins_like_a_shorter_one_is_hidden_whole(void **state)
{
	struct redactor redactor = { 0 };
	struct buf out = { 0 };
	(void)state;
	redactor_add(&redactor, "12345678");
	redactor_add(&redactor, "12345678abc");
	pass(&redactor, "x12345678abcy 12345678ab", 24, 1, &out);
	assert_string_equal(buf_str(&out), "x[redacted]y [redacted]ab");
	buf_release(&out);
	redactor_release(&redactor);
}

static void test_an_event_is_redacted_but_for_what_recovery_needs(void **state)
{
	static const char *const item[] = { "uses " SECRET };
	const struct event_file file = { .path = SECRET, .change = EVENT_CREATED };
	struct event asked = { .kind = EVENT_APPROVAL_ASKED, .step = "one", .what = "curl -H " SECRET, .covered = { item, 1 } };
	struct event intent = { .kind = EVENT_INTENT, .files = { &file, 1 } };
	struct event output = { .kind = EVENT_OUTPUT, .text = { "\xff" SECRET "\0" SECRET, 2 + 2 * (sizeof SECRET - 1), NULL } };
	struct redactor redactor = { 0 };
	struct event *owned;
	(void)state;
	assert_ptr_equal(redactor_event(&redactor, &asked, &owned), &asked);
	redactor_add(&redactor, "short");
	redactor_add(&redactor, SECRET);
	const struct event *clean = redactor_event(&redactor, &asked, &owned);
	assert_string_equal(clean->what, "curl -H [redacted]");
	assert_string_equal(clean->covered.item[0], "uses [redacted]");
	free(owned);
	assert_string_equal(asked.covered.item[0], "uses " SECRET);
	clean = redactor_event(&redactor, &output, &owned);
	assert_int_equal(clean->text.len, 22);
	assert_memory_equal(clean->text.data, "\xff[redacted]\0[redacted]", 22);
	free(owned);
	assert_ptr_equal(redactor_event(&redactor, &intent, &owned), &intent);
	assert_null(owned);
	redactor_release(&redactor);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_kind_is_read_back_as_it_was_written),
		cmocka_unit_test(test_paths_that_differ_in_bytes_alone_stay_apart_in_the_result),
		cmocka_unit_test(test_a_bad_file_of_the_evidence_shifts_no_hash),
		cmocka_unit_test(test_a_reference_to_the_store_must_be_a_hash),
		cmocka_unit_test(test_unknown_types_and_keys_are_skipped),
		cmocka_unit_test(test_the_quick_way_to_read_output_says_what_the_parser_says),
		cmocka_unit_test(test_what_is_no_event_is_refused),
		cmocka_unit_test(test_output_leaves_without_a_secret_however_it_was_cut),
		cmocka_unit_test(test_long_output_comes_in_inline_pieces_between_characters),
		cmocka_unit_test(test_a_longer_secret_that_begins_like_a_shorter_one_is_hidden_whole),
		cmocka_unit_test(test_an_event_is_redacted_but_for_what_recovery_needs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
