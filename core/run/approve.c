/* What is risky, what of it undo covers, and who is asked. */
#include "run/engine.h"

#include "base/path.h"
#include "base/xalloc.h"
#include "edit/textdiff.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The facts of a command, before it runs. */
static void command_facts(const struct executor *ex, const struct plan_step *step, struct risk_facts *facts)
{
	facts->runs_command = true;
	facts->sandboxed = ex->sandbox != PROC_SANDBOX_NONE;
	facts->network = step->network;
}

static void change_facts(const struct step_job *job, struct strings *paths, struct risk_facts *facts)
{
	for (size_t i = 0; i < job->set.n_changes; i++) {
		const struct change *change = &job->set.change[i];
		long added;
		long removed;
		change_count_lines(change, &added, &removed);
		facts->n_lines += added > 0 ? (size_t)added : 0;
		facts->n_lines += removed > 0 ? (size_t)removed : 0;
		if (path_asks_always(change->path) && !facts->asks_always)
			facts->asks_always = change->path;
		strings_add(paths, change->path);
	}
	facts->n_files = job->set.n_changes;
	facts->deletes = job->step->verb == VERB_DELETE;
	facts->replaces_from_model = job->replaces_from_model;
}

static void describe_what(const struct plan_step *step, const struct strings *paths, struct buf *out)
{
	if (step->verb == VERB_ASK) {
		buf_add_str(out, step->question ? step->question : "");
		return;
	}
	if (step->verb == VERB_RUN && step->command.shell) {
		buf_add_str(out, step->command.argv.item[step->command.argv.n_items - 1]);
		return;
	}
	if (step->verb == VERB_RUN) {
		const char **argv = xcalloc(step->command.argv.n_items + 1, sizeof *argv);
		for (size_t i = 0; i < step->command.argv.n_items; i++)
			argv[i] = step->command.argv.item[i];
		proc_quote(out, argv);
		free(argv);
		return;
	}
	buf_add_str(out, verb_name(step->verb));
	for (size_t i = 0; i < paths->n_items && i < 20; i++)
		buf_printf(out, " %s", paths->item[i]);
	if (paths->n_items > 20)
		buf_printf(out, " and %zu more", paths->n_items - 20);
}

/* What undo brings back of it, and what it cannot: computed from what the step is about to do. */
static void describe_coverage(const struct executor *ex, const struct plan_step *step, const struct strings *paths,
                              struct strings *covered, struct strings *not_covered)
{
	char text[120];
	if (paths->n_items) {
		snprintf(text, sizeof text, "%zu file%s, with their bytes and modes", paths->n_items,
		         paths->n_items == 1 ? "" : "s");
		strings_add(covered, text);
	}
	if (!step_ops(step->verb) || !step_ops(step->verb)->runs_command)
		return;
	strings_add(covered, "tracked and untracked files of the work tree that the command changes");
	strings_add(not_covered, "ignored files that the command changes");
	if (ex->sandbox == PROC_SANDBOX_NONE)
		strings_add(not_covered, "files outside the repository: no sandbox is available here");
	if (step->network || ex->sandbox == PROC_SANDBOX_NONE)
		strings_add(not_covered, "what the command does over the network");
}

struct question {
	enum risk risk;
	struct buf why;
	struct strings paths;
};

/* Records the request. When nobody can answer it, it is the last thing that the run says: exit 7. */
static void ask(struct executor *ex, size_t node, const struct question *question)
{
	struct engine_node *state = &ex->state[node];
	const struct plan_step *step = ex->graph.node[node].step;
	struct buf what = { 0 };
	struct buf word = { 0 };
	struct strings covered = { 0 };
	struct strings not_covered = { 0 };
	describe_what(step, &question->paths, &what);
	describe_coverage(ex, step, &question->paths, &covered, &not_covered);
	if (question->risk == RISK_HIGH)
		policy_word(step, &question->paths, &word);
	snprintf(state->request, sizeof state->request, "%s-%u", ex->options.run_id, ++ex->n_requests);
	struct event event = {
		.kind = EVENT_APPROVAL_ASKED,
		.step = step->id,
		.attempt = state->attempt,
		.risk = risk_name(question->risk),
		.what = buf_str(&what),
		.why = buf_str(&question->why),
		.word = word.len ? buf_str(&word) : NULL,
		.covered = { (const char *const *)covered.item, covered.n_items },
		.not_covered = { (const char *const *)not_covered.item, not_covered.n_items },
		.request = state->request,
	};
	engine_tell(ex, &event);
	if (!ex->options.can_ask)
		ex->nobody_answers = true;
	buf_release(&what);
	buf_release(&word);
	strings_release(&covered);
	strings_release(&not_covered);
}

/* What policy denies is not asked: the step fails. */
static bool deny(struct executor *ex, size_t node, const struct question *question)
{
	struct event event = {
		.kind = EVENT_STEP_FAILED,
		.step = ex->graph.node[node].step->id,
		.attempt = ex->state[node].attempt,
		.category = "access",
		.message = question->why.len ? buf_str(&question->why) : "a rule of the plan's policy denies it",
		.hint = "change 'policy.rules' in the plan if this is wanted",
	};
	engine_tell(ex, &event);
	ex->state[node].stage = STAGE_OVER;
	return false;
}

static bool decide(struct executor *ex, size_t node, const struct risk_facts *facts, struct question *question)
{
	enum verdict verdict = VERDICT_ALLOW;
	const struct plan *plan = ex->options.plan;
	const struct plan_step *step = ex->graph.node[node].step;
	question->risk = policy_risk(plan, step, facts, &question->paths, &verdict, &question->why);
	bool wait = false;
	if (verdict == VERDICT_DENY)
		deny(ex, node, question);
	else if (policy_needs_approval(plan, step, question->risk, verdict, ex->options.yes)) {
		ask(ex, node, question);
		wait = true;
	}
	buf_release(&question->why);
	strings_release(&question->paths);
	return wait;
}

bool approve_before(struct executor *ex, size_t node)
{
	const struct plan_step *step = ex->graph.node[node].step;
	struct risk_facts facts = { 0 };
	struct question question = { 0 };
	bool runs = step_ops(step->verb)->runs_command;
	if (ex->state[node].approved || (!runs && step->verb != VERB_ASK))
		return false;
	if (runs)
		command_facts(ex, step, &facts);
	return decide(ex, node, &facts, &question);
}

bool approve_change(struct executor *ex, size_t node)
{
	const struct plan_step *step = ex->graph.node[node].step;
	struct risk_facts facts = { 0 };
	struct question question = { 0 };
	if (ex->state[node].approved)
		return false;
	change_facts(ex->state[node].job, &question.paths, &facts);
	if (step->checks.n_items)
		command_facts(ex, step, &facts);
	return decide(ex, node, &facts, &question);
}
