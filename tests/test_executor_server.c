/* Runs that ask a server on loopback: what it counts, what it refuses, what it must not see in our records. */
#include "tests/unit.h"

#include "base/xalloc.h"
#include "event/event_json.h"
#include "io/habits.h"
#include "tests/fake_server.h"
#include "tests/scene.h"

#include <stdio.h>

#define ONE_FILE "belay: 1\nretry: { tries: 2, first: 1ms, max: 2ms }\nsteps:\n  - { id: a, write: a.txt, prompt: A. }\n"
#define FILE_ANSWER "FILE abcdef012345 a.txt\\nx\\nEND abcdef012345\\n"

static void set(char **to, const char *value)
{
	free(*to);
	*to = xstrdup(value);
}

/* The provider "server" comes first in line. */
static struct fake_server *server_scene(struct scene *scene, const char *plan, const char *script)
{
	struct fake_server *server;
	struct err err = { 0 };
	scene_init(scene, plan);
	assert_ok(fake_server_start(&server, script, 0, &err), &err);
	struct provider *provider = config_add_provider(scene->config, "server");
	provider->kind = PROVIDER_OPENAI_CHAT;
	provider->has_kind = true;
	set(&provider->url, fake_server_url(server));
	set(&provider->model, "m1");
	strings_release(&scene->config->use);
	strings_add(&scene->config->use, "server");
	return server;
}

static void test_a_server_s_answer_lands_and_is_counted(void **state)
{
	(void)state;
	struct scene scene;
	struct fake_server *server = server_scene(&scene, ONE_FILE,
		"{\"chat\": \"" FILE_ANSWER "\", \"usage\": {\"prompt_tokens\": 100, \"completion_tokens\": 20}}\n");
	struct price *price = config_add_price(scene.config, "m1");
	price->in = 1;
	price->out = 10;
	assert_int_equal(scene_run(&scene), 0);
	scene_assert_file(&scene, "a.txt", "x\n");
	const struct event *end = scene_last(&scene, EVENT_RUN_FINISHED, NULL);
	assert_int_equal(end->tokens, 120);
	assert_true(end->usd > 0.00029 && end->usd < 0.00031);
	assert_string_equal(scene_find(&scene, EVENT_PROMPT_SENT, "a")->provider, "server");
	fake_server_stop(server);
	scene_release(&scene);
}

#define EDIT_ANSWER(old, new) "a.c\\n<<<<<<< SEARCH\\n" old "\\n=======\\n" new "\\n>>>>>>> REPLACE\\n"

/* One run of a server that answers with search and replace whatever it is asked for. */
static void run_once(const char *habits, const char *script, const char *first_form, const char *last_form)
{
	struct scene scene;
	struct fake_server *server = server_scene(&scene, "belay: 1\nsteps:\n  - { id: a, refactor: a.c, prompt: Long. }\n", script);
	scratch_write(scene.tree, "a.c", "int a;\n");
	scene.options.habits = habits;
	scene.options.cache = CACHE_OFF;
	assert_int_equal(scene_run(&scene), 0);
	assert_string_equal(scene_find(&scene, EVENT_PROMPT_SENT, "a")->format, first_form);
	assert_string_equal(scene_last(&scene, EVENT_PROMPT_SENT, "a")->format, last_form);
	scene_assert_file(&scene, "a.c", "long a;\n");
	fake_server_stop(server);
	scene_release(&scene);
}

static void test_the_form_that_worked_is_asked_for_in_the_next_run(void **state)
{
	(void)state;
	char *dir = scratch_make();
	char *habits = xasprintf("%s/habits", dir);
	static const char clumsy[] =
		"{\"chat\": \"" EDIT_ANSWER("short a;", "long a;") "\"}\n{\"chat\": \"" EDIT_ANSWER("short a;", "long a;") "\"}\n"
		"{\"chat\": \"" EDIT_ANSWER("int a;", "long a;") "\"}\n";
	run_once(habits, clumsy, "whole-file", "symbol");
	run_once(habits, "{\"chat\": \"" EDIT_ANSWER("int a;", "long a;") "\"}\n", "search-replace", "search-replace");
	run_once(NULL, "{\"chat\": \"" EDIT_ANSWER("int a;", "long a;") "\"}\n", "whole-file", "whole-file");
	free(habits);
	scratch_remove(dir);
}

