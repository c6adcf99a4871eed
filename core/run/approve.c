/* What is risky, what of it undo covers, and who is asked. */
#include "run/engine.h"

#include "base/path.h"
#include "base/xalloc.h"
#include "edit/textdiff.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define LISTED_MAX 20

struct question {
	enum risk risk;
	enum verdict verdict;
	struct buf why;
	struct strings paths;
};

static void question_release(struct question *question)
{
	buf_release(&question->why);
	strings_release(&question->paths);
}

/* The checks that the step runs: its own after landing, or those that it is made of. */
static const struct strings *checks_of(const struct plan_step *step)
{
	return step->verb == VERB_VALIDATE ? &step->target : &step->checks;
}

static void judge(const struct executor *ex, const struct plan_step *step, const struct risk_facts *facts,
                  struct question *question)
{
	enum verdict verdict = VERDICT_ALLOW;
	enum risk risk = policy_risk(ex->options.plan, step, facts, &question->paths, &verdict, &question->why);
	if (risk > question->risk)
		question->risk = risk;
	if (verdict > question->verdict)
		question->verdict = verdict;
}

/* The plan's rules on commands hold for those of checks as well. */
static void judge_checks(const struct executor *ex, const struct plan_step *step, const struct risk_facts *facts,
                         struct question *question)
{
	const struct strings *names = checks_of(step);
	for (size_t i = 0; i < names->n_items; i++) {
		const struct plan_check *check = plan_find_check_of(ex->options.plan, step, names->item[i]);
		if (!check)
			continue;
		struct buf why = { 0 };
		struct question own = { .why = why };
		struct plan_step as_run = { .id = step->id, .verb = VERB_RUN, .command = check->run, .mode = -1, .parent = -1 };
		judge(ex, &as_run, facts, &own);
		if (own.risk > question->risk || own.verdict > question->verdict) {
			buf_printf(&question->why, "%s%s: %s", question->why.len ? "; " : "", check->name, buf_str(&own.why));
			question->risk = own.risk > question->risk ? own.risk : question->risk;
			question->verdict = own.verdict > question->verdict ? own.verdict : question->verdict;
		}
		question_release(&own);
	}
}

/* The facts of a command, before it runs. */
static void command_facts(const struct executor *ex, size_t node, struct risk_facts *facts)
{
	facts->runs_command = true;
	facts->sandboxed = ex->sandbox != PROC_SANDBOX_NONE;
	facts->reaches_git = coverage_lacks_git(ex, node);
	facts->network = ex->graph.node[node].step->network;
	facts->n_uncovered = ex->state[node].uncovered.n_items;
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
	facts->guesses_place = job->guesses_place;
}

/* A file with several names is replaced under one of them, and the others go on with the old bytes: only with a yes. */
static void judge_links(const struct executor *ex, const struct changeset *set, struct question *question)
{
	for (size_t i = 0; i < set->n_changes; i++) {
		struct stat st;
		struct err err;
		const struct change *change = &set->change[i];
		if (change->before.kind != IMAGE_FILE || change->after.kind != IMAGE_FILE ||
		    file_stat(&ex->ws.root, change->path, &st, &err) != 0 || st.st_nlink < 2)
			continue;
		buf_printf(&question->why, "%s'%s' has %ju hard links, and the others keep the old bytes",
		           question->why.len ? "; " : "", change->path, (uintmax_t)st.st_nlink);
		question->risk = question->risk > RISK_MEDIUM ? question->risk : RISK_MEDIUM;
		question->verdict = question->verdict > VERDICT_ASK ? question->verdict : VERDICT_ASK;
	}
}

/* ---- what the question says ---- */

static void describe_command(const struct plan_command *command, struct buf *out)
{
	if (command->shell && command->argv.n_items) {
		buf_add_str(out, command->argv.item[command->argv.n_items - 1]);
		return;
	}
	const char **argv = xcalloc(command->argv.n_items + 1, sizeof *argv);
	for (size_t i = 0; i < command->argv.n_items; i++)
		argv[i] = command->argv.item[i];
	proc_quote(out, argv);
	free(argv);
}

static void describe_checks(const struct executor *ex, const struct plan_step *step, struct buf *out)
{
	const struct strings *names = checks_of(step);
	for (size_t i = 0; i < names->n_items; i++) {
		const struct plan_check *check = plan_find_check_of(ex->options.plan, step, names->item[i]);
		if (!check)
			continue;
		buf_add_str(out, i ? "; " : "");
		describe_command(&check->run, out);
	}
}

