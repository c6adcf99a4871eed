/* The scheduler's rules, each as a table: a plan's steps, what has happened, and what must come next. */
#include "tests/unit.h"

#include "base/buf.h"
#include "base/xalloc.h"
#include "run/schedule.h"

#include <stdio.h>

#define MAX_STEPS 8

/* A step of a table: what it needs and what it must not run beside, as letters; and where it stands. */
struct row {
	const char *id;
	const char *need, *after;
	const char *state; /* NULL: pending; "skipped*": because of a failure; "done+": it changed a file */
	enum when when;
	enum on_fail on_fail;
	enum verb verb;
	const char *category;
	const char *made_by;
	bool is_each, is_group, left_out;
};

struct scene {
	struct plan_step step[MAX_STEPS];
	struct graph graph;
	struct run_model model;
	uint64_t seq;
	size_t n;
};

static size_t index_of(const struct row *row, size_t n, char letter)
{
	for (size_t i = 0; i < n; i++)
		if (row[i].id[0] == letter && !row[i].id[1])
			return i;
	fail_msg("no step '%c'", letter);
	return 0;
}

static size_t *letters(const struct row *row, size_t n, const char *text, size_t *n_out)
{
	*n_out = text ? strlen(text) : 0;
	size_t *list = xcalloc(*n_out, sizeof *list);
	for (size_t i = 0; i < *n_out; i++)
		list[i] = index_of(row, n, text[i]);
	return list;
}

static void apply(struct scene *scene, struct event event)
{
	struct err err;
	event.seq = ++scene->seq;
	assert_ok(run_model_apply(&scene->model, &event, &err), &err);
}

/* Brings a step to its state by the events that a run would tell. */
static void bring(struct scene *scene, const struct row *row)
{
	static const struct event_file file = { .path = "x", .change = EVENT_MODIFIED };
	const char *state = row->state ? row->state : "pending";
	struct event event = { .step = row->id, .attempt = 1 };
	if (strcmp(state, "pending") == 0)
		return;
	event.kind = EVENT_STEP_READY;
	apply(scene, event);
	if (strcmp(state, "ready") == 0)
		return;
	if (strcmp(state, "skipped") == 0) {
		event.kind = EVENT_STEP_SKIPPED;
		apply(scene, event);
		return;
	}
	event.kind = EVENT_STEP_STARTED;
	apply(scene, event);
	if (strcmp(state, "waiting") == 0 || strcmp(state, "declined") == 0) {
		event.kind = EVENT_APPROVAL_ASKED;
		event.request = "r";
		apply(scene, event);
	}
	if (strcmp(state, "landed") == 0 || strcmp(state, "done+") == 0 || strcmp(state, "taken_back") == 0) {
		event.kind = EVENT_LANDED;
		event.files = (struct event_files){ &file, 1 };
		apply(scene, event);
	}
	if (strcmp(state, "declined") == 0)
		event.kind = EVENT_APPROVAL_REFUSED;
	else if (strcmp(state, "cancelled") == 0)
		event.kind = EVENT_STEP_SKIPPED;
	else if (strncmp(state, "done", 4) == 0 || strcmp(state, "taken_back") == 0)
		event.kind = EVENT_STEP_DONE;
	else if (strcmp(state, "failed") == 0)
		event.kind = EVENT_STEP_FAILED;
	else
		return;
	event.category = row->category ? row->category : "check";
	apply(scene, event);
	if (strcmp(state, "taken_back") == 0)
		apply(scene, (struct event){ .kind = EVENT_TAKEN_BACK, .step_list = { &row->id, 1 } });
}

static void scene_init(struct scene *scene, const struct row *row, size_t n)
{
	*scene = (struct scene){ .n = n };
	run_model_init(&scene->model);
	apply(scene, (struct event){ .kind = EVENT_RUN_STARTED, .run = "r" });
	scene->graph.node = xcalloc(n, sizeof *scene->graph.node);
	scene->graph.n_nodes = n;
	for (size_t i = 0; i < n; i++) {
		struct graph_node *node = &scene->graph.node[i];
		scene->step[i] = (struct plan_step){ .id = (char *)(uintptr_t)row[i].id, .verb = row[i].verb,
			                             .when = row[i].when, .on_fail = row[i].on_fail };
		node->step = &scene->step[i];
		node->is_step = !row[i].is_group;
		node->is_each = row[i].is_each;
		node->selected = node->is_step && !row[i].left_out;
		node->made_by = row[i].made_by ? (int)index_of(row, n, row[i].made_by[0]) : -1;
		node->need = letters(row, n, row[i].need, &node->n_needs);
		node->after = letters(row, n, row[i].after, &node->n_after);
		if (node->is_step)
			apply(scene, (struct event){ .kind = EVENT_STEP_DECLARED, .step = row[i].id });
	}
	for (size_t i = 0; i < n; i++)
		if (!row[i].is_group)
			bring(scene, &row[i]);
}

