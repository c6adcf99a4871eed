/*
 * Many runs as one report: of this repository by their ids, of others by what `belay run --json` printed there or by
 * their journals. Whoever spread them (parallel, ssh, a batch system) brings the files; here they are only read.
 */
#include "base/xalloc.h"
#include "event/event_json.h"
#include "event/run_model.h"
#include "io/file.h"
#include "io/journal_read.h"
#include "tui/json_lines.h"
#include "tui/verb.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FILE_MAX (256 * 1024 * 1024)

struct row {
	char *name; /* as it was given; owned */
	struct run_model model;
	struct err err; /* why it cannot be read */
};

static int fold(void *arg, const struct event *event, struct err *err)
{
	return run_model_apply(arg, event, err);
}

/* ---- a file of events ---- */

/* The last line of --json is run_finished under another name. The type comes before all that a plan could have a say in. */
static char *as_finished(const char *line, size_t n)
{
	static const char result[] = "\"type\":\"result\"";
	const char *at = memmem(line, n, result, sizeof result - 1);
	return at ? xasprintf("%.*s\"type\":\"run_finished\"%.*s", (int)(at - line), line,
	                      (int)(n - (size_t)(at - line) - (sizeof result - 1)), at + sizeof result - 1)
	          : NULL;
}

static int fold_line(struct run_model *model, const char *line, size_t n, struct err *err)
{
	struct event_line read;
	int rc = event_read(&read, line, n, err);
	if (rc == 1) {
		event_line_release(&read);
		char *finished = as_finished(line, n);
		rc = event_read(&read, finished ? finished : "{}", finished ? strlen(finished) : 2, err);
		free(finished);
		if (rc != 0) {
			event_line_release(&read);
			err_clear(err);
			return 0;
		}
	}
	if (rc == 0)
		rc = run_model_apply(model, &read.event, err);
	event_line_release(&read);
	return rc;
}

static int fold_file(struct run_model *model, const char *file, struct err *err)
{
	struct buf text = { 0 };
	int rc = file_slurp(file, FILE_MAX, &text, err);
	const char *line = buf_str(&text);
	size_t n_lines = 0;
	for (const char *end; rc == 0 && (end = strchr(line, '\n')); line = end + 1) {
		n_lines++;
		if (end > line && fold_line(model, line, (size_t)(end - line), err) != 0)
			rc = err_prefix(err, "'%s', line %zu", file, n_lines);
	}
	if (rc == 0 && !model->seq)
		rc = err_set(err, ERR_NOT_FOUND, "'%s' holds no events of a run", file);
	buf_release(&text);
	return rc;
}

/* A name that is a file or a folder is one; everything else is a run of this repository. */
static int read_row(struct row *row, const char *name, struct err *err)
{
	struct run_info run;
	struct stat st;
	char *root;
	row->name = xstrdup(name);
	run_model_init(&row->model);
	if (stat(name, &st) == 0)
		return S_ISDIR(st.st_mode) ? journal_each(name, fold, &row->model, err) : fold_file(&row->model, name, err);
	if (verb_root(&root, err) != 0)
		return -1;
	int rc = runs_find(root, name, &run, err);
	free(root);
	if (rc != 0)
		return -1;
	rc = journal_each(run.dir, fold, &row->model, err);
	run_info_release(&run);
	return rc;
}

static void release_row(struct row *row)
{
	run_model_release(&row->model);
	free(row->name);
}

/* ---- printing ---- */

struct total {
	size_t n_runs, n_good, n_steps, n_done, n_files;
	int64_t tokens, ms;
	double usd;
};

static size_t count_files(const struct run_model *model)
{
	struct map seen = { 0 };
	for (size_t i = 0; i < model->n_steps; i++)
		for (size_t j = 0; model->step[i]->landed && j < model->step[i]->n_files; j++)
			map_put(&seen, model->step[i]->file[j].path, &seen);
	size_t n = seen.n_live;
	map_release(&seen);
	return n;
}

static bool is_good(const struct row *row)
{
	return row->err.code == ERR_NONE && row->model.finished && row->model.exit_code == 0;
}

static int64_t duration_of(const struct run_model *model)
{
	return model->now_ms > model->started_ms ? model->now_ms - model->started_ms : 0;
}

static const char *place_of(const struct row *row)
{
	return row->model.root && *row->model.root ? row->model.root : row->name;
}

