/* `refactor` by structural rewriting. */
#include "run/step_edit.h"

#include "base/xalloc.h"
#include "edit/rewrite.h"

#include <stdlib.h>

int step_rewrite_compile(const struct plan_step *step, struct rewrite **out, struct err *err)
{
	struct rewrite_where *where = xcalloc(step->where.n_pairs, sizeof *where);
	for (size_t i = 0; i < step->where.n_pairs; i++)
		where[i] = (struct rewrite_where){ step->where.pair[i].name, step->where.pair[i].value };
	int rc = rewrite_compile(out, step->rewrite_match, step->rewrite_replace, where, step->where.n_pairs, err);
	free(where);
	return rc;
}

static int rewrite_file(void *arg, const struct workspace_file *file, struct buf *out, size_t *n, struct err *err)
{
	return rewrite_text(arg, file->path, file->data, file->size, out, n, err);
}

int step_rewrite(struct step_job *job, const struct strings *paths, struct err *err)
{
	struct rewrite *rewrite = NULL;
	if (step_rewrite_compile(job->step, &rewrite, err) != 0)
		return -1;
	const struct step_edit edit = {
		.text = rewrite_file,
		.arg = rewrite,
		.one = "match",
		.many = "matches",
		.nothing = "the pattern matches",
	};
	int rc = step_edit_files(job, paths, &edit, err);
	rewrite_free(rewrite);
	return rc;
}
