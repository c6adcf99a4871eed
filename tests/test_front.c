#include "tests/unit.h"

#include "tests/feed_script.h"
#include "tui/json_out.h"
#include "tui/plain.h"

#include <unistd.h>

#define BLOB "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define EACH(n, what) .seq = n, .at_ms = n, .run = "00c0ffee", .kind = EVENT_##what

static const struct event story[] = {
	{ EACH(1, RUN_STARTED), .plan = "a.yaml", .mode = "run" },
	{ EACH(2, STEP_DECLARED), .step = "one", .verb = "write", .title = "write a \033[31mfile" },
	{ EACH(3, STEP_STARTED), .step = "one", .attempt = 1 },
	{ EACH(4, CHANGE_PROPOSED), .step = "one", .text = { NULL, 6, BLOB } },
	{ EACH(5, APPROVAL_ASKED), .step = "one", .risk = "high", .what = "rm x", .request = "r1" },
	{ EACH(6, APPROVAL_GIVEN), .step = "one", .request = "r1", .by = "person" },
	{ EACH(7, LANDED), .step = "one" },
	{ EACH(8, STEP_DONE), .step = "one" },
	{ EACH(9, RUN_FINISHED), .exit_code = 0 },
};
#define N_STORY (sizeof story / sizeof *story)

struct seen {
	struct feed_script script;
	char out[8192];
	char err[8192];
	int code;
};

static void slurp(int fd, char *out, size_t room)
{
	ssize_t n = read(fd, out, room - 1);
	out[n > 0 ? n : 0] = '\0';
	close(fd);
}

/* Shows the story; `typed` is what answers it. Both outputs are small enough for a pipe. */
static void play(struct seen *seen, bool json, const char *typed)
{
	int in[2], out[2], err[2];
	assert_int_equal(pipe(in) | pipe(out) | pipe(err), 0);
	assert_int_equal(write(in[1], typed, strlen(typed)), (ssize_t)strlen(typed));
	close(in[1]);
	feed_script_init(&seen->script, story, N_STORY, 5);
	seen->script.blob = "+hello\n";
	if (json) {
		struct json_out_options options = { .out_fd = out[1], .approve_fd = in[0], .signal_fd = -1 };
		seen->code = json_out_run(&seen->script.feed, &options);
	} else {
		struct plain_options options = {
			.out_fd = out[1], .err_fd = err[1], .in_fd = in[0], .signal_fd = -1, .interactive = true,
		};
		seen->code = plain_run(&seen->script.feed, &options);
	}
	close(in[0]);
	close(out[1]);
	close(err[1]);
	slurp(out[0], seen->out, sizeof seen->out);
	slurp(err[0], seen->err, sizeof seen->err);
}

static void test_json_ends_with_the_result_and_holds_texts_whole(void **state)
{
	struct seen seen;
	(void)state;
	play(&seen, true, "no json\n{\"request\":\"r1\",\"answer\":\"yes\",\"reason\":\"fine\"}\n");
	assert_int_equal(seen.code, 0);
	assert_int_equal(seen.script.n_sent, 1);
	assert_int_equal(seen.script.sent[0]->kind, COMMAND_APPROVE);
	assert_string_equal(seen.script.sent[0]->request, "r1");
	assert_contains(seen.out, "\"patch\":\"+hello\\n\"");
	seen.out[strlen(seen.out) - 1] = '\0';
	assert_contains(strrchr(seen.out, '\n'), "\"type\":\"result\"");
	assert_null(strstr(seen.out, "\"type\":\"run_finished\""));
	feed_script_release(&seen.script);
}

static void test_plain_approves_only_by_the_steps_number_or_id(void **state)
{
	static const char *const yes[] = { "1\n", "one\n" };
	static const char *const no[] = { "y\n", "n\n", "\n", "2\n" };
	struct seen seen;
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		play(&seen, false, yes[i]);
		assert_int_equal(seen.script.sent[0]->kind, COMMAND_APPROVE);
		feed_script_release(&seen.script);
	}
	for (size_t i = 0; i < 4; i++) {
		play(&seen, false, no[i]);
		assert_int_equal(seen.script.sent[0]->kind, COMMAND_REFUSE);
		feed_script_release(&seen.script);
	}
}

static void test_the_end_of_the_answers_is_told_to_the_run(void **state)
{
	struct seen seen;
	(void)state;
	for (int json = 0; json <= 1; json++) {
		play(&seen, json, "");
		assert_int_equal(seen.script.n_sent, 1);
		assert_int_equal(seen.script.sent[0]->kind, COMMAND_DETACH);
		feed_script_release(&seen.script);
	}
}

static void test_plain_prints_the_diff_as_data_and_tells_the_way_back(void **state)
{
	struct seen seen;
	(void)state;
	play(&seen, false, "1\n");
	assert_int_equal(seen.code, 0);
	assert_string_equal(seen.out, "+hello\n");
	assert_contains(seen.err, "undo:   belay undo 00c0ffee --all");
	assert_null(strchr(seen.err, '\033'));
	feed_script_release(&seen.script);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json_ends_with_the_result_and_holds_texts_whole),
		cmocka_unit_test(test_plain_approves_only_by_the_steps_number_or_id),
		cmocka_unit_test(test_the_end_of_the_answers_is_told_to_the_run),
		cmocka_unit_test(test_plain_prints_the_diff_as_data_and_tells_the_way_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
