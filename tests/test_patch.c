#include "tests/unit.h"

#include "base/xalloc.h"
#include "edit/changeset.h"
#include "edit/patch.h"
#include "edit/textdiff.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static uint32_t seed = 2463534242u;

static uint32_t random_below(uint32_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed % n;
}

/* A tree in memory: the `before` images of a change set. */
static int load(void *arg, const char *path, struct image *out, struct err *err)
{
	const struct change *change = changeset_find(arg, path);
	(void)err;
	if (change)
		image_copy(out, &change->before);
	return 0;
}

static void put(struct changeset *tree, const char *path, const char *text, mode_t mode)
{
	image_set_file(&changeset_add(tree, path)->before, text, strlen(text), mode);
}

static int apply(struct changeset *set, struct changeset *tree, const char *patch, struct err *err)
{
	*err = (struct err){ 0 };
	return patch_apply(set, patch, strlen(patch), load, tree, err);
}

static const char *after_of(const struct changeset *set, const char *path)
{
	const struct change *change = changeset_find(set, path);
	return !change ? "(no change)" : change->after.kind == IMAGE_ABSENT ? "(absent)" : change->after.data;
}

#define TEN "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n"

/* One file "a.c" with `text`; the result, or the message. */
static void expect(const char *text, const char *patch, const char *expected)
{
	struct changeset tree = { 0 };
	struct changeset set = { 0 };
	struct err err;
	put(&tree, "a.c", text, 0644);
	if (apply(&set, &tree, patch, &err) != 0)
		fail_msg("%s (%s)", err.msg, err.hint);
	assert_string_equal(after_of(&set, "a.c"), expected);
	assert_int_equal(set.n_changes, 1);
	changeset_release(&set);
	changeset_release(&tree);
}

static void expect_refused(const char *text, const char *patch, const char *why)
{
	struct changeset tree = { 0 };
	struct changeset set = { 0 };
	struct err err;
	put(&tree, "a.c", text, 0644);
	put(&tree, "b.c", "b\n", 0644);
	put(&set, "kept", "kept\n", 0644);
	assert_int_equal(apply(&set, &tree, patch, &err), -1);
	assert_contains(err.msg, why);
	assert_int_equal(set.n_changes, 1);
	changeset_release(&set);
	changeset_release(&tree);
}

#define HEAD "--- a/a.c\n+++ b/a.c\n"

static void test_hunks_change_the_lines_they_name(void **state)
{
	(void)state;
	expect(TEN, HEAD "@@ -1,3 +1,3 @@\n 1\n-2\n+two\n 3\n@@ -8,3 +8,4 @@ f()\n 8\n 9\n 10\n+11\n",
	       "1\ntwo\n3\n4\n5\n6\n7\n8\n9\n10\n11\n");
	expect("a\n\nb\n", HEAD "@@ -1,3 +1,2 @@\n a\n\n-b\n", "a\n\n");
	expect("a\nb", HEAD "@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+c\n", "a\nc\n");
	expect("a\nb\n", HEAD "@@ -1,2 +1,2 @@\n a\n-b\n+b\n\\ No newline at end of file\n", "a\nb");
	expect("", HEAD "@@ -0,0 +1 @@\n+x\n", "x\n");
	expect("-- x\n", HEAD "@@ -1 +0,0 @@\n--- x\n", "");
}

