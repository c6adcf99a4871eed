#include "tests/unit.h"

#include "base/buf.h"
#include "event/run_model.h"
#include "io/journal.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];
static char file[96];

static int set_up(void **state)
{
	(void)state;
	snprintf(folder, sizeof folder, "/tmp/belay-journal-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(file, sizeof file, "%s/journal.jsonl", folder);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	unlink(file);
	return rmdir(folder);
}

static const struct event sample[] = {
	{ .kind = EVENT_RUN_STARTED, .plan = "a.yaml", .mode = "run" },
	{ .kind = EVENT_STEP_DECLARED, .step = "one", .verb = "write", .title = "One" },
	{ .kind = EVENT_STEP_STARTED, .step = "one", .attempt = 1 },
	{ .kind = EVENT_OUTPUT, .step = "one", .attempt = 1, .stream = "model", .text = { "hello there", 11, NULL } },
	{ .kind = EVENT_STEP_DONE, .step = "one", .attempt = 1, .ms = 5 },
};
#define N_SAMPLE (sizeof sample / sizeof *sample)

static void append_sample(struct journal *journal)
{
	struct err err;
	for (size_t i = 0; i < N_SAMPLE; i++) {
		struct event event = sample[i];
		event.seq = journal_next_seq(journal);
		event.at_ms = 1000 * (int64_t)(i + 1);
		event.run = "00c0ffee";
		assert_ok(journal_append(journal, &event, &err), &err);
	}
}

static void write_sample(const char *secret)
{
	struct journal *journal;
	struct err err;
	assert_ok(journal_open(&journal, file, &err), &err);
	journal_redact(journal, secret);
	append_sample(journal);
	assert_ok(journal_sync(journal, &err), &err);
	journal_close(journal);
}

/* Reads to the end: the number of events, or -1 when the journal is damaged. */
static int count_events(struct run_model *model)
{
	struct journal_reader *reader;
	struct event_line line;
	struct err err = { 0 };
	int n = 0;
	int rc;
	assert_ok(journal_reader_open(&reader, file, &err), &err);
	while ((rc = journal_reader_next(reader, &line, &err)) == 1) {
		if (model)
			assert_ok(run_model_apply(model, &line.event, &err), &err);
		event_line_release(&line);
		n++;
	}
	journal_reader_close(reader);
	if (rc < 0)
		assert_int_equal(err.code, ERR_CORRUPT);
	return rc < 0 ? -1 : n;
}

static size_t slurp(char *out, size_t room)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, out, room);
	close(fd);
	assert_true(n >= 0);
	return (size_t)n;
}

static void spill(const char *data, size_t n)
{
	int fd = open(file, O_WRONLY | O_TRUNC | O_CLOEXEC);
	assert_int_equal(write(fd, data, n), (ssize_t)n);
	close(fd);
}

static void test_what_was_appended_is_read_and_folded(void **state)
{
	struct run_model model;
	(void)state;
	write_sample(NULL);
	run_model_init(&model);
	assert_int_equal(count_events(&model), N_SAMPLE);
	assert_string_equal(model.run, "00c0ffee");
	assert_int_equal(run_model_step(&model, "one")->state, STEP_DONE);
	assert_string_equal(buf_str(&run_model_step(&model, "one")->answer), "hello there");
	run_model_release(&model);
}

static void test_a_torn_last_line_is_cut_by_the_owner_only(void **state)
{
	char data[8192];
	struct stat st;
	(void)state;
	write_sample(NULL);
	size_t whole = slurp(data, sizeof data);
	memcpy(data + whole, "{\"v\":1,\"se", 10);
	spill(data, whole + 10);
	assert_int_equal(count_events(NULL), N_SAMPLE);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_size, (off_t)whole + 10);
	struct journal *journal;
	struct err err;
	assert_ok(journal_open(&journal, file, &err), &err);
	assert_int_equal(journal_next_seq(journal), N_SAMPLE + 1);
	journal_close(journal);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_size, (off_t)whole);
}

static void test_a_flipped_byte_before_the_last_line_is_found(void **state)
{
	char data[8192];
	(void)state;
	write_sample(NULL);
	size_t n = slurp(data, sizeof data);
	size_t last = (size_t)((char *)memrchr(data, '\n', n - 1) - data) + 1;
	for (size_t i = 0; i < last; i++) {
		data[i] ^= 1;
		spill(data, n);
		if (count_events(NULL) != -1)
			fail_msg("a flip of byte %zu was not found", i);
		data[i] ^= 1;
	}
}

static void test_a_secret_never_reaches_the_file(void **state)
{
	char data[8192];
	(void)state;
	write_sample("hello there");
	size_t n = slurp(data, sizeof data);
	assert_null(memmem(data, n, "hello there", 11));
	assert_non_null(memmem(data, n, "[redacted]", 10));
	assert_int_equal(count_events(NULL), N_SAMPLE);
}

static void test_a_followed_journal_gives_what_comes_later(void **state)
{
	struct journal_reader *reader;
	struct event_line line;
	struct err err;
	struct journal *journal;
	(void)state;
	assert_ok(journal_open(&journal, file, &err), &err);
	assert_ok(journal_reader_open(&reader, file, &err), &err);
	assert_int_equal(journal_reader_next(reader, &line, &err), 0);
	append_sample(journal);
	assert_ok(journal_reader_refresh(reader, &err), &err);
	for (size_t i = 0; i < N_SAMPLE; i++) {
		assert_int_equal(journal_reader_next(reader, &line, &err), 1);
		assert_int_equal(line.event.kind, sample[i].kind);
		event_line_release(&line);
	}
	assert_int_equal(journal_reader_next(reader, &line, &err), 0);
	journal_reader_close(reader);
	journal_close(journal);
}

static void test_an_event_out_of_turn_is_refused(void **state)
{
	struct journal *journal;
	struct err err;
	struct event event = { .kind = EVENT_RUN_STARTED, .seq = 2, .run = "00c0ffee" };
	(void)state;
	assert_ok(journal_open(&journal, file, &err), &err);
	assert_int_equal(journal_append(journal, &event, &err), -1);
	assert_int_equal(err.code, ERR_INTERNAL);
	journal_close(journal);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_what_was_appended_is_read_and_folded, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_torn_last_line_is_cut_by_the_owner_only, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_flipped_byte_before_the_last_line_is_found, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_secret_never_reaches_the_file, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_followed_journal_gives_what_comes_later, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_an_event_out_of_turn_is_refused, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
