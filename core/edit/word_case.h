/* One name in the cases that languages write names in: words split at case changes, digits kept with what is before. Pure. */
#ifndef BELAY_EDIT_WORD_CASE_H
#define BELAY_EDIT_WORD_CASE_H

#include "base/buf.h"

enum word_case {
	CASE_AS_IS,
	CASE_LOWER,  /* ring buffer -> ring buffer */
	CASE_UPPER,  /* RING BUFFER */
	CASE_SNAKE,  /* ring_buffer */
	CASE_KEBAB,  /* ring-buffer */
	CASE_CAMEL,  /* ringBuffer */
	CASE_PASCAL, /* RingBuffer */
	CASE_MACRO,  /* RING_BUFFER */
	CASE_N
};

extern const char *const word_case_names[CASE_N]; /* "lower" ...; that of CASE_AS_IS is "" */

/* Appends the text in a case. `lower` and `upper` keep all but the letters; the others make words. */
void word_case_add(struct buf *out, const char *text, enum word_case to);

#endif
