#include "plan/plan.h"

#include "base/xalloc.h"
#include "plan/vars.h"

#include <stdlib.h>
#include <string.h>

static const char *const verb_names[VERB_N] = {
#define X(id, name) [VERB_##id] = name,
	PLAN_VERBS(X)
#undef X
	[VERB_GROUP] = "group",
};

static const char *const risk_names[] = { "none", "low", "medium", "high", "never" };

const char *verb_name(enum verb verb)
{
	return verb_names[verb];
}

const char *risk_name(enum risk risk)
{
	return risk_names[risk];
}

int risk_parse(const char *name)
{
	for (int i = RISK_NONE; i <= RISK_NEVER; i++)
		if (strcmp(name, risk_names[i]) == 0)
			return i;
	return -1;
}

int plan_find(const struct plan *plan, const char *id)
{
	return (int)(intptr_t)map_get(&plan->by_id, id) - 1;
}

const struct plan_check *plan_find_check(const struct plan *plan, const char *name)
{
	for (size_t i = 0; i < plan->n_checks; i++)
		if (strcmp(plan->check[i].name, name) == 0)
			return &plan->check[i];
	return NULL;
}

const struct plan_check *plan_find_check_of(const struct plan *plan, const struct plan_step *step, const char *name)
{
	for (size_t i = 0; i < step->n_inline_checks; i++)
		if (strcmp(step->inline_check[i].name, name) == 0)
			return &step->inline_check[i];
	return plan_find_check(plan, name);
}

static void add_command(struct buf *out, const struct plan_command *command)
{
	if (command->shell && command->argv.n_items == 3) {
		buf_add_str(out, command->argv.item[2]);
		return;
	}
	for (size_t i = 0; i < command->argv.n_items; i++)
		buf_printf(out, "%s%s", i ? " " : "", command->argv.item[i]);
}

static const char *first_subject(const struct plan_step *step)
{
	if (step->verb == VERB_ASK && step->question)
		return step->question;
	if (step->verb == VERB_SCAFFOLD)
		return step->into ? step->into : "";
	return step->target.n_items ? step->target.item[0] : "";
}

/* What comes after the first line end is left out: a title is one line. */
static void cut_line(struct buf *out, size_t from)
{
	size_t n = strcspn(buf_str(out) + from, "\r\n");
	bool cut = from + n < out->len;
	buf_truncate(out, from + n);
	if (cut)
		buf_add_str(out, " ...");
}

void plan_step_title(const struct plan_step *step, struct buf *out)
{
	size_t start = out->len;
	if (step->title && *step->title) {
		buf_add_str(out, step->title);
	} else if (step->verb == VERB_RUN) {
		buf_add_str(out, "run ");
		add_command(out, &step->command);
	} else if (step->verb != VERB_GROUP) {
		const char *subject = first_subject(step);
		buf_printf(out, "%s%s%s", verb_name(step->verb), *subject ? " " : "", subject);
		if (step->verb != VERB_SCAFFOLD && step->target.n_items > 1)
			buf_printf(out, " and %zu more", step->target.n_items - 1);
	}
	cut_line(out, start);
}

void plan_check_release(struct plan_check *check)
{
	free(check->name);
	free(check->errors);
	strings_release(&check->run.argv);
	*check = (struct plan_check){ 0 };
}

void model_options_release(struct model_options *model)
{
	free(model->use);
	strings_release(&model->escalate);
	*model = (struct model_options){ 0 };
}

void plan_step_release(struct plan_step *step)
{
	char *const text[] = { step->id, step->title, step->prompt, step->content, step->from, step->patch,
		step->rewrite_match, step->rewrite_replace, step->rename_from, step->rename_to, step->rename_using,
		step->into, step->template_dir, step->cwd, step->question, step->each.name, step->each.glob };
	for (size_t i = 0; i < sizeof text / sizeof *text; i++)
		free(text[i]);
	struct strings *const list[] = { &step->needs, &step->target, &step->command.argv, &step->accept, &step->paths,
		&step->writes, &step->checks };
	for (size_t i = 0; i < sizeof list / sizeof *list; i++)
		strings_release(list[i]);
	struct name_values *const pairs[] = { &step->where, &step->files, &step->with, &step->vars, &step->env };
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
		name_values_release(pairs[i]);
	for (size_t i = 0; i < step->n_inline_checks; i++)
		plan_check_release(&step->inline_check[i]);
	free(step->inline_check);
	free(step->need_place);
	model_options_release(&step->model);
	*step = (struct plan_step){ 0 };
}

static void rule_release(struct policy_rule *rule)
{
	strings_release(&rule->run);
	strings_release(&rule->match);
	strings_release(&rule->no_match);
	free(rule->write);
	free(rule->why);
}

void plan_release(struct plan *plan)
{
	for (size_t i = 0; i < plan->n_vars; i++) {
		free(plan->var[i].name);
		free(plan->var[i].value);
		strings_release(&plan->var[i].choices);
	}
	for (size_t i = 0; i < plan->n_rules; i++)
		rule_release(&plan->rule[i]);
	for (size_t i = 0; i < plan->n_checks; i++)
		plan_check_release(&plan->check[i]);
	for (size_t i = 0; i < plan->n_steps; i++)
		plan_step_release(&plan->step[i]);
	free(plan->var);
	free(plan->rule);
	free(plan->check);
	free(plan->step);
	free(plan->file);
	free(plan->name);
	free(plan->goal);
	model_options_release(&plan->model);
	strings_release(&plan->context);
	strings_release(&plan->files);
	map_release(&plan->by_id);
	*plan = (struct plan){ 0 };
}

void plan_free(struct plan *plan)
{
	if (plan)
		plan_release(plan);
	free(plan);
}
