/*
 * The index of a C tree of 500 files (two of three are sources, the third a header; 5 MB): with nothing kept, with all
 * of it kept, and after one file has changed; and the graph and the ranks of its files for one of them.
 */
#include "bench/bench.h"

#include "edit/code_graph.h"
#include "io/code_index.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define N_MODULES 250
#define N_FUNCTIONS 12
#define RUNS 15

static void put(struct buf *out, int module, const char *kind)
{
	char path[4300];
	snprintf(path, sizeof path, "%s/tree/d%02d/mod_%03d.%s", bench_scratch(), module / 25, module, kind);
	bench_write(path, out->data, out->len);
	buf_clear(out);
}

static void make_module(int m)
{
	struct buf out = { 0 };
	buf_printf(&out, "#ifndef MOD_%03d_H\n#define MOD_%03d_H\n\n#include \"d%02d/mod_%03d.h\"\n\n", m, m, m / 50, m / 2);
	buf_printf(&out, "struct mod_%03d {\n\tint field;\n\tstruct mod_%03d *up;\n};\n\n", m, m / 2);
	for (int f = 0; f < N_FUNCTIONS; f++)
		buf_printf(&out, "int mod_%03d_verb_%02d(struct mod_%03d *self, const char *name, int count);\n", m, f, m);
	buf_add_str(&out, "\n#endif\n");
	put(&out, m, "h");
	buf_printf(&out, "#include \"d%02d/mod_%03d.h\"\n\n#include <string.h>\n\n", m / 25, m);
	for (int f = 0; f < N_FUNCTIONS; f++) {
		buf_printf(&out, "/* Does the %dth thing, with what the module above has of it. */\n"
		                 "int mod_%03d_verb_%02d(struct mod_%03d *self, const char *name, int count)\n{\n", f, m, f, m);
		for (int l = 0; l < 24; l++)
			buf_printf(&out, "\tif (count > %d && strcmp(name, \"text %d\") == 0)\n"
			                 "\t\tself->field += mod_%03d_verb_%02d(self->up, name, count - local_%d_%d);\n",
			           l, l, (m + l) / 2, (f + l) % N_FUNCTIONS, m, l);
		buf_add_str(&out, "\treturn self->field;\n}\n\n");
	}
	put(&out, m, "c");
	buf_release(&out);
}

static void make_tree(void)
{
	char path[4300];
	snprintf(path, sizeof path, "%s/tree", bench_scratch());
	mkdir(path, 0755);
	for (int d = 0; d < N_MODULES / 25; d++) {
		snprintf(path, sizeof path, "%s/tree/d%02d", bench_scratch(), d);
		mkdir(path, 0755);
	}
	for (int m = 0; m < N_MODULES; m++)
		make_module(m);
}

static size_t open_index(const char *root, size_t n_threads, struct bench_times *times, struct code_index *keep)
{
	struct workspace ws;
	struct code_index index;
	struct err err;
	double from = bench_now_ms();
	if (workspace_open(&ws, root, n_threads, &err) != 0 || code_index_open(&index, &ws, NULL, &err) != 0)
		bench_die(err.msg);
	bench_add(times, bench_now_ms() - from);
	size_t n_scanned = index.n_scanned;
	if (index.tree.n_files != 2 * N_MODULES || !index.is_kept)
		bench_die("the index is not whole");
	if (keep)
		*keep = index;
	else
		code_index_release(&index);
	workspace_close(&ws);
	return n_scanned;
}

static void forget(void)
{
	char command[4300];
	snprintf(command, sizeof command, "%s/cache", bench_scratch());
	const char *const argv[] = { "rm", "-rf", command, NULL };
	bench_run(argv, "/", 0);
}

static void measure_map(const struct code_index *index)
{
	struct bench_times times = { 0 };
	double *seed = calloc(index->tree.n_files, sizeof *seed);
	double *rank = calloc(index->tree.n_files, sizeof *rank);
	for (int i = 0; i < RUNS; i++) {
		struct code_graph graph;
		double from = bench_now_ms();
		seed[(size_t)i] = 1;
		code_graph_make(&graph, &index->tree);
		code_graph_rank(&graph, seed, rank);
		bench_add(&times, bench_now_ms() - from);
		code_graph_release(&graph);
	}
	bench_print_times("index_rank", &times);
	free(seed);
	free(rank);
}

int main(void)
{
	struct bench_times cold = { 0 }, cold_1 = { 0 }, warm = { 0 }, one = { 0 };
	struct code_index index;
	char *root = bench_path("tree");
	char *cache = bench_path("cache");
	char *file = bench_path("tree/d03/mod_080.c");
	setenv("XDG_CACHE_HOME", cache, 1);
	make_tree();
	usleep(30000); /* a file that has just been written is never known by its time */
	for (int i = 0; i < RUNS; i++) {
		forget();
		if (open_index(root, 1, &cold_1, NULL) != 2 * N_MODULES)
			bench_die("a cold index was not cold");
		forget();
		if (open_index(root, 4, &cold, NULL) != 2 * N_MODULES)
			bench_die("a cold index was not cold");
	}
	for (int i = 0; i < RUNS; i++)
		if (open_index(root, 4, &warm, NULL) != 0)
			bench_die("a warm index was not warm");
	for (int i = 0; i < RUNS; i++) {
		char text[64];
		snprintf(text, sizeof text, "int changed_%d(void);\n", i);
		bench_write(file, text, strlen(text));
		if (open_index(root, 4, &one, NULL) != 1)
			bench_die("not one file was scanned");
	}
	bench_print_times("index_cold_one_thread", &cold_1);
	bench_print_times("index_cold", &cold);
	bench_print_times("index_warm", &warm);
	bench_print_times("index_one_changed", &one);
	open_index(root, 4, &warm, &index);
	bench_print("index_symbols", (double)index.tree.n_symbols, "symbols");
	bench_print("index_words", (double)index.tree.n_words, "words");
	measure_map(&index);
	code_index_release(&index);
	free(root);
	free(cache);
	free(file);
	return 0;
}
