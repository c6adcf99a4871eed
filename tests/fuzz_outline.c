/*
 * Outlines. Parts: the path, the text. Properties: every place is inside the text, words are what they are counted as,
 * and a tree that is built of the outline is sound.
 */
#include "tests/fuzz_parts.h"

#include "edit/code_graph.h"
#include "edit/outline.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_graph(const char *path, const char *text, const struct outline *outline)
{
	struct code_tree tree;
	struct code_graph graph;
	double rank[1];
	uint32_t level[1], group[1];
	struct code_builder *builder = code_builder_new();
	code_builder_add(builder, path, text, outline);
	code_builder_finish(builder, &tree);
	FUZZ_CHECK(code_tree_is_sound(&tree));
	code_graph_make(&graph, &tree);
	code_graph_rank(&graph, (double[]){ 1 }, rank);
	FUZZ_CHECK(rank[0] > 0.99 && rank[0] < 1.01);
	FUZZ_CHECK(code_graph_levels(&graph, (uint32_t[]){ 0 }, 1, level, group) == 1);
	code_graph_release(&graph);
	code_tree_release(&tree);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_parts parts;
	struct outline outline;
	fuzz_parts_split(&parts, data, size);
	char *path = parts.part[0];
	path[strcspn(path, "\n")] = '\0';
	size_t n = parts.n[1];
	outline_scan(&outline, path, parts.part[1], n);
	for (size_t i = 0; i < outline.n_symbols; i++) {
		const struct outline_symbol *s = &outline.symbol[i];
		FUZZ_CHECK(s->begin <= s->name && s->n_name && s->name + s->n_name <= s->end && s->end <= n && s->head <= s->end);
	}
	for (size_t i = 0; i < outline.n_words; i++)
		FUZZ_CHECK(outline.word[i].count && outline.word[i].at + outline.word[i].n <= n);
	check_graph(*path ? path : "x", parts.part[1], &outline);
	outline_release(&outline);
	fuzz_parts_release(&parts);
	return 0;
}
