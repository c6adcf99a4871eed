/*
 * The part of a change that git alone reads: the ids of its sides, and the bytes of what is no text ("GIT binary patch",
 * git-diff(1) --binary --full-index). For patch_format.c. Ids are those of a SHA-1 repository.
 */
#ifndef BELAY_EDIT_PATCH_BINARY_H
#define BELAY_EDIT_PATCH_BINARY_H

#include "base/buf.h"
#include "edit/changeset.h"

void patch_add_index(struct buf *out, const struct change *change);  /* "index ID..ID", and the mode where it stays */
void patch_add_binary(struct buf *out, const struct change *change); /* both directions, so that it can be reversed */

#endif
