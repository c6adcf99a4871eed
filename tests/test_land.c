#include "tests/unit.h"

#include "base/clock.h"
#include "base/xalloc.h"
#include "io/manifest.h"
#include "tests/crash_world.h"
#include "tests/scratch.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

struct place {
	char *dir;
	char *before; /* the tree, as scratch_list tells it */
	struct world world;
	struct err err;
};

static struct place *place_make(size_t shape, bool plain)
{
	struct place *place = xcalloc(1, sizeof *place);
	place->dir = scratch_make();
	world_make(place->dir, shape);
	assert_ok(world_open(&place->world, place->dir, plain, &place->err), &place->err);
	place->before = scratch_list(place->world.tree);
	return place;
}

static void place_free(struct place *place)
{
	world_close(&place->world);
	scratch_remove(place->dir);
	free(place->before);
	free(place);
}

static void act(struct place *place, const char *action, size_t shape)
{
	size_t n_conflicts;
	assert_ok(world_act(&place->world, action, shape, &n_conflicts, &place->err), &place->err);
	assert_int_equal(n_conflicts, 0);
}

static void expect_tree(const struct place *place, const char *list)
{
	char *now = scratch_list(place->world.tree);
	assert_string_equal(now, list);
	free(now);
}

static void land_and_return(size_t shape, bool plain)
{
	struct place *place = place_make(shape, plain);
	act(place, "land", shape);
	char *after = scratch_list(place->world.tree);
	assert_string_not_equal(after, place->before);
	assert_null(strstr(after, ".belay-"));
	act(place, "recover", shape);
	expect_tree(place, after);
	act(place, "undo", shape);
	expect_tree(place, place->before);
	act(place, "redo", shape);
	expect_tree(place, after);
	act(place, "undo", shape);
	expect_tree(place, place->before);
	act(place, "recover", shape);
	expect_tree(place, place->before);
	free(after);
	place_free(place);
}

static void test_every_shape_lands_and_comes_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < WORLD_N_SHAPES; i++)
		land_and_return(i, false);
}

static void test_it_does_so_without_rename_flags_and_openat2(void **state)
{
	(void)state;
	for (size_t i = 0; i < WORLD_N_SHAPES; i++)
		land_and_return(i, true);
}

/* ---- conflicts ---- */

static void expect_conflict(struct place *place, const struct changeset *set)
{
	assert_int_equal(land_apply(&place->world.lander, "step", 1, set, &place->err), -1);
	assert_int_equal(place->err.code, ERR_CONFLICT);
}

static void test_a_step_made_for_another_tree_lands_nothing(void **state)
{
	static const char *const path[] = { "src/main.c", "gone.txt", "new/deep/made.txt" };
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct changeset set = { 0 };
		struct place *place = place_make(0, false);
		assert_ok(world_set(&place->world, 0, &set, &place->err), &place->err);
		scratch_write(place->world.tree, path[i], "mine\n");
		char *edited = scratch_list(place->world.tree);
		expect_conflict(place, &set);
		assert_contains(place->err.msg, path[i]);
		expect_tree(place, edited);
		changeset_release(&set);
		free(edited);
		place_free(place);
	}
}

static void test_undo_leaves_what_was_edited_since(void **state)
{
	struct place *place = place_make(3, false);
	size_t n_conflicts;
	(void)state;
	act(place, "land", 3);
	scratch_write(place->world.tree, "a/1", "mine\n");
	scratch_write(place->world.tree, "b/mine", "mine\n");
	assert_ok(world_act(&place->world, "undo", 3, &n_conflicts, &place->err), &place->err);
	assert_int_equal(n_conflicts, 1);
	char *text = scratch_read(place->world.tree, "a/1");
	assert_string_equal(text, "mine\n");
	free(text);
	text = scratch_read(place->world.tree, "a/2");
	assert_string_equal(text, "2\n");
	assert_true(scratch_has(place->world.tree, "b/mine"));
	assert_false(scratch_has(place->world.tree, "b/4"));
	assert_false(scratch_has(place->world.tree, "b/c"));
	assert_true(scratch_has(place->world.tree, "a/3"));
	free(text);
	place_free(place);
}

