#include "base/map.h"

#include "base/vec.h"
#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

/* FNV-1a, 64 bits. */
static uint64_t hash_key(const char *key)
{
	uint64_t hash = 14695981039346656037u;
	for (const unsigned char *p = (const unsigned char *)key; *p; p++)
		hash = (hash ^ *p) * 1099511628211u;
	return hash;
}

static void place(struct map *map, uint32_t index)
{
	size_t mask = map->n_slots - 1;
	size_t at = map->entry[index].hash & mask;
	while (map->slot[at])
		at = (at + 1) & mask;
	map->slot[at] = index + 1;
}

/* Rebuilds the slots, and drops removed entries on the way, when three quarters are in use. */
static void rehash_if_full(struct map *map)
{
	if (map->n_slots && map->n_entries + 1 <= map->n_slots / 4 * 3)
		return;
	size_t live = 0;
	for (size_t i = 0; i < map->n_entries; i++)
		if (map->entry[i].key)
			map->entry[live++] = map->entry[i];
	map->n_entries = live;
	size_t n = 16;
	while (live + 1 > n / 2)
		n *= 2;
	free(map->slot);
	map->slot = xcalloc(n, sizeof *map->slot);
	map->n_slots = n;
	for (size_t i = 0; i < live; i++)
		place(map, (uint32_t)i);
}

static struct map_entry *find(const struct map *map, const char *key)
{
	if (!map->n_slots)
		return NULL;
	uint64_t hash = hash_key(key);
	size_t mask = map->n_slots - 1;
	for (size_t at = hash & mask; map->slot[at]; at = (at + 1) & mask) {
		struct map_entry *entry = &map->entry[map->slot[at] - 1];
		if (entry->key && entry->hash == hash && strcmp(entry->key, key) == 0)
			return entry;
	}
	return NULL;
}

void map_put(struct map *map, const char *key, void *value)
{
	struct map_entry *old = find(map, key);
	if (old) {
		old->value = value;
		return;
	}
	rehash_if_full(map);
	map->entry = vec_room(map->entry, map->n_entries, &map->cap_entries, sizeof *map->entry);
	map->entry[map->n_entries] = (struct map_entry){ xstrdup(key), value, hash_key(key) };
	place(map, (uint32_t)map->n_entries++);
	map->n_live++;
}

void *map_get(const struct map *map, const char *key)
{
	const struct map_entry *entry = find(map, key);
	return entry ? entry->value : NULL;
}

bool map_has(const struct map *map, const char *key)
{
	return find(map, key) != NULL;
}

void *map_remove(struct map *map, const char *key)
{
	struct map_entry *entry = find(map, key);
	if (!entry)
		return NULL;
	free(entry->key);
	entry->key = NULL;
	map->n_live--;
	return entry->value;
}

const struct map_entry *map_next(const struct map *map, size_t *i)
{
	while (*i < map->n_entries) {
		const struct map_entry *entry = &map->entry[(*i)++];
		if (entry->key)
			return entry;
	}
	return NULL;
}

void map_release(struct map *map)
{
	for (size_t i = 0; i < map->n_entries; i++)
		free(map->entry[i].key);
	free(map->entry);
	free(map->slot);
	*map = (struct map){ 0 };
}
