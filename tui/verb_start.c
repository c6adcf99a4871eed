#include "tui/verb_start.h"

#include "base/json.h"
#include "base/xalloc.h"
#include "io/file.h"
#include "plan/vars.h"

#include <stdlib.h>
#include <string.h>

#define RECORD_MAX (1024 * 1024)

static void put(struct json_writer *w, const char *key, const char *value)
{
	if (!value)
		return;
	json_key(w, key);
	json_put_bytes(w, value, strlen(value));
}

/* Where the plan can be read again. */
static int find_plan(const struct session *session, const struct verb_plan_request *request, char **out, struct err *err)
{
	if (strcmp(request->file, "-") != 0) {
		*out = realpath(request->file, NULL);
		return *out ? 0 : err_set(err, ERR_NOT_FOUND, "'%s' is no longer there", request->file);
	}
	*out = xasprintf("%s/plan.yaml", session->dir);
	return file_write_atomic(*out, buf_str(&session->plan.text), session->plan.text.len, err);
}

int start_record_write(const struct session *session, const struct verb_plan_request *request,
                       const struct session_selection *selection, struct err *err)
{
	struct buf text = { 0 };
	struct json_writer w = { .out = &text };
	char *plan = NULL;
	char *file = xasprintf("%s/start.json", session->dir);
	int rc = find_plan(session, request, &plan, err);
	json_begin_object(&w);
	put(&w, "file", plan);
	put(&w, "name", session->plan.plan->file);
	put(&w, "from", selection->from);
	put(&w, "until", selection->until);
	put(&w, "only", selection->only);
	json_key(&w, "break_cycles");
	json_put_bool(&w, request->break_cycles);
	json_key(&w, "vars");
	json_begin_object(&w);
	for (size_t i = 0; i < request->vars.n_pairs; i++)
		put(&w, request->vars.pair[i].name, request->vars.pair[i].value);
	json_end_object(&w);
	json_end_object(&w);
	buf_add_char(&text, '\n');
	if (rc == 0)
		rc = file_write_atomic(file, text.data, text.len, err);
	buf_release(&text);
	free(plan);
	free(file);
	return rc;
}

static char *get(const struct json *root, const char *key)
{
	char *s;
	size_t n;
	return json_bytes(json_get(root, key), &s, &n) == 0 ? s : NULL;
}

static int add_var(void *arg, const char *key, const struct json *value)
{
	char *s;
	size_t n;
	if (json_bytes(value, &s, &n) != 0)
		return 0;
	name_values_set(arg, key, s);
	free(s);
	return 0;
}

int start_record_read(struct start_record *out, const char *dir, struct err *err)
{
	struct buf text = { 0 };
	struct json *root = NULL;
	char *file = xasprintf("%s/start.json", dir);
	*out = (struct start_record){ 0 };
	int rc = file_slurp(file, RECORD_MAX, &text, err);
	if (rc == 0)
		rc = json_parse(&root, buf_str(&text), text.len, err);
	if (rc == 0) {
		out->file = get(root, "file");
		out->name = get(root, "name");
		out->from = get(root, "from");
		out->until = get(root, "until");
		out->only = get(root, "only");
		if (json_as_bool(json_get(root, "break_cycles"), &out->break_cycles) != 0)
			out->break_cycles = false;
		json_each(json_get(root, "vars"), add_var, &out->vars);
		if (!out->file || !out->name)
			rc = err_set(err, ERR_CORRUPT, "'%s' does not say which plan the run is of", file);
	}
	json_free(root);
	buf_release(&text);
	free(file);
	return rc;
}

void start_record_request(const struct start_record *record, const char *root, struct verb_plan_request *request,
                          struct session_selection *selection)
{
	*request = (struct verb_plan_request){ .file = record->file, .name = record->name, .root = root,
		                               .break_cycles = record->break_cycles, .vars = record->vars };
	*selection = (struct session_selection){ record->from, record->until, record->only };
}

int start_record_load(struct session *session, const struct start_record *record, const char *plan_hash, struct err *err)
{
	struct verb_plan_request request;
	struct session_selection selection;
	start_record_request(record, session->root, &request, &selection);
	if (verb_plan_load(&session->plan, &request) != 0)
		return err_set(err, ERR_PLAN, "the plan is not valid any more");
	if (strcmp(session->plan.plan->hash, plan_hash) != 0) {
		err_set(err, ERR_PLAN, "'%s' changed since the run began", record->name);
		return err_hint(err, "bring it back as it was, or run it anew with 'belay run'");
	}
	return session_admit(session, &selection, err);
}

void start_record_release(struct start_record *record)
{
	free(record->file);
	free(record->name);
	free(record->from);
	free(record->until);
	free(record->only);
	name_values_release(&record->vars);
	*record = (struct start_record){ 0 };
}
