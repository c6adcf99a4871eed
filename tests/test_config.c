#include "tests/unit.h"

#include "base/xalloc.h"
#include "io/config.h"
#include "io/url.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/belay-config-XXXXXX";

static void write_file(const char *path, const char *text, mode_t mode)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static char *in_folder(const char *name)
{
	static char path[256];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	return path;
}

static int set_up(void **state)
{
	(void)state;
	if (!mkdtemp(folder) || mkdir(in_folder("belay"), 0700) != 0 || mkdir(in_folder(".belay"), 0700) != 0)
		return -1;
	setenv("XDG_CONFIG_HOME", folder, 1);
	unsetenv("OPENAI_API_KEY");
	unsetenv("ANTHROPIC_API_KEY");
	unsetenv("OPENAI_BASE_URL");
	unsetenv("OLLAMA_HOST");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	unlink(in_folder("belay/config.yaml"));
	unlink(in_folder(".belay/config.yaml"));
	unlink(in_folder("key"));
	rmdir(in_folder("belay"));
	rmdir(in_folder(".belay"));
	return rmdir(folder);
}

/* All findings as one text. */
static char *findings(const char *yaml)
{
	struct diags diags = { 0 };
	struct config *config = NULL;
	struct buf text = { 0 };
	write_file(in_folder("belay/config.yaml"), yaml, 0600);
	if (config_load(&config, NULL, false, NULL, &diags) == 0)
		config_free(config);
	for (size_t i = 0; i < diags.n_diags; i++)
		diag_format(&text, &diags.diag[i]);
	diags_release(&diags);
	return buf_take(&text, NULL);
}

static struct config *load(const char *user, const char *repository, bool trusted, const char *override)
{
	struct diags diags = { 0 };
	struct config *config = NULL;
	struct strings overrides = { 0 };
	write_file(in_folder("belay/config.yaml"), user, 0600);
	write_file(in_folder(".belay/config.yaml"), repository, 0600);
	if (override)
		strings_add(&overrides, override);
	if (config_load(&config, folder, trusted, &overrides, &diags) != 0)
		fail_msg("%s", diags.diag[0].message);
	strings_release(&overrides);
	diags_release(&diags);
	return config;
}

static const char local[] = "providers:\n  local: {kind: openai-chat, url: 'http://127.0.0.1:1/v1', model: a}\n";

static void test_layers_override_one_another_field_by_field(void **state)
{
	(void)state;
	struct config *config = load(local, "providers: {local: {model: b}}\n", true, "providers.local.context=8192");
	const struct provider *provider = config_provider(config, "local");
	assert_string_equal(provider->url, "http://127.0.0.1:1/v1");
	assert_string_equal(provider->model, "b");
	assert_int_equal(provider->context, 8192);
	config_free(config);
}

static void test_notifications_are_set_key_by_key(void **state)
{
	(void)state;
	struct config *config = load("notify: {command: say it, after: 60}\n", "notify: {terminal: never}\n", true,
	                             "notify.bell=false");
	assert_string_equal(config->notify.command, "say it");
	assert_string_equal(config->notify.terminal, "never");
	assert_int_equal(config->notify.after_s, 60);
	assert_false(config->notify.bell);
	assert_string_equal(config_origin(config, "notify.bell"), "-c notify.bell");
	config_free(config);
}

static void test_a_repository_that_is_not_trusted_configures_nothing(void **state)
{
	(void)state;
	struct config *config = load(local, "providers: {local: {model: b}}\n", false, NULL);
	assert_string_equal(config_provider(config, "local")->model, "a");
	config_free(config);
}

static void test_all_findings_come_at_once_with_their_places(void **state)
{
	(void)state;
	char *text = findings("providers:\n  x: {knd: recorded, url: 'ftp://a'}\nuser: [x]\ncolor: blue\n");
	assert_contains(text, "config.yaml:2:7: error: unknown key 'knd'; did you mean 'kind'?");
	assert_contains(text, ":2:27: error: the URL must begin with http:// or https://");
	assert_contains(text, ":3:1: error: unknown key 'user'; did you mean 'use'?");
	assert_contains(text, ":4:8: error: 'color' is one of auto, always, never");
	free(text);
}

