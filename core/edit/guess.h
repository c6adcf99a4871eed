/*
 * The last rung of the matching: the lines of a file that a search text most likely means, though it quotes them with
 * mistakes. Compared line by line, so that a table whose rows are all alike is no guess. Only for changes that a
 * person looks at before they land. Pure.
 */
#ifndef BELAY_EDIT_GUESS_H
#define BELAY_EDIT_GUESS_H

#include "edit/match.h"

/*
 * MATCH_FUZZY when one place, and no other nearly as well, is alike enough; the search text must have 3 lines and 40
 * characters. Gives up (MATCH_NONE) when the comparison would take too long.
 */
void guess_find(struct match *out, const char *file, const struct line_index *index, const char *search, size_t n);

#endif
