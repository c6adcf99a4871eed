/*
 * Finds a form's matches in a text, from left to right. Time is linear in the text: what a hole's search has found, or
 * not found, in one pair of brackets is remembered, and where that is not possible (the same name twice) the work is
 * counted and limited. Internal to rewrite. Pure.
 */
#ifndef BELAY_EDIT_REWRITE_MATCH_H
#define BELAY_EDIT_REWRITE_MATCH_H

#include "edit/rewrite_pattern.h"

struct span {
	uint32_t at, end; /* bytes of the text */
};

struct memo;

/* Where the matcher stands: a byte, the first mark at or behind it, and whether it is inside a string or comment
 * (which then is that mark). */
struct place {
	uint32_t pos;
	uint32_t mark;
	bool raw;
};

struct matcher {
	const struct form *form;
	const struct language *language;
	const char *s;
	uint32_t n;
	struct lexed lexed;           /* owned */
	struct span span[MAX_HOLES];  /* of the match that was found last, by name */
	struct place from;            /* the next match begins here or later */
	uint32_t low;                 /* the end of the last match that was taken */
	uint32_t word_from;           /* no start of a word needs to be looked for before this */
	uint64_t steps, max_steps;
	struct memo *memo;            /* owned */
	size_t n_memos, n_slots;
	struct span line;             /* a piece of a line and its end, as last looked for */
};

void matcher_init(struct matcher *m, const struct form *form, const struct language *language, const char *text,
                  size_t n);
void matcher_release(struct matcher *m);

/* 1 and the match, 0 when there is no more, -1 when the work passes the limit. */
int matcher_next(struct matcher *m, struct span *match);

/* The match counts: the next one begins behind it. */
void matcher_take(struct matcher *m, const struct span *match);

/* Counts work that is done for the matcher elsewhere. */
void matcher_count(struct matcher *m, size_t steps);

#endif
