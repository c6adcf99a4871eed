#include "plan/each.h"

#include "base/path.h"
#include "base/xalloc.h"
#include "plan/vars.h"

#include <stdlib.h>
#include <string.h>

#define N_OF(list) (sizeof(list) / sizeof *(list))
#define AT(field) offsetof(struct plan_step, field)

/* Fields of a step by what becomes of them. Texts hold {{name}}; paths are checked once it is replaced. */
static const size_t texts[] = { AT(title), AT(prompt), AT(content), AT(rewrite_match), AT(rewrite_replace),
	AT(rename_from), AT(rename_to), AT(question) };
static const size_t paths[] = { AT(from), AT(into), AT(template_dir), AT(cwd) };
static const size_t words[] = { AT(id), AT(rename_using) };
static const size_t text_lists[] = { AT(command.argv), AT(accept) };
static const size_t path_lists[] = { AT(paths), AT(writes) };
static const size_t word_lists[] = { AT(needs), AT(checks), AT(model.escalate) };
static const size_t pairs[] = { AT(where), AT(with), AT(env) };

struct maker {
	const struct plan_step *from;
	struct plan_step *to;
	struct name_values value;
	struct err *err;
};

static char **text_at(const struct plan_step *step, size_t offset)
{
	return (char **)((char *)step + offset);
}

static struct strings *list_at(const struct plan_step *step, size_t offset)
{
	return (struct strings *)((char *)step + offset);
}

static int make_text(struct maker *m, const char *from, char **to)
{
	struct buf text = { 0 };
	*to = NULL;
	if (!from)
		return 0;
	if (vars_expand(&text, from, &m->value, NULL, m->err) != 0) {
		buf_release(&text);
		return -1;
	}
	*to = text.data ? buf_take(&text, NULL) : xstrdup("");
	return 0;
}

static int make_path(struct maker *m, const char *from, char **to)
{
	char *text;
	*to = NULL;
	if (make_text(m, from, &text) != 0)
		return -1;
	if (!text || !*text) { /* the root */
		*to = text;
		return 0;
	}
	int rc = path_normalise(text, to, m->err);
	if (rc == 0)
		rc = path_check_writable(*to, m->err);
	free(text);
	return rc;
}

static int make_list(struct maker *m, const struct strings *from, struct strings *to,
                     int (*make)(struct maker *, const char *, char **))
{
	for (size_t i = 0; i < from->n_items; i++) {
		char *one;
		int rc = make(m, from->item[i], &one);
		if (one)
			strings_take(to, one);
		if (rc != 0)
			return -1;
	}
	return 0;
}

static int make_pairs(struct maker *m, const struct name_values *from, struct name_values *to,
                      int (*make_name)(struct maker *, const char *, char **))
{
	int rc = 0;
	for (size_t i = 0; i < from->n_pairs && rc == 0; i++) {
		char *name;
		char *value = NULL;
		rc = make_name(m, from->pair[i].name, &name);
		if (rc == 0)
			rc = make_text(m, from->pair[i].value, &value);
		if (rc == 0)
			name_values_set(to, name, value);
		free(name);
		free(value);
	}
	return rc;
}

static int copy_text(struct maker *m, const char *from, char **to)
{
	(void)m;
	*to = xstrdup(from);
	return 0;
}

/* Clears what the shallow copy shares with its model, so that the copy can be released at any moment. */
static void start_copy(struct maker *m)
{
	struct plan_step *to = m->to;
	*to = *m->from;
	for (size_t i = 0; i < N_OF(texts); i++)
		*text_at(to, texts[i]) = NULL;
	for (size_t i = 0; i < N_OF(paths); i++)
		*text_at(to, paths[i]) = NULL;
	for (size_t i = 0; i < N_OF(words); i++)
		*text_at(to, words[i]) = NULL;
	for (size_t i = 0; i < N_OF(text_lists); i++)
		*list_at(to, text_lists[i]) = (struct strings){ 0 };
	for (size_t i = 0; i < N_OF(path_lists); i++)
		*list_at(to, path_lists[i]) = (struct strings){ 0 };
	for (size_t i = 0; i < N_OF(word_lists); i++)
		*list_at(to, word_lists[i]) = (struct strings){ 0 };
	for (size_t i = 0; i < N_OF(pairs); i++)
		*(struct name_values *)((char *)to + pairs[i]) = (struct name_values){ 0 };
	to->target = (struct strings){ 0 };
	to->files = (struct name_values){ 0 };
	to->vars = (struct name_values){ 0 };
	to->patch = NULL;
	to->model.use = NULL;
	to->need_place = NULL;
	to->inline_check = NULL;
	to->n_inline_checks = 0;
	to->each = (struct plan_each){ 0 };
}