static void test_names_may_stand_with_and_without_prefixes(void **state)
{
	(void)state;
	static const char *const head[] = {
		"--- a.c\n+++ a.c\n", "--- a/a.c\n+++ b/a.c\n", "--- i/a.c\n+++ w/a.c\n", "--- old-1.0/a.c\n+++ new-1.1/a.c\n",
		"--- a.c.orig\t2024-01-01 10:00:00 +0000\n+++ a.c\t2024-01-01 10:00:01 +0000\n", "--- \"a/a.c\"\n+++ \"b/\\141.c\"\n",
		"diff --git a/a.c b/a.c\nindex 123..456 100644\n--- a/a.c\n+++ b/a.c\n", "diff --git a.c a.c\n--- a.c\n+++ a.c\n",
		"Subject: [PATCH] x\n\nA mail.\n--- not a file\n---\n a.c | 2 +-\n\ndiff -u a/a.c b/a.c\n--- a/a.c\n+++ b/a.c\n",
	};
	for (size_t i = 0; i < sizeof head / sizeof *head; i++) {
		char *patch = xasprintf("%s@@ -1 +1 @@\n-a\n+b\n-- \n2.39.2\n\nprose\n", head[i]);
		expect("a\n", patch, "b\n");
		free(patch);
	}
}

static void test_hunks_move_only_to_a_single_place(void **state)
{
	(void)state;
	expect("0\n0\n" TEN, HEAD "@@ -4,3 +4,3 @@\n 4\n-5\n+five\n 6\n", "0\n0\n1\n2\n3\n4\nfive\n6\n7\n8\n9\n10\n");
	expect("0\n" TEN, HEAD "@@ -1,2 +1 @@\n 1\n-2\n@@ -9,2 +8 @@\n 9\n-10\n", "0\n1\n3\n4\n5\n6\n7\n8\n9\n");
	/* Where the numbers say, other places do not matter. */
	expect("x\ny\nx\ny\n", HEAD "@@ -3,2 +3,2 @@\n x\n-y\n+z\n", "x\ny\nx\nz\n");
	expect_refused("0\nx\ny\nx\ny\n", HEAD "@@ -1,2 +1,2 @@\n x\n-y\n+z\n", "patch line 3: hunk 1 of 'b/a.c' matches several places");
	expect_refused("x\ny\n", HEAD "@@ -1,2 +1,2 @@\n x\n-Y\n+z\n", "patch line 3: hunk 1 of 'b/a.c' does not match the file");
	/* Once one has moved, the next one's numbers are no proof. */
	expect_refused("0\na\nb\nx\n}\nc\n}\n", HEAD "@@ -1,2 +1,2 @@\n a\n-b\n+B\n@@ -5 +5 @@\n-}\n+]\n", "hunk 2");
	expect_refused("a\nb\n", HEAD "@@ -1,0 +2 @@\n+x\n", "only adds lines");
	expect_refused("a\nb\nc\n", HEAD "@@ -1 +1 @@\n-a\n+x\n\\ No newline at end of file\n", "does not match");
}

static void test_line_ends_of_the_file_are_kept(void **state)
{
	(void)state;
	expect("a\r\nb\r\n", HEAD "@@ -1,2 +1,3 @@\n a\r\n-b\r\n+c\r\n+d\r\n", "a\r\nc\r\nd\r\n");
	expect("a\r\nb\r\nc", HEAD "@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n\\ No newline at end of file\n", "a\r\nx\r\nc");
	expect("a\nb\n", "--- a/a.c\r\n+++ b/a.c\r\n@@ -1,2 +1,2 @@\r\n a\r\n-b\r\n+c\r\n", "a\nc\n");
	expect_refused("a\nb\n", HEAD "@@ -1,2 +1,2 @@\n a\r\n-b\r\n+c\r\n", "does not match");
}

