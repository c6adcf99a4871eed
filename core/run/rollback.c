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

/* What is to be taken back, or put again. */
struct rollback {
	const size_t *node;
	size_t n;
	bool redo;
	const char *only; /* this path alone; NULL: all */
	enum rollback_how how;
};

static int make_plan(struct executor *ex, const struct rollback *what, struct land_plan *plan, struct err *err)
{
	const struct event **event = xcalloc(ex->n_landed + 1, sizeof *event);
	/* A file alone comes out of a step that stays, and goes back into it. */
	size_t n_events = pick_landed(ex, what->node, what->n, what->redo && !what->only, event);
	const struct land_query query = { .landed = event,
		                          .n_landed = n_events,
		                          .redo = what->redo,
		                          .only = what->only,
		                          .merge = what->how != ROLLBACK_KEEP,
		                          .answer = what->how == ROLLBACK_FORCE ? LAND_PUT_BACK : LAND_KEEP };
	int rc = land_preview(&ex->lander, &query, plan, err);
	for (size_t i = 0; rc == 0 && !what->redo && i < ex->n_landed; i++)
		event[i] = ex->landed[i].event;
	if (rc == 0 && !what->redo)
		land_plan_add_folders(plan, event, ex->n_landed);
	free(event);
	return rc;
}

static int carry_plan_out(struct executor *ex, const struct rollback *what, const struct land_plan *plan, struct err *err)
{
	struct strings steps = { 0 };
	size_t n_conflicts = plan->n_conflicts;
	for (size_t i = 0; i < what->n && !what->only; i++)
		strings_add(&steps, ex->graph.node[what->node[i]].step->id);
	int rc = land_take_back(&ex->lander, ex->store, &steps, plan, what->redo, err);
	if (rc == 0 && n_conflicts)
		rc = err_set(err, ERR_CONFLICT, "%zu file%s changed since and %s left as they are", n_conflicts,
		             n_conflicts == 1 ? "" : "s", n_conflicts == 1 ? "was" : "were");
	strings_release(&steps);
	return rc;
}

int rollback_steps(struct executor *ex, const size_t *node, size_t n, bool redo, struct err *err)
{
	/* As 'belay undo' does when nobody is there to be asked; each merge is on record as a conflict. */
	const struct rollback what = { .node = node, .n = n, .redo = redo, .how = ROLLBACK_MERGE };
	struct land_plan plan = { 0 };
	int rc = make_plan(ex, &what, &plan, err);
	if (rc == 0)
		rc = carry_plan_out(ex, &what, &plan, err);
	land_plan_release(&plan);
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

static void say_done(struct executor *ex, const char *id, bool redo, int rc, const struct err *err)
{
	if (rc == 0) {
		engine_notice(ex, id, "ok", redo ? "put again" : "taken back", redo ? NULL : "U puts it again");
		return;
	}
	ex->rollback_incomplete = true;
	engine_notice(ex, id, err_category(err->code), err->msg, "your own edits are kept; look at the files named above");
}

/* ---- when something else changed since ---- */

static const char *fate_of(const struct land_item *item)
{
	bool goes = item->target.kind == IMAGE_ABSENT;
	switch (item->fate) {
	case LAND_RESTORE: return goes ? "goes again" : "is put back";
	case LAND_MERGE: return "changed since: merged with that change";
	case LAND_NOTHING: return "is so already";
	default: return "changed since: left as it is";
	}
}

/* Steps that landed later and are still in the tree, on the same paths or by a need. */
static void find_later(const struct executor *ex, const struct rollback *what, const struct land_plan *plan,
                       struct strings *out)
{
	size_t at = 0;
	for (size_t i = 0; i < ex->n_landed; i++)
		if (is_among(what->node, what->n, ex->landed[i].node))
			at = i + 1;
	for (; at < ex->n_landed; at++) {
		const struct landed_record *record = &ex->landed[at];
		const char *id = ex->graph.node[record->node].step->id;
		const char *path = NULL;
		for (size_t i = 0; i < plan->n_items && !path && !record->taken_back; i++)
			for (size_t j = 0; j < record->event->files.n_files && !path; j++)
				if (strcmp(record->event->files.file[j].path, plan->item[i].path) == 0)
					path = plan->item[i].path;
		if (path)
			strings_take(out, xasprintf("step '%s' changed %s after it", id, path));
		else if (!record->taken_back && !what->only &&
		         strings_find(&ex->graph.node[record->node].step->needs, ex->graph.node[what->node[0]].step->id) >= 0)
			strings_take(out, xasprintf("step '%s' builds on it", id));
	}
}

static struct event_list list_of(const struct strings *list)
{
	return (struct event_list){ (const char *const *)list->item, list->n_items };
}

/* True when it was asked: nothing is done until the next word. */
static bool ask_first(struct executor *ex, const struct rollback *what, const struct land_plan *plan)
{
	struct strings covered = { 0 };
	struct strings left = { 0 };
	struct strings later = { 0 };
	bool others = false;
	for (size_t i = 0; i < plan->n_items; i++) {
		const struct land_item *item = &plan->item[i];
		bool plain = item->fate == LAND_RESTORE || item->fate == LAND_NOTHING;
		bool put = plain || item->fate == LAND_MERGE;
		others = others || !plain;
		strings_take(put ? &covered : &left, xasprintf("%s %s", item->path, fate_of(item)));
	}
	if (!what->redo)
		find_later(ex, what, plan, &later);
	bool asks = others || later.n_items;
	if (asks) {
		struct event event = { .kind = EVENT_ROLLBACK_ASKED,
			               .step = ex->graph.node[what->node[0]].step->id,
			               .mode = what->redo ? "redo" : "undo",
			               .path = what->only,
			               .reach = list_of(&later),
			               .covered = list_of(&covered),
			               .not_covered = list_of(&left) };
		engine_tell(ex, &event);
	}
	strings_release(&covered);
	strings_release(&left);
	strings_release(&later);
	return asks;
}

static void carry_out(struct executor *ex, const struct rollback *what)
{
	struct err err = { 0 };
	struct land_plan plan = { 0 };
	const char *id = ex->graph.node[what->node[0]].step->id;
	int rc = make_plan(ex, what, &plan, &err);
	if (rc != 0 || what->how != ROLLBACK_ASK || !ask_first(ex, what, &plan)) {
		if (rc == 0)
			rc = carry_plan_out(ex, what, &plan, &err);
		say_done(ex, id, what->redo, rc, &err);
	}
	land_plan_release(&plan);
}

/* A file is put again into the step that it was taken out of, which stayed. */
static size_t pick_for_file(const struct executor *ex, const char *id, size_t *node)
{
	int one = engine_node_of(ex, id);
	const struct model_step *step = one >= 0 ? run_model_step(&ex->model, id) : NULL;
	if (!step || !step->landed || ex->state[one].stage == STAGE_CHECKING)
		return 0;
	node[0] = (size_t)one;
	return 1;
}

void rollback_command(struct executor *ex, const struct command *command)
{
	bool redo = command->kind == COMMAND_REDO;
	if (ex->busy_in_tree) {
		engine_notice(ex, command->step, "conflict", "a command is running in the tree", "try again when it is done");
		return;
	}
	size_t *node = xcalloc(ex->graph.n_nodes + 1, sizeof *node);
	size_t n = command->text ? pick_for_file(ex, command->step, node)
	           : redo        ? pick_undone(ex, command->step, node)
	                         : pick_step(ex, command->step, node);
	const struct rollback what = { .node = node, .n = n, .redo = redo, .only = command->text,
		                       .how = (enum rollback_how)command->number };
	if (n)
		carry_out(ex, &what);
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
