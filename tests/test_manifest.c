#include "tests/unit.h"

#include "tests/shell.h"

#include "base/buf.h"
#include "io/manifest.h"
#include "io/vcs.h"

#include <stdio.h>
#include <unistd.h>

/* What a command did, one word a path: "+path" created, "-path" deleted, "~path" changed, "?path" lost. */
struct outcome {
	struct changeset set;
	struct strings uncovered, lost;
	struct buf words;
};

static void outcome_release(struct outcome *outcome)
{
	changeset_release(&outcome->set);
	strings_release(&outcome->uncovered);
	strings_release(&outcome->lost);
	buf_release(&outcome->words);
}

static void say(struct outcome *outcome)
{
	for (size_t i = 0; i < outcome->set.n_changes; i++) {
		const struct change *change = &outcome->set.change[i];
		char sign = change->before.kind == IMAGE_ABSENT ? '+' : change->after.kind == IMAGE_ABSENT ? '-' : '~';
		buf_printf(&outcome->words, "%c%s ", sign, change->path);
	}
	for (size_t i = 0; i < outcome->lost.n_items; i++)
		buf_printf(&outcome->words, "?%s ", outcome->lost.item[i]);
}

/* The manifest of `r`, the command, and what it changed, found from the manifest's file alone as recovery does. */
static struct outcome run_command(const char *script)
{
	struct err err;
	struct root root;
	struct store *store;
	struct manifest *manifest;
	struct outcome outcome = { 0 };
	shell_run("mkdir -p run");
	assert_ok(root_open(&root, shell_path("r"), &err), &err);
	assert_ok(store_open(&store, shell_path("run"), &err), &err);
	assert_ok(manifest_take(&manifest, &root, store, shell_path("run/manifest"), &outcome.uncovered, &err), &err);
	manifest_free(manifest);
	store_close(store);
	shell_run(script);
	assert_ok(store_open(&store, shell_path("run"), &err), &err);
	assert_ok(manifest_load(&manifest, shell_path("run/manifest"), &err), &err);
	assert_ok(manifest_changes(manifest, &root, store, &outcome.set, &outcome.lost, &err), &err);
	manifest_free(manifest);
	store_close(store);
	root_close(&root);
	say(&outcome);
	return outcome;
}

static void check_before(const struct outcome *outcome, const char *path, const char *text, mode_t mode)
{
	const struct change *change = changeset_find(&outcome->set, path);
	if (!change)
		fail_msg("'%s' is not among the changes", path);
	assert_string_equal(change->before.data, text);
	if (mode)
		assert_int_equal(change->before.mode, mode);
}

#define REPOSITORY "git init -q r; cd r; mkdir d; echo clean > clean; echo two > d/two; echo dirty > dirty; ln -s clean link; " \
	"git add .; git commit -qm 1; echo dirtier > dirty; echo new > untracked; git update-index -q --refresh || true; "

static void test_each_kind_of_change_is_found_with_its_bytes(void **state)
{
	(void)state;
	shell_run(REPOSITORY);
	struct outcome o = run_command("cd r; echo x >> clean; echo y > dirty; rm untracked; mv d/two d/three; chmod 0755 d/three; "
	                               "ln -sf d link; mkdir e; echo z > e/f; touch -d '1 hour ago' d");
	assert_string_equal(buf_str(&o.words), "~clean +d/three -d/two ~dirty +e/f ~link -untracked ");
	outcome_release(&o);
}

static void test_before_images_are_exact(void **state)
{
	(void)state;
	shell_run(REPOSITORY);
	struct outcome o = run_command("cd r; chmod 0600 clean dirty; rm -r d untracked link; echo m > dirty");
	check_before(&o, "clean", "clean\n", 0644);
	check_before(&o, "d/two", "two\n", 0644);
	check_before(&o, "dirty", "dirtier\n", 0644);
	check_before(&o, "untracked", "new\n", 0644);
	check_before(&o, "link", "clean", 0);
	outcome_release(&o);
}

static void test_untouched_and_rewritten_files_are_no_change(void **state)
{
	(void)state;
	shell_run(REPOSITORY);
	struct outcome o = run_command("cd r; touch clean untracked; cp clean c; mv c clean; git status --short");
	assert_string_equal(buf_str(&o.words), "");
	outcome_release(&o);
}

