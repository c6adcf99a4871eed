/* Risk, rules and approvals. */
#include "tests/unit.h"

#include "tests/plan_text.h"

#include "base/xalloc.h"
#include "plan/policy.h"

#include <stdio.h>

static const char steps[] =
	"checks: {build: {run: 'make && git push'}, lint: {run: lint}}\n"
	"steps:\n  - {id: read, read: x}\n  - {id: write, write: src/legacy_auth.c, content: x}\n"
	"  - {id: command, run: [make, all]}\n  - {id: net, run: curl x, network: true}\n  - {id: gone, delete: 'old/*'}\n"
	"  - {id: q, ask: sure?}\n  - {id: raised, write: a, content: x, risk: high}\n"
	"  - {id: lowered, delete: a, risk: low}\n  - {id: judged, validate: lint}\n  - {id: pushed, validate: build}\n"
	"  - {id: ci, write: ci/x.yml, content: x}\n  - {id: envrc, write: a/.envrc, content: x}\n"
	"  - {id: criteria, validate: , accept: good}\n  - {id: checked, write: b, content: x, checks: lint}\n"
	"  - {id: shell, run: ' cd src && rm -rf old'}\n"
	"  - {id: loop, run: 'for i in 1 2; do sudo rm -rf legacy; done'}\n  - {id: lone, run: 'for i in a; do :; done'}\n"
	"  - {id: own, run: [/bin/sh, -c, 'while sleep 1; do :; done']}\n  - {id: word, run: [for, a]}\n  - {id: a1, run: [x]}\n";

static struct plan *plan_with(const char *policy)
{
	char *text = xasprintf("belay: 1\n%s%s", policy, steps);
	struct plan *plan = plan_of(text);
	free(text);
	return plan;
}

/* A judgement of a step with these facts and one path (NULL: none). */
struct judged {
	enum risk risk;
	enum verdict verdict;
	char why[400];
};

static struct judged judge(const char *policy, const char *id, struct risk_facts facts, const char *path)
{
	struct judged out = { .verdict = VERDICT_ALLOW };
	struct buf why = { 0 };
	struct strings paths = { 0 };
	struct plan *plan = plan_with(policy);
	if (path)
		strings_add(&paths, path);
	out.risk = policy_risk(plan, step_of(plan, id), &facts, &paths, &out.verdict, &why);
	snprintf(out.why, sizeof out.why, "%s", buf_str(&why));
	buf_release(&why);
	strings_release(&paths);
	plan_free(plan);
	return out;
}

