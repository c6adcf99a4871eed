/*
 * The outlines of all source files of a work tree (edit/code_tree.h), kept from time to time in
 * $XDG_CACHE_HOME/belay/index: a file whose stat or else whose content is known is not scanned again. Ignored files are
 * left out. The kept file is checksummed, tied to this build's layout, and may be deleted at any time: what cannot be
 * read is made anew. Any thread, any number of processes; where several begin at once, one scans and the others wait.
 */
#ifndef BELAY_IO_CODE_INDEX_H
#define BELAY_IO_CODE_INDEX_H

#include "base/attr.h"
#include "base/err.h"
#include "base/thread.h"
#include "edit/code_tree.h"
#include "io/workspace.h"

#define CODE_INDEX_FILES_MAX 20000             /* the first by path; more are left out */
#define CODE_INDEX_BYTES_MAX (4 * 1024 * 1024) /* a larger file is generated */

struct code_index {
	struct code_tree tree;
	size_t n_scanned;   /* files whose content was not known */
	bool is_kept;       /* the next one need not scan */
	bool is_cut;        /* there are more files than CODE_INDEX_FILES_MAX */
};

/* The tree as it is now. -1 when cancelled, or when the tree cannot be walked. `cancel` may be NULL. */
int code_index_open(struct code_index *out, const struct workspace *ws, const struct cancel *cancel, struct err *err) MUST_CHECK;
void code_index_release(struct code_index *index);

#endif
