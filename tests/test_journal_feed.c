#include "tests/scratch.h"
#include "tests/unit.h"

#include "event/run_model.h"
#include "io/journal.h"
#include "io/journal_feed.h"
#include "io/store.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* Two steps; the second fails at its first attempt. Times are milliseconds after the start. */
static const struct {
	int64_t at_ms;
	struct event event;
} story[] = {
	{ 0, { .kind = EVENT_RUN_STARTED, .plan = "a.yaml", .mode = "run" } },
	{ 0, { .kind = EVENT_STEP_DECLARED, .step = "one", .verb = "write", .title = "One" } },
	{ 0, { .kind = EVENT_STEP_DECLARED, .step = "two", .verb = "run", .title = "Two" } },
	{ 100, { .kind = EVENT_STEP_STARTED, .step = "one", .attempt = 1 } },
	{ 600, { .kind = EVENT_OUTPUT, .step = "one", .attempt = 1, .stream = "model", .text = { "hello", 5, NULL } } },
	{ 700, { .kind = EVENT_STEP_DONE, .step = "one", .attempt = 1 } },
	{ 10700, { .kind = EVENT_STEP_STARTED, .step = "two", .attempt = 1 } },
	{ 10800, { .kind = EVENT_APPROVAL_ASKED, .step = "two", .request = "r1", .risk = "high" } },
	{ 11800, { .kind = EVENT_RUN_FINISHED, .exit_code = 7 } },
};
#define N_STORY (sizeof story / sizeof *story)
#define START_MS 1772460063000

static char *folder; /* owned */
static char file[96];
static int64_t mono_ms;
static struct feed *feed;
static struct run_model model;

static int64_t fake_mono_ms(void)
{
	return mono_ms;
}

static void append(struct journal *journal, const struct event *from, int64_t at_ms)
{
	struct err err;
	struct event event = *from;
	event.seq = journal_next_seq(journal);
	event.at_ms = START_MS + at_ms;
	event.run = "00c0ffee";
	assert_ok(journal_append(journal, &event, &err), &err);
}

static int set_up(void **state)
{
	struct journal *journal;
	struct err err;
	(void)state;
	folder = scratch_make();
	snprintf(file, sizeof file, "%s/journal.jsonl", folder);
	assert_ok(journal_open(&journal, file, &err), &err);
	for (size_t i = 0; i < N_STORY; i++)
		append(journal, &story[i].event, story[i].at_ms);
	journal_close(journal);
	mono_ms = 5000;
	run_model_init(&model);
	feed = NULL;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	if (feed)
		feed->ops->free(feed);
	run_model_release(&model);
	scratch_remove(folder);
	return 0;
}

static void open_feed(void)
{
	struct err err;
	assert_ok(journal_feed_new(&feed, folder, fake_mono_ms, &err), &err);
}

/* Takes all that is due and folds it. The number of events. */
static size_t drain(void)
{
	const struct event *event;
	enum feed_got got;
	size_t n = 0;
	while ((got = feed->ops->next(feed, &event)) == FEED_EVENT || got == FEED_RESET) {
		struct err err;
		if (got == FEED_RESET) {
			run_model_release(&model);
			run_model_init(&model);
			continue;
		}
		n++;
		assert_ok(run_model_apply(&model, event, &err), &err);
	}
	return n;
}

static void send(enum command_kind kind, int64_t number)
{
	struct command command = { .kind = kind, .number = number };
	feed->ops->send(feed, &command);
}

static struct feed_status status(void)
{
	struct feed_status out;
	feed->ops->status(feed, &out);
	return out;
}

static void test_events_come_when_they_are_due(void **state)
{
	(void)state;
	open_feed();
	assert_int_equal(drain(), 3);
	assert_int_equal(feed->ops->due_ms(feed), 100);
	mono_ms += 99;
	assert_int_equal(drain(), 0);
	assert_int_equal(feed->ops->due_ms(feed), 1);
	mono_ms += 1;
	assert_int_equal(drain(), 1);
	mono_ms += 600;
	assert_int_equal(drain(), 2);
	assert_int_equal(status().now_ms, START_MS + 700);
	assert_int_equal(status().end_ms, START_MS + 11800);
	assert_int_equal(status().last_seq, N_STORY);
	mono_ms += 60000;
	assert_int_equal(drain(), 3);
	assert_true(model.finished);
	assert_false(status().playing);
	assert_int_equal(feed->ops->due_ms(feed), -1);
}

