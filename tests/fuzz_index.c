/* git's index: whatever the bytes are, what comes out is sorted, each path once, and found again. */
#include "io/vcs_index.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct vcs_index *index)
{
	struct stat st = { .st_mode = S_IFREG | 0644 };
	for (size_t i = 0; i < index->n_entries; i++) {
		const struct vcs_entry *entry = &index->entry[i];
		unsigned char id[VCS_ID_SIZE];
		memcpy(id, entry->id, sizeof id);
		if (!*entry->path || (i && strcmp(index->entry[i - 1].path, entry->path) >= 0))
			abort();
		if (vcs_index_find(index, entry->path) != entry)
			abort();
		if (!entry->is_merged && vcs_entry_compare(index, entry, &st, true) != VCS_CHANGED)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = { 0 };
	struct vcs_index index;
	char *copy = malloc(size ? size : 1);
	if (!copy)
		abort();
	memcpy(copy, data, size);
	int rc = vcs_index_parse(&index, copy, size, &err);
	if (rc == 0)
		check(&index);
	else if (err.code != ERR_CORRUPT && err.code != ERR_UNSUPPORTED)
		abort();
	vcs_index_release(&index);
	return 0;
}
