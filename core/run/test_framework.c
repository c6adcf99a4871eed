#include "run/test_framework.h"

#include "base/path.h"
#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

#define LOOK_MAX 200           /* test files that are looked into */
#define LOOK_BYTES (64 * 1024) /* of each */

struct framework {
	const char *name;
	const char *endings;  /* of the code that it is for */
	const char *manifest; /* a file at the root that speaks of it; NULL: only tests do */
	const char *word;     /* what tests, or the manifest, say of it; "" is in any */
	const char *into;     /* {dir}, {base}, {ending} of the first file under test */
	const char *run;      /* for sh -c; {into}, {into_dir}; NULL: the plan must say it */
	const char *advice;
};

static const struct framework frameworks[] = {
	{ "cmocka", " .c .h ", NULL, "<cmocka.h>", "{tests}/test_{base}.c", NULL,
	  "Use cmocka: include setjmp.h, stdarg.h, stddef.h, stdint.h and then cmocka.h; static void test_x(void **state); "
	  "main ends with cmocka_run_group_tests." },
	{ "Check", " .c .h ", NULL, "<check.h>", "{tests}/check_{base}.c", NULL,
	  "Use the Check framework: START_TEST and END_TEST, a suite, and a main that returns whether any failed." },
	{ "plain C", " .c .h ", "Makefile", "check", "{tests}/test_{base}.c", "make check",
	  "Write a program that returns 0 when all holds and 1 when not; do not use assert, which may be compiled out." },
	{ "pytest", " .py ", "pyproject.toml", "pytest", "{tests}/test_{base}.py", "python3 -m pytest -q {into}", "Use pytest." },
	{ "pytest", " .py ", "pytest.ini", "", "{tests}/test_{base}.py", "python3 -m pytest -q {into}", "Use pytest." },
	{ "pytest", " .py ", NULL, "import pytest", "{tests}/test_{base}.py", "python3 -m pytest -q {into}", "Use pytest." },
	{ "unittest", " .py ", NULL, "", "{tests}/test_{base}.py", "python3 -m unittest -v {into}", "Use unittest." },
	{ "vitest", " .ts .tsx .js .jsx .mjs ", "package.json", "vitest", "{dir}/{base}.test{ending}", "npx vitest run {into}",
	  "Use vitest, and import what is used from it." },
	{ "jest", " .ts .tsx .js .jsx .mjs ", "package.json", "jest", "{dir}/{base}.test{ending}", "npx jest {into}", "Use jest." },
	{ "node:test", " .js .mjs .cjs ", NULL, "", "{dir}/{base}.test{ending}", "node --test {into}",
	  "Use node:test and node:assert/strict." },
	{ "go test", " .go ", NULL, "", "{dir}/{base}_test.go", "go test ./{into_dir}", "Use the testing package." },
	{ "cargo test", " .rs ", "Cargo.toml", "", "tests/{base}.rs", "cargo test --offline --test {into_base}",
	  "Write an integration test that uses the crate from outside." },
};

/* What the repository shows of its tests. */
struct evidence {
	struct workspace_batch tests;
	struct strings paths;
};

/* Files whose names say that they are tests. */
static int gather(struct step_job *job, struct evidence *out, struct err *err)
{
	static char *const globs[] = {
		(char *)"**/test_*", (char *)"**/*_test.*", (char *)"**/*.test.*", (char *)"**/check_*.c", (char *)"**/*.spec.*",
	};
	const struct strings patterns = { .item = (char **)globs, .n_items = sizeof globs / sizeof *globs };
	if (workspace_expand(job->ws, &patterns, true, &out->paths, err) != 0)
		return -1;
	struct strings few = { .item = out->paths.item, .n_items = out->paths.n_items };
	if (few.n_items > LOOK_MAX)
		few.n_items = LOOK_MAX;
	return workspace_read(job->ws, &few, LOOK_BYTES, &job->cancel, &out->tests, err);
}

static void evidence_release(struct evidence *evidence)
{
	workspace_batch_release(&evidence->tests);
	strings_release(&evidence->paths);
}

static const char *ending_of(const char *path)
{
	const char *dot = strrchr(path_base(path), '.');
	return dot ? dot : "";
}

static bool has_ending(const char *list, const char *path)
{
	char word[20];
	const char *ending = ending_of(path);
	if (!*ending || strlen(ending) > 16)
		return false;
	word[0] = ' ';
	strcpy(word + 1, ending);
	strcat(word, " ");
	return strstr(list, word) != NULL;
}

/* A test of the repository that is of this framework, or NULL. */
static const struct workspace_file *find_example(const struct evidence *evidence, const struct framework *framework)
{
	for (size_t i = 0; i < evidence->tests.n_files; i++) {
		const struct workspace_file *file = &evidence->tests.file[i];
		if (file->err.code == ERR_NONE && !file->is_link && has_ending(framework->endings, file->path) &&
		    memmem(file->data, file->size, framework->word, strlen(framework->word)))
			return file;
	}
	return NULL;
}

