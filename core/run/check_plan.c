/* What the loader cannot judge: patterns, names and templates. */
#include "run/executor.h"

#include "edit/rewrite.h"
#include "run/scaffold.h"
#include "run/step_rename.h"

#include <string.h>

/* A pattern that waits for the value of `each` is judged when it is known. */
static int check_rewrite(const struct plan_step *step, struct err *err)
{
	struct rewrite *rewrite;
	if (!step->rewrite_match || (step->each.name && strstr(step->rewrite_match, "{{")))
		return 0;
	if (step_rewrite_compile(step, &rewrite, err) != 0)
		return err_prefix(err, "'rewrite' of step '%.100s'", step->id);
	rewrite_free(rewrite);
	return 0;
}

/* A name that waits for the value of a variable is judged when it is known. */
static int check_rename(const struct plan_step *step, struct err *err)
{
	if (!step->rename_from || strstr(step->rename_from, "{{") || strstr(step->rename_to, "{{"))
		return 0;
	if (step_rename_check(step, err) != 0)
		return err_prefix(err, "'rename' of step '%.100s'", step->id);
	return 0;
}

static int check_templates(const struct plan_step *step, struct err *err)
{
	if (scaffold_check_inline(step, err) != 0)
		return err_prefix(err, "template of step '%.100s'", step->id);
	return 0;
}

int run_check_plan(const struct plan *plan, struct diags *diags)
{
	size_t before = diags->n_errors;
	for (size_t i = 0; i < plan->n_steps; i++) {
		struct err err = { 0 };
		const struct plan_step *step = &plan->step[i];
		if (check_rewrite(step, &err) != 0 || check_rename(step, &err) != 0 ||
		    check_templates(step, &err) != 0)
			diags_add(diags, DIAG_ERROR, step->place.file, step->place.line, step->place.column, "%s%s%s", err.msg,
			          err.hint[0] ? "; " : "", err.hint);
	}
	return diags->n_errors == before ? 0 : -1;
}
