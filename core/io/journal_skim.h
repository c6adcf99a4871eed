/* The head of a journal line without a JSON parser: only for journal_read.c. */
#ifndef BELAY_IO_JOURNAL_SKIM_H
#define BELAY_IO_JOURNAL_SKIM_H

#include "io/journal_read.h"

/* Neighbours in a journal often lie within one second: what its stamp stands for is kept. Zeroed at first. */
struct journal_second {
	char text[20]; /* "2026-03-02T14:01:03" */
	int64_t at_ms;
};

/*
 * Fills *out, but for offset and size, and *prev (64 digits, in the line). False when the line is not exactly of the
 * form in which belay writes them: that says nothing about it, and event_read decides.
 */
bool journal_skim_line(const char *line, size_t n, struct journal_second *second, struct journal_skim *out,
                       const char **prev);

#endif
