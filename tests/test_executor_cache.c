/* Answers that are used again: runs that ask a server once, and then nobody. */
#include "tests/unit.h"

#include "base/xalloc.h"
#include "tests/fake_server.h"
#include "tests/scene.h"

#include <stdio.h>

#define PLAN "belay: 1\nretry: { tries: 1, first: 1ms, max: 2ms }\nsteps:\n  - { id: a, refactor: a.c, prompt: Longer. }\n"
#define WARM "belay: 1\nmodel: { temperature: 0.7 }\nsteps:\n  - { id: a, refactor: a.c, prompt: Longer. }\n"
#define BEFORE "int a;\nint b;\nint c;\n"
#define BLOCK(old, new) "a.c\\n<<<<<<< SEARCH\\n" old "\\n=======\\n" new "\\n>>>>>>> REPLACE\\n"
#define CHAT(text) "{\"chat\": \"" text "\", \"usage\": {\"prompt_tokens\": 100, \"completion_tokens\": 20}}\n"
#define GOOD CHAT(BLOCK("int a;", "long a;"))

/* Several runs of the same question: one server, one cache, a fresh tree for each. */
struct series {
	struct fake_server *server;
	char *cache; /* scratch; owned */
	struct scene scene;
};

static void set(char **to, const char *value)
{
	free(*to);
	*to = xstrdup(value);
}

static void series_begin(struct series *series, const char *script)
{
	struct err err = { 0 };
	series->cache = scratch_make();
	assert_ok(fake_server_start(&series->server, script, 0, &err), &err);
}

static void series_end(struct series *series)
{
	fake_server_stop(series->server);
	scratch_remove(series->cache);
}

static int run(struct series *series, const char *plan, enum cache_mode mode)
{
	struct scene *scene = &series->scene;
	scene_init(scene, plan);
	setenv("XDG_CACHE_HOME", series->cache, 1);
	scratch_write(scene->tree, "a.c", BEFORE);
	struct provider *provider = config_add_provider(scene->config, "server");
	provider->kind = PROVIDER_OPENAI_CHAT;
	set(&provider->url, fake_server_url(series->server));
	set(&provider->model, "m1");
	strings_release(&scene->config->use);
	strings_add(&scene->config->use, "server");
	scene->options.cache = mode;
	return scene_run(scene);
}

static void expect_file(struct series *series, const char *text)
{
	scene_assert_file(&series->scene, "a.c", text);
	scene_release(&series->scene);
}

static void test_the_same_question_is_asked_once(void **state)
{
	(void)state;
	struct series series;
	series_begin(&series, GOOD);
	assert_int_equal(run(&series, PLAN, CACHE_DEFAULT), 0);
	assert_false(scene_find(&series.scene, EVENT_PROMPT_SENT, "a")->cached);
	expect_file(&series, "long a;\nint b;\nint c;\n");
	assert_int_equal(run(&series, PLAN, CACHE_DEFAULT), 0);
	const struct event *sent = scene_find(&series.scene, EVENT_PROMPT_SENT, "a");
	assert_true(sent->cached);
	assert_string_equal(sent->model, "m1");
	assert_int_equal(scene_count(&series.scene, EVENT_USAGE_COUNTED, NULL), 0);
	assert_int_equal(scene_last(&series.scene, EVENT_RUN_FINISHED, NULL)->tokens, 0);
	expect_file(&series, "long a;\nint b;\nint c;\n");
	assert_int_equal(fake_server_n_requests(series.server), 1);
	series_end(&series);
}

static void test_only_runs_without_a_server_and_says_what_is_missing(void **state)
{
	(void)state;
	struct series series;
	series_begin(&series, GOOD);
	assert_int_equal(run(&series, PLAN, CACHE_ONLY), 1);
	assert_contains(scene_find(&series.scene, EVENT_STEP_FAILED, "a")->message, "the cache has no answer");
	expect_file(&series, BEFORE);
	assert_int_equal(fake_server_n_connections(series.server), 0);
	assert_int_equal(run(&series, PLAN, CACHE_DEFAULT), 0);
	scene_release(&series.scene);
	assert_int_equal(run(&series, PLAN, CACHE_ONLY), 0);
	expect_file(&series, "long a;\nint b;\nint c;\n");
	assert_int_equal(fake_server_n_requests(series.server), 1);
	series_end(&series);
}

