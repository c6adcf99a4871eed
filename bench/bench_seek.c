/*
 * A seek in a log of a million events, as the replay does it: from the key until the UI has folded what it needs and has
 * drawn a frame. Once with what a long talk leaves (outputs), once with steps that read many files.
 */
#include "bench/bench.h"

#include "io/journal.h"
#include "io/journal_feed.h"
#include "tui/ui.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define N_EVENTS 1000000
#define N_STEPS 1000
#define PER_STEP (N_EVENTS / N_STEPS)
#define RUNS 11

struct maker {
	struct journal *journal;
	int64_t at_ms;
	bool reads; /* file_read events instead of outputs */
};

static void append(struct maker *maker, struct event event)
{
	struct err err;
	event.seq = journal_next_seq(maker->journal);
	event.at_ms = maker->at_ms += 7;
	event.run = "00c0ffee";
	if (journal_append(maker->journal, &event, &err) != 0)
		bench_die(err.msg);
}

static void append_step(struct maker *maker, int i)
{
	char id[16], path[40];
	static const char hash[] = "0000000000000000000000000000000000000000000000000000000000000001";
	static const char text[] = "The handler still calls legacy_verify() in two places. ";
	snprintf(id, sizeof id, "s%d", i);
	append(maker, (struct event){ .kind = EVENT_STEP_STARTED, .step = id, .attempt = 1 });
	for (int n = 0; n < PER_STEP - 3; n++) {
		snprintf(path, sizeof path, "src/%d/file%d.c", i, n);
		if (maker->reads)
			append(maker, (struct event){ .kind = EVENT_FILE_READ, .step = id, .path = path, .hash = hash });
		else
			append(maker, (struct event){ .kind = EVENT_OUTPUT, .step = id, .attempt = 1, .stream = "model",
			                              .text = { text, sizeof text - 1, NULL } });
	}
	append(maker, (struct event){ .kind = EVENT_STEP_DONE, .step = id, .attempt = 1 });
}

static void make_journal(const char *path, bool reads)
{
	struct maker maker = { .at_ms = 1772460000000, .reads = reads };
	struct err err;
	char id[16];
	if (journal_open(&maker.journal, path, &err) != 0)
		bench_die(err.msg);
	append(&maker, (struct event){ .kind = EVENT_RUN_STARTED, .plan = "plan.yaml", .mode = "run" });
	for (int i = 0; i < N_STEPS; i++) {
		snprintf(id, sizeof id, "s%d", i);
		append(&maker, (struct event){ .kind = EVENT_STEP_DECLARED, .step = id, .verb = "refactor", .title = id });
	}
	for (int i = 0; i < N_STEPS; i++)
		append_step(&maker, i);
	append(&maker, (struct event){ .kind = EVENT_RUN_FINISHED });
	journal_close(maker.journal);
}

/* Everything that is due, and a frame. */
static void catch_up(struct feed *feed, struct ui *ui, struct canvas *canvas)
{
	do
		ui_set_time(ui, 0, 1000);
	while (ui_take_events(ui, 5000) || (feed->ops->due_ms(feed) == 0 && !ui_is_dirty(ui)));
	ui_draw(ui, canvas);
}

static void seek(struct feed *feed, enum command_kind kind, int64_t number)
{
	struct command command = { .kind = kind, .number = number };
	feed->ops->send(feed, &command);
}

static void measure(const char *name, bool reads)
{
	static const int percents[] = { 50, 100, 3, 97, 52, 48 };
	struct ui_options options = { .n_workers = 4 };
	struct bench_times times = { 0 };
	struct canvas canvas = { 0 };
	struct feed *feed;
	struct err err;
	char line[64];
	char *path = bench_path(name);
	make_journal(path, reads);
	if (journal_feed_new(&feed, path, NULL, &err) != 0)
		bench_die(err.msg);
	struct ui *ui = ui_new(feed, &options);
	canvas_resize(&canvas, 160, 48);
	seek(feed, COMMAND_PLAY, 0); /* it plays from the start: pause */
	double start = bench_now_ms();
	seek(feed, COMMAND_SEEK_PERCENT, 1);
	catch_up(feed, ui, &canvas);
	snprintf(line, sizeof line, "seek_%s_first", name);
	bench_print(line, bench_now_ms() - start, "ms");
	for (int run = 0; run < RUNS; run++) {
		for (size_t i = 0; i < sizeof percents / sizeof *percents; i++) {
			start = bench_now_ms();
			seek(feed, COMMAND_SEEK_PERCENT, percents[i]);
			catch_up(feed, ui, &canvas);
			bench_add(&times, bench_now_ms() - start);
		}
	}
	snprintf(line, sizeof line, "seek_%s", name);
	bench_print_times(line, &times);
	ui_free(ui);
	feed->ops->free(feed);
	canvas_release(&canvas);
	unlink(path);
	free(path);
}

int main(void)
{
	measure("talk", false);
	measure("reads", true);
	return 0;
}
