#include "tests/unit.h"

#include "base/xalloc.h"
#include "io/file.h"
#include "tests/scratch.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/fsuid.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

struct place {
	char *dir;  /* holds tree/ and outside/ */
	char *tree;
	struct root root;
};

static int set_up(void **state)
{
	struct err err;
	struct place *place = xcalloc(1, sizeof *place);
	place->dir = scratch_make();
	place->tree = xasprintf("%s/tree", place->dir);
	scratch_mkdir(place->dir, "tree");
	scratch_write(place->dir, "outside/secret", "not yours");
	assert_ok(root_open(&place->root, place->tree, &err), &err);
	*state = place;
	return 0;
}

/* Each test that opens beneath the root runs twice: by openat2, and component by component. */
static int set_up_stepwise(void **state)
{
	set_up(state);
	struct place *place = *state;
	place->root.stepwise = true;
	return 0;
}

static int tear_down(void **state)
{
	struct place *place = *state;
	root_close(&place->root);
	scratch_remove(place->dir);
	free(place->tree);
	free(place);
	return 0;
}

static void expect_refused(const struct place *place, const char *path, enum err_code code)
{
	struct err err = { 0 };
	struct buf out = { 0 };
	struct image image;
	int fd = file_open(&place->root, path, O_RDONLY, 0, &err);
	if (fd >= 0)
		fail_msg("'%s' was opened", path);
	assert_int_equal(err.code, code);
	assert_int_equal(file_read(&place->root, path, 0, &out, &err), -1);
	assert_int_equal(file_open(&place->root, path, O_WRONLY | O_CREAT, 0600, &err), -1);
	if (code == ERR_ACCESS)
		assert_int_equal(file_image(&place->root, path, place->dir, &image, &err), code == ERR_ACCESS ? -1 : 0);
	buf_release(&out);
}

static void test_nothing_outside_the_root_is_opened(void **state)
{
	struct place *place = *state;
	static const char *const path[] = { "..", "../outside/secret", "a/../../outside/secret", "/etc/passwd", "a//b",
		                            "a/", "./a", "a/.", "a/..", "//", "/" };
	scratch_write(place->tree, "a/b", "inside");
	for (size_t i = 0; i < sizeof path / sizeof *path; i++)
		expect_refused(place, path[i], ERR_ACCESS);
	char *text = scratch_read(place->dir, "outside/secret");
	assert_string_equal(text, "not yours");
	free(text);
}

static void test_links_are_not_followed(void **state)
{
	struct place *place = *state;
	struct err err;
	struct image image;
	scratch_link(place->tree, "folder", "../outside");
	scratch_link(place->tree, "deep/link", "../../outside/secret");
	scratch_link(place->tree, "self", "self");
	scratch_link(place->tree, "inside", "deep");
	expect_refused(place, "folder/secret", ERR_ACCESS);
	expect_refused(place, "inside/link", ERR_ACCESS);
	assert_int_equal(file_open(&place->root, "deep/link", O_RDONLY, 0, &err), -1);
	assert_int_equal(err.code, ERR_ACCESS);
	assert_contains(err.msg, "symbolic link");
	assert_ok(file_image(&place->root, "deep/link", place->dir, &image, &err), &err);
	assert_int_equal(image.kind, IMAGE_LINK);
	assert_string_equal(image.data, "../../outside/secret");
	image_release(&image);
	assert_ok(file_image(&place->root, "self", place->dir, &image, &err), &err);
	assert_string_equal(image.data, "self");
	image_release(&image);
}

static void test_what_is_no_file_is_refused_at_once(void **state)
{
	struct place *place = *state;
	struct err err;
	struct buf out = { 0 };
	struct image image;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char *fifo = xasprintf("%s/fifo", place->tree);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	scratch_mkdir(place->tree, "folder");
	int sock = socket(AF_UNIX, SOCK_STREAM, 0);
	snprintf(address.sun_path, sizeof address.sun_path, "%s/socket", place->tree);
	assert_int_equal(bind(sock, (struct sockaddr *)&address, sizeof address), 0);
	static const char *const name[] = { "fifo", "folder", "socket" };
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(file_read(&place->root, name[i], 0, &out, &err), -1);
		assert_int_equal(err.code, ERR_UNSUPPORTED);
		assert_int_equal(file_image(&place->root, name[i], place->dir, &image, &err), -1);
		assert_int_equal(err.code, ERR_UNSUPPORTED);
	}
	close(sock);
	free(fifo);
}