static void scene_release(struct scene *scene)
{
	graph_release(&scene->graph);
	run_model_release(&scene->model);
}

/* "+a" starts a, "-b" skips b, "?c" says c is ready, "=d" closes d, "." finishes. */
static void describe(const struct scene *scene, const struct schedule_limits *limits, char out[64])
{
	static const char mark[] = { [ACTION_START] = '+', [ACTION_SKIP] = '-', [ACTION_READY] = '?', [ACTION_CLOSE] = '=' };
	struct action action[MAX_STEPS];
	size_t n = schedule(&scene->graph, &scene->model, limits, action, MAX_STEPS);
	char *to = out;
	for (size_t i = 0; i < n; i++)
		to += action[i].kind == ACTION_FINISH
		              ? sprintf(to, ".")
		              : sprintf(to, "%c%s", mark[action[i].kind], scene->step[action[i].node].id);
	*to = '\0';
}

#define CHECK(limits_, want, ...)                                                                       \
	do {                                                                                            \
		const struct row row_[] = { __VA_ARGS__ };                                              \
		struct schedule_limits limit_ = limits_;                                                \
		struct scene scene_;                                                                    \
		char got_[64];                                                                          \
		scene_init(&scene_, row_, sizeof row_ / sizeof *row_);                                  \
		describe(&scene_, &limit_, got_);                                                       \
		assert_string_equal(got_, want);                                                        \
		scene_release(&scene_);                                                                 \
	} while (0)

#define WORKERS(n) ((struct schedule_limits){ .n_workers = n })
#define PAUSED(n) ((struct schedule_limits){ .n_workers = 4, .paused = true, .n_single = n })
#define STOPPING ((struct schedule_limits){ .n_workers = 4, .stopping = true })

#define CHECK_EXIT(want, limit_reached, ...)                                                            \
	do {                                                                                            \
		const struct row row_[] = { __VA_ARGS__ };                                              \
		struct scene scene_;                                                                    \
		scene_init(&scene_, row_, sizeof row_ / sizeof *row_);                                  \
		assert_int_equal(schedule_exit(&scene_.graph, &scene_.model, limit_reached), want);     \
		scene_release(&scene_);                                                                 \
	} while (0)

static void test_steps_without_needs_start_in_file_order(void **state)
{
	(void)state;
	CHECK(WORKERS(4), "+a+b+c", { .id = "a" }, { .id = "b" }, { .id = "c" });
	CHECK(WORKERS(2), "+a+b?c", { .id = "a" }, { .id = "b" }, { .id = "c" });
	CHECK(WORKERS(2), "+a+b", { .id = "a" }, { .id = "b" }, { .id = "c", .state = "ready" });
	CHECK(WORKERS(4), ".", { .id = "a", .state = "done" });
	CHECK(WORKERS(4), ".", { .id = "g", .is_group = true });
}

static void test_a_step_waits_for_all_that_it_needs(void **state)
{
	(void)state;
	CHECK(WORKERS(4), "+a+b", { .id = "a" }, { .id = "b" }, { .id = "c", .need = "ab" });
	CHECK(WORKERS(4), "", { .id = "a", .state = "done" }, { .id = "b", .state = "running" },
	      { .id = "c", .need = "ab" });
	CHECK(WORKERS(4), "", { .id = "a", .state = "done" }, { .id = "b", .state = "landed" },
	      { .id = "c", .need = "ab" });
	CHECK(WORKERS(4), "+c", { .id = "a", .state = "done" }, { .id = "b", .state = "done" },
	      { .id = "c", .need = "ab" });
	CHECK(WORKERS(4), "+b", { .id = "a", .need = "b" }, { .id = "b" });
}

static void test_workers_are_held_by_running_and_checking_steps_only(void **state)
{
	(void)state;
	CHECK(WORKERS(1), "?b", { .id = "a", .state = "running" }, { .id = "b" });
	CHECK(WORKERS(1), "?b", { .id = "a", .state = "landed" }, { .id = "b" });
	CHECK(WORKERS(1), "+b", { .id = "a", .state = "waiting" }, { .id = "b" });
}

