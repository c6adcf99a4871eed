/*
 * A landing: the paths that change together, and what each is on the disk at the moment. Internal to run/land*.c.
 *
 * For every path there is a name beside it, `temp`, journaled before anything is written. What comes in is written
 * there, and what was there goes out by that name, so that whatever moment a crash picks, the path and its temp hold
 * the images between them, or what somebody else put there. A second such name, "<temp>.back", serves putting back.
 */
#ifndef BELAY_RUN_LAND_MOVE_H
#define BELAY_RUN_LAND_MOVE_H

#include "run/land.h"

#include "base/vec.h"

struct move {
	const char *path;           /* borrowed */
	const struct image *before; /* borrowed; may lack its bytes: the store has them */
	struct image after;         /* the same, with its mode resolved; borrows */
	char *temp;                 /* owned */
	char *back;                 /* owned */
	char *folder;               /* topmost folder made for it, or that goes with it; owned; or NULL */
	bool early;                 /* makes room for another path of the set: goes first */
	bool untouched;             /* its name was not changed yet: what is there is as somebody left it */
	bool was_folder;            /* a folder that the set empties is there, and counts as absent */
};

struct landing {
	struct lander *lander;
	const char *step; /* or NULL; borrowed */
	int attempt;
	const struct strings *steps; /* of an undo or a redo; or NULL; borrowed */
	const char *reason;          /* "undo", "redo" or NULL */
	struct move *move;           /* in order of paths; owned */
	size_t n_moves;
	size_t *n_conflicts;         /* counts what putting back had to leave alone; or NULL; borrowed */
};

/* Makes the moves of a set (whose mode 0 for a new file becomes what the umask leaves), with names for their temps. */
int landing_init(struct landing *landing, const struct changeset *set, struct err *err) MUST_CHECK;
/* The moves of a journaled intent. `images` is filled with what the moves borrow, and outlives them. */
int landing_init_journaled(struct landing *landing, const struct event *intent, struct changeset *images,
                           struct err *err) MUST_CHECK;
void landing_release(struct landing *landing);

/* What a name stands for now. A folder, a device, or what cannot be looked at is `foreign`: none of ours. */
struct sight {
	struct image image; /* without bytes */
	bool foreign;
};

int sight_of(const struct landing *landing, const char *name, struct sight *out, struct err *err) MUST_CHECK;
int sight_of_path(const struct landing *landing, const struct move *move, struct sight *out,
                  struct err *err) MUST_CHECK; /* was_folder considered */
bool sight_is(const struct sight *sight, const struct image *image);
bool sight_is_absent(const struct sight *sight);
bool sight_has_bytes(const struct sight *sight, const struct image *image); /* whatever the mode */
void sight_release(struct sight *sight);
void sight_describe(const struct sight *sight, char out[HASH_HEX_SIZE]);  /* for a conflict event */
void image_describe(const struct image *image, char out[HASH_HEX_SIZE]);

/* Writes the image at `name`, which must not be there, with owner and attributes of what is at the path. It is on its
 * way to the disk then, and surely there after move_sync: to sync many files once all are written costs one wait for
 * the disk, not one for each. */
int move_write(const struct landing *landing, const struct move *move, const char *name, const struct image *image,
               struct err *err) MUST_CHECK;
int move_sync(const struct landing *landing, const char *name, const struct image *image, struct err *err) MUST_CHECK;
/* Is what is at `name` the beginning of the image, as an interrupted move_write leaves it? 1, 0, or -1 with *err. */
int move_is_begun(const struct landing *landing, const char *name, const struct image *image,
                  struct err *err) MUST_CHECK;
/* 1 when another program has the file open for writing: bytes may still come. */
int move_is_written(const struct landing *landing, const char *name);

/* Takes the path from before to after; -1 with ERR_CONFLICT when somebody else changed it. */
int move_enter(const struct landing *landing, struct move *move, struct err *err) MUST_CHECK;
/* From whatever a crash or an error left: the before-image if the path holds the after-image; a path that holds
 * neither is left alone, told as a conflict, and counted. */
int move_put_back(const struct landing *landing, const struct move *move, struct err *err) MUST_CHECK;
/* Removes what a landing leaves beside the path, once its end is journaled. */
int move_clean(const struct landing *landing, const struct move *move, struct err *err) MUST_CHECK;

/* The outermost folder above the path that was made since then, as far as the file system tells; NULL when none. To be
 * freed. */
char *land_folder_since(const struct root *root, const char *path, int64_t since_ns);

/* What commands left that were running at the crash; `landed` are the landed events of the journal, last_ms the time of
 * its last event. */
struct commands_story {
	const struct event *const *landed;
	size_t n_landed;
	int64_t last_ms;
};
int landing_recover_commands(struct lander *lander, const char *run_dir, const struct commands_story *story,
                             size_t *n_conflicts, struct err *err) MUST_CHECK;

/* land.c: all moves. */
int landing_put_back(const struct landing *landing, struct err *err) MUST_CHECK;
/* The same, and journals it: that the steps are not in the tree or, when it was an undo, that they still are. */
int landing_give_up(const struct landing *landing, struct err *err) MUST_CHECK;
int landing_clean(const struct landing *landing, struct err *err) MUST_CHECK;
/* Carries it out: images, intent, writes, `end`. */
int landing_run(struct landing *landing, enum event_kind end, const char *title, const struct changeset *set,
                struct err *err) MUST_CHECK;
int landing_record(const struct landing *landing, enum event_kind kind, struct err *err) MUST_CHECK; /* durable */
int landing_tell_conflict(const struct landing *landing, const char *path, const char *expected, const char *found,
                          struct err *err) MUST_CHECK; /* it is kept */

/* land_merge.c: the user's text with our change taken out of it, which led from `base` to `target`. 1, with the merged
 * image in item->target and the user's in item->now; 0 when that cannot be; -1 with *err. */
struct merge_ends {
	const struct image *base, *target;
};
int landing_merge(const struct landing *landing, const struct merge_ends *ends, struct land_item *item,
                  struct err *err) MUST_CHECK;

#endif
