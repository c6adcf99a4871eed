/*
 * The run's own store, outside the work tree: `store.git`, a bare repository of ours, one commit per step under
 * refs/run/<seq>, and `raw/` for files over 10 MB. What it is given is on disk, read back and compared before the
 * sync call returns: the safety net is verified before anything hangs on it. Keyed by SHA-256 of the bytes. Used by
 * one thread at a time; any number of readers may read what one owner writes.
 *
 * It writes git's formats itself (pack.h): one pack for each sync, so that a step costs a fixed number of fsyncs, and
 * neither libgit2 nor its defaults stand between an image and the disk.
 */
#ifndef BELAY_IO_STORE_H
#define BELAY_IO_STORE_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "edit/changeset.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store;

/* Opens the store below a run's folder. It is made at the first put (in a temporary folder, then renamed). */
int store_open(struct store **out, const char *run_dir, struct err *err) MUST_CHECK;
/* For reading only: replay, log, undo of another run. Never makes or repairs anything. */
int store_open_read_only(struct store **out, const char *run_dir, struct err *err) MUST_CHECK;
void store_close(struct store *store);
const char *store_dir(const struct store *store); /* the run's folder: spool files go there; borrowed */

int store_put(struct store *store, const void *data, size_t n, struct hash *out, struct err *err) MUST_CHECK;
int store_put_image(struct store *store, const struct image *image, struct err *err) MUST_CHECK;

/* Makes all that was put durable, verifies it, and makes refs/run/<seq> with the paths of the change set below
 * before/ and after/ (set may be NULL: texts only). */
int store_sync(struct store *store, uint64_t seq, const char *title, const struct changeset *set,
               struct err *err) MUST_CHECK;

bool store_has(struct store *store, const struct hash *hash);
int store_get(struct store *store, const struct hash *hash, struct buf *out, struct err *err) MUST_CHECK;
/* Fills data or spool of an image whose hash, kind, mode and size are set. */
int store_get_image(struct store *store, struct image *image, struct err *err) MUST_CHECK;

#endif