static void test_an_answer_is_kept_whatever_form_is_asked_for_next(void **state)
{
	(void)state;
	static const char plan[] = "belay: 1\nsteps:\n  - { id: a, refactor: a.c, prompt: Long. }\n";
	struct scene scene[2];
	struct fake_server *server[2];
	char *dir = scratch_make();
	char *habits = xasprintf("%s/habits", dir);
	const struct habit whole = { .model = (char *)"m1", .size = (char *)"small", .form = (char *)"whole-file" };
	for (int i = 0; i < 2; i++) {
		server[i] = server_scene(&scene[i], plan, i ? "{\"status\": 500, \"repeat\": true}\n"
		                                            : "{\"chat\": \"" EDIT_ANSWER("int a;", "long a;") "\"}\n");
		setenv("XDG_CACHE_HOME", dir, 1);
		set(&config_add_provider(scene[i].config, "server")->url, fake_server_url(server[0]));
		scratch_write(scene[i].tree, "a.c", "int a;\n");
		scene[i].options.habits = habits;
		scene[i].options.cache = i ? CACHE_ONLY : CACHE_USE;
		assert_int_equal(scene_run(&scene[i]), 0);
		for (int k = 0; k < 4; k++)
			assert_int_equal(habits_note(habits, &whole, false, NULL), 0);
	}
	assert_true(scene_find(&scene[1], EVENT_PROMPT_SENT, "a")->cached);
	assert_string_equal(scene_find(&scene[1], EVENT_PROMPT_SENT, "a")->format, "whole-file");
	for (int i = 0; i < 2; i++) {
		fake_server_stop(server[i]);
		scene_release(&scene[i]);
	}
	unsetenv("XDG_CACHE_HOME");
	free(habits);
	scratch_remove(dir);
}

/* The server counts fewer tokens than it was sent, or says that they are too many: once more without the context. */
static void test_a_prompt_that_is_too_long_is_sent_again_with_less(void **state)
{
	(void)state;
	static const char *const first[] = {
		"{\"chat\": \"" FILE_ANSWER "\", \"usage\": {\"prompt_tokens\": 900, \"completion_tokens\": 20}}\n",
		"{\"status\": 400, \"body\": {\"error\": {\"message\": \"too long\", \"code\": \"context_length_exceeded\"}}}\n",
	};
	for (size_t i = 0; i < sizeof first / sizeof *first; i++) {
		struct scene scene;
		struct buf big = { 0 };
		char *script = xasprintf("%s{\"chat\": \"" FILE_ANSWER "\"}\n", first[i]);
		struct fake_server *server = server_scene(&scene, "belay: 1\ncontext: [big.txt]\nsteps:\n"
		                                          "  - { id: a, write: a.txt, prompt: A. }\n", script);
		for (int word = 0; word < 3000; word++)
			buf_printf(&big, "elephant %d\n", word);
		scratch_write(scene.tree, "big.txt", buf_str(&big));
		scene.options.cache = CACHE_OFF;
		assert_int_equal(scene_run(&scene), 0);
		assert_int_equal(scene_count(&scene, EVENT_PROMPT_SENT, "a"), 2);
		assert_contains(scene_find(&scene, EVENT_PROMPT_SENT, "a")->text.data, "elephant");
		assert_null(strstr(scene_last(&scene, EVENT_PROMPT_SENT, "a")->text.data, "elephant"));
		assert_non_null(scene_find(&scene, EVENT_NOTICE, "a"));
		assert_int_equal(scene_count(&scene, EVENT_STEP_STARTED, "a"), 1);
		scene_assert_file(&scene, "a.txt", "x\n");
		fake_server_stop(server);
		scene_release(&scene);
		buf_release(&big);
		free(script);
	}
}

static void test_a_server_that_stays_away_exits_75(void **state)
{
	(void)state;
	struct scene scene;
	struct fake_server *server = server_scene(&scene, ONE_FILE, "{\"status\": 503, \"body\": \"busy\", \"repeat\": true}\n");
	assert_int_equal(scene_run(&scene), 75);
	assert_int_equal(scene_count(&scene, EVENT_RETRY_SCHEDULED, "a"), 1);
	assert_string_equal(scene_find(&scene, EVENT_STEP_FAILED, "a")->category, "transport");
	scene_assert_file(&scene, "a.txt", NULL);
	fake_server_stop(server);
	scene_release(&scene);
}

static void test_the_next_provider_in_line_is_asked(void **state)
{
	(void)state;
	struct scene scene;
	struct fake_server *server = server_scene(&scene, ONE_FILE, "{\"status\": 503, \"body\": \"busy\", \"repeat\": true}\n");
	strings_add(&scene.config->use, "sample");
	scene_answer(&scene, "a", 1, "FILE abcdef012345 a.txt\ny\nEND abcdef012345\n");
	assert_int_equal(scene_run(&scene), 0);
	assert_true(scene_noticed(&scene, "server"));
	assert_string_equal(scene_last(&scene, EVENT_PROMPT_SENT, "a")->provider, "sample");
	scene_assert_file(&scene, "a.txt", "y\n");
	fake_server_stop(server);
	scene_release(&scene);
}

