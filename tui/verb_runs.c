#include "base/clock.h"
#include "base/xalloc.h"
#include "io/journal_read.h"
#include "tui/json_lines.h"
#include "tui/verb.h"

#include <stdlib.h>
#include <string.h>

/* How the run stands, from the last line of its journal: the exit status, or -1 when it did not come to an end. */
static int64_t read_exit(const struct run_info *run)
{
	struct journal_reader *reader;
	struct event_line line;
	struct err err;
	int64_t code = -1;
	char *file = xasprintf("%s/journal.jsonl", run->dir);
	if (journal_reader_open(&reader, file, &err) == 0) {
		if (journal_reader_last(reader, &line, &err) == 1 && line.event.kind == EVENT_RUN_FINISHED)
			code = line.event.exit_code;
		event_line_release(&line);
		journal_reader_close(reader);
	}
	free(file);
	return code;
}

static void put_line(const struct run_info *run)
{
	char stamp[CLOCK_STAMP_SIZE];
	char exit_text[24] = "open";
	int64_t code = read_exit(run);
	clock_format(run->started_ms, stamp);
	stamp[19] = 'Z';
	stamp[20] = '\0';
	if (code >= 0)
		snprintf(exit_text, sizeof exit_text, "%lld", (long long)code);
	verb_print("%s  %s  %-5s %-4s  %s%s%s\n", run->id, stamp, run->damaged ? "damaged" : run->mode, exit_text,
	           run->plan, *run->from ? "  of " : "", run->from);
}

static void put_object(struct json_lines *lines, const struct run_info *run)
{
	char stamp[CLOCK_STAMP_SIZE];
	int64_t code = read_exit(run);
	clock_format(run->started_ms, stamp);
	lines->run = run->id;
	json_lines_begin(lines, "run");
	json_key(&lines->w, "started");
	json_put_cstr(&lines->w, stamp);
	json_key(&lines->w, "plan");
	json_put_bytes(&lines->w, run->plan, strlen(run->plan));
	json_key(&lines->w, "mode");
	json_put_cstr(&lines->w, run->damaged ? "damaged" : run->mode);
	if (*run->from) {
		json_key(&lines->w, "from");
		json_put_cstr(&lines->w, run->from);
	}
	json_key(&lines->w, "exit");
	if (code >= 0)
		json_put_int(&lines->w, code);
	else
		json_put_null(&lines->w);
	json_lines_end(lines);
	lines->run = NULL;
}

int verb_runs(const struct cli *cli)
{
	struct json_lines lines = { 0 };
	struct run_list list;
	struct err err = { 0 };
	char *root;
	verb_signals_default();
	verb_page(cli);
	if (verb_root(&root, &err) != 0)
		return verb_fail(cli, &err);
	int rc = runs_list(root, &list, &err);
	free(root);
	if (rc != 0)
		return verb_fail(cli, &err);
	bool json = cli_has(cli, CLI_JSON);
	for (size_t i = 0; i < list.n_runs; i++) {
		if (json)
			put_object(&lines, &list.run[i]);
		else
			put_line(&list.run[i]);
	}
	if (json)
		json_lines_result(&lines, EXIT_DONE);
	else if (!list.n_runs && !cli_has(cli, CLI_QUIET))
		verb_say("there is no run here yet");
	run_list_release(&list);
	return EXIT_DONE;
}
