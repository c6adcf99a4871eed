/*
 * What the crash tests crash: a small tree, a run's folder, and a lander with the least recorder there can be. The
 * same code runs in the process that is killed and in the test that looks at what is left.
 */
#ifndef BELAY_TESTS_CRASH_WORLD_H
#define BELAY_TESTS_CRASH_WORLD_H

#include "edit/changeset.h"
#include "io/journal.h"
#include "run/land.h"

struct world {
	char *tree;  /* the work tree */
	char *state; /* the run's folder */
	struct root root;
	struct journal *journal;
	struct store *store;
	struct lander lander;
};

/* Shapes of a step, from 0. */
#define WORLD_N_SHAPES 4
const char *world_shape_name(size_t shape);

/* Fills dir with the tree before the step of a shape, and an empty run. */
void world_make(const char *dir, size_t shape);

/* Opens what is below dir. `plain`: as on a file system without renameat2 flags and a kernel without openat2. */
int world_open(struct world *world, const char *dir, bool plain, struct err *err) MUST_CHECK;
void world_close(struct world *world);

/* Called, when not NULL, once an action knows what it is to do and is about to do it. */
extern void (*world_is_ready)(void);

/* One of "land", "undo", "redo", "recover"; "note" only writes to the journal. */
int world_act(struct world *world, const char *action, size_t shape, size_t *n_conflicts, struct err *err) MUST_CHECK;

/* The change set of a shape, its before images read from the tree. */
int world_set(const struct world *world, size_t shape, struct changeset *set, struct err *err) MUST_CHECK;

#endif
