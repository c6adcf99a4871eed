#include "edit/changeset.h"

#include "base/vec.h"
#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void image_take_file(struct image *image, char *data, size_t n, mode_t mode)
{
	image_release(image);
	*image = (struct image){ .kind = IMAGE_FILE, .mode = mode, .size = (int64_t)n, .data = data };
	hash_data(&image->hash, data, n);
}

void image_set_file(struct image *image, const void *data, size_t n, mode_t mode)
{
	image_take_file(image, xstrndup(data, n), n, mode);
}

void image_set_link(struct image *image, const char *target)
{
	size_t n = strlen(target);
	image_release(image);
	*image = (struct image){ .kind = IMAGE_LINK, .size = (int64_t)n, .data = xstrndup(target, n) };
	hash_data(&image->hash, target, n);
}

void image_copy(struct image *out, const struct image *from)
{
	*out = *from;
	out->spool = NULL;
	out->data = from->data ? xstrndup(from->data, (size_t)from->size) : NULL;
}

bool image_equal(const struct image *a, const struct image *b)
{
	if (a->kind != b->kind || a->kind == IMAGE_ABSENT)
		return a->kind == b->kind;
	if (a->kind == IMAGE_FILE && (a->mode & 07777) != (b->mode & 07777))
		return false;
	return a->size == b->size && hash_equal(&a->hash, &b->hash);
}

void image_release(struct image *image)
{
	if (image->spool)
		unlink(image->spool);
	free(image->spool);
	free(image->data);
	*image = (struct image){ 0 };
}

/* Index of the path, or where it belongs; *found says which. */
static size_t search(const struct changeset *set, const char *path, bool *found)
{
	size_t low = 0;
	size_t high = set->n_changes;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(set->change[middle].path, path);
		if (order == 0) {
			*found = true;
			return middle;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*found = false;
	return low;
}

struct change *changeset_add(struct changeset *set, const char *path)
{
	bool found;
	size_t at = search(set, path, &found);
	if (found)
		return &set->change[at];
	set->change = vec_room(set->change, set->n_changes, &set->cap_changes, sizeof *set->change);
	memmove(&set->change[at + 1], &set->change[at], (set->n_changes - at) * sizeof *set->change);
	set->change[at] = (struct change){ .path = xstrdup(path) };
	set->n_changes++;
	return &set->change[at];
}

struct change *changeset_find(const struct changeset *set, const char *path)
{
	bool found;
	size_t at = search(set, path, &found);
	return found ? &set->change[at] : NULL;
}

static void change_release(struct change *change)
{
	free(change->path);
	image_release(&change->before);
	image_release(&change->after);
}

void changeset_prune(struct changeset *set)
{
	size_t kept = 0;
	for (size_t i = 0; i < set->n_changes; i++) {
		if (image_equal(&set->change[i].before, &set->change[i].after))
			change_release(&set->change[i]);
		else
			set->change[kept++] = set->change[i];
	}
	set->n_changes = kept;
}

void changeset_move(struct changeset *to, struct changeset *from)
{
	for (size_t i = 0; i < from->n_changes; i++) {
		struct change *source = &from->change[i];
		struct change *change = changeset_find(to, source->path);
		if (!change) {
			change = changeset_add(to, source->path);
			change->before = source->before;
			source->before = (struct image){ 0 };
		}
		image_release(&change->after);
		change->after = source->after;
		source->after = (struct image){ 0 };
	}
	changeset_release(from);
}

void changeset_release(struct changeset *set)
{
	for (size_t i = 0; i < set->n_changes; i++)
		change_release(&set->change[i]);
	free(set->change);
	*set = (struct changeset){ 0 };
}
