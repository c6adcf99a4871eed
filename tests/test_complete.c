#include "tests/unit.h"

#include "tui/complete.h"

static int do_nothing(const struct cli *cli)
{
	(void)cli;
	return 0;
}

static const enum cli_option run_options[] = { CLI_JSON, CLI_YES, CLI_WORKERS, CLI_VAR, CLI_FROM, CLI_OUTPUT, CLI_NONE };
static const struct cli_verb verb_table[] = {
	{ "run", "PLAN", "runs a plan", run_options, NULL, 1, 1, do_nothing },
	{ "runs", "", "past runs", NULL, NULL, 0, 0, do_nothing },
	{ "show", "PLAN|RUN", "shows", NULL, NULL, 0, 1, do_nothing },
	{ "note", "RUN TEXT", "notes", NULL, NULL, 2, 2, do_nothing },
	{ "report", "[RUN...]", "reports", NULL, NULL, 0, SIZE_MAX, do_nothing },
	{ "shell", "bash|fish", "scripts", NULL, NULL, 1, 1, do_nothing },
	{ .name = "later" },
};

/* Names the kind that is asked for, and the line that it is asked for. */
static void list(void *arg, const char *kind, const struct complete_line *line, struct complete *out)
{
	struct buf help = { 0 };
	(void)arg;
	buf_printf(&help, "%s", line->verb ? line->verb->name : "");
	for (size_t i = 0; i < line->n_args; i++)
		buf_printf(&help, " %s", line->arg[i]);
	for (size_t i = 0; i < line->n_dirs; i++)
		buf_printf(&help, " in %s", line->dir[i]);
	complete_add(out, kind, buf_str(&help));
	complete_add(out, "two\nlines", NULL);
	buf_release(&help);
}

static const struct complete_table table = { verb_table, sizeof verb_table / sizeof *verb_table, list, NULL };
static struct complete out;

static const char *complete(const char *const *word)
{
	size_t n = 0;
	while (word[n])
		n++;
	buf_release(&out.text);
	complete_words(&out, &table, word, n);
	return buf_str(&out.text);
}

#define COMPLETE(...) complete((const char *const[]){ __VA_ARGS__, NULL })

static int tear_down(void **state)
{
	(void)state;
	buf_release(&out.text);
	return 0;
}

static void test_the_first_word_is_a_verb_that_is_there(void **state)
{
	(void)state;
	assert_string_equal(COMPLETE("ru"), "run\truns a plan\nruns\tpast runs\n");
	assert_string_equal(COMPLETE("la"), "");
	assert_contains(COMPLETE(""), "help\t");
	assert_string_equal(COMPLETE("-q", "-C", "ru", "runs"), "runs\tpast runs\n");
	assert_string_equal(COMPLETE("help", "shel"), "shell\tscripts\n");
	assert_string_equal(COMPLETE("help", "shell", ""), "");
}

static void test_a_verb_has_its_options_and_the_global_ones(void **state)
{
	(void)state;
	assert_string_equal(COMPLETE("run", "--js"), "--json\tone JSON object a line; the last one is the result\n");
	assert_string_equal(COMPLETE("runs", "--js"), "");
	assert_contains(COMPLETE("runs", "-"), "--color=\t");
	assert_contains(COMPLETE("runs", "-"), "-C\t");
	assert_contains(COMPLETE("run", "--v"), "--var=\t");
	assert_string_equal(COMPLETE("run", "--", "--v"), "");
}

static void test_values_are_read_off_the_table(void **state)
{
	(void)state;
	assert_string_equal(COMPLETE("--color=a"), "--color=auto\n--color=always\n");
	assert_string_equal(COMPLETE("--color", "a"), "auto\nalways\n");
	assert_string_equal(COMPLETE("run", "--yes=h"), "--yes=high\n");
	assert_string_equal(COMPLETE("run", "-o", ""), "gnu\nsarif\njunit\ngithub\n");
	assert_string_equal(COMPLETE("shell", ""), "bash\nfish\n");
	assert_string_equal(COMPLETE("run", "--json=x"), "");
}

static void test_kinds_are_asked_for_with_what_stands_before(void **state)
{
	(void)state;
	assert_string_equal(COMPLETE("run", ""), "PLAN\trun\n");
	assert_string_equal(COMPLETE("show", ""), "PLAN\tshow\nRUN\tshow\n");
	assert_string_equal(COMPLETE("run", "p.yaml", "--var="), "--var=NAME=VALUE\trun p.yaml\n");
	assert_string_equal(COMPLETE("-C", "a", "-Cb", "-qC", "c", "run", "-j", "4", "p.yaml", "--from", "S"),
	                    "STEP\trun p.yaml in a in b in c\n");
	assert_string_equal(COMPLETE("run", "--from=s", ""), "PLAN\trun\n");
}

static void test_only_as_many_arguments_as_a_verb_takes(void **state)
{
	(void)state;
	assert_string_equal(COMPLETE("run", "p.yaml", ""), "");
	assert_string_equal(COMPLETE("note", "x", ""), "TEXT\tnote x\n");
	assert_string_equal(COMPLETE("note", "x", "y", ""), "");
	assert_string_equal(COMPLETE("report", "x", "y", "R"), "RUN\treport x y\n");
	assert_string_equal(COMPLETE("runs", ""), "");
}

static void test_nothing_is_a_word_too(void **state)
{
	(void)state;
	buf_release(&out.text);
	complete_words(&out, &table, NULL, 0);
	assert_contains(buf_str(&out.text), "run\t");
	assert_string_equal(COMPLETE("nonsense", "--x=", "-", ""), "run\truns a plan\nruns\tpast runs\nshow\tshows\n"
	                    "note\tnotes\nreport\treports\nshell\tscripts\nhelp\twhat the verbs take\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_first_word_is_a_verb_that_is_there),
		cmocka_unit_test(test_a_verb_has_its_options_and_the_global_ones),
		cmocka_unit_test(test_values_are_read_off_the_table),
		cmocka_unit_test(test_kinds_are_asked_for_with_what_stands_before),
		cmocka_unit_test(test_only_as_many_arguments_as_a_verb_takes),
		cmocka_unit_test(test_nothing_is_a_word_too),
	};
	return cmocka_run_group_tests(tests, NULL, tear_down);
}
