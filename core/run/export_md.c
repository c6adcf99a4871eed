/* Markdown for a pull request: what was asked, what was done, what proves it, and the diff behind a fold. */
#include "run/export.h"

#include "base/text.h"
#include "edit/textdiff.h"

#include <ctype.h>
#include <string.h>

#define PATCH_MAX (48 * 1024) /* GitHub takes 65,536 characters in all */

/*
 * Foreign text within a line. Whatever Markdown or HTML could read is a character reference; '@' and '#' are parted from
 * what follows, since forges make mentions and links of them even so.
 */
static void add_inline(struct buf *out, const char *text)
{
	struct buf clean = { 0 };
	text_sanitise(&clean, text ? text : "", text ? strlen(text) : 0, TEXT_KEEP_NEWLINES);
	for (size_t i = 0; i < clean.len; i++) {
		char c = clean.data[i];
		if (c == '\n')
			buf_add_char(out, ' ');
		else if (c == '@' || c == '#')
			buf_printf(out, "&#%d;<!-- -->", c);
		else if (ispunct((unsigned char)c) && !strchr(",.;?/", c))
			buf_printf(out, "&#%d;", c);
		else
			buf_add_char(out, c);
	}
	buf_release(&clean);
}

static void add_code(struct buf *out, const char *text)
{
	buf_add_str(out, "<code>");
	add_inline(out, text);
	buf_add_str(out, "</code>");
}

static void add_checks(struct buf *out, const struct model_step *step)
{
	for (size_t i = 0; i < step->n_checks; i++) {
		const struct model_check *check = &step->check[i];
		if (i)
			buf_add_str(out, ", ");
		add_code(out, check->name);
		if (!check->finished)
			buf_add_str(out, " not finished");
		else if (check->exit_code == 0)
			buf_add_str(out, " passes");
		else
			buf_printf(out, " exit %lld", (long long)check->exit_code);
	}
}

static void add_steps(struct buf *out, const struct run_model *model)
{
	buf_add_str(out, "| step | what | state | by | checks |\n|---|---|---|---|---|\n");
	for (size_t i = 0; i < model->n_steps; i++) {
		const struct model_step *step = model->step[i];
		buf_add_str(out, "| ");
		add_code(out, step->id);
		buf_add_str(out, " | ");
		add_inline(out, step->title);
		buf_printf(out, " | %s | ", step_state_name(step->state));
		add_inline(out, *step->model ? step->model : step->verb);
		buf_add_str(out, " | ");
		add_checks(out, step);
		buf_add_str(out, " |\n");
	}
	for (size_t i = 0; i < model->n_steps; i++) {
		const struct model_step *step = model->step[i];
		if (!*step->message)
			continue;
		buf_add_str(out, "\n");
		add_code(out, step->id);
		buf_add_str(out, ": ");
		add_inline(out, step->message);
		buf_add_str(out, "\n");
	}
}

static void add_files(struct buf *out, const struct export_run *run)
{
	buf_printf(out, "\n### Files (%zu)\n\n", run->set.n_changes);
	for (size_t i = 0; i < run->set.n_changes; i++) {
		const struct change *change = &run->set.change[i];
		long added;
		long removed;
		change_count_lines(change, &added, &removed);
		buf_add_str(out, "- ");
		add_code(out, change->path);
		if (change->before.kind == IMAGE_ABSENT)
			buf_add_str(out, " created");
		else if (change->after.kind == IMAGE_ABSENT)
			buf_add_str(out, " deleted");
		if (added >= 0)
			buf_printf(out, " +%ld -%ld\n", added, removed);
		else
			buf_add_str(out, " binary\n");
	}
}

/* A fence longer than any run of backquotes in the text. */
static void add_fenced(struct buf *out, const struct buf *text, const char *language)
{
	size_t longest = 2;
	size_t n = 0;
	for (size_t i = 0; i < text->len; i++) {
		n = text->data[i] == '`' ? n + 1 : 0;
		longest = n > longest ? n : longest;
	}
	char fence[64];
	size_t length = longest + 1 < sizeof fence ? longest + 1 : sizeof fence - 1;
	memset(fence, '`', length);
	fence[length] = '\0';
	buf_printf(out, "%s%s\n", fence, language);
	text_sanitise(out, buf_str(text), text->len, TEXT_KEEP_NEWLINES | TEXT_KEEP_TABS);
	buf_printf(out, "%s%s\n", text->len && text->data[text->len - 1] == '\n' ? "" : "\n", fence);
}

static void add_diff(struct buf *out, const struct export_run *run)
{
	struct buf patch = { 0 };
	size_t n_left_out = 0;
	for (size_t i = 0; i < run->set.n_changes; i++) {
		struct buf one = { 0 };
		bool fits = export_text(&one, &run->set.change[i]) && patch.len + one.len <= PATCH_MAX;
		if (fits)
			buf_add(&patch, buf_str(&one), one.len);
		n_left_out += !fits;
		buf_release(&one);
	}
	buf_add_str(out, "\n<details><summary>Diff</summary>\n\n");
	add_fenced(out, &patch, "diff");
	if (n_left_out)
		buf_printf(out, "\n%zu more file%s: too long to show, or no text.\n", n_left_out, n_left_out == 1 ? "" : "s");
	buf_add_str(out, "\n</details>\n");
	buf_release(&patch);
}

static void add_notes(struct buf *out, const struct notes *notes)
{
	if (notes->n_notes)
		buf_add_str(out, "\n### Notes\n\n");
	for (size_t i = 0; i < notes->n_notes; i++) {
		const struct note *note = &notes->note[i];
		buf_add_str(out, "- ");
		if (note->step) {
			add_code(out, note->step);
			buf_add_char(out, ' ');
		}
		if (note->thumb)
			buf_add_str(out, note->thumb > 0 ? "(up) " : "(down) ");
		add_inline(out, note->text);
		buf_add_char(out, '\n');
	}
}

int export_md(struct buf *out, const struct export_run *run, struct err *err)
{
	const struct run_model *model = &run->model;
	(void)err;
	buf_add_str(out, "## ");
	add_inline(out, export_plan_name(model));
	buf_add_str(out, "\n\nRun ");
	add_code(out, run->id);
	buf_add_str(out, " of ");
	export_add_time(out, model->started_ms);
	buf_add_str(out, ": ");
	export_add_counts(out, model);
	if (model->finished)
		buf_printf(out, "; exit %lld", (long long)model->exit_code);
	if (model->tokens_in + model->tokens_out)
		buf_printf(out, "; %lld tokens, $%.2f", (long long)(model->tokens_in + model->tokens_out), model->usd);
	buf_add_str(out, ".\n\n");
	if (run->n_back)
		buf_printf(out, "%zu of the steps below %s taken back since.\n\n", run->n_back, run->n_back == 1 ? "was" : "were");
	add_steps(out, model);
	if (run->set.n_changes) {
		add_files(out, run);
		add_diff(out, run);
	}
	add_notes(out, &run->notes);
	return 0;
}
