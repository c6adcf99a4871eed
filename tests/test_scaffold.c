/* `scaffold` steps: from folders of templates, from the plan, and filled by a model; what stops them before they write. */
#include "tests/unit.h"

#include "tests/scene.h"

#include <stdio.h>

static void folder_of_templates(struct scene *scene)
{
	scratch_mkdir(scene->tree, "tpl");
	scratch_mkdir(scene->tree, "tpl/sub");
	scratch_write(scene->tree, "tpl/template.yaml",
	              "about: a thing\n"
	              "vars:\n"
	              "  name: { about: its name, required: true }\n"
	              "  greeting: hello\n"
	              "verbatim: ['sub/*.raw']\n"
	              "append: [list.txt]\n"
	              "modes: { go.sh: 0755 }\n");
	scratch_write(scene->tree, "tpl/{{name.snake}}.c.tmpl", "/* {{greeting}} {{name}} {{who}} */\n");
	scratch_write(scene->tree, "tpl/sub/a.raw", "{{name}} {{#if\n");
	scratch_write(scene->tree, "tpl/{{#if tests}}test_{{name.snake}}.c{{#end}}", "test\n");
	scratch_write(scene->tree, "tpl/go.sh", "#!/bin/sh\n");
	scratch_write(scene->tree, "tpl/list.txt", "{{#each i in items}}\n- {{i}}\n{{#end}}\n");
}

static void test_a_folder_makes_files_with_names_contents_and_modes(void **state)
{
	(void)state;
	struct scene scene;
	scene_init(&scene, "belay: 1\n"
	                   "vars: { who: you }\n"
	                   "steps:\n"
	                   "  - { id: a, scaffold: tpl, into: out, with: { name: Big Thing, items: [x, y z] } }\n");
	folder_of_templates(&scene);
	assert_int_equal(scene_run(&scene), 0);
	scene_assert_file(&scene, "out/big_thing.c", "/* hello Big Thing you */\n");
	scene_assert_file(&scene, "out/sub/a.raw", "{{name}} {{#if\n");
	scene_assert_file(&scene, "out/list.txt", "- x\n- y z\n");
	scene_assert_file(&scene, "out/test_big_thing.c", NULL);
	scene_assert_file(&scene, "out/template.yaml", NULL);
	assert_int_equal(scratch_mode(scene.tree, "out/go.sh"), 0755);
	assert_non_null(scene_find(&scene, EVENT_FILE_READ, "a"));
	scene_release(&scene);
}

static void test_a_file_to_append_to_keeps_its_lines_and_gets_them_once(void **state)
{
	(void)state;
	struct scene scene;
	scene_init(&scene, "belay: 1\n"
	                   "vars: { who: you }\n"
	                   "steps:\n"
	                   "  - { id: a, scaffold: tpl, into: out, with: { name: n, items: x } }\n"
	                   "  - { id: b, needs: a, scaffold: tpl, into: out, with: { name: n, items: x } }\n"
	                   "  - { id: c, needs: b, scaffold: tpl, into: out, with: { name: m, items: z, tests: true } }\n");
	folder_of_templates(&scene);
	scratch_mkdir(scene.tree, "out");
	scratch_write(scene.tree, "out/list.txt", "- w");
	assert_int_equal(scene_run(&scene), 0);
	scene_assert_file(&scene, "out/list.txt", "- w\n- x\n- z\n");
	scene_assert_file(&scene, "out/test_m.c", "test\n");
	scene_release(&scene);
}

static void test_templates_may_stand_in_the_plan(void **state)
{
	(void)state;
	struct scene scene;
	scene_init(&scene, "belay: 1\n"
	                   "vars: { level: 3, odd: '{{#if' }\n"
	                   "steps:\n"
	                   "  - id: a\n"
	                   "    each: { part: [one, two] }\n"
	                   "    scaffold:\n"
	                   "    into: src/{{part}}\n"
	                   "    files:\n"
	                   "      '{{name}}.txt': '{{part}} {{level}} {{#if level == 3}}three{{#end}} {{odd}} \\{{name}}'\n");
	assert_int_equal(scene_run(&scene), 0);
	scene_assert_file(&scene, "src/one/one.txt", "one 3 three {{#if {{name}}");
	scene_assert_file(&scene, "src/two/two.txt", "two 3 three {{#if {{name}}");
	scene_release(&scene);
}

