/*
 * What a step proposes: for each path, what is there before and what is to be there after. Nothing is
 * written by making one; one writer lands it (run/land.h). Paths are in the form of base/path.h, sorted,
 * each once.
 */
#ifndef BELAY_EDIT_CHANGESET_H
#define BELAY_EDIT_CHANGESET_H

#include "base/hash.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum image_kind { IMAGE_ABSENT, IMAGE_FILE, IMAGE_LINK };

/*
 * One side of a change. A file's bytes are in `data`, or, for files too large to hold, in the file named by
 * `spool` (which the image owns and unlinks on release); never in both. A link's target is in `data`.
 */
struct image {
	enum image_kind kind;
	mode_t mode;      /* permission bits (07777); 0 for a new file means: by the umask */
	struct hash hash; /* SHA-256 of the bytes or of the link's target */
	int64_t size;     /* bytes */
	char *data;       /* owned; NUL-terminated; NULL when absent or spooled */
	char *spool;      /* owned; absolute path; NULL when held */
};

struct change {
	char *path; /* owned */
	struct image before;
	struct image after;
};

struct changeset {
	struct change *change; /* owned */
	size_t n_changes;
	size_t cap_changes;
};

/* Sets kind, size, hash; takes data (malloc'ed, n bytes, NUL-terminated). */
void image_take_file(struct image *image, char *data, size_t n, mode_t mode);
void image_set_file(struct image *image, const void *data, size_t n, mode_t mode); /* copies */
void image_set_link(struct image *image, const char *target);
void image_copy(struct image *out, const struct image *from); /* not for spooled images */
bool image_equal(const struct image *a, const struct image *b); /* kind, hash, and mode of files */
void image_release(struct image *image);

/* The change for a path, added in its place when it is not there. Borrowed until the next add. */
struct change *changeset_add(struct changeset *set, const char *path);
struct change *changeset_find(const struct changeset *set, const char *path); /* or NULL */

/* Drops changes whose sides are equal. */
void changeset_prune(struct changeset *set);
void changeset_move(struct changeset *to, struct changeset *from); /* empties from; paths in both: from wins
                                                                     its after, to keeps its before */
void changeset_release(struct changeset *set);

#endif
