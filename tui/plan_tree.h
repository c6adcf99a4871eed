/*
 * The rows of the plan pane: groups, steps, and under an open step its attempt, files, checks and diagnostics. Made
 * anew for each frame from the run's state. Pure.
 */
#ifndef BELAY_TUI_PLAN_TREE_H
#define BELAY_TUI_PLAN_TREE_H

#include "base/map.h"
#include "event/run_model.h"

#include <stdbool.h>
#include <stddef.h>

enum plan_row_kind { ROW_GROUP, ROW_STEP, ROW_ATTEMPT, ROW_MESSAGE, ROW_FILE, ROW_CHECK, ROW_DIAG };

struct plan_row {
	enum plan_row_kind kind;
	int depth;
	size_t number;                 /* of a step, from 1 */
	const struct model_step *step; /* NULL for a group */
	const char *group;             /* the group's id is the first group_n bytes of it */
	size_t group_n;
	size_t index;                  /* file or check; of a group: its steps */
	size_t sub;                    /* diagnostic; of a group: those that are done */
};

struct plan_tree {
	struct plan_row *row; /* owned */
	size_t n_rows, cap_rows;
	struct strings group; /* the names that rows point to */
};

/* `toggled` holds the ids that are not as they are by default: groups are open, steps are closed. */
void plan_tree_make(struct plan_tree *tree, const struct run_model *model, const struct map *toggled);
void plan_tree_release(struct plan_tree *tree);

/* The row of the same thing in a tree that was made later; its step's row when it is gone; -1 when that is, too. */
long plan_tree_find(const struct plan_tree *tree, const struct plan_row *row);
long plan_tree_find_step(const struct plan_tree *tree, const char *id);

/* The id by which a row is folded: the group's, or its step's. To be freed. */
char *plan_row_id(const struct plan_row *row);

#endif
