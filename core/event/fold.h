/*
 * The inside of the fold, shared by run_model.c (the run as a whole), fold_step.c (a step's way) and fold_tree.c (what
 * is in the tree).
 */
#ifndef BELAY_EVENT_FOLD_H
#define BELAY_EVENT_FOLD_H

#include "event/run_model.h"

/* fold_step.c and fold_tree.c: kinds that concern the step that they name; the tree, by any number of steps. */
void fold_for_step(struct run_model *model, struct model_step *step, const struct event *event);
void fold_for_tree(struct run_model *model, const struct event *event);

/* model_step.c */
struct model_step *model_step_new(struct run_model *model, const char *id);
void model_step_free(struct model_step *step);
void fold_set_state(struct run_model *model, struct model_step *step, enum step_state state);
void fold_set_files(struct model_step *step, const struct event_files *files);
void fold_add_files(struct model_step *step, const struct event_files *files); /* to what landed before in the attempt */
void fold_clear_files(struct model_step *step);
void fold_clear_checks(struct model_step *step);
void fold_clear_reads(struct model_step *step);
void fold_clear_patch(struct model_step *step);
void fold_clear_approval(struct model_approval *approval);
void fold_end_approval(struct run_model *model, struct model_step *step); /* answered, or void */

void fold_set_str(char **to, const char *s); /* NULL counts as "" */
void fold_set_list(struct strings *to, const struct event_list *from);
void fold_join_list(struct strings *to, const struct event_list *from); /* what is not in it yet */

/* run_model.c: one line for the events pane. Takes `message`. */
void fold_note(struct run_model *model, const struct event *event, const char *category, char *message);

#endif
