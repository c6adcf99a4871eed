/*
 * A journal of 10,000, 100,000 and 1,000,000 events: appending as eight streams make them, looking at its last event,
 * and folding all of it, with the exponent of each over the sizes. In processor time.
 */
#include "bench/bench.h"

#include "event/run_model.h"
#include "io/journal.h"
#include "io/journal_read.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define STREAMS 8
#define N_SIZES 3

static const int sizes[N_SIZES] = { 10000, 100000, 1000000 };

struct figures {
	double append_ms, last_ms, fold_ms;
};

static void append(struct journal *journal, struct event event)
{
	struct err err;
	event.seq = journal_next_seq(journal);
	event.at_ms = 1772460000000 + (int64_t)event.seq;
	event.run = "00c0ffee";
	if (journal_append(journal, &event, &err) != 0)
		bench_die(err.msg);
}

static double append_all(const char *file, int n_events)
{
	static const char text[] = "The handler still calls it in two places. ";
	struct journal *journal;
	struct err err;
	char id[16];
	double from = bench_cpu_ms();
	if (journal_open(&journal, file, &err) != 0)
		bench_die(err.msg);
	append(journal, (struct event){ .kind = EVENT_RUN_STARTED, .plan = "plan.yaml", .mode = "run" });
	for (int i = 0; i < STREAMS; i++) {
		snprintf(id, sizeof id, "s%d", i);
		append(journal, (struct event){ .kind = EVENT_STEP_DECLARED, .step = id, .verb = "refactor", .title = "t" });
	}
	for (int i = 0; i < n_events; i++) {
		snprintf(id, sizeof id, "s%d", i % STREAMS);
		append(journal, (struct event){ .kind = EVENT_OUTPUT, .step = id, .attempt = 1, .stream = "model",
		                                .text = { text, sizeof text - 1, NULL } });
	}
	if (journal_sync(journal, &err) != 0)
		bench_die(err.msg);
	journal_close(journal);
	return bench_cpu_ms() - from;
}

static double look_at_last(const char *file)
{
	struct journal_reader *reader;
	struct event_line line;
	struct err err;
	double from = bench_cpu_ms();
	if (journal_reader_open(&reader, file, &err) != 0 || journal_reader_last(reader, &line, &err) != 1)
		bench_die(err.msg);
	event_line_release(&line);
	journal_reader_close(reader);
	return bench_cpu_ms() - from;
}

static int fold_event(void *arg, const struct event *event, struct err *err)
{
	return run_model_apply(arg, event, err);
}

static double fold(const char *dir)
{
	struct run_model model;
	struct err err;
	double from = bench_cpu_ms();
	run_model_init(&model);
	if (journal_each(dir, fold_event, &model, &err) != 0)
		bench_die(err.msg);
	run_model_release(&model);
	return bench_cpu_ms() - from;
}

static struct figures measure(int n_events)
{
	struct figures figures;
	char name[32];
	char *file = NULL;
	snprintf(name, sizeof name, "run%d", n_events);
	char *dir = bench_path(name);
	mkdir(dir, 0700);
	if (asprintf(&file, "%s/journal.jsonl", dir) < 0)
		bench_die("out of memory");
	figures.append_ms = append_all(file, n_events);
	figures.last_ms = look_at_last(file);
	figures.fold_ms = fold(dir);
	free(file);
	free(dir);
	return figures;
}

static void print_figure(const char *what, int n_events, double ms)
{
	char name[64];
	snprintf(name, sizeof name, "journal_%d_%s", n_events, what);
	bench_print(name, ms, "ms");
}

int main(void)
{
	struct figures found[N_SIZES];
	for (int i = 0; i < N_SIZES; i++) {
		found[i] = measure(sizes[i]);
		print_figure("append", sizes[i], found[i].append_ms);
		print_figure("last", sizes[i], found[i].last_ms);
		print_figure("fold", sizes[i], found[i].fold_ms);
	}
	bench_print("journal_append_exponent", log(found[2].append_ms / found[0].append_ms) / log(100.0), "power");
	bench_print("journal_fold_exponent", log(found[2].fold_ms / found[0].fold_ms) / log(100.0), "power");
	return 0;
}