static void test_a_stream_that_breaks_off_is_asked_again_from_the_start(void **state)
{
	(void)state;
	struct scene scene;
	struct fake_server *server = server_scene(&scene, ONE_FILE,
		"{\"chat\": \"" FILE_ANSWER "\", \"cut\": 400, \"then\": \"reset\"}\n{\"chat\": \"" FILE_ANSWER "\"}\n");
	assert_int_equal(scene_run(&scene), 0);
	assert_int_equal(scene_count(&scene, EVENT_RETRY_SCHEDULED, "a"), 1);
	scene_assert_file(&scene, "a.txt", "x\n");
	fake_server_stop(server);
	scene_release(&scene);
}

static void test_a_key_that_a_server_repeats_is_in_no_event(void **state)
{
	(void)state;
	struct scene scene;
	struct fake_server *server = server_scene(&scene, ONE_FILE,
		"{\"status\": 500, \"body\": {\"error\": {\"message\": \"bad key sk-canary-0123456789\"}}}\n"
		"{\"chat\": \"Your key is sk-canary-0123456789, I see.\\n\\n" FILE_ANSWER "\"}\n");
	setenv("BELAY_TEST_KEY", "sk-canary-0123456789", 1);
	set(&config_add_provider(scene.config, "server")->key_env, "BELAY_TEST_KEY");
	assert_int_equal(scene_run(&scene), 0);
	unsetenv("BELAY_TEST_KEY");
	assert_contains(buf_str(&run_model_step(&scene.model, "a")->answer), "Your key is [redacted], I see.");
	for (size_t i = 0; i < scene.n_events; i++) {
		struct buf line = { 0 };
		event_write(&line, scene.event[i], NULL);
		assert_null(strstr(buf_str(&line), "canary"));
		buf_release(&line);
	}
	char *journal = scratch_read(scene.run_dir, "journal.jsonl");
	assert_null(strstr(journal, "canary"));
	free(journal);
	fake_server_stop(server);
	scene_release(&scene);
}

static void test_an_answer_cut_at_its_limit_lands_nothing(void **state)
{
	(void)state;
	struct scene scene;
	struct fake_server *server = server_scene(&scene,
		"belay: 1\nsteps:\n  - { id: a, write: a.txt, prompt: A., attempts: 1 }\n",
		"{\"chat\": \"" FILE_ANSWER "\", \"finish\": \"length\"}\n");
	assert_int_equal(scene_run(&scene), 1);
	assert_contains(scene_find(&scene, EVENT_STEP_FAILED, "a")->message, "cut before its end");
	scene_assert_file(&scene, "a.txt", NULL);
	fake_server_stop(server);
	scene_release(&scene);
}

static void test_what_a_check_refused_goes_back_with_its_lines(void **state)
{
	(void)state;
	struct scene scene;
	struct fake_server *server = server_scene(&scene,
		"belay: 1\nchecks:\n  bad: { run: '! grep -Hn bad a.txt', errors: gnu }\nsteps:\n"
		"  - { id: a, write: a.txt, prompt: A., checks: [bad] }\n",
		"{\"expect\": \"The check 'bad' refused the change\", "
		"\"chat\": \"FILE abcdef012345 a.txt\\ngood\\nEND abcdef012345\\n\"}\n"
		"{\"chat\": \"FILE abcdef012345 a.txt\\none\\nbad\\nthree\\nEND abcdef012345\\n\"}\n");
	scene.options.yes = RISK_HIGH;
	assert_int_equal(scene_run(&scene), 0);
	scene_assert_file(&scene, "a.txt", "good\n");
	assert_int_equal(fake_server_n_requests(server), 2);
	assert_contains(fake_server_request(server, 1), "a.txt:2: error: bad\\n     1  one\\n     2> bad\\n     3  three\\n");
	fake_server_stop(server);
	scene_release(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_a_check_refused_goes_back_with_its_lines),
		cmocka_unit_test(test_a_server_s_answer_lands_and_is_counted),
		cmocka_unit_test(test_the_form_that_worked_is_asked_for_in_the_next_run),
		cmocka_unit_test(test_an_answer_is_kept_whatever_form_is_asked_for_next),
		cmocka_unit_test(test_a_prompt_that_is_too_long_is_sent_again_with_less),
		cmocka_unit_test(test_a_server_that_stays_away_exits_75),
		cmocka_unit_test(test_the_next_provider_in_line_is_asked),
		cmocka_unit_test(test_a_stream_that_breaks_off_is_asked_again_from_the_start),
		cmocka_unit_test(test_a_key_that_a_server_repeats_is_in_no_event),
		cmocka_unit_test(test_an_answer_cut_at_its_limit_lands_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
