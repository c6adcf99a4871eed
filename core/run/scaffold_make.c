/* From templates to a change set. */
#include "run/scaffold.h"

#include "base/path.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "edit/template.h"
#include "plan/vars.h"

#include <stdlib.h>
#include <string.h>

struct maker {
	struct step_job *job;
	const struct scaffold *scaffold;
	struct name_values vars; /* all, each once */
	struct template_var *var;
	struct strings made;     /* paths */
};

/* Defaults, then the name of what is made, then what the plan gives. */
static int collect_vars(struct maker *m, struct err *err)
{
	const struct plan_step *step = m->job->step;
	struct buf missing = { 0 };
	name_values_copy(&m->vars, &m->scaffold->defaults);
	if (step->into && *step->into)
		name_values_set(&m->vars, "name", path_base(step->into));
	name_values_copy(&m->vars, &step->vars);
	for (size_t i = 0; i < m->scaffold->required.n_pairs; i++) {
		const struct name_value *need = &m->scaffold->required.pair[i];
		const char *value = name_values_get(&m->vars, need->name);
		if (!value || !*value)
			buf_printf(&missing, "%s'%s'%s%s%s", missing.len ? ", " : "", need->name, *need->value ? " (" : "",
			           need->value, *need->value ? ")" : "");
	}
	m->var = xcalloc(m->vars.n_pairs, sizeof *m->var);
	for (size_t i = 0; i < m->vars.n_pairs; i++)
		m->var[i] = (struct template_var){ m->vars.pair[i].name, m->vars.pair[i].value };
	int rc = 0;
	if (missing.len) {
		err_set(err, ERR_PLAN, "the template needs %.300s", buf_str(&missing));
		rc = err_hint(err, "give them in 'with'");
	}
	buf_release(&missing);
	return rc;
}

static int render(const struct maker *m, const char *name, const char *text, size_t n, struct buf *out, struct err *err)
{
	struct template *t;
	if (template_compile(&t, name, text, n, err) != 0)
		return -1;
	int rc = template_render(t, m->var, m->vars.n_pairs, out, err);
	template_free(t);
	return rc;
}

/* An empty component leaves the file out: that is how a condition in a name works. */
static bool has_empty_component(const char *name)
{
	size_t n = strlen(name);
	return !n || name[0] == '/' || name[n - 1] == '/' || strstr(name, "//");
}

/* *path gets where the file goes, to be freed; NULL when it is left out. */
static int make_path(const struct maker *m, const struct scaffold_file *file, char **path, struct err *err)
{
	static const char ending[] = ".tmpl";
	struct buf name = { 0 };
	struct buf whole = { 0 };
	*path = NULL;
	int rc = render(m, file->name, file->name, strlen(file->name), &name, err);
	size_t n = sizeof ending - 1;
	if (rc == 0 && name.len > n && strcmp(name.data + name.len - n, ending) == 0)
		buf_truncate(&name, name.len - n);
	if (rc == 0 && !has_empty_component(buf_str(&name))) {
		path_join(&whole, m->job->step->into, buf_str(&name));
		rc = path_normalise(buf_str(&whole), path, err);
	}
	if (*path && (!path_is_below(*path, m->job->step->into) || strings_find(&m->made, *path) >= 0))
		rc = err_set(err, ERR_PLAN,
		             path_is_below(*path, m->job->step->into) ?
			             "two templates make '%.200s'" : "the template '%.200s' leads out of the step's folder",
		             path_is_below(*path, m->job->step->into) ? *path : file->name);
	if (rc != 0) {
		free(*path);
		*path = NULL;
	}
	buf_release(&whole);
	buf_release(&name);
	return rc;
}

/* A file that is there, with the new text at its end; nothing is done where it holds that text already. */
static void append(const struct image *before, struct buf *text)
{
	struct buf whole = { 0 };
	size_t n = (size_t)before->size;
	buf_add(&whole, before->data, n);
	if (!memmem(before->data, n, buf_str(text), text->len)) {
		if (n && before->data[n - 1] != '\n')
			buf_add_char(&whole, '\n');
		buf_add(&whole, buf_str(text), text->len);
	}
	buf_release(text);
	*text = whole;
}

/* What is done with a file that is there. 1: it is left as it is. */
static int meet_existing(const struct maker *m, const struct change *change, const struct scaffold_file *file,
                         struct buf *text, struct err *err)
{
	const struct image *before = &change->before;
	if (before->kind == IMAGE_ABSENT)
		return path_check_new_name(change->path, err);
	if (before->kind != IMAGE_FILE)
		return err_set(err, ERR_ACCESS, "'%s' is a symbolic link: belay does not write through links", change->path);
	if (file->append && !before->data)
		return err_set(err, ERR_LIMIT, "'%s' is too large to be added to", change->path);
	if (file->append) {
		append(before, text);
		return 0;
	}
	bool same = before->data && (size_t)before->size == text->len && memcmp(before->data, buf_str(text), text->len) == 0;
	if (same || m->job->step->exists == EXISTS_SKIP)
		return 1;
	if (m->job->step->exists == EXISTS_REPLACE)
		return 0;
	err_set(err, ERR_EXISTS, "'%s' exists already, and holds something else", change->path);
	return err_hint(err, "'exists: replace' replaces it, 'exists: skip' leaves it");
}

static int make_change(struct maker *m, const struct scaffold_file *file, const char *path, struct buf *text,
                       struct err *err)
{
	struct change *change = changeset_add(&m->job->set, path);
	if (step_check_writable(m->job, path, err) != 0 || step_load(m->job, path, false, &change->before, err) != 0)
		return -1;
	int rc = meet_existing(m, change, file, text, err);
	if (rc < 0)
		return -1;
	if (rc > 0) {
		image_release(&change->before); /* two equal sides are no change */
		return 0;
	}
	mode_t mode = file->mode ? file->mode : change->before.mode;
	image_set_file(&change->after, buf_str(text), text->len, mode);
	return 0;
}

static int make_file(struct maker *m, const struct scaffold_file *file, struct err *err)
{
	struct buf text = { 0 };
	char *path;
	if (make_path(m, file, &path, err) != 0)
		return -1;
	if (!path)
		return 0;
	int rc = 0;
	if (file->verbatim)
		buf_add(&text, file->text, file->n);
	else
		rc = render(m, file->name, file->text, file->n, &text, err);
	if (rc == 0)
		rc = make_change(m, file, path, &text, err);
	strings_take(&m->made, path);
	buf_release(&text);
	return rc;
}

int scaffold_make(struct step_job *job, const struct scaffold *scaffold, struct err *err)
{
	struct maker m = { .job = job, .scaffold = scaffold };
	int rc = collect_vars(&m, err);
	for (size_t i = 0; rc == 0 && i < scaffold->n_files; i++)
		rc = make_file(&m, &scaffold->file[i], err);
	if (rc == 0 && scaffold->n_files && !m.made.n_items)
		rc = err_set(err, ERR_PLAN, "with these variables the template makes no file");
	strings_release(&m.made);
	name_values_release(&m.vars);
	free(m.var);
	return rc;
}
