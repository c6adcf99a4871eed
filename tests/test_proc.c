#include "tests/unit.h"

#include "base/buf.h"
#include "base/clock.h"
#include "io/proc.h"
#include "io/proc_spawn.h"
#include "io/sandbox.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

struct capture {
	struct buf text[2];
	struct cancel *cancel_on; /* set when "ready" was seen */
};

static void take(void *arg, enum proc_stream stream, const char *data, size_t n)
{
	struct capture *capture = arg;
	buf_add(&capture->text[stream], data, n);
	if (capture->cancel_on && strstr(buf_str(&capture->text[stream]), "ready"))
		cancel_set(capture->cancel_on);
}

static void release(struct capture *capture)
{
	buf_release(&capture->text[0]);
	buf_release(&capture->text[1]);
}

/* sh -c SCRIPT with the rest of spec as it is. */
static struct proc_result run_shell(struct proc_spec spec, const char *script, struct capture *capture)
{
	struct err err;
	struct proc_result result;
	const char *argv[] = { "sh", "-c", script, NULL };
	spec.argv = argv;
	spec.output = take;
	spec.arg = capture;
	if (!spec.cwd)
		spec.cwd = "/";
	assert_ok(proc_run(&spec, &result, &err), &err);
	return result;
}

static void test_output_and_exit_code_come_back(void **state)
{
	(void)state;
	struct capture c = { 0 };
	struct proc_result r = run_shell((struct proc_spec){ 0 }, "echo out; echo err >&2; exit 3", &c);
	assert_int_equal(r.exit_code, 3);
	assert_int_equal(r.signal, 0);
	assert_string_equal(buf_str(&c.text[PROC_STDOUT]), "out\n");
	assert_string_equal(buf_str(&c.text[PROC_STDERR]), "err\n");
	release(&c);
}

