/*
 * What people say about a run afterwards: notes and thumbs, in notes.jsonl beside the run's journal, which they are no
 * part of. Lines are only ever added, each in one write, so that two may write at once.
 */
#ifndef BELAY_IO_NOTES_H
#define BELAY_IO_NOTES_H

#include "base/attr.h"
#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

struct note {
	int64_t at_ms; /* wall clock */
	char *step;    /* owned; NULL: about the run */
	int thumb;     /* 1 up, -1 down, 0 none */
	char *text;    /* owned; may be empty */
};

struct notes {
	struct note *note; /* owned; the oldest first */
	size_t n_notes, cap_notes;
};

#define NOTE_TEXT_MAX 65536

int notes_add(const char *run_dir, const struct note *note, struct err *err) MUST_CHECK;
/* No file is no notes. Lines that are no note are left out. */
int notes_read(struct notes *out, const char *run_dir, struct err *err) MUST_CHECK;
void notes_release(struct notes *notes);

#endif
