/*
 * How the files of a tree hang together: who imports whom, and who uses a name that another one defines. On it stand
 * the ranking of what matters for some files, and the order in which files that lean on each other are changed. The
 * same tree gives the same numbers on every machine of the same arithmetic. Pure.
 */
#ifndef BELAY_EDIT_CODE_GRAPH_H
#define BELAY_EDIT_CODE_GRAPH_H

#include "edit/code_tree.h"

#define CODE_NO_NAME UINT32_MAX

struct code_edge {
	uint32_t to;     /* file */
	uint32_t name;   /* that is used, or CODE_NO_NAME for an import */
	float weight;
};

struct code_graph {
	const struct code_tree *tree;
	struct code_edge *edge;  /* owned; of each file in a row */
	size_t *first;           /* owned; n_files + 1: where each file's edges begin */
	uint32_t *definer;       /* owned; files that define a name, of each name in a row */
	uint32_t *first_definer; /* owned; n_names + 1 */
};

void code_graph_make(struct code_graph *out, const struct code_tree *tree); /* borrows the tree */
void code_graph_release(struct code_graph *graph);

/*
 * PageRank that starts again from the seeds (one weight a file, at least one above 0; owned by the caller): how much
 * each file matters to them. The sum is 1.
 */
void code_graph_rank(const struct code_graph *graph, const double *seed, double *rank);

/*
 * The files of the list in groups: files that import each other in a circle make one group. `level` gives for each
 * file when it may be changed: after all that it leans on, which have lower levels; `group` which files go together.
 * Returns the number of levels. Files without imports lean on those that define the names they use.
 */
size_t code_graph_levels(const struct code_graph *graph, const uint32_t *file, size_t n, uint32_t *level, uint32_t *group);

#endif
