/*
 * The live diff: what an answer that is still streaming would do to a file, for the screen only; it never
 * writes. While the search text streams, the candidates in the file narrow and the view moves to the place
 * once it is unique; at the divider the deletions are known, then additions come line by line; whole files
 * advance a cursor in the old file. Once the answer is complete, the picture equals the diff computed from
 * scratch. Pure; owned by one thread.
 */
#ifndef BELAY_EDIT_PROGRESS_H
#define BELAY_EDIT_PROGRESS_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct progress;

/* `load` gives the file's text as the prompt showed it; -1 when there is none (a new file). */
struct progress *progress_new(int (*load)(void *arg, const char *path, struct buf *out), void *arg);
void progress_free(struct progress *progress);
void progress_feed(struct progress *progress, const char *text, size_t n);
void progress_finish(struct progress *progress);

enum progress_mark { PROGRESS_CONTEXT, PROGRESS_REMOVED, PROGRESS_ADDED, PROGRESS_HUNK, PROGRESS_FILE };

struct progress_line {
	enum progress_mark mark;
	size_t old_line; /* from 1; 0 when it has none */
	size_t new_line;
	const char *text; /* borrowed until the next feed; without its line end; for PROGRESS_FILE the path, for
	                     PROGRESS_HUNK "@@ -a,b +c,d @@" */
	size_t n;
};

size_t progress_n_lines(const struct progress *progress);
void progress_line(const struct progress *progress, size_t i, struct progress_line *out);

/* The file being written now ("" before the first block), and whether its place is known. */
const char *progress_path(const struct progress *progress);
bool progress_is_placed(const struct progress *progress);

/* Line of progress_line() that changed last: where a following view should look. */
size_t progress_focus(const struct progress *progress);

/* Grows with every change to the lines, so that a view knows when to draw again. */
unsigned long progress_version(const struct progress *progress);

#endif
