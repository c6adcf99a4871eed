/* When did we die? */
#include "tests/unit.h"

#include "base/xalloc.h"
#include "io/death_watch.h"
#include "io/proc.h"
#include "tests/scratch.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct place {
	char *dir, *file;
};

static struct place make_place(void)
{
	const struct timespec old[2] = { { .tv_sec = 1000 }, { .tv_sec = 1000 } };
	struct place place = { .dir = scratch_make() };
	place.file = xasprintf("%s/watched", place.dir);
	scratch_write(place.dir, "watched", "as it was");
	assert_int_equal(utimensat(AT_FDCWD, place.file, old, 0), 0);
	return place;
}

static void place_remove(struct place *place)
{
	free(place->file);
	scratch_remove(place->dir);
}

static time_t time_of(const struct place *place)
{
	struct stat st;
	assert_int_equal(stat(place->file, &st), 0);
	return st.st_mtim.tv_sec;
}

static void test_death_by_kill_touches_the_file(void **state)
{
	(void)state;
	struct place place = make_place();
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0); /* the watch becomes our child, and can be waited for */
	pid_t pid = fork();
	if (pid == 0) {
		struct death_watch watch;
		struct err err;
		if (death_watch_start(&watch, place.file, &err) != 0)
			_exit(1);
		raise(SIGKILL);
		_exit(1);
	}
	int status;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_true(waitpid(-1, &status, 0) > 0);
	assert_true(time_of(&place) > 1000);
	place_remove(&place);
}

/* In a process of its own, which will be killed: a command with a child that nobody waits for. */
static void run_command(const struct place *place)
{
	struct death_watch watch;
	struct proc_result result;
	struct err err;
	char *script = xasprintf("sleep 3 & echo started >%s/fifo; wait", place->dir);
	const struct proc_spec spec = { .argv = (const char *const[]){ "sh", "-c", script, NULL }, .cwd = place->dir };
	if (death_watch_start(&watch, place->file, &err) != 0 || proc_run(&spec, &result, &err) != 0)
		_exit(1);
	_exit(0);
}

static void test_what_a_command_started_dies_with_us(void **state)
{
	(void)state;
	struct place place = make_place();
	char word[16] = { 0 };
	int status;
	int n_killed = 0;
	char *fifo = xasprintf("%s/fifo", place.dir);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	pid_t pid = fork();
	if (pid == 0)
		run_command(&place);
	int fd = open(fifo, O_RDONLY);
	assert_true(read(fd, word, sizeof word - 1) > 0);
	close(fd);
	assert_int_equal(kill(pid, SIGKILL), 0);
	while (waitpid(-1, &status, 0) > 0)
		n_killed += WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
	assert_int_equal(n_killed, 3); /* we, the shell, and what it had started */
	free(fifo);
	place_remove(&place);
}

static void test_the_file_is_locked_while_the_watch_lives(void **state)
{
	(void)state;
	struct place place = make_place();
	struct death_watch watch;
	struct err err;
	assert_int_equal(death_watch_start(&watch, place.file, &err), 0);
	int fd = open(place.file, O_RDONLY);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), -1);
	death_watch_end(&watch);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	close(fd);
	place_remove(&place);
}

static void test_an_orderly_end_touches_nothing(void **state)
{
	(void)state;
	struct place place = make_place();
	struct death_watch watch;
	struct err err;
	assert_int_equal(death_watch_start(&watch, place.file, &err), 0);
	death_watch_end(&watch);
	assert_int_equal(time_of(&place), 1000);
	death_watch_end(&watch); /* a second time there is none */
	place_remove(&place);
}

static void test_the_watch_holds_no_descriptor_of_ours(void **state)
{
	(void)state;
	struct place place = make_place();
	struct death_watch watch;
	struct err err;
	int end[2];
	char byte;
	assert_int_equal(pipe(end), 0);
	assert_int_equal(death_watch_start(&watch, place.file, &err), 0);
	close(end[1]);
	assert_int_equal(read(end[0], &byte, 1), 0); /* would wait for ever for a writer that is still there */
	close(end[0]);
	death_watch_end(&watch);
	place_remove(&place);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_death_by_kill_touches_the_file),
		cmocka_unit_test(test_what_a_command_started_dies_with_us),
		cmocka_unit_test(test_the_file_is_locked_while_the_watch_lives),
		cmocka_unit_test(test_an_orderly_end_touches_nothing),
		cmocka_unit_test(test_the_watch_holds_no_descriptor_of_ours),
	};
	return cmocka_run_group_tests_name("death_watch", tests, NULL, NULL);
}
