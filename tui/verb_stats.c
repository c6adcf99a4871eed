#include "tui/verb_stats.h"

#include "event/trace.h"
#include "io/file.h"
#include "io/journal_read.h"
#include "tui/json_lines.h"
#include "tui/stats_text.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int take_event(void *arg, const struct event *event, struct err *err)
{
	(void)err;
	run_stats_take(arg, event);
	return 0;
}

static int read_run(const char *dir, struct run_stats *out, struct err *err)
{
	run_stats_init(out);
	return journal_each(dir, take_event, out, err);
}

/* The run, and those before it of the same plan. A damaged one is left out: `belay log` tells of it. */
static int read_history(const char *root, const struct run_info *run, const struct run_stats *own,
                        struct stats_history *out, struct err *err)
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
		if (read_run(chosen[--n]->dir, &stats, &why) == 0)
			stats_history_add(out, &stats);
		run_stats_release(&stats);
	}
	stats_history_add(out, own);
	run_list_release(&runs);
	return 0;
}

static void put_object(const struct run_info *run, const struct run_stats *stats, const struct stats_history *history,
                       int code)
{
	struct json_lines lines = { .run = run->id };
	json_lines_begin(&lines, "stats");
	stats_put_json(&lines.w, stats);
	stats_put_history_json(&lines.w, history);
	json_lines_end(&lines);
	json_lines_result(&lines, code);
}

static void put_text(const struct run_stats *stats, const struct stats_history *history)
{
	struct buf text = { 0 };
	stats_put_text(&text, stats);
	stats_put_history_text(&text, history, stats->plan ? stats->plan : "");
	verb_print("%s", buf_str(&text));
	buf_release(&text);
}

int verb_put_stats(const struct cli *cli, const char *root, const struct run_info *run)
{
	struct err err = { 0 };
	struct run_stats stats;
	struct stats_history history = { .n_runs = 0 };
	int code = EXIT_DONE;
	if (read_run(run->dir, &stats, &err) != 0 || read_history(root, run, &stats, &history, &err) != 0) {
		verb_say_error(&err); /* what could be read is still told */
		code = verb_exit_of(&err);
	}
	if (cli_has(cli, CLI_JSON))
		put_object(run, &stats, &history, code);
	else
		put_text(&stats, &history);
	run_stats_release(&stats);
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