static void test_program_that_is_not_there_is_named(void **state)
{
	(void)state;
	struct err err;
	struct proc_result r;
	struct proc_spec spec = { .argv = (const char *const[]){ "no-such-program-here", NULL }, .cwd = "/" };
	assert_int_equal(proc_run(&spec, &r, &err), -1);
	assert_int_equal(err.code, ERR_NOT_FOUND);
	assert_contains(err.msg, "no-such-program-here");
	spec = (struct proc_spec){ .argv = (const char *const[]){ "true", NULL }, .cwd = "/no/such/folder" };
	assert_int_equal(proc_run(&spec, &r, &err), -1);
	assert_contains(err.msg, "/no/such/folder");
	spec = (struct proc_spec){ .argv = (const char *const[]){ NULL }, .cwd = "/" };
	assert_int_equal(proc_run(&spec, &r, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
}

static void test_death_by_signal_is_told(void **state)
{
	(void)state;
	struct capture c = { 0 };
	struct proc_result r = run_shell((struct proc_spec){ 0 }, "kill -SEGV $$", &c);
	assert_int_equal(r.signal, SIGSEGV);
	assert_int_equal(r.exit_code, 128 + SIGSEGV);
	release(&c);
}

static void test_exit_code_comes_back_where_children_are_ignored(void **state)
{
	(void)state;
	struct capture c = { 0 };
	signal(SIGCHLD, SIG_IGN);
	assert_int_equal(run_shell((struct proc_spec){ 0 }, "exit 3", &c).exit_code, 3);
	signal(SIGCHLD, SIG_DFL);
	release(&c);
}

static void test_environment_holds_no_key(void **state)
{
	(void)state;
	struct capture c = { 0 };
	setenv("BELAY_TEST_API_KEY", "canary", 1);
	setenv("SSH_AUTH_SOCK", "canary", 1);
	setenv("LC_NUMERIC", "C", 1);
	const char *env[] = { "LC_NUMERIC=POSIX", "OWN=yes", NULL };
	run_shell((struct proc_spec){ .env = env }, "env", &c);
	assert_null(strstr(buf_str(&c.text[0]), "canary"));
	assert_contains(buf_str(&c.text[0]), "LC_NUMERIC=POSIX\n");
	assert_contains(buf_str(&c.text[0]), "OWN=yes\n");
	assert_contains(buf_str(&c.text[0]), "PATH=");
	release(&c);
}

static void test_nothing_is_inherited(void **state)
{
	(void)state;
	struct capture c = { 0 };
	int leak = open("/dev/null", O_RDONLY);
	sigset_t block;
	sigemptyset(&block);
	sigaddset(&block, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &block, NULL);
	signal(SIGPIPE, SIG_IGN);
	run_shell((struct proc_spec){ 0 },
	          "ls /proc/$$/fd | tr '\\n' ' '; grep -E '^Sig(Blk|Ign)' /proc/self/status; exec 3</dev/tty", &c);
	pthread_sigmask(SIG_UNBLOCK, &block, NULL);
	signal(SIGPIPE, SIG_DFL);
	close(leak);
	assert_contains(buf_str(&c.text[0]), "0 1 2 Sig");
	assert_contains(buf_str(&c.text[0]), "SigBlk:\t0000000000000000");
	const char *ignored = strstr(buf_str(&c.text[0]), "SigIgn:\t");
	assert_non_null(ignored);
	/* 32 and 33 are the C library's own, out of every program's reach. */
	assert_int_equal(strtoull(ignored + 8, NULL, 16) & ~0x180000000ULL, 0);
	assert_contains(buf_str(&c.text[1]), "/dev/tty");
	release(&c);
}

static void test_input_is_given_and_may_be_left_unread(void **state)
{
	(void)state;
	struct capture c = { 0 };
	size_t n = 3 * 1024 * 1024;
	char *data = malloc(n);
	memset(data, 'x', n);
	struct proc_spec spec = { .stdin_data = data, .stdin_n = n };
	run_shell(spec, "wc -c", &c);
	assert_int_equal(atoll(buf_str(&c.text[0])), (long long)n);
	assert_int_equal(run_shell(spec, "exit 0", &c).exit_code, 0);
	release(&c);
	free(data);
	c = (struct capture){ 0 };
	run_shell((struct proc_spec){ 0 }, "cat; echo end", &c);
	assert_string_equal(buf_str(&c.text[0]), "end\n");
	release(&c);
}

static void test_output_over_the_cap_is_counted(void **state)
{
	(void)state;
	struct capture c = { 0 };
	struct proc_result r = run_shell((struct proc_spec){ .output_max = 1000 },
	                                 "head -c 300000 /dev/zero; head -c 200000 /dev/zero >&2", &c);
	assert_int_equal(c.text[0].len + c.text[1].len, 1000);
	assert_int_equal(r.dropped, 499000);
	assert_int_equal(r.exit_code, 0);
	release(&c);
}

static void test_time_limit_ends_a_command(void **state)
{
	(void)state;
	struct capture c = { 0 };
	struct proc_result r = run_shell((struct proc_spec){ .timeout_ms = 100 }, "exec sleep 600", &c);
	assert_true(r.timed_out);
	assert_false(r.cancelled);
	assert_int_equal(r.signal, SIGTERM);
	assert_true(r.ms >= 100);
	release(&c);
}

static void test_cancel_ends_a_command(void **state)
{
	(void)state;
	struct capture c = { 0 };
	struct cancel cancel = { 0 };
	c.cancel_on = &cancel;
	struct proc_result r = run_shell((struct proc_spec){ .cancel = &cancel }, "echo ready; exec sleep 600", &c);
	assert_true(r.cancelled);
	assert_int_equal(r.signal, SIGTERM);
	release(&c);
}

static void test_what_ignores_the_request_to_end_is_killed(void **state)
{
	(void)state;
	struct capture c = { 0 };
	struct cancel cancel = { 0 };
	c.cancel_on = &cancel;
	struct proc_result r = run_shell((struct proc_spec){ .cancel = &cancel },
	                                 "trap '' TERM; echo ready; while :; do sleep 600; done", &c);
	assert_true(r.cancelled);
	assert_int_equal(r.signal, SIGKILL);
	assert_true(r.ms >= 2000);
	release(&c);
}

static void test_leftover_that_holds_the_output_is_ended(void **state)
{
	(void)state;
	struct capture c = { 0 };
	struct proc_result r = run_shell((struct proc_spec){ 0 }, "sleep 600 & echo $!; exit 4", &c);
	assert_int_equal(r.exit_code, 4);
	assert_false(r.timed_out);
	assert_true(r.ms < 60000);
	release(&c);
	/* One that left the session keeps the pipe, and belay does not wait for it. */
	r = run_shell((struct proc_spec){ 0 }, "setsid sleep 600 & echo $!", &c);
	assert_true(r.ms < 60000);
	kill((pid_t)atoi(buf_str(&c.text[0])), SIGKILL);
	release(&c);
}

static void test_script_without_interpreter_line_runs(void **state)
{
	(void)state;
	struct err err;
	struct capture c = { 0 };
	struct proc_result r;
	char name[] = "/tmp/belay-script-XXXXXX";
	int fd = mkstemp(name);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "echo \"$1\"\n", 10), 10);
	fchmod(fd, 0755);
	close(fd);
	struct proc_spec spec = {
		.argv = (const char *const[]){ name, "word", NULL }, .cwd = "/", .output = take, .arg = &c,
	};
	assert_ok(proc_run(&spec, &r, &err), &err);
	assert_string_equal(buf_str(&c.text[0]), "word\n");
	unlink(name);
	release(&c);
}

