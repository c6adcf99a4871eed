#include "tests/plan_text.h"

#include "tests/unit.h"

#include "base/path.h"
#include "base/xalloc.h"

#include <stdio.h>

static char *findings(const struct diags *diags)
{
	struct buf text = { 0 };
	for (size_t i = 0; i < diags->n_diags; i++)
		diag_format(&text, &diags->diag[i]);
	return text.data ? buf_take(&text, NULL) : xstrdup("");
}

static struct plan *load_good(const char *file, const char *text, size_t n, const struct plan_load_options *options)
{
	struct diags diags = { 0 };
	struct plan *plan = NULL;
	int rc = plan_load(&plan, file, text, n, options, &diags);
	char *said = findings(&diags);
	diags_release(&diags);
	if (rc != 0 || *said)
		fail_msg("%s", said);
	free(said);
	return plan;
}

struct plan *plan_of_with(const char *text, const struct plan_load_options *options)
{
	return load_good("plan.yaml", text, strlen(text), options);
}

struct plan *plan_of(const char *text)
{
	return plan_of_with(text, NULL);
}

char *findings_in(const char *text, const struct plan_load_options *options)
{
	struct diags diags = { 0 };
	struct plan *plan;
	int rc = plan_load(&plan, "plan.yaml", text, strlen(text), options, &diags);
	char *said = findings(&diags);
	assert_int_equal(rc, diags.n_errors ? -1 : 0);
	assert_true((plan == NULL) == (rc != 0));
	plan_free(plan);
	diags_release(&diags);
	return said;
}

/* The findings without the file's name and their severity, which are the same in all. */
static char *brief(const char *text)
{
	static const char file[] = "plan.yaml:";
	static const char error[] = " error: ";
	char *said = findings_in(text, NULL);
	struct buf out = { 0 };
	for (const char *line = said; *line;) {
		size_t n = strcspn(line, "\n");
		char *copy = xstrndup(line, n);
		const char *place = copy + strlen(file);
		const char *severity = strstr(copy, error);
		assert_true(strncmp(copy, file, strlen(file)) == 0 && severity);
		buf_printf(&out, "%s%.*s %s", out.len ? "\n" : "", (int)(severity - place), place, severity + strlen(error));
		free(copy);
		line += n + (line[n] == '\n');
	}
	free(said);
	return out.data ? buf_take(&out, NULL) : xstrdup("");
}

void check_bad_plan(const char *before, const struct bad_plan *row, const char *after)
{
	char *text = xasprintf("%s%s%s", before, row->text, after);
	char *said = brief(text);
	if (strcmp(said, row->said) != 0)
		fail_msg("of\n%s\nis said\n%s\ninstead of\n%s", text, said, row->said);
	free(said);
	free(text);
}

static char *read_whole(const char *path, size_t *n)
{
	FILE *file = fopen(path, "rb");
	if (!file)
		fail_msg("cannot open %s", path);
	char *text = xmalloc(1 << 20);
	*n = fread(text, 1, 1 << 20, file);
	fclose(file);
	return text;
}

/* Beside the file that includes it. */
static char *beside(const char *from, const char *name)
{
	struct buf path = { 0 };
	path_dir(from, &path);
	if (path.len)
		buf_add_char(&path, '/');
	buf_add_str(&path, name);
	return buf_take(&path, NULL);
}

static int read_sample(void *arg, const char *from, const char *name, char **out_path, char **text, size_t *n,
                       struct err *err)
{
	(void)arg;
	(void)err;
	*out_path = beside(from, name);
	*text = read_whole(*out_path, n);
	return 0;
}

struct plan *sample_plan(const char *name)
{
	const struct plan_load_options options = { .read_file = read_sample };
	const char *folder = getenv("SRC_DIR") ? getenv("SRC_DIR") : ".";
	char *path = xasprintf("%s/tests/plans/%s", folder, name);
	size_t n;
	char *text = read_whole(path, &n);
	struct plan *plan = load_good(path, text, n, &options);
	free(text);
	free(path);
	return plan;
}

const struct plan_step *step_of(const struct plan *plan, const char *id)
{
	int at = plan_find(plan, id);
	if (at < 0)
		fail_msg("there is no step '%s'", id);
	assert_string_equal(plan->step[at].id, id);
	return &plan->step[at];
}

int read_text_file(void *arg, const char *from, const char *name, char **out_path, char **text, size_t *n,
                   struct err *err)
{
	char *path = beside(from, name);
	for (const struct text_file *file = arg; file->name; file++) {
		if (strcmp(file->name, path) != 0)
			continue;
		*out_path = path;
		*text = xstrdup(file->text);
		*n = strlen(file->text);
		return 0;
	}
	err_set(err, ERR_NOT_FOUND, "there is no file '%s'", path);
	free(path);
	return -1;
}
