/* One living run in a tree. */
#include "tests/unit.h"

#include "base/xalloc.h"
#include "io/runs.h"
#include "tests/scratch.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

struct place {
	char *dir, *tree;
};

static struct place make_place(void)
{
	struct place place = { .dir = scratch_make() };
	char *state = xasprintf("%s/state", place.dir);
	place.tree = xasprintf("%s/tree", place.dir);
	scratch_mkdir(place.dir, "tree");
	setenv("XDG_STATE_HOME", state, 1);
	free(state);
	return place;
}

static void place_remove(struct place *place)
{
	unsetenv("XDG_STATE_HOME");
	free(place->tree);
	scratch_remove(place->dir);
}

/* A child that holds the lock and tells when it does; it waits until it is killed. */
static pid_t child_with_lock(const char *tree)
{
	int ready[2];
	char byte;
	assert_int_equal(pipe(ready), 0);
	pid_t pid = fork();
	if (pid == 0) {
		struct tree_lock *lock;
		struct err err;
		if (tree_lock_take(&lock, tree, "0000aaaa", NULL, &err) != 0 || write(ready[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	assert_true(pid > 0);
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return pid;
}

static void test_a_living_owner_is_left_alone(void **state)
{
	(void)state;
	struct place place = make_place();
	struct tree_lock *lock;
	struct err err = { 0 };
	pid_t pid = child_with_lock(place.tree);
	assert_int_equal(tree_lock_take(&lock, place.tree, "0000bbbb", NULL, &err), -1);
	assert_int_equal(err.code, ERR_CONFLICT);
	assert_contains(err.msg, "0000aaaa");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	place_remove(&place);
}

static void test_a_dead_owner_s_run_is_named(void **state)
{
	(void)state;
	struct place place = make_place();
	struct tree_lock *lock;
	struct err err = { 0 };
	char *stale = NULL;
	pid_t pid = child_with_lock(place.tree);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_ok(tree_lock_take(&lock, place.tree, "0000bbbb", &stale, &err), &err);
	assert_string_equal(stale, "0000aaaa");
	free(stale);
	tree_lock_release(lock);
	assert_ok(tree_lock_take(&lock, place.tree, "0000cccc", &stale, &err), &err);
	assert_null(stale);
	tree_lock_release(lock);
	place_remove(&place);
}

/* In a container whose first process waits for nobody, the dead stay in the table. */
static void test_an_owner_that_nobody_waited_for_is_dead(void **state)
{
	(void)state;
	struct place place = make_place();
	struct tree_lock *lock;
	struct err err = { 0 };
	siginfo_t info;
	pid_t pid = child_with_lock(place.tree);
	kill(pid, SIGKILL);
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	assert_ok(tree_lock_take(&lock, place.tree, "0000bbbb", NULL, &err), &err);
	tree_lock_release(lock);
	waitpid(pid, NULL, 0);
	place_remove(&place);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_living_owner_is_left_alone),
		cmocka_unit_test(test_a_dead_owner_s_run_is_named),
		cmocka_unit_test(test_an_owner_that_nobody_waited_for_is_dead),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
