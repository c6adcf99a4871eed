/*
 * A map from strings to pointers, open addressing; entries keep the order in which they were first
 * put. Keys are copied; values are borrowed. A zeroed struct is an empty map.
 */
#ifndef BELAY_BASE_MAP_H
#define BELAY_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct map_entry {
	char *key;   /* owned; NULL once removed */
	void *value;
	uint64_t hash;
};

struct map {
	struct map_entry *entry; /* n_entries slots in order, removed ones included */
	size_t n_entries;
	size_t cap_entries;
	size_t n_live;
	uint32_t *slot; /* 1-based index into entry, 0 is free */
	size_t n_slots;
};

void map_put(struct map *map, const char *key, void *value); /* replaces */
void *map_get(const struct map *map, const char *key);       /* NULL when absent */
bool map_has(const struct map *map, const char *key);
void *map_remove(struct map *map, const char *key);          /* returns the value */
void map_release(struct map *map);

/* Steps over the live entries in order: `for (size_t i = 0; (e = map_next(&map, &i));)`. */
const struct map_entry *map_next(const struct map *map, size_t *i);

#endif
