/* The tree of steps, of a plan or of a run. */
#include "event/run_model.h"
#include "io/journal_read.h"
#include "plan/policy.h"
#include "tui/json_lines.h"
#include "tui/verb_context.h"
#include "tui/verb_tree.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- a plan ---- */

static void put_step(const struct plan *plan, const struct plan_step *step)
{
	struct buf line = { 0 };
	verb_tree_step(&line, plan, step);
	verb_print("%s", buf_str(&line));
	buf_release(&line);
}

static void put_step_object(struct json_lines *lines, const struct plan *plan, const struct plan_step *step)
{
	struct buf title = { 0 };
	plan_step_title(step, &title);
	json_lines_begin(lines, "step");
	json_key(&lines->w, "step");
	json_put_cstr(&lines->w, step->id);
	json_key(&lines->w, "verb");
	json_put_cstr(&lines->w, verb_name(step->verb));
	json_key(&lines->w, "title");
	json_put_cstr(&lines->w, buf_str(&title));
	if (step->parent >= 0) {
		json_key(&lines->w, "parent");
		json_put_cstr(&lines->w, plan->step[step->parent].id);
	}
	json_key(&lines->w, "needs");
	json_begin_array(&lines->w);
	for (size_t i = 0; i < step->needs.n_items; i++)
		json_put_cstr(&lines->w, step->needs.item[i]);
	json_end_array(&lines->w);
	json_key(&lines->w, "risk");
	json_put_cstr(&lines->w, risk_name(policy_static_risk(plan, step)));
	json_lines_end(lines);
	buf_release(&title);
}

static int show_plan(const struct cli *cli, const char *root)
{
	struct json_lines lines = { 0 };
	struct verb_plan plan;
	bool json = cli_has(cli, CLI_JSON);
	int code = verb_plan_open(&plan, cli, root, cli->arg[0]) == 0 ? EXIT_DONE : EXIT_USAGE;
	verb_say_diags(&plan.diags);
	for (size_t i = 0; code == EXIT_DONE && i < plan.plan->n_steps; i++) {
		if (json)
			put_step_object(&lines, plan.plan, &plan.plan->step[i]);
		else
			put_step(plan.plan, &plan.plan->step[i]);
	}
	for (size_t i = 0; code == EXIT_DONE && i < plan.n_cuts; i++)
		verb_say("cut: '%s' does not wait for '%s'", plan.plan->step[plan.cuts[i].from].id,
		         plan.plan->step[plan.cuts[i].to].id);
	if (json)
		json_lines_result(&lines, code);
	verb_plan_release(&plan);
	return code;
}

/* ---- a run ---- */

static int fold(void *arg, const struct event *event, struct err *err)
{
	return run_model_apply(arg, event, err);
}

static void put_run_step(const struct model_step *step)
{
	verb_print("%-10s %s  %s", step_state_name(step->state), step->id, step->title);
	if (step->n_files)
		verb_print("  +%lld -%lld", (long long)step->added, (long long)step->removed);
	if (*step->message)
		verb_print("  %s: %s", step->category, step->message);
	verb_print("\n");
	for (size_t i = 0; i < step->n_files; i++)
		verb_print("  %s %s\n", event_change_name(step->file[i].change), step->file[i].path);
	for (size_t i = 0; i < step->n_checks; i++)
		verb_print("  check %s: exit %lld\n", step->check[i].name, (long long)step->check[i].exit_code);
}

static void put_run_object(struct json_lines *lines, const struct model_step *step)
{
	json_lines_begin(lines, "step");
	json_key(&lines->w, "step");
	json_put_cstr(&lines->w, step->id);
	json_key(&lines->w, "verb");
	json_put_cstr(&lines->w, step->verb);
	json_key(&lines->w, "title");
	json_put_cstr(&lines->w, step->title);
	json_key(&lines->w, "state");
	json_put_cstr(&lines->w, step_state_name(step->state));
	json_key(&lines->w, "files");
	json_begin_object(&lines->w);
	for (size_t i = 0; i < step->n_files; i++) {
		json_put_key(&lines->w, step->file[i].path);
		json_put_cstr(&lines->w, event_change_name(step->file[i].change));
	}
	json_end_object(&lines->w);
	json_lines_end(lines);
}

static int show_run(const struct cli *cli, const char *root)
{
	struct json_lines lines = { 0 };
	struct run_model model;
	struct run_info run;
	struct err err = { 0 };
	bool json = cli_has(cli, CLI_JSON);
	if (verb_find_run(cli, root, &run, &err) != 0)
		return verb_fail(cli, &err);
	run_model_init(&model);
	int rc = journal_each(run.dir, fold, &model, &err);
	lines.run = run.id;
	for (size_t i = 0; i < model.n_steps; i++) {
		if (json)
			put_run_object(&lines, model.step[i]);
		else
			put_run_step(model.step[i]);
	}
	if (rc != 0)
		verb_say_error(&err);
	int code = rc == 0 ? EXIT_DONE : verb_exit_of(&err);
	if (json)
		json_lines_result(&lines, code);
	run_model_release(&model);
	run_info_release(&run);
	return code;
}

/* A name that is a file is a plan; "./@" is a way to write one that looks like a run. */
int verb_show(const struct cli *cli)
{
	struct stat st;
	struct err err = { 0 };
	char *root;
	verb_signals_default();
	verb_page(cli);
	if (verb_root(&root, &err) != 0)
		return verb_fail(cli, &err);
	const char *name = cli->arg[0];
	if (cli_has(cli, CLI_CONTEXT)) {
		int status = verb_context(cli, root);
		free(root);
		return status;
	}
	bool is_plan = strcmp(name, "-") == 0 || stat(name, &st) == 0 || strchr(name, '/') || strchr(name, '.');
	int code = is_plan ? show_plan(cli, root) : show_run(cli, root);
	free(root);
	return code;
}
