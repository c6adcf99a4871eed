#include "tests/unit.h"

#include "base/xalloc.h"
#include "io/file.h"
#include "io/store.h"
#include "tests/scratch.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static int set_up(void **state)
{
	*state = scratch_make();
	return 0;
}

static int tear_down(void **state)
{
	scratch_remove(*state);
	return 0;
}

static struct store *open_own(const char *dir)
{
	struct err err;
	struct store *store;
	assert_ok(store_open(&store, dir, &err), &err);
	return store;
}

static struct store *open_reader(const char *dir)
{
	struct err err;
	struct store *store;
	assert_ok(store_open_read_only(&store, dir, &err), &err);
	return store;
}

static struct hash put(struct store *store, const char *text)
{
	struct err err;
	struct hash hash;
	assert_ok(store_put(store, text, strlen(text), &hash, &err), &err);
	return hash;
}

static void expect(struct store *store, const struct hash *hash, const char *text)
{
	struct err err;
	struct buf out = { 0 };
	assert_ok(store_get(store, hash, &out, &err), &err);
	assert_string_equal(buf_str(&out), text);
	buf_release(&out);
}

static void sync_texts(struct store *store)
{
	struct err err;
	assert_ok(store_sync(store, 1, "texts", NULL, &err), &err);
}

/* What plain git says; the test fails when git does. */
static char *git(const char *dir, const char *arguments)
{
	struct buf out = { 0 };
	char chunk[4096];
	size_t n;
	char *line = xasprintf("git --git-dir='%s/store.git' -c safe.directory='*' %s 2>&1", dir, arguments);
	FILE *pipe = popen(line, "r");
	assert_non_null(pipe);
	while ((n = fread(chunk, 1, sizeof chunk, pipe)) > 0)
		buf_add(&out, chunk, n);
	if (pclose(pipe) != 0)
		fail_msg("%s: %s", line, buf_str(&out));
	free(line);
	return buf_take(&out, NULL);
}

static void expect_git(const char *dir, const char *arguments, const char *part)
{
	char *out = git(dir, arguments);
	assert_contains(out, part);
	free(out);
}

static void change(struct changeset *set, const char *path, const char *before, const char *after)
{
	struct change *one = changeset_add(set, path);
	if (before)
		image_set_file(&one->before, before, strlen(before), 0644);
	if (after)
		image_set_file(&one->after, after, strlen(after), 0755);
}

static void test_opening_costs_nothing_until_something_is_put(void **state)
{
	struct store *store = open_own(*state);
	sync_texts(store);
	store_close(store);
	char *list = scratch_list(*state);
	assert_string_equal(list, "");
	free(list);
}

static void test_what_was_put_is_got_at_once_and_after(void **state)
{
	struct store *store = open_own(*state);
	struct hash empty = put(store, "");
	struct hash text = put(store, "text\r\n");
	expect(store, &text, "text\r\n");
	expect(store, &empty, "");
	sync_texts(store);
	struct hash later = put(store, "later");
	expect(store, &text, "text\r\n");
	expect(store, &later, "later");
	store_close(store);
	store = open_own(*state);
	expect(store, &text, "text\r\n");
	expect(store, &later, "later");
	expect(store, &empty, "");
	store_close(store);
}

static void test_a_reader_sees_what_the_owner_puts(void **state)
{
	struct err err;
	struct buf out = { 0 };
	struct hash nothing = { { 1 } };
	struct store *early = open_reader(*state);
	struct store *store = open_own(*state);
	assert_false(store_has(early, &nothing));
	struct hash one = put(store, "one");
	expect(early, &one, "one");
	sync_texts(store);
	struct hash two = put(store, "two");
	struct store *late = open_reader(*state);
	expect(late, &one, "one");
	expect(late, &two, "two");
	expect(early, &two, "two");
	assert_int_equal(store_get(late, &nothing, &out, &err), -1);
	assert_int_equal(err.code, ERR_NOT_FOUND);
	assert_int_equal(store_put(late, "x", 1, &nothing, &err), -1);
	store_close(early);
	store_close(late);
	store_close(store);
	buf_release(&out);
}

