/*
 * Structural search and replace with holes, as plan-format.md says: :[name] the shortest text that keeps
 * brackets balanced and strings and comments whole, :[name:w] a word, :[name:e] an expression without top-level
 * commas, :[name:l] the rest of the line; white space matches any white space; a pattern that begins or ends with
 * a word character matches at word bounds. Matches do not overlap, left to right. Pure; any thread; a compiled
 * rewrite may be shared.
 */
#ifndef BELAY_EDIT_REWRITE_H
#define BELAY_EDIT_REWRITE_H

#include "base/buf.h"
#include "base/err.h"

#include <stddef.h>

struct rewrite;

/* `where`: n pairs of hole name and POSIX extended regular expression; the hole's whole text must match. */
struct rewrite_where {
	const char *name;
	const char *regex;
};

int rewrite_compile(struct rewrite **out, const char *match, const char *replace, const struct rewrite_where *where,
                    size_t n_where, struct err *err) MUST_CHECK;
void rewrite_free(struct rewrite *rewrite);

/*
 * Rewrites a text; the path's ending chooses the language (its strings, comments and brackets). *n_matches gets
 * the count; when it is 0, out is left empty. -1 only when a limit is passed.
 */
int rewrite_text(const struct rewrite *rewrite, const char *path, const char *text, size_t n, struct buf *out,
                 size_t *n_matches, struct err *err) MUST_CHECK;

#endif
