#include "base/vec.h"

#include "base/xalloc.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

void *vec_room(void *items, size_t n, size_t *cap, size_t item_size)
{
	if (n < *cap)
		return items;
	size_t grown = *cap + *cap / 2 + 8;
	*cap = grown;
	return xrealloc(items, grown * item_size);
}

void strings_add(struct strings *list, const char *s)
{
	strings_take(list, xstrdup(s));
}

void strings_take(struct strings *list, char *s)
{
	list->item = vec_room(list->item, list->n_items, &list->cap_items, sizeof *list->item);
	list->item[list->n_items++] = s;
}

int strings_find(const struct strings *list, const char *s)
{
	for (size_t i = 0; i < list->n_items && i < INT_MAX; i++)
		if (strcmp(list->item[i], s) == 0)
			return (int)i;
	return -1;
}

static int compare_strings(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void strings_sort(struct strings *list)
{
	if (list->n_items)
		qsort(list->item, list->n_items, sizeof *list->item, compare_strings);
}

void strings_release(struct strings *list)
{
	for (size_t i = 0; i < list->n_items; i++)
		free(list->item[i]);
	free(list->item);
	*list = (struct strings){ 0 };
}
