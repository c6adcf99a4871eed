/*
 * A unified diff taken apart: files, hunks, lines; nothing is looked up or applied. Formats: POSIX diff -u, and the
 * extended headers of git-diff ("Generating patch text with -p" in git-diff(1)). Prose before, between and after is
 * skipped. Internal to patch. Pure.
 */
#ifndef BELAY_EDIT_PATCH_READ_H
#define BELAY_EDIT_PATCH_READ_H

#include "base/err.h"
#include "base/vec.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct patch_line {
	char sign;     /* ' ' '-' '+' */
	const char *s; /* borrowed; with its line end, unless the patch says that it has none */
	size_t n;
};

struct patch_hunk {
	size_t old_at, old_n, new_at, new_n; /* as the header says them: lines from 1 */
	size_t first, n_lines;               /* in patch_text.line */
	size_t context;                      /* lines of context among them */
	int line;                            /* of the patch, from 1 */
};

struct patch_file {
	char *old_name, *new_name; /* owned; as written, with prefix; NULL is /dev/null */
	bool is_git;               /* has a "diff --git" line */
	bool prefixed;             /* the names have git's prefixes, "a/" and "b/" or the like */
	bool is_new, is_deleted, is_rename, is_copy;
	mode_t mode;               /* the new one, with the file's type; 0 when the patch says none */
	size_t first, n_hunks;     /* in patch_text.hunk */
	int line;
};

struct patch_text {
	struct patch_file *file; /* all owned */
	size_t n_files, cap_files;
	struct patch_hunk *hunk;
	size_t n_hunks, cap_hunks;
	struct patch_line *line;
	size_t n_lines, cap_lines;
	char *unix_text; /* the patch without CR, when it had been turned to CRLF as a whole; lines point into it */
};

/*
 * With `counted`, a hunk has the lines that its header counts, as git and patch take it. Without, its lines are those
 * that look like it: for diffs that a model wrote, whose numbers mean little.
 */
int patch_read(struct patch_text *out, const char *patch, size_t n, bool counted, struct err *err) MUST_CHECK;
void patch_text_release(struct patch_text *text);

#endif
