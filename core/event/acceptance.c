#include "event/acceptance.h"

#include "base/vec.h"
#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

/* NULL for a step that asked no model, or has not ended. */
static struct acceptance_row *row_of(struct acceptance *acceptance, const struct model_step *step)
{
	const char *model = step->model && *step->model ? step->model : step->provider;
	if (!model || !*model || !step_state_is_final(step->state))
		return NULL;
	for (size_t i = 0; i < acceptance->n_rows; i++)
		if (strcmp(acceptance->row[i].model, model) == 0 && strcmp(acceptance->row[i].verb, step->verb) == 0)
			return &acceptance->row[i];
	acceptance->row = vec_room(acceptance->row, acceptance->n_rows, &acceptance->cap_rows, sizeof *acceptance->row);
	struct acceptance_row *row = &acceptance->row[acceptance->n_rows++];
	*row = (struct acceptance_row){ .model = xstrdup(model), .verb = xstrdup(step->verb) };
	return row;
}

void acceptance_take(struct acceptance *acceptance, const struct run_model *run)
{
	for (size_t i = 0; i < run->n_steps; i++) {
		const struct model_step *step = run->step[i];
		struct acceptance_row *row = row_of(acceptance, step);
		if (!row)
			continue;
		row->n_asked++;
		row->n_accepted += step->state == STEP_DONE;
		row->n_at_once += step->state == STEP_DONE && step->attempt <= 1;
		row->n_declined += step->state == STEP_DECLINED;
	}
}

void acceptance_thumb(struct acceptance *acceptance, const struct run_model *run, const char *id, int thumb)
{
	const struct model_step *step = run_model_step(run, id);
	struct acceptance_row *row = step ? row_of(acceptance, step) : NULL;
	if (!row)
		return;
	row->n_up += thumb > 0;
	row->n_down += thumb < 0;
}

void acceptance_release(struct acceptance *acceptance)
{
	for (size_t i = 0; i < acceptance->n_rows; i++) {
		free(acceptance->row[i].model);
		free(acceptance->row[i].verb);
	}
	free(acceptance->row);
	*acceptance = (struct acceptance){ 0 };
}
