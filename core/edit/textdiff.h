/*
 * Line and word differences (Myers, with the usual heuristics so that nothing is quadratic in the size of a
 * file), and the unified form. Pure; any thread.
 */
#ifndef BELAY_EDIT_TEXTDIFF_H
#define BELAY_EDIT_TEXTDIFF_H

#include "base/buf.h"
#include "edit/changeset.h"

#include <stdbool.h>
#include <stddef.h>

/* A run of lines that differ: old[old_at, old_at+old_n) became new[new_at, new_at+new_n); from 0. */
struct diff_run {
	size_t old_at, old_n, new_at, new_n;
};

struct line_diff {
	struct diff_run *run; /* owned, in order */
	size_t n_runs, cap_runs;
	size_t added, removed; /* lines */
};

/* A line ends after its LF; a last line without one differs from the same line with one. */
void line_diff_make(struct line_diff *out, const char *old_text, size_t old_n, const char *new_text,
                    size_t new_n);
void line_diff_release(struct line_diff *diff);

/* Start offsets of the lines of a text, for walking runs; n_lines + 1 entries, the last is n. */
struct line_index {
	size_t *start; /* owned */
	size_t n_lines;
};
void line_index_make(struct line_index *out, const char *text, size_t n);
void line_index_release(struct line_index *index);

/* A span of bytes that differ within a line. */
struct word_span {
	size_t at, n;
};

/* Word-level emphasis between an old and a new line: at most max spans into each array. When the lines share
 * too little, or are over 500 bytes, there are none. */
void word_diff(const char *old_line, size_t old_n, const char *new_line, size_t new_n, struct word_span *old_span,
               size_t *n_old, struct word_span *new_span, size_t *n_new, size_t max);

/*
 * The unified diff of a change set as git and patch read it: "diff --git", mode and link lines, "new file",
 * "deleted file", "Binary files ... differ", "\ No newline at end of file", paths quoted as git quotes them.
 */
void changeset_format_patch(struct buf *out, const struct changeset *set, size_t context_lines);

/* The same with the ids of both sides, and the bytes of binary files: whole for git apply and git am. No spooled images. */
void changeset_format_git_patch(struct buf *out, const struct changeset *set, size_t context_lines);

/* Lines added and removed by one change; -1 and -1 when binary or spooled. */
void change_count_lines(const struct change *change, long *added, long *removed);

#endif
