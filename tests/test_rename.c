/* Names by whole words, edits by places, and steps that rename: by a server, by words, and by words after a server failed. */
#include "tests/unit.h"

#include "edit/rename.h"
#include "edit/text_edit.h"
#include "tests/scene.h"

#include <stdio.h>

static void check_words(const char *path, const char *text, const char *expected, size_t n_code, size_t n_comments,
                        size_t n_strings)
{
	struct buf out = { 0 };
	struct err err = { 0 };
	struct rename_count count;
	assert_ok(rename_words(path, text, strlen(text), "old", "new_name", &out, &count, &err), &err);
	assert_string_equal(out.len ? buf_str(&out) : text, expected);
	assert_int_equal(count.n_code, n_code);
	assert_int_equal(count.n_comments, n_comments);
	assert_int_equal(count.n_strings, n_strings);
	buf_release(&out);
}

static void test_words_are_whole_and_strings_are_left(void **state)
{
	(void)state;
	check_words("a.c", "int old, older, _old, old2; /* old */ f(\"old\", 'x', old); // old\n",
	            "int new_name, older, _old, old2; /* new_name */ f(\"old\", 'x', new_name); // new_name\n", 2, 2, 1);
	check_words("a.c", "#define old(x) (x)\n#include \"old.h\"\nold(old)",
	            "#define new_name(x) (x)\n#include \"old.h\"\nnew_name(new_name)", 3, 0, 1);
	check_words("a.py", "old = f'{old} old'  # old\n", "new_name = f'{new_name} old'  # new_name\n", 2, 1, 1);
	check_words("a.js", "old.$old(`${old} old`)", "new_name.$old(`${new_name} old`)", 2, 0, 1);
	check_words("a.txt", "old \"old\" older", "new_name \"new_name\" older", 2, 0, 0);
	check_words("a.c", "", "", 0, 0, 0);
	check_words("a.c", "ol", "ol", 0, 0, 0);
}

static void test_a_new_name_that_is_there_already_is_told(void **state)
{
	(void)state;
	struct buf out = { 0 };
	struct err err = { 0 };
	struct rename_count count;
	assert_ok(rename_words("a.c", "old b; /* c */", 14, "old", "b", &out, &count, &err), &err);
	assert_true(count.has_new_name);
	buf_clear(&out);
	assert_ok(rename_words("a.c", "old b; /* c */", 14, "old", "c", &out, &count, &err), &err);
	assert_false(count.has_new_name);
	buf_release(&out);
}

static void test_names_are_single_words(void **state)
{
	(void)state;
	assert_true(rename_is_name("a_1$"));
	assert_true(rename_is_name("h\303\251"));
	assert_false(rename_is_name(""));
	assert_false(rename_is_name("1a"));
	assert_false(rename_is_name("a b"));
	assert_false(rename_is_name("a::b"));
}

static void test_places_count_in_units_of_utf16(void **state)
{
	(void)state;
	const char text[] = "a\303\251\360\237\230\200b\nxy\n";
	size_t n = sizeof text - 1;
	assert_int_equal(text_place_find(text, n, (struct text_place){ 0, 4 }), 7);
	assert_int_equal(text_place_find(text, n, (struct text_place){ 0, 99 }), 8);
	assert_int_equal(text_place_find(text, n, (struct text_place){ 1, 1 }), 10);
	assert_int_equal(text_place_find(text, n, (struct text_place){ 2, 0 }), n);
	assert_int_equal(text_place_find(text, n, (struct text_place){ 3, 0 }), -1);
	struct text_place place = text_place_of(text, n, 7);
	assert_int_equal(place.line, 0);
	assert_int_equal(place.unit, 4);
	place = text_place_of(text, n, 10);
	assert_int_equal(place.line, 1);
	assert_int_equal(place.unit, 1);
}

