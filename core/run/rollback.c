/* Taking back inside a run: a step by its key, a failed attempt, the whole run; and putting it again. */
#include "run/engine.h"

#include "base/vec.h"
#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

#define NAMED_MAX 8

/* A new change of a step replaces what was taken back of it. */
static void add_landed(struct executor *ex, size_t node, const struct event *event)
{
	size_t kept = 0;
	for (size_t i = 0; i < ex->n_landed; i++) {
		if (ex->landed[i].node == node && ex->landed[i].taken_back)
			free(ex->landed[i].event);
		else
			ex->landed[kept++] = ex->landed[i];
	}
	ex->n_landed = kept;
	ex->landed = vec_room(ex->landed, ex->n_landed, &ex->cap_landed, sizeof *ex->landed);
	ex->landed[ex->n_landed++] = (struct landed_record){ .node = node, .event = event_clone(event) };
}

static void mark(struct executor *ex, const char *step, bool taken_back)
{
	int node = engine_node_of(ex, step);
	for (size_t i = 0; node >= 0 && i < ex->n_landed; i++)
		if (ex->landed[i].node == (size_t)node)
			ex->landed[i].taken_back = taken_back;
}

void rollback_note(struct executor *ex, const struct event *event)
{
	bool taken_back = event->kind == EVENT_TAKEN_BACK;
	if (event->kind != EVENT_LANDED && !taken_back)
		return;
	ex->turn++;
	for (size_t i = 0; i < event->step_list.n_items; i++)
		mark(ex, event->step_list.item[i], taken_back);
	if (event->step_list.n_items)
		return;
	int node = engine_node_of(ex, event->step);
	if (taken_back)
		mark(ex, event->step, true);
	else if (node >= 0)
		add_landed(ex, (size_t)node, event);
}

static bool is_among(const size_t *node, size_t n, size_t wanted)
{
	for (size_t i = 0; i < n; i++)
		if (node[i] == wanted)
			return true;
	return false;
}

/* What the nodes landed, oldest first: what is in the tree now, or (redo) what was taken out of it. */
static size_t pick_landed(const struct executor *ex, const size_t *node, size_t n, bool redo, const struct event **out)
{
	size_t n_out = 0;
	for (size_t i = 0; i < ex->n_landed; i++)
		if (ex->landed[i].taken_back == redo && is_among(node, n, ex->landed[i].node))
			out[n_out++] = ex->landed[i].event;
	return n_out;
}

int rollback_steps(struct executor *ex, const size_t *node, size_t n, bool redo, struct err *err)
{
	struct land_plan plan = { 0 };
	struct strings steps = { 0 };
	const struct event **event = xcalloc(ex->n_landed + 1, sizeof *event);
	size_t n_events = pick_landed(ex, node, n, redo, event);
	for (size_t i = 0; i < n; i++)
		strings_add(&steps, ex->graph.node[node[i]].step->id);
	const struct land_query query = { .landed = event, .n_landed = n_events, .redo = redo };
	int rc = land_preview(&ex->lander, &query, &plan, err);
	for (size_t i = 0; rc == 0 && !redo && i < ex->n_landed; i++)
		event[i] = ex->landed[i].event;
	if (rc == 0 && !redo)
		land_plan_add_folders(&plan, event, ex->n_landed);
	size_t n_conflicts = rc == 0 ? plan.n_conflicts : 0;
	if (rc == 0)
		rc = land_take_back(&ex->lander, ex->store, &steps, &plan, redo, err);
	if (rc == 0 && n_conflicts)
		rc = err_set(err, ERR_CONFLICT, "%zu file%s changed since and %s left as they are", n_conflicts,
		             n_conflicts == 1 ? "" : "s", n_conflicts == 1 ? "was" : "were");
	land_plan_release(&plan);
	strings_release(&steps);
	free(event);
	return rc;
}

