#include "tests/unit.h"

#include "tests/shell.h"

#include "io/code_index.h"
#include "io/code_index_file.h"
#include "io/file.h"

#include <stdio.h>

#define TREE "git init -q r; cd r; mkdir src build; echo 'int one(void);' > src/a.h; echo build/ > .gitignore; " \
	"printf '#include \"a.h\"\\nint two(void) { return one(); }\\n' > src/b.c; echo 'int no(void);' > build/c.c; " \
	"echo '# text' > README.md; touch -d '2020-01-01' src/*; "

static void open_index(struct code_index *out)
{
	struct workspace ws;
	struct err err;
	setenv("XDG_CACHE_HOME", shell_path("cache"), 1);
	assert_ok(workspace_open(&ws, shell_path("r"), 2, &err), &err);
	assert_ok(code_index_open(out, &ws, NULL, &err), &err);
	assert_true(code_tree_is_sound(&out->tree));
	workspace_close(&ws);
}

static size_t scanned(size_t n_files)
{
	struct code_index index;
	open_index(&index);
	assert_int_equal(index.tree.n_files, n_files);
	size_t n = index.n_scanned;
	code_index_release(&index);
	return n;
}

static void test_sources_are_scanned_once_and_ignored_files_never(void **state)
{
	(void)state;
	struct code_index index;
	shell_run(TREE);
	open_index(&index);
	assert_int_equal(index.n_scanned, 2);
	assert_true(index.is_kept);
	assert_int_equal(index.tree.n_files, 2);
	assert_string_equal(code_tree_path(&index.tree, 1), "src/b.c");
	assert_string_equal(code_tree_name(&index.tree, index.tree.symbol[index.tree.file[1].first_symbol].name), "two");
	code_index_release(&index);
	assert_int_equal(scanned(2), 0);
}

static void test_a_changed_file_is_scanned_and_a_known_content_is_not(void **state)
{
	(void)state;
	struct code_index index;
	shell_run(TREE);
	assert_int_equal(scanned(2), 2);
	shell_run("cd r; echo 'int three(void);' > src/a.h; ");
	open_index(&index);
	assert_int_equal(index.n_scanned, 1);
	assert_string_equal(code_tree_name(&index.tree, index.tree.symbol[index.tree.file[0].first_symbol].name), "three");
	code_index_release(&index);
	shell_run("cd r; touch -d 2020-01-02 src/a.h src/b.c; cp src/a.h src/copy.h; ");
	assert_int_equal(scanned(3), 0);
	shell_run("cd r; rm src/a.h; ");
	assert_int_equal(scanned(2), 0);
}

static void test_a_damaged_or_missing_index_is_made_anew(void **state)
{
	(void)state;
	shell_run(TREE);
	assert_int_equal(scanned(2), 2);
	assert_int_equal(scanned(2), 0);
	struct buf path = { 0 };
	struct buf file = { 0 };
	struct err err;
	assert_ok(code_index_path(shell_path("r"), &path, &err), &err);
	assert_ok(file_slurp(buf_str(&path), 0, &file, &err), &err);
	for (size_t at = 0; at < file.len; at += 13) {
		file.data[at] ^= 0x40;
		assert_ok(file_write_atomic(buf_str(&path), file.data, file.len, &err), &err);
		struct code_kept kept;
		code_kept_read(&kept, buf_str(&path));
		assert_int_equal(kept.tree.n_files, 0);
		file.data[at] ^= 0x40;
	}
	assert_ok(file_write_atomic(buf_str(&path), file.data, file.len / 2, &err), &err);
	assert_int_equal(scanned(2), 2);
	shell_run("rm -rf cache; ");
	assert_int_equal(scanned(2), 2);
	buf_release(&file);
	buf_release(&path);
}

static void test_without_a_place_to_keep_it_the_index_is_whole(void **state)
{
	(void)state;
	struct code_index index;
	shell_run(TREE);
	shell_run("echo > cache; ");
	open_index(&index);
	assert_int_equal(index.tree.n_files, 2);
	assert_false(index.is_kept);
	code_index_release(&index);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_sources_are_scanned_once_and_ignored_files_never, shell_set_up, shell_tear_down),
		cmocka_unit_test_setup_teardown(test_a_changed_file_is_scanned_and_a_known_content_is_not, shell_set_up, shell_tear_down),
		cmocka_unit_test_setup_teardown(test_a_damaged_or_missing_index_is_made_anew, shell_set_up, shell_tear_down),
		cmocka_unit_test_setup_teardown(test_without_a_place_to_keep_it_the_index_is_whole, shell_set_up, shell_tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
