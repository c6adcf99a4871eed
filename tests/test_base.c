#include "tests/unit.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/glob.h"
#include "base/json.h"
#include "base/map.h"
#include "base/path.h"
#include "base/pool.h"
#include "base/queue.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "base/yaml.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>

static void test_buf_with_a_ceiling_drops_what_is_over_whole(void **state)
{
	(void)state;
	struct buf buf;
	buf_init(&buf, 5);
	assert_int_equal(buf_add_str(&buf, "abc"), 0);
	assert_int_equal(buf_add_str(&buf, "def"), -1);
	assert_string_equal(buf_str(&buf), "abc");
	assert_true(buf.truncated);
	buf_release(&buf);
}

static void test_map_keeps_order_over_removals_and_growth(void **state)
{
	(void)state;
	struct map map = { 0 };
	char key[16];
	for (int i = 0; i < 1000; i++) {
		snprintf(key, sizeof key, "k%d", i);
		map_put(&map, key, (void *)(uintptr_t)(i + 1));
	}
	for (int i = 0; i < 1000; i += 2) {
		snprintf(key, sizeof key, "k%d", i);
		assert_int_equal((uintptr_t)map_remove(&map, key), i + 1);
	}
	assert_null(map_get(&map, "k0"));
	assert_int_equal((uintptr_t)map_get(&map, "k999"), 1000);
	const struct map_entry *entry;
	int expected = 1;
	for (size_t i = 0; (entry = map_next(&map, &i)); expected += 2)
		assert_int_equal((uintptr_t)entry->value, expected + 1);
	assert_int_equal(expected, 1001);
	map_release(&map);
}

static void count_one(void *arg, size_t i)
{
	(void)i;
	atomic_fetch_add((atomic_int *)arg, 1);
}

static void test_pool_for_each_visits_each_index_once(void **state)
{
	(void)state;
	atomic_int n = 0;
	pool_for_each(10000, 4, count_one, &n);
	assert_int_equal(n, 10000);
}

static void push_one(void *arg, size_t worker)
{
	(void)worker;
	assert_true(queue_push(arg, xmalloc(1)));
}

static void test_queue_gives_all_that_workers_pushed(void **state)
{
	(void)state;
	struct err err;
	struct queue *queue;
	assert_ok(queue_new(&queue, &err), &err);
	struct pool *pool = pool_new(4);
	for (int i = 0; i < 500; i++)
		assert_ok(pool_submit(pool, push_one, queue, &err), &err);
	for (int i = 0; i < 500; i++) {
		void *item = queue_pop(queue, -1);
		assert_non_null(item);
		free(item);
	}
	assert_null(queue_try_pop(queue));
	pool_free(pool);
	queue_free(queue, free);
}

static void expect_sanitised(const char *in, size_t n, unsigned flags, const char *expected)
{
	struct buf out = { 0 };
	text_sanitise(&out, in, n, flags);
	assert_string_equal(buf_str(&out), expected);
	buf_release(&out);
}

static void test_sanitiser_makes_what_drives_a_terminal_visible(void **state)
{
	(void)state;
	expect_sanitised("a\033[2Jb\r\x7f", 8, 0, "a^[[2Jb^M^?");
	expect_sanitised("x\xc2\x9by", 4, 0, "x<9b>y");
	expect_sanitised("\xff\xc3", 2, 0, "<ff><c3>");
	expect_sanitised("a\xe2\x80\xae" "b", 5, 0, "a<U+202E>b");
	expect_sanitised("a\tb\n", 4, TEXT_EXPAND_TABS | TEXT_KEEP_NEWLINES, "a       b\n");
	expect_sanitised("\xc3\xa9", 2, TEXT_ASCII, "?");
	expect_sanitised("w\xc3\xb6rter, \xe6\x97\xa5", 12, TEXT_ASCII, "w?rter, ?");
	expect_sanitised("caf" "e\xcc\x81 ok", 9, TEXT_ASCII, "cafe ok");
	expect_sanitised("gr\xc3\xbc\xc3\x9f", 6, 0, "gr\xc3\xbc\xc3\x9f");
}

static void test_widths_count_cells(void **state)
{
	(void)state;
	size_t used;
	assert_int_equal(text_width("abc", 3), 3);
	assert_int_equal(text_width("\xe6\x97\xa5\xe6\x9c\xac", 6), 4);
	assert_int_equal(text_fit("\xe6\x97\xa5\xe6\x9c\xac", 6, 3, &used), 3);
	assert_int_equal(used, 2);
}

static void test_nearest_word_is_found_for_a_slip_only(void **state)
{
	(void)state;
	static const char *const words[] = { "refactor", "rewrite", "read", "run" };
	assert_string_equal(text_nearest("refacter", words, 4), "refactor");
	assert_string_equal(text_nearest("raed", words, 4), "read");
	assert_null(text_nearest("zebra", words, 4));
}

