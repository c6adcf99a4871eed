/* Checks: commands whose exit status judges the tree, and whose output tells the model what to mend. */
#include "run/step.h"

#include "run/matcher.h"

#define FEEDBACK_MAX 16000
#define KEEP_MAX (8 << 20)

/* The diagnostics where there are some, which say the same thing each time; else the end of what was said. */
static void add_feedback(struct step_job *job, const char *name, const struct diags *diags, const struct buf *output)
{
	size_t from = output->len > FEEDBACK_MAX ? output->len - FEEDBACK_MAX : 0;
	buf_printf(&job->feedback, "The check '%s' refused the change. ", name);
	if (diags->n_errors) {
		buf_add_str(&job->feedback, "It reports:\n\n");
		for (size_t i = 0; i < diags->n_diags && job->feedback.len < FEEDBACK_MAX; i++)
			diag_format(&job->feedback, &diags->diag[i]);
		return;
	}
	buf_add_str(&job->feedback, "Its output:\n\n");
	buf_add(&job->feedback, buf_str(output) + from, output->len - from);
	buf_add_str(&job->feedback, "\n");
}

static int judge(const struct plan_check *check, const struct proc_result *result, struct err *err)
{
	if (result->cancelled)
		return err_set(err, ERR_CANCELLED, "the check '%s' was stopped", check->name);
	if (result->timed_out)
		return err_set(err, ERR_CHECK, "the check '%s' ran into its time limit", check->name);
	if (result->signal)
		return err_set(err, ERR_CHECK, "the check '%s' was ended by signal %d", check->name, result->signal);
	if (result->exit_code != 0)
		return err_set(err, ERR_CHECK, "the check '%s' ended with exit status %d", check->name, result->exit_code);
	return 0;
}

static int run_check(struct step_job *job, const struct plan_check *check, struct err *err)
{
	struct buf output;
	struct diags diags = { 0 };
	struct proc_result result = { 0 };
	struct event started = { .kind = EVENT_CHECK_STARTED, .check = check->name };
	buf_init(&output, KEEP_MAX);
	job->emit(job, &started);
	struct step_command command = { .command = &check->run, .timeout_ms = check->timeout_ms, .keep = &output };
	int rc = step_run_command(job, &command, &result, err);
	if (rc == 0) {
		matcher_read(check->errors ? check->errors : "", buf_str(&output), output.len, job->ws->root.path, &diags);
		struct event finished = {
			.kind = EVENT_CHECK_FINISHED,
			.check = check->name,
			.exit_code = result.exit_code,
			.ms = result.ms,
			.diagnostics = { diags.diag, diags.n_diags },
		};
		job->emit(job, &finished);
		job->exit_code = result.exit_code;
		rc = judge(check, &result, err);
	}
	if (rc != 0 && err->code == ERR_CHECK)
		add_feedback(job, check->name, &diags, &output);
	diags_release(&diags);
	buf_release(&output);
	return rc;
}

int step_run_checks(struct step_job *job, const struct strings *names, struct err *err)
{
	for (size_t i = 0; i < names->n_items; i++) {
		const struct plan_check *check = plan_find_check_of(job->plan, job->step, names->item[i]);
		if (!check)
			return err_set(err, ERR_PLAN, "the check '%s' is not in the plan", names->item[i]);
		if (run_check(job, check, err) != 0)
			return -1;
	}
	return 0;
}
