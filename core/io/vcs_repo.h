/* What the files of vcs share. */
#ifndef BELAY_IO_VCS_REPO_H
#define BELAY_IO_VCS_REPO_H

#include "io/git_lib.h"
#include "io/vcs.h"

struct vcs {
	enum vcs_state state;
	char *why;             /* "" when there is nothing to say */
	char *root, *head, *branch;
	const struct git_lib *git; /* NULL unless VCS_OK */
	git_repository *repo;
	git_odb *odb;          /* at first use */
	git_tree *head_tree;   /* at first use */
	bool trust_mode;       /* core.fileMode */
	bool filters_known;
	bool may_filter;       /* some setting or attribute may change bytes between tree and blob */
	bool index_read;
	struct vcs_index index;
	struct err index_err;  /* why there is no index */
};

int vcs_load_odb(struct vcs *vcs, struct err *err) MUST_CHECK;
/* The tree of HEAD; NULL without an error when unborn. */
int vcs_load_head_tree(struct vcs *vcs, struct err *err) MUST_CHECK;

#endif
