#include "tests/unit.h"

#include "tests/shell.h"

#include "base/buf.h"
#include "io/ignore.h"
#include "io/vcs.h"
#include "io/workspace.h"

#include <stdio.h>

/* The names that the patterns (separated by spaces) stand for, joined by spaces; or the error's message. */
static int expand_in(const char *root, const char *patterns, bool allow_empty, struct buf *out, struct err *err)
{
	struct workspace ws;
	struct strings list = { 0 };
	struct strings found = { 0 };
	char *copy = strdup(patterns);
	for (char *s = strtok(copy, " "); s; s = strtok(NULL, " "))
		strings_add(&list, s);
	assert_ok(workspace_open(&ws, shell_path(root), 2, err), err);
	int rc = workspace_expand(&ws, &list, allow_empty, &found, err);
	buf_clear(out);
	for (size_t i = 0; i < found.n_items; i++)
		buf_printf(out, "%s%s", i ? " " : "", found.item[i]);
	workspace_close(&ws);
	strings_release(&list);
	strings_release(&found);
	free(copy);
	return rc;
}

static void check_expand(const char *root, const char *patterns, const char *expected)
{
	struct err err;
	struct buf out = { 0 };
	assert_ok(expand_in(root, patterns, false, &out, &err), &err);
	assert_string_equal(buf_str(&out), expected);
	buf_release(&out);
}

static void check_refused(const char *root, const char *patterns, enum err_code code, const char *msg, const char *hint)
{
	struct err err;
	struct buf out = { 0 };
	assert_int_equal(expand_in(root, patterns, false, &out, &err), -1);
	assert_int_equal(err.code, code);
	assert_contains(err.msg, msg);
	assert_contains(err.hint, hint);
	buf_release(&out);
}

#define TREE "git init -q r; cd r; mkdir -p src/sub docs build; echo a > src/main.c; echo b > src/sub/util.c; " \
	"echo h > src/main.h; echo d > docs/x.md; echo o > build/main.o; echo build/ > .gitignore; echo '*.log' >> .gitignore; " \
	"echo l > src/x.log; ln -s src/main.c link.c; "

static void test_patterns_name_files_folders_and_globs(void **state)
{
	(void)state;
	shell_run(TREE);
	check_expand("r", "src/main.c", "src/main.c");
	check_expand("r", "./src//main.c src/../src/main.c", "src/main.c");
	check_expand("r", "src", "src/main.c src/main.h src/sub/util.c");
	check_expand("r", "src/**/*.c", "src/main.c src/sub/util.c");
	check_expand("r", "**/*.c", "link.c src/main.c src/sub/util.c");
	check_expand("r", "src/*.{c,h} docs", "docs/x.md src/main.c src/main.h");
	check_expand("r", "src/*.c src/main.c src", "src/main.c src/main.h src/sub/util.c");
	check_expand("r", ".\\src\\*.c", "src/main.c");
	check_expand("r", "./src//./*.c", "src/main.c");
	check_expand("r", "src\\sub", "src/sub/util.c");
	check_expand("r", ".", ".gitignore docs/x.md link.c src/main.c src/main.h src/sub/util.c");
}

static void test_ignored_files_only_when_named_exactly(void **state)
{
	(void)state;
	shell_run(TREE);
	check_expand("r", "build/main.o src/x.log", "build/main.o src/x.log");
	check_expand("r", "build", "build/main.o");
	check_refused("r", "build/*.o", ERR_NOT_FOUND, "nothing matches 'build/*.o'", "ignored");
	check_expand("r", "src/*", "src/main.c src/main.h");
	/* What is tracked is never ignored. */
	shell_run("cd r; git add -f build/main.o");
	check_expand("r", "build/*.o", "build/main.o");
	check_expand("r", "**/*.o", "build/main.o");
}

static void test_without_repository_nothing_is_ignored(void **state)
{
	(void)state;
	shell_run(TREE "rm -rf .git");
	check_expand("r", "build/*.o src/*.log", "build/main.o src/x.log");
}