static void test_a_step_is_a_commit_that_git_shows(void **state)
{
	struct err err;
	struct changeset set = { 0 };
	struct store *store = open_own(*state);
	change(&set, "src/a.c", "int a;\n", "int b;\n");
	change(&set, "src-new", NULL, "made\n");
	change(&set, "src.c", "gone\n", NULL);
	change(&set, "src/deep/er/x", "1\n", "2\n");
	image_set_link(&changeset_add(&set, "link")->after, "src/a.c");
	assert_ok(store_sync(store, 7, "a step", &set, &err), &err);
	assert_ok(store_sync(store, 12, "another", &set, &err), &err);
	store_close(store);
	free(git(*state, "fsck --full --strict"));
	expect_git(*state, "log -1 --format=%s refs/run/7", "a step");
	expect_git(*state, "diff refs/run/7:before refs/run/7:after", "-int a;\n+int b;\n");
	expect_git(*state, "diff --stat refs/run/12:before refs/run/12:after", "5 files changed");
	expect_git(*state, "ls-tree -r refs/run/7", "120000 blob");
	expect_git(*state, "cat-file -p refs/run/7:before/src.c", "gone");
	expect_git(*state, "show --format=%an refs/run/12", "belay");
	expect_git(*state, "count-objects -v", "garbage: 0");
	changeset_release(&set);
}

static void test_many_sizes_survive(void **state)
{
	struct err err;
	static const size_t size[] = { 1, 15, 16, 2047, 2048, 65534, 65535, 65536, 131070, 131071, 1000000 };
	enum { N = sizeof size / sizeof *size };
	struct hash hash[N];
	struct store *store = open_own(*state);
	char *data = xmalloc(1000000);
	for (size_t i = 0; i < 1000000; i++)
		data[i] = (char)(i * i >> 7);
	for (size_t i = 0; i < N; i++)
		assert_ok(store_put(store, data, size[i], &hash[i], &err), &err);
	sync_texts(store);
	store_close(store);
	store = open_reader(*state);
	for (size_t i = 0; i < N; i++) {
		struct buf out = { 0 };
		assert_ok(store_get(store, &hash[i], &out, &err), &err);
		assert_int_equal(out.len, size[i]);
		assert_memory_equal(out.data, data, size[i]);
		buf_release(&out);
	}
	store_close(store);
	free(git(*state, "fsck --full --strict"));
	free(data);
}

static void test_large_files_lie_beside(void **state)
{
	struct err err;
	struct changeset set = { 0 };
	struct image copy;
	struct store *store = open_own(*state);
	size_t n = FILE_HOLD_MAX + 5;
	char *data = xmalloc(n + 1);
	memset(data, 'y', n);
	data[n] = '\0';
	scratch_write_bytes(*state, "tree/large", data, n, 0600);
	struct root root;
	char *tree = xasprintf("%s/tree", (char *)*state);
	assert_ok(root_open(&root, tree, &err), &err);
	struct change *one = changeset_add(&set, "large");
	assert_ok(file_image(&root, "large", *state, &one->before, &err), &err);
	data[0] = 'x';
	image_set_file(&one->after, data, n, 0600);
	assert_ok(store_sync(store, 3, "large", &set, &err), &err);
	store_close(store);
	expect_git(*state, "cat-file -p refs/run/3:before/large", "raw/");
	store = open_reader(*state);
	copy = one->after;
	copy.data = NULL;
	assert_ok(store_get_image(store, &copy, &err), &err);
	assert_null(copy.data);
	struct buf out = { 0 };
	assert_ok(file_slurp(copy.spool, 0, &out, &err), &err);
	assert_int_equal(out.len, n);
	assert_memory_equal(out.data, data, n);
	image_release(&copy);
	copy = one->before;
	copy.spool = NULL;
	assert_ok(store_get_image(store, &copy, &err), &err);
	image_release(&copy);
	changeset_release(&set);
	root_close(&root);
	buf_release(&out);
	store_close(store);
	free(tree);
	free(data);
}

/* The path of the newest pack file. */
static char *last_pack(const char *dir)
{
	char *folder = xasprintf("%s/store.git/objects/pack", dir);
	char *last = NULL;
	struct dirent *entry;
	DIR *d = opendir(folder);
	assert_non_null(d);
	while ((entry = readdir(d)))
		if (strstr(entry->d_name, ".pack") && (!last || strcmp(entry->d_name, strrchr(last, '/') + 1) > 0)) {
			free(last);
			last = xasprintf("%s/%s", folder, entry->d_name);
		}
	closedir(d);
	free(folder);
	return last;
}

static void cut(const char *path, off_t less)
{
	struct stat st;
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(truncate(path, st.st_size - less), 0);
}

static void test_what_a_crash_left_is_written_again_for_git(void **state)
{
	struct err err;
	struct changeset set = { 0 };
	struct store *store = open_own(*state);
	struct hash text = put(store, "int a;\n");
	store_close(store); /* no sync: as a kill leaves it */
	store = open_own(*state);
	expect(store, &text, "int a;\n");
	change(&set, "a.c", "int a;\n", "int b;\n");
	assert_ok(store_sync(store, 4, "after the crash", &set, &err), &err);
	store_close(store);
	expect_git(*state, "diff refs/run/4:before refs/run/4:after", "-int a;");
	changeset_release(&set);
}

