/*
 * Where a name is defined in a text: functions, types and classes, with the decorators and attributes that belong to
 * them. For answers that replace a definition by its name. Languages with braces, and Python; others have none. Pure.
 */
#ifndef BELAY_EDIT_SYMBOL_H
#define BELAY_EDIT_SYMBOL_H

#include <stdbool.h>
#include <stddef.h>

struct symbol {
	size_t at, end;   /* bytes: whole lines */
	size_t n_places;  /* definitions of that name; only with 1 the other two mean something */
};

/* Is the file, by its name, in a language whose definitions are found? */
bool symbol_knows(const char *path);

/* `name` may be qualified, as in "queue.push" or "Queue::push": the last part is looked for, in what the others name. */
void symbol_find(struct symbol *out, const char *path, const char *text, size_t n, const char *name);

#endif
