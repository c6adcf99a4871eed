/* The review of a proposed change in the UI: which steps have one, what its keys do, and what comes of it. */
#include "tui/ui_impl.h"

#include "base/xalloc.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LARGE_BYTES (2 * 1024 * 1024) /* what is over is answered by the dialog */

static void drop_review(struct ui *ui, const char *step)
{
	struct review *review = map_get(&ui->review, step);
	if (!review)
		return;
	if (ui->review_view.review == review)
		review_view_close(&ui->review_view);
	map_remove(&ui->review, step);
	review_close(review);
	free(review);
}

void ui_free_reviews(struct ui *ui)
{
	const struct map_entry *entry;
	review_view_close(&ui->review_view);
	for (size_t i = 0; (entry = map_next(&ui->review, &i));) {
		review_close(entry->value);
		free(entry->value);
	}
	map_release(&ui->review);
}

/* Commands and deletions are decided as a whole, in the dialog. */
static bool has_hunks(const struct model_step *step)
{
	return *step->approval.request && step->n_files && (step->patch_blob || step->patch.len) &&
	       strcmp(step->verb, "run") != 0 && strcmp(step->verb, "delete") != 0;
}

static struct review *make_review(struct ui *ui, const struct model_step *step)
{
	struct err err = { 0 };
	struct buf blob = { 0 };
	const struct buf *patch = &step->patch;
	struct review *review = xcalloc(1, sizeof *review);
	int rc = 0;
	if (step->patch_blob) {
		rc = ui->view.feed->ops->blob(ui->view.feed, step->patch_blob, &blob, &err);
		patch = &blob;
	}
	if (rc == 0 && patch->len > LARGE_BYTES)
		rc = -1;
	if (rc == 0)
		rc = review_open(review, step->id, step->approval.request, patch, &err);
	buf_release(&blob);
	if (rc == 0)
		return review;
	free(review);
	return NULL;
}

bool ui_open_review(struct ui *ui, const struct model_step *step)
{
	struct review *review = map_get(&ui->review, step->id);
	if (!has_hunks(step) || ui->layout.mode == LAYOUT_STATUS || ui->layout.mode == LAYOUT_FOUR)
		return false;
	if (review && strcmp(review->request, step->approval.request) != 0) {
		drop_review(ui, step->id);
		review = NULL;
	}
	if (!review) {
		review = make_review(ui, step);
		if (!review)
			return false;
		map_put(&ui->review, step->id, review);
	}
	view_select(&ui->view, step->id);
	review_view_open(&ui->review_view, review);
	ui->view.message_until_ms = 0;
	return true;
}

void ui_check_review(struct ui *ui)
{
	const struct review *review = ui->review_view.review;
	if (!review)
		return;
	const struct model_step *step = run_model_step(&ui->model, review->step);
	if (step && strcmp(step->approval.request, review->request) == 0)
		return;
	drop_review(ui, review->step);
	ui->closed_ms = ui->view.mono_ms;
	view_say(&ui->view, ROLE_NOTE, "the question is no longer open");
}

/* ---- what comes of it ---- */

static bool takes_all(const struct review *review)
{
	return !review->edited && review_count(review, review->n_files).accepted == review->n_hunks;
}

void ui_send_review(struct ui *ui, int64_t shown_ms)
{
	struct review *review = ui->review_view.review;
	struct review_count count = review_count(review, review->n_files);
	struct buf patch = { 0 };
	struct command command = { .kind = takes_all(review) ? COMMAND_APPROVE : COMMAND_DECIDE,
		                   .step = review->step,
		                   .request = review->request,
		                   .by = "person",
		                   .shown_ms = shown_ms };
	if (command.kind == COMMAND_DECIDE) {
		review_write(review, &patch);
		command.text = (char *)(uintptr_t)buf_str(&patch);
		command.number = (int64_t)(count.accepted + count.partly);
		command.rejected = (int64_t)(count.rejected + count.undecided);
	}
	view_send(&ui->view, &command);
	view_say(&ui->view, ROLE_OK, "accepted: %zu of %zu hunks", count.accepted + count.partly, review->n_hunks);
	buf_release(&patch);
	review_view_close(&ui->review_view);
	ui->closed_ms = ui->view.mono_ms;
}

void ui_refuse_review(struct ui *ui, const char *reason)
{
	struct review *review = ui->review_view.review;
	struct command command = { .kind = COMMAND_REFUSE, .by = "person" };
	if (!review)
		return;
	command.step = review->step;
	command.request = review->request;
	command.text = (char *)(uintptr_t)reason;
	view_send(&ui->view, &command);
	view_say(&ui->view, ROLE_NOTE, reason ? "rejected, with the reason" : "declined");
	review_view_close(&ui->review_view);
	ui->closed_ms = ui->view.mono_ms;
}

