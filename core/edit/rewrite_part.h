/* One part of a form against one place of the text. Internal to rewrite_match. */
#ifndef BELAY_EDIT_REWRITE_PART_H
#define BELAY_EDIT_REWRITE_PART_H

#include "edit/rewrite_match.h"

/* Matches a part that is not elastic; the place moves behind it. */
bool match_part(struct matcher *m, size_t i, struct place *place);

/* An elastic hole that ends the form: as far as it may go. */
bool match_last_hole(struct matcher *m, size_t i, struct place *place);

bool match_is_word(const struct matcher *m, uint32_t pos);
bool match_is_blank(const struct matcher *m, struct span span);

#endif
