/*
 * Which steps may write the same paths. Patterns (paths, folders and globs) hang in a tree of folders, so that one is
 * compared only with those above and below it, and only with those that a step after its own last one has.
 */
#include "plan/dag_overlap.h"

#include "base/glob.h"
#include "base/map.h"
#include "base/path.h"
#include "base/xalloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_GLOBS 1024 /* different ones; more are taken for "anything" */

/* A value that is not known yet stands for all below the folder before it. */
static char *pattern_text(const char *text)
{
	const char *brace = strstr(text, "{{");
	if (!brace)
		return *text ? xstrdup(text) : xstrdup("**");
	size_t n = (size_t)(brace - text);
	while (n && text[n - 1] != '/')
		n--;
	return xasprintf("%.*s**", (int)n, text);
}

static void add_all(struct strings *out, const struct strings *list)
{
	for (size_t i = 0; i < list->n_items; i++)
		strings_take(out, pattern_text(list->item[i]));
}

void step_write_set(const struct plan_step *step, struct strings *out)
{
	add_all(out, &step->writes);
	switch (step->verb) {
	case VERB_WRITE:
	case VERB_REFACTOR:
	case VERB_DELETE:
		add_all(out, &step->target);
		break;
	case VERB_SCAFFOLD:
		strings_take(out, pattern_text(step->into ? step->into : ""));
		break;
	case VERB_TEST:
		if (step->into || !step->has_writes)
			strings_take(out, pattern_text(step->into ? step->into : ""));
		break;
	case VERB_RUN:
		if (!step->has_writes)
			strings_add(out, "**");
		break;
	default:
		break;
	}
}

/* Length of the folder before the first special character; of a path without one, all of it. */
static size_t anchor_of(const char *text)
{
	size_t n = strcspn(text, "*?[{");
	if (!text[n])
		return n;
	while (n && text[n] != '/')
		n--;
	return n;
}

/* A path stands for what is below it too: it may be a folder. */
static bool path_overlaps_glob(const char *path, const char *glob)
{
	char below[4200];
	if (glob_may_overlap(glob, path))
		return true;
	int n = snprintf(below, sizeof below, "%s/**", path);
	return n >= (int)sizeof below || glob_may_overlap(glob, below);
}

static bool patterns_overlap(const char *a, const char *b)
{
	bool path_a = glob_is_literal(a);
	bool path_b = glob_is_literal(b);
	if (strcmp(a, b) == 0)
		return true;
	if (path_a && path_b)
		return path_is_below(a, b) || path_is_below(b, a);
	if (path_a)
		return path_overlaps_glob(a, b);
	return path_b ? path_overlaps_glob(b, a) : glob_may_overlap(a, b);
}

bool steps_may_overlap(const struct plan_step *a, const struct plan_step *b)
{
	struct strings set_a = { 0 };
	struct strings set_b = { 0 };
	bool overlap = false;
	step_write_set(a, &set_a);
	step_write_set(b, &set_b);
	for (size_t i = 0; i < set_a.n_items && !overlap; i++)
		for (size_t k = 0; k < set_b.n_items && !overlap; k++)
			overlap = patterns_overlap(set_a.item[i], set_b.item[k]);
	strings_release(&set_a);
	strings_release(&set_b);
	return overlap;
}

struct pattern {
	char *text;
	size_t folder; /* that it hangs in */
	size_t holder; /* 1 + the place in the order of the latest step that has it; 0: none */
};

/* A path of the tree: a folder, or a file that some step names. */
struct folder {
	size_t parent;    /* of the root: itself */
	size_t *child;
	size_t n_children, cap_children;
	size_t *pattern;
	size_t n_patterns, cap_patterns;
	size_t newest;    /* the highest `holder` of its patterns and of all below it */
};

struct forest {
	struct folder *folder;   /* the root first */
	size_t n_folders, cap_folders;
	struct map by_path;      /* path -> index + 1 */
	struct pattern *pattern;
	size_t n_patterns, cap_patterns;
	size_t n_globs;
	struct map by_text;      /* pattern -> index + 1 */
	size_t *stack;           /* of a walk */
	size_t cap_stack;
};

static size_t add_folder(struct forest *forest, const char *path, size_t parent)
{
	size_t index = forest->n_folders++;
	forest->folder = vec_room(forest->folder, index, &forest->cap_folders, sizeof *forest->folder);
	forest->folder[index] = (struct folder){ .parent = parent };
	map_put(&forest->by_path, path, (void *)(uintptr_t)(index + 1));
	if (index) {
		struct folder *above = &forest->folder[parent];
		dag_add_index(&above->child, &above->n_children, &above->cap_children, index);
	}
	return index;
}

/* The folder of the first n bytes of a path, made with those above it. */
static size_t find_folder(struct forest *forest, const char *text, size_t n)
{
	size_t at = 0;
	if (!forest->n_folders)
		add_folder(forest, "", 0);
	for (size_t end = 0; end < n;) {
		end += strcspn(text + end + (text[end] == '/'), "/") + (text[end] == '/');
		char *path = xstrndup(text, end < n ? end : n);
		size_t found = (size_t)(uintptr_t)map_get(&forest->by_path, path);
		at = found ? found - 1 : add_folder(forest, path, at);
		free(path);
	}
	return at;
}

