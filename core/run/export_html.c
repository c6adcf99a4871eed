/* One page without scripts and without anything from elsewhere; well-formed as XML too. */
#include "run/export.h"

#include "edit/textdiff.h"

#include <string.h>

static const char head[] =
	"<!DOCTYPE html>\n"
	"<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
	"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"/>\n"
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
	"<style>\n"
	":root { color-scheme: light dark; --line: #8884; --add: #1a7f3733; --cut: #cf222e2b; }\n"
	"body { font: 15px/1.45 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }\n"
	"h1 { font-size: 1.5rem; margin-bottom: 0.2rem; }\n"
	"h2 { font-size: 1.1rem; margin: 2rem 0 0.5rem; border-bottom: 1px solid var(--line); }\n"
	"table { border-collapse: collapse; width: 100%; }\n"
	"th, td { text-align: left; vertical-align: top; padding: 0.2rem 0.8rem 0.2rem 0; border-bottom: 1px solid var(--line); }\n"
	"pre { font: 12.5px/1.4 ui-monospace, monospace; overflow-x: auto; border: 1px solid var(--line); padding: 0.5rem; }\n"
	"pre span { display: block; min-height: 1.4em; }\n"
	".add { background: var(--add); }\n.cut { background: var(--cut); }\n.hunk, .dim { opacity: 0.65; }\n"
	".done { color: #1a7f37; }\n.failed { color: #cf222e; font-weight: bold; }\n"
	"@media print { body { margin: 0; max-width: none; font-size: 10pt; }\n"
	"  pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: 8pt; }\n"
	"  .add, .cut { print-color-adjust: exact; -webkit-print-color-adjust: exact; }\n"
	"  tr, h2 { break-inside: avoid; break-after: avoid-page; } }\n"
	"</style>\n";

static void add_element(struct buf *out, const char *name, const char *text)
{
	buf_printf(out, "<%s>", name);
	export_add_xml_str(out, text);
	buf_printf(out, "</%s>", name);
}

static void add_class(struct buf *out, const char *line)
{
	const char *name = NULL;
	if (*line == '@')
		name = "hunk";
	else if (*line == '+' && strncmp(line, "+++ ", 4) != 0)
		name = "add";
	else if (*line == '-' && strncmp(line, "--- ", 4) != 0)
		name = "cut";
	else if (*line != ' ')
		name = "dim";
	buf_printf(out, name ? "<span class=\"%s\">" : "<span>", name);
}

static void add_diff(struct buf *out, const struct buf *patch)
{
	buf_add_str(out, "<pre>");
	for (size_t at = 0; at < patch->len;) {
		const char *line = patch->data + at;
		const char *end = memchr(line, '\n', patch->len - at);
		size_t n = end ? (size_t)(end - line) : patch->len - at;
		add_class(out, line);
		export_add_xml(out, line, n);
		buf_add_str(out, "</span>");
		at += n + 1;
	}
	buf_add_str(out, "</pre>\n");
}

static void add_change(struct buf *out, const struct change *change)
{
	struct buf patch = { 0 };
	if (export_text(&patch, change)) {
		add_diff(out, &patch);
	} else {
		add_element(out, "code", change->path);
		buf_add_str(out, "<p class=\"dim\">No text, or too long to show.</p>\n");
	}
	buf_release(&patch);
}

static void add_row(struct buf *out, const struct export_step *step)
{
	const struct model_step *model = step->model;
	buf_add_str(out, "<tr><td>");
	add_element(out, "code", model->id);
	buf_add_str(out, "</td><td>");
	export_add_xml_str(out, model->title);
	buf_printf(out, "</td><td class=\"%s\">%s</td><td>", step_state_name(model->state), step_state_name(model->state));
	export_add_xml_str(out, *model->model ? model->model : model->verb);
	buf_add_str(out, "</td><td>");
	export_add_xml_str(out, model->risk);
	buf_add_str(out, "</td><td>");
	if (model->started_ms && model->ended_ms >= model->started_ms)
		export_add_duration(out, model->ended_ms - model->started_ms);
	buf_printf(out, "</td><td>%zu</td></tr>\n", step->set.n_changes);
}

