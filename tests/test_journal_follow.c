#include "tests/scratch.h"
#include "tests/unit.h"

#include "io/bookmarks.h"
#include "io/journal.h"
#include "io/journal_feed.h"
#include "io/runs.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* A journal that another process writes: it holds the tree, and does one thing for each letter it is sent. */
static char *folder; /* owned */
static char *run, *dir, *file;
static pid_t writer;
static int to_writer, from_writer;
static struct feed *feed;

static void append(struct journal *journal, enum event_kind kind)
{
	struct err err;
	struct event event = { .seq = journal_next_seq(journal), .at_ms = 1772460063000, .run = run, .kind = kind };
	if (kind == EVENT_OUTPUT || kind == EVENT_STEP_DECLARED || kind == EVENT_STEP_FAILED)
		event.step = "one";
	if (kind == EVENT_OUTPUT)
		event.text = (struct event_text){ "more", 4, NULL };
	event.root = folder;
	event.stream = "stdout";
	if (journal_append(journal, &event, &err) != 0)
		_exit(9);
}

/* o: an output, x: a failure, f: the run's end, q: dies with the tree in its hands. */
static void write_journal(const char *root, int in, int out)
{
	struct tree_lock *lock;
	struct journal *journal;
	struct err err;
	char letter;
	if (tree_lock_take(&lock, root, run, NULL, &err) != 0 || journal_open(&journal, file, &err) != 0)
		_exit(8);
	append(journal, EVENT_RUN_STARTED);
	append(journal, EVENT_STEP_DECLARED);
	while (write(out, "k", 1) == 1 && read(in, &letter, 1) == 1 && letter != 'q')
		append(journal, letter == 'o' ? EVENT_OUTPUT : letter == 'x' ? EVENT_STEP_FAILED : EVENT_RUN_FINISHED);
	_exit(0);
}

static void wait_for_writer(void)
{
	char letter;
	assert_int_equal(read(from_writer, &letter, 1), 1);
}

static void tell(const char *letters)
{
	for (; *letters; letters++) {
		assert_int_equal(write(to_writer, letters, 1), 1);
		if (*letters != 'q')
			wait_for_writer();
		else
			assert_int_equal(waitpid(writer, NULL, 0), writer);
	}
}

static int set_up(void **state)
{
	struct err err;
	int in[2], out[2];
	char root[64];
	(void)state;
	folder = scratch_make();
	if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0)
		return -1;
	snprintf(root, sizeof root, "%s/tree", folder);
	mkdir(root, 0700);
	setenv("XDG_STATE_HOME", folder, 1);
	if (runs_create(root, &run, &dir, &err) != 0 || asprintf(&file, "%s/journal.jsonl", dir) < 0)
		return -1;
	writer = fork();
	if (writer == 0) {
		close(in[1]); /* the end of its orders is the end of it */
		close(out[0]);
		write_journal(root, in[0], out[1]);
	}
	to_writer = in[1];
	from_writer = out[0];
	close(in[0]);
	close(out[1]);
	wait_for_writer();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	close(to_writer); /* a writer that still waits ends */
	close(from_writer);
	waitpid(writer, NULL, 0);
	if (feed)
		feed->ops->free(feed);
	feed = NULL;
	free(run);
	free(dir);
	free(file);
	scratch_remove(folder);
	return 0;
}

static void open_feed(bool rush)
{
	struct err err;
	assert_ok(journal_feed_new(&feed, dir, NULL, &err), &err);
	if (rush)
		journal_feed_rush(feed);
	assert_ok(journal_feed_follow(feed, &err), &err);
}

static size_t drain(enum feed_got *last)
{
	const struct event *event;
	size_t n = 0;
	while ((*last = feed->ops->next(feed, &event)) == FEED_EVENT || *last == FEED_RESET)
		n += *last == FEED_EVENT;
	return n;
}

static bool is_readable(int fd)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	return poll(&poll_fd, 1, 0) == 1;
}

static struct feed_status status(void)
{
	struct feed_status out;
	feed->ops->status(feed, &out);
	return out;
}

static void send(enum command_kind kind, int64_t number)
{
	struct command command = { .kind = kind, .number = number };
	feed->ops->send(feed, &command);
}

static void test_what_is_appended_is_given_as_it_comes(void **state)
{
	enum feed_got got;
	(void)state;
	open_feed(false);
	assert_int_equal(drain(&got), 2);
	assert_true(status().live && status().at_edge);
	assert_false(is_readable(feed->ops->wake_fd(feed)));
	tell("oo");
	assert_true(is_readable(feed->ops->wake_fd(feed)));
	assert_int_equal(drain(&got), 2);
	assert_int_equal(got, FEED_NONE);
	tell("f");
	assert_int_equal(drain(&got), 1);
	assert_false(status().live);
}

static void test_looking_back_does_not_lose_the_place_until_the_end_is_asked_for(void **state)
{
	enum feed_got got;
	(void)state;
	open_feed(false);
	drain(&got);
	send(COMMAND_SEEK_SEQ, 1);
	drain(&got);
	tell("ooo");
	assert_int_equal(drain(&got), 0);
	assert_int_equal(status().seq, 1);
	assert_true(status().live && !status().at_edge);
	send(COMMAND_SEEK_PERCENT, 100);
	assert_int_equal(drain(&got), 4);
	tell("o");
	assert_int_equal(drain(&got), 1);
}

