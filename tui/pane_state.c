/*
 * Of a replay: what the run had made of the tree at the event, as a diff from what was there before the run; or, turned
 * round by a key, from the event to what is there now. What changed last is on top. Only as much is compared as one
 * looks at.
 */
#include "tui/pane.h"

#include "base/xalloc.h"
#include "edit/textdiff.h"
#include "tui/diff_view.h"
#include "tui/tree_state.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define CONTEXT_LINES 3
#define FILES_AT_FIRST 40
#define BYTES_AT_FIRST (2 * 1024 * 1024)
#define BYTES_MOST (10 * 1024 * 1024) /* of one file */

struct pane_state {
	struct tree_state tree;
	struct tree_state later; /* files that only events behind the play head touch, as they were; with to_now */
	bool to_now;
	bool all;          /* everything is compared, however much it is */
	bool made;         /* `shown` is of what follows: */
	uint64_t made_seq;
	size_t made_entries;
	struct buf patch;
	size_t n_differ, n_left; /* files; of those, not compared */
	struct diff_view shown;
};

static void *state_new(void)
{
	struct pane_state *self = xcalloc(1, sizeof *self);
	diff_view_init(&self->shown);
	return self;
}

static void state_reset(void *pane)
{
	struct pane_state *self = pane;
	tree_state_clear(&self->tree);
	self->made = false;
}

static void state_free(void *pane)
{
	struct pane_state *self = pane;
	tree_state_clear(&self->tree);
	tree_state_clear(&self->later);
	diff_view_release(&self->shown);
	buf_release(&self->patch);
	free(self);
}

static void state_event(void *pane, struct view *view, const struct event *event)
{
	struct pane_state *self = pane;
	if (view->replay || view->status.entry)
		tree_state_take(&self->tree, event);
}

/* ---- what differs ---- */

static int load_image(const struct view *view, const struct event_image *from, struct image *out, struct err *err)
{
	char hex[HASH_HEX_SIZE];
	struct buf text = { 0 };
	size_t n;
	if (!from->present)
		return 0;
	if (from->link) {
		image_set_link(out, from->link);
		return 0;
	}
	if (from->bytes > BYTES_MOST)
		return err_set(err, ERR_LIMIT, "%" PRId64 " bytes", from->bytes);
	hash_format(&from->hash, hex);
	if (view->feed->ops->blob(view->feed, hex, &text, err) != 0) {
		buf_release(&text);
		return -1;
	}
	char *data = buf_take(&text, &n);
	image_take_file(out, data, n, from->mode);
	return 0;
}

static int load_now(const struct view *view, const char *path, struct image *out, struct err *err)
{
	struct feed_file now;
	size_t n;
	int rc = view->feed->ops->now(view->feed, path, &now, err);
	if (rc == 0 && now.present && now.is_link) {
		image_set_link(out, buf_str(&now.text));
	} else if (rc == 0 && now.present) {
		char *data = buf_take(&now.text, &n);
		image_take_file(out, data, n, now.mode);
	}
	buf_release(&now.text);
	return rc;
}

static bool is_budget_left(const struct pane_state *self, size_t bytes)
{
	return self->all || (self->n_differ < FILES_AT_FIRST && bytes < BYTES_AT_FIRST);
}

static void add_unread(struct pane_state *self, const char *path, const char *why)
{
	buf_printf(&self->patch, "diff --git a/%s b/%s\n%s\n", path, path, why);
}

/* Adds one file's difference, if there is one. */
static void compare(struct pane_state *self, const struct view *view, const struct tree_file *file, size_t *bytes)
{
	struct changeset set = { 0 };
	struct change *change = changeset_add(&set, file->path);
	struct err err = { 0 };
	int rc = load_image(view, self->to_now ? &file->now : &file->first, &change->before, &err);
	if (rc == 0 && self->to_now)
		rc = load_now(view, file->path, &change->after, &err);
	else if (rc == 0)
		rc = load_image(view, &file->now, &change->after, &err);
	if (rc != 0 || !image_equal(&change->before, &change->after))
		self->n_differ++;
	if (rc != 0)
		add_unread(self, file->path, err.msg);
	else if (!image_equal(&change->before, &change->after))
		changeset_format_patch(&self->patch, &set, CONTEXT_LINES);
	*bytes += (size_t)(change->before.size + change->after.size);
	changeset_release(&set);
}

static int by_change(const void *left, const void *right)
{
	const struct tree_file *a = *(struct tree_file *const *)left;
	const struct tree_file *b = *(struct tree_file *const *)right;
	if (a->seq != b->seq)
		return a->seq < b->seq ? 1 : -1;
	return strcmp(a->path, b->path);
}