static void test_overlapping_writers_go_in_file_order(void **state)
{
	(void)state;
	CHECK(WORKERS(4), "+a?b", { .id = "a" }, { .id = "b", .after = "a" });
	CHECK(WORKERS(4), "", { .id = "a", .state = "waiting" }, { .id = "b", .after = "a", .state = "ready" });
	CHECK(WORKERS(4), "+b", { .id = "a", .state = "done" }, { .id = "b", .after = "a" });
	CHECK(WORKERS(4), "+b", { .id = "a", .state = "failed", .on_fail = ON_FAIL_CONTINUE },
	      { .id = "b", .after = "a" });
	CHECK(WORKERS(4), "+b", { .id = "a", .left_out = true }, { .id = "b", .after = "a" });
	/* What a step that is over came after may still run. */
	CHECK(WORKERS(4), "", { .id = "a", .state = "running" }, { .id = "b", .after = "a", .state = "skipped" },
	      { .id = "c", .after = "b", .state = "ready" });
	/* The earlier one waits for a step that itself waits: the later overlapping one waits for both. */
	CHECK(WORKERS(4), "+c?b", { .id = "c" }, { .id = "a", .need = "c" }, { .id = "b", .after = "a" });
}

static void test_needs_against_file_order_do_not_lock_up(void **state)
{
	(void)state;
	CHECK(WORKERS(4), "?b", { .id = "a", .need = "b" }, { .id = "b", .after = "a" });
	CHECK(WORKERS(4), "+b", { .id = "a", .need = "b" }, { .id = "b", .after = "a", .state = "ready" });
	CHECK(WORKERS(4), "+b", { .id = "a", .need = "c" }, { .id = "b", .after = "a", .state = "ready" },
	      { .id = "c", .after = "b", .state = "ready" });
}

static void test_commands_run_one_at_a_time(void **state)
{
	(void)state;
	CHECK(WORKERS(4), "+a?b+c", { .id = "a", .verb = VERB_RUN }, { .id = "b", .verb = VERB_VALIDATE },
	      { .id = "c", .verb = VERB_READ });
	CHECK(WORKERS(4), "+b", { .id = "a", .verb = VERB_RUN, .state = "done" }, { .id = "b", .verb = VERB_RUN });
}

static void test_a_pause_holds_all_but_single_steps(void **state)
{
	(void)state;
	CHECK(PAUSED(0), "?a?b", { .id = "a" }, { .id = "b" });
	CHECK(PAUSED(0), "", { .id = "a", .state = "ready" });
	CHECK(PAUSED(1), "+a?b", { .id = "a" }, { .id = "b" });
	CHECK(PAUSED(0), ".", { .id = "a", .state = "done" });
}

static void test_a_stop_ends_the_run_once_nothing_is_busy(void **state)
{
	(void)state;
	CHECK(STOPPING, "", { .id = "a", .state = "running" }, { .id = "b" });
	CHECK(STOPPING, ".", { .id = "a", .state = "cancelled" }, { .id = "b" });
}

static void test_on_fail_stop_starts_nothing_new(void **state)
{
	(void)state;
	CHECK(WORKERS(4), ".", { .id = "a", .state = "failed" }, { .id = "b" }, { .id = "c", .need = "a" });
	CHECK(WORKERS(4), "", { .id = "a", .state = "failed" }, { .id = "b", .state = "running" }, { .id = "c" });
	CHECK(WORKERS(4), ".", { .id = "a", .state = "declined" }, { .id = "b" });
	CHECK(WORKERS(4), ".", { .id = "a", .state = "failed", .on_fail = ON_FAIL_ROLLBACK }, { .id = "b" });
}

static void test_on_fail_continue_skips_only_dependants(void **state)
{
	(void)state;
	CHECK(WORKERS(4), "+b-c", { .id = "a", .state = "failed", .on_fail = ON_FAIL_CONTINUE }, { .id = "b" },
	      { .id = "c", .need = "a" });
	CHECK(WORKERS(4), "-d", { .id = "a", .state = "failed", .on_fail = ON_FAIL_SKIP_DEPENDANTS },
	      { .id = "c", .need = "a", .state = "skipped" }, { .id = "d", .need = "c" });
	CHECK(WORKERS(4), "+d", { .id = "a", .state = "done" }, { .id = "c", .need = "a", .state = "skipped" },
	      { .id = "d", .need = "c" });
}

