/* Steps that a person adds while the plan runs: checked as the loader checks them, journaled, made again on a resume. */
#include "run/engine.h"

#include "base/json.h"
#include "base/vec.h"
#include "base/xalloc.h"
#include "base/yaml.h"
#include "plan/dag.h"
#include "plan/plan_yaml.h"
#include "plan/slash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TYPED_NAME "(typed)"
#define TYPED_MAX 1000 /* so that the journal has it in line */
#define PLAN_FILE_MAX (1024 * 1024)

/* The step in a plan of its own, where the names of the running plan's checks are known. */
static void write_plan(const struct executor *ex, const char *step, struct buf *out)
{
	const struct plan *plan = ex->options.plan;
	struct json_writer w = { .out = out };
	buf_add_str(out, "belay: 1\n");
	if (plan->n_checks) {
		buf_add_str(out, "checks: ");
		json_begin_object(&w);
		for (size_t i = 0; i < plan->n_checks; i++) {
			json_key(&w, plan->check[i].name);
			json_begin_object(&w);
			json_key(&w, "run");
			json_put_cstr(&w, "true");
			json_end_object(&w);
		}
		json_end_object(&w);
		buf_add_char(out, '\n');
	}
	buf_printf(out, "steps:\n  - %s\n", step);
}

static int load_step(const struct executor *ex, const char *step, struct plan **out, struct err *err)
{
	struct buf text = { 0 };
	struct diags diags = { 0 };
	write_plan(ex, step, &text);
	int rc = plan_load(out, TYPED_NAME, buf_str(&text), text.len, NULL, &diags);
	if (rc == 0 && run_check_plan(*out, &diags) != 0) {
		plan_free(*out);
		rc = -1;
	}
	if (rc != 0)
		rc = err_set(err, ERR_PLAN, "%s", diags.n_diags ? diags.diag[0].message : "the step is not valid");
	diags_release(&diags);
	buf_release(&text);
	return rc;
}

/* It waits for nothing but steps that may write the same files. */
static void add_node(struct executor *ex, const struct plan_step *step)
{
	struct graph_node node = { .step = step, .made_by = -1, .is_step = true, .is_each = step->each.glob, .selected = true };
	size_t cap = 0;
	for (size_t i = 0; i < ex->graph.n_nodes; i++) {
		if (!ex->graph.node[i].is_step || !steps_may_overlap(ex->graph.node[i].step, step))
			continue;
		node.after = vec_room(node.after, node.n_after, &cap, sizeof *node.after);
		node.after[node.n_after++] = i;
	}
	engine_add_node(ex, &node);
}

static int add_step(struct executor *ex, const char *text, struct err *err)
{
	struct plan *plan;
	if (load_step(ex, text, &plan, err) != 0)
		return -1;
	if (engine_node_of(ex, plan->step[0].id) >= 0) {
		err_set(err, ERR_PLAN, "the run has a step '%.100s' already", plan->step[0].id);
		plan_free(plan);
		return -1;
	}
	ex->grown = vec_room(ex->grown, ex->n_grown, &ex->cap_grown, sizeof *ex->grown);
	ex->grown[ex->n_grown++] = (struct grown){ plan, xstrdup(text) };
	add_node(ex, &plan->step[0]);
	return 0;
}

void grow_release(struct executor *ex)
{
	for (size_t i = 0; i < ex->n_grown; i++) {
		plan_free(ex->grown[i].plan);
		free(ex->grown[i].text);
	}
	free(ex->grown);
}

int grow_restore(struct executor *ex, const struct event *event, struct err *err)
{
	if (event->kind != EVENT_PLAN_GROWN || !event->text.data)
		return 0;
	return add_step(ex, event->text.data, err);
}

static void next_id(const struct executor *ex, char *out, size_t room)
{
	size_t n = ex->n_grown + 1;
	do
		snprintf(out, room, "added-%zu", n++);
	while (engine_node_of(ex, out) >= 0);
}

static void declare(struct executor *ex, const char *text)
{
	struct event_batch batch = { 0 };
	struct event resumed = { .kind = EVENT_RUN_RESUMED, .at = (int64_t)ex->model.seq };
	struct event grown = { .kind = EVENT_PLAN_GROWN, .by = "person", .text = { .data = text, .len = strlen(text) } };
	if (ex->ended)
		event_batch_add(&batch, &resumed);
	event_batch_add(&batch, &grown);
	opening_declare(ex, &ex->grown[ex->n_grown - 1].plan->step[0], NULL, NULL, &batch);
	engine_tell_all(ex, &batch);
	event_batch_release(&batch);
	ex->limits.stopping = ex->limit_reached = ex->rolled_back = false;
}

