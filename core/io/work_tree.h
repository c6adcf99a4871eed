/*
 * Where the work tree is: a few looks at the disk, no library, so that a run can begin before libgit2 is loaded. What
 * kind of repository it is says vcs.h.
 */
#ifndef BELAY_IO_WORK_TREE_H
#define BELAY_IO_WORK_TREE_H

#include "base/attr.h"
#include "base/err.h"

/*
 * The root for a folder: the nearest folder upwards that holds `.git`, else the folder itself. A real path, to be
 * freed. ERR_USAGE inside a bare repository or inside a `.git` folder: there is no work tree.
 */
int work_tree_find(const char *dir, char **root, struct err *err) MUST_CHECK;

#endif
