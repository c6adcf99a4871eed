/*
 * Undo and redo of runs that have ended, each as a run of its own with `from`: which steps, what would become of each
 * file, and doing it. The caller holds the tree's lock and has recovered the tree (recover.h).
 */
#ifndef BELAY_RUN_UNDO_H
#define BELAY_RUN_UNDO_H

#include "base/attr.h"
#include "base/err.h"
#include "io/runs.h"
#include "run/land.h"
#include "run/lineage.h"

#include <stdbool.h>

struct undo_request {
	const char *root; /* of the tree; real path */
	const char *run;  /* RUN of the command line; NULL: the newest one that has something to take back */
	const char *step; /* this step; NULL: the last one that landed, or all */
	const char *file; /* this path alone, from the root; NULL: all that the steps changed */
	bool all;
	bool redo;        /* what the last undo took out is put again */
	bool cascade;     /* with `step`: the later steps that build on it go along */
	enum land_answer answer; /* to files that changed since and cannot be merged */
};

/* A step that landed after the one that is to be undone, and builds on it. */
struct undo_later {
	const char *step; /* of the lineage */
	char *path;       /* that both changed; NULL: it needs the other */
};

struct undo {
	struct lineage lineage;
	bool found;             /* false: there is nothing to do */
	struct strings steps;   /* that leave the tree, or come back; none for a file alone */
	struct land_plan plan;
	struct undo_later *later; /* that were not taken along, in the order of landing */
	size_t n_later, cap_later;
	struct store *source;
	char *from;             /* the run that the new one names */
	bool redo;
};

/* Chooses, and looks at the tree; changes nothing. Release in every case. */
int undo_prepare(struct undo *undo, const struct run_list *runs, const struct undo_request *request,
                 struct err *err) MUST_CHECK;

/* Does the path become another than it is? */
bool undo_changes(const struct land_item *item);

/*
 * Does it as the run `run` in `dir`, and records that run from its start to its end. `tell` gets each event. Returns the
 * exit status: 0, 5 when files were left alone or it could not be done, 8 when a journal or store does not match itself.
 */
struct undo_target {
	const char *root;
	const char *run, *dir;
	void (*tell)(void *arg, const struct event *event);
	void *arg;
};
int undo_carry_out(struct undo *undo, const struct undo_target *target, struct err *err);
/* What the steps' commands did, or could do, that this does not bring back: "STEP: what". Nothing of a redo. */
void undo_not_covered(const struct undo *undo, struct strings *out);
void undo_release(struct undo *undo);

#endif