static void add_given(struct executor *ex, const char *step)
{
	struct err err = { 0 };
	if (add_step(ex, step, &err) == 0)
		declare(ex, step);
	else
		engine_notice(ex, NULL, "plan", err.msg, NULL);
}

void grow_command(struct executor *ex, const struct command *command)
{
	struct err err = { 0 };
	struct buf text = { 0 };
	struct strings checks = { 0 };
	char id[32];
	const char *typed = command->text ? command->text : "";
	if (*typed == '{') { /* as the journal of an earlier run has it */
		add_given(ex, typed);
		return;
	}
	for (size_t i = 0; i < ex->options.plan->n_checks; i++)
		strings_add(&checks, ex->options.plan->check[i].name);
	next_id(ex, id, sizeof id);
	int rc = strlen(typed) > TYPED_MAX ? err_set(&err, ERR_LIMIT, "a step that is typed has %d characters at most", TYPED_MAX)
	                                   : slash_to_step(typed, id, &checks, &text, &err);
	if (rc == 0)
		rc = add_step(ex, buf_str(&text), &err);
	if (rc == 0)
		declare(ex, buf_str(&text));
	else
		engine_notice(ex, NULL, "plan", err.msg, err.hint);
	strings_release(&checks);
	buf_release(&text);
}

/* ---- the grown plan as a file ---- */

static size_t start_of_line(const struct buf *text, int line)
{
	size_t at = 0;
	for (int i = 1; i < line && at < text->len; i++) {
		const char *end = memchr(text->data + at, '\n', text->len - at);
		at = end ? (size_t)(end + 1 - text->data) : text->len;
	}
	return at;
}

/* The steps go behind the last of the file's own, at its indentation: what else stands in the file stays as it is. */
static int insert(const struct executor *ex, const struct buf *text, const struct yaml_node *root, struct buf *out,
                  struct err *err)
{
	const struct yaml_node *steps = root && root->kind == YAML_MAP ? yaml_get(root, "steps") : NULL;
	size_t end = text->len;
	if (!steps || steps->kind != YAML_SEQ || !steps->n_items)
		return err_set(err, ERR_PLAN, "the plan file has no list of steps");
	for (size_t i = 0; i + 1 < root->n_pairs; i++)
		if (root->pair[i].value == steps)
			end = start_of_line(text, root->pair[i + 1].key->line);
	size_t first = start_of_line(text, steps->item[0]->line);
	size_t indent = strspn(text->data + first, " ");
	if (text->data[first + indent] != '-')
		return err_set(err, ERR_PLAN, "the plan's steps are no list with a '-' for each");
	buf_add(out, text->data, end);
	if (end && text->data[end - 1] != '\n')
		buf_add_char(out, '\n');
	for (size_t i = 0; i < ex->n_grown; i++)
		buf_printf(out, "%*s- %s\n", (int)indent, "", ex->grown[i].text);
	buf_add(out, text->data + end, text->len - end);
	return 0;
}

static int make_text(const struct executor *ex, struct buf *out, struct err *err)
{
	struct buf text = { 0 };
	struct diags diags = { 0 };
	struct yaml_doc *doc = NULL;
	int rc = file_slurp(ex->options.plan->file, PLAN_FILE_MAX, &text, err);
	if (rc == 0 && yaml_parse(&doc, ex->options.plan->file, buf_str(&text), text.len, &diags) != 0)
		rc = err_set(err, ERR_PLAN, "'%s' can no longer be read as a plan", ex->options.plan->file);
	if (rc == 0)
		rc = insert(ex, &text, yaml_root(doc), out, err);
	if (doc)
		yaml_doc_free(doc);
	diags_release(&diags);
	buf_release(&text);
	return rc;
}

void grow_save(struct executor *ex, const struct command *command)
{
	struct err err = { 0 };
	struct buf text = { 0 };
	char said[160];
	const char *path = command->text ? command->text : "";
	int rc = 0;
	if (!*path || access(path, F_OK) == 0)
		rc = err_set(&err, ERR_USAGE, *path ? "'%.100s' is there already" : "save needs a file's name%s", path);
	if (rc == 0)
		rc = make_text(ex, &text, &err);
	if (rc == 0)
		rc = file_write_atomic(path, buf_str(&text), text.len, &err);
	snprintf(said, sizeof said, "the plan with %zu step%s more is in %.80s", ex->n_grown, ex->n_grown == 1 ? "" : "s", path);
	engine_notice(ex, NULL, rc == 0 ? "ok" : err_category(err.code), rc == 0 ? said : err.msg, NULL);
	buf_release(&text);
}