static void test_off_and_refresh_ask_again(void **state)
{
	(void)state;
	struct series series;
	series_begin(&series, GOOD CHAT(BLOCK("int a;", "char a;")) CHAT(BLOCK("int a;", "short a;")));
	assert_int_equal(run(&series, PLAN, CACHE_OFF), 0);
	scene_release(&series.scene);
	assert_int_equal(run(&series, PLAN, CACHE_DEFAULT), 0); /* nothing was kept */
	expect_file(&series, "char a;\nint b;\nint c;\n");
	assert_int_equal(run(&series, PLAN, CACHE_REFRESH), 0);
	expect_file(&series, "short a;\nint b;\nint c;\n");
	assert_int_equal(run(&series, PLAN, CACHE_DEFAULT), 0);
	expect_file(&series, "short a;\nint b;\nint c;\n");
	assert_int_equal(fake_server_n_requests(series.server), 3);
	series_end(&series);
}

/* The first answer has one good edit and one that matches nothing; the second only puts that right. */
static void test_what_several_answers_had_right_is_kept_as_one(void **state)
{
	(void)state;
	struct series series;
	series_begin(&series, CHAT(BLOCK("int a;", "long a;") BLOCK("int x;", "long x;")) CHAT(BLOCK("int b;", "long b;")));
	assert_int_equal(run(&series, PLAN, CACHE_DEFAULT), 0);
	assert_int_equal(scene_count(&series.scene, EVENT_STEP_STARTED, "a"), 2);
	expect_file(&series, "long a;\nlong b;\nint c;\n");
	assert_contains(fake_server_request(series.server, 1), "The other edits are kept");
	assert_int_equal(run(&series, PLAN, CACHE_ONLY), 0);
	assert_int_equal(scene_count(&series.scene, EVENT_STEP_STARTED, "a"), 1);
	expect_file(&series, "long a;\nlong b;\nint c;\n");
	series_end(&series);
}

static void test_an_answer_that_a_check_refused_is_not_kept(void **state)
{
	(void)state;
	static const char plan[] =
		"belay: 1\nchecks: { no-long: { run: [sh, -c, '! grep long a.c'] } }\nsteps:\n"
		"  - { id: a, refactor: a.c, prompt: Longer., checks: [no-long], attempts: 1 }\n";
	struct series series;
	series_begin(&series, GOOD CHAT(BLOCK("int a;", "char a;")));
	assert_int_equal(run(&series, plan, CACHE_DEFAULT), 1);
	expect_file(&series, BEFORE);
	assert_int_equal(run(&series, plan, CACHE_DEFAULT), 0);
	expect_file(&series, "char a;\nint b;\nint c;\n");
	assert_int_equal(fake_server_n_requests(series.server), 2);
	series_end(&series);
}

static void test_answers_of_chance_are_used_again_only_when_asked_for(void **state)
{
	(void)state;
	struct series series;
	series_begin(&series, GOOD GOOD);
	assert_int_equal(run(&series, WARM, CACHE_DEFAULT), 0);
	scene_release(&series.scene);
	assert_int_equal(run(&series, WARM, CACHE_DEFAULT), 0);
	scene_release(&series.scene);
	assert_int_equal(fake_server_n_requests(series.server), 2);
	assert_int_equal(run(&series, WARM, CACHE_USE), 0);
	scene_release(&series.scene);
	assert_int_equal(run(&series, WARM, CACHE_ONLY), 0);
	scene_release(&series.scene);
	assert_int_equal(fake_server_n_requests(series.server), 2);
	series_end(&series);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_same_question_is_asked_once),
		cmocka_unit_test(test_only_runs_without_a_server_and_says_what_is_missing),
		cmocka_unit_test(test_off_and_refresh_ask_again),
		cmocka_unit_test(test_what_several_answers_had_right_is_kept_as_one),
		cmocka_unit_test(test_an_answer_that_a_check_refused_is_not_kept),
		cmocka_unit_test(test_answers_of_chance_are_used_again_only_when_asked_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