static void test_credentials_in_a_url_are_refused_and_not_repeated(void **state)
{
	(void)state;
	char *text = findings("providers:\n  x: {kind: openai-chat, url: 'https://u:hush@a/v1'}\n");
	assert_contains(text, "credentials");
	assert_null(strstr(text, "hush"));
	free(text);
}

static void test_a_name_in_use_must_be_a_provider(void **state)
{
	(void)state;
	char *text = findings("use: [nobody]\n");
	assert_contains(text, "'use' names 'nobody', which is no provider");
	free(text);
}

static void test_choose_takes_auto_provider_and_model(void **state)
{
	(void)state;
	static const struct {
		const char *use, *first, *model;
		size_t n;
	} rows[] = {
		{ "auto", "b", "", 2 }, { "a", "a", "", 1 }, { "a/m/x", "a", "m/x", 1 }, { "m", "b", "m", 2 },
	};
	struct config *config = load("providers:\n  a: {kind: recorded, file: x}\n  b: {kind: recorded, file: /y}\n"
	                             "use: [b, a]\n", "", false, NULL);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct provider *line[4];
		size_t n = 0;
		char *model = NULL;
		struct err err = { 0 };
		assert_ok(config_choose(config, rows[i].use, line, 4, &n, &model, &err), &err);
		assert_int_equal(n, rows[i].n);
		assert_string_equal(line[0]->name, rows[i].first);
		assert_string_equal(model, rows[i].model);
		free(model);
	}
	assert_contains(config_provider(config, "a")->file, "/belay/x");
	assert_string_equal(config_provider(config, "b")->file, "/y");
	config_free(config);
}

static void test_well_known_variables_serve_without_a_file(void **state)
{
	(void)state;
	setenv("OPENAI_BASE_URL", "http://127.0.0.1:9", 1);
	setenv("OLLAMA_HOST", "127.0.0.1", 1);
	struct config *config = load("", "", false, NULL);
	assert_string_equal(config_provider(config, "openai")->url, "http://127.0.0.1:9");
	assert_string_equal(config_provider(config, "openai")->key_env, "");
	assert_string_equal(config_provider(config, "ollama")->url, "http://127.0.0.1:11434");
	config_free(config);
	unsetenv("OPENAI_BASE_URL");
	unsetenv("OLLAMA_HOST");
}

static void test_urls_join_with_and_without_version_and_slash(void **state)
{
	(void)state;
	static const char *const base[] = { "http://h", "http://h/", "http://h/v1", "http://h/v1/" };
	for (size_t i = 0; i < 4; i++) {
		char *url = url_join(base[i], "v1", "chat/completions");
		assert_string_equal(url, "http://h/v1/chat/completions");
		free(url);
	}
	char *url = url_join("https://h/v1beta/openai/v1", "v1", "x");
	assert_string_equal(url, "https://h/v1beta/openai/v1/x");
	free(url);
}

static void test_only_this_machine_is_loopback(void **state)
{
	(void)state;
	assert_true(url_is_loopback("http://127.0.0.1:8080/v1"));
	assert_true(url_is_loopback("http://localhost"));
	assert_true(url_is_loopback("http://[::1]:80/"));
	assert_false(url_is_loopback("http://127.0.0.1.example.org/"));
	assert_false(url_is_loopback("http://127.example.org/"));
	assert_false(url_is_loopback("http://localhost@example.org/"));
	assert_false(url_is_loopback("http://localhost.example.org"));
}

static void test_plain_http_reaches_the_local_network_only(void **state)
{
	(void)state;
	static const char *const near[] = {
		"http://127.0.0.1", "http://10.1.2.3:8080/v1", "http://192.168.0.7", "http://172.16.0.1", "http://172.31.9.9",
		"http://169.254.1.1", "http://[fd00::1]:80/v1", "http://[fe80::1]/", "http://gpu:8080/v1", "http://gpu.local/v1",
		"http://gpu.home.arpa",
	};
	static const char *const far[] = {
		"http://8.8.8.8", "http://172.32.0.1", "http://192.169.0.1", "http://10.0.0.1.example.org", "http://example.org",
		"http://[2001:db8::1]/", "http://0x08080808/", "http://134744072/", "http://10.0.0.1@example.org/", "ftp://10.0.0.1",
		"http://local.example.org", "http://.local@example.org/",
	};
	for (size_t i = 0; i < sizeof near / sizeof *near; i++)
		if (!url_is_private(near[i]))
			fail_msg("%s is not near", near[i]);
	for (size_t i = 0; i < sizeof far / sizeof *far; i++)
		if (url_is_private(far[i]))
			fail_msg("%s is near", far[i]);
}

