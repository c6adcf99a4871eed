#include "tui/verb_stats.h"

#include "event/trace.h"
#include "io/file.h"
#include "io/journal_read.h"
#include "io/notes.h"
#include "tui/json_lines.h"
#include "tui/stats_text.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* What is read of a run in one pass over its journal. */
struct reading {
	struct run_stats *stats;
	struct run_model model;
};

static int take_event(void *arg, const struct event *event, struct err *err)
{
	struct reading *reading = arg;
	run_stats_take(reading->stats, event);
	return run_model_apply(&reading->model, event, err);
}

static int take_thumbs(struct acceptance *acceptance, const struct run_model *model, const char *dir, struct err *err)
{
	struct notes notes = { 0 };
	int rc = notes_read(&notes, dir, err);
	for (size_t i = 0; rc == 0 && i < notes.n_notes; i++)
		if (notes.note[i].step && notes.note[i].thumb)
			acceptance_thumb(acceptance, model, notes.note[i].step, notes.note[i].thumb);
	notes_release(&notes);
	return rc;
}

static int read_run(const char *dir, struct run_stats *out, struct acceptance *acceptance, struct err *err)
{
	struct reading reading = { .stats = out };
	run_stats_init(out);
	run_model_init(&reading.model);
	int rc = journal_each(dir, take_event, &reading, err);
	acceptance_take(acceptance, &reading.model);
	if (rc == 0)
		rc = take_thumbs(acceptance, &reading.model, dir, err);
	run_model_release(&reading.model);
	return rc;
}

/* All that is told: the run itself, and what it is beside. */
struct told {
	struct run_stats own;
	struct stats_history history;
	struct acceptance acceptance;
};

/* The run, and those before it of the same plan. A damaged one is left out: `belay log` tells of it. */
static int read_history(const char *root, const struct run_info *run, struct told *out, struct err *err)
{
	struct run_list runs;
	const struct run_info *chosen[STATS_MAX_RUNS];
	size_t n = 0;
	bool reached = false;
	if (runs_list(root, &runs, err) != 0)
		return -1;
	for (size_t i = 0; i < runs.n_runs && n < STATS_MAX_RUNS - 1; i++) {
		const struct run_info *other = &runs.run[i];
		if (!reached)
			reached = strcmp(other->id, run->id) == 0;
		else if (!other->damaged && strcmp(other->mode, run->mode) == 0 && strcmp(other->plan, run->plan) == 0)
			chosen[n++] = other;
	}
	while (n) {
		struct run_stats stats;
		struct err why;
		if (read_run(chosen[--n]->dir, &stats, &out->acceptance, &why) == 0)
			stats_history_add(&out->history, &stats);
		run_stats_release(&stats);
	}
	stats_history_add(&out->history, &out->own);
	run_list_release(&runs);
	return 0;
}

static void put_object(const struct run_info *run, const struct told *told, int code)
{
	struct json_lines lines = { .run = run->id };
	json_lines_begin(&lines, "stats");
	stats_put_json(&lines.w, &told->own);
	stats_put_history_json(&lines.w, &told->history);
	stats_put_acceptance_json(&lines.w, &told->acceptance);
	json_lines_end(&lines);
	json_lines_result(&lines, code);
}

static void put_text(const struct told *told)
{
	struct buf text = { 0 };
	stats_put_text(&text, &told->own);
	stats_put_history_text(&text, &told->history, told->own.plan ? told->own.plan : "");
	stats_put_acceptance_text(&text, &told->acceptance, told->history.n_runs);
	verb_print("%s", buf_str(&text));
	buf_release(&text);
}

int verb_put_stats(const struct cli *cli, const char *root, const struct run_info *run)
{
	struct err err = { 0 };
	struct told told = { .history = { .n_runs = 0 } };
	int code = EXIT_DONE;
	if (read_run(run->dir, &told.own, &told.acceptance, &err) != 0 || read_history(root, run, &told, &err) != 0) {
		verb_say_error(&err); /* what could be read is still told */
		code = verb_exit_of(&err);
	}
	if (cli_has(cli, CLI_JSON))
		put_object(run, &told, code);
	else
		put_text(&told);
	run_stats_release(&told.own);
	acceptance_release(&told.acceptance);
	return code;
}

int verb_trace_begin(const char *file, struct err *err)
{
	struct stat st;
	if (stat(file, &st) == 0 && !S_ISREG(st.st_mode))
		return err_set(err, ERR_USAGE, "'--trace %s' is no regular file", file);
	return file_write_atomic(file, "[]\n", 3, err);
}

static int trace_event(void *arg, const struct event *event, struct err *err)
{
	(void)err;
	trace_take(arg, event);
	return 0;
}

int verb_trace_write(const char *file, const char *run_dir, struct err *err)
{
	struct buf text = { 0 };
	struct trace trace;
	trace_init(&trace, &text);
	int rc = journal_each(run_dir, trace_event, &trace, err);
	trace_finish(&trace);
	if (rc == 0)
		rc = file_write_atomic(file, text.data, text.len, err);
	buf_release(&text);
	return rc;
}
