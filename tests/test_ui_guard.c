#include "tests/unit.h"

#include "base/thread.h"
#include "tui/ui_guard.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int look(void *arg)
{
	struct pollfd none = { .fd = -1 };
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	(void)arg;
	bool fine = fd >= 0 && poll(&none, 1, 1) == 0 && waitpid(-1, NULL, WNOHANG) == -1;
	close(fd);
	return fine ? 7 : 8;
}

static int sync_disk(void *arg)
{
	(void)arg;
	return fsync(0);
}

static int write_file(void *arg)
{
	(void)arg;
	return open("/dev/null", O_WRONLY | O_CLOEXEC);
}

static int sleep_a_little(void *arg)
{
	struct timespec little = { 0, 1000 };
	(void)arg;
	return nanosleep(&little, NULL);
}

static int wait_for_a_child(void *arg)
{
	(void)arg;
	return waitpid(-1, NULL, 0);
}

static int wait_for_a_lock(void *arg)
{
	struct flock lock = { .l_type = F_RDLCK };
	(void)arg;
	return fcntl(0, F_SETLKW, &lock);
}

/* The status of a process that runs it. */
static int status_of(int (*run)(void *arg), bool guarded)
{
	struct rlimit no_core = { 0, 0 };
	int status = 0;
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct err err;
		int result = 1;
		setrlimit(RLIMIT_CORE, &no_core);
		signal(SIGSYS, SIG_DFL);
		if (!guarded)
			_exit(run(NULL) == 7 ? 7 : 0);
		if (ui_guard_run(run, NULL, &result, &err) != 0)
			_exit(77);
		fdatasync(0); /* it is over: this thread may */
		_exit(result);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void test_calls_that_do_not_wait_pass(void **state)
{
	int status = status_of(look, true);
	(void)state;
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(WEXITSTATUS(status), 7);
}

static void test_calls_that_may_wait_end_the_program(void **state)
{
	static int (*const bad[])(void *arg) = { sync_disk, write_file, sleep_a_little, wait_for_a_child, wait_for_a_lock };
	(void)state;
	if (WIFEXITED(status_of(look, true)) && WEXITSTATUS(status_of(look, true)) == 77)
		skip();
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		int status = status_of(bad[i], true);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), SIGSYS);
		assert_true(WIFEXITED(status_of(bad[i], false)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_calls_that_do_not_wait_pass),
		cmocka_unit_test(test_calls_that_may_wait_end_the_program),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