static void expect_path(const char *text, const char *expected)
{
	struct err err;
	char *path;
	assert_ok(path_normalise(text, &path, &err), &err);
	assert_string_equal(path, expected);
	free(path);
}

static void test_paths_are_normalised_once(void **state)
{
	(void)state;
	expect_path("a//b/./c", "a/b/c");
	expect_path("src\\x.c", "src/x.c");
	expect_path("a/../b", "b");
	expect_path("./", "");
}

static void test_paths_that_leave_the_root_are_refused(void **state)
{
	(void)state;
	static const char *const bad[] = { "", "/etc/passwd", "../x", "a/../../x", "C:\\x", "\\x", "a\nb" };
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct err err;
		char *path;
		assert_int_equal(path_normalise(bad[i], &path, &err), -1);
		assert_int_equal(err.code, ERR_ACCESS);
	}
}

static void test_git_folders_are_not_writable_in_any_spelling(void **state)
{
	(void)state;
	static const char *const bad[] = { ".git/config", "a/.GIT/x", ".git./x", ".git /x", "git~1/x", ".g\xe2\x80\x8cit/x",
		".gitmodules", ".git::$INDEX_ALLOCATION/x" };
	struct err err;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(path_check_writable(bad[i], &err), -1);
	assert_ok(path_check_writable(".gitignore", &err), &err);
	assert_ok(path_check_writable("src/git.c", &err), &err);
}

static void test_new_names_that_windows_reserves_are_refused(void **state)
{
	(void)state;
	static const char *const bad[] = { "CON", "src/aux.c", "x./y", "a b /c", "a:b", "lpt1.txt", "what?" };
	struct err err;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(path_check_new_name(bad[i], &err), -1);
	assert_ok(path_check_new_name("src/console.c", &err), &err);
}

static bool matches(const char *pattern, const char *path)
{
	struct err err;
	struct glob *glob;
	assert_ok(glob_compile(&glob, pattern, &err), &err);
	bool yes = glob_match(glob, path);
	glob_free(glob);
	return yes;
}