/* The key that a provider with these sources gets, or the message of the error; to be freed. */
static char *key_of(const char *env, const char *file, const char *command)
{
	struct provider provider = {
		.name = "hosted",
		.key_env = (char *)(uintptr_t)env,
		.key_file = (char *)(uintptr_t)file,
		.key_command = (char *)(uintptr_t)command,
	};
	struct err err = { 0 };
	char *key = NULL;
	return config_key(&provider, &key, &err) == 0 ? key : xstrdup(err.msg);
}

static void expect_key(const char *env, const char *file, const char *command, const char *expected)
{
	char *key = key_of(env, file, command);
	assert_string_equal(key, expected);
	free(key);
}

static void expect_no_key(const char *env, const char *file, const char *command, const char *why)
{
	char *message = key_of(env, file, command);
	assert_contains(message, why);
	assert_null(strstr(message, "canary"));
	free(message);
}

static void test_keys_come_from_their_one_source(void **state)
{
	(void)state;
	setenv("BELAY_TEST_KEY", "sk-canary", 1);
	write_file(in_folder("key"), "sk-canary-file\n", 0600);
	expect_key("", "", "", "");
	expect_key("BELAY_TEST_KEY", "", "", "sk-canary");
	expect_key("", in_folder("key"), "", "sk-canary-file");
	expect_key("", "", "echo sk-canary-command; echo noise >&2", "sk-canary-command");
	unsetenv("BELAY_TEST_KEY");
}

static void test_bad_keys_are_refused_and_not_repeated(void **state)
{
	(void)state;
	unsetenv("BELAY_TEST_KEY");
	expect_no_key("BELAY_TEST_KEY", "", "", "BELAY_TEST_KEY is not set");
	setenv("BELAY_TEST_KEY", "canary\r\nX-Other: 1", 1);
	expect_no_key("BELAY_TEST_KEY", "", "", "line end");
	setenv("BELAY_TEST_KEY", "canary two", 1);
	expect_no_key("BELAY_TEST_KEY", "", "", "blank");
	unsetenv("BELAY_TEST_KEY");
	write_file(in_folder("key"), "canary\n", 0644);
	expect_no_key("", in_folder("key"), "", "can be read by others");
	write_file(in_folder("key"), "", 0600);
	expect_no_key("", in_folder("key"), "", "is empty");
	expect_no_key("", in_folder("none"), "", "none");
	expect_no_key("", in_folder("belay"), "", "no regular file");
	expect_no_key("", "", "echo canary; exit 3", "exit status 3");
	expect_no_key("", "", "true", "is empty");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layers_override_one_another_field_by_field),
		cmocka_unit_test(test_notifications_are_set_key_by_key),
		cmocka_unit_test(test_a_repository_that_is_not_trusted_configures_nothing),
		cmocka_unit_test(test_all_findings_come_at_once_with_their_places),
		cmocka_unit_test(test_credentials_in_a_url_are_refused_and_not_repeated),
		cmocka_unit_test(test_a_name_in_use_must_be_a_provider),
		cmocka_unit_test(test_choose_takes_auto_provider_and_model),
		cmocka_unit_test(test_well_known_variables_serve_without_a_file),
		cmocka_unit_test(test_urls_join_with_and_without_version_and_slash),
		cmocka_unit_test(test_only_this_machine_is_loopback),
		cmocka_unit_test(test_plain_http_reaches_the_local_network_only),
		cmocka_unit_test(test_keys_come_from_their_one_source),
		cmocka_unit_test(test_bad_keys_are_refused_and_not_repeated),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
