/*
 * What a tree holds, as one hash: each file and link with its path, mode and bytes, ignored ones too, repositories in it as
 * well, no folder of git. Files are known again by size, times and inode, so that asking twice reads nothing twice. Any
 * thread.
 */
#ifndef BELAY_IO_TREE_STATE_H
#define BELAY_IO_TREE_STATE_H

#include "base/attr.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/thread.h"
#include "edit/changeset.h"
#include "io/file.h"

#include <stddef.h>

#define TREE_STATE_MAX_FILES 20000
#define TREE_STATE_MAX_BYTES (512LL << 20)

struct tree_memo; /* of one root */

struct tree_memo *tree_memo_new(void);
void tree_memo_free(struct tree_memo *memo);

struct tree_query {
	const struct root *root;
	const struct changeset *over; /* as if its after images were there; may be NULL */
	size_t n_threads;
	const struct cancel *cancel;
};

/* ERR_LIMIT when the tree is over the limits above, ERR_ACCESS when a part of it cannot be read. */
int tree_state(struct tree_memo *memo, const struct tree_query *query, struct hash *out, struct err *err) MUST_CHECK;

#endif
