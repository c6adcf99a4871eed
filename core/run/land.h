/*
 * The one writer of the work tree: lands a change set durably and reversibly, takes it back, recovers after a crash.
 * The protocol is in safety.md ("A step lands", "Recovery", "Undo"), with its fsync points. Only the executor's thread,
 * or a command line verb that holds the tree's lock, calls this.
 */
#ifndef BELAY_RUN_LAND_H
#define BELAY_RUN_LAND_H

#include "base/attr.h"
#include "base/err.h"
#include "edit/changeset.h"
#include "event/event.h"
#include "event/run_model.h"
#include "io/file.h"
#include "io/store.h"

struct lander {
	const struct root *root;
	struct store *store; /* of the run that writes */
	/* Numbers, journals and publishes an event; with `durable` it returns after the journal was synced. */
	int (*record)(void *arg, struct event *event, bool durable, struct err *err);
	uint64_t (*next_seq)(void *arg); /* the number that the next recorded event gets */
	void *arg;
	int64_t since_ms; /* wall clock when the command began whose changes are adopted; 0: not known */
};

/*
 * Lands a set: images into the store, intent, temporary files, exchange, landed. All files or none: on -1 the tree is as
 * it was (ERR_CONFLICT when a file did not hold its before image; a `conflict` event names it), or, when even taking
 * back failed, the intent stays open for recovery and the message says so.
 */
int land_apply(struct lander *lander, const char *step, int attempt, const struct changeset *set,
               struct err *err) MUST_CHECK;

/* Records changes that a command has already made: images into the store, intent and landed, no writes. Folders that were
 * made since lander->since_ms go with their last file when it is taken back. */
int land_adopt(struct lander *lander, const char *step, int attempt, const struct changeset *set,
               struct err *err) MUST_CHECK;

/* The event's view of a change: hashes, modes, lines. Borrows from the change. */
void event_file_of_change(struct event_file *out, const struct change *change);

/* One path of an undo or a redo. */
enum land_fate {
	LAND_RESTORE,  /* holds what we wrote: put back */
	LAND_NOTHING,  /* is already so */
	LAND_MERGE,    /* changed since, elsewhere in the text: put back beside that change */
	LAND_OVERRIDE, /* changed since, and put back on request: what is there goes into the store */
	LAND_BESIDE,   /* changed since: left alone, and what it was is written beside it on request; exit 5 */
	LAND_CONFLICT  /* changed since: left alone, named, exit 5 */
};
struct land_item {
	char *path;
	enum land_fate fate;
	struct image now;    /* what is there; without bytes, but for LAND_MERGE */
	struct image target; /* what it is to become; the same */
	char *beside;        /* of LAND_BESIDE: the new file's path */
	char *folder;        /* the topmost folder that goes with it once empty, since the run made it; or NULL */
};
struct land_plan {
	struct land_item *item;
	size_t n_items, cap_items;
	size_t n_conflicts; /* paths that are left as they are */
};

/* What becomes of a file that changed since and cannot be merged. */
enum land_answer { LAND_KEEP, LAND_PUT_BACK, LAND_PUT_BESIDE };

struct land_query {
	const struct event *const *landed; /* or taken_back, of an undo that is to be taken back itself */
	size_t n_landed;
	bool redo;
	bool merge;       /* a later change of the user's may be merged; else it is a conflict */
	enum land_answer answer;
	const char *only; /* this path alone; NULL: all */
};

/*
 * What taking back (or putting again, `redo`) the listed steps of a run would do, newest first, as one set: for a
 * path that several of them changed, the oldest before image counts; but where somebody else changed it between two of
 * them, it is taken back to that, and the rest is a conflict (an item of its own). The lander's store holds the images.
 */
int land_preview(struct lander *lander, const struct land_query *query, struct land_plan *out, struct err *err) MUST_CHECK;
/* Folders that these landings made go, once empty, with the files that the plan takes away. land_preview does so for the
 * steps that it is given; other steps of the same run, taken back before, may have left a folder that was still in use. */
void land_plan_add_folders(struct land_plan *plan, const struct event *const *landed, size_t n_landed);
/* Carries it out: intent, writes, taken_back (or landed for redo); conflicts are left and recorded. When everything is a
 * conflict, nothing is recorded as taken back. */
int land_take_back(struct lander *lander, struct store *source, const struct strings *steps,
                   const struct land_plan *plan, bool redo, struct err *err) MUST_CHECK;
void land_plan_release(struct land_plan *plan);

/*
 * Puts a tree right after a crash, from a run's journal: intents without an end, commands that were running. Same code
 * as undo; a second call changes nothing. *n_conflicts counts paths left alone because they hold neither image.
 *
 * A command that was running is known by its manifest, run_dir/manifest-<attempt>-<step>, which is there before the
 * command starts and goes once its changes are adopted. While it runs the file is touched: what was changed after the
 * last touch (or the journal's last event) may be somebody else's, and is left alone and told.
 */
#define LAND_MANIFEST_PREFIX "manifest-"

int land_recover(struct lander *lander, const char *run_dir, size_t *n_conflicts, struct err *err) MUST_CHECK;

#endif
