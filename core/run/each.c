/* `each` over files: its members are made when what it needs is done, declared by events, and made again on a resume. */
#include "run/engine.h"

#include "base/clock.h"
#include "base/vec.h"
#include "base/xalloc.h"
#include "plan/dag.h"
#include "plan/each.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add_index(size_t **list, size_t *n, size_t *cap, size_t value)
{
	*list = vec_room(*list, *n, cap, sizeof **list);
	(*list)[(*n)++] = value;
}

/* A member comes after what its `each` comes after, and after those before it that may write the same files. */
static void find_overlaps(const struct executor *ex, struct graph_node *member, size_t each)
{
	const struct graph_node *from = &ex->graph.node[each];
	size_t cap = 0;
	for (size_t i = 0; i < from->n_after; i++)
		add_index(&member->after, &member->n_after, &cap, from->after[i]);
	for (size_t i = ex->options.plan->n_steps; i < ex->graph.n_nodes; i++)
		if (ex->graph.node[i].made_by == (int)each && steps_may_overlap(ex->graph.node[i].step, member->step))
			add_index(&member->after, &member->n_after, &cap, i);
}

static void add_node(struct executor *ex, size_t each, const struct plan_step *step)
{
	const struct graph_node *from = &ex->graph.node[each];
	struct graph_node member = {
		.step = step,
		.need = xmemdup(from->need, from->n_needs * sizeof *from->need),
		.n_needs = from->n_needs,
		.made_by = (int)each,
		.is_step = true,
		.selected = from->selected,
	};
	find_overlaps(ex, &member, each);
	engine_add_node(ex, &member);
}

void engine_add_node(struct executor *ex, const struct graph_node *node)
{
	size_t cap_states = ex->graph.cap_nodes;
	ex->graph.node = vec_room(ex->graph.node, ex->graph.n_nodes, &ex->graph.cap_nodes, sizeof *ex->graph.node);
	ex->state = vec_room(ex->state, ex->graph.n_nodes, &cap_states, sizeof *ex->state);
	ex->state[ex->graph.n_nodes] = (struct engine_node){ .dialogue = xcalloc(1, sizeof(struct dialogue)) };
	ex->graph.node[ex->graph.n_nodes++] = *node;
	map_put(&ex->node_by_id, node->step->id, (void *)(uintptr_t)ex->graph.n_nodes);
}

/* The step for one value, owned by the executor. */
static const struct plan_step *make_member(struct executor *ex, size_t each, size_t number, const char *value,
                                           struct err *err)
{
	struct plan_step *step = xcalloc(1, sizeof *step);
	if (plan_each_make(step, ex->graph.node[each].step, number, value, err) != 0) {
		free(step);
		return NULL;
	}
	ex->made = vec_room(ex->made, ex->n_made, &ex->cap_made, sizeof *ex->made);
	ex->made[ex->n_made++] = step;
	return step;
}

void each_release(struct executor *ex)
{
	for (size_t i = 0; i < ex->n_made; i++) {
		plan_step_release(ex->made[i]);
		free(ex->made[i]);
	}
	free(ex->made);
}

static bool has_members(const struct executor *ex, size_t each)
{
	for (size_t i = ex->options.plan->n_steps; i < ex->graph.n_nodes; i++)
		if (ex->graph.node[i].made_by == (int)each)
			return true;
	return false;
}

static int make_members(struct executor *ex, size_t each, const struct strings *paths, struct err *err)
{
	struct event_batch batch = { 0 };
	const char *id = ex->graph.node[each].step->id;
	int rc = 0;
	if (paths->n_items > PLAN_MAX_EACH)
		return err_set(err, ERR_LIMIT, "'%s' names %zu files; %d at most become steps", id, paths->n_items,
		               PLAN_MAX_EACH);
	for (size_t i = 0; rc == 0 && i < paths->n_items; i++) {
		const struct plan_step *step = make_member(ex, each, i + 1, paths->item[i], err);
		if (!step) {
			rc = -1;
			break;
		}
		add_node(ex, each, step);
		opening_declare(ex, step, id, paths->item[i], &batch);
	}
	engine_tell_all(ex, &batch);
	event_batch_release(&batch);
	return rc;
}

int each_expand(struct executor *ex, size_t node, struct err *err)
{
	struct strings pattern = { 0 };
	struct strings paths = { 0 };
	if (has_members(ex, node))
		return 0; /* an earlier start of the run made them: their numbers stay */
	strings_add(&pattern, ex->graph.node[node].step->each.glob);
	int rc = workspace_expand(&ex->ws, &pattern, true, &paths, err);
	if (rc == 0)
		rc = make_members(ex, node, &paths, err);
	strings_release(&pattern);
	strings_release(&paths);
	return rc;
}

int each_restore(struct executor *ex, const struct event *declared, struct err *err)
{
	const char *bracket = declared->value && declared->value[0] ? strrchr(declared->step, '[') : NULL;
	int each = bracket ? engine_node_of(ex, declared->parent) : -1;
	if (each < 0 || engine_node_of(ex, declared->step) >= 0)
		return 0;
	const struct plan_step *step =
		make_member(ex, (size_t)each, strtoul(bracket + 1, NULL, 10), declared->value, err);
	if (!step)
		return -1;
	add_node(ex, (size_t)each, step);
	return 0;
}

struct tally {
	size_t n, n_failed, n_open;
	const struct model_step *first; /* that failed */
};

static struct tally count_members(const struct executor *ex, size_t each)
{
	struct tally tally = { 0 };
	for (size_t i = ex->options.plan->n_steps; i < ex->graph.n_nodes; i++) {
		if (ex->graph.node[i].made_by != (int)each)
			continue;
		const struct model_step *member = run_model_step(&ex->model, ex->graph.node[i].step->id);
		bool failed = member->state == STEP_FAILED;
		tally.n++;
		tally.n_failed += failed;
		tally.n_open += !failed && member->state != STEP_DONE && member->state != STEP_SKIPPED;
		if (failed && !tally.first)
			tally.first = member;
	}
	return tally;
}

void each_close(struct executor *ex, size_t node)
{
	char text[80];
	struct tally tally = count_members(ex, node);
	struct event event = { .step = ex->graph.node[node].step->id, .attempt = ex->state[node].attempt };
	if (tally.first) {
		snprintf(text, sizeof text, "%zu of %zu steps failed", tally.n_failed, tally.n);
		event.kind = EVENT_STEP_FAILED;
		event.category = tally.first->category;
		event.message = text;
	} else if (tally.n_open) {
		snprintf(text, sizeof text, "%zu of %zu steps were not done", tally.n_open, tally.n);
		event.kind = EVENT_STEP_SKIPPED;
		event.reason = text;
	} else {
		event.kind = EVENT_STEP_DONE;
		event.ms = clock_mono_ms() - ex->state[node].started_ms;
	}
	engine_tell(ex, &event);
	ex->state[node].stage = STAGE_OVER;
}
