/*
 * Loads a plan file, its includes and its variables. Every finding goes to the list, with file, line and column
 * and what was expected; all in one go. Reads only the plan file and what it includes.
 */
#ifndef BELAY_PLAN_PLAN_YAML_H
#define BELAY_PLAN_PLAN_YAML_H

#include "base/diag.h"
#include "base/err.h"
#include "plan/plan.h"

struct plan_load_options {
	const struct name_values *vars; /* from --var; may be NULL */
	/* Reads a file named by `include`, relative to the folder of `from`; the text is to be freed. NULL: includes
	 * are an error. */
	int (*read_file)(void *arg, const char *from, const char *name, char **out_path, char **text, size_t *n,
	                 struct err *err);
	void *arg;
	bool allow_unset;  /* variables need no value: {{name}} then stays as it is (to check or show a plan) */
	bool break_cycles; /* cycles are no finding: whoever builds the graph cuts them */
};

/*
 * `file` is the name for messages, text its n bytes. Checks all that can be known without the tree: structure,
 * values, references, variables, cycles (unless break_cycles is set in the plan or later by the caller). -1 when
 * there is any error; *out is then NULL.
 */
int plan_load(struct plan **out, const char *file, const char *text, size_t n,
              const struct plan_load_options *options, struct diags *diags) MUST_CHECK;

#endif