static void test_each_over_files_gives_templates_its_value(void **state)
{
	(void)state;
	struct scene scene;
	scene_init(&scene, "belay: 1\n"
	                   "steps:\n"
	                   "  - { id: a, each: { file: 'in/*' }, scaffold: , into: out, files: { '{{name}}': '{{file}}' },"
	                   " with: { name: 'x.{{file}}' } }\n");
	scratch_mkdir(scene.tree, "in");
	scratch_write(scene.tree, "in/p{{q", "");
	assert_int_equal(scene_run(&scene), 0);
	scene_assert_file(&scene, "out/x.in/p{{q", "in/p{{q");
	scene_release(&scene);
}

struct refusal {
	const char *step, *category, *message;
};

static const struct refusal refusals[] = {
	{ "scaffold: tpl, into: out", "plan", "there is no variable 'who'" },
	{ "scaffold: tpl, into: .", "plan", "the template needs 'name' (its name)" },
	{ "scaffold: tlp, into: out", "access", "there is no folder of templates 'tlp'" },
	{ "scaffold: tpl/go.sh, into: out", "access", "'tpl/go.sh' is a file" },
	{ "scaffold: , files: { '{{name}}': a, 'x{{nothing}}y': b, out: c }, into: out", "plan", "no variable 'nothing'" },
	{ "scaffold: , files: { '{{name}}': a, out: b }, into: out", "plan", "two templates make 'out/out'" },
	{ "scaffold: , files: { '{{up}}/a': a }, with: { up: ../.. }, into: out/in", "plan", "leads out of the step's folder" },
	{ "scaffold: , files: { '{{up}}/a': a }, with: { up: ../.. }, into: out", "access", "leaves the repository" },
	{ "scaffold: , files: { '{{git}}/config': a }, with: { git: .git }, into: out", "access", "git" },
	{ "scaffold: , files: { '{{n}}': a }, with: { n: nul }, into: out", "access", "nul" },
	{ "scaffold: , files: { '{{#if no}}a{{#end}}': a }, into: out", "plan", "makes no file" },
	{ "scaffold: , files: { there.txt: other }, into: .", "access", "'there.txt' exists already" },
	{ "scaffold: bad, into: out", "plan", "bad/template.yaml:2:1: error: unknown key" },
};

static void test_what_cannot_be_made_stops_the_step_and_writes_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
		struct scene scene;
		char plan[500];
		snprintf(plan, sizeof plan, "belay: 1\nsteps:\n  - { id: a, %s }\n", refusals[i].step);
		scene_init(&scene, plan);
		folder_of_templates(&scene);
		scratch_write(scene.tree, "there.txt", "mine\n");
		scratch_mkdir(scene.tree, "bad");
		scratch_write(scene.tree, "bad/template.yaml", "about: x\nverbatm: y\n");
		scratch_write(scene.tree, "bad/x", "");
		assert_int_equal(scene_run(&scene), 1);
		const struct event *failed = scene_find(&scene, EVENT_STEP_FAILED, "a");
		assert_non_null(failed);
		assert_contains(failed->message, refusals[i].message);
		assert_string_equal(failed->category, refusals[i].category);
		scene_assert_file(&scene, "out", NULL);
		scene_assert_file(&scene, "there.txt", "mine\n");
		scene_release(&scene);
	}
}

