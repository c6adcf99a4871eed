/*
 * What the tree was before a command ran, and what the command changed. A manifest holds size, mtime, ctime,
 * inode and mode of tracked and untracked-not-ignored files; pre-images of the dirty and untracked ones (64 MB at
 * most in all) go into the store; clean tracked files come back from HEAD unless a filter attribute applies. It is
 * on disk, synced, before the command starts, so that recovery after a crash finds what a command did.
 */
#ifndef BELAY_IO_MANIFEST_H
#define BELAY_IO_MANIFEST_H

#include "base/attr.h"
#include "base/err.h"
#include "base/vec.h"
#include "edit/changeset.h"
#include "io/file.h"
#include "io/store.h"

struct manifest;

/* Takes the manifest and writes it to `file`. *uncovered gets the paths that could not be backed up. */
int manifest_take(struct manifest **out, const struct root *root, struct store *store, const char *file,
                  struct strings *uncovered, struct err *err) MUST_CHECK;
int manifest_load(struct manifest **out, const char *file, struct err *err) MUST_CHECK;

/* The change set from then to now: before images from store or HEAD, after images from the tree. Changes whose
 * before image cannot be had are listed in *lost instead. */
int manifest_changes(struct manifest *manifest, const struct root *root, struct store *store, struct changeset *out,
                     struct strings *lost, struct err *err) MUST_CHECK;
/* What is ignored, and neither kept nor brought back: files, and folders with a '/' at the end. Sorted; borrowed. */
const struct strings *manifest_ignored(const struct manifest *manifest);
/* What of it a command changed, after manifest_changes: "build/: 3 files". As times tell; whatever is written first. */
void manifest_ignored_changes(const struct manifest *manifest, const struct root *root, struct strings *out);
void manifest_free(struct manifest *manifest);

#endif