static void test_a_torn_end_is_not_believed(void **state)
{
	struct err err;
	struct buf out = { 0 };
	struct store *store = open_own(*state);
	struct hash whole = put(store, "whole");
	sync_texts(store);
	struct hash torn = put(store, "torn by the crash");
	store_close(store);
	char *pack = last_pack(*state);
	cut(pack, 9);
	store = open_own(*state);
	expect(store, &whole, "whole");
	assert_int_equal(store_get(store, &torn, &out, &err), -1);
	assert_int_equal(err.code, ERR_CORRUPT);
	torn = put(store, "torn by the crash");
	expect(store, &torn, "torn by the crash");
	sync_texts(store);
	store_close(store);
	char *keys = xasprintf("%s/store.git/belay-keys", (char *)*state);
	cut(keys, 1);
	store = open_own(*state);
	expect(store, &whole, "whole");
	struct hash more = put(store, "more");
	sync_texts(store);
	store_close(store);
	store = open_reader(*state);
	expect(store, &whole, "whole");
	expect(store, &more, "more");
	store_close(store);
	free(git(*state, "fsck --full"));
	free(keys);
	free(pack);
	buf_release(&out);
}

/* What is not synced may be lost with the power: the keys, the newest index, the newest ref. */
static void test_what_a_power_cut_took_is_made_again(void **state)
{
	struct err err;
	struct changeset set = { 0 };
	struct store *store = open_own(*state);
	change(&set, "a.c", "int a;\n", "int b;\n");
	assert_ok(store_sync(store, 7, "a step", &set, &err), &err);
	struct hash text = put(store, "a text");
	assert_ok(store_sync(store, 8, "texts", NULL, &err), &err);
	store_close(store);
	scratch_write(*state, "store.git/belay-keys", "");
	scratch_write(*state, "store.git/objects/pack/pack-0000000000000000000000000000000000000001.idx", "");
	scratch_write(*state, "store.git/refs/run/8", "");
	store = open_reader(*state);
	expect(store, &text, "a text");
	expect(store, &set.change[0].before.hash, "int a;\n");
	store_close(store);
	store = open_own(*state);
	expect(store, &text, "a text");
	change(&set, "b.c", NULL, "a text");
	assert_ok(store_sync(store, 9, "another step", &set, &err), &err);
	store_close(store);
	free(git(*state, "fsck --full --strict"));
	expect_git(*state, "diff refs/run/7:before refs/run/7:after", "-int a;");
	expect_git(*state, "cat-file -p refs/run/9:after/b.c", "a text");
	changeset_release(&set);
}

static void test_damage_is_found_when_it_is_read(void **state)
{
	struct err err;
	struct buf out = { 0 };
	struct store *store = open_own(*state);
	struct hash text = put(store, "precious");
	sync_texts(store);
	store_close(store);
	char *pack = last_pack(*state);
	int fd = open(pack, O_RDWR);
	char byte = 'X';
	assert_int_equal(pwrite(fd, &byte, 1, 24), 1);
	close(fd);
	store = open_reader(*state);
	assert_int_equal(store_get(store, &text, &out, &err), -1);
	assert_int_equal(err.code, ERR_CORRUPT);
	assert_int_equal(out.len, 0);
	store_close(store);
	free(pack);
	buf_release(&out);
}

static void test_the_same_bytes_are_kept_once(void **state)
{
	struct store *store = open_own(*state);
	put(store, "same");
	put(store, "same");
	sync_texts(store);
	put(store, "same");
	sync_texts(store);
	store_close(store);
	expect_git(*state, "count-objects -v", "in-pack: 1\npacks: 1\n");
}

static void test_a_half_made_store_is_made_again(void **state)
{
	scratch_write(*state, "store.git.new/HEAD", "ref: ");
	struct store *store = open_own(*state);
	struct hash text = put(store, "text");
	sync_texts(store);
	expect(store, &text, "text");
	store_close(store);
	assert_false(scratch_has(*state, "store.git.new"));
	free(git(*state, "fsck --full"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(test_opening_costs_nothing_until_something_is_put),
		TEST(test_what_was_put_is_got_at_once_and_after),
		TEST(test_a_reader_sees_what_the_owner_puts),
		TEST(test_a_step_is_a_commit_that_git_shows),
		TEST(test_many_sizes_survive),
		TEST(test_large_files_lie_beside),
		TEST(test_what_a_crash_left_is_written_again_for_git),
		TEST(test_a_torn_end_is_not_believed),
		TEST(test_what_a_power_cut_took_is_made_again),
		TEST(test_damage_is_found_when_it_is_read),
		TEST(test_the_same_bytes_are_kept_once),
		TEST(test_a_half_made_store_is_made_again),
#undef TEST
	};
	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