static size_t find_pattern(struct forest *forest, const char *text)
{
	size_t found = (size_t)(uintptr_t)map_get(&forest->by_text, text);
	if (found)
		return found - 1;
	if (!glob_is_literal(text) && strcmp(text, "**") != 0 && forest->n_globs++ >= MAX_GLOBS)
		return find_pattern(forest, "**");
	size_t folder = find_folder(forest, text, anchor_of(text));
	size_t index = forest->n_patterns;
	forest->pattern = vec_room(forest->pattern, index, &forest->cap_patterns, sizeof *forest->pattern);
	forest->pattern[forest->n_patterns++] = (struct pattern){ .text = xstrdup(text), .folder = folder };
	map_put(&forest->by_text, text, (void *)(uintptr_t)(index + 1));
	struct folder *home = &forest->folder[folder];
	dag_add_index(&home->pattern, &home->n_patterns, &home->cap_patterns, index);
	return index;
}

static void forest_release(struct forest *forest)
{
	for (size_t i = 0; i < forest->n_folders; i++) {
		free(forest->folder[i].child);
		free(forest->folder[i].pattern);
	}
	for (size_t i = 0; i < forest->n_patterns; i++)
		free(forest->pattern[i].text);
	free(forest->folder);
	free(forest->pattern);
	free(forest->stack);
	map_release(&forest->by_path);
	map_release(&forest->by_text);
}

/* One step that looks for those before it. */
struct search {
	struct dag *dag;
	struct forest *forest;
	size_t self;
	size_t *stamp; /* by step: 1 + the step that is after it already */
};

static void wait_for(struct search *s, size_t holder)
{
	size_t earlier = s->dag->order[holder - 1];
	struct dag_node *node = &s->dag->node[s->self];
	if (earlier == s->self || s->stamp[earlier] == s->self + 1)
		return;
	s->stamp[earlier] = s->self + 1;
	dag_add_index(&node->after, &node->n_after, &node->cap_after, earlier);
}

/* The latest holder of the same pattern has waited for all up to `since`. */
static void look_in(struct search *s, const struct folder *folder, const struct pattern *own, size_t since)
{
	for (size_t i = 0; i < folder->n_patterns; i++) {
		const struct pattern *other = &s->forest->pattern[folder->pattern[i]];
		if (other->holder > since && patterns_overlap(own->text, other->text))
			wait_for(s, other->holder);
	}
}

static void look_below(struct search *s, size_t top, const struct pattern *own, size_t since)
{
	struct forest *forest = s->forest;
	size_t n = 0;
	dag_add_index(&forest->stack, &n, &forest->cap_stack, top);
	while (n) {
		const struct folder *folder = &forest->folder[forest->stack[--n]];
		for (size_t i = 0; i < folder->n_children; i++) {
			const struct folder *child = &forest->folder[folder->child[i]];
			if (child->newest <= since)
				continue;
			look_in(s, child, own, since);
			dag_add_index(&forest->stack, &n, &forest->cap_stack, folder->child[i]);
		}
	}
}

static void find_earlier(struct search *s, size_t index)
{
	const struct pattern *own = &s->forest->pattern[index];
	size_t since = own->holder;
	size_t at = own->folder;
	if (since)
		wait_for(s, since);
	for (size_t above = at;; above = s->forest->folder[above].parent) {
		look_in(s, &s->forest->folder[above], own, since);
		if (!above)
			break;
	}
	look_below(s, at, own, since);
}

static void hold(struct forest *forest, size_t index, size_t holder)
{
	size_t at = forest->pattern[index].folder;
	forest->pattern[index].holder = holder;
	while (forest->folder[at].newest < holder) {
		forest->folder[at].newest = holder;
		at = forest->folder[at].parent;
	}
}

static int compare_indices(const void *a, const void *b)
{
	size_t x = *(const size_t *)a;
	size_t y = *(const size_t *)b;
	return (x > y) - (x < y);
}

void dag_order_writes(struct dag *dag, const struct plan *plan)
{
	struct forest forest = { 0 };
	struct search search = { dag, &forest, 0, xcalloc(dag->n_nodes + 1, sizeof *search.stamp) };
	for (size_t i = 0; i < dag->n_order; i++) {
		struct strings set = { 0 };
		search.self = dag->order[i];
		step_write_set(&plan->step[search.self], &set);
		for (size_t k = 0; k < set.n_items; k++)
			find_earlier(&search, find_pattern(&forest, set.item[k]));
		for (size_t k = 0; k < set.n_items; k++)
			hold(&forest, find_pattern(&forest, set.item[k]), i + 1);
		strings_release(&set);
		struct dag_node *node = &dag->node[search.self];
		if (node->n_after)
			qsort(node->after, node->n_after, sizeof *node->after, compare_indices);
	}
	free(search.stamp);
	forest_release(&forest);
}