static void test_a_file_is_read_whole_or_not_at_all(void **state)
{
	struct place *place = *state;
	struct err err;
	struct buf out = { 0 };
	struct buf small = { 0 };
	scratch_write_bytes(place->tree, "x", "a\0b\r\n", 5, 0640);
	assert_ok(file_read(&place->root, "x", 0, &out, &err), &err);
	assert_int_equal(out.len, 5);
	assert_memory_equal(out.data, "a\0b\r\n", 6);
	buf_clear(&out);
	assert_ok(file_read(&place->root, "x", 5, &out, &err), &err);
	assert_int_equal(file_read(&place->root, "x", 4, &out, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	buf_init(&small, 5);
	assert_ok(file_read(&place->root, "x", 0, &small, &err), &err);
	assert_int_equal(file_read(&place->root, "x", 0, &small, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_int_equal(file_read(&place->root, "nowhere", 0, &out, &err), -1);
	assert_int_equal(err.code, ERR_NOT_FOUND);
	buf_release(&out);
	buf_release(&small);
}

static void test_an_image_says_what_is_there(void **state)
{
	struct place *place = *state;
	struct err err;
	struct image image;
	struct hash hash;
	scratch_write_bytes(place->tree, "dir/tool", "#!/bin/sh\n", 10, 0755);
	assert_ok(file_image(&place->root, "dir/tool", place->dir, &image, &err), &err);
	assert_int_equal(image.kind, IMAGE_FILE);
	assert_int_equal(image.mode, 0755);
	assert_int_equal(image.size, 10);
	hash_data(&hash, "#!/bin/sh\n", 10);
	assert_true(hash_equal(&hash, &image.hash));
	image_release(&image);
	static const char *const absent[] = { "nowhere", "nowhere/deeper", "dir/tool/below" };
	for (size_t i = 0; i < 3; i++) {
		assert_ok(file_image(&place->root, absent[i], place->dir, &image, &err), &err);
		assert_int_equal(image.kind, IMAGE_ABSENT);
	}
}

static void test_a_large_file_is_spooled(void **state)
{
	struct place *place = *state;
	struct err err;
	struct image image;
	struct hash hash;
	size_t n = FILE_HOLD_MAX + 1;
	char *data = xmalloc(n);
	memset(data, 'x', n);
	hash_data(&hash, data, n);
	scratch_write_bytes(place->tree, "large", data, n, 0600);
	assert_ok(file_image(&place->root, "large", place->dir, &image, &err), &err);
	assert_null(image.data);
	assert_non_null(image.spool);
	assert_true(hash_equal(&hash, &image.hash));
	assert_int_equal(image.size, n);
	char *spool = xstrdup(image.spool);
	image_release(&image);
	assert_int_equal(access(spool, F_OK), -1);
	scratch_write_bytes(place->tree, "large", data, n - 1, 0600);
	assert_ok(file_image(&place->root, "large", place->dir, &image, &err), &err);
	assert_non_null(image.data);
	image_release(&image);
	free(spool);
	free(data);
}

static void test_a_forbidden_file_is_an_access_error(void **state)
{
	struct place *place = *state;
	struct err err;
	struct buf out = { 0 };
	scratch_write_bytes(place->tree, "locked", "x", 1, 0);
	setfsuid(65534); /* root could read it: this thread looks as nobody */
	int rc = file_read(&place->root, "locked", 0, &out, &err);
	setfsuid(geteuid());
	assert_int_equal(rc, -1);
	assert_int_equal(err.code, ERR_ACCESS);
	assert_contains(err.msg, "Permission denied");
	buf_release(&out);
}

struct race {
	const char *tree;
	atomic_bool stop;
};

/* Swaps a folder with a link that leads out, over and over. */
static void *swap_for_ever(void *arg)
{
	struct race *race = arg;
	char *folder = xasprintf("%s/folder", race->tree);
	char *link = xasprintf("%s/link", race->tree);
	while (!atomic_load(&race->stop))
		if (renameat2(AT_FDCWD, folder, AT_FDCWD, link, RENAME_EXCHANGE) != 0)
			abort();
	free(folder);
	free(link);
	return NULL;
}

static void test_no_race_leads_out_of_the_root(void **state)
{
	struct place *place = *state;
	struct race race = { .tree = place->tree };
	pthread_t thread;
	size_t n_inside = 0;
	scratch_write(place->tree, "folder/secret", "inside");
	scratch_link(place->tree, "link", "../outside");
	assert_int_equal(pthread_create(&thread, NULL, swap_for_ever, &race), 0);
	for (int i = 0; i < 20000; i++) {
		struct err err;
		struct buf out = { 0 };
		if (file_read(&place->root, "folder/secret", 0, &out, &err) == 0) {
			assert_string_equal(out.data, "inside");
			n_inside++;
		}
		buf_release(&out);
	}
	atomic_store(&race.stop, true);
	pthread_join(thread, NULL);
	assert_true(n_inside > 0);
}

struct writer {
	char *path;
	atomic_bool stop;
};

/* Writes the file in place, "aaaa..." then "bbbb...", never the same length twice. */
static void *write_for_ever(void *arg)
{
	struct writer *writer = arg;
	static char text[65536];
	for (unsigned i = 0; !atomic_load(&writer->stop); i++) {
		size_t n = sizeof text - i % 1000;
		memset(text, 'a' + (int)(i % 26), n);
		int fd = open(writer->path, O_WRONLY | O_TRUNC);
		if (fd < 0 || write(fd, text, n) != (ssize_t)n)
			abort();
		close(fd);
	}
	return NULL;
}

static void test_a_file_that_changes_is_not_read_torn(void **state)
{
	struct place *place = *state;
	struct writer writer = { .path = xasprintf("%s/busy", place->tree) };
	pthread_t thread;
	scratch_write(place->tree, "busy", "");
	assert_int_equal(pthread_create(&thread, NULL, write_for_ever, &writer), 0);
	for (int i = 0; i < 2000; i++) {
		struct err err;
		struct buf out = { 0 };
		if (file_read(&place->root, "busy", 0, &out, &err) != 0)
			assert_int_equal(err.code, ERR_CONFLICT);
		else
			for (size_t j = 1; j < out.len; j++)
				assert_int_equal(out.data[j], out.data[0]);
		buf_release(&out);
	}
	atomic_store(&writer.stop, true);
	pthread_join(thread, NULL);
	free(writer.path);
}

static void test_writing_a_plain_file_replaces_it_whole(void **state)
{
	struct place *place = *state;
	struct err err;
	struct buf out = { 0 };
	char *path = xasprintf("%s/state/deep/file", place->dir);
	char *dir = xasprintf("%s/state/deep", place->dir);
	assert_int_equal(file_write_atomic(path, "x", 1, &err), -1);
	assert_int_equal(err.code, ERR_NOT_FOUND);
	assert_ok(file_make_dirs(dir, &err), &err);
	assert_ok(file_make_dirs(dir, &err), &err);
	assert_int_equal(scratch_mode(place->dir, "state"), 0700);
	assert_ok(file_write_atomic(path, "first", 5, &err), &err);
	assert_ok(file_write_atomic(path, "second", 6, &err), &err);
	assert_int_equal(scratch_mode(dir, "file"), 0600);
	assert_ok(file_slurp(path, 6, &out, &err), &err);
	assert_string_equal(out.data, "second");
	assert_int_equal(file_slurp(path, 5, &out, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_string_equal(out.data, "second");
	assert_int_equal(file_slurp(dir, 5, &out, &err), -1);
	char *below = xasprintf("%s/below", path);
	assert_int_equal(file_make_dirs(below, &err), -1);
	char *list = scratch_list(dir);
	assert_non_null(strstr(list, " file\n"));
	assert_null(strchr(strchr(list, '\n') + 1, '\n'));
	free(list);
	free(below);
	free(path);
	free(dir);
	buf_release(&out);
}

static void test_a_pipe_without_a_writer_does_not_hold_slurp(void **state)
{
	struct place *place = *state;
	struct err err;
	struct buf out = { 0 };
	char *fifo = xasprintf("%s/fifo", place->dir);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_ok(file_slurp(fifo, 100, &out, &err), &err);
	assert_int_equal(out.len, 0);
	free(fifo);
	buf_release(&out);
}

#define BENEATH(test)                                             \
	cmocka_unit_test_setup_teardown(test, set_up, tear_down), \
		{ #test " (stepwise)", test, set_up_stepwise, tear_down, NULL }

int main(void)
{
	const struct CMUnitTest tests[] = {
		BENEATH(test_nothing_outside_the_root_is_opened),
		BENEATH(test_links_are_not_followed),
		BENEATH(test_what_is_no_file_is_refused_at_once),
		BENEATH(test_a_file_is_read_whole_or_not_at_all),
		BENEATH(test_an_image_says_what_is_there),
		BENEATH(test_a_large_file_is_spooled),
		BENEATH(test_a_forbidden_file_is_an_access_error),
		BENEATH(test_no_race_leads_out_of_the_root),
		BENEATH(test_a_file_that_changes_is_not_read_torn),
		cmocka_unit_test_setup_teardown(test_writing_a_plain_file_replaces_it_whole, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_pipe_without_a_writer_does_not_hold_slurp, set_up, tear_down),
	};
	return cmocka_run_group_tests_name("file", tests, NULL, NULL);
}
