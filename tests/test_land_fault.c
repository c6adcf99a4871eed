/*
 * Every system call of a landing, an undo, a redo and a recovery, one at a time: the process dies there, or the call
 * fails, or is short, or somebody edits a file just before it. By interposed calls in this process (fault.h); crash_land.c
 * does the first with real kills. By default a part of the points; with BELAY_TORTURE=1 in the environment all of them.
 */
#include "tests/unit.h"

#include "base/path.h"
#include "base/xalloc.h"
#include "tests/crash_check.h"
#include "tests/crash_world.h"
#include "tests/fault.h"
#include "tests/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct job {
	const char *action;
	size_t shape;
	bool plain;
};

static size_t n_points;

static bool torture(void)
{
	return getenv("BELAY_TORTURE") != NULL;
}

/* Of so many points, which one first and how far from one to the next, when about `wanted` of them are to be tried: other
 * ones for every job. In a torture, all. */
struct stride {
	long first, step;
};

static struct stride stride_of(const struct job *job, long n_calls, long wanted)
{
	long step = torture() || n_calls <= wanted ? 1 : n_calls / wanted;
	long number = (long)job->shape * 7 + *job->action + job->plain * 3;
	return (struct stride){ 1 + number % step, step };
}

static void act(const struct job *job, const char *action, const char *dir)
{
	struct world world;
	struct err err;
	size_t n_conflicts;
	assert_ok(world_open(&world, dir, job->plain, &err), &err);
	assert_ok(world_act(&world, action, job->shape, &n_conflicts, &err), &err);
	assert_int_equal(n_conflicts, 0);
	world_close(&world);
}

static char *new_world(const struct job *job)
{
	static const char *const way[] = { "land", "undo", "redo" };
	char *dir = scratch_make();
	world_make(dir, job->shape);
	for (size_t i = 0; i < 3 && strcmp(job->action, way[i]) != 0; i++)
		act(job, way[i], dir);
	return dir;
}

#define TOLD 5 /* done, but for files that it names */

/* What the action ends with while the fault is armed: 0, -1 or TOLD; *n_calls is how many calls it made. */
static int act_with(const struct job *job, const char *action, const char *dir, const struct fault *fault, long *n_calls,
                    struct err *err)
{
	struct world world;
	size_t n_conflicts = 0;
	fault_arm(fault);
	int rc = world_open(&world, dir, job->plain, err);
	if (rc == 0) {
		rc = world_act(&world, action, job->shape, &n_conflicts, err);
		world_close(&world);
	}
	*n_calls = fault_disarm();
	return rc == 0 && n_conflicts ? TOLD : rc;
}

/* In a child, which dies at the call. How many calls a recovery makes depends on what it finds (the clock, the order of
 * a folder), so one of its last may never come: `may_end` takes a success for it. */
