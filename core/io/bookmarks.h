/*
 * The bookmarks of a run: the numbers of events, one a line, in the file `bookmarks` of the run's folder, or beside a
 * journal that lies elsewhere (FILE.bookmarks). The journal itself is never touched. One thread.
 */
#ifndef BELAY_IO_BOOKMARKS_H
#define BELAY_IO_BOOKMARKS_H

#include "base/attr.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bookmarks {
	char *file;    /* owned */
	uint64_t *seq; /* owned; sorted, each once */
	size_t n_seqs, cap_seqs;
};

/* `path` is a run's folder or a journal file. That there are none is no error; a file that is none is ERR_CORRUPT. */
int bookmarks_load(struct bookmarks *bookmarks, const char *path, struct err *err) MUST_CHECK;
void bookmarks_release(struct bookmarks *bookmarks);

/* Reads the file again (another replay may have changed it), sets or removes one, and writes it whole. */
int bookmarks_save(struct bookmarks *bookmarks, uint64_t seq, bool set, struct err *err) MUST_CHECK;

#endif
