/* A run's beginning: the graph, the journal, what an earlier start left, and the declaration of the steps. */
#include "run/engine.h"

#include "base/clock.h"
#include "base/path.h"
#include "base/vec.h"
#include "base/xalloc.h"
#include "io/vcs.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

void opening_make_graph(struct executor *ex)
{
	const struct plan *plan = ex->options.plan;
	const struct dag *dag = ex->options.dag;
	ex->graph.node = xcalloc(plan->n_steps, sizeof *ex->graph.node);
	ex->graph.n_nodes = ex->graph.cap_nodes = plan->n_steps;
	ex->state = xcalloc(plan->n_steps, sizeof *ex->state);
	for (size_t i = 0; i < plan->n_steps; i++) {
		ex->state[i].dialogue = xcalloc(1, sizeof(struct dialogue));
		const struct dag_node *from = &dag->node[i];
		ex->graph.node[i] = (struct graph_node){
			.step = &plan->step[i],
			.need = xmemdup(from->need, from->n_needs * sizeof *from->need),
			.n_needs = from->n_needs,
			.after = xmemdup(from->after, from->n_after * sizeof *from->after),
			.n_after = from->n_after,
			.made_by = -1,
			.is_step = from->is_step,
			.is_each = from->is_step && plan->step[i].each.glob,
			.selected = from->is_step && (!ex->options.selected || ex->options.selected[i]),
		};
		if (from->is_step)
			map_put(&ex->node_by_id, plan->step[i].id, (void *)(uintptr_t)(i + 1));
	}
}

void opening_declare(struct executor *ex, const struct plan_step *step, const char *parent, const char *value,
                     struct event_batch *batch)
{
	struct buf title = { 0 };
	const struct plan *plan = ex->options.plan;
	plan_step_title(step, &title);
	struct event event = {
		.kind = EVENT_STEP_DECLARED,
		.step = step->id,
		.verb = verb_name(step->verb),
		.title = buf_str(&title),
		.parent = parent,
		.needs = { (const char *const *)step->needs.item, step->needs.n_items },
		.risk = risk_name(policy_static_risk(plan, step)),
		.value = value,
	};
	event_batch_add(batch, &event);
	buf_release(&title);
}

/* HEAD, and what is missing where there is none: work goes on without git. */
static void find_head(const struct executor *ex, struct buf *head, struct buf *missing)
{
	struct vcs *vcs;
	struct err err;
	if (ex->options.head) {
		buf_add_str(head, ex->options.head);
		return;
	}
	if (vcs_open(&vcs, ex->options.root, &err) != 0) {
		buf_add_str(missing, err.msg);
		return;
	}
	buf_add_str(head, vcs_head(vcs));
	if (vcs_state(vcs) == VCS_NONE)
		buf_add_str(missing, "there is no git repository here, so no safety commit will be made");
	else if (vcs_state(vcs) == VCS_UNREADABLE)
		buf_add_str(missing, vcs_why(vcs));
	vcs_free(vcs);
}

static void declare_run(struct executor *ex)
{
	const struct run_options *o = &ex->options;
	struct event_batch batch = { 0 };
	struct buf head = { 0 };
	struct buf missing = { 0 };
	find_head(ex, &head, &missing);
	struct event started = {
		.kind = EVENT_RUN_STARTED,
		.plan = o->plan->file,
		.plan_hash = o->plan->hash,
		.root = o->root,
		.head = buf_str(&head),
		.version = PACKAGE_VERSION,
		.mode = o->mode ? o->mode : "run",
		.from = o->from,
	};
	event_batch_add(&batch, &started);
	for (size_t i = 0; i < o->plan->n_steps; i++) {
		const struct plan_step *step = &o->plan->step[i];
		if (step->verb != VERB_GROUP)
			opening_declare(ex, step, step->parent >= 0 ? o->plan->step[step->parent].id : NULL, NULL, &batch);
	}
	for (size_t i = 0; i < o->n_cuts; i++) {
		struct event cut = {
			.kind = EVENT_EDGE_CUT,
			.from = o->plan->step[o->cut[i].from].id,
			.to = o->plan->step[o->cut[i].to].id,
		};
		event_batch_add(&batch, &cut);
	}
	engine_tell_all(ex, &batch);
	if (missing.len) {
		ex->safety_done = true;
		engine_notice(ex, NULL, "access", buf_str(&missing), "rollback works all the same: it does not depend on git");
	}
	event_batch_release(&batch);
	buf_release(&missing);
	buf_release(&head);
}

/*
 * What an earlier recovery had to leave alone is still there: a resume that was killed before it could say so, by its
 * exit status, must not make the next one silent.
 */
static void note_leftovers(struct executor *ex, const struct event *event)
{
	if (event->kind == EVENT_RUN_FINISHED)
		ex->rollback_incomplete = false;
	else if (event->kind == EVENT_CONFLICT && !event->step)
		ex->rollback_incomplete = true;
}

