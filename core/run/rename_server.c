/*
 * Renaming through a language server. Those files of the step that hold the name are opened in it, so that it knows them
 * whatever its index does; it is asked at the name's first place in code, and its edits become the change set. The
 * server edits by what names mean: places where the name is something else's stay, and are told.
 */
#include "run/step_rename.h"

#include "base/json.h"
#include "base/text.h"
#include "base/vec.h"
#include "base/xalloc.h"
#include "edit/rename.h"
#include "edit/text_edit.h"
#include "io/lsp.h"

#include <stdlib.h>
#include <string.h>

#define ANSWER_MS (30 * 1000)

struct renaming {
	struct step_job *job;
	const char *from, *to;
	struct workspace_batch batch;
	const struct lsp_server *server;
	struct lsp *lsp;
	enum { FILE_ASIDE, FILE_OPENED, FILE_LOOKED_AT } *state; /* one for each file */
	size_t n_places;
};

/* It has looked through a file once it says what is wrong with it. */
static void take_notice(void *arg, const char *method, const struct json *params)
{
	struct renaming *r = arg;
	const char *uri = json_get_str(params, "uri");
	char *path = uri && strcmp(method, "textDocument/publishDiagnostics") == 0
		? lsp_path_of_uri(r->job->ws->root.path, uri)
		: NULL;
	for (size_t i = 0; path && i < r->batch.n_files; i++)
		if (r->state[i] != FILE_ASIDE && strcmp(r->batch.file[i].path, path) == 0)
			r->state[i] = FILE_LOOKED_AT;
	free(path);
}

static bool has_looked(void *arg)
{
	const struct renaming *r = arg;
	for (size_t i = 0; i < r->batch.n_files; i++)
		if (r->state[i] == FILE_OPENED)
			return false;
	return true;
}

static bool is_candidate(const struct renaming *r, const struct workspace_file *file)
{
	size_t at = 0;
	return file->err.code == ERR_NONE && !file->is_link && !text_is_binary(file->data, file->size) &&
	       rename_find_code(file->path, file->data, file->size, r->from, &at);
}

static void put_document(const struct renaming *r, struct buf *out, const char *path)
{
	buf_add_str(out, "{\"textDocument\":{\"uri\":\"");
	lsp_put_uri(out, r->job->ws->root.path, path);
	buf_add_char(out, '"');
}

static int open_file(struct renaming *r, const struct workspace_file *file, struct err *err)
{
	struct buf params = { 0 };
	struct json_writer w = { .out = &params };
	const struct lsp_server *server = lsp_server_of(file->path);
	put_document(r, &params, file->path);
	buf_printf(&params, ",\"languageId\":\"%s\",\"version\":1,\"text\":", server->language);
	json_put_str(&w, file->data, file->size);
	buf_add_str(&params, "}}");
	int rc = lsp_notify(r->lsp, "textDocument/didOpen", buf_str(&params), err);
	buf_release(&params);
	return rc;
}

/* Without a compilation database clangd takes headers for C++, whose functions are others than C's of the same name. */
static const char *options_for(const struct renaming *r)
{
	bool has_c = false;
	for (size_t i = 0; i < r->batch.n_files; i++) {
		const struct lsp_server *server = lsp_server_of(r->batch.file[i].path);
		if (server && strcmp(server->language, "cpp") == 0)
			return NULL;
		has_c = has_c || (server && strcmp(server->language, "c") == 0);
	}
	return has_c ? "{\"fallbackFlags\":[\"-xc\"]}" : NULL;
}

