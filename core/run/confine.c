#include "run/confine.h"

#include <string.h>
#include <sys/stat.h>

#define GLOB_CHARS "*?[{"

/* Only below a folder of the root that is there: then nothing is made beside a .git of the root. */
static bool stays_below_a_folder(const struct root *root, const char *pattern)
{
	char folder[256];
	struct stat st;
	size_t n = strcspn(pattern, "/");
	if (!pattern[n] || n >= sizeof folder || strcspn(pattern, GLOB_CHARS) < n)
		return false;
	memcpy(folder, pattern, n);
	folder[n] = '\0';
	return file_stat(root, folder, &st, NULL) == 0 && S_ISDIR(st.st_mode);
}

enum proc_sandbox confine_step(enum proc_sandbox best, const struct root *root, const struct plan_step *step)
{
	struct stat st;
	if (best != PROC_SANDBOX_LANDLOCK || file_stat(root, ".git", &st, NULL) != 0)
		return best;
	for (size_t i = 0; i < step->writes.n_items; i++)
		if (!stays_below_a_folder(root, step->writes.item[i]))
			return PROC_SANDBOX_LANDLOCK_OPEN;
	return step->has_writes ? best : PROC_SANDBOX_LANDLOCK_OPEN;
}
