/*
 * What a run has in the tree now: its own journal, and those of the undo and redo runs that came of it. A run's journal
 * is not touched by an undo that is a run of its own; when the run is resumed, lineage_settle writes what became of its
 * steps into it, with the last of those runs as `from`, and from there on its own journal says all.
 */
#ifndef BELAY_RUN_LINEAGE_H
#define BELAY_RUN_LINEAGE_H

#include "base/attr.h"
#include "base/err.h"
#include "event/run_model.h"
#include "io/runs.h"

struct lineage_step {
	const char *id;        /* of the model */
	struct event **landed; /* what it landed, oldest first; owned */
	size_t n_landed, cap_landed;
	bool in_tree;
	uint64_t seq;          /* of the last of landed: later ones landed later */
};

/* What one undo took out of the tree and is still out: steps, or a file alone. */
struct lineage_undone {
	char *run, *dir;      /* which run did it, and its folder, whose store has the images */
	struct strings steps; /* none: it was a file alone */
	bool of_file;
	struct event *taken;  /* what it did to each path; NULL when that is not on record there; owned */
};

struct lineage {
	char *run, *dir;         /* the run that everything came of; owned */
	struct run_model model;  /* of its own journal */
	struct lineage_step *step;
	size_t n_steps;
	struct lineage_undone *undone; /* the newest last */
	size_t n_undone, cap_undone;
	char *last_unsettled;    /* the newest undo or redo that the run's own journal does not know; or NULL */
};

/* `run` may be an undo or a redo: the lineage is that of the run it came of. */
int lineage_read(struct lineage *out, const struct run_list *runs, const struct run_info *run, struct err *err) MUST_CHECK;
void lineage_release(struct lineage *lineage);

struct lineage_step *lineage_find(const struct lineage *lineage, const char *id); /* or NULL */

/* Before a resume. The caller holds the tree's lock. */
int lineage_settle(const struct lineage *lineage, struct err *err) MUST_CHECK;

#endif
