/* Taking a step's change out of a text that the user changed since. */
#include "run/land_move.h"

#include "edit/merge.h"
#include "io/file.h"

#include <stdlib.h>

/* The bytes of an image that the store has, if it is a text that can be held. 1, 0, or -1. */
static int load(const struct landing *landing, const struct image *from, struct image *out, struct err *err)
{
	*out = (struct image){ .kind = from->kind, .mode = from->mode, .hash = from->hash, .size = from->size };
	if (from->kind != IMAGE_FILE || from->size > FILE_HOLD_MAX)
		return 0;
	struct err why = { 0 };
	if (store_get_image(landing->lander->store, out, &why) == 0)
		return 1;
	if (why.code == ERR_NOT_FOUND)
		why.code = ERR_CORRUPT;
	if (err)
		*err = why;
	return -1;
}

/* The mode that one side changed; false when both did. */
static bool merge_modes(mode_t base, mode_t ours, mode_t theirs, mode_t *out)
{
	*out = ours == base ? theirs : ours;
	return ours == base || theirs == base || ours == theirs;
}

static int merge_images(const struct image *base, const struct image *theirs, struct land_item *item)
{
	struct buf text = { 0 };
	mode_t mode;
	size_t n;
	const struct merge_sides sides = {
		.base = { base->data, (size_t)base->size },
		.ours = { item->now.data, (size_t)item->now.size },
		.theirs = { theirs->data, (size_t)theirs->size },
	};
	if (!merge_modes(base->mode, item->now.mode, theirs->mode, &mode) || !merge_lines(&sides, &text)) {
		buf_release(&text);
		return 0;
	}
	image_release(&item->target);
	(void)buf_add_str(&text, "");
	char *data = buf_take(&text, &n);
	image_take_file(&item->target, data, n, mode);
	return 1;
}

int landing_merge(const struct landing *landing, const struct merge_ends *ends, struct land_item *item, struct err *err)
{
	struct image base = { 0 };
	struct image theirs = { 0 };
	struct image now = { 0 };
	if (item->now.kind != IMAGE_FILE || item->now.size > FILE_HOLD_MAX)
		return 0;
	int rc = load(landing, ends->base, &base, err);
	if (rc == 1)
		rc = load(landing, ends->target, &theirs, err);
	if (rc == 1 && file_image(landing->lander->root, item->path, store_dir(landing->lander->store), &now, err) != 0)
		rc = -1;
	if (rc == 1 && (!now.data || !image_equal(&now, &item->now)))
		rc = 0; /* it changes just now */
	if (rc == 1) {
		image_release(&item->now);
		item->now = now;
		now = (struct image){ 0 };
		rc = merge_images(&base, &theirs, item);
	}
	image_release(&base);
	image_release(&theirs);
	image_release(&now);
	return rc;
}