static void compare_files(struct pane_state *self, const struct view *view, struct tree_state *state, size_t *bytes)
{
	if (state->n_files)
		qsort(state->file, state->n_files, sizeof *state->file, by_change);
	for (size_t i = 0; i < state->n_files; i++) {
		const struct tree_file *file = state->file[i];
		bool other = state == &self->later && map_has(&self->tree.by_path, file->path);
		if (other || (!self->to_now && tree_image_equal(&file->first, &file->now)))
			continue;
		if (is_budget_left(self, *bytes))
			compare(self, view, file, bytes);
		else
			self->n_left++;
	}
}

/* What events behind the play head do to files that nothing has touched up to it. */
static void look_ahead(struct pane_state *self, const struct view *view)
{
	const struct event *event;
	struct err err;
	tree_state_clear(&self->later);
	for (size_t i = (size_t)view->status.seq; i < view->status.n_entries; i++) {
		int kind = view->status.entry[i].kind;
		if ((kind == EVENT_LANDED || kind == EVENT_TAKEN_BACK) &&
		    view->feed->ops->peek(view->feed, i, &event, &err) == 0)
			tree_state_take_later(&self->later, event);
	}
}

static void refresh(struct pane_state *self, const struct view *view)
{
	size_t entries = self->to_now ? view->status.n_entries : 0;
	size_t bytes = 0;
	if (self->made && self->made_seq == self->tree.seq && self->made_entries == entries)
		return;
	self->made = true;
	self->made_seq = self->tree.seq;
	self->made_entries = entries;
	self->n_differ = self->n_left = 0;
	buf_clear(&self->patch);
	compare_files(self, view, &self->tree, &bytes);
	if (self->to_now && view->status.entry && view->feed->ops->peek) {
		look_ahead(self, view);
		compare_files(self, view, &self->later, &bytes);
	}
	if (self->n_left)
		buf_printf(&self->patch, "diff --git %zu more files\nnot compared yet: Enter compares them\n", self->n_left);
	diff_rows_from_patch(&self->shown.rows, buf_str(&self->patch), self->patch.len);
	diff_view_made(&self->shown);
	diff_view_top(&self->shown);
}

/* ---- the pane ---- */

static void state_title(void *pane, struct view *view, struct buf *left, struct buf *right)
{
	struct pane_state *self = pane;
	size_t n_files = self->n_differ + self->n_left;
	refresh(self, view);
	buf_add_str(left, self->to_now ? "From this event to the tree now" : "State of the tree at this event");
	if (self->shown.text.below)
		buf_printf(right, "+%zu lines  ", self->shown.text.below);
	buf_printf(right, "%zu file%s  ", n_files, n_files == 1 ? "" : "s");
	buf_add_str(right, diff_view_is_double(&self->shown) ? "side-by-side" : "unified");
}

static void draw_empty(const struct pane_state *self, const struct view *view, struct pen *pen)
{
	if (self->to_now)
		pen_str(pen, ROLE_DIM, "the tree is now as it was then, as far as the run wrote it");
	else
		pen_printf(pen, ROLE_DIM, "nothing of the run is in the tree; %s compares with now",
		           view_key(view, ACTION_DIFF).text);
}

static void state_draw(void *pane, struct view *view, struct canvas *canvas, struct rect rect)
{
	struct pane_state *self = pane;
	struct rect inner = { rect.x + 1, rect.y, rect.w - 1, rect.h };
	refresh(self, view);
	if (self->shown.rows.n_rows) {
		diff_view_draw(&self->shown, canvas, inner, view->find, DIFF_ALONE);
		return;
	}
	struct pen pen = pen_at(canvas, inner, 0, 0);
	draw_empty(self, view, &pen);
}

static bool state_handle(void *pane, struct view *view, enum action action)
{
	struct pane_state *self = pane;
	if (action == ACTION_DIFF) {
		self->to_now = !self->to_now && view->feed->ops->now;
		self->made = false;
		return true;
	}
	refresh(self, view);
	if (action == ACTION_OPEN && self->n_left) {
		self->all = true;
		self->made = false;
		return true;
	}
	return diff_view_handle(&self->shown, action);
}

static bool state_find(void *pane, struct view *view, const char *find, bool forward)
{
	struct pane_state *self = pane;
	refresh(self, view);
	return diff_view_find(&self->shown, find, forward);
}

const struct pane_ops pane_state_ops = {
	.name = "",
	.new = state_new,
	.title = state_title,
	.draw = state_draw,
	.handle = state_handle,
	.find = state_find,
	.event = state_event,
	.reset = state_reset,
	.free = state_free,
};
