/* Plans for tests: from texts and from the sample files, with includes from tests/plans or from a list of texts. */
#ifndef BELAY_TESTS_PLAN_TEXT_H
#define BELAY_TESTS_PLAN_TEXT_H

#include "plan/plan_yaml.h"

#include <stddef.h>

struct text_file {
	const char *name, *text;
};

/* Loads a text that must be good; the file's name is "plan.yaml". To be freed with plan_free. */
struct plan *plan_of(const char *text);
struct plan *plan_of_with(const char *text, const struct plan_load_options *options);

/* All findings in a text, as lines; to be freed. "" when there is none. */
char *findings_in(const char *text, const struct plan_load_options *options);

struct bad_plan {
	const char *text;
	const char *said; /* all findings, one a line: LINE:COLUMN: MESSAGE */
};

/* Fails unless the loader says just that of the text with what is before and after it. */
void check_bad_plan(const char *before, const struct bad_plan *row, const char *after);

/* A sample file of tests/plans, which must be good. */
struct plan *sample_plan(const char *name);

/* The step of this id, which must be there. */
const struct plan_step *step_of(const struct plan *plan, const char *id);

/* For plan_load_options.read_file: `arg` is a list of files that ends with a NULL name; relative to `from`. */
int read_text_file(void *arg, const char *from, const char *name, char **out_path, char **text, size_t *n,
                   struct err *err);

#endif