static void test_a_file_that_somebody_writes_is_not_replaced(void **state)
{
	struct changeset set = { 0 };
	struct place *place = place_make(0, false);
	(void)state;
	char *path = xasprintf("%s/src/main.c", place->world.tree);
	int fd = open(path, O_WRONLY | O_APPEND);
	assert_true(fd >= 0);
	assert_ok(world_set(&place->world, 0, &set, &place->err), &place->err);
	expect_conflict(place, &set);
	assert_contains(place->err.msg, "open for writing");
	expect_tree(place, place->before);
	assert_int_equal(write(fd, "more\n", 5), 5);
	close(fd);
	char *text = scratch_read(place->world.tree, "src/main.c");
	assert_string_equal(text, "int a;\nmore\n");
	free(text);
	free(path);
	changeset_release(&set);
	place_free(place);
}

/* ---- what a file carries besides its bytes ---- */

static void test_mode_and_attributes_stay(void **state)
{
	struct place *place = place_make(0, false);
	char value[8];
	(void)state;
	char *path = xasprintf("%s/src/main.c", place->world.tree);
	assert_int_equal(chmod(path, 0751), 0);
	int has = setxattr(path, "user.note", "kept", 4, 0);
	act(place, "land", 0);
	assert_int_equal(scratch_mode(place->world.tree, "src/main.c"), 0644); /* the step says so */
	if (has == 0) {
		assert_int_equal(getxattr(path, "user.note", value, sizeof value), 4);
		act(place, "undo", 0);
		assert_int_equal(getxattr(path, "user.note", value, sizeof value), 4);
	}
	free(path);
	place_free(place);
}

/* ---- names ---- */

static void test_names_that_are_not_ours_are_refused(void **state)
{
	static const char *const path[] = { ".git/config", "a/.GIT/x", ".gitmodules", "../out", "/etc/x", "a/../b", "CON", "a/b.",
		                            "a:b", "a//b", "./a", "git~1/x", "" };
	struct place *place = place_make(0, false);
	(void)state;
	for (size_t i = 0; i < sizeof path / sizeof *path; i++) {
		struct changeset set = { 0 };
		image_set_file(&changeset_add(&set, path[i])->after, "x", 1, 0644);
		assert_int_equal(land_apply(&place->world.lander, "step", 1, &set, &place->err), -1);
		assert_int_equal(place->err.code, ERR_ACCESS);
		changeset_release(&set);
	}
	expect_tree(place, place->before);
	place_free(place);
}

static void test_nothing_is_written_through_a_link(void **state)
{
	struct place *place = place_make(0, false);
	(void)state;
	scratch_mkdir(place->dir, "outside");
	scratch_link(place->world.tree, "away", "../outside");
	scratch_link(place->world.tree, "file-away", "../outside/file");
	char *list = scratch_list(place->dir);
	static const char *const path[] = { "away/x", "away/deep/x", "file-away" };
	for (size_t i = 0; i < 3; i++) {
		struct changeset set = { 0 };
		image_set_file(&changeset_add(&set, path[i])->after, "x", 1, 0644);
		assert_int_equal(land_apply(&place->world.lander, "step", 1, &set, &place->err), -1);
		changeset_release(&set);
	}
	char *outside = xasprintf("%s/outside", place->dir);
	char *now = scratch_list(outside);
	assert_string_equal(now, "");
	free(now);
	free(outside);
	free(list);
	place_free(place);
}

static void test_a_fifo_in_the_place_of_a_file_is_a_conflict(void **state)
{
	struct changeset set = { 0 };
	struct place *place = place_make(0, false);
	(void)state;
	assert_ok(world_set(&place->world, 0, &set, &place->err), &place->err);
	char *path = xasprintf("%s/src/main.c", place->world.tree);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	expect_conflict(place, &set);
	free(path);
	changeset_release(&set);
	place_free(place);
}

/* ---- commands ---- */

static struct manifest *begin_command(struct place *place)
{
	struct manifest *manifest;
	struct strings uncovered = { 0 };
	char *file = xasprintf("%s/" LAND_MANIFEST_PREFIX "1-step", place->world.state);
	assert_ok(manifest_take(&manifest, &place->world.root, place->world.store, file, &uncovered, &place->err),
	          &place->err);
	strings_release(&uncovered);
	free(file);
	return manifest;
}

static void touch_manifest(const struct place *place)
{
	char *file = xasprintf("%s/" LAND_MANIFEST_PREFIX "1-step", place->world.state);
	assert_int_equal(utimensat(AT_FDCWD, file, NULL, 0), 0);
	free(file);
}

