/*
 * In which form a model is asked for its edits (llm.md, "Answers and edits"): by the kind of step, the model's family,
 * where it runs, and the size of the files; and which form is next when it gets the same one wrong again. Pure.
 */
#ifndef BELAY_RUN_FORMS_H
#define BELAY_RUN_FORMS_H

#include "edit/answer.h"
#include "edit/changeset.h"
#include "io/config.h"
#include "io/habits.h"

#include <stdbool.h>
#include <stddef.h>

#define FORMS_MAX 3

struct forms {
	enum edit_kind form[FORMS_MAX]; /* the first is asked for, then the next */
	size_t n_forms;
	size_t at;
};

/* `wanted` whole files stay whole files: those steps make new ones. The set holds the targets' before images. */
void forms_choose(struct forms *out, enum edit_kind wanted, const struct changeset *set,
                  const struct provider *provider, const char *model);

/* "small" or "large": what a model is good at depends on it. */
const char *forms_size(const struct changeset *set);

/* Puts the forms in the order of what the model got right before; true when another one is first now. */
bool forms_prefer(struct forms *forms, const struct habits *habits, const char *model, const char *size);

/* This one first, the others in their order behind it. */
void forms_begin_with(struct forms *forms, size_t i);

const char *forms_name(enum edit_kind form); /* as events have it */

#endif
