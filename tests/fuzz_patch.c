/*
 * Patches. Parts: the file "a.c", the file "dir/b.txt", the patch. Properties: a refused patch changes nothing and says
 * why; one that applies can be formatted again, and the formatted patch gives the same files.
 */
#include "tests/fuzz_parts.h"

#include "base/path.h"
#include "edit/changeset.h"
#include "edit/patch.h"
#include "edit/textdiff.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int load(void *arg, const char *path, struct image *out, struct err *err)
{
	const struct change *change = changeset_find(arg, path);
	if (path_check_writable(path, err) != 0)
		return -1;
	if (change)
		image_copy(out, &change->before);
	return 0;
}

static void check_again(struct changeset *tree, struct changeset *set)
{
	struct buf patch = { 0 };
	struct changeset again = { 0 };
	struct err err = { 0 };
	changeset_prune(set);
	changeset_format_patch(&patch, set, 3);
	bool opaque = memmem(buf_str(&patch), patch.len, "\nBinary files ", 14) != NULL;
	if (patch.len && !opaque) {
		FUZZ_CHECK(patch_apply(&again, patch.data, patch.len, load, tree, &err) == 0);
		changeset_prune(&again);
		for (size_t i = 0; i < set->n_changes; i++) {
			const struct change *change = changeset_find(&again, set->change[i].path);
			FUZZ_CHECK(change && change->after.kind == set->change[i].after.kind);
			FUZZ_CHECK(hash_equal(&change->after.hash, &set->change[i].after.hash));
		}
	}
	changeset_release(&again);
	buf_release(&patch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_parts parts;
	struct changeset tree = { 0 };
	struct changeset set = { 0 };
	struct err err = { 0 };
	fuzz_parts_split(&parts, data, size);
	image_set_file(&changeset_add(&tree, "a.c")->before, parts.part[0], parts.n[0], 0644);
	image_set_file(&changeset_add(&tree, "dir/b.txt")->before, parts.part[1], parts.n[1], 0755);
	if (patch_apply(&set, parts.part[2], parts.n[2], load, &tree, &err) == 0)
		check_again(&tree, &set);
	else
		FUZZ_CHECK(err.msg[0] && set.n_changes == 0);
	changeset_release(&set);
	changeset_release(&tree);
	fuzz_parts_release(&parts);
	return 0;
}
