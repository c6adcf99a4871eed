/*
 * Which sandbox a step's commands get. bubblewrap serves them all. Landlock cannot keep a command out of the tree's .git
 * and yet let it make files beside it: it keeps out those that declare to write below folders that are there, and the
 * others are a high risk.
 */
#ifndef BELAY_RUN_CONFINE_H
#define BELAY_RUN_CONFINE_H

#include "io/file.h"
#include "io/proc.h"
#include "plan/plan.h"

/* `best`: what the machine has. Any thread. */
enum proc_sandbox confine_step(enum proc_sandbox best, const struct root *root, const struct plan_step *step);

#endif
