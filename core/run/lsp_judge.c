#include "run/lsp_judge.h"

#include "base/json.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "edit/changeset.h"
#include "io/lsp.h"
#include "io/shadow.h"
#include "run/baseline.h"
#include "run/export.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_MS (60 * 1000)
#define SETTLE_MS 300 /* a server that says what it finds piece by piece is heard out */
#define FILES_MAX 500

/* One look at the files of one server, in one tree. */
struct look {
	struct step_job *job;
	const struct root *tree; /* where the files are */
	const char *seen_as;     /* as the server sees that tree */
	const char *program;
	struct workspace_batch batch;
	struct lsp *lsp;
	bool *is_open, *is_told; /* one for each file */
	struct diags *diags;     /* of each file; the last word counts */
};

/* ---- what it says ---- */

static char *code_of(const struct json *item)
{
	int64_t number;
	const struct json *code = json_get(item, "code");
	const char *text = json_str(code, NULL);
	if (text)
		return xstrdup(text);
	if (json_as_int(code, &number) == 0)
		return xasprintf("%lld", (long long)number);
	return xstrdup(json_get_str(item, "source"));
}

/* Hints (4) are for editors: they grey things out. */
static void take_finding(struct diags *diags, const char *path, const struct json *item)
{
	int64_t severity = json_get_int(item, "severity", 1);
	const struct json *start = json_get(json_get(item, "range"), "start");
	const char *message = json_get_str(item, "message");
	if (severity > 3)
		return;
	diags_add(diags, severity == 1 ? DIAG_ERROR : severity == 2 ? DIAG_WARNING : DIAG_NOTE, path,
	          (int)json_get_int(start, "line", -1) + 1, (int)json_get_int(start, "character", -1) + 1, "%s",
	          message ? message : "");
	diags->diag[diags->n_diags - 1].code = code_of(item);
}

static void take_list(struct look *look, size_t i, const struct json *list)
{
	diags_release(&look->diags[i]);
	look->diags[i] = (struct diags){ 0 };
	look->is_told[i] = true;
	for (size_t k = 0; k < json_len(list); k++)
		take_finding(&look->diags[i], look->batch.file[i].path, json_at(list, k));
}

static void take_notice(void *arg, const char *method, const struct json *params)
{
	struct look *look = arg;
	const char *uri = json_get_str(params, "uri");
	char *path = uri && strcmp(method, "textDocument/publishDiagnostics") == 0 ? lsp_path_of_uri(look->seen_as, uri) : NULL;
	for (size_t i = 0; path && i < look->batch.n_files; i++)
		if (look->is_open[i] && strcmp(look->batch.file[i].path, path) == 0)
			take_list(look, i, json_get(params, "diagnostics"));
	free(path);
}

static bool all_told(void *arg)
{
	const struct look *look = arg;
	for (size_t i = 0; i < look->batch.n_files; i++)
		if (look->is_open[i] && !look->is_told[i])
			return false;
	return true;
}

/* ---- asking ---- */

static void put_document(const struct look *look, struct buf *out, const char *path)
{
	buf_add_str(out, "{\"textDocument\":{\"uri\":\"");
	lsp_put_uri(out, look->seen_as, path);
	buf_add_char(out, '"');
}

static int open_file(struct look *look, size_t i, struct err *err)
{
	const struct workspace_file *file = &look->batch.file[i];
	const struct lsp_server *server = lsp_server_of(file->path);
	struct buf params = { 0 };
	struct json_writer w = { .out = &params };
	if (file->err.code != ERR_NONE || file->is_link || text_is_binary(file->data, file->size))
		return 0;
	look->is_open[i] = true;
	put_document(look, &params, file->path);
	buf_printf(&params, ",\"languageId\":\"%s\",\"version\":1,\"text\":", server->language);
	json_put_str(&w, file->data, file->size);
	buf_add_str(&params, "}}");
	int rc = lsp_notify(look->lsp, "textDocument/didOpen", buf_str(&params), err);
	buf_release(&params);
	return rc;
}

static int pull_file(struct look *look, size_t i, struct err *err)
{
	struct buf params = { 0 };
	const struct json *result;
	put_document(look, &params, look->batch.file[i].path);
	buf_add_str(&params, "}}");
	int rc = lsp_call(look->lsp, "textDocument/diagnostic", buf_str(&params), &result, err);
	if (rc == 0)
		take_list(look, i, json_get(result, "items"));
	buf_release(&params);
	return rc;
}