static void test_when_changed_looks_at_the_needs(void **state)
{
	(void)state;
	CHECK(WORKERS(4), "-b", { .id = "a", .state = "done" }, { .id = "b", .need = "a", .when = WHEN_CHANGED });
	CHECK(WORKERS(4), "+b", { .id = "a", .state = "done+" }, { .id = "b", .need = "a", .when = WHEN_CHANGED });
	CHECK(WORKERS(4), "-b", { .id = "a", .state = "failed", .on_fail = ON_FAIL_CONTINUE },
	      { .id = "b", .need = "a", .when = WHEN_CHANGED });
}

static void test_when_failed_runs_after_a_failure_only(void **state)
{
	(void)state;
	CHECK(WORKERS(4), "-b", { .id = "a", .state = "done" }, { .id = "b", .need = "a", .when = WHEN_FAILED });
	CHECK(WORKERS(4), "+b", { .id = "a", .state = "failed" }, { .id = "b", .need = "a", .when = WHEN_FAILED });
	CHECK(WORKERS(4), "", { .id = "a", .state = "running" }, { .id = "b", .need = "a", .when = WHEN_FAILED });
	/* What it needs never began, because the plan stopped. */
	CHECK(WORKERS(4), "+b", { .id = "x", .state = "failed" }, { .id = "a", .need = "x" },
	      { .id = "b", .need = "a", .when = WHEN_FAILED });
	/* The plan stopped elsewhere; what it needs still runs. */
	CHECK(WORKERS(4), "", { .id = "x", .state = "failed" }, { .id = "a", .state = "running" },
	      { .id = "b", .need = "a", .when = WHEN_FAILED });
	CHECK(WORKERS(4), "+a", { .id = "a" }, { .id = "b", .when = WHEN_FAILED });
	CHECK(WORKERS(4), "-b", { .id = "a", .state = "done" }, { .id = "b", .when = WHEN_FAILED });
	CHECK(WORKERS(4), "+b", { .id = "a", .state = "failed" }, { .id = "b", .when = WHEN_FAILED });
}

static void test_when_always_runs_whatever_happened(void **state)
{
	(void)state;
	CHECK(WORKERS(4), "+b", { .id = "a", .state = "failed" }, { .id = "b", .need = "a", .when = WHEN_ALWAYS });
	CHECK(WORKERS(4), "+b", { .id = "a", .state = "done" }, { .id = "b", .need = "a", .when = WHEN_ALWAYS });
	CHECK(WORKERS(4), "+b", { .id = "x", .state = "failed" }, { .id = "a", .need = "x" },
	      { .id = "b", .need = "a", .when = WHEN_ALWAYS });
	CHECK(WORKERS(4), "+b", { .id = "x", .state = "failed" }, { .id = "b", .need = "x", .when = WHEN_ALWAYS },
	      { .id = "c", .need = "b", .when = WHEN_ALWAYS });
}

static void test_dependants_of_a_step_taken_back_are_skipped(void **state)
{
	(void)state;
	CHECK(WORKERS(4), "-b+c", { .id = "a", .state = "taken_back" }, { .id = "b", .need = "a" }, { .id = "c" });
}

static void test_an_each_ends_with_its_members(void **state)
{
	(void)state;
	CHECK(WORKERS(1), "+a?b", { .id = "e", .is_each = true, .state = "running" }, { .id = "a", .made_by = "e" },
	      { .id = "b", .made_by = "e" });
	CHECK(WORKERS(4), "", { .id = "e", .is_each = true, .state = "running" },
	      { .id = "a", .made_by = "e", .state = "running" });
	CHECK(WORKERS(4), "=e", { .id = "e", .is_each = true, .state = "running" },
	      { .id = "a", .made_by = "e", .state = "done" });
	CHECK(WORKERS(4), "=e", { .id = "e", .is_each = true, .state = "running" });
	CHECK(WORKERS(4), "=e", { .id = "e", .is_each = true, .state = "running" },
	      { .id = "a", .made_by = "e", .state = "failed" },
	      { .id = "b", .made_by = "e" });
	CHECK(STOPPING, "=e", { .id = "e", .is_each = true, .state = "running" },
	      { .id = "a", .made_by = "e" });
	CHECK(WORKERS(4), "", { .id = "e", .is_each = true, .state = "running" },
	      { .id = "a", .made_by = "e", .state = "running" }, { .id = "z", .need = "e" });
}

