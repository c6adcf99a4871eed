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

/* Has the file that is shown changed under the review? What cannot be read is for the landing to judge. */
static void look_at_disk(struct ui *ui)
{
	struct review_view *view = &ui->review_view;
	const struct feed *feed = ui->view.feed;
	const struct review_file *file = &view->review->file[view->file];
	struct feed_file now = { 0 };
	struct err err = { 0 };
	char *path = xstrndup(file->path, file->path_n);
	if (feed->ops->now && feed->ops->now(ui->view.feed, path, &now, &err) == 0 && !now.is_link) {
		size_t n = review_view_set_disk(view, now.present ? buf_str(&now.text) : NULL, now.text.len);
		review_view_changed(view);
		if (n)
			view_say(&ui->view, ROLE_WAITING, "'%s' changed since: %zu of its hunks must be looked at again", path, n);
	}
	buf_release(&now.text);
	free(path);
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
	look_at_disk(ui);
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

/* Before anything is sent: true when a file has changed meanwhile; it is on screen then. */
static bool look_at_all(struct ui *ui)
{
	struct review_view *view = &ui->review_view;
	size_t shown = view->file;
	for (size_t i = 0; i < view->review->n_files; i++) {
		size_t before = review_count(view->review, i).undecided;
		view->file = i;
		look_at_disk(ui);
		if (review_count(view->review, i).undecided > before)
			return true;
	}
	view->file = shown;
	look_at_disk(ui);
	return false;
}

/* At medium and high risk what is accepted is confirmed like anything else of that risk. */
static void apply(struct ui *ui)
{
	struct review *review = ui->review_view.review;
	const struct model_step *step = run_model_step(&ui->model, review->step);
	struct review_count count = review_count(review, review->n_files);
	size_t accepted = count.accepted + count.partly;
	const char *risk = step->approval.risk;
	if (look_at_all(ui)) {
		return;
	} else if (review_view_show_unseen(&ui->review_view)) {
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

static void edit_result(struct ui *ui)
{
	struct err err = { 0 };
	const struct review_view *view = &ui->review_view;
	const struct review_file *file = &view->review->file[view->file];
	look_at_disk(ui);
	buf_clear(&ui->to_edit);
	if (file->deleted || (!view->has_disk && !file->created))
		err_set(&err, ERR_USAGE, file->deleted ? "the file goes: there is no result to edit" : "the file cannot be read");
	else if (review_result(view->review, view->file, view->has_disk ? buf_str(&view->disk) : NULL, view->disk.len, &ui->to_edit,
	                       &err) == 0)
		ui->wants_editor = ui->edits_result = true;
	if (err.code)
		view_say(&ui->view, ROLE_FAILED, "%s", err.msg);
}

static int take_result(struct review_view *view, const char *text, size_t n, struct err *err)
{
	const struct review_texts texts = { view->has_disk ? buf_str(&view->disk) : NULL, text, view->disk.len, n };
	return review_replace_file(view->review, view->file, &texts, err);
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
	bool result = ui->edits_result;
	bool same = text && n == ui->to_edit.len && memcmp(text, ui->to_edit.data, n) == 0;
	ui->edits_result = false;
	if (!view->review || !text || same || strspn(text, " \t\n") == n) {
		view_say(&ui->view, ROLE_NOTE, result ? "the result is as it was" : "the hunk is as it was");
		return;
	}
	int rc = result ? take_result(view, text, n, &err) : review_replace_hunk(view->review, review_view_hunk(view), text, n, &err);
	if (rc != 0)
		view_say(&ui->view, ROLE_FAILED, "%s", err.msg);
	else
		view_say(&ui->view, ROLE_OK, "edited and accepted");
	view->list.cursor = 0;
	review_view_changed(view);
	look_at_disk(ui);
}

static void find_in_review(struct ui *ui, bool forward)
{
	if (!ui->find.len)
		view_say(&ui->view, ROLE_NOTE, "%s finds first", view_key(&ui->view, ACTION_FIND).text);
	else if (!review_view_find(&ui->review_view, buf_str(&ui->find), forward))
		view_say(&ui->view, ROLE_WAITING, "'%s' is not there", buf_str(&ui->find));
	ui->review_view.find = ui->view.find;
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
	} else if (action == ACTION_EDIT_RESULT) {
		edit_result(ui);
	} else if (action == ACTION_FIND) {
		ui->prompt = PROMPT_FIND;
		line_edit_clear(&ui->edit);
	} else if (action == ACTION_FIND_NEXT || action == ACTION_FIND_PREVIOUS) {
		find_in_review(ui, action == ACTION_FIND_NEXT);
	} else if (review_view_handle(&ui->review_view, action, say, sizeof say) && *say) {
		view_say(&ui->view, ROLE_NOTE, "%s", say);
	}
	if (ui->review_view.review && ui->review_view.disk_file != ui->review_view.file)
		look_at_disk(ui);
}