static void add_check(struct buf *out, const struct model_check *check)
{
	bool passes = check->finished && check->exit_code == 0;
	buf_add_str(out, "<p>check ");
	add_element(out, "code", check->name);
	if (!check->finished)
		buf_add_str(out, " did not end</p>\n");
	else
		buf_printf(out, ": <span class=\"%s\">exit %lld</span></p>\n", passes ? "done" : "failed",
		           (long long)check->exit_code);
	if (!check->diags.n_diags)
		return;
	buf_add_str(out, "<pre>");
	for (size_t i = 0; i < check->diags.n_diags; i++) {
		struct buf line = { 0 };
		diag_format(&line, &check->diags.diag[i]);
		export_add_xml(out, buf_str(&line), line.len);
		buf_release(&line);
	}
	buf_add_str(out, "</pre>\n");
}

static void add_note(struct buf *out, const struct note *note)
{
	buf_add_str(out, "<p>Note of ");
	export_add_time(out, note->at_ms);
	buf_add_str(out, note->thumb > 0 ? ", thumb up: " : note->thumb < 0 ? ", thumb down: " : ": ");
	export_add_xml_str(out, note->text);
	buf_add_str(out, "</p>\n");
}

static void add_notes(struct buf *out, const struct notes *notes, const char *step)
{
	for (size_t i = 0; i < notes->n_notes; i++) {
		const struct note *note = &notes->note[i];
		if (step ? note->step && strcmp(note->step, step) == 0 : !note->step)
			add_note(out, note);
	}
}

static void add_step(struct buf *out, const struct export_run *run, const struct export_step *step)
{
	const struct model_step *model = step->model;
	buf_add_str(out, "<h2>");
	export_add_xml_str(out, model->id);
	if (*model->title) {
		buf_add_str(out, ": ");
		export_add_xml_str(out, model->title);
	}
	buf_add_str(out, "</h2>\n");
	if (*model->message) {
		buf_add_str(out, "<p class=\"failed\">");
		export_add_xml_str(out, model->message);
		buf_add_str(out, "</p>\n");
	}
	add_notes(out, &run->notes, model->id);
	for (size_t i = 0; i < model->n_checks; i++)
		add_check(out, &model->check[i]);
	for (size_t i = 0; i < step->set.n_changes; i++)
		add_change(out, &step->set.change[i]);
	if (model->output.len) {
		buf_add_str(out, "<pre>");
		export_add_xml(out, buf_str(&model->output), model->output.len);
		buf_add_str(out, "</pre>\n");
	}
}

static void add_summary(struct buf *out, const struct export_run *run)
{
	const struct run_model *model = &run->model;
	buf_add_str(out, "<p>Run ");
	add_element(out, "code", run->id);
	buf_add_str(out, " of ");
	export_add_time(out, model->started_ms);
	buf_add_str(out, ", ");
	export_add_counts(out, model);
	if (model->finished)
		buf_printf(out, ", exit %lld", (long long)model->exit_code);
	if (model->tokens_in + model->tokens_out)
		buf_printf(out, ", %lld tokens, $%.2f", (long long)(model->tokens_in + model->tokens_out), model->usd);
	buf_add_str(out, ".</p>\n");
	if (run->n_back)
		buf_printf(out, "<p>%zu of these steps %s taken back since.</p>\n", run->n_back, run->n_back == 1 ? "was" : "were");
}

int export_html(struct buf *out, const struct export_run *run, struct err *err)
{
	(void)err;
	buf_add_str(out, head);
	add_element(out, "title", export_plan_name(&run->model));
	buf_add_str(out, "\n</head>\n<body>\n");
	add_element(out, "h1", export_plan_name(&run->model));
	add_summary(out, run);
	add_notes(out, &run->notes, NULL);
	buf_add_str(out, "<table>\n<thead><tr><th>step</th><th>what</th><th>state</th><th>by</th><th>risk</th><th>time</th>"
	                 "<th>files</th></tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < run->model.n_steps; i++)
		add_row(out, &run->step[i]);
	if (!run->model.n_steps)
		buf_add_str(out, "<tr><td colspan=\"7\">no steps</td></tr>\n");
	buf_add_str(out, "</tbody>\n</table>\n");
	for (size_t i = 0; i < run->model.n_steps; i++)
		add_step(out, run, &run->step[i]);
	buf_add_str(out, "</body>\n</html>\n");
	return 0;
}