static void test_exit_says_the_worst_of_what_happened(void **state)
{
	(void)state;
	CHECK_EXIT(0, false, { .id = "a", .state = "done" }, { .id = "b", .state = "skipped" });
	CHECK_EXIT(1, false, { .id = "a", .state = "done" }, { .id = "b", .state = "failed" });
	CHECK_EXIT(1, false, { .id = "a", .state = "failed", .on_fail = ON_FAIL_CONTINUE },
	      { .id = "b", .state = "done" });
	CHECK_EXIT(0, false, { .id = "a", .state = "failed", .on_fail = ON_FAIL_SKIP_DEPENDANTS },
	      { .id = "b", .need = "a", .state = "skipped" });
	CHECK_EXIT(1, false, { .id = "a", .state = "failed", .on_fail = ON_FAIL_SKIP_DEPENDANTS },
	      { .id = "b", .state = "failed" });
	CHECK_EXIT(1, false, { .id = "a", .state = "failed", .on_fail = ON_FAIL_SKIP_DEPENDANTS }, { .id = "b" });
	CHECK_EXIT(3, false, { .id = "a", .state = "declined" }, { .id = "b" });
	CHECK_EXIT(3, false, { .id = "a", .state = "cancelled" }, { .id = "b", .state = "failed" });
	CHECK_EXIT(3, false, { .id = "a", .state = "done" }, { .id = "b" });
	CHECK_EXIT(7, false, { .id = "a", .state = "waiting" }, { .id = "b", .state = "failed" });
	CHECK_EXIT(75, false, { .id = "a", .state = "failed", .category = "transport" }, { .id = "b" });
	CHECK_EXIT(1, false, { .id = "a", .state = "failed", .category = "transport" },
	      { .id = "b", .state = "failed" });
	CHECK_EXIT(6, true, { .id = "a", .state = "failed", .category = "limit" }, { .id = "b" });
	CHECK_EXIT(1, false, { .id = "a", .state = "failed", .category = "limit" }, { .id = "b" });
	CHECK_EXIT(6, true, { .id = "a", .state = "done" }, { .id = "b" });
	CHECK_EXIT(0, false, { .id = "a", .state = "done" }, { .id = "b", .left_out = true });
}

static void test_rollback_is_wanted_by_the_failed_step_alone(void **state)
{
	(void)state;
	const struct row failed[] = { { .id = "a", .state = "failed", .on_fail = ON_FAIL_ROLLBACK } };
	const struct row fine[] = { { .id = "a", .state = "done", .on_fail = ON_FAIL_ROLLBACK },
	      { .id = "b", .state = "failed" } };
	struct scene scene;
	scene_init(&scene, failed, 1);
	assert_true(schedule_wants_rollback(&scene.graph, &scene.model));
	scene_release(&scene);
	scene_init(&scene, fine, 2);
	assert_false(schedule_wants_rollback(&scene.graph, &scene.model));
	scene_release(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_steps_without_needs_start_in_file_order),
		cmocka_unit_test(test_a_step_waits_for_all_that_it_needs),
		cmocka_unit_test(test_workers_are_held_by_running_and_checking_steps_only),
		cmocka_unit_test(test_overlapping_writers_go_in_file_order),
		cmocka_unit_test(test_needs_against_file_order_do_not_lock_up),
		cmocka_unit_test(test_commands_run_one_at_a_time),
		cmocka_unit_test(test_a_pause_holds_all_but_single_steps),
		cmocka_unit_test(test_a_stop_ends_the_run_once_nothing_is_busy),
		cmocka_unit_test(test_on_fail_stop_starts_nothing_new),
		cmocka_unit_test(test_on_fail_continue_skips_only_dependants),
		cmocka_unit_test(test_when_changed_looks_at_the_needs),
		cmocka_unit_test(test_when_failed_runs_after_a_failure_only),
		cmocka_unit_test(test_when_always_runs_whatever_happened),
		cmocka_unit_test(test_dependants_of_a_step_taken_back_are_skipped),
		cmocka_unit_test(test_an_each_ends_with_its_members),
		cmocka_unit_test(test_exit_says_the_worst_of_what_happened),
		cmocka_unit_test(test_rollback_is_wanted_by_the_failed_step_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