void rollback_name_files(const struct executor *ex, size_t node, struct buf *out)
{
	struct strings names = { 0 };
	for (size_t i = 0; i < ex->n_landed; i++) {
		const struct landed_record *record = &ex->landed[i];
		for (size_t j = 0; record->node == node && !record->taken_back && j < record->event->files.n_files; j++)
			if (strings_find(&names, record->event->files.file[j].path) < 0)
				strings_add(&names, record->event->files.file[j].path);
	}
	for (size_t i = 0; i < names.n_items && i < NAMED_MAX; i++)
		buf_printf(out, "%s'%s'", i ? ", " : "", names.item[i]);
	if (names.n_items > NAMED_MAX)
		buf_printf(out, " and %zu more", names.n_items - NAMED_MAX);
	strings_release(&names);
}

/* The step that landed last and is still in the tree; -1 when there is none. */
static int last_landed(const struct executor *ex)
{
	for (size_t i = ex->n_landed; i > 0; i--)
		if (!ex->landed[i - 1].taken_back)
			return (int)ex->landed[i - 1].node;
	return -1;
}

/* What U puts again: the step that is named, whoever took it back, or what the last undo took. */
static size_t pick_undone(const struct executor *ex, const char *id, size_t *node)
{
	size_t n = 0;
	int one = id ? engine_node_of(ex, id) : -1;
	for (size_t i = 0; one >= 0 && i < ex->n_landed; i++)
		if (ex->landed[i].node == (size_t)one && ex->landed[i].taken_back) {
			node[0] = (size_t)one;
			return 1;
		}
	for (size_t i = 0; i < ex->model.undone.n_items; i++) {
		int at = engine_node_of(ex, ex->model.undone.item[i]);
		if (at >= 0)
			node[n++] = (size_t)at;
	}
	return n;
}

/* The step that an undo names; not while a worker checks it. */
static size_t pick_step(const struct executor *ex, const char *id, size_t *node)
{
	int one = id ? engine_node_of(ex, id) : last_landed(ex);
	const struct model_step *step = one >= 0 ? run_model_step(&ex->model, ex->graph.node[one].step->id) : NULL;
	if (!step || !step->landed || ex->state[one].stage == STAGE_CHECKING)
		return 0;
	node[0] = (size_t)one;
	return 1;
}

static void carry_out(struct executor *ex, const size_t *node, size_t n, bool redo)
{
	struct err err = { 0 };
	const char *id = ex->graph.node[node[0]].step->id;
	if (rollback_steps(ex, node, n, redo, &err) == 0) {
		engine_notice(ex, id, "ok", redo ? "put again" : "taken back", redo ? NULL : "U puts it again");
		return;
	}
	ex->rollback_incomplete = true;
	engine_notice(ex, id, err_category(err.code), err.msg, "your own edits are kept; look at the files named above");
}

void rollback_command(struct executor *ex, const struct command *command)
{
	bool redo = command->kind == COMMAND_REDO;
	if (ex->busy_in_tree) {
		engine_notice(ex, command->step, "conflict", "a command is running in the tree", "try again when it is done");
		return;
	}
	size_t *node = xcalloc(ex->graph.n_nodes + 1, sizeof *node);
	size_t n = redo ? pick_undone(ex, command->step, node) : pick_step(ex, command->step, node);
	if (n)
		carry_out(ex, node, n, redo);
	else
		engine_notice(ex, NULL, "plan", redo ? "nothing was taken back" : "the step has nothing in the tree", NULL);
	free(node);
}

void rollback_all(struct executor *ex)
{
	struct err err = { 0 };
	size_t *node = xcalloc(ex->graph.n_nodes + 1, sizeof *node);
	size_t n = 0;
	for (size_t i = 0; i < ex->graph.n_nodes; i++) {
		const struct model_step *step = run_model_step(&ex->model, ex->graph.node[i].step->id);
		if (step && step->landed)
			node[n++] = i;
	}
	if (n && rollback_steps(ex, node, n, false, &err) != 0) {
		ex->rollback_incomplete = true;
		engine_notice(ex, NULL, err_category(err.code), err.msg, "look at the files named above");
	}
	ex->rolled_back = true;
	free(node);
}