static void describe_what(const struct executor *ex, const struct plan_step *step, const struct strings *paths,
                          struct buf *out)
{
	if (step->verb == VERB_ASK) {
		buf_add_str(out, step->question ? step->question : "");
	} else if (step->verb == VERB_RUN) {
		describe_command(&step->command, out);
	} else if (step->verb == VERB_VALIDATE) {
		describe_checks(ex, step, out);
	} else if (step->verb == VERB_TEST && !paths->n_items) {
		buf_add_str(out, "in a copy of the tree, run: ");
		if (step->command.argv.n_items)
			describe_command(&step->command, out);
		else
			buf_add_str(out, "the repository's own tests");
	} else {
		buf_add_str(out, verb_name(step->verb));
		for (size_t i = 0; i < paths->n_items && i < LISTED_MAX; i++)
			buf_printf(out, " %s", paths->item[i]);
		if (paths->n_items > LISTED_MAX)
			buf_printf(out, " and %zu more", paths->n_items - LISTED_MAX);
		if (step->checks.n_items) {
			buf_add_str(out, ", once this accepts it in a copy of the tree: ");
			describe_checks(ex, step, out);
		}
	}
}

/* What a command gets to see: names that pass, and what the plan sets. */
static void describe_env(const struct plan_step *step, struct strings *env)
{
	proc_env_names(env);
	for (size_t i = 0; i < step->env.n_pairs; i++)
		strings_take(env, xasprintf("%s=%s", step->env.pair[i].name, step->env.pair[i].value));
}

/* What a command can touch, whatever it says that it does. */
static void describe_reach(const struct executor *ex, size_t node, struct strings *reach)
{
	const struct plan_step *step = ex->graph.node[node].step;
	bool sandboxed = ex->sandbox != PROC_SANDBOX_NONE;
	strings_add(reach, !sandboxed              ? "writes: all that you may write"
	                   : coverage_lacks_git(ex, node) ? "writes: the work tree, and its .git"
	                                           : "writes: the work tree, not its .git");
	strings_add(reach, step->network ? "network: yes, the plan asks for it" : sandboxed ? "network: none" : "network: yes");
	strings_take(reach, xasprintf("sandbox: %s", sandboxed ? proc_sandbox_name(ex->sandbox) : "NONE is available here"));
}

/* ---- who answers it ---- */

static void make_request(struct executor *ex, size_t node)
{
	/* The number of an event is unique over all starts of the run. */
	snprintf(ex->state[node].request, sizeof ex->state[node].request, "%.24s-%llu", ex->options.run_id,
	         (unsigned long long)journal_next_seq(ex->journal));
}

/*
 * Records the request. When nobody can answer, it is kept, and becomes the last thing that the run says once nothing
 * runs any more: exit 7.
 */
static void ask(struct executor *ex, size_t node, const struct question *question)
{
	struct engine_node *state = &ex->state[node];
	const struct plan_step *step = ex->graph.node[node].step;
	struct buf what = { 0 };
	struct buf word = { 0 };
	struct strings env = { 0 };
	struct strings reach = { 0 };
	struct strings covered = { 0 };
	struct strings not_covered = { 0 };
	bool command = step_runs_command(step) || step->checks.n_items;
	if (command) {
		describe_env(step, &env);
		describe_reach(ex, node, &reach);
	}
	describe_what(ex, step, &question->paths, &what);
	coverage_before(ex, node, question->paths.n_items, &covered, &not_covered);
	if (question->risk == RISK_HIGH)
		policy_word(step, &question->paths, &word);
	make_request(ex, node);
	struct event event = {
		.kind = EVENT_APPROVAL_ASKED,
		.step = step->id,
		.attempt = state->attempt,
		.risk = risk_name(question->risk),
		.what = buf_str(&what),
		.why = buf_str(&question->why),
		.word = word.len ? buf_str(&word) : NULL,
		.cwd = command ? (step->cwd ? step->cwd : "") : NULL,
		.env = { (const char *const *)env.item, env.n_items },
		.reach = { (const char *const *)reach.item, reach.n_items },
		.covered = { (const char *const *)covered.item, covered.n_items },
		.not_covered = { (const char *const *)not_covered.item, not_covered.n_items },
		.request = state->request,
	};
	free(state->question);
	state->question = event_clone(&event);
	state->told = ex->options.can_ask;
	if (state->told)
		engine_tell(ex, &event);
	else
		ex->nobody_answers = true;
	buf_release(&what);
	buf_release(&word);
	strings_release(&env);
	strings_release(&reach);
	strings_release(&covered);
	strings_release(&not_covered);
}

