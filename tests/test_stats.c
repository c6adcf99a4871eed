#include "tests/unit.h"

#include "base/json.h"
#include "event/stats.h"
#include "event/trace.h"
#include "tui/stats_text.h"

#include <stdio.h>

#define AT(ms, what, ...) { .at_ms = (ms), .kind = EVENT_##what, .run = "00c0ffee", __VA_ARGS__ }
#define OF(ms, id, what, ...) AT(ms, what, .step = (id), .attempt = 1, __VA_ARGS__)

static const struct event_file landed_file = { .path = "a", .change = EVENT_CREATED,
	                                       .after = { .present = true, .bytes = 700 } };

/* One step that asks a model twice and lands; one that fails; the run is stopped for a day in between. */
static const struct event story[] = {
	AT(1000, RUN_STARTED, .plan = "p.yaml", .mode = "run"),
	AT(1000, STEP_DECLARED, .step = "ask", .verb = "refactor"),
	AT(1000, STEP_DECLARED, .step = "try", .verb = "run"),
	AT(1000, STEP_READY, .step = "ask"),
	OF(1010, "ask", STEP_STARTED, ),
	OF(1012, "ask", FILE_READ, .path = "a", .bytes = 500),
	OF(1015, "ask", PROMPT_SENT, .model = "m"),
	OF(1020, "ask", PHASE_CHANGED, .phase = "connecting"),
	OF(1050, "ask", RETRY_SCHEDULED, .reason = "503"),
	OF(1250, "ask", PHASE_CHANGED, .phase = "streaming"),
	OF(1750, "ask", USAGE_COUNTED, .tokens_in = 10, .tokens_out = 100, .usd = 0.5),
	OF(1750, "ask", CHANGE_PROPOSED, .files = { &landed_file, 1 }),
	OF(1760, "ask", APPROVAL_ASKED, .request = "1"),
	OF(1860, "ask", APPROVAL_GIVEN, .request = "1"),
	OF(1870, "ask", LANDED, .files = { &landed_file, 1 }),
	OF(1870, "ask", CHECK_STARTED, .check = "cc"),
	OF(1900, "ask", CHECK_FINISHED, .check = "cc", .cached = true),
	OF(1901, "ask", STEP_DONE, .cpu_us = 2500, .syncs = 9),
	AT(86400000, RUN_RESUMED, .at = 18),
	OF(86400000, "try", STEP_STARTED, ),
	OF(86400040, "try", STEP_FAILED, .category = "check", .message = "exit 1", .cpu_us = 500, .syncs = 1),
	AT(86400041, NOTICE, .category = "ok", .message = "good news"),
	AT(86400042, RUN_FINISHED, .exit_code = 1),
};
#define N_STORY (sizeof story / sizeof *story)

static void take_story(struct run_stats *stats, size_t n)
{
	run_stats_init(stats);
	for (size_t i = 0; i < n; i++)
		run_stats_take(stats, &story[i]);
}

static void test_the_time_of_a_step_is_cut_into_what_it_was_spent_on(void **state)
{
	(void)state;
	struct run_stats stats;
	take_story(&stats, N_STORY);
	const struct stats_sum *sum = &stats.step[0]->sum;
	assert_int_equal(sum->span_ms[SPAN_QUEUED], 10);
	assert_int_equal(sum->span_ms[SPAN_WORKING], 10 + 1);
	assert_int_equal(sum->span_ms[SPAN_CONNECTING], 30);
	assert_int_equal(sum->span_ms[SPAN_RETRYING], 200);
	assert_int_equal(sum->span_ms[SPAN_STREAMING], 500);
	assert_int_equal(sum->span_ms[SPAN_LANDING], 10 + 10);
	assert_int_equal(sum->span_ms[SPAN_ASKING], 100);
	assert_int_equal(sum->span_ms[SPAN_CHECKING], 30);
	assert_int_equal(sum->wall_ms, 1901 - 1010);
	run_stats_release(&stats);
}

static void test_a_step_has_what_its_events_say(void **state)
{
	(void)state;
	struct run_stats stats;
	take_story(&stats, N_STORY);
	const struct step_stats *step = stats.step[0];
	assert_string_equal(step->id, "ask");
	assert_string_equal(step->state, "done");
	assert_int_equal(step->sum.cpu_us, 2500);
	assert_int_equal(step->sum.syncs, 9);
	assert_int_equal(step->sum.bytes_read, 500);
	assert_int_equal(step->sum.bytes_written, 700);
	assert_int_equal(step->sum.n_retries, 1);
	assert_int_equal(step->sum.n_cached_checks, 1);
	assert_int_equal(step->sum.n_cached_answers, 0);
	assert_true(stats_tokens_per_second(&step->sum) == 200.0);
	assert_string_equal(stats.step[1]->state, "failed");
	run_stats_release(&stats);
}

static void test_the_time_between_stop_and_resume_is_nobodys(void **state)
{
	(void)state;
	struct run_stats stats;
	take_story(&stats, N_STORY);
	assert_int_equal(stats.wall_ms, 901 + 42);
	assert_int_equal(stats.exit_code, 1);
	run_stats_release(&stats);
}

