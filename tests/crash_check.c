#include "tests/crash_check.h"

#include "base/xalloc.h"
#include "tests/crash_world.h"
#include "tests/scratch.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void expected_release(struct expected *expected)
{
	free(expected->before);
	free(expected->after);
	*expected = (struct expected){ 0 };
}

char *crash_tree(const char *dir)
{
	char *tree = xasprintf("%s/tree", dir);
	char *list = scratch_list(tree);
	free(tree);
	return list;
}

static bool has_line(const char *list, const char *line, size_t n)
{
	for (const char *s = list; *s; s += strcspn(s, "\n") + 1)
		if (strcspn(s, "\n") == n && strncmp(s, line, n) == 0)
			return true;
	return false;
}

static bool is_temp(const char *line, size_t n)
{
	return memmem(line, n, "/.belay-", 8) || memmem(line, n, " .belay-", 8);
}

bool crash_is_old_or_new(const char *list, const struct expected *expected)
{
	for (const char *s = list; *s; s += strcspn(s, "\n") + 1) {
		size_t n = strcspn(s, "\n");
		if (*s != 'd' && !is_temp(s, n) && !has_line(expected->before, s, n) && !has_line(expected->after, s, n))
			return false;
	}
	for (const char *s = expected->before; *s; s += strcspn(s, "\n") + 1) {
		size_t n = strcspn(s, "\n");
		if (has_line(expected->after, s, n) && !has_line(list, s, n))
			return false;
	}
	return true;
}

char *crash_without_temps(const char *list)
{
	struct buf out = { 0 };
	for (const char *s = list; *s; s += strcspn(s, "\n") + 1) {
		size_t n = strcspn(s, "\n");
		if (!is_temp(s, n))
			buf_add(&out, s, n + 1);
	}
	return buf_take(&out, NULL);
}

static size_t journal_size(const char *dir)
{
	struct stat st;
	char *file = xasprintf("%s/state/journal.jsonl", dir);
	size_t size = stat(file, &st) == 0 ? (size_t)st.st_size : 0;
	free(file);
	return size;
}

static int recover(const char *dir, size_t *n_conflicts, struct err *err)
{
	struct world world;
	if (world_open(&world, dir, false, err) != 0)
		return -1;
	int rc = world_act(&world, "recover", 0, n_conflicts, err);
	world_close(&world);
	return rc;
}

void crash_check_recovery(const char *dir, const struct expected *expected, struct buf *why)
{
	struct err err = { 0 };
	size_t n_conflicts = 0;
	if (recover(dir, &n_conflicts, &err) != 0) {
		buf_printf(why, "recovery fails: %s", err.msg);
		return;
	}
	char *once = crash_tree(dir);
	size_t size = journal_size(dir);
	if (n_conflicts)
		buf_printf(why, "recovery finds %zu conflicts where nobody interfered\n%s", n_conflicts, once);
	else if (strcmp(once, expected->before) != 0 && strcmp(once, expected->after) != 0)
		buf_printf(why, "after recovery the tree is neither old nor new:\n%s", once);
	else if (recover(dir, &n_conflicts, &err) != 0)
		buf_printf(why, "the second recovery fails: %s", err.msg);
	char *twice = crash_tree(dir);
	if (!why->len && strcmp(once, twice) != 0)
		buf_printf(why, "the second recovery changes the tree:\n%s", twice);
	if (!why->len && size != journal_size(dir))
		buf_printf(why, "the second recovery writes to the journal");
	free(once);
	free(twice);
}
