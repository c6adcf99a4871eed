/* `run`: a command in the work tree; what it changed is found by the executor, through a manifest. */
#include "run/step.h"

int step_run(struct step_job *job, struct err *err)
{
	struct proc_result result;
	const struct plan_step *step = job->step;
	struct step_command command = {
		.command = &step->command,
		.cwd = step->cwd,
		.env = &step->env,
		.timeout_ms = step->timeout_ms,
		.network = step->network,
	};
	if (step_run_command(job, &command, &result, err) != 0)
		return -1;
	job->exit_code = result.exit_code;
	if (result.cancelled)
		return err_set(err, ERR_CANCELLED, "the command was stopped");
	if (result.timed_out) {
		err_set(err, ERR_LIMIT, "the command ran into its time limit");
		return err_hint(err, "give the step a longer 'timeout' if it needs one");
	}
	if (result.signal)
		return err_set(err, ERR_CHECK, "the command was ended by signal %d", result.signal);
	if (result.exit_code != 0)
		return err_set(err, ERR_CHECK, "the command ended with exit status %d", result.exit_code);
	return 0;
}
