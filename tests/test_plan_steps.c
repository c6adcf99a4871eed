/* What the loader says of bad steps: exact places and words. */
#include "tests/unit.h"

#include "plan/slash.h"
#include "tests/plan_text.h"

/* Steps, each the only one of its plan: what stands after `- {id: a, `. */
static const struct bad_plan bad_steps[] = {
	{ "read: b, write: c",
	  "3:22: the step has two verbs, 'read' and 'write'; expected one" },
	{ "raed: b",
	  "3:13: unknown key 'raed' in a step; did you mean 'read'?" },
	{ "read: b, needs: [c]",
	  "3:30: there is no step 'c'; expected the id of a step or a group" },
	{ "read: b, needs: {b: c}",
	  "3:29: 'needs' is a mapping; expected an id of a step or a group, or a list of them" },
	{ "read: b, needs: [[c]]",
	  "3:30: 'needs' is a list; expected an id of a step or a group, or a list of them" },
	{ "read: b, needs: ",
	  "3:29: 'needs' has no value; expected an id of a step or a group, or a list of them" },
	{ "read: b, colour: red",
	  "3:22: unknown key 'colour' in a 'read' step; expected 'read', 'lines', 'max_bytes', 'id', 'title', "
	  "'needs', 'each', 'model', 'checks', 'attempts', 'timeout', 'writes', 'risk', 'cache', 'on_fail' or "
	  "'when'" },
	{ "read: b, promt: x",
	  "3:22: unknown key 'promt' in a 'read' step; did you mean 'prompt'? It belongs in other steps" },
	{ "read: b, prompt: x",
	  "3:22: the key 'prompt' does not belong in a 'read' step; expected it only in a step of 'write', "
	  "'refactor', 'scaffold', 'test'" },
	{ "write: b, content: x, lines: 3",
	  "3:35: the key 'lines' does not belong in a 'write' step; expected it only in a step of 'read'" },
	{ "steps: [{id: b, read: c}], when: failed",
	  "3:40: unknown key 'when' in a group; expected 'steps', 'id', 'title' or 'needs'" },
	{ "steps: []",
	  "3:20: 'steps' is empty; expected a list of one step or more" },
	{ "read: []",
	  "3:19: 'read' is an empty list; expected a path or a glob, or a list of them" },
	{ "read: ",
	  "3:19: 'read' has no value; expected a path or a glob, or a list of them" },
	{ "read: {a: b}",
	  "3:19: 'read' is a mapping; expected a path or a glob, or a list of them" },
	{ "read: [[a]]",
	  "3:20: 'read' is a list; expected a path or a glob, or a list of them" },
	{ "read: b, lines: 0-3",
	  "3:29: 'lines' is '0-3'; expected a range of lines such as 10-40, or 10- to the end" },
	{ "read: b, lines: 9-3",
	  "3:29: 'lines' is '9-3'; expected a range of lines such as 10-40, or 10- to the end" },
	{ "read: b, lines: [1]",
	  "3:29: 'lines' is a list; expected a range of lines such as 10-40, or 10- to the end" },
	{ "read: b, max_bytes: 0",
	  "3:33: 'max_bytes' is '0'; expected a whole number, 1 or more" },
	{ "read: b, max_bytes: 1.5",
	  "3:33: 'max_bytes' is '1.5'; expected a whole number, 1 or more" },
	{ "read: b, max_bytes: 99999999999999999999",
	  "3:33: 'max_bytes' is '99999999999999999999'; expected a whole number, 1 or more" },
	{ "write: b",
	  "3:13: a 'write' step does not say what is done; expected 'content', 'from' or 'prompt' with a value" },
	{ "write: b, content: x, from: y",
	  "3:35: 'content' and 'from' exclude each other; expected one of them" },
	{ "write: [b], content: x",
	  "3:20: 'write' is a list; expected a path below the repository's root" },
	{ "write: '*.c', content: x",
	  "3:20: 'write' takes one path, and '*.c' is a glob; expected a path below the repository's root" },
	{ "write: ., content: x",
	  "3:20: 'write' names the repository's root itself; expected a path below the repository's root" },
	{ "write: b, content: x, mode: 999",
	  "3:41: 'mode' is '999'; expected permission bits such as 0644" },
	{ "write: b, content: x, mode: 4755",
	  "3:41: 'mode' is '4755'; expected permission bits such as 0644" },
	{ "write: b, content: x, exists: no",
	  "3:43: 'exists' is 'no'; expected 'replace', 'fail' or 'skip'" },
	{ "write: b, prompt: ' '",
	  "3:31: 'prompt' is empty; expected text" },
	{ "write: b, content: [x]",
	  "3:32: 'content' is a list; expected text" },
	{ "refactor: b",
	  "3:13: a 'refactor' step does not say what is done; expected 'prompt', 'rewrite', 'rename' or "
	  "'patch' with a value" },
	{ "refactor: b, prompt: x, patch: y",
	  "3:37: 'prompt' and 'patch' exclude each other; expected one of them" },
	{ "refactor: b, rewrite: x",
	  "3:35: 'rewrite' is no mapping; expected keys and values" },
	{ "refactor: b, rewrite: {match: x}",
	  "3:35: 'rewrite' has no 'replace'; expected 'replace:' with text" },
	{ "refactor: b, rewrite: {match: '', replace: y}",
	  "3:43: 'match' is empty; expected text" },
	{ "refactor: b, rewrite: {match: x, replace: y, were: {}}",
	  "3:58: unknown key 'were' in 'rewrite'; did you mean 'where'?" },
	{ "refactor: b, rename: {from: x, to: y, using: sed}",
	  "3:58: 'using' is 'sed'; expected 'lsp' or 'word'" },
	{ "refactor: b, patch: ../x.patch",
	  "3:33: path '../x.patch' leaves the repository; expected a unified diff, or the path of one" },
	{ "refactor: 'a/{b', prompt: x",
	  "3:23: the glob 'a/{b' has a '{' without its '}'; expected a path or a glob, or a list of them" },
	{ "scaffold: t",
	  "3:5: a 'scaffold' step has no 'into'; expected 'into:' with a folder, '.' being the repository's root" },
	{ "scaffold: , into: x",
	  "3:13: a 'scaffold' step does not say what is done; expected 'scaffold', 'files' or 'prompt' with a "
	  "value" },
	{ "scaffold: t, files: {a: b}, into: x",
	  "3:13: a folder of templates and 'files' exclude each other; expected one of them" },
	{ "scaffold: {fils: {a: b}}, into: x",
	  "3:23: 'scaffold' is a mapping; expected a folder of templates, or {files: {PATH: TEXT}}" },
	{ "scaffold: {files: {}}, into: x",
	  "3:31: 'scaffold' is a mapping; expected a folder of templates, or {files: {PATH: TEXT}}" },
	{ "scaffold: {files: {../a: b}}, into: x",
	  "3:32: path '../a' leaves the repository; expected a path below the repository's root" },
	{ "scaffold: {files: {a: b, ./a: c}}, into: x",
	  "3:38: 'scaffold' names 'a' twice; expected each file once" },
	{ "scaffold: t, into: x, with: [a]",
	  "3:41: 'with' is a list; expected a mapping from names to texts or lists of texts" },
	{ "scaffold: t, into: x, with: {a: [b, {c: d}]}",
	  "3:49: 'a' is a mapping; expected text" },
	{ "scaffold: t, into: 'x/*'",
	  "3:32: 'into' takes one path, and 'x/*' is a glob; expected a folder, '.' being the repository's root" },
	{ "test: [], into: x",
	  "3:19: 'test' is an empty list; expected a path or a glob, or a list of them" },
	{ "test: b, run: []",
	  "3:27: 'run' is an empty list; expected a command: a list of words, or a text for sh -c" },
	{ "validate: ",
	  "3:13: a 'validate' step does not say what is done; expected 'validate', 'accept' or 'lsp' with a value" },
	{ "validate: []",
	  "3:13: a 'validate' step does not say what is done; expected 'validate', 'accept' or 'lsp' with a value" },
	{ "validate: [nothing]",
	  "3:24: there is no check 'nothing'; expected one of the plan's 'checks', or {run: COMMAND}" },
	{ "validate: {errors: gcc}",
	  "3:23: a check has no 'run'; expected 'run:' with a command: a list of words, or a text for sh -c" },
	{ "validate: [[x]]",
	  "3:24: 'validate' is a list; expected names of checks, or checks in place, {run: COMMAND}" },
	{ "lsp: true, validate: , accept: {a: b}",
	  "3:44: 'accept' is a mapping; expected a text or a list of texts" },
	{ "validate: , lsp: false",
	  "3:13: a 'validate' step does not say what is done; expected 'validate', 'accept' or 'lsp' with a value" },
	{ "run: ''",
	  "3:18: the command of 'run' is empty; expected a command: a list of words, or a text for sh -c" },
	{ "run: ['', x]",
	  "3:18: the command of 'run' begins with an empty word; expected a program" },
	{ "run: {a: b}",
	  "3:18: 'run' is a mapping; expected a command: a list of words, or a text for sh -c" },
	{ "run: \"a\\e[1mb\"",
	  "3:18: the command of 'run' has the control character 0x1b; expected printable text" },
	{ "run: [a, \"\\x07\"]",
	  "3:22: the command of 'run' has the control character 0x07; expected printable text" },
	{ "run: a, cwd: ../x",
	  "3:26: path '../x' leaves the repository; expected a folder, '.' being the repository's root" },
	{ "run: a, env: [A=b]",
	  "3:26: 'env' is a list; expected a mapping from names to texts" },
	{ "run: a, env: {A=b: c}",
	  "3:27: 'A=b' is no name; expected one without '='" },
	{ "run: a, env: {A: [b]}",
	  "3:30: 'A' is a list; expected text" },
	{ "run: a, network: yes",
	  "3:30: 'network' is 'yes'; expected true or false" },
	{ "delete: .git/config",
	  "3:21: path '.git/config' belongs to git, and belay keeps out of it; expected a path or a glob, or a "
	  "list of them" },
	{ "delete: [a/.GIT/x]",
	  "3:22: path 'a/.GIT/x' belongs to git, and belay keeps out of it; expected a path or a glob, or a "
	  "list of them" },
	{ "delete: 'src/{.git,b}/x'",
	  "3:21: path 'src/{.git,b}/x' belongs to git, and belay keeps out of it; expected a path or a glob, "
	  "or a list of them" },
	{ "delete: /etc/passwd",
	  "3:21: path '/etc/passwd' is absolute: name it relative to the repository's root; expected a path or "
	  "a glob, or a list of them" },
	{ "delete: 'C:\\x'",
	  "3:21: path 'C:\\x' is absolute: name it relative to the repository's root; expected a path or a "
	  "glob, or a list of them" },
	{ "delete: a/../../b",
	  "3:21: path 'a/../../b' leaves the repository; expected a path or a glob, or a list of them" },
	{ "delete: \"a\\x01b\"",
	  "3:21: a path has a control character; expected a path or a glob, or a list of them" },
	{ "delete: .",
	  "3:21: 'delete' names the repository's root itself; expected a path or a glob, or a list of them" },
	{ "delete: .gitmodules",
	  "3:21: path '.gitmodules' belongs to git, and belay keeps out of it; expected a path or a glob, or a "
	  "list of them" },
	{ "ask: ",
	  "3:18: 'ask' has no value; expected text" },
	{ "ask: ''",
	  "3:18: 'ask' is empty; expected text" },
	{ "ask: [a]",
	  "3:18: 'ask' is a list; expected text" },
	{ "read: b, attempts: 0",
	  "3:32: 'attempts' is '0'; expected a whole number from 1 to 100" },
	{ "read: b, attempts: many",
	  "3:32: 'attempts' is 'many'; expected a whole number from 1 to 100" },
	{ "read: b, timeout: 5",
	  "3:31: 'timeout' is '5'; expected a time such as 500ms, 30s, 2m or 1h" },
	{ "read: b, timeout: 0s",
	  "3:31: 'timeout' is '0s'; expected a time such as 500ms, 30s, 2m or 1h" },
	{ "read: b, timeout: 5 s",
	  "3:31: 'timeout' is '5 s'; expected a time such as 500ms, 30s, 2m or 1h" },
	{ "read: b, timeout: -1s",
	  "3:31: 'timeout' is '-1s'; expected a time such as 500ms, 30s, 2m or 1h" },
	{ "read: b, timeout: 9999999h",
	  "3:31: 'timeout' is '9999999h'; expected a time such as 500ms, 30s, 2m or 1h" },
	{ "read: b, risk: extreme",
	  "3:28: 'risk' is 'extreme'; expected 'none', 'low', 'medium' or 'high'" },
	{ "read: b, cache: none",
	  "3:29: 'cache' is 'none'; expected 'use', 'refresh', 'only' or 'off'" },
	{ "read: b, on_fail: skip",
	  "3:31: 'on_fail' is 'skip'; expected 'stop', 'continue', 'skip-dependants' or 'rollback'" },
	{ "read: b, when: later",
	  "3:28: 'when' is 'later'; expected 'always', 'changed' or 'failed'" },
	{ "read: b, writes: {a: b}",
	  "3:30: 'writes' is a mapping; expected a path or a glob, or a list of them" },
	{ "read: b, writes: ../x",
	  "3:30: path '../x' leaves the repository; expected a path or a glob, or a list of them" },
	{ "read: b, model: {use: [a]}",
	  "3:35: 'use' is a list; expected text" },
	{ "read: b, model: {temperature: 3}",
	  "3:43: 'temperature' is '3'; expected a number from 0 to 2" },
	{ "read: b, model: {temperature: warm}",
	  "3:43: 'temperature' is 'warm'; expected a number from 0 to 2" },
	{ "read: b, model: {max_token: 3}",
	  "3:30: unknown key 'max_token' in 'model'; did you mean 'max_tokens'?" },
	{ "read: b, model: [a]",
	  "3:29: 'model' is a list; expected a model's name, or a mapping" },
	{ "read: b, checks: x",
	  "3:30: there is no check 'x'; expected one of the plan's 'checks', or {run: COMMAND}" },
	{ "read: b, title: [a]",
	  "3:29: 'title' is a list; expected text" },
	{ "read: b, title: ",
	  "3:29: 'title' has no value; expected text" },
	{ "ask: '{{lang}}'",
	  "3:18: there is no variable 'lang'; declare it under 'vars', or write '\\{{' for two braces" },
	{ "each: x, delete: b",
	  "3:19: 'each' is not understood; expected one name with a list of values, or with a glob" },
	{ "each: {x: []}, delete: b",
	  "3:23: 'each' lists 0 values; expected 1 to 500" },
	{ "each: {x: [a], y: [b]}, delete: b",
	  "3:19: 'each' is not understood; expected one name with a list of values, or with a glob" },
	{ "each: {x: {}}, delete: b",
	  "3:19: 'each' is not understood; expected one name with a list of values, or with a glob" },
	{ "each: {1: [a]}, delete: b",
	  "3:20: '1' is no name of a variable; expected a letter or '_', then letters and digits" },
	{ "each: {x: [[a]]}, delete: b",
	  "3:24: 'x' is a list; expected text" },
	{ "each: {x: [b, ../c]}, delete: 'd/{{x}}/../..'",
	  "3:43: 'delete' names the repository's root itself; expected a path or a glob, or a list of them" },
	{ "each: {x: ../c}, delete: '{{x}}'",
	  "3:23: path '../c' leaves the repository; expected a path or a glob, or a list of them" },
	{ "each: {x: [p, q]}, delete: '{{y}}', wen: always",
	  "3:40: there is no variable 'y'; did you mean 'x'?\n3:49: unknown key 'wen' in a 'delete' step; did "
	  "you mean 'when'?" },
	{ "each: {x: '*.c'}, delete: '{{y}}'",
	  "3:39: there is no variable 'y'; declare it under 'vars', or write '\\{{' for two braces" },
	{ "each: {x: [p]}, steps: [{id: b, read: c}]",
	  "3:13: unknown key 'each' in a group; did you mean 'patch'? It belongs in other steps" },
	{ "read: b, needs: a",
	  "3:29: the needs form a cycle: a -> a; expected none: take 'a' out of what 'a' needs, or use "
	  "--break-cycles" },
};

