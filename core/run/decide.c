/* How much of a proposed change a person accepts. */
#include "run/engine.h"

#include "base/xalloc.h"
#include "edit/patch.h"
#include "edit/textdiff.h"

#include <stdlib.h>
#include <string.h>

#define CONTEXT_LINES 3

static int load_before(void *arg, const char *path, struct image *out, struct err *err)
{
	const struct changeset *proposed = arg;
	const struct change *change = changeset_find(proposed, path);
	if (!change)
		return err_set(err, ERR_CONFLICT, "'%s' is not part of the proposed change", path);
	image_copy(out, &change->before);
	return 0;
}

/* True for a change without lines (binary, too large) whose part of the patch stands in `patch`; cuts it out there. */
static bool cut_whole(const struct change *change, struct buf *patch)
{
	struct changeset one = { .change = (struct change *)(uintptr_t)change, .n_changes = 1 };
	struct buf part = { 0 };
	long added;
	long removed;
	change_count_lines(change, &added, &removed);
	changeset_format_patch(&part, &one, CONTEXT_LINES);
	char *at = added < 0 ? strstr(patch->data, buf_str(&part)) : NULL;
	if (at) {
		memmove(at, at + part.len, patch->len - (size_t)(at - patch->data) - part.len + 1);
		patch->len -= part.len;
	}
	buf_release(&part);
	return at;
}

static void move_change(struct changeset *to, struct change *from)
{
	struct change *own = changeset_add(to, from->path);
	own->before = from->before;
	own->after = from->after;
	from->before = from->after = (struct image){ 0 };
}

/* What the patch leaves of the proposed change. On failure *accepted is empty and nothing has changed. */
static int cut_down(struct changeset *proposed, const char *text, struct changeset *accepted, struct err *err)
{
	struct buf patch = { 0 };
	bool *whole = xcalloc(proposed->n_changes + 1, sizeof *whole);
	buf_add_str(&patch, text);
	for (size_t i = 0; i < proposed->n_changes && patch.len; i++)
		whole[i] = cut_whole(&proposed->change[i], &patch);
	int rc = patch.len ? patch_apply(accepted, buf_str(&patch), patch.len, load_before, proposed, err) : 0;
	for (size_t i = 0; i < proposed->n_changes && rc == 0; i++)
		if (whole[i])
			move_change(accepted, &proposed->change[i]);
	changeset_prune(accepted);
	if (rc == 0 && !accepted->n_changes)
		rc = err_set(err, ERR_USAGE, "nothing of the change is accepted");
	free(whole);
	buf_release(&patch);
	return rc;
}

static void tell(struct executor *ex, size_t node, const struct command *command, const struct changeset *accepted)
{
	struct buf patch = { 0 };
	struct event_file *file = xcalloc(accepted->n_changes, sizeof *file);
	for (size_t i = 0; i < accepted->n_changes; i++)
		event_file_of_change(&file[i], &accepted->change[i]);
	changeset_format_patch(&patch, accepted, CONTEXT_LINES);
	struct event event = {
		.kind = EVENT_CHANGE_DECIDED,
		.step = ex->graph.node[node].step->id,
		.attempt = ex->state[node].attempt,
		.files = { file, accepted->n_changes },
		.accepted = command->number,
		.rejected = command->rejected,
		.by = command->by ? command->by : "person",
		.text = { .data = buf_str(&patch), .len = patch.len },
	};
	engine_tell(ex, &event);
	buf_release(&patch);
	free(file);
}

int decide_change(struct executor *ex, size_t node, const struct command *command, struct err *err)
{
	struct changeset accepted = { 0 };
	struct changeset *proposed = &ex->state[node].job->set;
	if (cut_down(proposed, command->text, &accepted, err) != 0)
		return -1;
	tell(ex, node, command, &accepted);
	changeset_release(proposed);
	*proposed = accepted;
	return 0;
}