static void test_nested_repository_is_a_boundary(void **state)
{
	(void)state;
	shell_run(TREE "git init -q src/nested; echo n > src/nested/n.c; mkdir src/module; echo 'gitdir: x' > src/module/.git; "
	               "echo m > src/module/m.c");
	check_expand("r", "src/**/*.c", "src/main.c src/sub/util.c");
	check_expand("r", "src", "src/main.c src/main.h src/sub/util.c");
	check_refused("r", ".git/config", ERR_ACCESS, ".git/config", "");
	check_refused("r", "src/nested/.GIT", ERR_ACCESS, "git", "");
}

static void test_links_are_listed_and_never_followed(void **state)
{
	(void)state;
	shell_run(TREE "mkdir ../out; echo s > ../out/secret.c; ln -s ../out src/out; ln -s ../src src/loop");
	check_expand("r", "src/**", "src/loop src/main.c src/main.h src/out src/sub/util.c");
	check_refused("r", "src/out/secret.c", ERR_ACCESS, "symbolic link", "");
	check_refused("r", "../out/secret.c", ERR_ACCESS, "..", "");
	check_refused("r", "/etc/passwd", ERR_ACCESS, "/etc/passwd", "");
	check_refused("r", "/etc/*", ERR_ACCESS, "/etc/*", "");
	check_refused("r", "src/../../*", ERR_ACCESS, "'..'", "");
}

static void test_what_is_not_there_gets_the_nearest_name(void **state)
{
	(void)state;
	struct err err;
	struct buf out = { 0 };
	shell_run(TREE);
	check_refused("r", "src/mian.c", ERR_NOT_FOUND, "'src/mian.c'", "'src/main.c'");
	check_refused("r", "scr/main.c", ERR_NOT_FOUND, "'scr/main.c'", "'src'");
	check_refused("r", "src/main.c/x", ERR_NOT_FOUND, "src/main.c/x", "");
	check_refused("r", "src/*.rs", ERR_NOT_FOUND, "src/*.rs", "");
	check_refused("r", "src/*.c src/*.rs", ERR_NOT_FOUND, "src/*.rs", "");
	assert_ok(expand_in("r", "src/*.rs", true, &out, &err), &err);
	assert_string_equal(buf_str(&out), "");
	assert_int_equal(expand_in("r", "src/none.c", true, &out, &err), -1);
	buf_release(&out);
}

static void test_name_with_glob_characters_is_taken_as_it_is(void **state)
{
	(void)state;
	shell_run(TREE "echo x > 'src/a[1].c'; echo x > src/a1.c");
	check_expand("r", "src/a[1].c", "src/a[1].c");
	check_expand("r", "src/a[12].c", "src/a1.c");
}

static void test_special_files_are_passed_over(void **state)
{
	(void)state;
	shell_run(TREE "mkfifo src/fifo.c");
	check_expand("r", "src/*.c", "src/main.c");
	check_refused("r", "src/fifo.c", ERR_UNSUPPORTED, "src/fifo.c", "");
}