static void test_a_paused_replay_stands_still_and_goes_on_where_it_was(void **state)
{
	(void)state;
	open_feed();
	drain();
	mono_ms += 60;
	send(COMMAND_PLAY, 0);
	assert_int_equal(feed->ops->due_ms(feed), -1);
	mono_ms += 100000;
	assert_int_equal(drain(), 0);
	assert_int_equal(status().now_ms, START_MS + 60);
	send(COMMAND_PLAY, 0);
	assert_int_equal(feed->ops->due_ms(feed), 40);
}

static void test_speed_and_squeezed_gaps_shorten_the_wait(void **state)
{
	(void)state;
	open_feed();
	send(COMMAND_SEEK_SEQ, 6);
	drain();
	assert_false(status().playing); /* whoever goes to an event wants to look at it */
	send(COMMAND_PLAY, 0);
	assert_int_equal(feed->ops->due_ms(feed), 10000);
	send(COMMAND_SPEED, 4000);
	assert_int_equal(feed->ops->due_ms(feed), 2500);
	send(COMMAND_SQUEEZE, 0);
	assert_int_equal(feed->ops->due_ms(feed), 500);
	send(COMMAND_SPEED, 1);
	assert_int_equal(status().speed, 125);
}

static void test_a_seek_back_begins_again_and_gives_the_same_model(void **state)
{
	const struct event *event;
	(void)state;
	open_feed();
	send(COMMAND_SEEK_PERCENT, 100);
	drain();
	assert_true(model.finished);
	send(COMMAND_SEEK_SEQ, 5);
	assert_int_equal(feed->ops->next(feed, &event), FEED_RESET);
	run_model_release(&model);
	run_model_init(&model);
	assert_int_equal(drain(), 5);
	assert_false(model.finished);
	assert_string_equal(buf_str(&run_model_step(&model, "one")->answer), "hello");
	assert_int_equal(status().seq, 5);
}

static void test_steps_by_event_pause_and_stay_within_the_run(void **state)
{
	(void)state;
	open_feed();
	drain();
	send(COMMAND_STEP_EVENT, 1);
	assert_int_equal(drain(), 1);
	assert_false(status().playing);
	send(COMMAND_STEP_EVENT, -2);
	drain();
	assert_int_equal(model.seq, 2);
	send(COMMAND_STEP_EVENT, -50);
	drain();
	assert_int_equal(model.seq, 1);
	send(COMMAND_STEP_EVENT, 50);
	drain();
	assert_int_equal(model.seq, N_STORY);
	assert_int_equal(status().seq, N_STORY);
}

static void test_steps_by_mark_stop_at_boundaries_and_approvals(void **state)
{
	static const uint64_t marks[] = { 4, 6, 7, 8, 9 };
	(void)state;
	open_feed();
	send(COMMAND_PLAY, 0);
	drain();
	for (size_t i = 0; i < 5; i++) {
		send(COMMAND_STEP_MARK, 1);
		drain();
		assert_int_equal(model.seq, marks[i]);
	}
	for (size_t i = 4; i > 0; i--) {
		send(COMMAND_STEP_MARK, -1);
		drain();
		assert_int_equal(model.seq, marks[i - 1]);
	}
	send(COMMAND_STEP_MARK, -1);
	drain();
	assert_int_equal(model.seq, 1);
	assert_int_equal(status().n_marks, 5); /* known although they are ahead */
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(status().mark[i].seq, marks[i]);
	assert_int_equal(status().mark[4].kind, FEED_MARK_END);
}

static void test_seeks_by_time_are_relative_and_absolute(void **state)
{
	(void)state;
	open_feed();
	send(COMMAND_PLAY, 0);
	drain();
	send(COMMAND_SEEK_TO_MS, 5000);
	drain();
	assert_int_equal(model.seq, 6);
	assert_int_equal(status().now_ms, START_MS + 5000);
	send(COMMAND_SEEK_MS, 5750);
	drain();
	assert_int_equal(model.seq, 7);
	send(COMMAND_SEEK_MS, -1000000);
	drain();
	assert_int_equal(model.seq, 3);
	send(COMMAND_SEEK_PERCENT, 50);
	drain();
	assert_int_equal(status().now_ms, START_MS + 5900);
}

