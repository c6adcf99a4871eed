#include "tests/unit.h"

#include "base/buf.h"
#include "tui/cli.h"

static int do_nothing(const struct cli *cli)
{
	(void)cli;
	return 0;
}

static const enum cli_option run_options[] = { CLI_JSON, CLI_YES, CLI_WORKERS, CLI_VAR, CLI_FROM, CLI_NONE };
static const enum cli_option run_later[] = { CLI_DRY_RUN, CLI_NONE };
static const struct cli_verb table[] = {
	{ "run", "PLAN", "runs a plan", run_options, run_later, 1, 1, do_nothing },
	{ "runs", "", "past runs", NULL, NULL, 0, 0, do_nothing },
	{ "check", "PLAN...", "checks", NULL, NULL, 1, SIZE_MAX, do_nothing },
	{ .name = "draft" },
};
#define N_TABLE (sizeof table / sizeof *table)

static struct cli cli;
static struct err err;

static int parse(const char *const *word)
{
	static char *argv[16];
	int argc = 1;
	argv[0] = (char *)(uintptr_t)"belay";
	for (; *word; word++)
		argv[argc++] = (char *)(uintptr_t)*word;
	cli_release(&cli);
	err = (struct err){ 0 };
	return cli_parse(&cli, table, N_TABLE, argc, argv, &err);
}

#define PARSE(...) parse((const char *const[]){ __VA_ARGS__, NULL })

static int tear_down(void **state)
{
	(void)state;
	cli_release(&cli);
	return 0;
}

static void test_options_stand_before_and_behind_the_verb(void **state)
{
	(void)state;
	assert_ok(PARSE("-C", "dir", "run", "--var=a=b=c", "plan.yaml", "-qj4", "--var", "d=e", "-c", "use=[x]"), &err);
	assert_string_equal(cli.verb->name, "run");
	assert_string_equal(cli_get(&cli, CLI_DIR), "dir");
	assert_string_equal(cli_get_nth(&cli, CLI_VAR, 0), "a=b=c");
	assert_string_equal(cli_get_nth(&cli, CLI_VAR, 1), "d=e");
	assert_null(cli_get_nth(&cli, CLI_VAR, 2));
	assert_string_equal(cli_get(&cli, CLI_WORKERS), "4");
	assert_true(cli_has(&cli, CLI_QUIET));
	assert_int_equal(cli.n_args, 1);
	assert_string_equal(cli.arg[0], "plan.yaml");
}

static void test_an_optional_argument_takes_no_word(void **state)
{
	(void)state;
	assert_ok(PARSE("run", "--yes", "high"), &err);
	assert_true(cli_has(&cli, CLI_YES));
	assert_null(cli_get(&cli, CLI_YES));
	assert_string_equal(cli.arg[0], "high");
	assert_ok(PARSE("run", "--yes=high", "plan.yaml"), &err);
	assert_string_equal(cli_get(&cli, CLI_YES), "high");
}

static void test_two_dashes_end_the_options_and_one_is_a_name(void **state)
{
	(void)state;
	assert_ok(PARSE("run", "--", "--json"), &err);
	assert_string_equal(cli.arg[0], "--json");
	assert_false(cli_has(&cli, CLI_JSON));
	assert_ok(PARSE("run", "-"), &err);
	assert_string_equal(cli.arg[0], "-");
}

static void test_a_slip_gets_the_nearest_word(void **state)
{
	(void)state;
	assert_int_equal(PARSE("chekc", "x"), -1);
	assert_int_equal(err.code, ERR_USAGE);
	assert_contains(err.hint, "belay check");
	assert_int_equal(PARSE("run", "--jsno", "x"), -1);
	assert_contains(err.hint, "--json");
}

static void test_what_a_later_version_has_is_refused_by_name(void **state)
{
	(void)state;
	assert_int_equal(PARSE("draft", "goal"), -1);
	assert_int_equal(err.code, ERR_UNSUPPORTED);
	assert_int_equal(PARSE("run", "--dry-run", "x"), -1);
	assert_int_equal(err.code, ERR_UNSUPPORTED);
	assert_contains(err.msg, "--dry-run");
}

static void test_wrong_use_is_refused(void **state)
{
	static const char *const bad[][4] = {
		{ NULL },
		{ "run", NULL },
		{ "run", "a", "b", NULL },
		{ "runs", "a", NULL },
		{ "run", "--json=yes", "a", NULL },
		{ "run", "a", "--from", NULL },
		{ "run", "a", "-C", NULL },
		{ "run", "-z", "a", NULL },
		{ "--json", "run", "a", NULL },
		{ "", NULL },
	};
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_int_equal(parse(bad[i]), -1);
		assert_int_equal(err.code, ERR_USAGE);
		assert_true(err.msg[0]);
	}
}

static void test_numbers_are_whole_and_in_range(void **state)
{
	static const char *const bad[] = { "0", "65", "x", "4x", "", "99999999999999999999", "1.5" };
	int64_t n;
	(void)state;
	assert_ok(PARSE("run", "a"), &err);
	assert_ok(cli_get_int(&cli, CLI_WORKERS, 1, 64, 7, &n, &err), &err);
	assert_int_equal(n, 7);
	assert_ok(PARSE("run", "a", "--workers=64"), &err);
	assert_ok(cli_get_int(&cli, CLI_WORKERS, 1, 64, 7, &n, &err), &err);
	assert_int_equal(n, 64);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_ok(PARSE("run", "a", "-j", bad[i]), &err);
		assert_int_equal(cli_get_int(&cli, CLI_WORKERS, 1, 64, 7, &n, &err), -1);
		assert_int_equal(err.code, ERR_USAGE);
	}
}

static void test_help_lists_verbs_and_their_options(void **state)
{
	struct buf text = { 0 };
	(void)state;
	cli_help(&text, table, N_TABLE, NULL);
	assert_contains(buf_str(&text), "runs a plan");
	assert_null(strstr(buf_str(&text), "draft"));
	buf_clear(&text);
	cli_help(&text, table, N_TABLE, &table[0]);
	assert_contains(buf_str(&text), "--yes[=low|medium|high]");
	assert_null(strstr(buf_str(&text), "--dry-run"));
	buf_release(&text);
}

#define TEST(name) cmocka_unit_test_teardown(name, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_options_stand_before_and_behind_the_verb),
		TEST(test_an_optional_argument_takes_no_word),
		TEST(test_two_dashes_end_the_options_and_one_is_a_name),
		TEST(test_a_slip_gets_the_nearest_word),
		TEST(test_what_a_later_version_has_is_refused_by_name),
		TEST(test_wrong_use_is_refused),
		TEST(test_numbers_are_whole_and_in_range),
		TEST(test_help_lists_verbs_and_their_options),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
