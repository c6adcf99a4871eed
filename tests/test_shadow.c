/* A copy of the tree: whole but for git's folders, and apart from the tree. */
#include "tests/unit.h"

#include "io/shadow.h"
#include "tests/scratch.h"

#include <stdio.h>
#include <sys/stat.h>

struct world {
	char *dir, *tree;
	struct root root;
	struct shadow shadow;
};

static void world_init(struct world *w)
{
	struct err err = { 0 };
	*w = (struct world){ .dir = scratch_make() };
	scratch_mkdir(w->dir, "tree");
	assert_true(asprintf(&w->tree, "%s/tree", w->dir) > 0);
	scratch_mkdir(w->tree, "a/b");
	scratch_mkdir(w->tree, ".git/objects");
	scratch_mkdir(w->tree, "sub/.git");
	scratch_mkdir(w->tree, "out/empty");
	scratch_write(w->tree, ".git/config", "x");
	scratch_write(w->tree, ".gitignore", "*.o\n");
	scratch_write(w->tree, "built.o", "built");
	scratch_write(w->tree, "a/b/c.txt", "text\n");
	scratch_write(w->tree, "sub/inner.c", "int inner;\n");
	scratch_write_bytes(w->tree, "go.sh", "#!/bin/sh\n", 10, 0755);
	scratch_link(w->tree, "a/link", "b/c.txt");
	assert_ok(root_open(&w->root, w->tree, &err), &err);
}

static void world_release(struct world *w)
{
	shadow_remove(&w->shadow);
	root_close(&w->root);
	free(w->tree);
	scratch_remove(w->dir);
}

static void assert_text(const char *dir, const char *name, const char *text)
{
	char *is = scratch_read(dir, name);
	assert_non_null(is);
	assert_string_equal(is, text);
	free(is);
}

static void test_a_copy_has_all_but_gits_own_folders(void **state)
{
	(void)state;
	struct world w;
	struct err err = { 0 };
	world_init(&w);
	assert_ok(shadow_make(&w.shadow, &w.root, w.dir, 2, NULL, &err), &err);
	const char *copy = w.shadow.root.path;
	assert_text(copy, "a/b/c.txt", "text\n");
	assert_text(copy, "built.o", "built");
	assert_text(copy, "sub/inner.c", "int inner;\n");
	assert_text(copy, "a/link", "text\n");
	assert_int_equal(scratch_mode(copy, "go.sh"), 0755);
	assert_false(scratch_has(copy, ".git"));
	assert_false(scratch_has(copy, "sub/.git"));
	assert_true(scratch_has(copy, "out/empty"));
	struct stat ours, theirs;
	assert_ok(file_stat(&w.root, "a/b/c.txt", &ours, &err), &err);
	assert_ok(file_stat(&w.shadow.root, "a/b/c.txt", &theirs, &err), &err);
	assert_true(ours.st_ino != theirs.st_ino);
	assert_int_equal(ours.st_mtim.tv_nsec, theirs.st_mtim.tv_nsec);
	world_release(&w);
}

static void test_what_is_done_to_a_copy_is_not_done_to_the_tree(void **state)
{
	(void)state;
	struct world w;
	struct err err = { 0 };
	struct image image = { 0 };
	world_init(&w);
	assert_ok(shadow_make(&w.shadow, &w.root, w.dir, 2, NULL, &err), &err);
	image_set_file(&image, "new\n", 4, 0);
	assert_ok(shadow_write(&w.shadow, "a/b/c.txt", &image, &err), &err);
	assert_ok(shadow_write(&w.shadow, "x/y/z", &image, &err), &err);
	assert_ok(shadow_delete(&w.shadow, "go.sh", &err), &err);
	assert_ok(shadow_delete(&w.shadow, "not/there", &err), &err);
	assert_text(w.shadow.root.path, "x/y/z", "new\n");
	assert_text(w.tree, "a/b/c.txt", "text\n");
	assert_true(scratch_has(w.tree, "go.sh"));
	assert_false(scratch_has(w.tree, "x"));
	char *path = strdup(w.shadow.root.path + strlen(w.dir) + 1);
	shadow_remove(&w.shadow);
	assert_false(scratch_has(w.dir, path));
	free(path);
	image_release(&image);
	world_release(&w);
}

static void test_a_copy_that_is_stopped_leaves_nothing(void **state)
{
	(void)state;
	struct world w;
	struct err err = { 0 };
	struct cancel cancel = { 0 };
	world_init(&w);
	cancel_set(&cancel);
	assert_int_equal(shadow_make(&w.shadow, &w.root, w.dir, 2, &cancel, &err), -1);
	assert_int_equal(err.code, ERR_CANCELLED);
	char *left = scratch_list(w.dir);
	assert_null(strstr(left, "shadow-"));
	free(left);
	world_release(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_copy_has_all_but_gits_own_folders),
		cmocka_unit_test(test_what_is_done_to_a_copy_is_not_done_to_the_tree),
		cmocka_unit_test(test_a_copy_that_is_stopped_leaves_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
