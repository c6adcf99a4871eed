/*
 * Files over FILE_HOLD_MAX in a run's `raw/` folder, each by the SHA-256 of its bytes: shared blocks where the file
 * system can, copied within the kernel where it cannot, and never held in memory.
 */
#ifndef BELAY_IO_STORE_RAW_H
#define BELAY_IO_STORE_RAW_H

#include "base/attr.h"
#include "base/err.h"
#include "edit/changeset.h"

#include <stdbool.h>

/* Copies the image's bytes (from data or spool), synced, and read back before it gets its name. Nothing is done when it
 * is there. The folder is the caller's to sync. */
int store_raw_put(const char *run_dir, const struct image *image, struct err *err) MUST_CHECK;
int store_raw_sync(const char *run_dir, struct err *err) MUST_CHECK;
char *store_raw_path(const char *run_dir, const struct hash *hash); /* to be freed */

/* Gives the image a spool file with the bytes of its hash. */
int store_raw_get(const char *run_dir, struct image *image, struct err *err) MUST_CHECK;

#endif
