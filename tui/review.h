/*
 * What a person decides about a proposed change: its files, hunks and lines, each accepted, rejected or undecided. Made
 * from the patch that the step proposed; gives the patch of what is accepted. Nothing is written by it. Pure.
 *
 * A decision belongs to a line that is added or removed; a hunk is what its lines are. What has no lines, a deletion, and
 * a hunk at an end without a line end are decided as a whole.
 */
#ifndef BELAY_TUI_REVIEW_H
#define BELAY_TUI_REVIEW_H

#include "base/attr.h"
#include "base/err.h"
#include "tui/diff_rows.h"

enum decision { DECISION_NONE, DECISION_YES, DECISION_NO, DECISION_PARTLY };

struct review_hunk {
	size_t file;
	size_t first, end; /* its rows; the head is not among them. Of a whole file: its first row alone */
	size_t head;       /* the row of its "@@" line; shared by the parts of a hunk that was split */
	bool whole;        /* taken or left as it is */
	bool seen;         /* its end has been on screen */
	bool stale;        /* the file on disk no longer has its old lines */
	size_t place;      /* where in the file on disk they are, from 0; REVIEW_NO_PLACE: not known */
};

#define REVIEW_NO_PLACE ((size_t)-1)

struct review_file {
	const char *path; /* in the patch; not NUL-terminated */
	size_t path_n;
	size_t at, body, end; /* bytes in the patch: its first line, its first hunk, its end */
	size_t first_hunk, n_hunks;
	bool created, deleted;
};

struct review_step; /* for undo */

struct review {
	char *step, *request;  /* owned */
	struct buf patch;
	struct diff_rows rows;
	unsigned char *decision; /* owned; enum decision of each row */
	struct review_hunk *hunk; /* owned; in order */
	size_t n_hunks, cap_hunks;
	struct review_file *file; /* owned */
	size_t n_files, cap_files;
	unsigned char **past; /* owned; decisions before each of the last ones */
	size_t n_past, cap_past;
	size_t past_at;       /* behind the decision that holds; n_past: nothing was taken back */
	bool edited;          /* a hunk is no longer as it was proposed */
};

struct review_count {
	size_t accepted, rejected, undecided, partly; /* hunks */
};

/* -1 when the patch has no file that can be shown. */
int review_open(struct review *review, const char *step, const char *request, const struct buf *patch,
                struct err *err) MUST_CHECK;
void review_close(struct review *review); /* accepts a zeroed struct */

enum decision review_of_hunk(const struct review *review, size_t hunk);
struct review_count review_count(const struct review *review, size_t file); /* of a file; n_files: of all */

/* Rows [first, end) of the hunk; a hunk that is a whole is decided as one. */
void review_decide(struct review *review, size_t hunk, size_t first, size_t end, enum decision decision);
void review_decide_hunk(struct review *review, size_t hunk, enum decision decision);
void review_decide_rest(struct review *review, size_t file, enum decision decision); /* what is undecided of a file */
bool review_undo(struct review *review); /* the last decision; false when there is none */
bool review_redo(struct review *review);

bool review_split(struct review *review, size_t hunk); /* into its groups of changes; false when it is one */

/* A hunk as text to be edited, and back: its lines, each with its sign. The old side must stay as it is. */
void review_hunk_text(const struct review *review, size_t hunk, struct buf *out);
int review_replace_hunk(struct review *review, size_t hunk, const char *text, size_t n, struct err *err) MUST_CHECK;

/*
 * review_disk.c: the review beside the file on disk. A hunk whose old lines are no longer there, once and in one piece, is
 * stale, and what was decided of it is dropped. `now` NULL: there is no such file. Returns how many became stale.
 */
size_t review_check_disk(struct review *review, size_t file, const char *now, size_t n);

/* The file as the accepted hunks make it, from what is on disk; while none of it is decided, as all of them do. */
int review_result(const struct review *review, size_t file, const char *now, size_t n, struct buf *out,
                  struct err *err) MUST_CHECK;

/* Another result in its place: the file's hunks are the difference then, and accepted. */
struct review_texts {
	const char *now, *wanted;
	size_t now_n, wanted_n;
};
int review_replace_file(struct review *review, size_t file, const struct review_texts *texts, struct err *err) MUST_CHECK;

/* The patch of what is accepted, as core/edit/patch.h reads it; empty when nothing is. */
void review_write(const struct review *review, struct buf *out);
void review_write_file(const struct review *review, size_t file, struct buf *out); /* of one file */

#endif
