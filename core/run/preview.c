/* A dry run: a copy of the tree stands for the tree, what a step proposes is put into it, and what cannot be seen is told. */
#include "run/engine.h"


#include <stdio.h>

int preview_open(struct executor *ex, struct err *err)
{
	struct root root;
	if (root_open(&root, ex->options.root, err) != 0)
		return -1;
	int rc = shadow_make(&ex->preview, &root, ex->spool_dir, ex->limits.n_workers, NULL, err);
	if (rc == 0)
		rc = workspace_open(&ex->ws, ex->preview.root.path, ex->limits.n_workers, err);
	if (rc == 0)
		workspace_set_origin(&ex->ws, ex->options.root);
	root_close(&root);
	return rc;
}

void preview_close(struct executor *ex)
{
	shadow_remove(&ex->preview);
}

/* ---- what cannot be seen ---- */

/* The step among those that it needs which cannot be seen; of an `each`, of one of its members. */
static const char *blind_need(const struct executor *ex, size_t node)
{
	const struct graph_node *from = &ex->graph.node[node];
	for (size_t i = 0; i < from->n_needs; i++) {
		size_t need = from->need[i];
		if (ex->state[need].blind)
			return ex->graph.node[need].step->id;
		for (size_t k = 0; ex->graph.node[need].is_each && k < ex->graph.n_nodes; k++)
			if (ex->graph.node[k].made_by == (int)need && ex->state[k].blind)
				return ex->graph.node[k].step->id;
	}
	return NULL;
}

static bool runs_commands(const struct plan_step *step)
{
	return step_runs_command(step) || (step_ops(step->verb) && step_ops(step->verb)->runs_aside);
}

static void why_blind(struct executor *ex, size_t node, struct buf *out)
{
	enum risk risk;
	const struct plan_step *step = ex->graph.node[node].step;
	const char *need = blind_need(ex, node);
	if (need)
		buf_printf(out, "it needs '%.100s', which cannot be seen", need);
	else if (step->verb == VERB_RUN)
		buf_add_str(out, "what a command changes is known when it has run");
	else if (runs_commands(step) && !ex->graph.node[node].is_each && !approve_covers(ex, node, &risk))
		buf_printf(out, "its commands need a yes: --yes=%s lets them run in a copy", risk_name(risk));
}

bool preview_skips(struct executor *ex, size_t node)
{
	struct buf why = { 0 };
	struct buf reason = { 0 };
	why_blind(ex, node, &why);
	if (why.len) {
		buf_printf(&reason, "not previewable: %s", buf_str(&why));
		struct event event = {
			.kind = EVENT_STEP_SKIPPED, .step = ex->graph.node[node].step->id, .reason = buf_str(&reason),
		};
		engine_tell(ex, &event);
		ex->state[node].stage = STAGE_OVER;
		ex->state[node].blind = ex->graph.node[node].step->verb != VERB_VALIDATE; /* which changes nothing */
	}
	bool skips = why.len > 0;
	buf_release(&reason);
	buf_release(&why);
	return skips;
}

bool preview_may_try(struct executor *ex, size_t node)
{
	enum risk risk;
	char text[120];
	if (approve_covers(ex, node, &risk))
		return true;
	snprintf(text, sizeof text, "not previewable: its checks need a yes; --yes=%s runs them in a copy", risk_name(risk));
	engine_notice(ex, ex->graph.node[node].step->id, "ok", text, NULL);
	return false;
}

/* ---- what can ---- */

int preview_keep(struct executor *ex, size_t node, struct err *err)
{
	const struct plan_step *step = ex->graph.node[node].step;
	const struct changeset *set = &ex->state[node].job->set;
	if (store_sync(ex->store, journal_next_seq(ex->journal), step->id, set, err) != 0)
		return -1;
	return shadow_put(&ex->preview, set, true, err);
}
