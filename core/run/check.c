/* Checks: commands whose exit status judges the tree, and whose output tells the model what to mend. */
#include "run/step.h"

#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FEEDBACK_MAX 16000

static const struct plan_check *find_check(const struct step_job *job, const char *name)
{
	for (size_t i = 0; i < job->step->n_inline_checks; i++)
		if (strcmp(job->step->inline_check[i].name, name) == 0)
			return &job->step->inline_check[i];
	return plan_find_check(job->plan, name);
}

/* Reads "file:line[:column]: severity: message" (GNU coding standards, 4.4) from one line of output. */
static bool read_gnu_line(struct diags *diags, const char *line)
{
	char file[512];
	char severity[16];
	int row = 0;
	int column = 0;
	int used = 0;
	if (sscanf(line, "%511[^:\n]:%d:%d: %n", file, &row, &column, &used) != 3 || !used) {
		column = 0;
		used = 0;
		if (sscanf(line, "%511[^:\n]:%d: %n", file, &row, &used) != 2 || !used)
			return false;
	}
	const char *message = line + used;
	enum diag_severity level = DIAG_ERROR;
	int after = 0;
	if (sscanf(message, "%15[a-z ]: %n", severity, &after) == 1 && after) {
		if (strcmp(severity, "warning") == 0)
			level = DIAG_WARNING;
		else if (strcmp(severity, "note") == 0)
			level = DIAG_NOTE;
		message += after;
	}
	diags_add(diags, level, file, row, column, "%s", message);
	return true;
}

static void read_diagnostics(struct diags *diags, const struct buf *output)
{
	for (size_t at = 0; at < output->len && diags->n_diags < 1000;) {
		const char *end = memchr(output->data + at, '\n', output->len - at);
		size_t n = end ? (size_t)(end - output->data) - at : output->len - at;
		char *line = strndup(output->data + at, n);
		if (line)
			read_gnu_line(diags, line);
		free(line);
		at += n + 1;
	}
}

static void add_feedback(struct step_job *job, const char *name, int exit_code, const struct buf *output)
{
	size_t from = output->len > FEEDBACK_MAX ? output->len - FEEDBACK_MAX : 0;
	buf_printf(&job->feedback, "The check '%s' refused the change (exit status %d). Its output:\n\n", name, exit_code);
	buf_add(&job->feedback, buf_str(output) + from, output->len - from);
	buf_add_str(&job->feedback, "\n");
}

static int run_check(struct step_job *job, const struct plan_check *check, struct err *err)
{
	struct buf output;
	struct diags diags = { 0 };
	struct proc_result result = { 0 };
	struct event started = { .kind = EVENT_CHECK_STARTED, .check = check->name };
	buf_init(&output, 8 << 20);
	job->emit(job, &started);
	struct step_command command = { .command = &check->run, .timeout_ms = check->timeout_ms, .keep = &output };
	int rc = step_run_command(job, &command, &result, err);
	if (rc == 0) {
		read_diagnostics(&diags, &output);
		struct event finished = {
			.kind = EVENT_CHECK_FINISHED,
			.check = check->name,
			.exit_code = result.exit_code,
			.ms = result.ms,
			.diagnostics = { diags.diag, diags.n_diags },
		};
		job->emit(job, &finished);
		job->exit_code = result.exit_code;
	}
	if (rc == 0 && result.cancelled)
		rc = err_set(err, ERR_CANCELLED, "the check '%s' was stopped", check->name);
	else if (rc == 0 && result.timed_out)
		rc = err_set(err, ERR_CHECK, "the check '%s' ran into its time limit", check->name);
	else if (rc == 0 && result.exit_code != 0)
		rc = err_set(err, ERR_CHECK, "the check '%s' ended with exit status %d", check->name, result.exit_code);
	if (rc != 0 && err->code == ERR_CHECK)
		add_feedback(job, check->name, result.exit_code, &output);
	diags_release(&diags);
	buf_release(&output);
	return rc;
}

int step_run_checks(struct step_job *job, const struct strings *names, struct err *err)
{
	for (size_t i = 0; i < names->n_items; i++) {
		const struct plan_check *check = find_check(job, names->item[i]);
		if (!check)
			return err_set(err, ERR_PLAN, "the check '%s' is not in the plan", names->item[i]);
		if (run_check(job, check, err) != 0)
			return -1;
	}
	return 0;
}
