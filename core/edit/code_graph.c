#include "edit/code_graph.h"

#include "base/xalloc.h"
#include "edit/import_path.h"

#include <stdlib.h>
#include <string.h>

#define MAX_DEFINERS 6    /* a name that more files define says nothing of any one of them */
#define NAME_MIN 3        /* bytes */
#define IMPORT_WEIGHT 2.0f
#define ROUNDS 24
#define DAMPING 0.8

struct making {
	struct code_graph *graph;
	size_t n_edges, cap_edges;
	size_t from;
};

/* ---- who defines what ---- */

static bool is_definer(const struct code_tree *tree, const struct code_symbol *symbol)
{
	return symbol->depth <= 1 && !symbol->is_local && strlen(code_tree_name(tree, symbol->name)) >= NAME_MIN;
}

/* Calls for each name and file once: symbols of one name in one file count as one. */
static void each_definer(const struct code_tree *tree, uint32_t *last, void (*body)(void *arg, uint32_t name, uint32_t file),
                         void *arg)
{
	memset(last, 0, (tree->n_names + 1) * sizeof *last);
	for (size_t i = 0; i < tree->n_files; i++) {
		const struct code_file *file = &tree->file[i];
		for (uint32_t j = 0; j < file->n_symbols; j++) {
			const struct code_symbol *symbol = &tree->symbol[file->first_symbol + j];
			if (last[symbol->name] == i + 1 || !is_definer(tree, symbol))
				continue;
			last[symbol->name] = (uint32_t)i + 1;
			body(arg, symbol->name, (uint32_t)i);
		}
	}
}

static void count_definer(void *arg, uint32_t name, uint32_t file)
{
	struct code_graph *graph = arg;
	graph->first_definer[name + 1]++;
	(void)file;
}

struct filling {
	struct code_graph *graph;
	uint32_t *next;
};

static void put_definer(void *arg, uint32_t name, uint32_t file)
{
	struct filling *filling = arg;
	filling->graph->definer[filling->next[name]++] = file;
}

static void find_definers(struct code_graph *graph)
{
	size_t n = graph->tree->n_names;
	uint32_t *last = xcalloc(n + 1, sizeof *last);
	graph->first_definer = xcalloc(n + 2, sizeof *graph->first_definer);
	each_definer(graph->tree, last, count_definer, graph);
	for (size_t i = 0; i < n; i++)
		graph->first_definer[i + 1] += graph->first_definer[i];
	graph->definer = xcalloc(graph->first_definer[n] + 1, sizeof *graph->definer);
	struct filling filling = { graph, xmemdup(graph->first_definer, (n + 1) * sizeof *filling.next) };
	each_definer(graph->tree, last, put_definer, &filling);
	free(filling.next);
	free(last);
}

/* ---- edges ---- */

static void add_edge(struct making *making, uint32_t to, uint32_t name, float weight)
{
	struct code_graph *graph = making->graph;
	if (to == making->from)
		return;
	graph->edge = vec_room(graph->edge, making->n_edges, &making->cap_edges, sizeof *graph->edge);
	graph->edge[making->n_edges++] = (struct code_edge){ to, name, weight };
}

static void add_import(void *arg, size_t file)
{
	add_edge(arg, (uint32_t)file, CODE_NO_NAME, IMPORT_WEIGHT);
}

/* A name that is used often matters more, but ten uses are not ten times one: about the square root. */
static float repetition(uint32_t count)
{
	float root = 1;
	while (root < 64 && root * root < (float)count)
		root++;
	return root;
}

static void add_uses(struct making *making, const struct code_file *file)
{
	const struct code_graph *graph = making->graph;
	for (uint32_t i = 0; i < file->n_words; i++) {
		const struct code_word *word = &graph->tree->word[file->first_word + i];
		uint32_t first = graph->first_definer[word->name];
		uint32_t n = graph->first_definer[word->name + 1] - first;
		if (!n || n > MAX_DEFINERS)
			continue;
		float weight = repetition(word->count) / (float)n;
		for (uint32_t j = 0; j < n; j++)
			add_edge(making, graph->definer[first + j], word->name, weight);
	}
}

void code_graph_make(struct code_graph *out, const struct code_tree *tree)
{
	struct making making = { .graph = out };
	struct import_paths *paths = import_paths_new(tree);
	*out = (struct code_graph){ .tree = tree };
	find_definers(out);
	out->first = xcalloc(tree->n_files + 1, sizeof *out->first);
	for (size_t i = 0; i < tree->n_files; i++) {
		const struct code_file *file = &tree->file[i];
		making.from = i;
		out->first[i] = making.n_edges;
		for (uint32_t j = 0; j < file->n_imports; j++)
			import_paths_find(paths, i, code_tree_name(tree, tree->import[file->first_import + j]), add_import, &making);
		add_uses(&making, file);
	}
	out->first[tree->n_files] = making.n_edges;
	import_paths_free(paths);
}

void code_graph_release(struct code_graph *graph)
{
	free(graph->edge);
	free(graph->first);
	free(graph->definer);
	free(graph->first_definer);
	*graph = (struct code_graph){ 0 };
}

/* ---- ranks ---- */

void code_graph_rank(const struct code_graph *graph, const double *seed, double *rank)
{
	size_t n = graph->tree->n_files;
	double *start = xcalloc(n + 1, sizeof *start);
	double *next = xcalloc(n + 1, sizeof *next);
	double *out = xcalloc(n + 1, sizeof *out);
	double sum = 0;
	for (size_t i = 0; i < n; i++) {
		sum += seed[i];
		for (size_t e = graph->first[i]; e < graph->first[i + 1]; e++)
			out[i] += (double)graph->edge[e].weight;
	}
	for (size_t i = 0; i < n; i++)
		rank[i] = start[i] = sum > 0 ? seed[i] / sum : 1.0 / (double)n;
	for (int round = 0; round < ROUNDS; round++) {
		double lost = 0;
		for (size_t i = 0; i < n; i++)
			lost += out[i] > 0 ? 0 : rank[i];
		for (size_t i = 0; i < n; i++)
			next[i] = start[i] * (1 - DAMPING + DAMPING * lost);
		for (size_t i = 0; i < n; i++) {
			double share = out[i] > 0 ? DAMPING * rank[i] / out[i] : 0;
			for (size_t e = graph->first[i]; share > 0 && e < graph->first[i + 1]; e++)
				next[graph->edge[e].to] += share * (double)graph->edge[e].weight;
		}
		memcpy(rank, next, n * sizeof *rank);
	}
	free(start);
	free(next);
	free(out);
}
