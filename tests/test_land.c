#include "tests/unit.h"

#include "base/xalloc.h"
#include "io/journal_read.h"
#include "tests/crash_world.h"
#include "tests/scratch.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/xattr.h>
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_shape_lands_and_comes_back),
		cmocka_unit_test(test_it_does_so_without_rename_flags_and_openat2),
	};
	return cmocka_run_group_tests_name("land", tests, NULL, NULL);
}
