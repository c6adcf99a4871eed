/* File names in the headers of patches. Internal to patch. Pure. */
#ifndef BELAY_EDIT_PATCH_NAME_H
#define BELAY_EDIT_PATCH_NAME_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * The name at the front of s (n bytes, without the line end): quoted in C style, or up to a tab or the end. *used gets
 * the bytes read. NULL when it is quoted wrongly, holds a NUL or is empty.
 */
char *patch_name_read(const char *s, size_t n, size_t *used);

/* "a/x b/x" behind "diff --git": both names, or false when they cannot be told apart. */
bool patch_name_split(const char *s, size_t n, char **old_name, char **new_name);

/* Do the names have the prefixes that git puts before old and new ones ("a/" and "b/" or its like)? Either may be NULL,
 * for /dev/null. */
bool patch_names_prefixed(const char *old_name, const char *new_name);

/* Refuses with ERR_ACCESS what is no path below the root, and what belay does not write. */
int patch_name_check(const char *name, struct err *err) MUST_CHECK;

#endif
