/* What undo brings back and what it does not: before a step, from what it is about to do; after it, from what it did. */
#include "run/engine.h"

#include "base/xalloc.h"
#include "run/confine.h"

#include <string.h>

#define LISTED_MAX 20
#define NAMED_MAX 4

bool coverage_lacks_git(const struct executor *ex, size_t node)
{
	return confine_step(ex->sandbox, &ex->ws.root, ex->graph.node[node].step) == PROC_SANDBOX_LANDLOCK_OPEN;
}

/* Not every name of a long list. */
static void add_some(struct strings *to, const struct strings *from, const char *note)
{
	for (size_t i = 0; i < from->n_items && i < LISTED_MAX; i++)
		strings_take(to, xasprintf("%s%s", from->item[i], note));
	if (from->n_items > LISTED_MAX)
		strings_take(to, xasprintf("%zu more%s", from->n_items - LISTED_MAX, note));
}

static void add_files(struct strings *to, size_t n)
{
	if (n)
		strings_take(to, xasprintf("%zu file%s, with bytes and modes", n, n == 1 ? "" : "s"));
}

/* No snapshot can tell what a command does elsewhere: only that it could. */
static void add_elsewhere(const struct executor *ex, size_t node, struct strings *out)
{
	bool sandboxed = ex->sandbox != PROC_SANDBOX_NONE;
	if (!sandboxed)
		strings_add(out, "files outside the repository: no sandbox is available here");
	if (coverage_lacks_git(ex, node))
		strings_add(out, ".git: the sandbox here cannot keep the command out of it");
	if (ex->graph.node[node].step->network || !sandboxed)
		strings_add(out, "what the command does over the network");
}

static void add_ignored(const struct manifest *manifest, struct strings *out)
{
	struct buf text = { 0 };
	const struct strings *ignored = manifest ? manifest_ignored(manifest) : NULL;
	buf_add_str(&text, "ignored files that the command changes");
	for (size_t i = 0; ignored && i < ignored->n_items && i < NAMED_MAX; i++)
		buf_printf(&text, "%s%s", i ? ", " : ": ", ignored->item[i]);
	if (ignored && ignored->n_items > NAMED_MAX)
		buf_printf(&text, " and %zu more", ignored->n_items - NAMED_MAX);
	strings_take(out, buf_take(&text, NULL));
}

void coverage_before(const struct executor *ex, size_t node, size_t n_files, struct strings *covered,
                     struct strings *not_covered)
{
	const struct plan_step *step = ex->graph.node[node].step;
	const struct engine_node *state = &ex->state[node];
	add_files(covered, n_files);
	if (!step_runs_command(step) && !step->checks.n_items)
		return;
	strings_add(covered, "tracked and untracked files of the work tree that the command changes");
	add_some(not_covered, &state->uncovered, "");
	add_ignored(state->manifest, not_covered);
	add_elsewhere(ex, node, not_covered);
}

static void join(struct strings *to, const struct strings *from)
{
	for (size_t i = 0; i < from->n_items; i++)
		if (strings_find(to, from->item[i]) < 0)
			strings_add(to, from->item[i]);
}

void coverage_after(struct executor *ex, size_t node, const struct strings *lost)
{
	struct engine_node *state = &ex->state[node];
	struct strings now = { 0 };
	struct strings ignored = { 0 };
	add_some(&now, lost, " (no copy of what it was is kept)");
	manifest_ignored_changes(state->manifest, &ex->ws.root, &ignored);
	add_some(&now, &ignored, " (ignored)");
	add_elsewhere(ex, node, &now);
	join(&state->not_covered, &now);
	strings_release(&now);
	strings_release(&ignored);
}

void coverage_of_run(const struct executor *ex, size_t n_files, struct strings *covered, struct strings *not_covered)
{
	add_files(covered, n_files);
	for (size_t i = 0; i < ex->model.n_steps; i++) {
		const struct model_step *step = ex->model.step[i];
		for (size_t j = 0; j < step->not_covered.n_items; j++)
			strings_take(not_covered, xasprintf("%s: %s", step->id, step->not_covered.item[j]));
	}
}
