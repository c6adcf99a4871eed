/*
 * Which files from others may act here: known by their real path and the hash of their content, so that a changed file,
 * or one moved elsewhere, is asked about again. Kept in $XDG_STATE_HOME/belay/trust, one empty file for each.
 */
#ifndef BELAY_IO_TRUST_H
#define BELAY_IO_TRUST_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>

/*
 * Did somebody else write it, or may somebody else change it? 1 with the reason, in words: it belongs to another user
 * (not root), everybody may write to it, or a browser or downloader marked it as fetched (the attribute user.xdg.origin.url). 0
 * for the user's own; -1 when it cannot be looked at.
 */
int trust_is_foreign(const char *path, struct buf *why, struct err *err) MUST_CHECK;

/* `hash`: SHA-256 in hex of all that the file stands for. */
bool trust_has(const char *path, const char *hash);
int trust_add(const char *path, const char *hash, struct err *err) MUST_CHECK;

/* The repository's own configuration, as it is now; false when there is none. */
bool trust_has_file(const char *path);
int trust_add_file(const char *path, struct err *err) MUST_CHECK;

#endif
