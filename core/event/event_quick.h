/*
 * The common line of a journal, read without a JSON parser: an `output` event as event_write writes it. Nine of ten
 * events of a long run are such. Only for event_read.c.
 */
#ifndef BELAY_EVENT_EVENT_QUICK_H
#define BELAY_EVENT_EVENT_QUICK_H

#include "event/event_json.h"

/*
 * True with all of *out (zeroed before) but `memory` filled; the event borrows from *block (to be freed). False when the
 * line is not exactly of that form: that says nothing about it, and the parser decides.
 */
bool event_read_quick(struct event_line *out, const char *line, size_t n, void **block);

#endif