/* The clock that stamps files has gone on. */
static void pass_a_tick(const struct place *place)
{
	struct timespec start;
	struct timespec now;
	(void)place;
	clock_gettime(CLOCK_REALTIME_COARSE, &start);
	do
		clock_gettime(CLOCK_REALTIME_COARSE, &now);
	while (now.tv_sec == start.tv_sec && now.tv_nsec - start.tv_nsec < 25 * 1000 * 1000);
}

static void do_command(const struct place *place)
{
	scratch_write(place->world.tree, "src/main.c", "changed by the command\n");
	scratch_write(place->world.tree, "built/deep/file.o", "made by the command\n");
	char *path = xasprintf("%s/gone.txt", place->world.tree);
	assert_int_equal(unlink(path), 0);
	free(path);
}

static void test_an_interrupted_command_is_taken_back(void **state)
{
	struct place *place = place_make(0, false);
	(void)state;
	manifest_free(begin_command(place));
	pass_a_tick(place);
	do_command(place);
	touch_manifest(place);
	act(place, "recover", 0);
	expect_tree(place, place->before);
	act(place, "recover", 0);
	expect_tree(place, place->before);
	char *list = scratch_list(place->world.state);
	assert_null(strstr(list, LAND_MANIFEST_PREFIX));
	free(list);
	place_free(place);
}

static void test_an_edit_after_the_crash_is_not_the_commands(void **state)
{
	struct place *place = place_make(0, false);
	size_t n_conflicts;
	(void)state;
	manifest_free(begin_command(place));
	pass_a_tick(place);
	do_command(place);
	touch_manifest(place);
	pass_a_tick(place);
	scratch_write(place->world.tree, "src/bystander", "mine\n");
	scratch_write(place->world.tree, "mine", "mine\n");
	assert_ok(world_act(&place->world, "recover", 0, &n_conflicts, &place->err), &place->err);
	/* the edit; the new file only where the file system does not tell when it was made */
	assert_in_range(n_conflicts, 1, 2);
	char *text = scratch_read(place->world.tree, "src/bystander");
	assert_string_equal(text, "mine\n");
	free(text);
	assert_true(scratch_has(place->world.tree, "mine"));
	text = scratch_read(place->world.tree, "src/main.c");
	assert_string_equal(text, "int a;\n");
	free(text);
	assert_ok(world_act(&place->world, "recover", 0, &n_conflicts, &place->err), &place->err);
	assert_int_equal(n_conflicts, 0);
	place_free(place);
}

static void test_an_adopted_command_stays_and_can_be_undone(void **state)
{
	struct changeset set = { 0 };
	struct strings lost = { 0 };
	struct place *place = place_make(0, false);
	(void)state;
	place->world.lander.since_ms = clock_wall_ms();
	pass_a_tick(place);
	struct manifest *manifest = begin_command(place);
	pass_a_tick(place);
	do_command(place);
	touch_manifest(place);
	assert_ok(manifest_changes(manifest, &place->world.root, place->world.store, &set, &lost, &place->err), &place->err);
	assert_int_equal(lost.n_items, 0);
	assert_ok(land_adopt(&place->world.lander, "step", 1, &set, &place->err), &place->err);
	char *after = scratch_list(place->world.tree);
	act(place, "recover", 0); /* as after a crash before the manifest was removed */
	expect_tree(place, after);
	act(place, "undo", 0);
	expect_tree(place, place->before);
	act(place, "redo", 0);
	expect_tree(place, after);
	free(after);
	manifest_free(manifest);
	changeset_release(&set);
	place_free(place);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_shape_lands_and_comes_back),
		cmocka_unit_test(test_it_does_so_without_rename_flags_and_openat2),
		cmocka_unit_test(test_a_step_made_for_another_tree_lands_nothing),
		cmocka_unit_test(test_undo_leaves_what_was_edited_since),
		cmocka_unit_test(test_a_file_that_somebody_writes_is_not_replaced),
		cmocka_unit_test(test_mode_and_attributes_stay),
		cmocka_unit_test(test_names_that_are_not_ours_are_refused),
		cmocka_unit_test(test_nothing_is_written_through_a_link),
		cmocka_unit_test(test_a_fifo_in_the_place_of_a_file_is_a_conflict),
		cmocka_unit_test(test_an_interrupted_command_is_taken_back),
		cmocka_unit_test(test_an_edit_after_the_crash_is_not_the_commands),
		cmocka_unit_test(test_an_adopted_command_stays_and_can_be_undone),
	};
	return cmocka_run_group_tests_name("land", tests, NULL, NULL);
}