static void test_files_are_made_deleted_moved_and_made_executable(void **state)
{
	(void)state;
	static const char patch[] =
		"diff --git a/made b/made\nnew file mode 100755\nindex 000..111\n--- /dev/null\n+++ b/made\n@@ -0,0 +1 @@\n+x\n"
		"diff --git a/empty b/empty\nnew file mode 100644\nindex 000..e69\n"
		"diff --git a/gone b/gone\ndeleted file mode 100644\n--- a/gone\n+++ /dev/null\n@@ -1 +0,0 @@\n-g\n"
		"diff --git a/run b/run\nold mode 100644\nnew mode 100755\n"
		"diff --git a/from b/to\nsimilarity index 50%\nrename from from\nrename to to\n--- a/from\n+++ b/to\n@@ -1 +1 @@\n-f\n+t\n"
		"diff --git a/run b/copy\nsimilarity index 100%\ncopy from run\ncopy to copy\n"
		"diff --git a/x b/y\nsimilarity index 100%\nrename from x\nrename to y\n"
		"diff --git a/y b/x\nsimilarity index 100%\nrename from y\nrename to x\n";
	struct changeset tree = { 0 };
	struct changeset set = { 0 };
	struct err err;
	put(&tree, "gone", "g\n", 0644);
	put(&tree, "run", "r\n", 0640);
	put(&tree, "from", "f\n", 0600);
	put(&tree, "x", "is x\n", 0644);
	put(&tree, "y", "is y\n", 0644);
	assert_ok(apply(&set, &tree, patch, &err), &err);
	assert_string_equal(after_of(&set, "made"), "x\n");
	assert_int_equal(changeset_find(&set, "made")->after.mode, 0755);
	assert_string_equal(after_of(&set, "empty"), "");
	assert_int_equal(changeset_find(&set, "empty")->after.mode, 0);
	assert_string_equal(after_of(&set, "gone"), "(absent)");
	assert_int_equal(changeset_find(&set, "run")->after.mode, 0750);
	assert_string_equal(after_of(&set, "from"), "(absent)");
	assert_string_equal(after_of(&set, "to"), "t\n");
	assert_int_equal(changeset_find(&set, "to")->after.mode, 0600);
	assert_string_equal(after_of(&set, "copy"), "r\n");
	assert_string_equal(after_of(&set, "x"), "is y\n");
	assert_string_equal(after_of(&set, "y"), "is x\n");
	assert_int_equal(set.n_changes, 9);
	changeset_release(&set);
	changeset_release(&tree);
}