static void put_text(const struct row *row)
{
	const struct run_model *model = &row->model;
	char exit_text[24] = "open";
	if (model->finished)
		snprintf(exit_text, sizeof exit_text, "exit %lld", (long long)model->exit_code);
	if (row->err.code != ERR_NONE) {
		verb_print("%-8s  %-8s  %s\n          %s\n", "", "?", row->name, row->err.msg);
		return;
	}
	verb_print("%-8s  %-8s  %zu/%zu steps  %zu files  %lld tokens  $%.2f  %lld.%llds  %s  %s\n", model->run, exit_text,
	           model->n_in_state[STEP_DONE], model->n_steps, count_files(model),
	           (long long)(model->tokens_in + model->tokens_out), model->usd, (long long)(duration_of(model) / 1000),
	           (long long)(duration_of(model) % 1000 / 100), place_of(row), model->plan);
	for (size_t i = 0; i < model->n_steps; i++)
		if (*model->step[i]->message)
			verb_print("          %s %s: %s\n", step_state_name(model->step[i]->state), model->step[i]->id,
			           model->step[i]->message);
}

static void put_states(struct json_writer *w, const struct run_model *model)
{
	json_key(w, "steps");
	json_begin_object(w);
	for (size_t i = 0; i < model->n_steps; i++) {
		json_put_key(w, model->step[i]->id);
		json_put_cstr(w, step_state_name(model->step[i]->state));
	}
	json_end_object(w);
}

static void put_object(struct json_lines *lines, const struct row *row)
{
	const struct run_model *model = &row->model;
	lines->run = model->run;
	json_lines_begin(lines, "run");
	json_key(&lines->w, "name");
	json_put_bytes(&lines->w, row->name, strlen(row->name));
	json_key(&lines->w, "root");
	json_put_cstr(&lines->w, model->root);
	json_key(&lines->w, "plan");
	json_put_cstr(&lines->w, model->plan);
	json_key(&lines->w, "exit");
	if (model->finished && row->err.code == ERR_NONE)
		json_put_int(&lines->w, model->exit_code);
	else
		json_put_null(&lines->w);
	put_states(&lines->w, model);
	json_key(&lines->w, "files");
	json_put_int(&lines->w, (int64_t)count_files(model));
	json_key(&lines->w, "tokens");
	json_put_int(&lines->w, model->tokens_in + model->tokens_out);
	json_key(&lines->w, "usd");
	json_put_real(&lines->w, model->usd);
	json_key(&lines->w, "ms");
	json_put_int(&lines->w, duration_of(model));
	if (row->err.code != ERR_NONE) {
		json_key(&lines->w, "message");
		json_put_cstr(&lines->w, row->err.msg);
	}
	json_lines_end(lines);
	lines->run = NULL;
}

static void add_to(struct total *total, const struct row *row)
{
	const struct run_model *model = &row->model;
	total->n_runs++;
	total->n_good += is_good(row);
	total->n_steps += model->n_steps;
	total->n_done += model->n_in_state[STEP_DONE];
	total->n_files += count_files(model);
	total->tokens += model->tokens_in + model->tokens_out;
	total->ms += duration_of(model);
	total->usd += model->usd;
}

int verb_report(const struct cli *cli)
{
	struct json_lines lines = { 0 };
	struct total total = { 0 };
	bool json = cli_has(cli, CLI_JSON);
	verb_signals_default();
	for (size_t i = 0; i < (cli->n_args ? cli->n_args : 1); i++) {
		struct row row = { 0 };
		if (read_row(&row, cli->n_args ? cli->arg[i] : "@", &row.err) != 0 && row.err.code == ERR_NONE)
			row.err.code = ERR_INTERNAL;
		add_to(&total, &row);
		if (json)
			put_object(&lines, &row);
		else
			put_text(&row);
		release_row(&row);
	}
	int code = total.n_good == total.n_runs ? EXIT_DONE : EXIT_FAILED;
	if (json)
		json_lines_result(&lines, code);
	else
		verb_print("total     %zu of %zu runs are done, %zu/%zu steps, %zu files, %lld tokens, $%.2f, %lld.%llds\n",
		           total.n_good, total.n_runs, total.n_done, total.n_steps, total.n_files, (long long)total.tokens,
		           total.usd, (long long)(total.ms / 1000), (long long)(total.ms % 1000 / 100));
	return code;
}
