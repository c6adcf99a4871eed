/* `belay log -o`: what the checks of a run found, for programs that read findings. */
#include "base/vec.h"
#include "base/xalloc.h"
#include "run/export.h"
#include "tui/verb.h"

#include <stdlib.h>

struct list {
	struct findings *findings; /* owned */
	struct diags *own;         /* of steps that failed: owned, one for each step */
	size_t n, cap;
};

static void add(struct list *list, const char *name, const struct diags *diags)
{
	list->findings = vec_room(list->findings, list->n, &list->cap, sizeof *list->findings);
	list->findings[list->n++] = (struct findings){ .name = name, .diags = diags };
}

static void collect(struct list *list, const struct run_model *model)
{
	list->own = xcalloc(model->n_steps + 1, sizeof *list->own);
	for (size_t i = 0; i < model->n_steps; i++) {
		const struct model_step *step = model->step[i];
		for (size_t j = 0; j < step->n_checks; j++)
			add(list, step->check[j].name, &step->check[j].diags);
		if (step->state != STEP_FAILED)
			continue;
		diags_add(&list->own[i], DIAG_ERROR, NULL, 0, 0, "step '%s' failed: %s", step->id, step->message);
		add(list, step->id, &list->own[i]);
	}
}

static void put_list(const struct run_model *model, enum findings_form form, struct buf *out)
{
	struct list list = { 0 };
	collect(&list, model);
	findings_write(out, form, list.findings, list.n);
	for (size_t i = 0; i < model->n_steps; i++)
		diags_release(&list.own[i]);
	free(list.own);
	free(list.findings);
}

int verb_put_findings(const struct cli *cli, const struct run_info *run, enum findings_form form)
{
	struct export_run all;
	struct err err = { 0 };
	struct buf text = { 0 };
	int rc = export_read(&all, run, &err);
	if (rc == 0 && form == FINDINGS_JUNIT)
		rc = export_junit(&text, &all, &err);
	else if (rc == 0)
		put_list(&all.model, form, &text);
	if (rc == 0)
		verb_put_clean(stdout, &text);
	export_release(&all);
	buf_release(&text);
	return rc == 0 ? EXIT_DONE : verb_fail(cli, &err);
}