/* Chooses the server, starts it, and opens all files that hold the name and are its own. */
static int open_files(struct renaming *r, struct err *err)
{
	for (size_t i = 0; i < r->batch.n_files; i++) {
		const struct workspace_file *file = &r->batch.file[i];
		if (!is_candidate(r, file))
			continue;
		const struct lsp_server *server = lsp_server_of(file->path);
		if (!server)
			return err_set(err, ERR_PROVIDER, "no language server is known for '%.200s'", file->path);
		if (r->server && strcmp(server->argv[0], r->server->argv[0]) != 0)
			return err_set(err, ERR_PROVIDER, "the name stands in files of two languages, '%s' and '%s'",
			               r->server->language, server->language);
		r->server = server;
		r->state[i] = FILE_OPENED;
	}
	if (!r->server)
		return err_set(err, ERR_NOT_FOUND, "the name stands nowhere in the code of %zu file%s", r->batch.n_files,
		               r->batch.n_files == 1 ? "" : "s");
	struct lsp_spec spec = {
		.argv = r->server->argv,
		.root = r->job->ws->root.path,
		.options = options_for(r),
		.sandbox = r->job->sandbox,
		.timeout_ms = r->job->step->timeout_ms ? r->job->step->timeout_ms : ANSWER_MS,
		.cancel = &r->job->cancel,
		.notified = take_notice,
		.arg = r,
	};
	step_phase(r->job, "asking the language server", spec.timeout_ms);
	int rc = lsp_start(&r->lsp, &spec, err);
	for (size_t i = 0; rc == 0 && i < r->batch.n_files; i++)
		if (r->state[i] != FILE_ASIDE)
			rc = open_file(r, &r->batch.file[i], err);
	return rc == 0 ? lsp_wait(r->lsp, has_looked, err) : -1;
}

/* ---- what it answers ---- */

static int64_t get_place(const struct json *range, const char *which, const char *part)
{
	return json_get_int(json_get(range, which), part, -1);
}

/* A JSON list of edits; free with free_edits. */
static struct text_edit *read_edits(const struct json *list, size_t *n)
{
	*n = json_len(list);
	struct text_edit *edit = xcalloc(*n + 1, sizeof *edit);
	for (size_t i = 0; i < *n; i++) {
		const struct json *item = json_at(list, i);
		const struct json *range = json_get(item, "range");
		const char *text = json_get_str(item, "newText");
		edit[i] = (struct text_edit){
			.from = { get_place(range, "start", "line"), get_place(range, "start", "character") },
			.to = { get_place(range, "end", "line"), get_place(range, "end", "character") },
			.text = xstrdup(text ? text : ""),
			.n = text ? strlen(text) : 0,
		};
	}
	return edit;
}

static void free_edits(struct text_edit *edit, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(edit[i].text);
	free(edit);
}

static const struct workspace_file *find_file(const struct renaming *r, const char *path)
{
	for (size_t i = 0; i < r->batch.n_files; i++)
		if (strcmp(r->batch.file[i].path, path) == 0)
			return &r->batch.file[i];
	return NULL;
}

static int take_text(struct renaming *r, const struct workspace_file *file, struct buf *text, struct err *err)
{
	struct change *change = changeset_add(&r->job->set, file->path);
	size_t n;
	if (step_check_writable(r->job, file->path, err) != 0 ||
	    step_load(r->job, file->path, false, &change->before, err) != 0)
		return -1;
	if (!hash_equal(&change->before.hash, &file->hash))
		return err_set(err, ERR_CONFLICT, "'%s' changed while it was being renamed", file->path);
	char *data = buf_take(text, &n);
	image_take_file(&change->after, data ? data : xstrdup(""), n, change->before.mode);
	return 0;
}

static int take_edits(struct renaming *r, const char *uri, const struct json *list, struct err *err)
{
	struct buf text = { 0 };
	size_t n;
	char *path = uri ? lsp_path_of_uri(r->job->ws->root.path, uri) : NULL;
	const struct workspace_file *file = path ? find_file(r, path) : NULL;
	int rc = 0;
	if (!file) {
		rc = err_set(err, ERR_ACCESS, "the language server renames in '%.200s', which the step does not name",
		             path ? path : uri ? uri : "nothing");
		err_hint(err, "add it to 'refactor' in the plan, so that the name is changed everywhere");
	}
	if (rc == 0) {
		struct text_edit *edit = read_edits(list, &n);
		rc = text_edits_apply(file->data, file->size, edit, n, &text, err);
		if (rc == 0)
			rc = take_text(r, file, &text, err);
		r->n_places += n;
		free_edits(edit, n);
	}
	buf_release(&text);
	free(path);
	return rc;
}

struct taking {
	struct renaming *r;
	struct err *err;
};

static int take_entry(void *arg, const char *key, const struct json *value)
{
	const struct taking *taking = arg;
	return take_edits(taking->r, key, value, taking->err);
}

