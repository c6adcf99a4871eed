/* `refactor` by renaming: through a language server where there is one, else by whole words. */
#include "run/step_rename.h"

#include "edit/rename.h"
#include "run/step_edit.h"

#include <stdatomic.h>
#include <string.h>

struct words {
	const char *from, *to;
	atomic_size_t n_code, n_comments, n_strings;
	atomic_size_t n_with_new; /* files that have the new name already */
};

static int rename_file(void *arg, const struct workspace_file *file, struct buf *out, size_t *n, struct err *err)
{
	struct words *words = arg;
	struct rename_count count;
	if (rename_words(file->path, file->data, file->size, words->from, words->to, out, &count, err) != 0)
		return -1;
	*n = count.n_code + count.n_comments;
	atomic_fetch_add(&words->n_code, count.n_code);
	atomic_fetch_add(&words->n_comments, count.n_comments);
	atomic_fetch_add(&words->n_strings, count.n_strings);
	atomic_fetch_add(&words->n_with_new, *n && count.has_new_name);
	return 0;
}

static void tell_scope(struct step_job *job, const struct words *words)
{
	struct buf text = { 0 };
	size_t n_with_new = words->n_with_new;
	buf_printf(&text, "'%s' by whole word: %zu in code, %zu in comments; %zu in strings left", words->from,
	           (size_t)words->n_code, (size_t)words->n_comments, (size_t)words->n_strings);
	step_notice(job, "ok", buf_str(&text), words->n_strings ? "a 'rewrite' can change what strings say" : NULL);
	buf_clear(&text);
	buf_printf(&text, "'%s' is a name in the code of %zu of these files already", words->to, n_with_new);
	if (n_with_new)
		step_notice(job, "conflict", buf_str(&text), "look whether two things have one name now");
	buf_release(&text);
}

static int rename_by_word(struct step_job *job, const struct strings *paths, struct err *err)
{
	struct words words = { .from = job->step->rename_from, .to = job->step->rename_to };
	const struct step_edit edit = {
		.text = rename_file,
		.arg = &words,
		.one = "place",
		.many = "places",
		.nothing = "the name stands",
	};
	int rc = step_edit_files(job, paths, &edit, err);
	if (rc == 0)
		tell_scope(job, &words);
	return rc;
}

int step_rename_check(const struct plan_step *step, struct err *err)
{
	const char *name[] = { step->rename_from, step->rename_to };
	for (size_t i = 0; i < 2; i++) {
		if (rename_is_name(name[i]))
			continue;
		err_set(err, ERR_PLAN, "'%.100s' is no name that could be renamed", name[i]);
		return err_hint(err, "expected one word of letters, digits and '_'; 'rewrite' changes anything else");
	}
	if (strcmp(name[0], name[1]) == 0)
		return err_set(err, ERR_PLAN, "'%.100s' is renamed to itself", name[0]);
	return 0;
}

int step_rename(struct step_job *job, const struct strings *paths, struct err *err)
{
	const char *using = job->step->rename_using;
	if (step_rename_check(job->step, err) != 0)
		return -1;
	if (using && strcmp(using, "word") == 0)
		return rename_by_word(job, paths, err);
	int rc = rename_by_server(job, paths, err);
	if (rc == 0 || (using && *using) || err->code == ERR_CANCELLED)
		return rc;
	changeset_release(&job->set);
	step_notice(job, "provider", err->msg, "renaming by whole word instead");
	err_clear(err);
	return rename_by_word(job, paths, err);
}