static int read_lines(struct executor *ex, struct journal_reader *reader, struct event_batch *batch, struct err *err)
{
	struct event_line line;
	int rc;
	while ((rc = journal_reader_next(reader, &line, err)) == 1) {
		rc = run_model_apply(&ex->model, &line.event, err);
		if (rc == 0 && line.event.kind == EVENT_STEP_DECLARED)
			rc = each_restore(ex, &line.event, err);
		if (rc == 0)
			rc = grow_restore(ex, &line.event, err);
		if (rc == 0) {
			rollback_note(ex, &line.event);
			control_note(ex, &line.event);
			note_leftovers(ex, &line.event);
			event_batch_add(batch, &line.event);
		}
		event_line_release(&line);
		if (rc != 0)
			return -1;
	}
	return rc;
}

/* Folds the journal of the run's earlier starts; the front end gets it, too, and learns where it ends. */
static int read_journal(struct executor *ex, const char *file, struct err *err)
{
	struct journal_reader *reader;
	struct event_batch batch = { 0 };
	if (journal_reader_open(&reader, file, err) != 0)
		return -1;
	int rc = read_lines(ex, reader, &batch, err);
	journal_reader_close(reader);
	live_feed_set_resumed(ex->feed, ex->model.seq);
	for (size_t i = 0; i < batch.n_events; i++) {
		live_feed_give(ex->feed, batch.event[i]);
		batch.event[i] = NULL;
	}
	event_batch_release(&batch);
	if (rc == 0 && !ex->model.run)
		return err_set(err, ERR_CORRUPT, "the journal '%s' is empty: there is nothing to resume", file);
	return rc;
}

/*
 * What is not done is tried again: after a stop, a crash, a failure, a no, or when it was taken back. What landed
 * without its checks is checked.
 */
static void reopen_steps(struct executor *ex)
{
	struct event resumed = { .kind = EVENT_RUN_RESUMED, .at = (int64_t)ex->model.seq };
	engine_tell(ex, &resumed);
	for (size_t i = 0; i < ex->graph.n_nodes; i++) {
		const struct graph_node *node = &ex->graph.node[i];
		const struct model_step *step = node->is_step ? run_model_step(&ex->model, node->step->id) : NULL;
		if (!step || step->state == STEP_DONE || step->state == STEP_PENDING)
			continue;
		if (step->state == STEP_LANDED && step->landed) {
			flow_resume_checks(ex, i);
			continue;
		}
		struct event ready = { .kind = EVENT_STEP_READY, .step = step->id, .reason = "resumed" };
		engine_tell(ex, &ready);
	}
}

static int open_journal(struct executor *ex, struct err *err)
{
	struct buf file = { 0 };
	path_join(&file, ex->options.run_dir, "journal.jsonl");
	int rc = ex->options.resume ? read_journal(ex, buf_str(&file), err) : 0;
	if (rc == 0)
		rc = journal_open(&ex->journal, buf_str(&file), err);
	buf_release(&file);
	return rc;
}

static int open_tree(struct executor *ex, struct err *err)
{
	if (mkdir(ex->spool_dir, 0700) != 0 && errno != EEXIST)
		return err_errno(err, errno, "cannot make folder '%s'", ex->spool_dir);
	if ((ex->options.dry_run ? preview_open(ex, err)
	                         : workspace_open(&ex->ws, ex->options.root, ex->limits.n_workers, err)) != 0 ||
	    store_open(&ex->store, ex->options.run_dir, err) != 0)
		return -1;
	ex->lander.root = &ex->ws.root;
	ex->lander.store = ex->store;
	ex->sandbox = proc_best_sandbox();
	return 0;
}

static int recover(struct executor *ex, struct err *err)
{
	size_t n_conflicts = 0;
	if (land_recover(&ex->lander, ex->options.run_dir, &n_conflicts, err) != 0)
		return -1;
	ex->rollback_incomplete = ex->rollback_incomplete || n_conflicts > 0;
	budget_count(&ex->budget, ex->model.tokens_in + ex->model.tokens_out, ex->model.usd);
	reopen_steps(ex);
	return 0;
}

/* The journal comes first, and the plan with it, so that there is something to see; the rest is slower. */
void opening_run(struct executor *ex)
{
	struct err err = { 0 };
	int64_t seconds = ex->options.plan->limits.seconds;
	int rc = open_journal(ex, &err);
	if (rc == 0 && !ex->options.resume)
		declare_run(ex);
	if (rc == 0)
		rc = open_tree(ex, &err);
	if (rc == 0 && ex->options.resume)
		rc = recover(ex, &err);
	ex->deadline_ms = seconds > 0 ? clock_mono_ms() + seconds * 1000 : 0;
	if (rc != 0)
		engine_fail(ex, &err);
}
