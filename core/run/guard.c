/* Around commands: what the tree was before, on disk, and what the command changed, as the step's own change. */
#include "run/engine.h"

#include "base/clock.h"
#include "base/xalloc.h"
#include "io/vcs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAMED_MAX 3

/* The safety net in the user's repository, before the first risky operation; that it cannot be made is told, and
 * nothing depends on it. */
void guard_safety_commit(struct executor *ex)
{
	struct err err = { 0 };
	struct vcs *vcs = NULL;
	if (ex->safety_done || ex->options.dry_run)
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
static char *manifest_file(const struct executor *ex, size_t node)
{
	return xasprintf("%s/" LAND_MANIFEST_PREFIX "%d-%s", ex->options.run_dir, ex->state[node].attempt,
	                 ex->graph.node[node].step->id);
}

static void let_go_of_file(struct executor *ex)
{
	death_watch_end(&ex->guard_watch);
	free(ex->guard_file);
	ex->guard_file = NULL;
}

/* The file first: a watch that sees us die in between finds nothing to touch. */
static int remove_file(struct executor *ex, struct err *err)
{
	if (!ex->guard_file)
		return 0;
	int rc = unlink(ex->guard_file) != 0 && errno != ENOENT
		? err_errno(err, errno, "cannot remove '%s'", ex->guard_file)
		: 0;
	let_go_of_file(ex);
	return rc;
}

int guard_before(struct executor *ex, size_t node, struct err *err)
{
	struct engine_node *state = &ex->state[node];
	if (ex->options.dry_run)
		return 0; /* it works in a copy */
	guard_safety_commit(ex);
	manifest_free(state->manifest);
	state->manifest = NULL;
	strings_release(&state->uncovered);
	let_go_of_file(ex);
	ex->guard_file = manifest_file(ex, node);
	ex->lander.since_ms = clock_wall_ms();
	if (manifest_take(&state->manifest, &ex->ws.root, ex->store, ex->guard_file, &state->uncovered, err) != 0) {
		let_go_of_file(ex);
		return -1;
	}
	if (death_watch_start(&ex->guard_watch, ex->guard_file, err) == 0)
		return 0;
	guard_drop(ex, node);
	return -1;
}

void guard_drop(struct executor *ex, size_t node)
{
	struct err err = { 0 };
	struct engine_node *state = &ex->state[node];
	manifest_free(state->manifest);
	state->manifest = NULL;
	if (remove_file(ex, &err) != 0)
		engine_notice(ex, ex->graph.node[node].step->id, err_category(err.code), err.msg, NULL);
}

void guard_touch(const struct executor *ex)
{
	if (ex->guard_file)
		utimensat(AT_FDCWD, ex->guard_file, NULL, 0);
}

int guard_check_writes(const struct plan_step *step, const struct changeset *set, struct err *err)
{
	struct buf names = { 0 };
	size_t n = 0;
	for (size_t i = 0; step->has_writes && i < set->n_changes; i++) {
		if (step_names(&step->writes, set->change[i].path))
			continue;
		if (n++ < NAMED_MAX)
			buf_printf(&names, "%s'%.100s'", n > 1 ? ", " : "", set->change[i].path);
	}
	if (n > NAMED_MAX)
		buf_printf(&names, " and %zu more", n - NAMED_MAX);
	if (n) {
		err_set(err, ERR_ACCESS, "%s changed, and the step's 'writes' does not name %s", buf_str(&names),
		        n == 1 ? "it" : "them");
		err_hint(err, "add to 'writes' in the plan what the step is to write; anything else may be your own edit");
	}
	buf_release(&names);
	return n ? -1 : 0;
}

static int adopt(struct executor *ex, size_t node, struct changeset *set, struct err *err)
{
	struct engine_node *state = &ex->state[node];
	const struct plan_step *step = ex->graph.node[node].step;
	struct strings lost = { 0 };
	int rc = manifest_changes(state->manifest, &ex->ws.root, ex->store, set, &lost, err);
	for (size_t i = 0; rc == 0 && i < lost.n_items; i++)
		engine_notice(ex, step->id, "access", lost.item[i], "the command changed this file; undo cannot bring it back");
	if (rc == 0 && set->n_changes)
		rc = land_adopt(&ex->lander, step->id, state->attempt, set, err);
	coverage_after(ex, node, &lost);
	strings_release(&lost);
	return rc;
}

/* What a command changed is in the tree and on nobody's record: the manifest stays, for recovery to try again. */
static void leave_manifest(struct executor *ex, size_t node, const struct err *why)
{
	let_go_of_file(ex);
	ex->rollback_incomplete = true;
	engine_notice(ex, ex->graph.node[node].step->id, err_category(why->code), "what the command changed is still there",
	              "'belay resume' or 'belay undo' takes it back");
}

int guard_after(struct executor *ex, size_t node, struct err *err)
{
	struct engine_node *state = &ex->state[node];
	ex->busy_in_tree = false;
	if (!state->manifest)
		return 0;
	struct changeset set = { 0 };
	int rc = adopt(ex, node, &set, err);
	manifest_free(state->manifest);
	state->manifest = NULL;
	if (rc != 0)
		leave_manifest(ex, node, err);
	else
		rc = remove_file(ex, err);
	if (rc == 0)
		rc = guard_check_writes(ex->graph.node[node].step, &set, err);
	changeset_release(&set);
	return rc;
}
