/* JUnit's XML, as CI servers read it: a case for each step, and one for each of its checks. */
#include "run/export.h"

#include <string.h>

static void add_case(struct buf *out, const char *name, const char *group, int64_t ms)
{
	buf_add_str(out, "  <testcase name=\"");
	export_add_xml_str(out, name);
	buf_add_str(out, "\" classname=\"");
	export_add_xml_str(out, group);
	buf_printf(out, "\" time=\"%lld.%03d\"", (long long)(ms / 1000), (int)(ms % 1000));
}

/* Line ends and tabs in an attribute are references: a reader would make blanks of them (XML 1.0, 3.3.3). */
static void add_attribute(struct buf *out, const char *text)
{
	struct buf clean = { 0 };
	export_add_xml_str(&clean, text);
	for (size_t i = 0; i < clean.len; i++) {
		if (clean.data[i] == '\n' || clean.data[i] == '\t')
			buf_printf(out, "&#%d;", clean.data[i]);
		else
			buf_add_char(out, clean.data[i]);
	}
	buf_release(&clean);
}

static int64_t duration_of(const struct model_step *step)
{
	return step->ended_ms > step->started_ms && step->started_ms ? step->ended_ms - step->started_ms : 0;
}

static bool is_failure(const struct model_step *step)
{
	return step->state == STEP_FAILED;
}

static bool is_skipped(const struct model_step *step)
{
	return step->state != STEP_DONE && step->state != STEP_FAILED && step->state != STEP_TAKEN_BACK;
}

static void add_step(struct buf *out, const struct model_step *step)
{
	add_case(out, step->id, step->verb, duration_of(step));
	if (is_failure(step)) {
		buf_add_str(out, ">\n    <failure type=\"");
		add_attribute(out, step->category);
		buf_add_str(out, "\" message=\"");
		add_attribute(out, step->message);
		buf_add_str(out, "\">");
		export_add_xml_str(out, step->hint);
		buf_add_str(out, "</failure>\n  </testcase>\n");
	} else if (is_skipped(step)) {
		buf_add_str(out, ">\n    <skipped message=\"");
		add_attribute(out, *step->reason ? step->reason : step_state_name(step->state));
		buf_add_str(out, "\"/>\n  </testcase>\n");
	} else {
		buf_add_str(out, "/>\n");
	}
}

static void add_check(struct buf *out, const struct model_step *step, const struct model_check *check)
{
	add_case(out, check->name, step->id, check->ms);
	if (check->finished && check->exit_code == 0) {
		buf_add_str(out, "/>\n");
		return;
	}
	buf_printf(out, ">\n    <failure type=\"check\" message=\"%s %lld\">", check->finished ? "exit" : "not finished, exit",
	           (long long)check->exit_code);
	for (size_t i = 0; i < check->diags.n_diags; i++) {
		struct buf line = { 0 };
		diag_format(&line, &check->diags.diag[i]);
		export_add_xml(out, buf_str(&line), line.len);
		buf_release(&line);
	}
	buf_add_str(out, "</failure>\n  </testcase>\n");
}

static void count(const struct export_run *run, size_t n[3])
{
	for (size_t i = 0; i < run->model.n_steps; i++) {
		const struct model_step *step = run->model.step[i];
		n[0] += 1 + step->n_checks;
		n[1] += is_failure(step);
		n[2] += is_skipped(step);
		for (size_t j = 0; j < step->n_checks; j++)
			n[1] += !step->check[j].finished || step->check[j].exit_code != 0;
	}
}

int export_junit(struct buf *out, const struct export_run *run, struct err *err)
{
	const struct run_model *model = &run->model;
	size_t n[3] = { 0 };
	(void)err;
	count(run, n);
	int64_t ms = model->now_ms > model->started_ms ? model->now_ms - model->started_ms : 0;
	buf_add_str(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n<testsuite name=\"");
	add_attribute(out, export_plan_name(model));
	buf_printf(out, "\" id=\"%s\" tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\" time=\"%lld.%03d\">\n", run->id,
	           n[0], n[1], n[2], (long long)(ms / 1000), (int)(ms % 1000));
	for (size_t i = 0; i < model->n_steps; i++) {
		add_step(out, model->step[i]);
		for (size_t j = 0; j < model->step[i]->n_checks; j++)
			add_check(out, model->step[i], &model->step[i]->check[j]);
	}
	buf_add_str(out, "</testsuite>\n</testsuites>\n");
	return 0;
}