static void test_the_highest_risk_that_applies_counts(void **state)
{
	static const struct {
		const char *id;
		struct risk_facts facts;
		enum risk risk;
		const char *why;
	} row[] = {
		{ "read", { 0 }, RISK_NONE, "" },
		{ "q", { 0 }, RISK_NONE, "" },
		{ "write", { .n_files = 1 }, RISK_LOW, "" },
		{ "write", { .n_files = 20, .n_lines = 1000 }, RISK_LOW, "" },
		{ "write", { .n_files = 21 }, RISK_MEDIUM, "21 files change" },
		{ "write", { .n_lines = 1001 }, RISK_MEDIUM, "1001 lines change" },
		{ "write", { .replaces_from_model = true }, RISK_MEDIUM, "a model's answer replaces a whole file" },
		{ "write", { .n_uncovered = 1, .n_lines = 2000 }, RISK_HIGH, "undo does not cover 1 file; 2000 lines change" },
		{ "gone", { .deletes = true }, RISK_HIGH, "files are deleted" },
		{ "command", { .runs_command = true, .sandboxed = true }, RISK_MEDIUM, "a command runs, in the sandbox" },
		{ "command", { .runs_command = true }, RISK_HIGH, "a command runs without a sandbox" },
		{ "command", { .runs_command = true, .sandboxed = true, .reaches_git = true }, RISK_HIGH,
		  "a command runs, and the sandbox cannot keep it out of .git" },
		{ "net", { .runs_command = true, .sandboxed = true, .network = true }, RISK_HIGH,
		  "a command runs, with the network" },
		{ "judged", { 0 }, RISK_NONE, "" },
		{ "raised", { .n_files = 1 }, RISK_HIGH, "the plan says high" },
		{ "lowered", { .deletes = true }, RISK_HIGH, "files are deleted" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct judged found = judge("", row[i].id, row[i].facts, NULL);
		if (found.risk != row[i].risk || strcmp(found.why, row[i].why) != 0 || found.verdict != VERDICT_ALLOW)
			fail_msg("row %zu (%s): %s, '%s'", i, row[i].id, risk_name(found.risk), found.why);
	}
}

static void test_reasons_are_added_to_what_is_there(void **state)
{
	struct buf why = { 0 };
	struct risk_facts facts = { .deletes = true };
	(void)state;
	struct plan *plan = plan_with("");
	buf_add_str(&why, "because: ");
	policy_risk(plan, step_of(plan, "gone"), &facts, NULL, NULL, &why);
	assert_string_equal(buf_str(&why), "because: files are deleted");
	assert_int_equal(policy_risk(plan, step_of(plan, "gone"), &facts, NULL, NULL, NULL), RISK_HIGH);
	buf_release(&why);
	plan_free(plan);
}

static void test_paths_that_become_code_are_always_asked_about(void **state)
{
	(void)state;
	struct judged found = judge("policy: {confirm: never}\n", "write", (struct risk_facts){ .n_files = 1 }, "a/.envrc");
	assert_int_equal(found.risk, RISK_MEDIUM);
	assert_int_equal(found.verdict, VERDICT_ASK);
	assert_contains(found.why, "'a/.envrc': direnv");
	struct judged named = judge("", "write", (struct risk_facts){ .asks_always = ".husky/pre-push" }, NULL);
	assert_int_equal(named.risk, RISK_MEDIUM);
	assert_int_equal(named.verdict, VERDICT_ASK);
}

static const char rules[] =
	"policy: {rules: [{run: git push, verdict: deny, why: a human act}, {run: lint, verdict: ask}, {run: make, verdict: "
	"allow}, {write: 'ci/**', verdict: ask, why: robots}, {write: ci/x.yml, verdict: deny}, {write: docs, verdict: ask}]}\n";

static void test_rules_are_about_commands_checks_and_paths(void **state)
{
	const struct risk_facts none = { 0 };
	(void)state;
	struct judged pushed = judge(rules, "pushed", none, NULL);
	assert_int_equal(pushed.verdict, VERDICT_DENY);
	assert_int_equal(pushed.risk, RISK_HIGH);
	assert_string_equal(pushed.why, "a rule denies 'git push': a human act");
	assert_int_equal(judge(rules, "judged", none, NULL).verdict, VERDICT_ASK);
	assert_int_equal(judge(rules, "checked", none, NULL).verdict, VERDICT_ASK);
	assert_int_equal(judge(rules, "command", none, NULL).verdict, VERDICT_ALLOW);
	struct judged robots = judge(rules, "write", none, "ci/y.yml");
	assert_int_equal(robots.verdict, VERDICT_ASK);
	assert_int_equal(robots.risk, RISK_HIGH);
	assert_string_equal(robots.why, "a rule asks about 'ci/y.yml': robots");
	assert_int_equal(judge(rules, "write", none, "docs/a/b").verdict, VERDICT_ASK);
	assert_int_equal(judge(rules, "write", none, "docs2").verdict, VERDICT_ALLOW);
}

static void test_of_several_rules_the_strictest_counts(void **state)
{
	const struct risk_facts none = { 0 };
	(void)state;
	assert_int_equal(judge(rules, "write", none, "ci/x.yml").verdict, VERDICT_DENY);
	assert_int_equal(judge("policy: {rules: [{write: '**', verdict: deny}, {write: a, verdict: allow}]}\n", "write", none,
	                       "a").verdict, VERDICT_DENY);
}

static void test_allow_lowers_nothing(void **state)
{
	const struct risk_facts facts = { .runs_command = true, .sandboxed = true };
	(void)state;
	struct judged found = judge("policy: {rules: [{run: make, verdict: allow}]}\n", "command", facts, NULL);
	assert_int_equal(found.risk, RISK_MEDIUM);
	assert_int_equal(found.verdict, VERDICT_ALLOW);
}

static void test_commands_are_found_in_the_text_of_a_shell(void **state)
{
	static const struct { const char *text; bool matches; } row[] = {
		{ "git push", true },
		{ "git push origin main", true },
		{ "/usr/bin/git push", true },
		{ "make && git push", true },
		{ "make; git push", true },
		{ "make\ngit push", true },
		{ "make | git push", true },
		{ "make & git push", true },
		{ "(git push)", true },
		{ "{ git push; }", true },
		{ "if true; then git push; fi", true },
		{ "A=b git push", true },
		{ "sudo git push", true },
		{ "env -i A=b git push", true },
		{ "echo $(git push)", true },
		{ "echo \"$(git push)\"", true },
		{ "echo `git push`", true },
		{ "echo \"`git push`\"", true },
		{ "echo \"a $(date) b\" && git push", true },
		{ "echo \"$(echo $(git push))\"", true },
		{ "echo '$(git push)'", false },
		{ "echo \"$(\"", false },
		{ "sh -c 'git push'", true },
		{ "bash -ec \"make; git push\"", true },
		{ "sudo sh -c 'sh -c \"git push\"'", true },
		{ "'git' \"push\"", true },
		{ "g\\it push", true },
		{ "git \\\npush", true },
		{ "git\tpush", true },
		{ "git pull", false },
		{ "git pushx", false },
		{ "git", false },
		{ "mygit push", false },
		{ "echo git push", false },
		{ "echo 'git push'", false },
		{ "echo 'a; git push'", false },
		{ "echo a\\; git push", false },
		{ "", false },
		{ "'", false },
		{ "\\", false },
		{ "git 'push", true },
	};
	char *words[] = { "git", "push" };
	const struct policy_rule rule = { .run = { .item = words, .n_items = 2 } };
	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		char *argv[] = { "sh", "-c", (char *)row[i].text };
		const struct plan_command command = { .argv = { .item = argv, .n_items = 3 }, .shell = true };
		if (policy_rule_runs(&rule, &command) != row[i].matches)
			fail_msg("'%s' %s", row[i].text, row[i].matches ? "is not seen" : "is taken for it");
	}
}