static void test_hostile_patches_are_refused_with_their_line(void **state)
{
	(void)state;
	static const struct { const char *patch, *why; } row[] = {
		{ "", "holds no change" },
		{ "just prose\n", "holds no change" },
		{ "--- a/../../etc/passwd\n+++ b/../../etc/passwd\n@@ -1 +1 @@\n-a\n+b\n", "patch line 1: '../../etc/passwd'" },
		{ "--- /etc/passwd\n+++ /etc/passwd\n@@ -1 +1 @@\n-a\n+b\n", "patch line 1: '/etc/passwd' is an absolute path" },
		{ "--- /dev/null\n+++ b/.git/hooks/x\n@@ -0,0 +1 @@\n+b\n", "patch line 1" },
		{ "--- /dev/null\n+++ b/a/./x\n@@ -0,0 +1 @@\n+b\n", "patch line 1" },
		{ "--- /dev/null\n+++ b/aux.c\n@@ -0,0 +1 @@\n+b\n", "patch line 1" },
		{ "--- /dev/null\n+++ /dev/null\n@@ -0,0 +1 @@\n+b\n", "patch line 2: both sides are '/dev/null'" },
		{ "--- /dev/null\n+++ b/a.c\n@@ -0,0 +1 @@\n+b\n", "exists already" },
		{ "--- a/none\n+++ b/none\n@@ -1 +1 @@\n-a\n+b\n", "does not exist" },
		{ "diff --git a/a.c b/a.c\n--- a/a.c\n+++ b/b.c\n@@ -1 +1 @@\n-a\n+b\n", "patch line 3: 'b/a.c': this name differs" },
		{ "diff --git a/a.c b/a.c\nnew file mode 100644\n--- a/a.c\n+++ b/a.c\n@@ -1 +1 @@\n-a\n+b\n", "'/dev/null' is expected" },
		{ "diff --git a/a.c b/a.c\n--- a/a.c\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n", "'/dev/null' stands here" },
		{ "diff --git a/a.c b/a.c\nnew file mode 100644\ndeleted file mode 100644\n", "contradict" },
		{ "diff --git a/a.c b/a.c\nnew file mode 160000\n", "patch line 2: 'b/a.c': this mode" },
		{ "diff --git a/a.c b/c\nrename from a.c\n", "names of the file cannot be told" },
		{ "diff --git a/a.c b/b.c\nsimilarity index 100%\nrename from a.c\nrename to b.c\n", "exists already" },
		{ "diff --git a/a.c b/a.c\nrename from a.c\nrename to a.c\n", "moved to itself" },
		{ "diff --git a/l b/l\nnew file mode 120000\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+../x\n\\ No newline at end of file\n",
		  "out of the tree" },
		{ "diff --git a/a.c b/a.c\nindex 1..2\nGIT binary patch\nliteral 0\n", "is binary" },
		{ "Binary files a/a.c and b/a.c differ\n", "binary" },
		{ "diff --git a/a.c b/a.c\ndeleted file mode 100644\n", "more in it" },
		{ "@@ -1 +1 @@\n-a\n+b\n", "patch line 1: a hunk without" },
		{ HEAD "@@ -1 +1 @@\n-a\n", "patch line 4: 'b/a.c', hunk 1: the patch ends" },
		{ HEAD "@@ -1 +1 @@\n-a\n-b\n", "other lines than" },
		{ HEAD "@@ -1 +1 @@\n-a\n+b\n+c\n", "patch line 6: 'b/a.c', hunk 1: the hunk has more lines" },
		{ HEAD "@@ -1 +1 @@\n\\ No newline at end of file\n-a\n+b\n", "no line stands" },
		{ HEAD "@@ -1,2 +1 @@\n-a\n\\ No newline at end of file\n-a\n+b\n", "a line follows" },
		{ HEAD "@@ -99999999999999999999,3 +1 @@\n-a\n", "too large" },
		{ HEAD "@@ -1,999999999 +1,999999999 @@\n-a\n+b\n", "the patch ends" },
		{ HEAD "@@ -999999999 +1 @@\n-zz\n+b\n", "shorter" },
		{ HEAD "@@ -1 +1 @@\n-a\n+b\n@@ -1 +1 @@\n-a\n+c\n", "patch line 6: hunk 2 of 'b/a.c' overlaps" },
		{ "--- \"a/a.c\n+++ b/a.c\n@@ -1 +1 @@\n-a\n+b\n", "patch line 1: a file's name" },
		{ "--- \"a/a\\000.c\"\n+++ b/a.c\n@@ -1 +1 @@\n-a\n+b\n", "patch line 1: a file's name" },
		{ "--- \"a/a\\n.c\"\n+++ \"b/a\\n.c\"\n@@ -1 +1 @@\n-a\n+b\n", "control character" },
	};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		expect_refused("a\n", row[i].patch, row[i].why);
}

static void test_all_files_of_a_patch_or_none(void **state)
{
	(void)state;
	expect_refused("a\n", HEAD "@@ -1 +1 @@\n-a\n+b\n--- a/b.c\n+++ b/b.c\n@@ -1 +1 @@\n-nope\n+x\n", "patch line 8: hunk 1 of 'b/b.c'");
}

