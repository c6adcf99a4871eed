/*
 * Functions of a source text, and how each can be broken on purpose: it returns at its beginning. What was there stays
 * behind it, so that nothing is unused and it compiles as before. For C and C++, Python, JavaScript and TypeScript, Go, Rust;
 * in the last two, where a value of any type cannot be written down, it panics. Functions that are written in a way that is
 * not understood are left out. Pure.
 */
#ifndef BELAY_EDIT_BREAKING_H
#define BELAY_EDIT_BREAKING_H

#include "base/buf.h"

#include <stddef.h>

struct breakable {
	char *name;
	size_t at;     /* where the text goes */
	char *text;
};

struct breakables {
	struct breakable *item; /* in the order of the text */
	size_t n_items, cap_items;
};

/* The path's ending chooses the language; one that is not known has none. */
void breakables_find(struct breakables *out, const char *path, const char *text, size_t n);
void breakables_release(struct breakables *list);

void breakable_apply(const struct breakable *item, const char *text, size_t n, struct buf *out);

#endif
