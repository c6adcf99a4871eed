/* The file that code_index.h keeps: its form, its checks. */
#ifndef BELAY_IO_CODE_INDEX_FILE_H
#define BELAY_IO_CODE_INDEX_FILE_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "edit/code_tree.h"

#include <stdint.h>

/* By what a file is known again without being read: its stat; else by its hash. mtime_ns is 0 where its time says nothing. */
struct code_stamp {
	int64_t size, mtime_ns, ctime_ns;
	uint64_t inode;
	struct hash hash;
};

/* What was kept; an empty tree when there is nothing that can be used. */
struct code_kept {
	struct code_tree tree;
	const struct code_stamp *stamp; /* one for each file; part of the tree's block */
};

int code_index_path(const char *root, struct buf *out, struct err *err) MUST_CHECK;
void code_kept_read(struct code_kept *out, const char *path);
/* In place of what is there; not durable: a lost one is made anew. */
int code_kept_write(const char *path, const struct code_tree *tree, const struct code_stamp *stamp, struct err *err) MUST_CHECK;

#endif