static void test_change_in_the_same_moment_is_found(void **state)
{
	(void)state;
	shell_run("git init -q r; cd r; echo 1234 > a; git add .; git commit -qm 1");
	/* The same size, and the times put back. */
	struct outcome o = run_command("cd r; touch -r a ../stamp; printf '4321\\n' > a; touch -r ../stamp a");
	assert_string_equal(buf_str(&o.words), "~a ");
	check_before(&o, "a", "1234\n", 0);
	outcome_release(&o);
}

static void test_ignored_files_are_left_alone(void **state)
{
	(void)state;
	shell_run(REPOSITORY "echo 'build/' > .gitignore; mkdir build; echo o > build/o; echo t > build/tracked; "
	                     "git add -f build/tracked");
	struct outcome o = run_command("cd r; echo o2 > build/o; echo o3 > build/new; echo t2 > build/tracked");
	assert_string_equal(buf_str(&o.words), "~build/tracked ");
	check_before(&o, "build/tracked", "t\n", 0);
	outcome_release(&o);
}

static void test_file_that_was_ignored_before_is_not_taken_for_a_new_one(void **state)
{
	(void)state;
	/* Until a file that is made now is clearly younger. */
	shell_run(REPOSITORY "echo 'build/' > .gitignore; mkdir build; echo o > build/o; "
	                     "age() { touch ../now; echo $(($(stat -c %Y ../now) * 1000 + $(stat -c %y ../now | cut -c 21-23 | "
	                     "sed 's/^0*//;s/^$/0/'))); }; start=$(age); until [ $(($(age) - start)) -gt 50 ]; do :; done");
	struct outcome o = run_command("cd r; echo 'untracked' > .gitignore; echo n > build/n; echo u > untracked");
	assert_string_equal(buf_str(&o.words), "~.gitignore +build/n ~untracked ");
	outcome_release(&o);
}

static void test_without_repository_all_files_are_covered(void **state)
{
	(void)state;
	shell_run("mkdir -p r/d; cd r; echo a > a; echo b > d/b; echo '*' > .gitignore");
	struct outcome o = run_command("cd r; rm a; echo c > d/b; echo n > n");
	assert_string_equal(buf_str(&o.words), "-a ~d/b +n ");
	check_before(&o, "a", "a\n", 0);
	check_before(&o, "d/b", "b\n", 0);
	outcome_release(&o);
}

static void test_filtered_files_come_from_the_store(void **state)
{
	(void)state;
	shell_run("git init -q r; cd r; git config core.autocrlf true; printf 'a\\r\\n' > crlf; "
	          "git config filter.f.clean 'tr a-z A-Z'; git config filter.f.smudge 'tr A-Z a-z'; "
	          "echo '*.f filter=f' > .gitattributes; echo shout > x.f; git add . 2> /dev/null; git commit -qm 1");
	struct outcome o = run_command("cd r; rm crlf x.f");
	assert_string_equal(buf_str(&o.words), "-crlf -x.f ");
	check_before(&o, "crlf", "a\r\n", 0);
	check_before(&o, "x.f", "shout\n", 0);
	outcome_release(&o);
}

static void test_what_is_too_large_is_said_before_and_after(void **state)
{
	(void)state;
	shell_run(REPOSITORY "head -c 12000000 /dev/zero > a-raw; head -c 60000000 /dev/zero > big; echo s > small");
	struct outcome o = run_command("cd r; echo x > a-raw; echo x > big; echo x > small");
	assert_int_equal(o.uncovered.n_items, 1);
	assert_string_equal(o.uncovered.item[0], "big");
	assert_string_equal(buf_str(&o.words), "~a-raw ~small ?big ");
	assert_int_equal(changeset_find(&o.set, "a-raw")->before.size, 12000000);
	assert_non_null(changeset_find(&o.set, "a-raw")->before.spool);
	outcome_release(&o);
}