static bool manifest_says(struct step_job *job, const struct framework *framework)
{
	struct buf text = { 0 };
	struct err err;
	if (!framework->manifest || file_read(&job->ws->root, framework->manifest, 1 << 20, &text, &err) != 0)
		return false;
	bool says = memmem(buf_str(&text), text.len, framework->word, strlen(framework->word)) != NULL;
	buf_release(&text);
	return says;
}

static const struct framework *choose(struct step_job *job, const struct evidence *evidence, const char *target,
                                      const struct workspace_file **example)
{
	for (size_t i = 0; i < sizeof frameworks / sizeof *frameworks; i++) {
		const struct framework *framework = &frameworks[i];
		if (!has_ending(framework->endings, target))
			continue;
		*example = find_example(evidence, framework);
		if (manifest_says(job, framework) || (*example && !framework->manifest) ||
		    (!*framework->word && !framework->manifest))
			return framework;
	}
	return NULL;
}

/* Replaces {name} by values; what is not known stays. */
static char *fill(const char *pattern, const char *const (*pair)[2], size_t n)
{
	struct buf out = { 0 };
	while (*pattern) {
		size_t i = 0;
		size_t len = 0;
		for (; i < n; i++) {
			len = strlen(pair[i][0]);
			if (strncmp(pattern, pair[i][0], len) == 0)
				break;
		}
		if (i < n) {
			buf_add_str(&out, pair[i][1]);
			pattern += len;
		} else {
			buf_add_char(&out, *pattern++);
		}
	}
	return buf_take(&out, NULL);
}

static char *make_into(const struct framework *framework, const struct workspace_file *example, const char *target)
{
	struct buf dir = { 0 };
	struct buf tests = { 0 };
	char *path = NULL;
	struct err err;
	path_dir(target, &dir);
	path_dir(example ? example->path : "tests/x", &tests);
	const char *ending = ending_of(target);
	char *base = xstrndup(path_base(target), strlen(path_base(target)) - strlen(ending));
	const char *const pair[][2] = {
		{ "{dir}", dir.len ? buf_str(&dir) : "." }, { "{tests}", tests.len ? buf_str(&tests) : "." },
		{ "{base}", base }, { "{ending}", ending },
	};
	char *text = fill(framework->into, pair, sizeof pair / sizeof *pair);
	if (path_normalise(text, &path, &err) != 0)
		path = NULL;
	free(text);
	free(base);
	buf_release(&tests);
	buf_release(&dir);
	return path;
}

static void make_command(const struct framework *framework, const char *into, struct plan_command *out)
{
	struct buf dir = { 0 };
	struct buf quoted = { 0 };
	path_dir(into, &dir);
	proc_quote(&quoted, (const char *const[]){ into, NULL });
	const char *ending = ending_of(into);
	char *base = xstrndup(path_base(into), strlen(path_base(into)) - strlen(ending));
	const char *const pair[][2] = {
		{ "{into}", buf_str(&quoted) }, { "{into_dir}", buf_str(&dir) }, { "{into_base}", base },
	};
	out->shell = true;
	strings_add(&out->argv, "sh");
	strings_add(&out->argv, "-c");
	strings_take(&out->argv, fill(framework->run, pair, sizeof pair / sizeof *pair));
	free(base);
	buf_release(&quoted);
	buf_release(&dir);
}

static int settle(const struct plan_step *step, const struct framework *framework, const struct workspace_file *example,
                  const char *target, struct test_setting *out, struct err *err)
{
	out->framework = framework ? framework->name : NULL;
	out->advice = framework ? framework->advice : NULL;
	out->example = example ? xstrdup(example->path) : NULL;
	out->into = step->into ? xstrdup(step->into) : framework ? make_into(framework, example, target) : NULL;
	if (!out->into) {
		err_set(err, ERR_NOT_FOUND, "how '%.200s' is tested here cannot be told from the repository", target);
		return err_hint(err, "say it in the plan: 'into' with a file, and 'run' with what runs it");
	}
	for (size_t i = 0; i < step->command.argv.n_items; i++)
		strings_add(&out->command.argv, step->command.argv.item[i]);
	out->command.shell = step->command.shell;
	if (!step->command.argv.n_items && framework && framework->run)
		make_command(framework, out->into, &out->command);
	if (!out->command.argv.n_items) {
		err_set(err, ERR_NOT_FOUND, "what runs the tests of '%.200s' cannot be told from the repository", target);
		return err_hint(err, "say it in the plan: 'run: make check'");
	}
	return 0;
}

int test_setting_find(struct step_job *job, const struct strings *targets, struct test_setting *out, struct err *err)
{
	struct evidence evidence = { 0 };
	const struct workspace_file *example = NULL;
	const char *target = targets->item[0];
	*out = (struct test_setting){ 0 };
	int rc = gather(job, &evidence, err);
	if (rc == 0) {
		const struct framework *framework = choose(job, &evidence, target, &example);
		rc = settle(job->step, framework, example, target, out, err);
	}
	evidence_release(&evidence);
	if (rc != 0)
		test_setting_release(out);
	return rc;
}

void test_setting_release(struct test_setting *setting)
{
	free(setting->into);
	free(setting->example);
	strings_release(&setting->command.argv);
	*setting = (struct test_setting){ 0 };
}