static void test_files_that_are_there_are_kept_or_replaced_as_the_plan_says(void **state)
{
	(void)state;
	struct scene scene;
	scene_init(&scene, "belay: 1\n"
	                   "steps:\n"
	                   "  - { id: a, scaffold: , files: { a: new, b: new }, into: ., exists: skip }\n"
	                   "  - { id: b, needs: a, scaffold: , files: { c: new }, into: ., exists: replace }\n"
	                   "  - { id: c, needs: b, scaffold: , files: { c: new }, into: . }\n");
	scratch_write(scene.tree, "a", "old");
	scratch_write(scene.tree, "c", "old");
	assert_int_equal(scene_run(&scene), 0);
	scene_assert_file(&scene, "a", "old");
	scene_assert_file(&scene, "b", "new");
	scene_assert_file(&scene, "c", "new");
	scene_release(&scene);
}

static void test_a_model_fills_what_the_templates_made(void **state)
{
	(void)state;
	struct scene scene;
	scene_init(&scene, "belay: 1\n"
	                   "steps:\n"
	                   "  - { id: a, scaffold: , files: { '{{name}}.c': \"int skeleton;\\n\", '{{name}}.h': \"int h;\\n\" },"
	                   " into: src/csv, prompt: Fill it. }\n");
	scratch_mkdir(scene.tree, "src");
	scratch_mkdir(scene.tree, "src/old");
	scratch_write(scene.tree, "src/old/old.c", "int example_of_style;\n");
	scratch_write(scene.tree, "src/old/old.txt", "no example\n");
	scene_answer(&scene, "a", 1,
	             "FILE abcdef012345 src/csv/csv.c\nint filled;\nEND abcdef012345\n"
	             "FILE abcdef012345 src/csv/more.c\nint more;\nEND abcdef012345\n");
	assert_int_equal(scene_run(&scene), 0);
	scene_assert_file(&scene, "src/csv/csv.c", "int filled;\n");
	scene_assert_file(&scene, "src/csv/csv.h", "int h;\n");
	scene_assert_file(&scene, "src/csv/more.c", "int more;\n");
	const struct event *sent = scene_find(&scene, EVENT_PROMPT_SENT, "a");
	assert_contains(sent->text.data, "int skeleton;");
	assert_contains(sent->text.data, "example_of_style");
	assert_null(strstr(sent->text.data, "no example"));
	const struct event *proposed = scene_find(&scene, EVENT_CHANGE_PROPOSED, "a");
	for (size_t i = 0; i < proposed->files.n_files; i++)
		assert_int_equal(proposed->files.file[i].change, EVENT_CREATED);
	scene_release(&scene);
}

static void test_a_model_may_make_all_of_it_but_only_in_its_folder(void **state)
{
	(void)state;
	struct scene scene;
	scene_init(&scene, "belay: 1\n"
	                   "steps:\n"
	                   "  - { id: a, scaffold: , into: src/csv, prompt: Make it., attempts: 2 }\n");
	scratch_write(scene.tree, "main.c", "int main;\n");
	scene_answer(&scene, "a", 1, "FILE abcdef012345 main.c\nint broken;\nEND abcdef012345\n");
	scene_answer(&scene, "a", 2, "FILE abcdef012345 src/csv/csv.c\nint made;\nEND abcdef012345\n");
	assert_int_equal(scene_run(&scene), 0);
	scene_assert_file(&scene, "src/csv/csv.c", "int made;\n");
	scene_assert_file(&scene, "main.c", "int main;\n");
	assert_int_equal(scene_count(&scene, EVENT_STEP_STARTED, "a"), 2);
	scene_release(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_folder_makes_files_with_names_contents_and_modes),
		cmocka_unit_test(test_a_file_to_append_to_keeps_its_lines_and_gets_them_once),
		cmocka_unit_test(test_templates_may_stand_in_the_plan),
		cmocka_unit_test(test_each_over_files_gives_templates_its_value),
		cmocka_unit_test(test_what_cannot_be_made_stops_the_step_and_writes_nothing),
		cmocka_unit_test(test_files_that_are_there_are_kept_or_replaced_as_the_plan_says),
		cmocka_unit_test(test_a_model_fills_what_the_templates_made),
		cmocka_unit_test(test_a_model_may_make_all_of_it_but_only_in_its_folder),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
