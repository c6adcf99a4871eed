/* Any bytes as a plan: findings with places, or a plan whose graph, risks and steps can be made. */
#include "base/xalloc.h"
#include "plan/dag.h"
#include "plan/each.h"
#include "plan/plan_yaml.h"
#include "plan/policy.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

/* "self" is the plan itself; all other names are one small plan. */
static int read_file(void *arg, const char *from, const char *name, char **out_path, char **text, size_t *n,
                     struct err *err)
{
	static const char part[] = "belay: 1\nvars: {folder: docs, count: {type: int, default: 1}}\nchecks: {ok: {run: x}}\n"
	                           "steps: [{id: page, write: \"{{folder}}/{{count}}\", content: x, checks: ok}]\n";
	(void)arg;
	(void)err;
	*out_path = xstrdup(strcmp(name, "self") == 0 ? from : "part.yaml");
	*text = xstrdup(part);
	*n = strlen(part);
	return 0;
}

static void check_findings(const struct diags *diags)
{
	for (size_t i = 0; i < diags->n_diags; i++) {
		const struct diag *diag = &diags->diag[i];
		require(diag->file && diag->line >= 1 && diag->column >= 1 && *diag->message);
		for (const char *s = diag->message; *s; s++)
			require((unsigned char)*s >= 0x20 && *s != 0x7f);
	}
}

static void use_step(const struct plan *plan, const struct plan_step *step)
{
	struct buf text = { 0 };
	struct plan_step made;
	plan_step_title(step, &text);
	policy_word(step, NULL, &text);
	policy_static_risk(plan, step);
	buf_release(&text);
	if (step->each.glob && plan_each_make(&made, step, 1, "src/{{a}}/b.c", NULL) == 0)
		plan_step_release(&made);
}

static void use_plan(const struct plan *plan)
{
	struct dag *dag;
	struct dag_edge *cut;
	size_t n_cuts;
	require(dag_build(&dag, plan, true, &cut, &n_cuts, NULL, NULL) == 0);
	size_t n_steps = 0;
	for (size_t i = 0; i < plan->n_steps; i++) {
		n_steps += plan->step[i].verb != VERB_GROUP;
		require(plan->step[i].needs.n_items == 0 || plan->step[i].need_place);
		use_step(plan, &plan->step[i]);
	}
	require(dag->n_order == n_steps);
	free(cut);
	dag_free(dag);
}

static void load(const uint8_t *data, size_t size, bool loosely)
{
	const struct plan_load_options options = {
		.read_file = read_file, .allow_unset = loosely, .break_cycles = loosely,
	};
	struct diags diags = { 0 };
	struct plan *plan;
	int rc = plan_load(&plan, "plan.yaml", (const char *)data, size, &options, &diags);
	require((rc == 0) == (diags.n_errors == 0) && (rc == 0) == (plan != NULL));
	check_findings(&diags);
	if (plan)
		use_plan(plan);
	plan_free(plan);
	diags_release(&diags);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	load(data, size, false);
	load(data, size, true);
	return 0;
}