static int hear(struct look *look, struct err *err)
{
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < look->batch.n_files; i++)
		rc = open_file(look, i, err);
	if (rc == 0 && lsp_pulls(look->lsp)) {
		for (size_t i = 0; rc == 0 && i < look->batch.n_files; i++)
			rc = look->is_open[i] ? pull_file(look, i, err) : 0;
		return rc;
	}
	if (rc == 0)
		rc = lsp_wait(look->lsp, all_told, err);
	return rc == 0 ? lsp_settle(look->lsp, SETTLE_MS, err) : -1;
}

static int start(struct look *look, const struct lsp_server *server, struct err *err)
{
	bool hides = step_hides_copies(look->job) && strcmp(look->tree->path, look->seen_as) != 0;
	const struct lsp_spec spec = {
		.argv = server->argv,
		.root = look->seen_as,
		.copy = hides ? look->tree->path : NULL,
		.options = strcmp(server->language, "c") == 0 ? "{\"fallbackFlags\":[\"-xc\"]}" : NULL,
		.sandbox = look->job->sandbox,
		.timeout_ms = look->job->step->timeout_ms ? look->job->step->timeout_ms : ANSWER_MS,
		.cancel = &look->job->cancel,
		.notified = take_notice,
		.arg = look,
	};
	step_phase(look->job, "asking the language server", spec.timeout_ms);
	return lsp_start(&look->lsp, &spec, err);
}

/* What the server says of these files in the tree, appended. */
static int look_at(struct look *look, const struct strings *paths, struct diags *out, struct err *err)
{
	struct workspace ws = *look->job->ws;
	ws.root = *look->tree;
	if (workspace_read(&ws, paths, 0, &look->job->cancel, &look->batch, err) != 0)
		return -1;
	look->is_open = xcalloc(look->batch.n_files + 1, sizeof *look->is_open);
	look->is_told = xcalloc(look->batch.n_files + 1, sizeof *look->is_told);
	look->diags = xcalloc(look->batch.n_files + 1, sizeof *look->diags);
	int rc = start(look, lsp_server_of(paths->item[0]), err);
	if (rc == 0)
		rc = hear(look, err);
	lsp_stop(look->lsp);
	for (size_t i = 0; i < look->batch.n_files; i++) {
		for (size_t k = 0; rc == 0 && k < look->diags[i].n_diags; k++) {
			const struct diag *from = &look->diags[i].diag[k];
			diags_add(out, from->severity, from->file, from->line, from->column, "%s", from->message);
			out->diag[out->n_diags - 1].code = xstrdup(from->code);
		}
		diags_release(&look->diags[i]);
	}
	free(look->is_open);
	free(look->is_told);
	free(look->diags);
	workspace_batch_release(&look->batch);
	return rc;
}

/* ---- which files ---- */

/* The files of one server: those of the first of the rest, which then are no longer in it. */
static void take_row(struct strings *rest, struct strings *row)
{
	struct strings left = { 0 };
	const struct lsp_server *server = rest->n_items ? lsp_server_of(rest->item[0]) : NULL;
	for (size_t i = 0; i < rest->n_items; i++) {
		const struct lsp_server *own = lsp_server_of(rest->item[i]);
		bool is_its = strcmp(own->argv[0], server->argv[0]) == 0 &&
		              (strcmp(own->argv[0], "clangd") != 0 || strcmp(own->language, server->language) == 0);
		strings_add(is_its ? row : &left, rest->item[i]);
	}
	strings_release(rest);
	*rest = left;
}

static int list_files(struct step_job *job, const struct changeset *changed, struct strings *out, struct err *err)
{
	struct strings all = { 0 };
	int rc = 0;
	if (job->step->paths.n_items)
		rc = workspace_expand(job->ws, &job->step->paths, false, &all, err);
	for (size_t i = 0; !job->step->paths.n_items && i < changed->n_changes; i++)
		if (changed->change[i].after.kind == IMAGE_FILE)
			strings_add(&all, changed->change[i].path);
	for (size_t i = 0; i < all.n_items; i++)
		if (lsp_server_of(all.item[i]))
			strings_add(out, all.item[i]);
	strings_sort(out);
	if (rc == 0 && out->n_items > FILES_MAX) {
		rc = err_set(err, ERR_LIMIT, "%zu files are too many for a language server: %d at most", out->n_items, FILES_MAX);
		err_hint(err, "'paths' names what a step looks at");
	}
	strings_release(&all);
	return rc;
}

