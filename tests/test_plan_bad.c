/* What the loader says of bad files and of bad keys of the plan: exact places and words. */
#include "tests/unit.h"

#include "tests/plan_text.h"

/* Whole files. */
static const struct bad_plan bad_files[] = {
	{ "",
	  "1:1: the plan is empty; expected 'belay: 1' and 'steps'" },
	{ "# only words\n",
	  "1:1: the plan is empty; expected 'belay: 1' and 'steps'" },
	{ "just text\n",
	  "1:1: a plan is a mapping; expected 'belay: 1' and 'steps'" },
	{ "[1, 2]\n",
	  "1:1: a plan is a mapping; expected 'belay: 1' and 'steps'" },
	{ "steps: [{id: a, read: b}]\n",
	  "1:1: a plan has no 'belay'; expected 'belay: 1'" },
	{ "belay: 1\n",
	  "1:1: a plan has no 'steps'; expected 'steps:' with a list of steps" },
	{ "belay: 2\nstepz: []\n",
	  "1:8: the plan is of version 2 of the format; expected 1, which is what this belay reads" },
	{ "belay: one\nsteps: [{id: a, read: b}]\n",
	  "1:8: 'belay' is 'one'; expected 1" },
	{ "belay: '1.0'\nsteps: [{id: a, read: b}]\n",
	  "1:8: 'belay' is '1.0'; expected 1" },
	{ "belay: 1\nsteps:\n",
	  "2:7: 'steps' is empty; expected a list of one step or more" },
	{ "belay: 1\nsteps: []\n",
	  "2:8: 'steps' is empty; expected a list of one step or more" },
	{ "belay: 1\nsteps: {id: a}\n",
	  "2:8: 'steps' is a mapping; expected a list of one step or more" },
	{ "belay: 1\nsteps: all\n",
	  "2:8: 'steps' is a text; expected a list of one step or more" },
	{ "belay: 1\nsteps: [a]\n",
	  "2:9: a step is no mapping; expected 'id' and a verb" },
	{ "belay: 1\nstep: []\nsteps: [{id: a, read: b}]\n",
	  "2:1: unknown key 'step' in a plan; did you mean 'steps'?" },
	{ "belay: 1\nbelay: 1\nsteps: [{id: a, read: b}]\n",
	  "2:1: duplicate key 'belay': it stands at line 1 already" },
	{ "belay: 1\nsteps: [{id: a, read: &x b}]\n",
	  "2:23: anchors and aliases are not allowed: write the value out" },
	{ "belay: 1\nsteps: [{id: a, read: *x}]\n",
	  "2:23: anchors and aliases are not allowed: write the value out" },
	{ "belay: 1\nsteps: [{id: a, read: !!str b}]\n",
	  "2:23: tags are not allowed: write the plain value" },
	{ "belay: 1\nsteps: [{id: a, read: b}\n",
	  "3:1: not YAML: did not find expected ',' or ']' while parsing a flow sequence" },
	{ "belay: 1\nsteps: [{id: a, read: b}]\n---\nbelay: 1\n",
	  "3:1: a second document begins here: only one is allowed" },
	{ "belay: 1\nsteps:\n  - {read: b}\n",
	  "3:5: a 'read' step has no 'id'; expected 'id:' with a name of letters, digits, '_' and '-'" },
	{ "belay: 1\nsteps:\n  - {id: a}\n",
	  "3:5: the step has no verb; expected 'read', 'write', 'refactor', 'scaffold', 'test', 'validate', "
	  "'run', 'delete', 'ask', 'steps' or 'include'" },
	{ "belay: 1\nsteps:\n  - {id: a b, read: b}\n",
	  "3:10: 'id' is 'a b'; expected a name of letters, digits, '_' and '-'" },
	{ "belay: 1\nsteps:\n  - {id: a.b, read: b}\n",
	  "3:10: 'id' is 'a.b'; expected a name of letters, digits, '_' and '-'" },
	{ "belay: 1\nsteps:\n  - {id: '', read: b}\n",
	  "3:10: 'id' has no value; expected a name of letters, digits, '_' and '-'" },
	{ "belay: 1\nsteps:\n  - {id: [a], read: b}\n",
	  "3:10: 'id' is a list; expected a name of letters, digits, '_' and '-'" },
	{ "belay: 1\nsteps:\n  - {id: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, read: "
	  "b}\n",
	  "3:10: 'id' has 65 characters; expected 64 at most" },
	{ "belay: 1\nsteps:\n  - {id: a, read: b}\n  - {id: a, read: c}\n",
	  "4:10: the id 'a' stands at line 3 already; expected each id once" },
	{ "belay: 1\nsteps:\n  - {id: look, read: b}\n  - {id: c, needs: [lok], read: b}\n",
	  "4:21: there is no step 'lok'; did you mean 'look'?" },
	{ "belay: 1\nchecks: {build: {run: make}}\nsteps:\n  - {id: a, validate: biuld}\n",
	  "4:23: there is no check 'biuld'; did you mean 'build'?" },
	{ "belay: 1\nvars: {lang: c}\nsteps:\n  - {id: a, ask: \"{{lnag}}?\"}\n",
	  "4:18: there is no variable 'lnag'; did you mean 'lang'?" },
	{ "belay: 1\nvars: {n: x}\nsteps:\n  - {id: a, ask: b, attempts: '{{n}}'}\n",
	  "4:31: 'attempts' is 'x'; expected a whole number from 1 to 100" },
	{ "belay: 1\nvars: {p: ../x}\nsteps:\n  - {id: a, read: 'src/{{p}}/../..'}\n",
	  "4:19: path 'src/../x/../..' leaves the repository; expected a path or a glob, or a list of them" },
	{ "belay: 1\nsteps:\n  - {id: a, each: {x: '*.c'}, delete: '{{x}}'}\n  - {id: b, needs: ['a[1]'], "
	  "read: c}\n",
	  "4:21: 'a[1]' is known only when the plan runs; expected the id before the bracket" },
	{ "belay: 1\nsteps:\n  - {id: a, needs: b, read: x}\n  - {id: b, needs: c, read: x}\n  - {id: c, "
	  "needs: a, read: x}\n",
	  "3:20: the needs form a cycle: a -> b -> c -> a; expected none: take 'b' out of what 'a' needs, or "
	  "use --break-cycles" },
	{ "belay: 1\nsteps:\n  - {id: a, read: x}\n  - {id: b, needs: [a, c], read: x}\n  - {id: c, needs: b, "
	  "read: x}\n  - {id: d, needs: e, read: x}\n  - {id: e, needs: d, read: x}\n",
	  "4:24: the needs form a cycle: b -> c -> b; expected none: take 'c' out of what 'b' needs, or use "
	  "--break-cycles\n6:20: the needs form a cycle: d -> e -> d; expected none: take 'e' out of what 'd' "
	  "needs, or use --break-cycles" },
	{ "belay: 1\nsteps:\n  - id: g\n    steps: [{id: a, needs: g, read: x}]\n",
	  "4:28: 'g.a' is in the group 'g' and cannot need it; expected a step or a group beside it" },
	{ "belay: 1\nsteps:\n  - id: g\n    needs: h\n    steps: [{id: a, read: x}]\n  - id: h\n    needs: g\n "
	  "   steps: [{id: b, read: x}]\n",
	  "4:12: the needs form a cycle: g.a -> h.b -> g.a; expected none: take 'h.b' out of what 'g.a' needs, "
	  "or use --break-cycles" },
};

