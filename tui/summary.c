#include "tui/summary.h"

#include "base/text.h"

#include <inttypes.h>
#include <string.h>

const char *summary_result(const struct run_model *model, int exit_code)
{
	switch (exit_code) {
	case 0: return "done";
	case 3: return "stopped";
	case 4: return "failed, and rolled back as a whole";
	case 5: return "A ROLLBACK IS INCOMPLETE";
	case 6: return "a limit was reached";
	case 129:
	case 130:
	case 143: return "interrupted";
	default: return model->finished ? "failed" : "not finished";
	}
}

static void add_states(struct buf *out, const struct run_model *model)
{
	const char *comma = "";
	for (int i = 0; i < STEP_N_STATES; i++) {
		if (!model->n_in_state[i])
			continue;
		buf_printf(out, "%s%zu %s", comma, model->n_in_state[i],
		           i == STEP_TAKEN_BACK ? "rolled back" : step_state_name((enum step_state)i));
		comma = ", ";
	}
	buf_add_str(out, model->n_steps ? "\n" : "none\n");
}

static void add_failures(struct buf *out, const struct run_model *model)
{
	size_t n = 0;
	for (size_t i = 0; i < model->n_steps && n < 3; i++) {
		const struct model_step *step = model->step[i];
		if (step->state == STEP_FAILED && ++n)
			buf_printf(out, "failed:  step %zu '%s': %s\n", i + 1, step->id, step->message);
	}
}

/* A person's edit may be among what a failed step's command had changed. */
static void add_taken_back(struct buf *out, const struct run_model *model)
{
	for (size_t i = 0; i < model->n_steps; i++) {
		const struct model_step *step = model->step[i];
		if (!step->taken_back || !step->n_files || (step->state != STEP_FAILED && step->state != STEP_CANCELLED))
			continue;
		buf_add_str(out, "back:    ");
		for (size_t j = 0; j < step->n_files && j < 3; j++)
			buf_printf(out, "%s'%s'", j ? ", " : "", step->file[j].path);
		if (step->n_files > 3)
			buf_printf(out, " and %zu more", step->n_files - 3);
		buf_printf(out, "; to put it again: belay redo %s --step %s\n", model->run, step->id);
	}
}

static void add_run(struct buf *out, const struct run_model *model, int exit_code)
{
	size_t landed = 0;
	for (size_t i = 0; i < model->n_steps; i++)
		landed += model->step[i]->landed;
	buf_printf(out, "result:  %s (exit %d)\nsteps:   ", summary_result(model, exit_code), exit_code);
	add_states(out, model);
	add_failures(out, model);
	add_taken_back(out, model);
	buf_printf(out, "cost:    %" PRId64 " tokens in, %" PRId64 " out, $%.4f\n", model->tokens_in, model->tokens_out,
	           model->usd);
	buf_printf(out, "run:     %s\n", model->run);
	bool is_dry_run = strcmp(model->mode, "dry-run") == 0;
	if (is_dry_run)
		buf_printf(out, "apply:   belay apply %s\n", model->run);
	if (exit_code != 0 && strcmp(model->mode, "take") != 0 && !is_dry_run)
		buf_printf(out, "resume:  belay resume %s\n", model->run);
	buf_printf(out, "replay:  belay replay %s\n", model->run);
	if (landed)
		buf_printf(out, "undo:    belay undo %s --all\n", model->run);
	else if (model->undone.n_items)
		buf_printf(out, "redo:    belay redo %s\n", model->run);
	for (size_t i = 0; i < model->covered.n_items; i++)
		buf_printf(out, "         brings back: %s\n", model->covered.item[i]);
	for (size_t i = 0; i < model->not_covered.n_items; i++)
		buf_printf(out, "         does not bring back: %s\n", model->not_covered.item[i]);
}

void summary_write(struct buf *out, const struct run_model *model, int exit_code, bool replay)
{
	struct buf text = { 0 };
	if (!model->run)
		buf_printf(&text, "result:  nothing was begun (exit %d)\n", exit_code);
	else if (replay)
		buf_printf(&text, "replayed run %s, up to event %" PRIu64 "; nothing was executed\n", model->run, model->seq);
	else
		add_run(&text, model, exit_code);
	text_sanitise(out, buf_str(&text), text.len, TEXT_KEEP_NEWLINES | TEXT_EXPAND_TABS);
	buf_release(&text);
}
