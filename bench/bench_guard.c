/*
 * What a command costs before it starts and after it ends in a repository of 10,000 files: the manifest, finding what
 * changed, the safety commit, beside `git status` of the same tree.
 */
#include "bench/bench.h"

#include "io/manifest.h"
#include "io/vcs.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define N_FILES 10000
#define RUNS 15

static void make_repository(const char *root)
{
	char path[4300];
	const char *const git[] = {
		"sh", "-c", "git init -q && git add . && git -c user.name=b -c user.email=b@b commit -qm 1 && "
		"echo dirty >> d00/f00001.c && git status", NULL,
	};
	mkdir(root, 0755);
	for (int i = 0; i < N_FILES; i++) {
		char text[64];
		if (i % 100 == 0) {
			snprintf(path, sizeof path, "%s/d%02d", root, i / 100);
			mkdir(path, 0755);
		}
		int n = snprintf(text, sizeof text, "int f%d(void)\n{\n\treturn %d;\n}\n", i, i);
		snprintf(path, sizeof path, "%s/d%02d/f%05d.c", root, i / 100, i);
		bench_write(path, text, (size_t)n);
	}
	bench_run(git, root, 0);
}

static void guard_once(const struct root *root, struct store *store, struct bench_times *take, struct bench_times *changes)
{
	struct err err = { 0 };
	struct manifest *manifest;
	struct strings uncovered = { 0 }, lost = { 0 };
	struct changeset set = { 0 };
	char *file = bench_path("manifest");
	double from = bench_now_ms();
	if (manifest_take(&manifest, root, store, file, &uncovered, &err) != 0)
		bench_die(err.msg);
	bench_add(take, bench_now_ms() - from);
	from = bench_now_ms();
	if (manifest_changes(manifest, root, store, &set, &lost, &err) != 0)
		bench_die(err.msg);
	bench_add(changes, bench_now_ms() - from);
	if (uncovered.n_items || lost.n_items || set.n_changes)
		bench_die("the manifest is not what the tree is");
	manifest_free(manifest);
	free(file);
}

static double commit_once(const char *root, int run)
{
	struct err err = { 0 };
	struct vcs *vcs;
	char name[16];
	snprintf(name, sizeof name, "%08x", (unsigned)run);
	double from = bench_now_ms();
	if (vcs_open(&vcs, root, &err) != 0 || vcs_safety_commit(vcs, name, &err) != 0)
		bench_die(err.msg);
	vcs_free(vcs);
	return bench_now_ms() - from;
}

int main(void)
{
	static const char *const status[] = { "git", "status", "--porcelain", NULL };
	struct bench_times take = { .n = 0 }, changes = { .n = 0 }, commit = { .n = 0 }, git = { .n = 0 };
	struct err err = { 0 };
	struct root root;
	struct store *store;
	char *path = bench_path("repository");
	char *run = bench_path("run");
	make_repository(path);
	mkdir(run, 0700);
	if (root_open(&root, path, &err) != 0 || store_open(&store, run, &err) != 0)
		bench_die(err.msg);
	for (int i = 0; i < RUNS; i++) {
		guard_once(&root, store, &take, &changes);
		bench_add(&commit, commit_once(path, i));
		bench_add(&git, bench_run(status, path, 0));
	}
	bench_print_times("guard_10000_manifest", &take);
	bench_print_times("guard_10000_changes", &changes);
	bench_print_times("guard_10000_safety_commit", &commit);
	bench_print_times("guard_10000_git_status", &git);
	bench_print("guard_10000_manifest_over_git_status", bench_median(&take) / bench_median(&git), "ratio");
	store_close(store);
	root_close(&root);
	vcs_shutdown();
	free(path);
	free(run);
	return 0;
}
