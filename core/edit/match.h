/*
 * Where the search text of an edit block stands in a file: a ladder of ever more tolerant comparisons, from exact to
 * Unicode punctuation folded; match_find goes no further. A rung counts only when it gives exactly one place; the first
 * rung that gives several ends the search. Time is linear in the file. Pure.
 */
#ifndef BELAY_EDIT_MATCH_H
#define BELAY_EDIT_MATCH_H

#include "base/buf.h"
#include "edit/textdiff.h"

#include <stdbool.h>
#include <stddef.h>

enum match_rung {
	MATCH_EXACT,
	MATCH_BLANKS,  /* but for line ends and blanks before them */
	MATCH_TRIMMED, /* without empty lines around the search text */
	MATCH_INDENT,  /* one change of indentation for all lines */
	MATCH_FOLDED,  /* typographic quotes, dashes and spaces as plain ones */
	MATCH_ELIDED,  /* in pieces, around lines that the block leaves out (edit/elide.h) */
	MATCH_FUZZY,   /* a guess (edit/guess.h) */
	MATCH_NONE
};

struct match {
	enum match_rung rung;  /* MATCH_NONE: no place, or several */
	size_t line;           /* first line of the place, from 0 */
	size_t n_lines;
	size_t n_places;       /* on the rung where the search ended; 0: none on any; 8 may be more */
	size_t place[8];       /* the first of them, for the message; lines from 0 */
	char indent[64];       /* MATCH_INDENT: what the file's lines have in front of the block's, or ... */
	size_t spaces_per_tab; /* ... or: the file has a tab where the block has so many spaces */
	bool outdent;          /* ... what the block's lines have in front of the file's */
	size_t skip_first, skip_last; /* MATCH_TRIMMED: empty lines of the search text that were left out */
};

void match_find(struct match *out, const char *file, const struct line_index *index, const char *search, size_t n);

/* The line (from 0) of the file that a search text without a place comes nearest to. */
size_t match_nearest(const char *file, const struct line_index *index, const char *search, size_t n);

#endif