static int make_texts(struct maker *m)
{
	int rc = 0;
	for (size_t i = 0; i < N_OF(texts) && rc == 0; i++)
		rc = make_text(m, *text_at(m->from, texts[i]), text_at(m->to, texts[i]));
	for (size_t i = 0; i < N_OF(paths) && rc == 0; i++)
		rc = make_path(m, *text_at(m->from, paths[i]), text_at(m->to, paths[i]));
	for (size_t i = 0; i < N_OF(words); i++)
		*text_at(m->to, words[i]) = xstrdup(*text_at(m->from, words[i]));
	for (size_t i = 0; i < N_OF(text_lists) && rc == 0; i++)
		rc = make_list(m, list_at(m->from, text_lists[i]), list_at(m->to, text_lists[i]), make_text);
	for (size_t i = 0; i < N_OF(path_lists) && rc == 0; i++)
		rc = make_list(m, list_at(m->from, path_lists[i]), list_at(m->to, path_lists[i]), make_path);
	for (size_t i = 0; i < N_OF(word_lists) && rc == 0; i++)
		rc = make_list(m, list_at(m->from, word_lists[i]), list_at(m->to, word_lists[i]), copy_text);
	for (size_t i = 0; i < N_OF(pairs) && rc == 0; i++)
		rc = make_pairs(m, (const struct name_values *)((const char *)m->from + pairs[i]),
		                (struct name_values *)((char *)m->to + pairs[i]), copy_text);
	return rc;
}

/* Templates stay as they are: their variables are looked up when they are used. */
static void make_templates(struct maker *m)
{
	name_values_copy(&m->to->files, &m->from->files);
	name_values_copy(&m->to->vars, &m->from->vars);
	if (m->from->verb == VERB_SCAFFOLD) {
		name_values_copy(&m->to->vars, &m->value);
		name_values_copy(&m->to->vars, &m->to->with);
	}
}

/* What depends on the verb, or is made of several fields. */
static int make_rest(struct maker *m)
{
	const struct plan_step *from = m->from;
	struct plan_step *to = m->to;
	int rc = make_list(m, &from->target, &to->target, from->verb == VERB_VALIDATE ? copy_text : make_path);
	if (rc == 0)
		rc = (from->patch_is_file ? make_path : make_text)(m, from->patch, &to->patch);
	to->model.use = xstrdup(from->model.use);
	to->need_place = xmemdup(from->need_place, from->needs.n_items * sizeof *from->need_place);
	to->inline_check = xcalloc(from->n_inline_checks + 1, sizeof *to->inline_check);
	for (size_t i = 0; i < from->n_inline_checks && rc == 0; i++) {
		const struct plan_check *check = &from->inline_check[i];
		struct plan_check *made = &to->inline_check[to->n_inline_checks++];
		*made = *check;
		made->name = xstrdup(check->name);
		made->errors = xstrdup(check->errors);
		made->run.argv = (struct strings){ 0 };
		rc = make_list(m, &check->run.argv, &made->run.argv, make_text);
	}
	return rc;
}

int plan_each_make(struct plan_step *out, const struct plan_step *each, size_t number, const char *value,
                   struct err *err)
{
	struct maker m = { .from = each, .to = out, .err = err };
	name_values_set(&m.value, each->each.name, value);
	start_copy(&m);
	int rc = make_texts(&m);
	if (rc == 0)
		rc = make_rest(&m);
	make_templates(&m);
	name_values_release(&m.value);
	if (rc != 0) {
		err_prefix(err, "'%s' for '%.100s'", each->id, value);
		plan_step_release(out);
		return -1;
	}
	free(out->id);
	out->id = xasprintf("%s[%zu]", each->id, number);
	return 0;
}
