/* A run's events, one a line. */
#include "base/clock.h"
#include "io/journal_read.h"
#include "io/notes.h"
#include "io/store.h"
#include "tui/findings.h"
#include "tui/json_lines.h"
#include "tui/verb_stats.h"

#include <stdlib.h>
#include <string.h>

struct log {
	struct json_lines lines;
	bool json, errors, gnu;
	const char *dir;     /* borrowed */
	struct store *store; /* opened for the first text that is there */
	struct category {
		char name[32];
		size_t n;
	} category[16]; /* under --errors: what went wrong, how often */
	size_t n_categories;
};

static bool is_trouble(const struct event *event)
{
	switch (event->kind) {
	case EVENT_STEP_FAILED:
	case EVENT_CONFLICT:
	case EVENT_RETRY_SCHEDULED:
	case EVENT_APPROVAL_REFUSED:
		return true;
	case EVENT_NOTICE:
		return !event->category || strcmp(event->category, "ok") != 0;
	case EVENT_CHECK_FINISHED:
	case EVENT_RUN_FINISHED:
		return event->exit_code != 0;
	default:
		return false;
	}
}

static const char *category_of(const struct event *event)
{
	switch (event->kind) {
	case EVENT_CONFLICT: return "conflict";
	case EVENT_RETRY_SCHEDULED: return "transport";
	case EVENT_CHECK_FINISHED: return "check";
	case EVENT_STEP_FAILED:
	case EVENT_NOTICE: return event->category && *event->category ? event->category : "internal";
	default: return NULL;
	}
}

static void count(struct log *log, const struct event *event)
{
	const size_t max = sizeof log->category / sizeof *log->category;
	const char *name = category_of(event);
	size_t i = 0;
	while (name && i < log->n_categories && strcmp(log->category[i].name, name) != 0)
		i++;
	if (!name || i == max)
		return;
	if (i == log->n_categories)
		snprintf(log->category[log->n_categories++].name, sizeof log->category[i].name, "%s", name);
	log->category[i].n++;
}

static void put_counts(struct log *log)
{
	if (log->json) {
		json_lines_begin(&log->lines, "errors");
		json_key(&log->lines.w, "categories");
		json_begin_object(&log->lines.w);
	}
	for (size_t i = 0; i < log->n_categories; i++) {
		if (!log->json) {
			verb_print("%s%zu %s", i ? ", " : "", log->category[i].n, log->category[i].name);
			continue;
		}
		json_key(&log->lines.w, log->category[i].name);
		json_put_int(&log->lines.w, (int64_t)log->category[i].n);
	}
	if (log->json) {
		json_end_object(&log->lines.w);
		json_lines_end(&log->lines);
	} else {
		verb_print("%s\n", log->n_categories ? "" : "no errors");
	}
}

/* What is worth a line of its own: the fields that say most, in words. */
static void describe(struct buf *out, const struct event *event)
{
	const char *const text[] = { event->plan, event->verb, event->title, event->phase, event->stream, event->path,
		                     event->model, event->check, event->risk, event->what, event->category,
		                     event->message, event->reason, event->by, event->hint };
	for (size_t i = 0; i < sizeof text / sizeof *text; i++)
		if (text[i] && *text[i])
			buf_printf(out, "  %s", text[i]);
	for (size_t i = 0; i < event->files.n_files; i++)
		buf_printf(out, "  %s %s", event_change_name(event->files.file[i].change), event->files.file[i].path);
	for (size_t i = 0; i < event->step_list.n_items; i++)
		buf_printf(out, "  %s", event->step_list.item[i]);
	if (event->kind == EVENT_CHECK_FINISHED || event->kind == EVENT_RUN_FINISHED)
		buf_printf(out, "  exit %lld", (long long)event->exit_code);
	if (event->text.len)
		buf_printf(out, "  %zu bytes", event->text.len);
}

static void put_text(const struct event *event)
{
	char stamp[CLOCK_STAMP_SIZE];
	struct buf line = { 0 };
	clock_format(event->at_ms, stamp);
	buf_printf(&line, "%6llu  %.12s  %-17s", (unsigned long long)event->seq, stamp + 11,
	           event_kind_info(event->kind)->wire);
	if (event->step)
		buf_printf(&line, "  %s", event->step);
	describe(&line, event);
	for (size_t i = 0; i < line.len; i++)
		if (line.data[i] == '\n')
			line.data[i] = ' ';
	verb_print("%s\n", buf_str(&line));
	buf_release(&line);
}

static void put_diagnostics(const struct event *event)
{
	for (size_t i = 0; i < event->diagnostics.n_diags; i++) {
		struct buf text = { 0 };
		diag_format(&text, &event->diagnostics.diag[i]);
		verb_print("%s", buf_str(&text));
		buf_release(&text);
	}
}