/* ---- before ---- */

/* The same files in a copy of the tree that has the run's changes taken back; those that were not there are not looked at. */
static int look_before(struct step_job *job, const struct changeset *changed, const struct strings *row, struct diags *out,
                       struct err *err)
{
	struct shadow shadow = { .root.fd = -1 };
	struct strings old = { 0 };
	for (size_t i = 0; i < row->n_items; i++) {
		const struct change *change = changeset_find(changed, row->item[i]);
		if (!change || change->before.kind == IMAGE_FILE)
			strings_add(&old, row->item[i]);
	}
	int rc = 0;
	if (old.n_items) {
		step_phase(job, "looking at what was there before", 0);
		rc = shadow_make(&shadow, &job->ws->root, job->spool_dir, job->ws->n_threads, &job->cancel, err);
		if (rc == 0)
			rc = shadow_put(&shadow, changed, false, err);
		struct look look = { .job = job, .tree = &shadow.root, .seen_as = step_sees_root(job, shadow.root.path) };
		if (rc == 0)
			rc = look_at(&look, &old, out, err);
		shadow_remove(&shadow);
	}
	strings_release(&old);
	return rc;
}

static int judge_row(struct step_job *job, const struct changeset *changed, const struct strings *row, struct diags *out,
                     struct err *err)
{
	struct diags before = { 0 };
	struct look look = {
		.job = job, .tree = &job->ws->root,
		.seen_as = job->previews ? step_sees_root(job, job->ws->root.path) : job->ws->root.path,
	};
	struct diags now = { 0 };
	int rc = look_at(&look, row, &now, err);
	if (rc == 0 && now.n_diags && changed->n_changes)
		rc = look_before(job, changed, row, &before, err);
	if (rc == 0 && before.n_diags) {
		char text[120];
		size_t n_old = diags_subtract(&now, &before);
		snprintf(text, sizeof text, "the language server: %zu findings were there before, %zu are new", n_old, now.n_diags);
		if (n_old)
			step_notice(job, "ok", text, NULL);
	}
	for (size_t i = 0; rc == 0 && i < now.n_diags; i++) {
		diags_add(out, now.diag[i].severity, now.diag[i].file, now.diag[i].line, now.diag[i].column, "%s",
		          now.diag[i].message);
		out->diag[out->n_diags - 1].code = xstrdup(now.diag[i].code);
	}
	diags_release(&now);
	diags_release(&before);
	return rc;
}

static int judge_all(struct step_job *job, const struct changeset *changed, struct diags *out, struct err *err)
{
	struct strings rest = { 0 };
	int rc = list_files(job, changed, &rest, err);
	if (rc == 0 && !rest.n_items)
		step_notice(job, "ok", "there is no file that a language server knows: nothing is judged", "'paths' names files");
	while (rc == 0 && rest.n_items) {
		struct strings row = { 0 };
		take_row(&rest, &row);
		rc = judge_row(job, changed, &row, out, err);
		strings_release(&row);
	}
	strings_release(&rest);
	return rc;
}

int lsp_judge(struct step_job *job, struct err *err)
{
	struct export_run run;
	struct diags diags = { 0 };
	const struct run_info info = { .id = (char *)job->run_id, .dir = (char *)job->run_dir };
	struct event started = { .kind = EVENT_CHECK_STARTED, .check = "lsp" };
	job->emit(job, &started);
	int rc = export_read(&run, &info, err);
	if (rc == 0)
		rc = judge_all(job, &run.set, &diags, err);
	struct event finished = {
		.kind = EVENT_CHECK_FINISHED,
		.check = "lsp",
		.exit_code = rc != 0 || diags.n_errors ? 1 : 0,
		.diagnostics = { diags.diag, diags.n_diags },
	};
	job->emit(job, &finished);
	if (rc == 0 && diags.n_errors)
		rc = err_set(err, ERR_CHECK, "the language server finds %zu new error%s", diags.n_errors,
		             diags.n_errors == 1 ? "" : "s");
	diags_release(&diags);
	export_release(&run);
	return rc;
}
