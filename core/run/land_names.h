/*
 * Changing what a name beneath a root stands for, so that nothing anybody else put there can be lost: exchange, put
 * where nothing is, take aside. Where the file system has no renameat2(2) flags, the same by links and renames; a crash
 * between those leaves "<temp>.old", which names_settle understands.
 */
#ifndef BELAY_RUN_LAND_NAMES_H
#define BELAY_RUN_LAND_NAMES_H

#include "base/attr.h"
#include "base/err.h"
#include "io/file.h"

/* Each: 0; 1 when a name was not there, or was there, against what the call needs; -1 with *err. */
int names_exchange(const struct root *root, const char *temp, const char *path, struct err *err) MUST_CHECK;
int names_put(const struct root *root, const char *temp, const char *path, struct err *err) MUST_CHECK;
int names_take_aside(const struct root *root, const char *path, const char *temp, struct err *err) MUST_CHECK;

/* Ends an exchange by links that a crash cut off: afterwards path and temp are as before it, or as after it. 1 when
 * "<temp>.old" has to stay because both names are taken. */
int names_settle(const struct root *root, const char *temp, const char *path, struct err *err) MUST_CHECK;

int names_remove(const struct root *root, const char *name, struct err *err) MUST_CHECK; /* absent is fine */

/* Makes the folders that hold the path. Unless `durably`, what is above each new one is the caller's to sync. */
int names_make_folders(const struct root *root, const char *path, bool durably, struct err *err) MUST_CHECK;
/* Removes the folder that holds the path, and those above it up to `top`, as far as they are empty. */
int names_remove_folders(const struct root *root, const char *path, const char *top, struct err *err) MUST_CHECK;
int names_sync_folder(const struct root *root, const char *folder, struct err *err) MUST_CHECK;

#endif
