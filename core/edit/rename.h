/*
 * A name renamed by whole words, as the language's strings and comments are: words in code and in comments are renamed,
 * those in strings are counted and left, since what a string names is not known. Pure; any thread.
 */
#ifndef BELAY_EDIT_RENAME_H
#define BELAY_EDIT_RENAME_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct rename_count {
	size_t n_code, n_comments; /* renamed */
	size_t n_strings;          /* left */
	bool has_new_name;         /* the new name stands in the code already */
};

/* May it be the name of something: a word of letters, digits and '_', '$', which does not begin with a digit. */
bool rename_is_name(const char *name);

/* The path's ending chooses the language. When nothing is renamed, out is left empty. */
int rename_words(const char *path, const char *text, size_t n, const char *from, const char *to, struct buf *out,
                 struct rename_count *count, struct err *err) MUST_CHECK;

/* Where the name stands as a word in code, from *at on: true with *at moved there. For language servers, which are asked
 * about a place. */
bool rename_find_code(const char *path, const char *text, size_t n, const char *name, size_t *at);

#endif