static void test_unreadable_and_nested_are_said_before(void **state)
{
	(void)state;
	if (geteuid() == 0) {
		shell_run(REPOSITORY "git init -q sub; echo n > sub/n");
	} else {
		shell_run(REPOSITORY "git init -q sub; echo n > sub/n; mkdir shut; chmod 0 shut; echo x > secret; chmod 0 secret");
	}
	struct outcome o = run_command("cd r; echo m > sub/n");
	assert_true(strings_find(&o.uncovered, "sub") >= 0);
	assert_int_equal(strings_find(&o.uncovered, "shut") >= 0, geteuid() != 0);
	assert_int_equal(strings_find(&o.uncovered, "secret") >= 0, geteuid() != 0);
	assert_string_equal(buf_str(&o.words), "");
	outcome_release(&o);
}

static void test_file_that_became_a_folder_is_gone(void **state)
{
	(void)state;
	shell_run(REPOSITORY);
	struct outcome o = run_command("cd r; rm clean; mkdir clean; echo x > clean/x; rm -r d; echo d > d; rm dirty; mkfifo dirty");
	assert_string_equal(buf_str(&o.words), "-clean +clean/x +d -d/two -dirty ");
	outcome_release(&o);
}

static void test_loss_of_git_itself_is_said(void **state)
{
	(void)state;
	shell_run(REPOSITORY);
	struct outcome o = run_command("cd r; rm -rf .git; echo x > clean; echo x > dirty");
	assert_string_equal(buf_str(&o.words), "~dirty ?clean ");
	outcome_release(&o);
}

static void test_odd_names_survive_the_file(void **state)
{
	(void)state;
	shell_run("mkdir r; cd r; printf x > \"$(printf 'a\\nb\\377')\"; printf y > '\"q\" \\\\'");
	struct outcome o = run_command("cd r; rm *");
	assert_int_equal(o.set.n_changes, 2);
	assert_string_equal(o.set.change[0].path, "\"q\" \\\\");
	assert_string_equal(o.set.change[1].path, "a\nb\377");
	outcome_release(&o);
}

static void test_damaged_manifest_is_refused(void **state)
{
	(void)state;
	struct err err;
	struct manifest *manifest;
	static const char *const damage[] = {
		"head -n -1 run/m > run/bad", "sed '2s/,/;/' run/m > run/bad", "head -c -3 run/m > run/bad", ": > run/bad",
		"sed '2s/\\[\"/[1,\"/' run/m > run/bad", "sed '1s/1/9/' run/m > run/bad", "tail -n +2 run/m > run/bad",
	};
	shell_run(REPOSITORY);
	struct outcome o = run_command("cp run/manifest run/m");
	outcome_release(&o);
	assert_ok(manifest_load(&manifest, shell_path("run/m"), &err), &err);
	manifest_free(manifest);
	for (size_t i = 0; i < sizeof damage / sizeof *damage; i++) {
		shell_run(damage[i]);
		if (manifest_load(&manifest, shell_path("run/bad"), &err) == 0)
			fail_msg("read in spite of: %s", damage[i]);
		assert_int_equal(err.code, ERR_CORRUPT);
	}
	assert_int_equal(manifest_load(&manifest, shell_path("run/none"), &err), -1);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, shell_set_up, shell_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FOLDER(test_each_kind_of_change_is_found_with_its_bytes),
		WITH_FOLDER(test_before_images_are_exact),
		WITH_FOLDER(test_untouched_and_rewritten_files_are_no_change),
		WITH_FOLDER(test_change_in_the_same_moment_is_found),
		WITH_FOLDER(test_ignored_files_are_left_alone),
		WITH_FOLDER(test_file_that_was_ignored_before_is_not_taken_for_a_new_one),
		WITH_FOLDER(test_without_repository_all_files_are_covered),
		WITH_FOLDER(test_filtered_files_come_from_the_store),
		WITH_FOLDER(test_what_is_too_large_is_said_before_and_after),
		WITH_FOLDER(test_unreadable_and_nested_are_said_before),
		WITH_FOLDER(test_file_that_became_a_folder_is_gone),
		WITH_FOLDER(test_loss_of_git_itself_is_said),
		WITH_FOLDER(test_odd_names_survive_the_file),
		WITH_FOLDER(test_damaged_manifest_is_refused),
	};
	int rc = cmocka_run_group_tests_name("manifest", tests, NULL, NULL);
	vcs_shutdown();
	return rc;
}