static void test_globs_match_components_and_trees(void **state)
{
	(void)state;
	assert_true(matches("src/*.c", "src/a.c"));
	assert_false(matches("src/*.c", "src/x/a.c"));
	assert_true(matches("src/**/*.c", "src/a.c"));
	assert_true(matches("src/**/*.c", "src/x/y/a.c"));
	assert_true(matches("**/a/**/b", "x/a/y/z/b"));
	assert_true(matches("*.{c,h}", "x.h"));
	assert_true(matches("{a,b{c,d}}/x", "bd/x"));
	assert_true(matches("[a-c]?.[!h]", "bx.c"));
	assert_false(matches("[a-c]?.[!h]", "bx.h"));
	assert_false(matches("a*a*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
}

static void test_glob_overlap_never_says_no_wrongly(void **state)
{
	(void)state;
	assert_true(glob_may_overlap("src/*.c", "src/a.c"));
	assert_true(glob_may_overlap("src/**", "src/x/a.c"));
	assert_true(glob_may_overlap("*.{c,h}", "a.h"));
	assert_false(glob_may_overlap("src/a.c", "src/b.c"));
	assert_false(glob_may_overlap("doc/*.md", "src/*.md"));
}

static void test_json_writes_what_it_reads(void **state)
{
	(void)state;
	struct buf out = { 0 };
	struct json_writer w = { .out = &out };
	json_begin_object(&w);
	json_key(&w, "a");
	json_put_str(&w, "x\"\n\xff", 4);
	json_key(&w, "b");
	json_begin_array(&w);
	json_put_int(&w, -3);
	json_put_real(&w, 0.5);
	json_put_bool(&w, true);
	json_put_null(&w);
	json_put_bytes(&w, "\xff\x01", 2);
	json_end_array(&w);
	json_end_object(&w);
	assert_string_equal(buf_str(&out),
	                    "{\"a\":\"x\\\"\\n\xef\xbf\xbd\",\"b\":[-3,0.5,true,null,{\"b64\":\"/wE=\"}]}");
	struct err err;
	struct json *root;
	assert_ok(json_parse(&root, out.data, out.len, &err), &err);
	char *bytes;
	size_t n;
	assert_int_equal(json_bytes(json_at(json_get(root, "b"), 4), &bytes, &n), 0);
	assert_int_equal(n, 2);
	assert_memory_equal(bytes, "\xff\x01", 2);
	free(bytes);
	json_free(root);
	buf_release(&out);
}

static void test_json_refuses_depth_and_duplicates(void **state)
{
	(void)state;
	struct err err;
	struct json *root;
	char deep[200];
	memset(deep, '[', sizeof deep);
	assert_int_equal(json_parse(&root, deep, sizeof deep, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_int_equal(json_parse(&root, "{\"a\":1,\"a\":2}", 13, &err), -1);
}

static void expect_yaml_error(const char *text, const char *expected)
{
	struct diags diags = { 0 };
	struct yaml_doc *doc = NULL;
	int rc = yaml_parse(&doc, "p.yaml", text, strlen(text), &diags);
	(void)rc;
	struct buf out = { 0 };
	for (size_t i = 0; i < diags.n_diags; i++)
		diag_format(&out, &diags.diag[i]);
	assert_contains(buf_str(&out), expected);
	buf_release(&out);
	yaml_doc_free(doc);
	diags_release(&diags);
}

static void test_yaml_says_where_it_is_wrong(void **state)
{
	(void)state;
	expect_yaml_error("a: 1\nb: 2\na: 3\n", "p.yaml:3:1: error: duplicate key 'a'");
	expect_yaml_error("a: &x 1\n", "p.yaml:1:4: error: anchors and aliases are not allowed");
	expect_yaml_error("a: *x\n", "anchors and aliases");
	expect_yaml_error("a: !!str 1\n", "tags are not allowed");
	expect_yaml_error("a: 1\n---\nb: 2\n", "a second document");
	expect_yaml_error("a: [1, 2\n", "not YAML");
	expect_yaml_error("a: \xff\n", "p.yaml:1:4: error: not UTF-8: byte 0xff");
}

static void test_yaml_refuses_hostile_nesting_at_once(void **state)
{
	(void)state;
	char *text = xmalloc(200001);
	memset(text, '[', 200000);
	text[200000] = '\0';
	expect_yaml_error(text, "nested deeper than 64 levels");
	free(text);
}

static void test_yaml_core_schema_keeps_yes_and_on_as_strings(void **state)
{
	(void)state;
	struct diags diags = { 0 };
	struct yaml_doc *doc;
	const char *text = "a: yes\nb: true\nc: 0x10\nd: 'true'\ne: ~\n";
	bool value;
	int64_t number;
	assert_int_equal(yaml_parse(&doc, "p", text, strlen(text), &diags), 0);
	const struct yaml_node *root = yaml_root(doc);
	assert_int_equal(yaml_bool(yaml_get(root, "a"), &value), -1);
	assert_int_equal(yaml_bool(yaml_get(root, "b"), &value), 0);
	assert_true(value);
	assert_int_equal(yaml_int(yaml_get(root, "c"), &number), 0);
	assert_int_equal(number, 16);
	assert_int_equal(yaml_bool(yaml_get(root, "d"), &value), -1);
	assert_true(yaml_is_null(yaml_get(root, "e")));
	yaml_doc_free(doc);
	diags_release(&diags);
}

static void test_system_errors_are_said_in_words(void **state)
{
	(void)state;
	struct err err;
	assert_int_equal(err_errno(&err, ENOSPC, "cannot write '%s'", "a"), -1);
	assert_string_equal(err.msg, "cannot write 'a': No space left on device");
	assert_int_equal(err.code, ERR_NO_SPACE);
	err_errno(&err, 99999, "cannot write 'a'");
	assert_string_equal(err.msg, "cannot write 'a': error 99999");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_system_errors_are_said_in_words),
		cmocka_unit_test(test_buf_with_a_ceiling_drops_what_is_over_whole),
		cmocka_unit_test(test_map_keeps_order_over_removals_and_growth),
		cmocka_unit_test(test_pool_for_each_visits_each_index_once),
		cmocka_unit_test(test_queue_gives_all_that_workers_pushed),
		cmocka_unit_test(test_sanitiser_makes_what_drives_a_terminal_visible),
		cmocka_unit_test(test_widths_count_cells),
		cmocka_unit_test(test_nearest_word_is_found_for_a_slip_only),
		cmocka_unit_test(test_paths_are_normalised_once),
		cmocka_unit_test(test_paths_that_leave_the_root_are_refused),
		cmocka_unit_test(test_git_folders_are_not_writable_in_any_spelling),
		cmocka_unit_test(test_new_names_that_windows_reserves_are_refused),
		cmocka_unit_test(test_globs_match_components_and_trees),
		cmocka_unit_test(test_glob_overlap_never_says_no_wrongly),
		cmocka_unit_test(test_json_writes_what_it_reads),
		cmocka_unit_test(test_json_refuses_depth_and_duplicates),
		cmocka_unit_test(test_yaml_says_where_it_is_wrong),
		cmocka_unit_test(test_yaml_refuses_hostile_nesting_at_once),
		cmocka_unit_test(test_yaml_core_schema_keeps_yes_and_on_as_strings),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
