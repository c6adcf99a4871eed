/* Around commands: what the tree was before, on disk, and what the command changed, as the step's own change. */
#include "run/engine.h"

#include "base/path.h"
#include "io/vcs.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* The safety net in the user's repository, before the first risky operation; that it cannot be made is told, and
 * nothing depends on it. */
void guard_safety_commit(struct executor *ex)
{
	struct err err = { 0 };
	struct vcs *vcs = NULL;
	if (ex->safety_done)
		return;
	ex->safety_done = true;
	int rc = vcs_open(&vcs, ex->options.root, &err);
	if (rc == 0)
		rc = vcs_safety_commit(vcs, ex->options.run_id, &err);
	vcs_free(vcs);
	if (rc != 0)
		engine_notice(ex, NULL, "access", err.msg, "rollback works all the same: it does not depend on git");
}

/* land.h says how recovery finds it. One command runs at a time, so one file is enough. */
static void manifest_file(const struct executor *ex, size_t node, struct buf *out)
{
	path_join(out, ex->options.run_dir, "manifest");
	buf_printf(out, "-%d-%s", ex->state[node].attempt, ex->graph.node[node].step->id);
}

int guard_before(struct executor *ex, size_t node, struct err *err)
{
	struct engine_node *state = &ex->state[node];
	struct buf file = { 0 };
	guard_safety_commit(ex);
	manifest_free(state->manifest);
	state->manifest = NULL;
	strings_release(&state->uncovered);
	manifest_file(ex, node, &file);
	int rc = manifest_take(&state->manifest, &ex->ws.root, ex->store, buf_str(&file), &state->uncovered, err);
	buf_release(&file);
	return rc;
}

int guard_check_writes(const struct plan_step *step, const struct changeset *set, struct err *err)
{
	for (size_t i = 0; step->has_writes && i < set->n_changes; i++) {
		if (step_names(&step->writes, set->change[i].path))
			continue;
		err_set(err, ERR_ACCESS, "the step writes '%.200s', which its 'writes' does not name", set->change[i].path);
		return err_hint(err, "add it to 'writes' in the plan if this is wanted");
	}
	return 0;
}

static int adopt(struct executor *ex, size_t node, struct err *err)
{
	struct engine_node *state = &ex->state[node];
	const struct plan_step *step = ex->graph.node[node].step;
	struct changeset set = { 0 };
	struct strings lost = { 0 };
	int rc = manifest_changes(state->manifest, &ex->ws.root, ex->store, &set, &lost, err);
	for (size_t i = 0; rc == 0 && i < lost.n_items; i++)
		engine_notice(ex, step->id, "access", lost.item[i], "the command changed this file; undo cannot bring it back");
	if (rc == 0 && set.n_changes)
		rc = land_adopt(&ex->lander, step->id, state->attempt, &set, err);
	if (rc == 0)
		rc = guard_check_writes(step, &set, err);
	changeset_release(&set);
	strings_release(&lost);
	return rc;
}

int guard_after(struct executor *ex, size_t node, struct err *err)
{
	struct engine_node *state = &ex->state[node];
	struct buf file = { 0 };
	ex->busy_in_tree = false;
	if (!state->manifest)
		return 0;
	int rc = adopt(ex, node, err);
	manifest_free(state->manifest);
	state->manifest = NULL;
	manifest_file(ex, node, &file);
	if (unlink(buf_str(&file)) != 0 && errno != ENOENT && rc == 0)
		rc = err_errno(err, errno, "cannot remove '%s'", buf_str(&file));
	buf_release(&file);
	return rc;
}