/* Keys of the plan, each with one good step after it. */
static const struct bad_plan bad_keys[] = {
	{ "name: [a]",
	  "2:7: 'name' is a list; expected text" },
	{ "limits: 4",
	  "2:9: 'limits' is no mapping; expected keys and values" },
	{ "limits: {worker: 4}",
	  "2:10: unknown key 'worker' in 'limits'; did you mean 'workers'?" },
	{ "limits: {workers: 4.5}",
	  "2:19: 'workers' is '4.5'; expected a whole number from 1 to 256" },
	{ "limits: {usd: free}",
	  "2:15: 'usd' is 'free'; expected a number from 0 to 1000000" },
	{ "limits: {usd: -1}",
	  "2:15: 'usd' is '-1'; expected a number from 0 to 1000000" },
	{ "retry: {tries: 0}",
	  "2:16: 'tries' is '0'; expected a whole number from 1 to 100" },
	{ "retry: {first: 1}",
	  "2:16: 'first' is '1'; expected a time such as 500ms, 30s, 2m or 1h" },
	{ "retry: {max: 1d}",
	  "2:14: 'max' is '1d'; expected a time such as 500ms, 30s, 2m or 1h" },
	{ "policy: {confirm: none}",
	  "2:19: 'confirm' is 'none'; expected 'low', 'medium', 'high' or 'never'" },
	{ "policy: {rules: {}}",
	  "2:17: 'rules' is no list; expected a list of rules" },
	{ "policy: {rules: [{verdict: deny}]}",
	  "2:18: a rule is about commands or about paths; expected one of 'run' and 'write'" },
	{ "policy: {rules: [{run: a}]}",
	  "2:18: a rule has no 'verdict'; expected 'verdict:' with 'allow', 'ask' or 'deny'" },
	{ "policy: {rules: [{run: a, write: b, verdict: ask}]}",
	  "2:18: a rule is about commands or about paths; expected one of 'run' and 'write'" },
	{ "policy: {rules: [{run: [], verdict: ask}]}",
	  "2:24: 'run' has no words; expected a command's first words, as a text or a list" },
	{ "policy: {rules: [{run: a, verdict: forbid}]}",
	  "2:36: 'verdict' is 'forbid'; expected 'allow', 'ask' or 'deny'" },
	{ "policy: {rules: [{run: [git, push], verdict: deny, match: [git push, git pull]}]}",
	  "2:70: the rule does not match its example 'git pull'; expected it to" },
	{ "policy: {rules: [{write: 'ci/**', verdict: deny, no_match: [ci/a]}]}",
	  "2:61: the rule matches 'ci/a'; expected it not to" },
	{ "policy: {rules: [{write: 'ci/{a', verdict: deny}]}",
	  "2:26: the glob 'ci/{a' has a '{' without its '}'; expected a glob" },
	{ "policy: {rules: [x]}",
	  "2:18: a rule is no mapping; expected keys and values" },
	{ "context: ../x",
	  "2:10: path '../x' leaves the repository; expected a path or a glob, or a list of them" },
	{ "checks: [a]",
	  "2:9: 'checks' is no mapping; expected a mapping from names to checks" },
	{ "checks: {a: {}}",
	  "2:13: a check has no 'run'; expected 'run:' with a command: a list of words, or a text for sh -c" },
	{ "checks: {a: make}",
	  "2:13: a check is no mapping; expected keys and values" },
	{ "checks: {a: {run: x, errors: gccc}}",
	  "2:30: 'errors' is 'gccc'; expected 'gcc', 'clang', 'gnu', 'tsc', 'eslint', 'pytest', 'go', 'cargo', "
	  "'shellcheck', 'tap', 'junit' or 'sarif'" },
	{ "checks: {a.b: {run: x}}",
	  "2:10: 'a.b' is no name of a check; expected a word without blanks, '.' and ':'" },
	{ "checks: {a: {run: x, timeout: 1}}",
	  "2:31: 'timeout' is '1'; expected a time such as 500ms, 30s, 2m or 1h" },
	{ "on_cycle: cut",
	  "2:11: 'on_cycle' is 'cut'; expected 'stop' or 'break'" },
	{ "vars: [a]",
	  "2:7: 'vars' is no mapping; expected a mapping from names to default values, or to mappings with 'type'" },
	{ "vars: {1a: b}",
	  "2:8: '1a' is no name of a variable; expected a letter or '_', then letters, digits" },
	{ "vars: {a: [b]}",
	  "2:11: the variable 'a' has no value; expected a default, or a mapping with 'type'" },
	{ "vars: {a: }",
	  "2:11: the variable 'a' has no value; expected a default, or a mapping with 'type'" },
	{ "vars: {a: {type: text}}",
	  "2:18: 'type' is 'text'; expected 'string', 'int', 'bool', 'path' or 'choice'" },
	{ "vars: {a: {type: int, default: b}}",
	  "2:11: the variable 'a' is 'b'; expected a whole number" },
	{ "vars: {a: {type: bool, default: yes}}",
	  "2:11: the variable 'a' is 'yes'; expected true or false" },
	{ "vars: {a: {type: path, default: ../b}}",
	  "2:11: the variable 'a': path '../b' leaves the repository" },
	{ "vars: {a: {type: choice}}",
	  "2:11: the variable 'a' is a choice without 'choices'; expected a list of them" },
	{ "vars: {a: {type: choice, choices: [x, y], default: z}}",
	  "2:11: the variable 'a' is 'z'; expected 'x' or 'y'" },
	{ "vars: {a: {choices: [x]}}",
	  "2:11: the variable 'a' has 'choices'; expected 'type: choice' with them" },
	{ "vars: {a: {required: true}}",
	  "2:8: the variable 'a' has no value; expected --var NAME=VALUE, or a default" },
	{ "vars: {a: {deflt: 1}}",
	  "2:12: unknown key 'deflt' in a variable; did you mean 'default'?" },
	{ "vars: {a: {type: path}}",
	  "2:8: the variable 'a' has no value; expected --var NAME=VALUE, or a default" },
};

static void test_findings_in_files_have_place_and_way_out(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof bad_files / sizeof *bad_files; i++)
		check_bad_plan("", &bad_files[i], "");
}

static void test_findings_in_keys_have_place_and_way_out(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof bad_keys / sizeof *bad_keys; i++)
		check_bad_plan("belay: 1\n", &bad_keys[i], "\nsteps: [{id: a, read: b}]\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_findings_in_files_have_place_and_way_out),
		cmocka_unit_test(test_findings_in_keys_have_place_and_way_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
