#include "tui/verb_tree.h"

#include "plan/policy.h"

static size_t depth_of(const struct plan *plan, const struct plan_step *step)
{
	size_t depth = 0;
	for (int up = step->parent; up >= 0; up = plan->step[up].parent)
		depth++;
	return depth;
}

void verb_tree_step(struct buf *out, const struct plan *plan, const struct plan_step *step)
{
	struct buf title = { 0 };
	plan_step_title(step, &title);
	buf_printf(out, "%*s%s", (int)(2 * depth_of(plan, step)), "", step->id);
	if (step->verb != VERB_GROUP) {
		buf_printf(out, "  %s  risk %s", buf_str(&title), risk_name(policy_static_risk(plan, step)));
		for (size_t i = 0; i < step->needs.n_items; i++)
			buf_printf(out, "%s%s", i ? ", " : "  after ", step->needs.item[i]);
	}
	buf_add_char(out, '\n');
	buf_release(&title);
}