static void test_edits_by_places_apply_in_any_order_and_never_overlap(void **state)
{
	(void)state;
	struct err err = { 0 };
	struct buf out = { 0 };
	struct text_edit edit[] = {
		{ .from = { 1, 0 }, .to = { 1, 1 }, .text = (char *)"XX", .n = 2 },
		{ .from = { 0, 0 }, .to = { 0, 2 }, .text = (char *)"", .n = 0 },
	};
	assert_ok(text_edits_apply("abc\ndef\n", 8, edit, 2, &out, &err), &err);
	assert_string_equal(buf_str(&out), "c\nXXef\n");
	buf_clear(&out);
	struct text_edit overlap[] = {
		{ .from = { 0, 0 }, .to = { 0, 2 }, .text = (char *)"x", .n = 1 },
		{ .from = { 0, 1 }, .to = { 0, 3 }, .text = (char *)"y", .n = 1 },
	};
	assert_int_equal(text_edits_apply("abc\n", 4, overlap, 2, &out, &err), -1);
	assert_contains(err.msg, "overlap");
	struct text_edit outside = { .from = { 9, 0 }, .to = { 9, 1 }, .text = (char *)"", .n = 0 };
	assert_int_equal(text_edits_apply("abc\n", 4, &outside, 1, &out, &err), -1);
	assert_contains(err.msg, "line 10");
	assert_int_equal(out.len, 0);
	buf_release(&out);
}

static void test_a_step_renames_by_word_and_shows_the_scope(void **state)
{
	(void)state;
	struct scene scene;
	scene_init(&scene, "belay: 1\n"
	                   "steps:\n"
	                   "  - { id: r, refactor: '*.c', rename: { from: old, to: fresh, using: word } }\n");
	scratch_write(scene.tree, "a.c", "int old; /* old */\nchar *s = \"old\";\n");
	scratch_write(scene.tree, "b.c", "extern int old; int fresh;\n");
	scratch_write(scene.tree, "c.c", "int older;\n");
	assert_int_equal(scene_run(&scene), 0);
	scene_assert_file(&scene, "a.c", "int fresh; /* fresh */\nchar *s = \"old\";\n");
	scene_assert_file(&scene, "b.c", "extern int fresh; int fresh;\n");
	assert_true(scene_noticed(&scene, "3 places in 2 of 3 files"));
	assert_true(scene_noticed(&scene, "'old' by whole word: 2 in code, 1 in comments; 1 in strings left"));
	assert_true(scene_noticed(&scene, "'fresh' is a name in the code of 1 of these files already"));
	scene_release(&scene);
}

static const char two_scopes[] = "int count_all(int old)\n{\n\treturn old + 1;\n}\n"
                                 "struct s { int old; };\nint g(struct s *p)\n{\n\treturn p->old;\n}\n";

/* Whether a program is there is the machine's affair. */
static bool is_there(const char *program)
{
	char command[100];
	snprintf(command, sizeof command, "command -v %s >/dev/null 2>&1", program);
	return system(command) == 0;
}

static void test_clangd_renames_what_the_name_means(void **state)
{
	(void)state;
	struct scene scene;
	if (!is_there("clangd"))
		skip();
	scene_init(&scene, "belay: 1\n"
	                   "steps:\n"
	                   "  - { id: r, refactor: ['*.c', '*.h'], rename: { from: add_all, to: sum, using: lsp } }\n"
	                   "  - { id: s, needs: r, refactor: scopes.c, rename: { from: old, to: start } }\n");
	scratch_write(scene.tree, "a.h", "int add_all(int a, int b); /* add_all adds */\n");
	scratch_write(scene.tree, "a.c", "#include \"a.h\"\nint add_all(int a, int b) { return a + b; }\n");
	scratch_write(scene.tree, "b.c", "#include \"a.h\"\nint twice(int x) { return add_all(x, x); }\n");
	scratch_write(scene.tree, "scopes.c", two_scopes);
	assert_int_equal(scene_run(&scene), 0);
	scene_assert_file(&scene, "a.c", "#include \"a.h\"\nint sum(int a, int b) { return a + b; }\n");
	scene_assert_file(&scene, "b.c", "#include \"a.h\"\nint twice(int x) { return sum(x, x); }\n");
	scene_assert_file(&scene, "a.h", "int sum(int a, int b); /* add_all adds */\n");
	scene_assert_file(&scene, "scopes.c",
	                  "int count_all(int start)\n{\n\treturn start + 1;\n}\n"
	                  "struct s { int old; };\nint g(struct s *p)\n{\n\treturn p->old;\n}\n");
	assert_true(scene_noticed(&scene, "'add_all' renamed by clangd: 3 places in 3 files"));
	assert_true(scene_noticed(&scene, "'old' still stands in the code of 1 file, where it is something else's name: "
	                                  "scopes.c:5"));
	assert_false(scratch_has(scene.tree, ".cache"));
	scene_release(&scene);
}