static void test_errors_are_counted_by_category_and_good_news_is_none(void **state)
{
	(void)state;
	struct run_stats stats;
	take_story(&stats, N_STORY);
	assert_int_equal((uintptr_t)map_get(&stats.n_errors, "transport"), 1);
	assert_int_equal((uintptr_t)map_get(&stats.n_errors, "check"), 1);
	assert_int_equal(stats.n_errors.n_live, 2);
	run_stats_release(&stats);
}

static void test_a_run_that_stopped_anywhere_has_figures(void **state)
{
	(void)state;
	for (size_t n = 0; n < N_STORY; n++) {
		struct run_stats stats;
		struct buf text = { 0 };
		take_story(&stats, n);
		assert_int_equal(stats.exit_code, -1);
		stats_put_text(&text, &stats);
		assert_contains(buf_str(&text), "open");
		buf_release(&text);
		run_stats_release(&stats);
	}
}

static struct json *trace_of(size_t n)
{
	struct buf text = { 0 };
	struct trace trace;
	struct json *root;
	struct err err = { 0 };
	trace_init(&trace, &text);
	for (size_t i = 0; i < n; i++)
		trace_take(&trace, &story[i]);
	trace_finish(&trace);
	assert_ok(json_parse(&root, text.data, text.len, &err), &err);
	buf_release(&text);
	return root;
}

/* The record of a slice; NULL when there is none. */
static const struct json *slice(const struct json *root, const char *name)
{
	for (size_t i = 0; i < json_len(root); i++) {
		const struct json *record = json_at(root, i);
		if (strcmp(json_get_str(record, "ph"), "X") == 0 && strcmp(json_get_str(record, "name"), name) == 0)
			return record;
	}
	return NULL;
}

static void test_a_trace_is_whole_json_wherever_the_run_ended(void **state)
{
	(void)state;
	for (size_t n = 0; n <= N_STORY; n++) {
		struct json *root = trace_of(n);
		assert_int_equal(json_kind(root), JSON_IS_ARRAY);
		json_free(root);
	}
}

static void test_a_trace_has_steps_and_in_them_where_the_time_went(void **state)
{
	(void)state;
	struct json *root = trace_of(N_STORY);
	const struct json *step = slice(root, "ask");
	const struct json *streaming = slice(root, "streaming");
	assert_non_null(step);
	assert_non_null(streaming);
	assert_int_equal(json_get_int(step, "ts", -1), 10000);
	assert_int_equal(json_get_int(step, "dur", -1), 891000);
	assert_int_equal(json_get_int(json_get(step, "args"), "cpu_us", -1), 2500);
	assert_int_equal(json_get_int(streaming, "dur", -1), 500000);
	assert_int_equal(json_get_int(streaming, "tid", -1), json_get_int(step, "tid", -2));
	json_free(root);
}

static void test_a_step_that_was_cut_off_ends_where_the_journal_does(void **state)
{
	(void)state;
	struct json *root = trace_of(11); /* up to its tokens */
	const struct json *step = slice(root, "ask");
	assert_non_null(step);
	assert_string_equal(json_get_str(json_get(step, "args"), "state"), "open");
	assert_int_equal(json_get_int(step, "dur", -1), 740000);
	json_free(root);
}

static void add_run(struct stats_history *history, int64_t wall_ms)
{
	struct run_stats stats = { .wall_ms = wall_ms };
	stats_history_add(history, &stats);
}

static void test_runs_of_a_plan_have_a_median_and_a_trend(void **state)
{
	(void)state;
	static const int64_t wall_ms[] = { 100, 300, 200, 400, 600, 500 };
	struct stats_history history = { .n_runs = 0 };
	struct buf text = { 0 };
	struct err err = { 0 };
	struct json *root;
	double value;
	for (size_t i = 0; i < sizeof wall_ms / sizeof *wall_ms; i++)
		add_run(&history, wall_ms[i]);
	struct json_writer w = { .out = &text };
	json_begin_object(&w);
	stats_put_history_json(&w, &history);
	json_end_object(&w);
	assert_ok(json_parse(&root, text.data, text.len, &err), &err);
	const struct json *wall = json_get(json_get(root, "history"), "wall_ms");
	assert_int_equal(json_as_real(json_get(wall, "median"), &value), 0);
	assert_true(value == 350.0);
	assert_int_equal(json_get_int(wall, "newest", -1), 500);
	assert_int_equal(json_as_real(json_get(wall, "trend"), &value), 0);
	assert_true(value == 2.5);
	json_free(root);
	buf_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_time_of_a_step_is_cut_into_what_it_was_spent_on),
		cmocka_unit_test(test_a_step_has_what_its_events_say),
		cmocka_unit_test(test_the_time_between_stop_and_resume_is_nobodys),
		cmocka_unit_test(test_errors_are_counted_by_category_and_good_news_is_none),
		cmocka_unit_test(test_a_run_that_stopped_anywhere_has_figures),
		cmocka_unit_test(test_a_trace_is_whole_json_wherever_the_run_ended),
		cmocka_unit_test(test_a_trace_has_steps_and_in_them_where_the_time_went),
		cmocka_unit_test(test_a_step_that_was_cut_off_ends_where_the_journal_does),
		cmocka_unit_test(test_runs_of_a_plan_have_a_median_and_a_trend),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
