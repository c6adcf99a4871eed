#include "tests/unit.h"

#include "base/clock.h"
#include "base/hash.h"
#include "io/cache.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static char scratch[64];

static int make_scratch(void **state)
{
	(void)state;
	snprintf(scratch, sizeof scratch, "/tmp/belay-cache.XXXXXX");
	assert_non_null(mkdtemp(scratch));
	setenv("XDG_CACHE_HOME", scratch, 1);
	return 0;
}

static int remove_scratch(void **state)
{
	(void)state;
	char command[128];
	snprintf(command, sizeof command, "rm -rf '%s'", scratch);
	return system(command);
}

static struct provider provider = { .name = "a", .kind = PROVIDER_OPENAI_CHAT, .url = "http://127.0.0.1:1/v1", .key_env = "K" };
static struct llm_message message[2] = { { "system", "rules" }, { "user", "do it" } };

static struct llm_request base_request(void)
{
	return (struct llm_request){ .provider = &provider, .message = message, .n_messages = 2, .attempt = 1 };
}

static void key_of(const struct llm_request *request, char out[HASH_HEX_SIZE])
{
	cache_key(request, "m", "search/replace", out);
}

static void test_key_follows_all_that_shapes_the_answer_and_nothing_else(void **state)
{
	(void)state;
	char first[HASH_HEX_SIZE], other[HASH_HEX_SIZE];
	struct llm_request request = base_request();
	key_of(&request, first);
	request.step = "another step";
	request.timeout_ms = 5;
	request.tries = 9;
	key_of(&request, other);
	assert_string_equal(first, other);

	request = base_request();
	request.attempt = 2;
	key_of(&request, other);
	assert_string_not_equal(first, other);
	request = base_request();
	request.has_temperature = true;
	key_of(&request, other);
	assert_string_not_equal(first, other);
	request = base_request();
	request.max_tokens = 7;
	key_of(&request, other);
	assert_string_not_equal(first, other);
	request = base_request();
	request.n_messages = 1;
	key_of(&request, other);
	assert_string_not_equal(first, other);
	request = base_request();
	cache_key(&request, "m2", "search/replace", other);
	assert_string_not_equal(first, other);
	cache_key(&request, "m", "whole", other);
	assert_string_not_equal(first, other);
	struct provider elsewhere = provider;
	elsewhere.url = "http://127.0.0.1:2/v1";
	request.provider = &elsewhere;
	key_of(&request, other);
	assert_string_not_equal(first, other);
}

static void test_answer_comes_back_with_its_counts(void **state)
{
	(void)state;
	char key[HASH_HEX_SIZE];
	struct err err = { 0 };
	struct llm_request request = base_request();
	struct cache_answer answer = { .tokens_in = 5, .tokens_out = 6 }, got;
	buf_add(&answer.text, "a\0b\nc", 5);
	key_of(&request, key);
	assert_int_equal(cache_get(key, &got, &err), 0);
	assert_ok(cache_put(key, &answer, &err), &err);
	assert_int_equal(cache_get(key, &got, &err), 1);
	assert_int_equal(got.text.len, 5);
	assert_memory_equal(got.text.data, "a\0b\nc", 5);
	assert_int_equal(got.tokens_in, 5);
	assert_int_equal(got.tokens_out, 6);
	cache_answer_release(&got);
	cache_answer_release(&answer);
}

static void file_of(const char *key, char *path, size_t n)
{
	snprintf(path, n, "%s/belay/answers/%.2s/%s", scratch, key, key + 2);
}

static void test_corrupt_answer_is_a_miss_and_goes_away(void **state)
{
	(void)state;
	char key[HASH_HEX_SIZE], path[256];
	struct err err = { 0 };
	struct llm_request request = base_request();
	struct cache_answer answer = { 0 }, got;
	buf_add_str(&answer.text, "the answer");
	key_of(&request, key);
	file_of(key, path, sizeof path);
	for (int cut = 0; cut < 3; cut++) {
		assert_ok(cache_put(key, &answer, &err), &err);
		int fd = open(path, O_RDWR);
		assert_true(fd >= 0);
		if (cut == 0)
			assert_int_equal(ftruncate(fd, 0), 0);
		else if (cut == 1)
			assert_int_equal(ftruncate(fd, lseek(fd, 0, SEEK_END) - 1), 0);
		else
			assert_int_equal(pwrite(fd, "X", 1, lseek(fd, 0, SEEK_END) - 1), 1);
		close(fd);
		assert_int_equal(cache_get(key, &got, &err), 0);
		assert_int_equal(access(path, F_OK), -1);
	}
	cache_answer_release(&answer);
}

static void set_age(const char *path, int64_t at_ms)
{
	struct timespec at[2] = { { .tv_sec = at_ms / 1000 }, { .tv_sec = at_ms / 1000 } };
	assert_int_equal(utimensat(AT_FDCWD, path, at, 0), 0);
}

static void test_sweep_removes_the_old_and_then_the_oldest(void **state)
{
	(void)state;
	char path[5][256];
	struct err err = { 0 };
	int64_t now_ms = 1700000000000;
	for (int i = 0; i < 4; i++) {
		char key[HASH_HEX_SIZE];
		struct llm_request request = base_request();
		struct cache_answer answer = { 0 };
		request.attempt = 10 + i;
		key_of(&request, key);
		for (int j = 0; j < 1000; j++)
			buf_add_char(&answer.text, 'x');
		assert_ok(cache_put(key, &answer, &err), &err);
		file_of(key, path[i], sizeof path[i]);
		set_age(path[i], now_ms - 1000 * (10 - i));
		cache_answer_release(&answer);
	}
	snprintf(path[4], sizeof path[4], "%s/belay/answers/not-ours", scratch);
	int fd = open(path[4], O_WRONLY | O_CREAT, 0600);
	assert_true(fd >= 0);
	close(fd);
	assert_ok(cache_sweep(2500, 9500, now_ms, &err), &err);
	assert_int_equal(access(path[0], F_OK), -1); /* too old */
	assert_int_equal(access(path[1], F_OK), -1); /* the oldest of what is too much */
	assert_int_equal(access(path[2], F_OK), 0);
	assert_int_equal(access(path[3], F_OK), 0);
	assert_int_equal(access(path[4], F_OK), 0);
}

static void test_sweep_of_no_cache_is_fine(void **state)
{
	(void)state;
	struct err err = { 0 };
	assert_ok(cache_sweep(CACHE_MAX_BYTES, CACHE_MAX_AGE_MS, clock_wall_ms(), &err), &err);
}

static void test_only_cold_requests_are_repeatable(void **state)
{
	(void)state;
	struct llm_request request = base_request();
	assert_true(cache_is_repeatable(&request));
	request.has_temperature = true;
	assert_true(cache_is_repeatable(&request));
	request.temperature = 0.2;
	assert_false(cache_is_repeatable(&request));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_scratch, remove_scratch)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_key_follows_all_that_shapes_the_answer_and_nothing_else),
		TEST(test_answer_comes_back_with_its_counts),
		TEST(test_corrupt_answer_is_a_miss_and_goes_away),
		TEST(test_sweep_removes_the_old_and_then_the_oldest),
		TEST(test_sweep_of_no_cache_is_fine),
		TEST(test_only_cold_requests_are_repeatable),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