void approve_nobody(struct executor *ex)
{
	ex->options.can_ask = false;
	for (size_t i = 0; i < ex->graph.n_nodes; i++)
		ex->nobody_answers = ex->nobody_answers || ex->state[i].question;
}

/* What --yes answers is on record, too, with what undo covers of it: nobody was asked, but somebody may want to know. */
static void approve_by_flag(struct executor *ex, size_t node, const struct question *question)
{
	char reason[80];
	struct strings covered = { 0 };
	struct strings not_covered = { 0 };
	coverage_before(ex, node, question->paths.n_items, &covered, &not_covered);
	snprintf(reason, sizeof reason, "--yes=%s covers risk %s", risk_name(ex->options.yes), risk_name(question->risk));
	make_request(ex, node);
	struct event event = {
		.kind = EVENT_APPROVAL_GIVEN,
		.step = ex->graph.node[node].step->id,
		.attempt = ex->state[node].attempt,
		.request = ex->state[node].request,
		.by = "flag",
		.reason = reason,
		.covered = { (const char *const *)covered.item, covered.n_items },
		.not_covered = { (const char *const *)not_covered.item, not_covered.n_items },
	};
	engine_tell(ex, &event);
	strings_release(&covered);
	strings_release(&not_covered);
	ex->state[node].request[0] = '\0';
}

/* What policy denies is not asked: the step fails. */
static void deny(struct executor *ex, size_t node, const struct question *question)
{
	struct err why = { 0 };
	err_set(&why, ERR_ACCESS, "the plan's policy denies it%s%s", question->why.len ? ": " : "", buf_str(&question->why));
	err_hint(&why, "change 'policy.rules' in the plan if this is wanted");
	flow_fail(ex, node, &why);
}

static enum approval decide(struct executor *ex, size_t node, const struct question *question)
{
	const struct plan *plan = ex->options.plan;
	const struct plan_step *step = ex->graph.node[node].step;
	if (question->verdict == VERDICT_DENY) {
		deny(ex, node, question);
		return APPROVAL_DENIED;
	}
	if (question->risk >= RISK_MEDIUM)
		guard_safety_commit(ex);
	if (ex->options.dry_run)
		return APPROVAL_GIVEN; /* nothing lands; commands that need a yes have been left out */
	if (policy_needs_approval(plan, step, question->risk, question->verdict, ex->options.yes)) {
		ask(ex, node, question);
		return APPROVAL_WAITS;
	}
	if (policy_needs_approval(plan, step, question->risk, question->verdict, RISK_NONE))
		approve_by_flag(ex, node, question);
	return APPROVAL_GIVEN;
}

/* What policy denies is for the step itself to fail with. */
bool approve_covers(struct executor *ex, size_t node, enum risk *risk)
{
	const struct plan_step *step = ex->graph.node[node].step;
	struct risk_facts facts = { 0 };
	struct question question = { 0 };
	command_facts(ex, node, &facts);
	if (step_runs_command(step) || step_ops(step->verb)->runs_aside)
		judge(ex, step, &facts, &question);
	judge_checks(ex, step, &facts, &question);
	bool covers = question.verdict == VERDICT_DENY ||
	              !policy_needs_approval(ex->options.plan, step, question.risk, question.verdict, ex->options.yes);
	*risk = question.risk;
	question_release(&question);
	return covers;
}

enum approval approve_before(struct executor *ex, size_t node)
{
	const struct plan_step *step = ex->graph.node[node].step;
	struct risk_facts facts = { 0 };
	struct question question = { 0 };
	if (ex->state[node].approved)
		return APPROVAL_GIVEN;
	if (step_runs_command(step) || step_ops(step->verb)->runs_aside)
		command_facts(ex, node, &facts);
	judge(ex, step, &facts, &question);
	if (step_runs_command(step))
		judge_checks(ex, step, &facts, &question);
	enum approval approval = decide(ex, node, &question);
	question_release(&question);
	return approval;
}

enum approval approve_change(struct executor *ex, size_t node)
{
	const struct plan_step *step = ex->graph.node[node].step;
	struct risk_facts facts = { 0 };
	struct question question = { 0 };
	change_facts(ex->state[node].job, &question.paths, &facts);
	if (step->checks.n_items)
		command_facts(ex, node, &facts);
	judge(ex, step, &facts, &question);
	judge_checks(ex, step, &facts, &question);
	judge_links(ex, &ex->state[node].job->set, &question);
	enum approval approval = decide(ex, node, &question);
	question_release(&question);
	return approval;
}