/* Under --json texts are whole: what the journal keeps in the store is fetched. A lost one stays a reference. */
static void put_object(struct log *log, const struct event *event)
{
	struct event whole = *event;
	struct buf text = { 0 };
	struct hash hash;
	struct err err;
	bool wanted = event->text.blob && hash_parse(event->text.blob, &hash) == 0;
	if (wanted && (log->store || store_open_read_only(&log->store, log->dir, &err) == 0) &&
	    store_get(log->store, &hash, &text, &err) == 0)
		whole.text = (struct event_text){ .data = buf_str(&text), .len = text.len };
	json_lines_event(&log->lines, &whole, NULL);
	buf_release(&text);
}

static int put_event(void *arg, const struct event *event, struct err *err)
{
	struct log *log = arg;
	(void)err;
	bool trouble = is_trouble(event);
	if (log->errors && trouble)
		count(log, event);
	if (log->gnu)
		put_diagnostics(event);
	else if (log->errors && !trouble)
		return 0;
	else if (log->json)
		put_object(log, event);
	else
		put_text(event);
	return 0;
}

static void put_note(struct log *log, const struct note *note)
{
	char stamp[CLOCK_STAMP_SIZE];
	const char *thumb = note->thumb > 0 ? "up" : note->thumb < 0 ? "down" : NULL;
	clock_format(note->at_ms, stamp);
	if (!log->json) {
		verb_print("%s%s%s%s%s%s%s\n", stamp, note->step ? "  " : "", note->step ? note->step : "", thumb ? "  " : "",
		           thumb ? thumb : "", *note->text ? "  " : "", note->text);
		return;
	}
	json_lines_begin(&log->lines, "note");
	json_key(&log->lines.w, "at");
	json_put_cstr(&log->lines.w, stamp);
	json_key(&log->lines.w, "step");
	json_put_cstr(&log->lines.w, note->step);
	json_key(&log->lines.w, "thumb");
	json_put_cstr(&log->lines.w, thumb);
	json_key(&log->lines.w, "text");
	json_put_cstr(&log->lines.w, note->text);
	json_lines_end(&log->lines);
}

static int put_notes(struct log *log, struct err *err)
{
	struct notes notes;
	int rc = notes_read(&notes, log->dir, err);
	for (size_t i = 0; i < notes.n_notes; i++)
		put_note(log, &notes.note[i]);
	notes_release(&notes);
	return rc;
}

static int put_lines(const struct cli *cli, const struct run_info *run)
{
	struct log log = {
		.json = cli_has(cli, CLI_JSON), .errors = cli_has(cli, CLI_ERRORS), .gnu = cli_has(cli, CLI_OUTPUT),
		.dir = run->dir, .lines.run = run->id,
	};
	struct err err = { 0 };
	int code = EXIT_DONE;
	int rc = cli_has(cli, CLI_NOTES) ? put_notes(&log, &err) : journal_each(run->dir, put_event, &log, &err);
	if (rc != 0) {
		verb_say_error(&err);
		code = verb_exit_of(&err);
	}
	if (log.errors && !log.gnu)
		put_counts(&log);
	if (log.json)
		json_lines_result(&log.lines, code);
	store_close(log.store);
	return code;
}

/* Not the events themselves but what they come to: --trace writes its file, --stats prints. */
static int put_sums(const struct cli *cli, const char *root, const struct run_info *run)
{
	struct err err = { 0 };
	const char *trace = cli_get(cli, CLI_TRACE);
	if (trace && (verb_trace_begin(trace, &err) != 0 || verb_trace_write(trace, run->dir, &err) != 0))
		return verb_fail(cli, &err);
	if (cli_has(cli, CLI_STATS))
		return verb_put_stats(cli, root, run);
	if (cli_has(cli, CLI_JSON))
		json_lines_result(&(struct json_lines){ .run = run->id }, EXIT_DONE);
	return EXIT_DONE;
}

int verb_log(const struct cli *cli)
{
	const char *format = cli_get(cli, CLI_OUTPUT);
	struct run_info run;
	struct err err = { 0 };
	char *root;
	verb_signals_default();
	verb_page(cli);
	enum findings_form form;
	if (findings_form_parse(format, &form, &err) != 0 || verb_root(&root, &err) != 0)
		return verb_fail(cli, &err);
	if (verb_find_run(cli, root, &run, &err) != 0) {
		free(root);
		return verb_fail(cli, &err);
	}
	bool summed = cli_has(cli, CLI_STATS) || cli_has(cli, CLI_TRACE);
	int code = summed                  ? put_sums(cli, root, &run)
	           : form != FINDINGS_GNU ? verb_put_findings(cli, &run, form)
	                                  : put_lines(cli, &run);
	run_info_release(&run);
	free(root);
	return code;
}
