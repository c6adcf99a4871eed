/*
 * Texts of 10,000, 100,000 and 1,000,000 lines of which every hundredth was changed: the line difference, its unified
 * form, and applying that form again, with the exponent of each over the sizes. In processor
 * time.
 */
#include "bench/bench.h"

#include "edit/patch.h"
#include "edit/textdiff.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N_SIZES 3
#define EVERY 100
#define CONTEXT 3

static const int sizes[N_SIZES] = { 10000, 100000, 1000000 };

struct figures {
	double diff_ms, format_ms, apply_ms;
};

static void make_text(struct buf *out, int n_lines, bool changed)
{
	for (int i = 0; i < n_lines; i++)
		buf_printf(out, changed && i % EVERY == 0 ? "\tresult += new_value(%d);\n" : "\tresult += value(%d);\n", i);
}

static int load(void *arg, const char *path, struct image *out, struct err *err)
{
	const struct buf *text = arg;
	(void)path;
	(void)err;
	image_set_file(out, text->data, text->len, 0644);
	return 0;
}

static struct figures measure(int n_lines)
{
	struct figures figures;
	struct buf before = { 0 }, after = { 0 }, patch = { 0 };
	struct line_diff diff = { 0 };
	struct changeset set = { 0 }, again = { 0 };
	struct err err;
	make_text(&before, n_lines, false);
	make_text(&after, n_lines, true);
	double from = bench_cpu_ms();
	line_diff_make(&diff, before.data, before.len, after.data, after.len);
	figures.diff_ms = bench_cpu_ms() - from;
	struct change *change = changeset_add(&set, "file.c");
	image_set_file(&change->before, before.data, before.len, 0644);
	image_set_file(&change->after, after.data, after.len, 0644);
	from = bench_cpu_ms();
	changeset_format_patch(&patch, &set, CONTEXT);
	figures.format_ms = bench_cpu_ms() - from;
	from = bench_cpu_ms();
	if (patch_apply(&again, patch.data, patch.len, load, &before, &err) != 0)
		bench_die(err.msg);
	figures.apply_ms = bench_cpu_ms() - from;
	if (!image_equal(&again.change[0].after, &set.change[0].after))
		bench_die("the patch gives another text");
	changeset_release(&set);
	changeset_release(&again);
	line_diff_release(&diff);
	buf_release(&before);
	buf_release(&after);
	buf_release(&patch);
	return figures;
}

static void print_figure(const char *what, int n_lines, double ms)
{
	char name[64];
	snprintf(name, sizeof name, "diff_%d_%s", n_lines, what);
	bench_print(name, ms, "ms");
}

int main(void)
{
	struct figures found[N_SIZES];
	for (int i = 0; i < N_SIZES; i++) {
		found[i] = measure(sizes[i]);
		print_figure("lines", sizes[i], found[i].diff_ms);
		print_figure("format", sizes[i], found[i].format_ms);
		print_figure("apply", sizes[i], found[i].apply_ms);
	}
	bench_print("diff_lines_exponent", log(found[2].diff_ms / found[0].diff_ms) / log(100.0), "power");
	bench_print("diff_format_exponent", log(found[2].format_ms / found[0].format_ms) / log(100.0), "power");
	bench_print("diff_apply_exponent", log(found[2].apply_ms / found[0].apply_ms) / log(100.0), "power");
	return 0;
}