static void test_time_for_many_hunks_is_linear(void **state)
{
	(void)state;
	double seconds[2];
	for (int round = 0; round < 2; round++) {
		struct changeset tree = { 0 };
		struct changeset set = { 0 };
		struct buf text = { 0 };
		struct buf patch = { 0 };
		struct err err;
		struct timespec from;
		struct timespec to;
		int n = round ? 80000 : 20000;
		buf_add_str(&patch, HEAD);
		for (int i = 1; i <= n; i++) {
			buf_printf(&text, "}\nline %d\n", i);
			buf_printf(&patch, "@@ -%d,2 +%d,2 @@\n }\n-line %d\n+Line %d\n", i * 2 - (round & 1), i * 2, i, i);
		}
		put(&tree, "a.c", buf_str(&text), 0644);
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
		assert_ok(apply(&set, &tree, buf_str(&patch), &err), &err);
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
		seconds[round] = (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
		assert_non_null(strstr(after_of(&set, "a.c"), "Line 20000\n"));
		changeset_release(&set);
		changeset_release(&tree);
		buf_release(&text);
		buf_release(&patch);
	}
	/* Four times the hunks: quadratic would be 16 times the time. */
	assert_true(seconds[1] < seconds[0] * 10 + 0.05);
}

/* ---- the same patches by git ---- */

static int run(const char *dir, const char *script)
{
	char *command = xasprintf("cd '%s' && export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null && { %s ; } >'%s.log' 2>&1",
	                          dir, script, dir);
	int status = system(command);
	free(command);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static char *read_file(const char *dir, const char *name, size_t *n)
{
	struct buf out = { 0 };
	char *path = xasprintf("%s/%s", dir, name);
	char block[4096];
	size_t got;
	FILE *file = fopen(path, "rb");
	assert_non_null(file);
	while ((got = fread(block, 1, sizeof block, file)) > 0)
		buf_add(&out, block, got);
	fclose(file);
	free(path);
	buf_add(&out, "", 0);
	char *data = buf_take(&out, n);
	return data ? data : xstrdup("");
}

static void write_image(const char *dir, const char *path, const struct image *image)
{
	char *full = xasprintf("%s/%s", dir, path);
	char *slash = strrchr(path, '/');
	if (slash) {
		char *folder = xasprintf("%s/%.*s", dir, (int)(slash - path), path);
		mkdir(folder, 0755);
		free(folder);
	}
	FILE *file = fopen(full, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(image->data, 1, (size_t)image->size, file), image->size);
	fclose(file);
	assert_int_equal(chmod(full, image->mode & 0111 ? 0755 : 0644), 0);
	free(full);
}

/* The work tree becomes what the set's befores (or afters, where `after`) say. */
static void write_tree(const char *dir, const struct changeset *set, bool after)
{
	assert_int_equal(run(dir, "git rm -rfq --cached . ; find . -mindepth 1 -maxdepth 1 ! -name .git -exec rm -rf {} +"), 0);
	for (size_t i = 0; i < set->n_changes; i++) {
		const struct image *image = after ? &set->change[i].after : &set->change[i].before;
		if (image->kind != IMAGE_ABSENT)
			write_image(dir, set->change[i].path, image);
	}
}

static void random_text(struct buf *out)
{
	const char *end = random_below(4) ? "\n" : "\r\n";
	size_t lines = random_below(60);
	for (size_t i = 0; i < lines; i++)
		buf_printf(out, "%s %u%s", random_below(3) ? "line" : "", random_below(random_below(2) ? 6 : 1000), end);
	if (out->len && random_below(3) == 0)
		buf_truncate(out, out->len - 1);
}

static void edit_text(struct buf *out, const struct image *from)
{
	bool crlf = memchr(from->data, '\r', (size_t)from->size) != NULL;
	for (size_t at = 0; at < (size_t)from->size;) {
		const char *end = memchr(from->data + at, '\n', (size_t)from->size - at);
		size_t n = end ? (size_t)(end - from->data) + 1 - at : (size_t)from->size - at;
		if (random_below(15) == 0)
			buf_printf(out, "new %u%s", random_below(9), crlf ? "\r\n" : "\n");
		if (random_below(15) != 0)
			buf_add(out, from->data + at, n);
		at += n;
	}
	if (out->len && random_below(8) == 0 && out->data[out->len - 1] == '\n')
		buf_truncate(out, out->len - 1);
}

static const char *const name[] = {
	"plain", "dir/in it.c", "odd'quote", "caf\xc3\xa9", "a/b", "b/a.txt", "t", "--- x", "back.c", "zero",
};

#define N_NAMES (sizeof name / sizeof *name)

/* Random files, and what becomes of them: edits, deletions, new files, modes, moves. */
static void random_trees(struct changeset *set)
{
	for (size_t i = 0; i < N_NAMES; i++) {
		struct buf text = { 0 };
		struct change *change = changeset_add(set, name[i]);
		uint32_t fate = random_below(10);
		random_text(&text);
		if (fate < 8)
			image_set_file(&change->before, buf_str(&text), text.len, random_below(4) ? 0644 : 0755);
		if (fate >= 7 && fate < 9 && change->before.kind == IMAGE_FILE)
			image_copy(&change->after, &change->before);
		buf_clear(&text);
		if (fate < 6) {
			edit_text(&text, &change->before);
			image_set_file(&change->after, buf_str(&text), text.len, random_below(5) ? change->before.mode : 0755);
		} else if (fate >= 8) {
			random_text(&text);
			image_set_file(&change->after, buf_str(&text), text.len, 0644);
		}
		buf_release(&text);
	}
	/* Two files change places, or one moves. */
	struct change *a = &set->change[random_below(N_NAMES)];
	struct change *b = &set->change[random_below(N_NAMES)];
	struct image swap = a->after;
	if (a != b && a->after.kind == IMAGE_FILE && random_below(2)) {
		a->after = b->after;
		b->after = swap;
	}
}

static void same_text(const char *dir, const char *a, const char *b)
{
	size_t n;
	char *one = read_file(dir, a, &n);
	char *two = read_file(dir, b, &n);
	assert_string_equal(one, two);
	assert_true(strlen(one) >= 40);
	free(one);
	free(two);
}

static void test_patches_of_git_give_the_trees_that_git_apply_gives(void **state)
{
	(void)state;
	char dir[] = "/tmp/belay-patch-XXXXXX";
	static const char *const options[] = { "-M", "-M30% -C --find-copies-harder", "--no-renames", "-M -U1", "-M --no-prefix",
		                               "-M --src-prefix=i/ --dst-prefix=w/" };
	if (system("git --version >/dev/null 2>&1") != 0)
		skip();
	assert_non_null(mkdtemp(dir));
	char *repo = xasprintf("%s/r", dir);
	assert_int_equal(mkdir(repo, 0755), 0);
	assert_int_equal(run(repo, "git init -q && git config user.name t && git config user.email t@example.org && "
	                           "git config core.autocrlf false"), 0);
	for (int i = 0; i < 16; i++) {
		struct changeset tree = { 0 };
		struct changeset set = { 0 };
		struct err err = { 0 };
		size_t n;
		random_trees(&tree);
		write_tree(repo, &tree, false);
		assert_int_equal(run(repo, "git add -A && git commit -qm x --allow-empty"), 0);
		write_tree(repo, &tree, true);
		char *script = xasprintf("git add -A . && git write-tree >../wanted && { echo prose; git diff --cached %s HEAD; "
		                         "printf -- '-- \\n2.39\\n'; } >../p && git read-tree -u --reset HEAD",
		                         options[random_below(sizeof options / sizeof *options)]);
		assert_int_equal(run(repo, script), 0);
		free(script);
		char *patch = read_file(dir, "p", &n);
		if (strstr(patch, "\n@@") || strstr(patch, "\ndiff")) {
			int rc = patch_apply(&set, patch, n, load, &tree, &err);
			if (rc != 0)
				fail_msg("%s (%s)\n%s", err.msg, err.hint, patch);
			for (size_t k = 0; k < tree.n_changes; k++) {
				image_release(&tree.change[k].after);
				image_copy(&tree.change[k].after, &tree.change[k].before);
			}
			changeset_move(&tree, &set);
		} else {
			for (size_t k = 0; k < tree.n_changes; k++)
				assert_true(image_equal(&tree.change[k].before, &tree.change[k].after));
		}
		write_tree(repo, &tree, true);
		assert_int_equal(run(repo, "git add -A . && git write-tree >../ours"), 0);
		same_text(dir, "wanted", "ours");
		free(patch);
		changeset_release(&tree);
	}
	free(repo);
	char *command = xasprintf("rm -rf %s %s.log", dir, dir);
	assert_int_equal(system(command), 0);
	free(command);
}

/*
 * A file that moved on since. git and patch take any near place, and hold a hunk from a file's first or last lines to
 * be there still; where they and we apply a patch, the result is the same.
 */
static void test_moved_hunks_land_where_git_and_patch_put_them(void **state)
{
	(void)state;
	char dir[] = "/tmp/belay-patch-XXXXXX";
	int n_same = 0;
	bool has_patch = system("patch --version >/dev/null 2>&1") == 0;
	if (system("git --version >/dev/null 2>&1") != 0)
		skip();
	assert_non_null(mkdtemp(dir));
	for (int i = 0; i < 16; i++) {
		struct changeset diff = { 0 };
		struct changeset tree = { 0 };
		struct changeset set = { 0 };
		struct buf old_text = { 0 };
		struct buf new_text = { 0 };
		struct buf moved = { 0 };
		struct buf patch = { 0 };
		struct err err = { 0 };
		struct change *change = changeset_add(&diff, "a.c");
		for (uint32_t k = 10 + random_below(80); k; k--)
			buf_printf(&old_text, "%u\n", random_below(i % 2 ? 10 : 1000));
		image_set_file(&change->before, old_text.data, old_text.len, 0644);
		edit_text(&new_text, &change->before);
		image_set_file(&change->after, buf_str(&new_text), new_text.len, 0644);
		changeset_format_patch(&patch, &diff, 3);
		for (uint32_t k = random_below(4); k; k--)
			buf_add_str(&moved, "moved\n");
		buf_add(&moved, old_text.data, old_text.len);
		image_set_file(&changeset_add(&tree, "a.c")->before, moved.data, moved.len, 0644);
		if (patch.len && patch_apply(&set, patch.data, patch.len, load, &tree, &err) == 0) {
			write_image(dir, "a.c", &changeset_find(&tree, "a.c")->before);
			write_image(dir, "p", &(struct image){ .data = patch.data, .size = (int64_t)patch.len });
			write_image(dir, "ours", &changeset_find(&set, "a.c")->after);
			int rc = run(dir, "cp a.c b && git apply p || exit 9; cmp a.c ours");
			assert_true(rc == 0 || rc == 9);
			n_same += rc == 0;
			if (has_patch)
				assert_true((rc = run(dir, "cp b a.c && patch -F0 -s -p1 <p || exit 9; cmp a.c ours")) == 0 || rc == 9);
		}
		changeset_release(&diff);
		changeset_release(&tree);
		changeset_release(&set);
		buf_release(&old_text);
		buf_release(&new_text);
		buf_release(&moved);
		buf_release(&patch);
	}
	assert_true(n_same > 4);
	char *command = xasprintf("rm -rf %s %s.log", dir, dir);
	assert_int_equal(system(command), 0);
	free(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hunks_change_the_lines_they_name),
		cmocka_unit_test(test_names_may_stand_with_and_without_prefixes),
		cmocka_unit_test(test_hunks_move_only_to_a_single_place),
		cmocka_unit_test(test_line_ends_of_the_file_are_kept),
		cmocka_unit_test(test_files_are_made_deleted_moved_and_made_executable),
		cmocka_unit_test(test_hostile_patches_are_refused_with_their_line),
		cmocka_unit_test(test_all_files_of_a_patch_or_none),
		cmocka_unit_test(test_time_for_many_hunks_is_linear),
		cmocka_unit_test(test_patches_of_git_give_the_trees_that_git_apply_gives),
		cmocka_unit_test(test_moved_hunks_land_where_git_and_patch_put_them),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
