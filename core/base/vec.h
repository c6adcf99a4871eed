/*
 * Arrays that grow. The owner keeps `struct thing *thing; size_t n_things, cap_things;`, and before
 * it adds one:
 *
 *     self->thing = vec_room(self->thing, self->n_things, &self->cap_things, sizeof *self->thing);
 *     self->thing[self->n_things++] = (struct thing){ ... };
 */
#ifndef BELAY_BASE_VEC_H
#define BELAY_BASE_VEC_H

#include <stddef.h>

/* Returns the array with room for at least one item beyond n; grows by half. */
void *vec_room(void *items, size_t n, size_t *cap, size_t item_size);

/* A list of owned strings, in order. A zeroed struct is empty. */
struct strings {
	char **item;
	size_t n_items;
	size_t cap_items;
};

void strings_add(struct strings *list, const char *s);
void strings_take(struct strings *list, char *s); /* the list owns s afterwards */
int strings_find(const struct strings *list, const char *s); /* index, or -1 */
void strings_sort(struct strings *list);          /* by bytes */
void strings_release(struct strings *list);

#endif
