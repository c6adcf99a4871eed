/* The tree of a plan's steps as `show` and `draft` print it. For verb_*.c. */
#ifndef BELAY_TUI_VERB_TREE_H
#define BELAY_TUI_VERB_TREE_H

#include "base/buf.h"
#include "plan/plan.h"

/* One step's line: its id, what it does, its risk, and what it comes after. */
void verb_tree_step(struct buf *out, const struct plan *plan, const struct plan_step *step);

#endif