static char tree[64];

static void write_file(const char *path, const char *text)
{
	char full[256];
	snprintf(full, sizeof full, "%s/%s", tree, path);
	FILE *file = fopen(full, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static int make_tree(void **state)
{
	(void)state;
	char full[256];
	static const char *const folder[] = { ".git", ".git/hooks", "src", "other", "sub", "sub/.git", "sub/.git/modules" };
	snprintf(tree, sizeof tree, "/var/tmp/belay-proc-XXXXXX");
	if (!mkdtemp(tree))
		return -1;
	for (size_t i = 0; i < sizeof folder / sizeof *folder; i++) {
		snprintf(full, sizeof full, "%s/%s", tree, folder[i]);
		if (mkdir(full, 0755) != 0)
			return -1;
	}
	snprintf(full, sizeof full, "%s/other/.git", tree);
	if (symlink("../sub/.git", full) != 0)
		return -1;
	write_file(".git/config", "[core]\n");
	write_file("sub/.git/config", "[core]\n");
	write_file("src/Makefile", "prog: prog.c\n\tcc -o prog prog.c\n");
	write_file("src/prog.c", "int main(void) { return 0; }\n");
	return 0;
}

static int remove_tree(void **state)
{
	(void)state;
	struct err err;
	struct proc_result r;
	struct proc_spec spec = { .argv = (const char *const[]){ "rm", "-rf", tree, NULL }, .cwd = "/" };
	return proc_run(&spec, &r, &err);
}

static void test_every_git_folder_is_found(void **state)
{
	(void)state;
	struct err err;
	struct strings git = { 0 };
	assert_ok(sandbox_find_git(tree, &git, &err), &err);
	assert_int_equal(git.n_items, 3);
	assert_string_equal(git.item[0], ".git");
	assert_string_equal(git.item[1], "other/.git");
	assert_string_equal(git.item[2], "sub/.git");
	strings_release(&git);
}

/* What both kinds of sandbox promise. */
static void check_sandbox(enum proc_sandbox sandbox)
{
	static const char *const forbidden[] = {
		"echo x >> .git/config", "echo x > .git/new", "rm -r sub; mkdir -p sub/.git/hooks", "echo x > other/.git/x", "rm .git/config", "mv .git gone", "mv sub gone", "echo x >> sub/.git/config",
		"echo x > .git/hooks/post-commit", "ln -f src/prog.c .git/link", "echo x > \"$OUTSIDE\"", "echo x > /etc/belay-test",
		"mkdir /var/tmp/belay-escape", "echo 1 > /proc/sys/kernel/sysrq", "ln -s / out && echo x > out/var/tmp/belay-escape",
	};
	char outside[80];
	snprintf(outside, sizeof outside, "OUTSIDE=%s-outside", tree);
	struct proc_spec spec = {
		.cwd = tree, .writable = tree, .sandbox = sandbox, .env = (const char *const[]){ outside, NULL },
	};
	struct capture c = { 0 };
	for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++)
		if (run_shell(spec, forbidden[i], &c).exit_code == 0)
			fail_msg("was possible in %s: %s", proc_sandbox_name(sandbox), forbidden[i]);
	assert_int_equal(access(outside + 8, F_OK), -1);
	assert_int_equal(run_shell(spec, "cd src && make && ./prog && echo t > \"$TMPDIR/t\" && echo >/dev/null", &c).exit_code,
	                 0);
	spec.cwd = "/";
	spec.writable = NULL;
	assert_int_not_equal(run_shell(spec, "echo x > /var/tmp/belay-escape", &c).exit_code, 0);
	release(&c);
}

/* A port of this machine that somebody listens on. */
static int listen_somewhere(int *port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, n), 0);
	assert_int_equal(listen(fd, 8), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &n), 0);
	*port = ntohs(address.sin_port);
	return fd;
}

static int connect_from(enum proc_sandbox sandbox, bool network, int port)
{
	char script[80];
	struct capture c = { 0 };
	struct proc_spec spec = { .cwd = tree, .writable = tree, .sandbox = sandbox, .network = network };
	snprintf(script, sizeof script, "exec bash -c 'exec 3<> /dev/tcp/127.0.0.1/%d'", port);
	int code = run_shell(spec, script, &c).exit_code;
	release(&c);
	return code;
}

