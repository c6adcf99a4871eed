/* Edits that need no model, over many files (step_edit.c). */
#ifndef BELAY_RUN_STEP_EDIT_H
#define BELAY_RUN_STEP_EDIT_H

#include "run/step.h"

struct step_edit {
	/* The new text of a file into out, *n places changed; 0 leaves the file. Called from several threads at once. */
	int (*text)(void *arg, const struct workspace_file *file, struct buf *out, size_t *n, struct err *err);
	void *arg;
	const char *one, *many; /* "match", "matches" */
	const char *nothing;    /* "the pattern matches": before "nowhere in 3 files" */
};

/* Files that may not be written are left out, and told. No place at all is ERR_NOT_FOUND. */
int step_edit_files(struct step_job *job, const struct strings *paths, const struct step_edit *edit,
                    struct err *err) MUST_CHECK;

#endif