static void test_commands_given_as_words_are_compared_as_words(void **state)
{
	char *rule_words[] = { "git", "push" };
	char *same[] = { "git", "push", "x" };
	char *one[] = { "git push" };
	char *behind[] = { "env", "git", "push" };
	const struct policy_rule rule = { .run = { .item = rule_words, .n_items = 2 } };
	(void)state;
	assert_true(policy_rule_runs(&rule, &(struct plan_command){ .argv = { .item = same, .n_items = 3 } }));
	assert_false(policy_rule_runs(&rule, &(struct plan_command){ .argv = { .item = one, .n_items = 1 } }));
	assert_true(policy_rule_runs(&rule, &(struct plan_command){ .argv = { .item = behind, .n_items = 3 } }));
}

static void test_risk_is_known_before_the_run(void **state)
{
	static const struct { const char *id; enum risk risk; } row[] = {
		{ "read", RISK_NONE }, { "q", RISK_NONE }, { "criteria", RISK_NONE }, { "write", RISK_LOW },
		{ "command", RISK_MEDIUM }, { "checked", RISK_HIGH }, { "judged", RISK_HIGH }, { "net", RISK_HIGH },
		{ "gone", RISK_HIGH }, { "raised", RISK_HIGH }, { "lowered", RISK_HIGH }, { "ci", RISK_HIGH },
		{ "envrc", RISK_MEDIUM },
	};
	(void)state;
	struct plan *plan = plan_with(rules);
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		if (policy_static_risk(plan, step_of(plan, row[i].id)) != row[i].risk)
			fail_msg("%s is %s", row[i].id, risk_name(policy_static_risk(plan, step_of(plan, row[i].id))));
	plan_free(plan);
}

