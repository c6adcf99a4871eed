#include "io/work_tree.h"

#include "base/xalloc.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool holds(const char *dir, const char *name)
{
	struct stat st;
	char *path = xasprintf("%s/%s", strcmp(dir, "/") == 0 ? "" : dir, name);
	bool there = stat(path, &st) == 0;
	free(path);
	return there;
}

/* As gitrepository-layout(5) has it: what a bare repository holds, and a `.git` folder. */
static bool is_git_dir(const char *dir)
{
	return holds(dir, "HEAD") && holds(dir, "objects") && holds(dir, "refs");
}

int work_tree_find(const char *dir, char **root, struct err *err)
{
	char real[PATH_MAX];
	char up[PATH_MAX];
	if (!realpath(dir, real))
		return err_errno(err, errno, "cannot open folder '%s'", dir);
	snprintf(up, sizeof up, "%s", real);
	for (;;) {
		if (holds(up, ".git")) {
			*root = xstrdup(up);
			return 0;
		}
		if (is_git_dir(up)) {
			err_set(err, ERR_USAGE, "'%s' is a git folder without a work tree", up);
			return err_hint(err, "go to a work tree, or name one with -C");
		}
		char *slash = strrchr(up, '/');
		if (!slash || !up[1])
			break;
		slash[slash == up] = '\0';
	}
	*root = xstrdup(real);
	return 0;
}