static void test_commands_of_a_live_run_change_nothing(void **state)
{
	(void)state;
	open_feed();
	drain();
	for (int kind = COMMAND_APPROVE; kind < COMMAND_PLAY; kind++)
		send((enum command_kind)kind, 1);
	assert_int_equal(drain(), 0);
	assert_int_equal(status().seq, 3);
}

static void test_a_broken_chain_is_flagged_and_shown_up_to_there(void **state)
{
	struct buf text = { 0 };
	char data[8192];
	(void)state;
	int fd = open(file, O_RDWR | O_CLOEXEC);
	ssize_t n = read(fd, data, sizeof data);
	buf_add(&text, data, (size_t)n);
	char *hello = memmem(text.data, text.len, "hello", 5);
	assert_non_null(hello);
	assert_int_equal(pwrite(fd, "jello", 5, hello - text.data), 5);
	close(fd);
	buf_release(&text);
	open_feed();
	send(COMMAND_SEEK_PERCENT, 100);
	drain();
	assert_true(status().corrupt);
	assert_int_equal(model.seq, 5);
	assert_int_equal(status().last_seq, 5);
}

/* Nothing below the folder is open for writing, and none of it changes. */
static void test_a_replay_only_reads(void **state)
{
	struct stat before, after;
	struct dirent *entry;
	(void)state;
	assert_int_equal(stat(file, &before), 0);
	open_feed();
	send(COMMAND_SEEK_PERCENT, 100);
	drain();
	DIR *dir = opendir("/proc/self/fd");
	size_t n_open = 0;
	while ((entry = readdir(dir))) {
		char link[64], target[512];
		snprintf(link, sizeof link, "/proc/self/fd/%.20s", entry->d_name);
		ssize_t n = readlink(link, target, sizeof target - 1);
		if (n < 0 || strncmp(target, folder, strlen(folder)) != 0)
			continue;
		n_open++;
		assert_int_equal(fcntl(atoi(entry->d_name), F_GETFL) & O_ACCMODE, O_RDONLY);
	}
	closedir(dir);
	assert_int_equal(n_open, 1);
	assert_int_equal(stat(file, &after), 0);
	assert_int_equal(before.st_size, after.st_size);
	assert_memory_equal(&before.st_mtim, &after.st_mtim, sizeof before.st_mtim);
}

/* Two attempts at the second step; of the second one, which has `n` pieces of output, `end` is the end. */
static size_t seek_in_a_long_log(const char *stream, int n, enum event_kind end)
{
	struct journal *journal;
	struct err err;
	static char text[4096];
	struct event output = { .kind = EVENT_OUTPUT, .step = "two", .attempt = 2, .stream = stream,
		                .text = { text, sizeof text, NULL } };
	struct event resumed = { .kind = EVENT_RUN_RESUMED };
	struct event again = { .kind = EVENT_STEP_STARTED, .step = "two", .attempt = 2 };
	struct event last = { .kind = end, .step = "two", .attempt = 2, .message = "over" };
	memset(text, 'x', sizeof text);
	assert_ok(journal_open(&journal, file, &err), &err);
	append(journal, &resumed, 12000);
	append(journal, &output, 12000);
	append(journal, &again, 12000);
	for (int i = 0; i < n; i++)
		append(journal, &output, 12000 + i);
	append(journal, &last, 15000);
	journal_close(journal);
	open_feed();
	send(COMMAND_SEEK_PERCENT, 100);
	size_t given = drain();
	assert_int_equal(status().seq, N_STORY + 3 + (size_t)n + 1);
	return given;
}

static void test_a_seek_in_a_long_log_keeps_the_end_of_a_commands_output(void **state)
{
	(void)state;
	assert_true(seek_in_a_long_log("stdout", 2000, EVENT_NOTICE) < N_STORY + 300);
	assert_true(run_model_step(&model, "two")->output.len > 900 * 1024);
}

static void test_a_seek_in_a_long_log_keeps_an_answer_under_way_whole(void **state)
{
	(void)state;
	assert_int_equal(seek_in_a_long_log("model", 2000, EVENT_NOTICE), N_STORY + 2003);
	assert_int_equal(run_model_step(&model, "two")->answer.len, 2000 * 4096);
}

static void test_a_seek_in_a_long_log_keeps_a_few_words_of_what_is_over(void **state)
{
	(void)state;
	assert_true(seek_in_a_long_log("model", 2000, EVENT_STEP_FAILED) < N_STORY + 30);
	assert_true(run_model_step(&model, "two")->output.len > 50 * 1024);
	assert_int_equal(run_model_step(&model, "two")->state, STEP_FAILED);
}