/* A scene with a program called clangd that is a shell script. */
static void server_scene(struct scene *scene, const char *using, const char *script)
{
	char plan[300];
	snprintf(plan, sizeof plan,
	         "belay: 1\nsteps:\n"
	         "  - { id: r, refactor: '*.c', rename: { from: old, to: fresh%s%s }, timeout: 1s }\n",
	         *using ? ", using: " : "", using);
	scene_init(scene, plan);
	scratch_write(scene->tree, "a.c", "int old;\n");
	scratch_mkdir(scene->tree, "bin");
	scratch_write_bytes(scene->tree, "bin/clangd", script, strlen(script), 0755);
}

struct bad_server {
	const char *script, *message;
};

static const struct bad_server bad_servers[] = {
	{ "#!/bin/sh\necho 'no such option' >&2\nexit 3\n", "'clangd': it ended with exit status 3" },
	{ "#!/bin/sh\nkill -KILL $$\n", "'clangd': it was ended by signal 9" },
	{ "#!/bin/sh\nexec sleep 60\n", "'clangd': it did not answer within 1 s" },
	{ "#!/bin/sh\necho hello\nexec sleep 60\n", "it does not speak the language server protocol, it says 'hello'" },
	{ "#!/bin/sh\nprintf 'Content-Length: 5\\r\\n\\r\\n{oops'\nexec sleep 60\n", "its message is no JSON" },
	{ "#!/bin/sh\nprintf 'Content-Length: 99999999999\\r\\n\\r\\n'\nexec sleep 60\n", "does not speak" },
	{ "#!/bin/sh\nprintf 'Content-Length: 62\\r\\n\\r\\n"
	  "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-1,\"message\":\"tired\"}}'\nexec sleep 60\n",
	  "'clangd' refuses: tired" },
};

static void test_a_server_that_fails_is_told_and_words_are_renamed_instead(void **state)
{
	(void)state;
	char *path = strdup(getenv("PATH"));
	for (size_t i = 0; i < sizeof bad_servers / sizeof *bad_servers; i++) {
		const struct bad_server *bad = &bad_servers[i];
		for (int strict = 0; strict < 2; strict++) {
			struct scene scene;
			char *with = NULL;
			server_scene(&scene, strict ? "lsp" : "", bad->script);
			assert_true(asprintf(&with, "%s/bin:%s", scene.tree, path) > 0);
			setenv("PATH", with, 1);
			assert_int_equal(scene_run(&scene), strict);
			scene_assert_file(&scene, "a.c", strict ? "int old;\n" : "int fresh;\n");
			if (!scene_noticed(&scene, bad->message))
				fail_msg("nobody says: %s", bad->message);
			setenv("PATH", path, 1);
			free(with);
			scene_release(&scene);
		}
	}
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words_are_whole_and_strings_are_left),
		cmocka_unit_test(test_a_new_name_that_is_there_already_is_told),
		cmocka_unit_test(test_names_are_single_words),
		cmocka_unit_test(test_places_count_in_units_of_utf16),
		cmocka_unit_test(test_edits_by_places_apply_in_any_order_and_never_overlap),
		cmocka_unit_test(test_a_step_renames_by_word_and_shows_the_scope),
		cmocka_unit_test(test_clangd_renames_what_the_name_means),
		cmocka_unit_test(test_a_server_that_fails_is_told_and_words_are_renamed_instead),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
