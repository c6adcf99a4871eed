#include "tests/unit.h"

#include "base/buf.h"
#include "base/thread.h"
#include "base/xalloc.h"
#include "io/llm.h"
#include "io/recorded.h"

#include <stdio.h>
#include <unistd.h>

static char path[] = "/tmp/belay-recorded-XXXXXX";

static int set_up(void **state)
{
	(void)state;
	int fd = mkstemp(path);
	return fd < 0 ? -1 : close(fd);
}

static int tear_down(void **state)
{
	(void)state;
	return unlink(path);
}

static void write_answers(const char *text)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

/* What is heard of an answer, as text. */
struct heard {
	struct buf text;
	size_t n_pieces;
	char *origin;
	struct llm *llm;
	struct cancel cancel;
	size_t cancel_after; /* pieces; 0: never */
};

static void hear(void *arg, const struct llm_event *event)
{
	struct heard *heard = arg;
	if (event->kind == LLM_PHASE && event->origin) {
		free(heard->origin);
		heard->origin = xstrdup(event->origin);
	}
	if (event->kind != LLM_TEXT)
		return;
	buf_add(&heard->text, event->text, event->n);
	if (++heard->n_pieces == heard->cancel_after) {
		cancel_set(&heard->cancel);
		llm_wake(heard->llm, &heard->cancel, false);
	}
}

static void forget(struct heard *heard)
{
	buf_release(&heard->text);
	free(heard->origin);
}

static int ask(struct llm *llm, const char *step, int attempt, struct heard *heard, struct llm_result *out,
               struct err *err)
{
	const struct provider provider = { .name = "sample", .kind = PROVIDER_RECORDED, .file = path, .model = "" };
	const struct llm_request request = { .provider = &provider, .model = "", .step = step, .attempt = attempt };
	heard->llm = llm;
	return llm_ask(llm, &request, hear, heard, &heard->cancel, out, err);
}

static const char answers[] =
	"{\"step\":\"one\",\"attempt\":1,\"text\":\"first\\nline\\n\",\"origin\":\"written by hand\"}\n"
	"\n"
	"{\"step\":\"one\",\"attempt\":2,\"text\":\"second\"}\r\n"
	"{\"step\":\"two\",\"text\":\"other\",\"later_key\":[1]}";

static void test_answer_is_found_by_step_and_attempt(void **state)
{
	(void)state;
	static const struct {
		const char *step;
		int attempt;
		const char *text, *origin;
	} rows[] = {
		{ "one", 1, "first\nline\n", "written by hand" }, { "one", 2, "second", "recorded" },
		{ "two", 1, "other", "recorded" },
	};
	write_answers(answers);
	struct llm *llm = llm_new();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct heard heard = { 0 };
		struct llm_result result;
		struct err err = { 0 };
		assert_ok(ask(llm, rows[i].step, rows[i].attempt, &heard, &result, &err), &err);
		assert_string_equal(buf_str(&heard.text), rows[i].text);
		assert_string_equal(result.origin, rows[i].origin);
		assert_string_equal(heard.origin, rows[i].origin);
		assert_int_equal(result.finish, LLM_STOP);
		forget(&heard);
	}
	llm_free(llm);
}

static void refuse(const char *text, const char *step, int attempt, const char *expected)
{
	struct llm *llm = llm_new();
	struct heard heard = { 0 };
	struct llm_result result;
	struct err err = { 0 };
	write_answers(text);
	assert_int_equal(ask(llm, step, attempt, &heard, &result, &err), -1);
	assert_int_equal(err.code, ERR_PROVIDER);
	assert_contains(err.msg, expected);
	assert_contains(err.msg, path);
	assert_int_equal(heard.text.len, 0);
	forget(&heard);
	llm_free(llm);
}

static void test_request_without_line_says_which(void **state)
{
	(void)state;
	refuse(answers, "three", 1, "step 'three', attempt 1");
	refuse(answers, "two", 2, "step 'two', attempt 2");
	refuse("", "one", 1, "step 'one', attempt 1");
}