/* git itself is asked about every path of a tree with these ignore files. */
static const struct {
	const char *file, *text;
} ignore_file[] = {
	{ ".gitignore",
	  "# comment\n\n*.o\n!keep.o\n/top\nbuild/\ndoc/*.txt\nfoo/**\n**/deep\na/**/z\n\\#hash\n\\!bang\ntrail   \nsp\\ \n"
	  "[abc].x\n[!abc].y\n[a-c]*.r\n?.q\n*.tar.?z\nx/y/\n!x/y/\nsub/*\n!sub/keep/\n**.w\nmid**dle\n[[:digit:]]*.d\n"
	  "un[closed\nback\\slash\ncr\r\n/*/two/three\n!/top/\nq[]]q\nw[^]-a]w\nlast\\" },
	{ "a/.gitignore", "*.n\n!*.o\n/only\nb/c\n" },
	{ "sub/keep/.gitignore", "!in\nx\n/y/\n" },
	{ ".git/info/exclude", "*.excluded\n!not.excluded\n*.q\n" },
	{ "../user", "\xef\xbb\xbf*.user\n*.r\n!a.r\n" },
};
static const char *const ignore_path[] = {
	"m.o", "keep.o", "a/m.o", "a/b/m.o", "top", "a/top", "build/x", "a/build/x", "src/build", "doc/t.txt",
	"doc/d/t.txt", "foo/x", "foo/y/z", "foo2", "deep", "a/deep", "a/b/deep/x", "a/z", "a/b/z", "a/b/c/z", "#hash", "!bang",
	"trail", "sp ", "sp", "a.x", "d.x", "a.y", "d.y", "bz.r", "dz.r", "a.r", "z.q", "zz.q", "n.tar.gz", "n.tar.xxz",
	"x/y/f", "x/yy", "sub/one", "sub/keep/in", "sub/keep/x", "sub/keep/y/f", "sub/other/in", "v.w", "p/v.w", "middle",
	"midXdle", "mid/dle", "1a.d", "a1.d", "un[closed", "backslash", "cr", "one/two/three", "one/two/four", "x.excluded",
	"not.excluded", "a/f.n", "a/only", "a/b/only", "a/b/c/f", "b/c/f", "f.user", "q]q", "waw", "w]w", "w-w", "wbw", "last",
	"last\\", "src/main.c", "x/y2/build", "foo/build/k",
};

static void make_ignore_tree(void)
{
	shell_run("git init -q r; cd r; git config core.excludesFile \"$PWD/../user\"; mkdir -p a sub/keep");
	for (size_t i = 0; i < sizeof ignore_file / sizeof *ignore_file; i++) {
		char name[64];
		snprintf(name, sizeof name, "r/%s", ignore_file[i].file);
		shell_write(name, ignore_file[i].text);
	}
	for (size_t i = 0; i < sizeof ignore_path / sizeof *ignore_path; i++) {
		char script[256];
		snprintf(script, sizeof script, "cd r; mkdir -p \"$(dirname '%s')\"; echo x > '%s'", ignore_path[i], ignore_path[i]);
		shell_run(script);
	}
}

static void test_ignore_files_mean_what_they_mean_to_git(void **state)
{
	(void)state;
	struct err err;
	struct buf ours = { 0 };
	struct workspace ws;
	struct strings all = { 0 };
	struct strings found = { 0 };
	make_ignore_tree();
	assert_ok(workspace_open(&ws, shell_path("r"), 2, &err), &err);
	strings_add(&all, "**");
	assert_ok(workspace_expand(&ws, &all, false, &found, &err), &err);
	for (size_t i = 0; i < found.n_items; i++)
		buf_printf(&ours, "%s\n", found.item[i]);
	shell_write("ours", buf_str(&ours));
	shell_run("cd r; git ls-files -z --others --exclude-standard | tr '\\0' '\\n' | LC_ALL=C sort > ../git; "
	          "diff -u ../git ../ours");
	workspace_close(&ws);
	strings_release(&all);
	strings_release(&found);
	buf_release(&ours);
}

static void test_hostile_ignore_pattern_takes_no_time(void **state)
{
	(void)state;
	struct buf pattern = { 0 };
	struct buf path = { 0 };
	for (int i = 0; i < 1000; i++)
		buf_add_str(&pattern, "**/*a*");
	buf_add_str(&pattern, "b");
	for (int i = 0; i < 1000; i++)
		buf_add_str(&path, "aaa/");
	buf_add_str(&path, "a");
	struct ignore *ignore = ignore_new(NULL, "", buf_str(&pattern), pattern.len);
	assert_false(ignore_has(ignore, buf_str(&path), false));
	ignore_free(ignore);
	buf_release(&pattern);
	buf_release(&path);
}

static struct workspace_batch read_files(const char *names, int64_t max_bytes, struct strings *paths)
{
	struct err err;
	struct workspace ws;
	struct workspace_batch batch;
	char *copy = strdup(names);
	for (char *s = strtok(copy, " "); s; s = strtok(NULL, " "))
		strings_add(paths, s);
	assert_ok(workspace_open(&ws, shell_path("r"), 2, &err), &err);
	assert_ok(workspace_read(&ws, paths, max_bytes, NULL, &batch, &err), &err);
	workspace_close(&ws);
	free(copy);
	return batch;
}