/* The number of files read stays true although most of the events are left out. */
static void test_a_seek_in_a_long_log_counts_all_reads(void **state)
{
	struct journal *journal;
	struct err err;
	struct event again = { .kind = EVENT_STEP_STARTED, .step = "two", .attempt = 2 };
	struct event read = { .kind = EVENT_FILE_READ, .step = "two", .path = "a.c" };
	struct event done = { .kind = EVENT_STEP_DONE, .step = "two" };
	struct event resumed = { .kind = EVENT_RUN_RESUMED };
	(void)state;
	assert_ok(journal_open(&journal, file, &err), &err);
	append(journal, &resumed, 12000);
	append(journal, &read, 12000);
	append(journal, &again, 12000);
	for (int i = 0; i < 3000; i++)
		append(journal, &read, 12000 + i);
	append(journal, &done, 16000);
	journal_close(journal);
	open_feed();
	send(COMMAND_SEEK_PERCENT, 100);
	assert_in_range(drain(), 1, 50);
	assert_int_equal(run_model_step(&model, "two")->n_reads, 3000);
	assert_int_equal(model.seq, status().seq);
}

static void test_texts_come_from_the_store(void **state)
{
	struct store *store;
	struct err err;
	struct hash hash;
	char hex[HASH_HEX_SIZE];
	struct buf text = { 0 };
	(void)state;
	assert_ok(store_open(&store, folder, &err), &err);
	assert_ok(store_put(store, "a long text", 11, &hash, &err), &err);
	assert_ok(store_sync(store, 1, "text", NULL, &err), &err);
	store_close(store);
	hash_format(&hash, hex);
	open_feed();
	assert_ok(feed->ops->blob(feed, hex, &text, &err), &err);
	assert_string_equal(buf_str(&text), "a long text");
	hex[0] ^= 1;
	assert_int_equal(feed->ops->blob(feed, hex, &text, &err), -1);
	assert_int_equal(feed->ops->blob(feed, "../x", &text, &err), -1);
	buf_release(&text);
}

static void test_a_rush_gives_all_and_ends(void **state)
{
	const struct event *event;
	size_t n = 0;
	(void)state;
	open_feed();
	journal_feed_rush(feed);
	while (feed->ops->next(feed, &event) == FEED_EVENT)
		n++;
	assert_int_equal(n, N_STORY);
	assert_int_equal(feed->ops->next(feed, &event), FEED_END);
}

static void test_what_is_no_journal_is_refused(void **state)
{
	struct err err = { 0 };
	(void)state;
	assert_int_equal(journal_feed_new(&feed, "/dev/null", NULL, &err), -1);
	int fd = open(file, O_WRONLY | O_TRUNC | O_CLOEXEC);
	assert_int_equal(write(fd, "# readme\nmore\n", 14), 14);
	close(fd);
	assert_int_equal(journal_feed_new(&feed, file, NULL, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
	assert_int_equal(journal_feed_new(&feed, folder, NULL, &err), -1);
	assert_int_equal(err.code, ERR_CORRUPT);
	feed = NULL;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_events_come_when_they_are_due),
		TEST(test_a_paused_replay_stands_still_and_goes_on_where_it_was),
		TEST(test_speed_and_squeezed_gaps_shorten_the_wait),
		TEST(test_a_seek_back_begins_again_and_gives_the_same_model),
		TEST(test_steps_by_event_pause_and_stay_within_the_run),
		TEST(test_steps_by_mark_stop_at_boundaries_and_approvals),
		TEST(test_seeks_by_time_are_relative_and_absolute),
		TEST(test_commands_of_a_live_run_change_nothing),
		TEST(test_a_broken_chain_is_flagged_and_shown_up_to_there),
		TEST(test_a_replay_only_reads),
		TEST(test_a_seek_in_a_long_log_keeps_the_end_of_a_commands_output),
		TEST(test_a_seek_in_a_long_log_keeps_an_answer_under_way_whole),
		TEST(test_a_seek_in_a_long_log_keeps_a_few_words_of_what_is_over),
		TEST(test_a_seek_in_a_long_log_counts_all_reads),
		TEST(test_texts_come_from_the_store),
		TEST(test_a_rush_gives_all_and_ends),
		TEST(test_what_is_no_journal_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