static void test_a_rush_waits_for_a_writer_that_lives_and_for_no_other(void **state)
{
	enum feed_got got;
	(void)state;
	open_feed(true);
	assert_int_equal(drain(&got), 2);
	assert_int_equal(got, FEED_NONE);
	assert_int_equal(feed->ops->due_ms(feed), -1);
	tell("oq");
	assert_true(is_readable(feed->ops->wake_fd(feed)));
	assert_int_equal(drain(&got), 1);
	assert_int_equal(got, FEED_END);
}

static void test_a_rush_ends_with_the_run(void **state)
{
	enum feed_got got;
	(void)state;
	open_feed(true);
	tell("of");
	assert_int_equal(drain(&got), 4);
	assert_int_equal(got, FEED_END);
}

static void test_damage_ends_what_is_followed(void **state)
{
	enum feed_got got;
	(void)state;
	open_feed(true);
	drain(&got);
	int fd = open(file, O_WRONLY | O_APPEND | O_CLOEXEC);
	assert_int_equal(write(fd, "{}\n", 3), 3);
	close(fd);
	assert_int_equal(drain(&got), 0);
	assert_int_equal(got, FEED_END);
	assert_true(status().corrupt);
	assert_contains(status().trouble, "after event 2 (line 3, byte ");
}

static int save(void *arg, uint64_t seq, bool set, struct err *err)
{
	return bookmarks_save(arg, seq, set, err);
}

static void test_bookmarks_are_marks_and_stay_in_the_side_file(void **state)
{
	struct bookmarks bookmarks, again;
	struct bookmark_file side = { .save = save, .arg = &bookmarks };
	struct stat before, after;
	enum feed_got got;
	struct err err;
	(void)state;
	tell("oxo");
	assert_int_equal(stat(file, &before), 0);
	open_feed(false);
	assert_ok(bookmarks_load(&bookmarks, dir, &err), &err);
	assert_int_equal(bookmarks.n_seqs, 0);
	journal_feed_bookmarks(feed, &side);
	send(COMMAND_SEEK_SEQ, 3);
	send(COMMAND_BOOKMARK, 0);
	send(COMMAND_SEEK_SEQ, 2);
	send(COMMAND_BOOKMARK, 0);
	send(COMMAND_BOOKMARK, 0); /* and away again */
	drain(&got);
	send(COMMAND_STEP_MARK, 1);
	assert_int_equal(status().seq, 3);
	send(COMMAND_STEP_FAILURE, 1);
	assert_int_equal(status().seq, 4);
	send(COMMAND_STEP_FAILURE, 1);
	assert_int_equal(status().seq, 4);
	assert_contains(status().trouble, "no failure after");
	assert_ok(bookmarks_load(&again, dir, &err), &err);
	assert_int_equal(again.n_seqs, 1);
	assert_int_equal(again.seq[0], 3);
	assert_int_equal(stat(file, &after), 0);
	assert_int_equal(before.st_size, after.st_size);
	bookmarks_release(&again);
	bookmarks_release(&bookmarks);
}

static void test_bookmarks_that_are_none_are_told(void **state)
{
	static const char *const bad[] = { "x\n", "12", "0\n", "-1\n", "99999999999999999999\n", "1\n\n" };
	struct bookmarks bookmarks;
	struct err err;
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		char *side;
		assert_true(asprintf(&side, "%s.bookmarks", file) > 0);
		FILE *to = fopen(side, "w");
		fputs(bad[i], to);
		fclose(to);
		assert_int_equal(bookmarks_load(&bookmarks, file, &err), -1);
		assert_int_equal(err.code, ERR_CORRUPT);
		assert_contains(err.msg, i == 5 ? "line 2" : "line 1");
		bookmarks_release(&bookmarks);
		free(side);
	}
}

static void test_any_event_and_the_tree_of_now_can_be_looked_at(void **state)
{
	const struct event *event;
	struct feed_file now;
	enum feed_got got;
	struct err err;
	(void)state;
	open_feed(false);
	send(COMMAND_SEEK_SEQ, 1);
	drain(&got);
	assert_ok(feed->ops->peek(feed, 1, &event, &err), &err);
	assert_int_equal(event->kind, EVENT_STEP_DECLARED);
	assert_int_equal(status().seq, 1);
	assert_int_equal(feed->ops->peek(feed, 2, &event, &err), -1);
	assert_ok(feed->ops->now(feed, "tree", &now, &err) == -1 ? 0 : -1, &err); /* a folder is no file */
	assert_ok(feed->ops->now(feed, "none", &now, &err), &err);
	assert_false(now.present);
	assert_int_equal(feed->ops->now(feed, "../etc/passwd", &now, &err), -1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_what_is_appended_is_given_as_it_comes),
		TEST(test_looking_back_does_not_lose_the_place_until_the_end_is_asked_for),
		TEST(test_a_rush_waits_for_a_writer_that_lives_and_for_no_other),
		TEST(test_a_rush_ends_with_the_run),
		TEST(test_damage_ends_what_is_followed),
		TEST(test_bookmarks_are_marks_and_stay_in_the_side_file),
		TEST(test_bookmarks_that_are_none_are_told),
		TEST(test_any_event_and_the_tree_of_now_can_be_looked_at),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
