/* What this version loads but cannot run. */
#include "run/executor.h"

#include "run/scaffold.h"
#include "run/step.h"

static void refuse(struct diags *diags, const struct place *place, const char *what)
{
	diags_add(diags, DIAG_ERROR, place->file, place->line, place->column, "%s cannot be run by this version", what);
}

static void look_at(const struct plan_step *step, struct diags *diags)
{
	if (step->verb != VERB_GROUP && !step_ops(step->verb)) {
		diags_add(diags, DIAG_ERROR, step->place.file, step->place.line, step->place.column,
		          "step '%s': '%s' cannot be run by this version", step->id, verb_name(step->verb));
		return;
	}
	struct err err;
	if (scaffold_check_inline(step, &err) != 0)
		diags_add(diags, DIAG_ERROR, step->place.file, step->place.line, step->place.column, "step '%s': template %s%s%s",
		          step->id, err.msg, err.hint[0] ? "; " : "", err.hint);
	if (step->rename_from)
		refuse(diags, &step->place, "'rename' of 'refactor'");
	if (step->accept.n_items)
		refuse(diags, &step->place, "'accept' of 'validate'");
	if (step->lsp)
		refuse(diags, &step->place, "'lsp' of 'validate'");
}

int run_supports(const struct plan *plan, struct diags *diags)
{
	size_t before = diags->n_errors;
	for (size_t i = 0; i < plan->n_steps; i++)
		look_at(&plan->step[i], diags);
	return diags->n_errors == before ? 0 : -1;
}