static void test_files_are_read_in_order_and_each_has_its_error(void **state)
{
	(void)state;
	struct strings paths = { 0 };
	struct hash hash;
	shell_run(TREE "chmod 0640 src/main.h; mkfifo fifo; : > empty");
	struct workspace_batch batch = read_files("src/main.h none link.c src fifo empty src/main.c", 0, &paths);
	assert_int_equal(batch.n_files, 7);
	assert_string_equal(batch.file[0].data, "h\n");
	assert_int_equal(batch.file[0].mode, 0640);
	hash_data(&hash, "h\n", 2);
	assert_true(hash_equal(&hash, &batch.file[0].hash));
	assert_int_equal(batch.file[1].err.code, ERR_NOT_FOUND);
	assert_true(batch.file[2].is_link);
	assert_string_equal(batch.file[2].data, "src/main.c");
	assert_int_not_equal(batch.file[3].err.code, ERR_NONE);
	assert_int_equal(batch.file[4].err.code, ERR_UNSUPPORTED);
	assert_int_equal(batch.file[5].err.code, ERR_NONE);
	assert_int_equal(batch.file[5].size, 0);
	assert_string_equal(batch.file[6].data, "a\n");
	workspace_batch_release(&batch);
	strings_release(&paths);
}

static void test_large_file_is_cut_at_a_line_end(void **state)
{
	(void)state;
	struct strings paths = { 0 };
	shell_run("mkdir r; cd r; yes 0123456 | head -c 8000000 > big; printf 'no end of line' > line; truncate -s 3G huge; "
	          "printf 'x\\ny' > small");
	struct workspace_batch batch = read_files("big line huge small", 1001, &paths);
	assert_int_equal(batch.file[0].size, 1000);
	assert_string_equal(batch.file[1].data, "no end of line");
	assert_int_equal(batch.file[2].size, 1001);
	assert_string_equal(batch.file[3].data, "x\ny");
	workspace_batch_release(&batch);
	strings_release(&paths);
	batch = read_files("big", 0, &paths);
	assert_int_equal(batch.file[0].size, 8000000);
	workspace_batch_release(&batch);
	strings_release(&paths);
}

static void test_cancelled_reading_ends(void **state)
{
	(void)state;
	struct err err;
	struct workspace ws;
	struct workspace_batch batch;
	struct strings paths = { 0 };
	struct cancel cancel = { 0 };
	shell_run(TREE);
	strings_add(&paths, "src/main.c");
	cancel_set(&cancel);
	assert_ok(workspace_open(&ws, shell_path("r"), 2, &err), &err);
	assert_int_equal(workspace_read(&ws, &paths, 0, &cancel, &batch, &err), -1);
	assert_int_equal(err.code, ERR_CANCELLED);
	workspace_close(&ws);
	strings_release(&paths);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, shell_set_up, shell_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FOLDER(test_patterns_name_files_folders_and_globs),
		WITH_FOLDER(test_ignored_files_only_when_named_exactly),
		WITH_FOLDER(test_without_repository_nothing_is_ignored),
		WITH_FOLDER(test_nested_repository_is_a_boundary),
		WITH_FOLDER(test_links_are_listed_and_never_followed),
		WITH_FOLDER(test_what_is_not_there_gets_the_nearest_name),
		WITH_FOLDER(test_name_with_glob_characters_is_taken_as_it_is),
		WITH_FOLDER(test_special_files_are_passed_over),
		WITH_FOLDER(test_ignore_files_mean_what_they_mean_to_git),
		cmocka_unit_test(test_hostile_ignore_pattern_takes_no_time),
		WITH_FOLDER(test_files_are_read_in_order_and_each_has_its_error),
		WITH_FOLDER(test_large_file_is_cut_at_a_line_end),
		WITH_FOLDER(test_cancelled_reading_ends),
	};
	int rc = cmocka_run_group_tests_name("workspace", tests, NULL, NULL);
	vcs_shutdown();
	return rc;
}