static void die_at(const struct job *job, const char *action, const char *dir, long at, bool may_end)
{
	const struct fault fault = { .kind = FAULT_DIE, .at = at };
	int status;
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct err err;
		long n_calls;
		_exit(act_with(job, action, dir, &fault, &n_calls, &err) == 0 ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (!may_end || WEXITSTATUS(status) != 0)
		assert_int_equal(WEXITSTATUS(status), FAULT_DEAD);
}

static void learn(const struct job *job, struct expected *out, long *n_calls)
{
	static const struct fault none = { 0 };
	struct err err;
	char *dir = new_world(job);
	out->before = crash_tree(dir);
	assert_ok(act_with(job, job->action, dir, &none, n_calls, &err), &err);
	out->after = crash_tree(dir);
	assert_string_not_equal(out->before, out->after);
	scratch_remove(dir);
}

static void expect_fine(const struct job *job, const char *dir, const char *fault, struct buf *why)
{
	n_points++;
	if (why->len)
		fail_msg("%s of '%s'%s, %s: %s\n  in %s", job->action, world_shape_name(job->shape),
		         job->plain ? " without flags" : "", fault, buf_str(why), dir);
	buf_release(why);
}

static void each_job(void (*body)(const struct job *job))
{
	static const char *const action[] = { "land", "undo", "redo" };
	for (size_t shape = 0; shape < WORLD_N_SHAPES; shape++)
		for (size_t a = 0; a < 3; a++)
			for (int plain = 0; plain < 2; plain++) {
				body(&(const struct job){ action[a], shape, plain });
				if (torture())
					fprintf(stderr, "%s of '%s'%s: %zu points so far\n", action[a], world_shape_name(shape),
					        plain ? " without flags" : "", n_points);
			}
}

/* ---- dying ---- */

static void die_everywhere(const struct job *job)
{
	struct expected expected;
	long n_calls;
	learn(job, &expected, &n_calls);
	struct stride stride = stride_of(job, n_calls, 12);
	for (long at = stride.first; at <= n_calls; at += stride.step) {
		struct buf why = { 0 };
		char *dir = new_world(job);
		die_at(job, job->action, dir, at, false);
		char *list = crash_tree(dir);
		if (!job->plain && !crash_is_old_or_new(list, &expected))
			buf_printf(&why, "a file is neither old nor new:\n%s", list);
		else
			crash_check_recovery(dir, &expected, &why);
		char *name = xasprintf("death at call %ld", at);
		expect_fine(job, dir, name, &why);
		free(name);
		free(list);
		scratch_remove(dir);
	}
	expected_release(&expected);
}

static void test_a_death_leaves_old_or_new(void **state)
{
	(void)state;
	each_job(die_everywhere);
}

/* How many calls the recovery from one death makes. */
static long recovery_calls(const struct job *job, long first)
{
	static const struct fault none = { 0 };
	struct err err;
	long n_calls;
	char *dir = new_world(job);
	die_at(job, job->action, dir, first, false);
	assert_ok(act_with(job, "recover", dir, &none, &n_calls, &err), &err);
	scratch_remove(dir);
	return n_calls;
}

/* Dies in the action, then in the recovery, then recovers. */
static void die_twice(const struct job *job, long first, const struct expected *expected)
{
	long n_calls = recovery_calls(job, first);
	struct stride stride = stride_of(job, n_calls, 4);
	for (long second = stride.first; second <= n_calls; second += stride.step) {
		struct buf why = { 0 };
		char *dir = new_world(job);
		char *name = xasprintf("death at call %ld, and at call %ld of the recovery", first, second);
		die_at(job, job->action, dir, first, false);
		die_at(job, "recover", dir, second, true);
		crash_check_recovery(dir, expected, &why);
		expect_fine(job, dir, name, &why);
		scratch_remove(dir);
		free(name);
	}
}

static void die_twice_everywhere(const struct job *job)
{
	struct expected expected;
	long n_calls;
	learn(job, &expected, &n_calls);
	struct stride stride = stride_of(job, n_calls, 4);
	for (long at = stride.first; at <= n_calls; at += stride.step)
		die_twice(job, at, &expected);
	expected_release(&expected);
}

static void test_a_second_death_in_recovery_does_too(void **state)
{
	(void)state;
	each_job(die_twice_everywhere);
}

/* ---- errors ---- */

static void check_outcome(const struct job *job, const char *dir, int rc, const struct expected *expected,
                          bool open, struct buf *why)
{
	char *list = crash_tree(dir);
	char *own = crash_without_temps(list);
	bool untidy = strcmp(own, list) != 0; /* then a folder may be there still, too: recovery ends it */
	if (rc == 0 && !untidy && strcmp(own, expected->after) != 0)
		buf_printf(why, "says that it is done, and is not:\n%s", list);
	else if (!job->plain && !crash_is_old_or_new(list, expected))
		buf_printf(why, "a file is neither old nor new:\n%s", list);
	else if (rc != TOLD)
		crash_check_recovery(dir, expected, why);
	free(own);
	free(list);
	list = crash_tree(dir);
	if (!why->len && rc != TOLD && !open && strcmp(list, rc == 0 ? expected->after : expected->before) != 0)
		buf_printf(why, "it said %s, and after recovery there is\n%s", rc == 0 ? "done" : "failed", list);
	free(list);
}

static void fail_once(const struct job *job, enum fault_kind kind, long at, int errnum, const struct expected *expected)
{
	const struct fault fault = { .kind = kind, .at = at, .errnum = errnum };
	struct buf why = { 0 };
	struct err err = { 0 };
	long n_calls;
	char *dir = new_world(job);
	int rc = act_with(job, job->action, dir, &fault, &n_calls, &err);
	char *name = xasprintf("'%s' at call %ld (%s)%s", kind == FAULT_SHORT ? "short" : strerror(errnum), at, fault_name(),
	                       kind == FAULT_ERRORS ? " and all after it" : "");
	/* When even taking back failed, the journal tells the recovery which of the two it is. */
	bool open = rc == -1 && strstr(err.msg, "not taken back yet");
	check_outcome(job, dir, rc, expected, open, &why);
	if (!why.len && rc == -1 && !err.msg[0])
		buf_printf(&why, "it failed without a message");
	if (!why.len && kind == FAULT_SHORT && rc != 0 && strcmp(fault_name(), "write") != 0)
		buf_printf(&why, "it failed: %s", err.msg);
	expect_fine(job, dir, name, &why);
	free(name);
	scratch_remove(dir);
}

static void fail_everywhere(const struct job *job)
{
	static const int errnum[] = { ENOSPC, EIO, EACCES, EMFILE, EINTR, EROFS, EDQUOT };
	size_t n_errors = torture() ? sizeof errnum / sizeof *errnum : 1;
	struct expected expected;
	long n_calls;
	learn(job, &expected, &n_calls);
	struct stride stride = stride_of(job, n_calls, 6);
	for (long at = stride.first; at <= n_calls; at += stride.step) {
		for (size_t e = 0; e < n_errors; e++) {
			int number = torture() ? errnum[e] : errnum[(size_t)at % (sizeof errnum / sizeof *errnum)];
			fail_once(job, FAULT_ERROR, at, number, &expected);
			if (number != EINTR)
				fail_once(job, FAULT_ERRORS, at, number, &expected);
		}
		fail_once(job, FAULT_SHORT, at, 0, &expected);
	}
	expected_release(&expected);
}

static void test_no_error_is_a_false_success(void **state)
{
	(void)state;
	each_job(fail_everywhere);
}

/* ---- somebody else's edits ---- */

struct edit {
	const char *tree;
	const char *path;
	int how; /* 0: in place, 1: by renaming, 2: removed, 3: mode */
};

#define N_EDITS 4

/* False when there is nothing that could be edited so. */
static bool edit_now(const struct edit *edit)
{
	char *path = xasprintf("%s/%s", edit->tree, edit->path);
	struct stat st;
	bool there = lstat(path, &st) == 0;
	bool done = true;
	if (edit->how == 0 && there && S_ISREG(st.st_mode)) {
		scratch_write_bytes(edit->tree, edit->path, "mine\n", 5, 0644);
	} else if (edit->how == 1 && !(there && S_ISDIR(st.st_mode))) {
		scratch_write_bytes(edit->tree, "an-empty-folder/x", "mine\n", 5, 0644);
		char *from = xasprintf("%s/an-empty-folder/x", edit->tree);
		if (rename(from, path) != 0)
			done = unlink(from) != 0; /* its folder is not there */
		free(from);
	} else if (edit->how == 2) {
		done = unlink(path) == 0;
	} else if (edit->how == 3 && there && S_ISREG(st.st_mode)) {
		done = chmod(path, 0711) == 0;
	} else {
		done = false;
	}
	free(path);
	return done;
}

/* The lines of the list that are about the path; or those of other files, that it would be neither below nor above. */
static char *pick_lines(const char *list, const char *path, bool about_it)
{
	struct buf out = { 0 };
	for (const char *s = list; *s; s += strcspn(s, "\n") + 1) {
		size_t n = strcspn(s, "\n");
		const char *blank = memrchr(s, ' ', n);
		char *name = xstrndup(blank + 1, n - (size_t)(blank + 1 - s));
		bool is_it = strcmp(name, path) == 0;
		bool related = path_is_below(name, path) || path_is_below(path, name);
		if (*s != 'd' && (about_it ? is_it : !related))
			buf_add(&out, s, n + 1);
		free(name);
	}
	return buf_take(&out, NULL);
}

static char *about(const char *list, const char *path)
{
	return pick_lines(list, path, true);
}

static char *but_for(const char *list, const char *path)
{
	return pick_lines(list, path, false);
}

static struct edit *last_edit;
static char *right_after; /* lines about the path just after it was edited */

static void edit_and_note(void *arg)
{
	if (!edit_now(arg))
		return;
	last_edit = arg;
	char *list = scratch_list(last_edit->tree);
	free(right_after);
	right_after = about(list, last_edit->path);
	free(list);
}

static void recover_here(const struct job *job, const char *dir, struct buf *why)
{
	struct world world;
	struct err err;
	size_t n_conflicts;
	assert_ok(world_open(&world, dir, job->plain, &err), &err);
	if (world_act(&world, "recover", 0, &n_conflicts, &err) != 0)
		buf_printf(why, "recovery fails: %s", err.msg);
	world_close(&world);
}

static struct fault the_edit;

static void arm_the_edit(void)
{
	fault_arm(&the_edit);
}

/* The edited path keeps what it got; the others are all old or all new. */
static void edit_at(const struct job *job, long at, const char *path, int how, const struct expected *expected)
{
	struct buf why = { 0 };
	struct err err = { 0 };
	long n_calls;
	char *dir = new_world(job);
	char *tree = xasprintf("%s/tree", dir);
	struct edit edit = { tree, path, how };
	static const struct fault none = { 0 };
	the_edit = (struct fault){ .kind = FAULT_EDIT, .at = at, .edit = edit_and_note, .arg = &edit };
	free(right_after);
	right_after = NULL;
	world_is_ready = arm_the_edit;
	int rc = act_with(job, job->action, dir, &none, &n_calls, &err);
	world_is_ready = NULL;
	if (right_after) {
		recover_here(job, dir, &why);
		char *list = crash_tree(dir);
		char *mine = about(list, path);
		char *own = crash_without_temps(list);
		char *others = but_for(strstr(right_after, " folder\n") ? own : list, path);
		char *before = but_for(expected->before, path);
		char *after = but_for(expected->after, path);
		char *old = about(expected->before, path);
		char *new = about(expected->after, path);
		bool edited = strcmp(right_after, old) != 0 && strcmp(right_after, new) != 0;
		if (edited && strcmp(mine, right_after) != 0)
			buf_printf(&why, "the edit is gone: '%s' instead of '%s' (rc %d, %s)", mine, right_after, rc, err.msg);
		else if (strcmp(others, before) != 0 && strcmp(others, after) != 0)
			buf_printf(&why, "the other files are neither old nor new (rc %d, %s):\n%s", rc, err.msg, others);
		free(own);
		free(old);
		free(new);
		free(list);
		free(mine);
		free(others);
		free(before);
		free(after);
	}
	char *name = xasprintf("edit %d of '%s' before call %ld (%s)", how, path, at, fault_name());
	expect_fine(job, dir, name, &why);
	free(name);
	free(tree);
	scratch_remove(dir);
}

static void edit_everywhere(const struct job *job)
{
	static const char *const path[WORLD_N_SHAPES][4] = {
		{ "gone.txt", "new/deep/made.txt", "src/main.c", "bystander" },
		{ "crlf.txt", "empty", "link-to-file", "tool.sh" },
		{ "file/inside/x", "folder", "folder/two", "bystander" },
		{ "a/1", "a/3", "b/4", "d/8" },
	};
	struct expected expected;
	long n_calls;
	learn(job, &expected, &n_calls);
	struct stride stride = stride_of(job, n_calls, 6);
	for (long at = stride.first; at <= n_calls; at += stride.step)
		for (size_t p = 0; p < 4; p++)
			for (int how = 0; how < N_EDITS; how++)
				if (torture() || (at + (long)p + how) % 4 == 0)
					edit_at(job, at, path[job->shape][p], how, &expected);
	expected_release(&expected);
}

static void test_no_edit_meanwhile_is_lost(void **state)
{
	(void)state;
	each_job(edit_everywhere);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_death_leaves_old_or_new),
		cmocka_unit_test(test_a_second_death_in_recovery_does_too),
		cmocka_unit_test(test_no_error_is_a_false_success),
		cmocka_unit_test(test_no_edit_meanwhile_is_lost),
	};
	if (!getenv("TMPDIR") && access("/dev/shm", W_OK) == 0)
		setenv("TMPDIR", "/dev/shm", 1); /* a sync is free there */
	cmocka_set_test_filter(argc > 1 ? argv[1] : NULL);
	int rc = cmocka_run_group_tests_name("land_fault", tests, NULL, NULL);
	free(right_after);
	printf("%zu points\n", n_points);
	return rc;
}
