#include "tests/unit.h"

#include "tests/shell.h"

#include "io/git_lib.h"
#include "io/vcs.h"

#include <stdio.h>
#include <unistd.h>

static struct vcs *open_vcs(const char *name)
{
	struct err err;
	struct vcs *vcs = NULL;
	assert_ok(vcs_open(&vcs, shell_path(name), &err), &err);
	return vcs;
}

#define START "git init -q -b main r; cd r; echo one > a; mkdir d; echo two > d/b; git add .; git commit -qm 1; "

static void test_repository_is_found_from_below(void **state)
{
	(void)state;
	shell_run(START "mkdir -p d/e/f");
	struct vcs *vcs = open_vcs("r/d/e/f");
	assert_int_equal(vcs_state(vcs), VCS_OK);
	assert_string_equal(vcs_root(vcs), shell_path("r"));
	assert_string_equal(vcs_branch(vcs), "main");
	assert_int_equal(strlen(vcs_head(vcs)), 40);
	assert_true(vcs_is_tracked(vcs, "d/b"));
	assert_false(vcs_is_tracked(vcs, "d"));
	vcs_free(vcs);
}

static void test_folder_without_repository_works(void **state)
{
	(void)state;
	struct err err;
	shell_run("mkdir plain plain/.git");
	struct vcs *vcs = open_vcs("plain");
	assert_int_equal(vcs_state(vcs), VCS_NONE);
	assert_string_equal(vcs_root(vcs), shell_path("plain"));
	assert_string_equal(vcs_head(vcs), "");
	assert_false(vcs_is_tracked(vcs, "a"));
	assert_false(vcs_is_ignored(vcs, "a", false));
	assert_int_equal(vcs_safety_commit(vcs, "00c0ffee", &err), 1);
	assert_contains(err.msg, "no git repository");
	vcs_free(vcs);
	assert_int_equal(vcs_open(&vcs, shell_path("nowhere"), &err), -1);
	assert_int_equal(err.code, ERR_NOT_FOUND);
	shell_write("file", "");
	assert_int_equal(vcs_open(&vcs, shell_path("file"), &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
}

static void test_head_blob_is_that_of_the_commit(void **state)
{
	(void)state;
	struct err err;
	struct buf data = { 0 };
	unsigned mode = 0;
	shell_run(START "echo changed > d/b; git add d/b");
	struct vcs *vcs = open_vcs("r");
	assert_ok(vcs_head_blob(vcs, "d/b", &data, &mode, &err), &err);
	assert_string_equal(buf_str(&data), "two\n");
	assert_int_equal(mode, 0100644);
	assert_int_equal(vcs_head_blob(vcs, "d/none", &data, &mode, &err), -1);
	assert_int_equal(err.code, ERR_NOT_FOUND);
	buf_release(&data);
	vcs_free(vcs);
}

/* Mode, id and path of every entry, as `git ls-files --stage` writes them. */
static void list_index(struct vcs *vcs, struct buf *out)
{
	struct err err;
	const struct vcs_index *index = vcs_index(vcs, &err);
	if (!index)
		fail_msg("%s", err.msg);
	for (size_t i = 0; i < index->n_entries; i++) {
		buf_printf(out, "%06o ", index->entry[i].mode);
		for (size_t j = 0; j < VCS_ID_SIZE; j++)
			buf_printf(out, "%02x", index->entry[i].id[j]);
		buf_printf(out, " 0\t%s\n", index->entry[i].path);
	}
}

static void test_index_lists_what_git_lists(void **state)
{
	(void)state;
	static const char *const change[] = {
		"git update-index --index-version 2", "git update-index --index-version 4", "echo i > i; git add -N i",
		"git update-index --skip-worktree a", "git update-index --assume-unchanged d/b", "git rm -qr --cached .",
	};
	shell_run(START "mkdir -p d/e 'with space'; ln -s a d/link; echo x > d/e/f; chmod +x d/e/f; echo x > 'with space/u\303\244'; "
	                "git add .");
	for (size_t i = 0; i < sizeof change / sizeof *change; i++) {
		struct buf ours = { 0 };
		char script[256];
		snprintf(script, sizeof script, "cd r; %s; git -c core.quotePath=false ls-files --stage > ../git", change[i]);
		shell_run(script);
		struct vcs *vcs = open_vcs("r");
		list_index(vcs, &ours);
		shell_write("ours", buf_str(&ours));
		shell_run("diff -u git ours");
		buf_release(&ours);
		vcs_free(vcs);
	}
}

/* Each script leaves a repository `r`; state is what vcs_open says of it, safety whether a safety commit is made. */
static const struct {
	const char *name, *script;
	enum vcs_state state;
	int safety;
} shape[] = {
	{ "clean", START, VCS_OK, 0 },
	{ "dirty", START "echo x > a; echo y > d/b; git add d/b; echo z >> d/b; echo n > new; git add new; echo u > untracked",
	  VCS_OK, 0 },
	{ "deleted", START "rm a; git rm -q --cached d/b", VCS_OK, 0 },
	{ "unborn", "git init -q r; cd r; echo x > a; git add a", VCS_OK, 0 },
	{ "empty", "git init -q r", VCS_OK, 0 },
	{ "detached", START "git checkout -q --detach; echo x > a", VCS_OK, 0 },
	{ "bare", "git init -q --bare r", VCS_BARE, 1 },
	{ "linked work tree", "git init -q o; cd o; echo x > a; git add .; git commit -qm 1; git worktree add -q ../r; cd ../r; "
	  "echo y > a", VCS_OK, 0 },
	{ "submodule", "git init -q s; cd s; echo x > a; git add .; git commit -qm 1; cd ..;" START
	  "git -c protocol.file.allow=always submodule --quiet add ../s m; git commit -qm 2; echo y > m/a; echo x > a", VCS_OK, 0 },
	{ "nested", START "git init -q n; echo x > n/a; echo x > a", VCS_OK, 0 },
	{ "sparse checkout", START "git sparse-checkout set --cone d; echo x > d/b", VCS_OK, 0 },
	{ "sparse index", START "mkdir e; echo x > e/a; git add .; git commit -qm 2; "
	  "git sparse-checkout set --cone --sparse-index d; echo x > d/b", VCS_OK, 0 },
	{ "split index", START "git update-index --split-index; echo x > a; git add a", VCS_OK, 1 },
	{ "index version 4", START "git update-index --index-version 4; echo x > a; echo y > d/c; git add .", VCS_OK, 0 },
	{ "SHA-256", "git init -q --object-format=sha256 r; cd r; echo x > a; git add .; git commit -qm 1; echo y > a",
	  VCS_UNREADABLE, 1 },
	{ "unknown extension", START "git config core.repositoryformatversion 1; git config extensions.what yes",
	  VCS_UNREADABLE, 1 },
	{ "line ends", START "git config core.autocrlf true; printf 'x\\r\\n' > a", VCS_OK, 0 },
	{ "filter attributes", START "echo '* filter=lfs diff=lfs -text' > .gitattributes; git add .; "
	  "git config filter.lfs.clean 'exit 1'; git config filter.lfs.required true; echo x > a", VCS_OK, 0 },
	{ "conflict", START "git checkout -qb o; echo o > a; git commit -qam o; git checkout -q main; echo m > a; "
	  "git commit -qam m; git merge -q o || true", VCS_OK, 0 },
	{ "rebase in progress", START "git checkout -qb o; echo o > a; git commit -qam o; git checkout -q main; echo m > a; "
	  "git commit -qam m; git rebase -q o || true", VCS_OK, 0 },
	{ "file and folder swapped", START "rm a; mkdir a; echo x > a/x; rm -r d; echo y > d; git add -A; echo z > a/x",
	  VCS_OK, 0 },
	{ "folder is now a link", START "mkdir /tmp/$$-o; mv d ../o; ln -s ../o d; rmdir /tmp/$$-o", VCS_OK, 0 },
	{ "links", START "ln -s a l; git add l; git commit -qm 2; rm l; ln -s d l; rm a; ln -s l a", VCS_OK, 0 },
	{ "always log", START "git config core.logAllRefUpdates always; echo x > a", VCS_OK, 0 },
	{ "damaged index", START "printf 'DIRC\\0\\0\\0\\2\\377\\377\\377\\377xxxxxxxxxxxxxxxxxxxxxxxx' > .git/index",
	  VCS_OK, 1 },
	{ "shallow", START "cd ..; git clone -q --depth 1 file://$PWD/r t; rm -rf r; mv t r; echo x > r/a", VCS_OK, 0 },
	{ "partial clone", START "git config uploadpack.allowFilter true; cd ..; "
	  "git clone -q --filter=blob:none file://$PWD/r t; mv r origin; mv t r; echo x > r/a", VCS_OK, 0 },
	{ "partial and sparse", START "git config uploadpack.allowFilter true; cd ..; "
	  "git clone -q --filter=blob:none --sparse file://$PWD/r t; mv r origin; mv t r; echo x > r/a", VCS_OK, 0 },
	{ "hooks", START "for h in reference-transaction post-index-change pre-commit post-commit; do "
	  "printf '#!/bin/sh\\ntouch $PWD/ran\\n' > .git/hooks/$h; chmod +x .git/hooks/$h; done; echo x > a", VCS_OK, 0 },
};

/* Nothing in .git changes but objects, and nothing in the tree. */
static void test_every_shape_is_left_as_it_is(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof shape / sizeof *shape; i++) {
		struct err err = { 0 };

		char before[65], after[65];
		print_message("a repository that is: %s\n", shape[i].name);
		shell_run(shape[i].script);
		shell_digest(".", "*/objects", before);
		struct vcs *vcs = open_vcs("r");
		if (vcs_state(vcs) != shape[i].state)
			fail_msg("%s: state %d, '%s'", shape[i].name, (int)vcs_state(vcs), vcs_why(vcs));
		if (vcs_state(vcs) == VCS_BARE || vcs_state(vcs) == VCS_UNREADABLE)
			assert_int_not_equal(*vcs_why(vcs), '\0');
		if (vcs_safety_commit(vcs, "00c0ffee", &err) != shape[i].safety)
			fail_msg("%s: safety commit: '%s'", shape[i].name, err.msg);
		vcs_free(vcs);
		if (shape[i].safety == 0) {
			/* For plain git there is no difference between the commit and the tree. */
			shell_run("cd r; i=$(git rev-parse --git-common-dir)/objects/index; "
			           "cp -p \"$(git rev-parse --git-path index)\" \"$i\" 2> /dev/null || true; "
			           "GIT_INDEX_FILE=$i git -c core.hooksPath=/dev/null -c core.autocrlf=false -c filter.lfs.clean=cat diff "
			           "--ignore-submodules --exit-code refs/belay/00c0ffee --; "
			           "git -c core.hooksPath=/dev/null update-ref -d refs/belay/00c0ffee");
		}
		shell_digest(".", "*/objects", after);
		if (strcmp(before, after) != 0)
			fail_msg("%s: something changed", shape[i].name);
		shell_run("find . -mindepth 1 -maxdepth 1 -exec rm -rf {} +");
	}
}

static void test_safety_commit_holds_the_tracked_files_as_they_are(void **state)
{
	(void)state;
	struct err err;
	shell_run(START "echo s > staged; git add staged; echo x > a; rm d/b; echo u > untracked; "
	                 "ln -s a l; git add l; chmod +x a; head -c 11000000 /dev/zero > big; git add big; echo y >> big; "
	                 "git config core.autocrlf true; printf 'r\\r\\n' > crlf; git add crlf 2> /dev/null; "
	                 "printf 'changed\\r\\n' > crlf; cp -r . ../before");
	struct vcs *vcs = open_vcs("r");
	assert_ok(vcs_safety_commit(vcs, "00c0ffee", &err), &err);
	vcs_free(vcs);
	shell_run("cd r; git ls-tree -r --name-only refs/belay/00c0ffee | tr '\\n' ' ' > ../names");
	shell_run("test \"$(cat names)\" = 'a big crlf l staged '; cd r; "
	           "test \"$(git cat-file -p refs/belay/00c0ffee:a)\" = x; "
	           "test \"$(git cat-file -p refs/belay/00c0ffee:l)\" = a; "
	           "test \"$(git cat-file -s refs/belay/00c0ffee:big)\" = 11000000; "
	           "git cat-file -p refs/belay/00c0ffee:crlf | cmp - crlf; "
	           "git ls-tree refs/belay/00c0ffee a | grep -q ^100755; "
	           "test \"$(git rev-parse refs/belay/00c0ffee^)\" = \"$(git rev-parse HEAD)\"; "
	           "test ! -e .git/logs/refs/belay; cmp .git/index ../before/.git/index");
}

static void test_twenty_safety_commits_are_kept(void **state)
{
	(void)state;
	struct err err;
	shell_run(START "git update-ref refs/belay-other/x HEAD");
	struct vcs *vcs = open_vcs("r");
	for (int i = 0; i < 23; i++) {
		char run[16];
		snprintf(run, sizeof run, "%08x", i);
		assert_ok(vcs_safety_commit(vcs, run, &err), &err);
	}
	vcs_free(vcs);
	shell_run("cd r; test $(git for-each-ref refs/belay/ | wc -l) = 20; git rev-parse -q --verify refs/belay/00000016; "
	           "git rev-parse -q --verify refs/belay-other/x");
}

static void test_foreign_owner_is_told_with_the_way_out(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	shell_run(START "chown -R 12345 .");
	struct vcs *vcs = open_vcs("r");
	assert_int_equal(vcs_state(vcs), VCS_UNREADABLE);
	assert_contains(vcs_why(vcs), "belongs to another user");
	assert_contains(vcs_why(vcs), "safe.directory");
	vcs_free(vcs);
}

static void test_filtered_files_are_known(void **state)
{
	(void)state;
	struct err err;
	shell_run(START "printf 'x\\n' > plain; printf 'big\\n' > lfs.bin; "
	                 "printf '*.bin filter=lfs\\n*.id ident\\n' > .gitattributes; echo '$Id$' > k.id; "
	                 "git -c core.autocrlf=input add . 2> /dev/null; printf 'y\\r\\n' > crlf; "
	                 "git -c core.autocrlf=input add crlf 2> /dev/null");
	struct vcs *vcs = open_vcs("r");
	const struct vcs_index *index = vcs_index(vcs, &err);
	assert_non_null(index);
	assert_false(vcs_is_filtered(vcs, vcs_index_find(index, "plain")));
	assert_true(vcs_is_filtered(vcs, vcs_index_find(index, "lfs.bin")));
	assert_true(vcs_is_filtered(vcs, vcs_index_find(index, "k.id")));
	assert_true(vcs_is_filtered(vcs, vcs_index_find(index, "crlf")));
	vcs_free(vcs);
}

static void test_own_repository_ignores_the_users_configuration(void **state)
{
	(void)state;
	struct err err;
	git_repository *repo = NULL;
	shell_run("git init -q --bare own; echo '[broken' > own/config");
	assert_ok(git_lib_open_own(&repo, shell_path("own"), &err), &err);
	git_lib(&err)->repository_free(repo);
	assert_int_equal(git_lib_open_own(&repo, shell_path("none"), &err), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_repository_is_found_from_below, shell_set_up, shell_tear_down),
		cmocka_unit_test_setup_teardown(test_folder_without_repository_works, shell_set_up, shell_tear_down),
		cmocka_unit_test_setup_teardown(test_head_blob_is_that_of_the_commit, shell_set_up, shell_tear_down),
		cmocka_unit_test_setup_teardown(test_index_lists_what_git_lists, shell_set_up, shell_tear_down),
		cmocka_unit_test_setup_teardown(test_every_shape_is_left_as_it_is, shell_set_up, shell_tear_down),
		cmocka_unit_test_setup_teardown(test_safety_commit_holds_the_tracked_files_as_they_are, shell_set_up,
		                                shell_tear_down),
		cmocka_unit_test_setup_teardown(test_twenty_safety_commits_are_kept, shell_set_up, shell_tear_down),
		cmocka_unit_test_setup_teardown(test_foreign_owner_is_told_with_the_way_out, shell_set_up, shell_tear_down),
		cmocka_unit_test_setup_teardown(test_filtered_files_are_known, shell_set_up, shell_tear_down),
		cmocka_unit_test_setup_teardown(test_own_repository_ignores_the_users_configuration, shell_set_up,
		                                shell_tear_down),
	};
	int rc = cmocka_run_group_tests_name("vcs", tests, NULL, NULL);
	vcs_shutdown();
	return rc;
}