static void test_findings_in_steps_have_place_and_way_out(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof bad_steps / sizeof *bad_steps; i++)
		check_bad_plan("belay: 1\nsteps:\n  - {id: a, ", &bad_steps[i], "}\n");
}

static void assert_slash(const char *typed, const char *expected)
{
	char *names[] = { "build", "unit" };
	const struct strings checks = { names, 2, 2 };
	struct buf out = { 0 };
	struct err err = { 0 };
	int rc = slash_to_step(typed, "n", &checks, &out, &err);
	assert_int_equal(rc, expected ? 0 : -1);
	assert_string_equal(buf_str(&out), expected ? expected : "");
	buf_release(&out);
}

static void test_a_slash_form_is_a_step_on_one_line(void **state)
{
	(void)state;
	assert_slash("/read a.c  b/*.c", "{\"id\":\"n\",\"read\":[\"a.c\",\"b/*.c\"]}");
	assert_slash("/write docs/a.md: one: \"two\"", "{\"id\":\"n\",\"write\":\"docs/a.md\",\"prompt\":\"one: \\\"two\\\"\"}");
	assert_slash("/refactor a:b.c c.c: split it", "{\"id\":\"n\",\"refactor\":[\"a:b.c\",\"c.c\"],\"prompt\":\"split it\"}");
	assert_slash("/scaffold templates/x src/x", "{\"id\":\"n\",\"scaffold\":\"templates/x\",\"into\":\"src/x\"}");
	assert_slash("/test a.c", "{\"id\":\"n\",\"test\":\"a.c\"}");
	assert_slash("/validate", "{\"id\":\"n\",\"validate\":[\"build\",\"unit\"]}");
	assert_slash("/validate unit", "{\"id\":\"n\",\"validate\":[\"unit\"]}");
	assert_slash("/write a.c", NULL);
	assert_slash("/write a.c b.c: what", NULL);
	assert_slash("/refactor : what", NULL);
	assert_slash("/scaffold one", NULL);
	assert_slash("/delete a.c", NULL);
	assert_slash("/writea.c: x", NULL);
	assert_slash("write a.c: x", NULL);
	assert_slash("/", NULL);
	assert_slash("", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_findings_in_steps_have_place_and_way_out),
		cmocka_unit_test(test_a_slash_form_is_a_step_on_one_line),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