static void ask(struct ui *ui, const char *title, enum ask_answer yes)
{
	ui->ask = (struct ask){ .open = true,
		                .choice = { { 'y', yes, "yes" }, { 'n', ASK_CLOSED, "no" } },
		                .n_choices = 2 };
	snprintf(ui->ask.title, sizeof ui->ask.title, "%s", title);
}

/* At medium and high risk what is accepted is confirmed like anything else of that risk. */
static void apply(struct ui *ui)
{
	struct review *review = ui->review_view.review;
	const struct model_step *step = run_model_step(&ui->model, review->step);
	struct review_count count = review_count(review, review->n_files);
	size_t accepted = count.accepted + count.partly;
	const char *risk = step->approval.risk;
	if (review_view_show_unseen(&ui->review_view)) {
		view_say(&ui->view, ROLE_WAITING, "this hunk was not on screen yet: decide, or look at it, then A");
	} else if (!accepted) {
		ask(ui, "Nothing is accepted", ASK_DECLINE);
		snprintf(ui->ask.question, sizeof ui->ask.question, "Decline the whole step?");
	} else if (strcmp(risk, "medium") == 0 || strcmp(risk, "high") == 0) {
		ui_open_confirm(ui, step);
	} else if (count.undecided) {
		ask(ui, "Apply", ASK_APPLY);
		snprintf(ui->ask.question, sizeof ui->ask.question, "Apply %zu of %zu hunks? What is undecided (%zu) is left out.",
		         accepted, review->n_hunks, count.undecided);
	} else {
		ui_send_review(ui, 0);
	}
}

static void edit_hunk(struct ui *ui)
{
	buf_clear(&ui->to_edit);
	review_hunk_text(ui->review_view.review, review_view_hunk(&ui->review_view), &ui->to_edit);
	if (!ui->to_edit.len || ui->review_view.review->hunk[review_view_hunk(&ui->review_view)].whole) {
		view_say(&ui->view, ROLE_NOTE, "this is taken or left as a whole");
		return;
	}
	buf_add_str(&ui->to_edit, "# Lines with '+' are added, with '-' removed. To keep a line that is removed, make its '-' a ' '.\n"
	                          "# The old lines must stay. Lines that begin with '#' go. With no line left, nothing is changed.\n");
	ui->wants_editor = true;
}

bool ui_wants_editor(struct ui *ui, const struct buf **text)
{
	bool wants = ui->wants_editor;
	ui->wants_editor = false;
	*text = &ui->to_edit;
	return wants;
}

void ui_edited(struct ui *ui, const char *text, size_t n)
{
	struct err err = { 0 };
	struct review_view *view = &ui->review_view;
	ui->dirty = true;
	bool same = text && n == ui->to_edit.len && memcmp(text, ui->to_edit.data, n) == 0;
	if (!view->review || !text || same || strspn(text, " \t\n") == n) {
		view_say(&ui->view, ROLE_NOTE, "the hunk is as it was");
		return;
	}
	if (review_replace_hunk(view->review, review_view_hunk(view), text, n, &err) != 0)
		view_say(&ui->view, ROLE_FAILED, "%s", err.msg);
	else
		view_say(&ui->view, ROLE_OK, "edited and accepted");
	review_view_changed(view);
}

void ui_review_act(struct ui *ui, enum action action)
{
	char say[120];
	if (action == ACTION_BACK && ui->review_view.mark != REVIEW_NO_MARK) {
		ui->review_view.mark = REVIEW_NO_MARK;
	} else if (action == ACTION_BACK || action == ACTION_CLOSE) {
		review_view_close(&ui->review_view);
		ui->closed_ms = ui->view.mono_ms;
		view_say(&ui->view, ROLE_NOTE, "the change stays pending, and your decisions are kept; a goes back");
	} else if (action == ACTION_APPLY) {
		apply(ui);
	} else if (action == ACTION_REJECT_ALL) {
		ui->prompt = PROMPT_FEEDBACK;
		line_edit_clear(&ui->edit);
	} else if (action == ACTION_EDIT_HUNK) {
		edit_hunk(ui);
	} else if (review_view_handle(&ui->review_view, action, say, sizeof say) && *say) {
		view_say(&ui->view, ROLE_NOTE, "%s", say);
	}
}
