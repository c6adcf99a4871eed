/*
 * Ignore files as gitignore(5) has them. A chain of levels, the nearest first: that of a folder names the one above
 * it in `up`. Immutable once made, so that threads share them. libgit2 can answer too, but for one path at a time and
 * in one thread; a walk needs it for thousands.
 */
#ifndef BELAY_IO_IGNORE_H
#define BELAY_IO_IGNORE_H

#include <stdbool.h>
#include <stddef.h>

struct ignore;

/* The level of one ignore file's text; `dir` is the folder it is in, relative to the root ("" for the root and for
 * the files of the repository and of the user). up may be NULL; it must live as long. */
struct ignore *ignore_new(const struct ignore *up, const char *dir, const char *text, size_t n);
void ignore_free(struct ignore *ignore); /* this level only; accepts NULL */

/* Do the files of the chain ignore this path? All folders above it are taken not to be ignored. NULL ignores
 * nothing. */
bool ignore_has(const struct ignore *ignore, const char *path, bool is_dir);

#endif
