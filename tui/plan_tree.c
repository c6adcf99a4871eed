#include "tui/plan_tree.h"

#include "base/vec.h"
#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

struct maker {
	struct plan_tree *tree;
	const struct run_model *model;
	const struct map *toggled;
};

static struct plan_row *add_row(struct plan_tree *tree, struct plan_row row)
{
	tree->row = vec_room(tree->row, tree->n_rows, &tree->cap_rows, sizeof *tree->row);
	tree->row[tree->n_rows] = row;
	return &tree->row[tree->n_rows++];
}

/* The tree has the name for itself: events that come before the next tree may change the model's. */
static void add_group(struct plan_tree *tree, int depth, const char *group, size_t n)
{
	char *name = xstrndup(group, n);
	strings_take(&tree->group, name);
	add_row(tree, (struct plan_row){ .kind = ROW_GROUP, .depth = depth, .group = name, .group_n = n });
}

static bool is_toggled(const struct maker *maker, const char *id, size_t n)
{
	char *name = xstrndup(id, n);
	bool toggled = map_has(maker->toggled, name);
	free(name);
	return toggled;
}

/* Bytes of the group path up to and with its component `depth` (from 0): "a.b.c" is "a", "a.b", "a.b.c". */
static size_t group_prefix(const char *group, int depth)
{
	const char *at = group;
	for (int i = 0; *at; at++)
		if (*at == '.' && i++ == depth)
			break;
	return (size_t)(at - group);
}

static int group_depth(const char *group)
{
	int depth = 0;
	for (const char *at = group; *at; at++)
		depth += *at == '.';
	return *group ? depth + 1 : 0;
}

/* Group rows that this step opens, compared with the step before. Returns false when a closed group hides the step. */
static bool enter_groups(const struct maker *maker, const char *group, const char *before)
{
	int depth = group_depth(group);
	for (int i = 0; i < depth; i++) {
		size_t n = group_prefix(group, i);
		bool same = before && strncmp(before, group, n) == 0 && (before[n] == '\0' || before[n] == '.');
		if (!same)
			add_group(maker->tree, i, group, n);
		if (is_toggled(maker, group, n))
			return false;
	}
	return true;
}

static void add_parts(const struct maker *maker, const struct plan_row *of)
{
	struct plan_row row = *of;
	const struct model_step *step = of->step;
	row.depth++;
	if (step->attempt > 1) {
		row.kind = ROW_ATTEMPT;
		add_row(maker->tree, row);
	}
	if (*step->message || *step->reason) {
		row.kind = ROW_MESSAGE;
		add_row(maker->tree, row);
	}
	row.kind = ROW_FILE;
	for (row.index = 0; row.index < step->n_files; row.index++)
		add_row(maker->tree, row);
	for (row.index = 0; row.index < step->n_checks; row.index++) {
		row.kind = ROW_CHECK;
		row.depth = of->depth + 1;
		add_row(maker->tree, row);
		row.kind = ROW_DIAG;
		row.depth = of->depth + 2;
		for (row.sub = 0; row.sub < step->check[row.index].diags.n_diags; row.sub++)
			add_row(maker->tree, row);
		row.sub = 0;
	}
}

static void count_groups(struct plan_tree *tree, const struct run_model *model)
{
	for (size_t i = 0; i < tree->n_rows; i++) {
		struct plan_row *row = &tree->row[i];
		if (row->kind != ROW_GROUP)
			continue;
		for (size_t j = 0; j < model->n_steps; j++) {
			const char *parent = model->step[j]->parent;
			if (strncmp(parent, row->group, row->group_n) != 0 ||
			    (parent[row->group_n] != '\0' && parent[row->group_n] != '.'))
				continue;
			row->index++;
			row->sub += model->step[j]->state == STEP_DONE;
		}
	}
}

void plan_tree_make(struct plan_tree *tree, const struct run_model *model, const struct map *toggled)
{
	struct maker maker = { tree, model, toggled };
	const char *before = NULL;
	tree->n_rows = 0;
	strings_release(&tree->group);
	tree->group = (struct strings){ 0 };
	for (size_t i = 0; i < model->n_steps; i++) {
		const struct model_step *step = model->step[i];
		const char *group = step->parent;
		bool visible = enter_groups(&maker, group, before);
		before = group;
		if (!visible)
			continue;
		struct plan_row row = { .kind = ROW_STEP, .depth = group_depth(group), .number = i + 1, .step = step };
		add_row(tree, row);
		if (map_has(toggled, step->id))
			add_parts(&maker, &row);
	}
	count_groups(tree, model);
}

void plan_tree_release(struct plan_tree *tree)
{
	free(tree->row);
	strings_release(&tree->group);
	*tree = (struct plan_tree){ 0 };
}

static bool same_group(const struct plan_row *a, const struct plan_row *b)
{
	return a->group_n == b->group_n && strncmp(a->group, b->group, a->group_n) == 0;
}

long plan_tree_find(const struct plan_tree *tree, const struct plan_row *row)
{
	for (size_t i = 0; i < tree->n_rows; i++) {
		const struct plan_row *other = &tree->row[i];
		if (other->kind != row->kind || other->step != row->step)
			continue;
		if (row->kind == ROW_GROUP ? same_group(other, row) : other->index == row->index && other->sub == row->sub)
			return (long)i;
	}
	return row->step ? plan_tree_find_step(tree, row->step->id) : -1;
}

long plan_tree_find_step(const struct plan_tree *tree, const char *id)
{
	for (size_t i = 0; id && i < tree->n_rows; i++)
		if (tree->row[i].kind == ROW_STEP && strcmp(tree->row[i].step->id, id) == 0)
			return (long)i;
	return -1;
}

char *plan_row_id(const struct plan_row *row)
{
	return row->kind == ROW_GROUP ? xstrndup(row->group, row->group_n) : xstrdup(row->step->id);
}
