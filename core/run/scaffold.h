/*
 * What a `scaffold` step is made from: the files of a template folder (in the repository, or one that comes with the
 * program), or those that stand in the plan. A file `template.yaml` in the folder is its manifest:
 *
 *     about: what it makes, in a line
 *     vars: { name: { about: the module's name, required: true }, license: MIT }
 *     verbatim: ["*.png"]          taken as they are; so is what is no text
 *     modes: { "bin/go.sh": 0755 } where the file's own permission bits do not say it
 *     append: [Makefile]           added to the end of a file that is there already
 *
 * Names of files are templates too: one with an empty component is left out, and a name's ending .tmpl is dropped.
 */
#ifndef BELAY_RUN_SCAFFOLD_H
#define BELAY_RUN_SCAFFOLD_H

#include "base/err.h"
#include "plan/plan.h"
#include "run/step.h"

struct scaffold_file {
	char *name;    /* below the folder; a template */
	char *text;    /* a template, unless verbatim */
	size_t n;
	mode_t mode;   /* 0: by the umask */
	bool verbatim;
	bool append;
};

struct scaffold {
	char *about;
	struct scaffold_file *file;
	size_t n_files, cap_files;
	struct name_values defaults; /* of variables */
	struct name_values required; /* variables that must be given, with what they are */
	struct strings verbatim, append; /* globs, paths */
	struct name_values modes;    /* path to octal digits */
};

int scaffold_load(struct step_job *job, struct scaffold *out, struct err *err) MUST_CHECK;
void scaffold_release(struct scaffold *scaffold);

/* scaffold_manifest.c */
int scaffold_read_manifest(struct scaffold *out, const char *name, const char *text, size_t n, struct err *err) MUST_CHECK;

/*
 * Renders all files into job->set, below the step's `into`: before images as the tree holds them, after images as the
 * templates say.
 */
int scaffold_make(struct step_job *job, const struct scaffold *scaffold, struct err *err) MUST_CHECK;

/* What can be said of a step's inline templates before the run: the first fault. */
int scaffold_check_inline(const struct plan_step *step, struct err *err) MUST_CHECK;

#endif