static void test_network_only_when_asked_for(void **state)
{
	(void)state;
	int port;
	int fd = listen_somewhere(&port);
	assert_int_equal(connect_from(PROC_SANDBOX_NONE, false, port), 0);
	if (proc_best_sandbox() == PROC_SANDBOX_BWRAP) {
		assert_int_not_equal(connect_from(PROC_SANDBOX_BWRAP, false, port), 0);
		assert_int_equal(connect_from(PROC_SANDBOX_BWRAP, true, port), 0);
	}
	if (sandbox_landlock_abi() > 0)
		assert_int_equal(connect_from(PROC_SANDBOX_LANDLOCK, true, port), 0);
	if (sandbox_landlock_abi() >= 4)
		assert_int_not_equal(connect_from(PROC_SANDBOX_LANDLOCK, false, port), 0);
	close(fd);
}

static void test_bubblewrap_keeps_a_command_in_the_tree(void **state)
{
	(void)state;
	if (proc_best_sandbox() != PROC_SANDBOX_BWRAP)
		skip();
	check_sandbox(PROC_SANDBOX_BWRAP);
	struct capture c = { 0 };
	struct proc_spec spec = { .cwd = tree, .writable = tree, .sandbox = PROC_SANDBOX_BWRAP };
	assert_int_equal(run_shell(spec, "echo x > top && mkdir d && touch d/e && rm -r d top", &c).exit_code, 0);
	run_shell(spec, "tail -n +3 /proc/net/dev | cut -d: -f1; ls /tmp; echo end", &c);
	assert_contains(buf_str(&c.text[0]), "lo\nend\n");
	assert_int_equal(run_shell(spec, "kill -9 $$", &c).exit_code, 128 + SIGKILL);
	release(&c);
}

static void test_sandboxed_command_may_clean_up_when_its_time_is_over(void **state)
{
	(void)state;
	if (proc_best_sandbox() != PROC_SANDBOX_BWRAP)
		skip();
	struct capture c = { 0 };
	struct cancel cancel = { 0 };
	struct proc_spec spec = { .cwd = tree, .writable = tree, .sandbox = PROC_SANDBOX_BWRAP, .cancel = &cancel };
	c.cancel_on = &cancel;
	struct proc_result r = run_shell(
		spec, "trap 'echo cleaned; exit 9' TERM; echo ready; while :; do read -r x < /dev/zero & wait; done", &c);
	assert_true(r.cancelled);
	assert_int_equal(r.exit_code, 9);
	assert_contains(buf_str(&c.text[0]), "cleaned");
	release(&c);
}

static void test_landlock_keeps_a_command_in_the_tree(void **state)
{
	(void)state;
	if (sandbox_landlock_abi() == 0)
		skip();
	check_sandbox(PROC_SANDBOX_LANDLOCK);
}

static void test_quoted_words_read_back(void **state)
{
	(void)state;
	static const struct {
		const char *argv[4];
		const char *line;
	} row[] = {
		{ { "make", "-j2" }, "make -j2" },
		{ { "echo", "it's", "" }, "echo 'it'\\''s' ''" },
		{ { "A=b", "c d" }, "'A=b' 'c d'" },
		{ { "rm", "a\nb\xe2\x80\xae" }, "rm 'a^Jb<U+202E>'" },
	};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct buf out = { 0 };
		proc_quote(&out, row[i].argv);
		assert_string_equal(buf_str(&out), row[i].line);
		buf_release(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_output_and_exit_code_come_back),
		cmocka_unit_test(test_program_that_is_not_there_is_named),
		cmocka_unit_test(test_death_by_signal_is_told),
		cmocka_unit_test(test_exit_code_comes_back_where_children_are_ignored),
		cmocka_unit_test(test_environment_holds_no_key),
		cmocka_unit_test(test_nothing_is_inherited),
		cmocka_unit_test(test_input_is_given_and_may_be_left_unread),
		cmocka_unit_test(test_output_over_the_cap_is_counted),
		cmocka_unit_test(test_time_limit_ends_a_command),
		cmocka_unit_test(test_cancel_ends_a_command),
		cmocka_unit_test(test_what_ignores_the_request_to_end_is_killed),
		cmocka_unit_test(test_leftover_that_holds_the_output_is_ended),
		cmocka_unit_test(test_script_without_interpreter_line_runs),
		cmocka_unit_test_setup_teardown(test_every_git_folder_is_found, make_tree, remove_tree),
		cmocka_unit_test_setup_teardown(test_bubblewrap_keeps_a_command_in_the_tree, make_tree, remove_tree),
		cmocka_unit_test_setup_teardown(test_sandboxed_command_may_clean_up_when_its_time_is_over, make_tree,
		                                remove_tree),
		cmocka_unit_test_setup_teardown(test_network_only_when_asked_for, make_tree, remove_tree),
		cmocka_unit_test_setup_teardown(test_landlock_keeps_a_command_in_the_tree, make_tree, remove_tree),
		cmocka_unit_test(test_quoted_words_read_back),
	};
	return cmocka_run_group_tests_name("proc", tests, NULL, NULL);
}