static void test_who_must_approve_follows_level_and_yes(void **state)
{
	static const struct {
		const char *confirm;
		enum risk risk;
		enum verdict verdict;
		enum risk yes;
		bool asks;
	} row[] = {
		{ "medium", RISK_NONE, VERDICT_ALLOW, RISK_NONE, false },
		{ "medium", RISK_LOW, VERDICT_ALLOW, RISK_NONE, false },
		{ "medium", RISK_MEDIUM, VERDICT_ALLOW, RISK_NONE, true },
		{ "medium", RISK_HIGH, VERDICT_ALLOW, RISK_MEDIUM, true },
		{ "medium", RISK_MEDIUM, VERDICT_ALLOW, RISK_MEDIUM, false },
		{ "medium", RISK_HIGH, VERDICT_ALLOW, RISK_HIGH, false },
		{ "low", RISK_LOW, VERDICT_ALLOW, RISK_NONE, true },
		{ "low", RISK_NONE, VERDICT_ALLOW, RISK_NONE, false },
		{ "high", RISK_MEDIUM, VERDICT_ALLOW, RISK_NONE, false },
		{ "high", RISK_HIGH, VERDICT_ALLOW, RISK_NONE, true },
		{ "never", RISK_HIGH, VERDICT_ALLOW, RISK_NONE, false },
		{ "never", RISK_HIGH, VERDICT_ASK, RISK_NONE, true },
		{ "never", RISK_MEDIUM, VERDICT_ASK, RISK_MEDIUM, false },
		{ "high", RISK_HIGH, VERDICT_ASK, RISK_MEDIUM, true },
		{ "never", RISK_NONE, VERDICT_DENY, RISK_HIGH, true },
	};
	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		char *policy = xasprintf("policy: {confirm: %s}\n", row[i].confirm);
		struct plan *plan = plan_with(policy);
		bool asks = policy_needs_approval(plan, step_of(plan, "write"), row[i].risk, row[i].verdict, row[i].yes);
		if (asks != row[i].asks)
			fail_msg("row %zu", i);
		plan_free(plan);
		free(policy);
	}
}

static void test_a_question_is_answered_by_a_person_or_by_yes_to_all(void **state)
{
	(void)state;
	struct plan *plan = plan_with("policy: {confirm: never}\n");
	const struct plan_step *ask = step_of(plan, "q");
	assert_true(policy_needs_approval(plan, ask, RISK_NONE, VERDICT_ALLOW, RISK_NONE));
	assert_true(policy_needs_approval(plan, ask, RISK_NONE, VERDICT_ALLOW, RISK_MEDIUM));
	assert_false(policy_needs_approval(plan, ask, RISK_NONE, VERDICT_ALLOW, RISK_HIGH));
	plan_free(plan);
}

static void test_the_word_to_type_comes_from_the_target(void **state)
{
	static const struct { const char *id, *path, *word; } row[] = {
		{ "write", "src/legacy_auth.c", "legacy" }, { "command", NULL, "make" }, { "net", NULL, "curl" },
		{ "gone", "old/x.c", "gone" }, { "gone", "old/parser.c", "parser" }, { "shell", NULL, "src" },
		{ "a1", NULL, "a1" }, { "loop", NULL, "legacy" }, { "lone", NULL, "lone" },
		{ "own", NULL, "sleep" }, { "word", NULL, "for" }, { "write", "src/\xc3\xa9.c", "legacy" },
	};
	(void)state;
	struct plan *plan = plan_with("");
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct buf word = { 0 };
		struct strings paths = { 0 };
		if (row[i].path)
			strings_add(&paths, row[i].path);
		policy_word(step_of(plan, row[i].id), &paths, &word);
		assert_string_equal(buf_str(&word), row[i].word);
		buf_release(&word);
		strings_release(&paths);
	}
	plan_free(plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_highest_risk_that_applies_counts),
		cmocka_unit_test(test_reasons_are_added_to_what_is_there),
		cmocka_unit_test(test_paths_that_become_code_are_always_asked_about),
		cmocka_unit_test(test_rules_are_about_commands_checks_and_paths),
		cmocka_unit_test(test_of_several_rules_the_strictest_counts),
		cmocka_unit_test(test_allow_lowers_nothing),
		cmocka_unit_test(test_commands_are_found_in_the_text_of_a_shell),
		cmocka_unit_test(test_commands_given_as_words_are_compared_as_words),
		cmocka_unit_test(test_risk_is_known_before_the_run),
		cmocka_unit_test(test_who_must_approve_follows_level_and_yes),
		cmocka_unit_test(test_a_question_is_answered_by_a_person_or_by_yes_to_all),
		cmocka_unit_test(test_the_word_to_type_comes_from_the_target),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
