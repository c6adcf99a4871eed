/*
 * The store as git sees it: a bare repository, and for each step a commit without a parent whose tree has the step's
 * files below before/ and after/: `git --git-dir=store.git diff refs/run/N:before refs/run/N:after`.
 */
#ifndef BELAY_IO_STORE_GIT_H
#define BELAY_IO_STORE_GIT_H

#include "base/attr.h"
#include "base/err.h"
#include "edit/changeset.h"
#include "io/pack.h"
#include "io/store_keys.h"

#define STORE_KEYS_FILE "belay-keys"

/* Makes run_dir/store.git: in a temporary folder, synced, then renamed, so that it is there whole or not at all. */
int store_git_make(const char *run_dir, struct err *err) MUST_CHECK;

/* Where trees and commits go, and what knows git's names of the images. Both borrowed. */
struct store_git {
	struct pack *pack;
	const struct store_keys *keys;
};

/* Adds the trees and the commit. Every image of the set has been put. */
int store_git_commit(const struct store_git *git, const char *title, const struct changeset *set, struct sha1 *id,
                     struct err *err) MUST_CHECK;

/* Makes refs/run/<seq>. Not synced: nothing but git looks at it. */
int store_git_set_ref(const char *git_dir, uint64_t seq, const struct sha1 *id, struct err *err) MUST_CHECK;

/* Removes refs that a power cut left empty, which would make git refuse the whole. */
int store_git_mend_refs(const char *git_dir, struct err *err) MUST_CHECK;

#endif
