#include "io/datadir.h"

#include "base/xalloc.h"

#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void add_own(struct strings *out)
{
	const char *home = getenv("XDG_DATA_HOME");
	if (home && home[0] == '/') {
		strings_take(out, xasprintf("%s/belay", home));
		return;
	}
	home = getenv("HOME");
	if (home && home[0] == '/')
		strings_take(out, xasprintf("%s/.local/share/belay", home));
}

static void add_beside_program(struct strings *out)
{
	char program[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
	if (n <= 0)
		return;
	program[n] = '\0';
	char *slash = strrchr(program, '/');
	*slash = '\0';
	strings_add(out, program);
	strings_take(out, xasprintf("%s/../share/belay", program));
}

static void list_places(struct strings *out)
{
	const char *given = getenv("BELAY_DATA_DIR");
	if (given && given[0] == '/')
		strings_add(out, given);
	add_own(out);
	add_beside_program(out);
	strings_add(out, PKGDATADIR);
}

char *datadir_find(const char *name)
{
	struct strings place = { 0 };
	char *found = NULL;
	list_places(&place);
	for (size_t i = 0; i < place.n_items && !found; i++) {
		char *path = xasprintf("%s/%s", place.item[i], name);
		if (access(path, R_OK) == 0)
			found = path;
		else
			free(path);
	}
	strings_release(&place);
	return found;
}

static void list_one(const char *path, struct strings *out)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;
	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.' && strings_find(out, entry->d_name) < 0)
			strings_add(out, entry->d_name);
	if (dir)
		closedir(dir);
}

void datadir_list(const char *name, struct strings *out)
{
	struct strings place = { 0 };
	list_places(&place);
	for (size_t i = 0; i < place.n_items; i++) {
		char *path = xasprintf("%s/%s", place.item[i], name);
		list_one(path, out);
		free(path);
	}
	strings_release(&place);
	strings_sort(out);
}