/* A WorkspaceEdit: either of its two forms. */
static int take_workspace_edit(struct renaming *r, const struct json *edit, struct err *err)
{
	const struct json *documents = json_get(edit, "documentChanges");
	for (size_t i = 0; i < json_len(documents); i++) {
		const struct json *document = json_at(documents, i);
		if (json_get(document, "kind"))
			return err_set(err, ERR_UNSUPPORTED, "the language server wants to rename files too");
		if (take_edits(r, json_get_str(json_get(document, "textDocument"), "uri"), json_get(document, "edits"), err) != 0)
			return -1;
	}
	struct taking taking = { r, err };
	if (!json_len(documents) && json_each(json_get(edit, "changes"), take_entry, &taking) != 0)
		return -1;
	if (!r->n_places)
		return err_set(err, ERR_PROVIDER, "the language server finds nothing to rename");
	return 0;
}

static int ask(struct renaming *r, struct err *err)
{
	struct buf params = { 0 };
	struct json_writer w = { .out = &params };
	const struct json *result;
	size_t i = 0;
	size_t at = 0;
	while (r->state[i] == FILE_ASIDE)
		i++;
	const struct workspace_file *file = &r->batch.file[i];
	if (!rename_find_code(file->path, file->data, file->size, r->from, &at))
		return err_set(err, ERR_INTERNAL, "'%s' lost the name", file->path);
	struct text_place place = text_place_of(file->data, file->size, at);
	put_document(r, &params, file->path);
	buf_printf(&params, "},\"position\":{\"line\":%lld,\"character\":%lld},\"newName\":", (long long)place.line,
	           (long long)place.unit);
	json_put_cstr(&w, r->to);
	buf_add_char(&params, '}');
	int rc = lsp_call(r->lsp, "textDocument/rename", buf_str(&params), &result, err);
	if (rc == 0)
		rc = take_workspace_edit(r, result, err);
	buf_release(&params);
	return rc;
}

/* Places in code where the name still stands: something else has it too. */
static void tell_scope(const struct renaming *r)
{
	struct buf text = { 0 };
	struct buf left = { 0 };
	size_t n_left = 0;
	for (size_t i = 0; i < r->batch.n_files; i++) {
		const struct workspace_file *file = &r->batch.file[i];
		const struct change *change = changeset_find(&r->job->set, file->path);
		const char *data = change ? change->after.data : file->data;
		size_t n = change ? (size_t)change->after.size : file->size;
		size_t at = 0;
		if (r->state[i] == FILE_ASIDE || !rename_find_code(file->path, data, n, r->from, &at))
			continue;
		if (n_left++ < 3)
			buf_printf(&left, "%s%s:%lld", n_left > 1 ? ", " : "", file->path,
			           (long long)text_place_of(data, n, at).line + 1);
	}
	buf_printf(&text, "'%s' renamed by %s: %zu place%s in %zu file%s", r->from, r->server->argv[0], r->n_places,
	           r->n_places == 1 ? "" : "s", r->job->set.n_changes, r->job->set.n_changes == 1 ? "" : "s");
	step_notice(r->job, "ok", buf_str(&text), NULL);
	buf_clear(&text);
	buf_printf(&text, "'%s' still stands in the code of %zu file%s, where it is something else's name: %s", r->from, n_left,
	           n_left == 1 ? "" : "s", buf_str(&left));
	if (n_left)
		step_notice(r->job, "conflict", buf_str(&text), "rename that too if it is wanted: 'using: word' takes all");
	buf_release(&left);
	buf_release(&text);
}

int rename_by_server(struct step_job *job, const struct strings *paths, struct err *err)
{
	struct renaming r = { .job = job, .from = job->step->rename_from, .to = job->step->rename_to };
	if (workspace_read(job->ws, paths, 0, &job->cancel, &r.batch, err) != 0)
		return -1;
	r.state = xcalloc(r.batch.n_files + 1, sizeof *r.state);
	int rc = open_files(&r, err);
	if (rc == 0)
		rc = ask(&r, err);
	if (rc == 0)
		tell_scope(&r);
	lsp_stop(r.lsp);
	free(r.state);
	workspace_batch_release(&r.batch);
	return rc;
}
