/* What must hold of a world (crash_world.h) after a crash or an error, whoever brought it about. */
#ifndef BELAY_TESTS_CRASH_CHECK_H
#define BELAY_TESTS_CRASH_CHECK_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>

/* The tree before and after the action, as scratch_list tells it. */
struct expected {
	char *before, *after; /* owned */
};
void expected_release(struct expected *expected);

char *crash_tree(const char *dir); /* to be freed */

/* Whatever is there is old, new, or one of our temporary files and folders; what does not change is there. */
bool crash_is_old_or_new(const char *list, const struct expected *expected);

/* Recovers, twice: afterwards the tree is wholly old or wholly new, and nothing is left over. Says what is wrong in
 * *why, or nothing. */
void crash_check_recovery(const char *dir, const struct expected *expected, struct buf *why);

/* The same list without our temporary files. To be freed. */
char *crash_without_temps(const char *list);

#endif