static void test_bad_line_is_named_whatever_is_asked(void **state)
{
	(void)state;
	refuse("{\"step\":\"one\",\"text\":\"a\"}\n{\"step\":\"two\",\n", "one", 1, "line 2: ");
	refuse("{\"step\":\"one\",\"text\":\"a\"}\n[1]\n", "one", 1, "line 2: not a JSON object");
	refuse("{\"step\":\"one\"}\n", "one", 1, "line 1: 'text' is missing");
	refuse("{\"text\":\"a\"}\n", "one", 1, "line 1: 'step' is missing");
	refuse("\n\n{\"step\":\"one\",\"text\":\"a\",\"attempt\":0}\n", "one", 1, "line 3: 'attempt'");
	refuse("{\"step\":\"one\",\"text\":\"a\",\"tokens_per_second\":-1}\n", "one", 1, "line 1: 'tokens_per_second'");
	refuse("{\"step\":\"one\",\"text\":\"a\",\"origin\":1}\n", "one", 1, "line 1: 'origin'");
}

static void test_two_lines_for_one_request_are_refused(void **state)
{
	(void)state;
	refuse("{\"step\":\"one\",\"text\":\"a\"}\n{\"step\":\"one\",\"attempt\":1,\"text\":\"b\"}\n", "one", 1, "line 2: ");
}

static void test_missing_file_is_not_found(void **state)
{
	(void)state;
	struct recorded recorded;
	struct err err = { 0 };
	assert_int_equal(recorded_find("/nonexistent/answers.jsonl", "one", 1, &recorded, &err), -1);
	assert_int_equal(err.code, ERR_NOT_FOUND);
	assert_contains(err.msg, "/nonexistent/answers.jsonl");
}

/* Counts the pauses instead of waiting. */
static int64_t count_pause(void *arg, int64_t ms)
{
	*(int64_t *)arg += ms;
	return 0;
}

static void test_text_comes_at_its_speed(void **state)
{
	(void)state;
	int64_t waited_ms = 0;
	const struct llm_options options = { .pause = count_pause, .arg = &waited_ms };
	struct llm *llm = llm_new_with(&options);
	struct heard heard = { 0 };
	struct llm_result result;
	struct err err = { 0 };
	static const char text[] = "a b c d e f g h i j k l m n o p q r s t";
	struct buf line = { 0 };
	buf_printf(&line, "{\"step\":\"s\",\"text\":\"%s\",\"tokens_per_second\":10}\n", text);
	write_answers(buf_str(&line));
	buf_release(&line);
	assert_ok(ask(llm, "s", 1, &heard, &result, &err), &err);
	assert_string_equal(buf_str(&heard.text), text);
	assert_int_equal(heard.n_pieces, 20);
	assert_int_equal(waited_ms, 2000);
	forget(&heard);
	llm_free(llm);
}

static void test_cancel_cuts_a_slow_answer_short(void **state)
{
	(void)state;
	struct llm *llm = llm_new();
	struct heard heard = { .cancel_after = 1 };
	struct llm_result result;
	struct err err = { 0 };
	write_answers("{\"step\":\"s\",\"text\":\"{ one two\",\"tokens_per_second\":40}\n"
	              "{\"step\":\"t\",\"text\":\"one two\",\"tokens_per_second\":0.0001}\n");
	assert_int_equal(ask(llm, "s", 1, &heard, &result, &err), -1);
	assert_int_equal(err.code, ERR_CANCELLED);
	assert_string_equal(buf_str(&heard.text), "{ ");
	/* The token is still set: the next question ends before its first word, which is hours away. */
	assert_int_equal(ask(llm, "t", 1, &heard, &result, &err), -1);
	assert_int_equal(err.code, ERR_CANCELLED);
	forget(&heard);
	llm_free(llm);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answer_is_found_by_step_and_attempt),
		cmocka_unit_test(test_request_without_line_says_which),
		cmocka_unit_test(test_bad_line_is_named_whatever_is_asked),
		cmocka_unit_test(test_two_lines_for_one_request_are_refused),
		cmocka_unit_test(test_missing_file_is_not_found),
		cmocka_unit_test(test_text_comes_at_its_speed),
		cmocka_unit_test(test_cancel_cuts_a_slow_answer_short),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
